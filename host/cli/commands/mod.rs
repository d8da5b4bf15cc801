//! One file for each verb: ask, check, begin, change, tell, finish.

pub mod choose;
pub mod history;
pub mod inspect;
pub mod jobs;
pub mod completions;
pub mod config;
pub mod manual;
pub mod profiles;
pub mod run;
pub mod scan;

use crate::args::{Args, Command};
use crate::layers;
use crate::render::{Exit, Mistake, Screen};

/// Runs the command that was asked for.
pub fn run(args: &Args, screen: &Screen) -> Result<Exit, Mistake> {
    let global = &args.global;
    let library = layers::library(global)?;
    let flags = || layers::flags(global, &library);
    match &args.command {
        Command::Run(args) => run::run(args, global, &library, screen),
        Command::Scan(args) => scan::run(args, global, &library, screen),
        Command::Jobs(jobs) => jobs::run(jobs, &args.global.profile, &library, screen),
        Command::History(args) => history::run(args, &library, screen),
        Command::Inspect(args) => inspect::run(args, global, &library, screen),
        Command::Profiles(args) => profiles::run(args, &library, flags()?, screen),
        Command::Completions(args) => completions::run(args, screen),
        Command::Manual(args) => manual::run(args, screen),
        Command::Config(args) => config::run(args, &library, global, flags()?, screen),
    }
}
