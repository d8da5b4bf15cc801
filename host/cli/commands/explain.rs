//! `vpo explain`: what a profile wants of a file and why, and what it leaves alone and why.

use std::ops::ControlFlow;
use std::path::PathBuf;

use vpo::library::Library;
use vpo::settings::Layer;

use super::{apply, choose};
use crate::args::Global;
use crate::render::{Exit, Mistake, Screen, explain as shown};

/// Say what a profile wants of a file and why, and what it leaves alone and why
#[derive(clap::Args)]
#[command(after_help = "Examples:
  vpo explain --profile kids Film.mkv          each step and each track left alone, with its reason
  vpo explain --profile kids --json Film.mkv   the same for programs, with what the policies looked at")]
pub struct ExplainArgs {
    /// Files to explain
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

pub fn run(args: &ExplainArgs, global: &Global, library: &Library, screen: &Screen) -> Result<Exit, Mistake> {
    let mut answers = Vec::new();
    for choice in choose::prepared(global, library, &Layer::default())? {
        let explained = library.plan(&choice, &args.files, |planned| {
            match screen.json {
                true => answers.push(shown::as_json(&planned, &choice)),
                false => screen.say(shown::in_words(&planned, &choice)),
            }
            ControlFlow::Continue(())
        });
        explained.map_err(|failure| apply::no_plan(&failure))?;
    }
    match &answers[..] {
        [] => {}
        [only] => screen.answer(only),
        several => screen.answer(&several),
    }
    Ok(Exit::Fine)
}
