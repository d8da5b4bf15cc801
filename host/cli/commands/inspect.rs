//! `vpo inspect`: what is in a file, read now, without a database.

use std::path::PathBuf;
use std::sync::Arc;

use serde_json::json;
use vpo::disk::path_text;
use vpo::library::{Inspected, Library};
use vpo::media::FactsAnswer;
use vpo::scan::ReaderChoice;
use vpo::settings::Layer;

use super::choose;
use crate::args::Global;
use crate::render::{Exit, Mistake, Screen, facts};

/// Show what is in a file
#[derive(clap::Args)]
#[command(after_help = "Examples:
  vpo inspect Film.mkv           a short table
  vpo inspect --json *.mkv       one JSON object a file, in a list when there are several
  vpo inspect --verbose Film.mkv chapters and tags, how tools address its tracks, and what reading it cost")]
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
    let mut is_first = true;
    let done = library.inspect(&readers, &args.files, |inspected| {
        if inspected.facts.is_err() {
            exit = Exit::SomeFailed;
        }
        if screen.json {
            answers.push(answer(&inspected));
            return;
        }
        if is_first {
            is_first = false;
        } else {
            screen.say("");
        }
        show(&inspected, screen);
    });
    done.map_err(|error| Mistake::because("PLUGIN_UNUSABLE", &error))?;
    match &answers[..] {
        [] => {}
        [only] => screen.answer(only),
        several => screen.answer(&several),
    }
    Ok(exit)
}

fn show(inspected: &Inspected, screen: &Screen) {
    let name = vpo::media::text::path(&inspected.path);
    match &inspected.facts {
        Ok(found) => {
            let manner = facts::Manner { color: screen.color, width: screen.width, is_verbose: screen.verbose };
            screen.say(facts::table(&name, inspected.size.unwrap_or_default(), found, manner));
        }
        Err(error) => {
            let causes = crate::render::mistake::with_causes(error);
            screen.warn(format!("{name}: {causes}"));
        }
    }
    if screen.verbose {
        let reader = inspected.reader.as_deref().unwrap_or("nobody");
        screen.say(format!("read by {reader}: {} bytes in {} reads", inspected.cost.bytes, inspected.cost.calls));
    }
}

fn answer(inspected: &Inspected) -> serde_json::Value {
    let mut answer = json!({
        "schema": 1,
        "file": path_text::write(&inspected.path),
        "size": inspected.size,
        "reader": inspected.reader.as_deref(),
        "error": inspected.facts.as_ref().err().map(|error| crate::render::mistake::with_causes(error)),
        "cost": { "reads": inspected.cost.calls, "bytes": inspected.cost.bytes },
    });
    if let Ok(found) = &inspected.facts {
        let found = serde_json::to_value(FactsAnswer::from(found)).expect("facts are plain data");
        answer.as_object_mut().expect("made as an object").extend(found.as_object().cloned().unwrap_or_default());
    }
    answer
}
