//! `vpo run`: the same verbs as tasks, and the tasks that a profile declares.

use clap::Subcommand;
use vpo::library::Library;

use super::{apply, scan};
use crate::args::Global;
use crate::render::{Exit, Mistake, Screen};

/// Run a task: scan, apply, or one that the profile declares
#[derive(clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct RunArgs {
    #[command(subcommand)]
    verb: Option<Verb>,
    /// A task of the profile; without one, the tasks there are are listed
    #[arg(value_name = "TASK")]
    task: Option<String>,
}

#[derive(Subcommand)]
enum Verb {
    Scan(scan::ScanArgs),
    Apply(apply::ApplyArgs),
}

pub fn run(args: &RunArgs, global: &Global, library: &Library, screen: &Screen) -> Result<Exit, Mistake> {
    match &args.verb {
        Some(Verb::Scan(args)) => scan::run(args, global, library, screen),
        Some(Verb::Apply(args)) => apply::run(args, global, library, screen),
        None => Err(Mistake::misused("TASK_NOT_FOUND", "no such task").hint("the tasks there are: scan, apply")),
    }
}
