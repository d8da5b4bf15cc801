//! `vpo scan`: bring the records in line with what is on disk.

use std::path::PathBuf;

use clap::ValueEnum;
use vpo::jobs::{Cancellation, JobError};
use vpo::library::{Choice, Library, ScanAsk, ScanFailure, ScanReport, ScanWatch};
use vpo::scan::{Mode, Progress, ScanError, Told};
use vpo::settings::Layer;

use super::choose;
use crate::args::Global;
use crate::interrupt;
use crate::logging;
use crate::render::{Exit, Mistake, Screen, progress, scan as shown};

/// Find what changed on disk and record what is in it
#[derive(clap::Args, Clone, Default)]
#[command(after_help = "Examples:
  vpo scan ~/Videos                   scan a folder with the built-in defaults
  vpo scan --profile kids             scan the folders that the profile names
  vpo scan --profile kids --dry-run   say what would change, write nothing
  vpo scan --verify-hash /mnt/archive read every byte and report damage")]
pub struct ScanArgs {
    /// Folders to scan [default: the library folders of the profile]
    #[arg(value_name = "DIR")]
    pub folders: Vec<PathBuf>,
    /// Read every file again
    #[arg(long)]
    pub full: bool,
    /// Delete the records of files that are missing
    #[arg(long)]
    pub prune: bool,
    /// Compare the contents of every file with the recorded hash
    #[arg(long)]
    pub verify_hash: bool,
    /// Say what would change and write nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Proceed although many files are missing
    #[arg(long)]
    pub accept_missing: bool,
    /// Only files that match, beside what the profile includes; may be repeated
    #[arg(long, value_name = "GLOB")]
    pub include: Vec<String>,
    /// No files or folders that match, beside what the profile excludes; may be repeated
    #[arg(long, value_name = "GLOB")]
    pub exclude: Vec<String>,
    /// How progress is told on stderr [default: drawn on a terminal, else not at all]
    #[arg(long, value_enum, value_name = "HOW")]
    pub progress: Option<ProgressStyle>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ProgressStyle {
    /// A line that is drawn over and over
    Bar,
    /// A line a second
    Lines,
    /// A JSON object a second
    Json,
    None,
}

pub fn run(args: &ScanArgs, global: &Global, library: &Library, screen: &Screen) -> Result<Exit, Mistake> {
    let choices = choose::prepared(global, library, &Layer::default())?;
    if let Some(lost) = choices.iter().find(|choice| args.folders.is_empty() && choice.profile.roots.is_empty()) {
        let profile = lost.profile.label();
        return Err(Mistake::misused(
            "NO_FOLDER",
            format!("no folder to scan was named, and the profile {profile} has none"),
        )
        .hint("name a folder, or a profile with a `library` line"));
    }
    let cancel = Cancellation::new();
    interrupt::listen(&cancel)
        .map_err(|cause| Mistake::misused("SIGNALS", "signals cannot be listened to").caused_by(&cause))?;
    choose::one_after_the_other(&choices, &cancel, screen, |choice| one(args, choice, &cancel, library, screen))
}

/// Scans for one profile.
fn one(
    args: &ScanArgs,
    choice: &Choice,
    cancel: &Cancellation,
    library: &Library,
    screen: &Screen,
) -> Result<Exit, Mistake> {
    let report = scan(args, None, choice, cancel, library, screen)?;
    shown::show(&report, screen);
    Ok(exit(&report))
}

/// Scans with progress on the screen, and hands the report back unshown.
pub fn scan(
    args: &ScanArgs,
    parent: Option<&str>,
    choice: &Choice,
    cancel: &Cancellation,
    library: &Library,
    screen: &Screen,
) -> Result<ScanReport, Mistake> {
    let _log = logging::follow(&choice.settings.logging);
    let ask = ScanAsk {
        folders: args.folders.clone(),
        include: args.include.clone(),
        exclude: args.exclude.clone(),
        mode: Mode {
            full: args.full,
            prune: args.prune,
            verify_hash: args.verify_hash,
            dry_run: args.dry_run,
            accept_missing: args.accept_missing,
        },
        parent: parent.map(str::to_owned),
    };
    let counts = Progress::default();
    let listener = |told: Told| shown::tell(&told, screen);
    let listener: Option<&(dyn Fn(Told) + Sync)> = if screen.json { None } else { Some(&listener) };
    let watch = ScanWatch { cancel, progress: &counts, listener };
    progress::during(&counts, args.progress, screen, || library.scan(choice, &ask, watch))
        .map_err(|failure| mistake_of(&failure))
}

/// How the program ends after a scan.
pub fn exit(report: &ScanReport) -> Exit {
    let scanned = &report.scanned;
    if scanned.cancelled {
        Exit::Interrupted
    } else if !scanned.held.is_empty() {
        Exit::NeedsReview
    } else if scanned.summary.errors > 0 {
        Exit::SomeFailed
    } else {
        Exit::Fine
    }
}

fn mistake_of(failure: &ScanFailure) -> Mistake {
    if let ScanFailure::Job(busy @ JobError::RootBusy { .. }) = failure {
        return super::jobs::root_busy(busy);
    }
    let (code, hint) = match failure {
        ScanFailure::Scan(ScanError::NoFolder) => {
            ("NO_FOLDER", Some("name a folder, or a profile with a `library` line"))
        }
        ScanFailure::Scan(ScanError::Offline(_)) => (
            "ROOT_OFFLINE",
            Some("mount the disk and scan again; if the files are gone for good, say --accept-missing"),
        ),
        ScanFailure::Scan(ScanError::Unreadable { .. } | ScanError::NotAFolder { .. }) => (
            "FOLDER_UNREADABLE",
            Some("folders of the command line start where you are, those of a `library` line where the profile lies"),
        ),
        ScanFailure::Scan(ScanError::Glob(_)) => ("BAD_GLOB", None),
        ScanFailure::Scan(ScanError::Plugin(_)) => ("PLUGIN_UNUSABLE", None),
        ScanFailure::Scan(ScanError::Store(_)) | ScanFailure::Store(_) => ("DATABASE", None),
        ScanFailure::Scan(ScanError::Thread(_)) => ("SCAN_FAILED", None),
        ScanFailure::Job(_) => ("JOB", None),
    };
    let mistake = Mistake::because(code, failure);
    match hint {
        Some(hint) => mistake.hint(hint),
        None => mistake,
    }
}
