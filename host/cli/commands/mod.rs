//! One file for each verb: ask, check, begin, change, tell, finish.

pub mod apply;
pub mod choose;
pub mod doctor;
pub mod explain;
pub mod history;
pub mod inspect;
pub mod jobs;
pub mod completions;
pub mod config;
pub mod manual;
pub mod originals;
pub mod plan;
pub mod profiles;
pub mod plugins;
pub mod run;
pub mod scan;
mod task;
pub mod undo;

use crate::args::{Args, Command};
use crate::layers;
use crate::logging;
use crate::render::{Exit, Mistake, Screen};

/// Runs the command that was asked for.
pub fn run(args: &Args, screen: &Screen) -> Result<Exit, Mistake> {
    let global = &args.global;
    let library = layers::library(global)?;
    // Work logs as its profile says; whatever else is asked for logs when that is asked for, too.
    let _log = match &args.command {
        Command::Run(_) | Command::Scan(_) | Command::Apply(_) => None,
        _ if global.log_level.is_none() && global.log_file.is_none() && !global.log_json => None,
        _ => library
            .base_settings(layers::flags(global, &library)?)
            .ok()
            .map(|settings| logging::follow(&settings.logging)),
    };
    match &args.command {
        Command::Run(args) => run::run(args, global, &library, screen),
        Command::Apply(args) => apply::run(args, global, &library, screen),
        Command::Undo(args) => undo::run(args, global, &library, screen),
        Command::Plan(args) => plan::run(args, global, &library, screen),
        Command::Explain(args) => explain::run(args, global, &library, screen),
        Command::Scan(args) => scan::run(args, global, &library, screen),
        Command::Jobs(jobs) => jobs::run(jobs, global, &layers::with_database(library, global)?, screen),
        Command::Originals(args) => originals::run(args, &layers::with_database(library, global)?, screen),
        Command::History(args) => history::run(args, &layers::with_database(library, global)?, screen),
        Command::Doctor(args) => doctor::run(args, global, &library, screen),
        Command::Plugins(args) => plugins::run(args, global, &library, screen),
        Command::Inspect(args) => inspect::run(args, global, &library, screen),
        Command::Profiles(args) => profiles::run(args, &library, layers::flags(global, &library)?, screen),
        Command::Completions(args) => completions::run(args, screen),
        Command::Manual(args) => manual::run(args, screen),
        Command::Config(args) => config::run(args, &library, global, layers::flags(global, &library)?, screen),
    }
}
