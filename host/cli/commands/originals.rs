//! `vpo originals`: what was kept of films before they were changed.

use std::path::PathBuf;

use clap::Subcommand;
use vpo::library::{Library, Original, OriginalState};

use crate::render::time::Moment;
use crate::render::{Exit, Mistake, Screen, originals as shown};

/// Show and delete the originals that were kept
#[derive(clap::Args)]
pub struct OriginalsArgs {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    List(ListArgs),
    Delete(DeleteArgs),
}

/// List the originals that were kept, and what they are good for
#[derive(clap::Args)]
struct ListArgs {
    /// Folders to look at, or single originals [default: every folder on record]
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
}

/// Delete originals that were kept for long enough; their changes can then no longer be taken back
#[derive(clap::Args)]
#[command(after_help = "Examples:
  vpo originals delete --older-than 30d          say what would be deleted; touch nothing
  vpo originals delete --older-than 30d --yes    delete it

An original is deleted only when the film that was made of it is there, as it is recorded.")]
struct DeleteArgs {
    /// Folders to look at, or single originals [default: every folder on record]
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Those that were put there before then: 12h, 30d, 2w, or a date
    #[arg(long, value_name = "WHEN", value_parser = Moment::parse)]
    older_than: Moment,
    /// Delete them; without it, they are only shown
    #[arg(long, short = 'y')]
    yes: bool,
}

pub fn run(args: &OriginalsArgs, library: &Library, screen: &Screen) -> Result<Exit, Mistake> {
    match &args.verb {
        Verb::List(args) => {
            shown::list(&found(&args.paths, library)?, screen);
            Ok(Exit::Fine)
        }
        Verb::Delete(args) => delete(args, library, screen),
    }
}

fn delete(args: &DeleteArgs, library: &Library, screen: &Screen) -> Result<Exit, Mistake> {
    let is_old = |original: &Original| original.kept_ns.is_some_and(|kept_ns| kept_ns < args.older_than.begin_ns);
    let mut old: Vec<Original> = found(&args.paths, library)?.into_iter().filter(is_old).collect();
    if !args.yes {
        old.retain(|original| original.state.may_go());
        shown::foresee(&old, screen);
        return Ok(Exit::Fine);
    }
    let is_only = |original: &Original| original.state == OriginalState::OnlyCopy;
    old.iter().filter(|original| is_only(original)).for_each(|original| shown::tell_only_copy(original, screen));
    old.retain(|original| original.state.may_go());
    let released = library.release(old).map_err(|error| Mistake::because("DATABASE", &error))?;
    shown::released(&released, screen);
    Ok(if released.iter().all(|one| one.deleted) { Exit::Fine } else { Exit::SomeFailed })
}

fn found(paths: &[PathBuf], library: &Library) -> Result<Vec<Original>, Mistake> {
    library.originals(paths).map_err(|error| Mistake::because("DATABASE", &error))
}
