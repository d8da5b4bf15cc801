//! `vpo inspect`: what is in a file, read now, without a database.

use std::path::PathBuf;
use std::sync::Arc;

use serde_json::json;
use vpo::disk::path_text;
use vpo::library::{InspectError, Inspected, Library};
use vpo::media::{Facts, FactsAnswer, text};
use vpo::scan::ReaderChoice;
use vpo::settings::Layer;

use super::choose;
use crate::args::Global;
use crate::render::mistake::with_causes;
use crate::render::plan::of;
use crate::render::{Exit, Mistake, Screen, facts};

/// Show what is in a file
#[derive(clap::Args)]
#[command(after_help = "Examples:
  vpo inspect Film.mkv           a short table
  vpo inspect --json *.mkv       one JSON object a file, in a list when there are several
  vpo inspect --verbose Film.mkv chapters, tags and colours, how tools address its tracks, what reading cost")]
pub struct InspectArgs {
    /// Files to read
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
}

pub fn run(args: &InspectArgs, global: &Global, library: &Library, screen: &Screen) -> Result<Exit, Mistake> {
    let choices = choose::prepared(global, library, &Layer::default())?;
    let readers: Vec<ReaderChoice> = choices
        .iter()
        .flat_map(|choice| library.reader_choices(choice, &Arc::new(library.tools(&choice.settings))))
        .collect();
    let mut exit = Exit::Fine;
    let mut answers = Vec::new();
    let mut has_shown = false;
    let done = library.inspect(&readers, &args.files, |inspected| {
        if inspected.facts.is_err() {
            exit = Exit::SomeFailed;
        }
        if screen.json {
            answers.push(answer(&inspected));
            return;
        }
        match &inspected.facts {
            Ok(found) => {
                if has_shown {
                    screen.say("");
                }
                has_shown = true;
                show(&inspected, found, screen);
            }
            Err(error) => tell(&inspected, error, screen),
        }
    });
    done.map_err(|error| Mistake::because("PLUGIN_UNUSABLE", &error))?;
    match &answers[..] {
        [] => {}
        [only] => screen.answer(only),
        several => screen.answer(&several),
    }
    Ok(exit)
}

fn show(inspected: &Inspected, found: &Facts, screen: &Screen) {
    let manner = facts::Manner { color: screen.color, width: screen.width, is_verbose: screen.verbose };
    let name = text::path(&inspected.path);
    let cost = cost(inspected).filter(|_| screen.verbose);
    screen.say(facts::table(&name, inspected.size.unwrap_or_default(), found, cost.as_deref(), manner));
}

fn tell(inspected: &Inspected, error: &InspectError, screen: &Screen) {
    screen.warn(format!("{}: {}", text::path(&inspected.path), with_causes(error)));
    if let Some(cost) = cost(inspected).filter(|_| screen.verbose) {
        screen.warn(format!("  {cost}"));
    }
}

/// Who read a file, or tried to, and what that cost.
fn cost(inspected: &Inspected) -> Option<String> {
    let (bytes, reads) = (inspected.cost.bytes, inspected.cost.calls);
    let reader = inspected.reader.as_deref()?;
    if reads == 0 && inspected.facts.is_ok() {
        return Some(format!("read by {reader} through a program of its own"));
    }
    Some(format!("read by {reader}: {} in {}", of(bytes, "byte", "bytes"), of(reads, "read", "reads")))
}

fn answer(inspected: &Inspected) -> serde_json::Value {
    let mut answer = json!({
        "schema": 1,
        "file": path_text::write(&inspected.path),
        "size": inspected.size,
        "reader": inspected.reader.as_deref(),
        "error": inspected.facts.as_ref().err().map(|error| with_causes(error)),
        "cost": { "reads": inspected.cost.calls, "bytes": inspected.cost.bytes },
    });
    if let Ok(found) = &inspected.facts {
        let found = serde_json::to_value(FactsAnswer::from(found)).expect("facts are plain data");
        answer.as_object_mut().expect("made as an object").extend(found.as_object().cloned().unwrap_or_default());
    }
    answer
}
