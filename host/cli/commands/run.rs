//! `vpo run`: the same verbs as tasks, and the tasks that a profile declares.

use clap::Subcommand;
use vpo::library::Library;

use super::{apply, scan, task};
use crate::args::Global;
use crate::render::{Exit, Mistake, Screen};

/// Run a task: scan, apply, or one that the profile declares
#[derive(clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
#[command(after_help = "Examples:
  vpo run                                    list the tasks there are
  vpo run scan --profile kids                the same as vpo scan --profile kids
  vpo run nightly --profile kids --yes       a task of the profile, from cron for example
  vpo run nightly --profile kids --dry-run   what it would do")]
pub struct RunArgs {
    #[command(subcommand)]
    verb: Option<Verb>,
    /// A task of the profile; without one, the tasks there are are listed
    #[arg(value_name = "TASK")]
    task: Option<String>,
    /// Say what the task would do, and do nothing
    #[arg(long, short = 'n', requires = "task")]
    dry_run: bool,
    /// Do not ask, also when something is removed or encoded
    #[arg(long, short = 'y', requires = "task")]
    yes: bool,
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
        None => match &args.task {
            Some(name) => {
                let options = task::TaskOptions { dry_run: args.dry_run, yes: args.yes };
                task::run(name, &options, global, library, screen)
            }
            None => task::list(global, library, screen),
        },
    }
}
