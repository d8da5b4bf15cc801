//! `vpo history`: what happened to a file, when, and by which job.

use std::path::PathBuf;

use serde_json::json;
use vpo::disk::path_text;
use vpo::library::{HistoryError, Library};

use crate::render::{Exit, Mistake, Screen, history};

/// Show what happened to a file
#[derive(clap::Args)]
#[command(after_help = "Examples:
  vpo history Film.mkv         everything that is known to have happened to it
  vpo history old/Film.mkv     the same for a file that has since been moved or deleted")]
pub struct HistoryArgs {
    /// Where the file is, or was
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

pub fn run(args: &HistoryArgs, library: &Library, screen: &Screen) -> Result<Exit, Mistake> {
    let stories = library.history(&args.file).map_err(|error| match &error {
        HistoryError::Unknown { path } => Mistake::because("FILE_NOT_RECORDED", &error)
            .hint("`vpo scan` its folder first")
            .details(json!({ "file": path_text::write(path) })),
        HistoryError::Store(_) => Mistake::because("DATABASE_UNUSABLE", &error),
    })?;
    if screen.json {
        let mut answer = json!({ "schema": 1 });
        let stories: Vec<_> = stories.iter().map(history::story_json).collect();
        answer["files"] = json!(stories);
        screen.answer(&answer);
    } else {
        let shown: Vec<_> = stories.iter().map(history::story).collect();
        screen.say(shown.join("\n\n"));
    }
    Ok(Exit::Fine)
}
