//! `vpo plugins try`: what a plugin answers to cases and media files, before anything uses it.

use std::path::PathBuf;

use serde_json::json;
use vpo::disk::path_text;
use vpo::library::{Library, TrialError, Tried};
use vpo::media::text;

use super::mistake_of;
use crate::render::{Exit, Mistake, Screen};

#[derive(clap::Args)]
#[command(after_help = "Examples:
  vpo plugins try ./my-policy.wasm cases/*.kdl                           exit 1 when an answer is not the expected one
  vpo plugins try ./my-policy.wasm Film.mkv --options 'unwanted \"RARBG\"'   what it wants of a film
  vpo plugins try ./my-reader.wasm Film.xyz                              the facts that it reads

A case is a few lines of KDL: what the plugin is given, and what it is to answer.")]
pub struct TryArgs {
    /// A name, or the path of a .wasm file
    #[arg(value_name = "PLUGIN")]
    plugin: String,
    /// Cases (.kdl), or media files
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Options for media files, as they would stand in the plugin's block of a profile
    #[arg(long, value_name = "KDL")]
    options: Option<String>,
}

pub fn run(args: &TryArgs, library: &Library, screen: &Screen) -> Result<Exit, Mistake> {
    let trial = library.trial(&args.plugin, args.options.as_deref()).map_err(mistake)?;
    let mut exit = Exit::Fine;
    let mut answers = Vec::new();
    for file in &args.files {
        let tried = trial.on(file).map_err(mistake)?;
        if !tried.is_as_expected() {
            exit = Exit::SomeFailed;
        }
        if screen.json {
            answers.push(answer(&tried));
        } else {
            show(&tried, screen);
        }
    }
    if screen.json {
        screen.answer(&answers);
    }
    Ok(exit)
}

fn show(tried: &Tried, screen: &Screen) {
    let name = text::path(&tried.file);
    let standing = match &tried.expected {
        None => "",
        Some(_) if tried.is_as_expected() => ": as expected",
        Some(_) => ": not as expected",
    };
    screen.say(format!("{name}{standing}"));
    if tried.answer.is_empty() {
        screen.say("  nothing to do");
    }
    for answered in &tried.answer {
        let line = text::visible(&answered.line);
        match &answered.note {
            Some(note) => screen.say(format!("  {line}    {}", text::visible(note))),
            None => screen.say(format!("  {line}")),
        }
    }
    if !tried.is_as_expected() {
        screen.say("  expected:");
        let expected = tried.expected.iter().flatten();
        expected.for_each(|line| screen.say(format!("    {}", text::visible(line))));
        if tried.expected.as_ref().is_some_and(Vec::is_empty) {
            screen.say("    nothing");
        }
    }
}

fn answer(tried: &Tried) -> serde_json::Value {
    let line = |answered: &vpo::library::Answered| json!({ "line": answered.line, "note": answered.note, "aside": answered.is_aside });
    json!({
        "file": path_text::write(&tried.file),
        "answer": tried.answer.iter().map(line).collect::<Vec<_>>(),
        "expected": tried.expected,
        "as_expected": tried.is_as_expected(),
    })
}

fn mistake(error: TrialError) -> Mistake {
    match error {
        TrialError::Plugin(error) => mistake_of(&error),
        TrialError::Mistaken { ref path, ref mistakes } => {
            Mistake::in_text("CASE_MISTAKEN", format!("{} is mistaken", text::path(path)), mistakes)
        }
        error => Mistake::because("NOT_TRIED", &error),
    }
}
