//! `vpo undo`: take back what an apply did.

use std::ffi::OsString;
use std::sync::Mutex;

use vpo::jobs::Cancellation;
use vpo::library::{ApplyWatch, FileEnd, Library, UndoWatch};
use vpo::settings::Layer;

use super::apply::{exit_of, failure_in_words};
use super::choose;
use crate::args::Global;
use crate::interrupt;
use crate::render::{Exit, Mistake, Screen, apply as told, undo as shown};

/// Take back the last change of a file, or every change of a job
#[derive(clap::Args)]
#[command(after_help = "Examples:
  vpo undo Film.mkv     put back what was changed last in a file; again, what was changed before that
  vpo undo 4f2a         put back everything that the job 4f2a… changed
  vpo undo -n 4f2a      say what would be put back, from where, and what cannot be; touch nothing

Edits of metadata are taken back from the history. What was removed or encoded comes back only where the original was
kept (`apply backup=\"keep\"`). A file that has changed since, or that a later job changed, is left as it is.")]
pub struct UndoArgs {
    /// File, or job by its id or the beginning of it
    #[arg(value_name = "JOB|FILE")]
    wanted: OsString,
    /// Stop after showing what would be put back
    #[arg(long, short = 'n')]
    dry_run: bool,
}

pub fn run(args: &UndoArgs, global: &Global, library: &Library, screen: &Screen) -> Result<Exit, Mistake> {
    let choices = choose::prepared(global, library, &Layer::default())?;
    let [choice] = &choices[..] else {
        return Err(Mistake::misused("ONE_PROFILE", "one profile at most, for its settings"));
    };
    if args.dry_run {
        let planned = library.plan_undo(choice, &args.wanted).map_err(|failure| failure_in_words(&failure))?;
        shown::show(&planned, screen);
        let is_refused = planned.iter().any(|file| file.refused.is_some());
        return Ok(if is_refused { Exit::SomeFailed } else { Exit::Fine });
    }
    let cancel = Cancellation::new();
    interrupt::listen(&cancel)
        .map_err(|cause| Mistake::misused("SIGNALS", "signals cannot be listened to").caused_by(&cause))?;
    let (drawn, ends) = (told::Drawn::new(screen), Mutex::new(Vec::new()));
    let listener = |end: &FileEnd| drawn.ended(end, screen, &ends);
    let progress = |path: &std::path::Path, done: f64| drawn.file(path, done);
    let apply = ApplyWatch { cancel: &cancel, listener: &listener, progress: &progress };
    let watch = UndoWatch { begun: &|files| drawn.begin(files), apply };
    let report = library.undo(choice, &args.wanted, watch);
    drawn.finish(screen);
    let report = report.map_err(|failure| failure_in_words(&failure))?;
    told::show(&report, ends.into_inner().unwrap_or_default(), screen);
    Ok(exit_of(&report))
}
