//! `vpo apply`: bring files in line with the policies of a profile.

mod confirm;
mod saved;

use std::io;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Mutex;

use vpo::jobs::{Cancellation, JobError};
use vpo::library::{
    ApplyFailure, ApplyReport, ApplyWatch, Choice, FileEnd, JobLookup, Library, NoUndo, PlanFailure, PlannedFile,
    keep_policies,
};
use vpo::settings::Layer;

use self::confirm::Answer;
use super::choose;
use crate::args::Global;
use crate::interrupt;
use crate::logging;
use crate::render::listing::Listing;
use crate::render::summary::{self, Counts};
use crate::render::{Exit, Mistake, Screen, apply as told, plan as shown};

/// Show what a profile would change, and change it
#[derive(clap::Args, Clone, Default)]
#[command(after_help = "Examples:
  vpo apply --profile kids --dry-run              say what would change, and why; touch nothing
  vpo apply --profile kids                        change it, after asking when something would be removed
  vpo apply --profile kids --dry-run -o plan.json save the plan, to read it or carry it out later
  vpo apply --plan plan.json                      carry out a saved plan; files that changed since are refused
  vpo apply --profile kids --yes Film.mkv         one file, without asking")]
pub struct ApplyArgs {
    /// Files and folders to bring in line [default: the library folders of the profile, else all that is known]
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Only this policy of the profile; may be repeated
    #[arg(long, value_name = "NAME")]
    pub policy: Vec<String>,
    /// Stop after showing the plan
    #[arg(long, short = 'n')]
    pub dry_run: bool,
    /// Save the plan, and stop
    #[arg(long, short = 'o', value_name = "FILE", conflicts_with = "plan")]
    pub output: Option<PathBuf>,
    /// Carry out a saved plan, by the profile that made it and with what it promised
    #[arg(long, value_name = "FILE", conflicts_with_all = ["paths", "policy"])]
    pub plan: Option<PathBuf>,
    /// Do not ask, also when something is removed or encoded
    #[arg(long, short = 'y')]
    pub yes: bool,
}

impl ApplyArgs {
    /// Nothing is to be touched.
    fn is_dry(&self) -> bool {
        self.dry_run || self.output.is_some()
    }
}

pub fn run(args: &ApplyArgs, global: &Global, library: &Library, screen: &Screen) -> Result<Exit, Mistake> {
    let saved = args.plan.as_deref().map(saved::load).transpose()?;
    let mut global = global.clone();
    if let Some(saved) = &saved {
        saved.follow(&mut global)?;
    }
    let mut choices = choose::prepared(&global, library, &Layer::default())?;
    if let Some(saved) = &saved {
        choices.iter_mut().for_each(|choice| saved.hold(choice, screen));
    }
    if !args.is_dry() {
        choices.iter().try_for_each(|choice| choose::steps_possible(choice, library))?;
    }
    let cancel = Cancellation::new();
    interrupt::listen(&cancel)
        .map_err(|cause| Mistake::misused("SIGNALS", "signals cannot be listened to").caused_by(&cause))?;
    let choices = choices.into_iter().map(|choice| narrowed(choice, &args.policy)).collect::<Result<Vec<_>, _>>()?;
    choose::one_after_the_other(&choices, &cancel, screen, |choice| {
        let saved = saved.as_ref().map(|saved| saved.files.clone());
        one(args, saved, None, choice, &cancel, library, screen)
    })
}

/// Plans, shows and carries out for one profile. `parent` is the task that this is a part of.
pub fn one(
    args: &ApplyArgs,
    saved: Option<Vec<PlannedFile>>,
    parent: Option<&str>,
    choice: &Choice,
    cancel: &Cancellation,
    library: &Library,
    screen: &Screen,
) -> Result<Exit, Mistake> {
    let _log = logging::follow(&choice.settings.logging);
    if args.is_dry() {
        return dry_run(args, saved, choice, cancel, library, screen);
    }
    let (planned, counts) = match saved {
        Some(files) => recalled(files, choice, library)?,
        None => plan(&args.paths, choice, cancel, library)?,
    };
    if cancel.is_requested() {
        return Ok(Exit::Interrupted);
    }
    let refused = exit_of_plan(&counts);
    let is_done = planned.iter().all(|planned| planned.is_in_line());
    if screen.json {
        if is_done {
            let mut listing = Listing::begin(choice, None, screen).map_err(|cause| untold(&cause))?;
            planned.iter().try_for_each(|planned| listing.add(planned)).map_err(|cause| untold(&cause))?;
            listing.counts = counts;
            listing.finish().map_err(|cause| untold(&cause))?;
            return Ok(refused);
        }
    } else if !args.yes || screen.verbose || is_done {
        summary::show_summary(choice, &counts, screen);
        if !(args.yes && is_done) && (screen.verbose || counts.to_change <= 20) {
            planned.iter().for_each(|planned| screen.say_as_is(shown::file_in_words(planned)));
        }
    }
    if is_done {
        return Ok(refused);
    }
    if !args.yes && counts.removes_or_encodes > 0 {
        match confirm::ask(&counts, cancel, screen)? {
            Answer::Yes => {}
            Answer::No => {
                screen.tell("nothing was changed");
                return Ok(Exit::Fine);
            }
            Answer::Interrupted => return Ok(Exit::Interrupted),
        }
    }

    let plans: Vec<PlannedFile> = planned.into_iter().filter(|planned| !planned.is_in_line()).collect();
    let (drawn, ends) = (told::Drawn::new(screen), Mutex::new(Vec::new()));
    drawn.begin(plans.len());
    let listener = |end: &FileEnd| drawn.ended(end, screen, &ends);
    let progress = |path: &std::path::Path, done: f64| drawn.file(path, done);
    let watch = ApplyWatch { cancel, listener: &listener, progress: &progress };
    let report = library.apply(choice, &plans, &args.paths, parent, watch);
    drawn.finish(screen);
    let report = report.map_err(|failure| failure_in_words(&failure))?;
    told::show(&report, ends.into_inner().unwrap_or_default(), screen);
    Ok(exit_of(&report))
}

/// How the program ends after a plan: as it would after the apply.
fn exit_of_plan(counts: &Counts) -> Exit {
    if counts.refused + counts.would_fail > 0 { Exit::SomeFailed } else { Exit::Fine }
}

/// How the program ends after files were changed.
pub fn exit_of(report: &ApplyReport) -> Exit {
    match report {
        report if report.is_cancelled => Exit::Interrupted,
        report if report.failed > 0 => Exit::SomeFailed,
        _ => Exit::Fine,
    }
}

fn narrowed(mut choice: Choice, wanted: &[String]) -> Result<Choice, Mistake> {
    match keep_policies(&mut choice.profile, wanted) {
        Ok(()) => Ok(choice),
        Err(unknown) => {
            let known: Vec<&str> = choice.profile.policies.iter().map(|used| used.written.as_str()).collect();
            let label = choice.profile.label();
            Err(Mistake::misused("POLICY_NOT_FOUND", format!("the profile {label} has no policy {unknown:?}"))
                .hint(format!("it has {}", known.join(", "))))
        }
    }
}

/// Shows, and saves, what would be done.
fn dry_run(
    args: &ApplyArgs,
    saved: Option<Vec<PlannedFile>>,
    choice: &Choice,
    cancel: &Cancellation,
    library: &Library,
    screen: &Screen,
) -> Result<Exit, Mistake> {
    let mut listing = Listing::begin(choice, args.output.as_deref(), screen).map_err(|cause| unsaved(args, &cause))?;
    let mut told = Ok(());
    match saved {
        Some(files) => {
            let files = library.recall(choice, files).map_err(|error| no_plan(&PlanFailure::Store(error)))?;
            told = files.iter().try_for_each(|planned| listing.add(planned));
        }
        None => {
            let done = library.plan(choice, &args.paths, |planned| {
                told = listing.add(&planned);
                if told.is_err() || cancel.is_requested() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            });
            done.map_err(|failure| no_plan(&failure))?;
            listing.counts.unreadable = library.unreadable(choice, &args.paths).map_err(|failure| no_plan(&failure))?;
        }
    }
    if cancel.is_requested() {
        return Ok(Exit::Interrupted);
    }
    let counts = told.and_then(|()| listing.finish()).map_err(|cause| unsaved(args, &cause))?;
    if let Some(path) = &args.output {
        screen.tell(format!("the plan is saved in {}; carry it out with `vpo apply --plan {0}`", path.display()));
    }
    Ok(exit_of_plan(&counts))
}

fn unsaved(args: &ApplyArgs, cause: &io::Error) -> Mistake {
    match &args.output {
        Some(path) => {
            Mistake::misused("CANNOT_SAVE", format!("the plan cannot be saved in {}", path.display())).caused_by(cause)
        }
        None => untold(cause),
    }
}

/// The answer cannot be written. A closed pipe ends the program quietly, as people who pipe into `head` expect.
pub fn untold(cause: &io::Error) -> Mistake {
    if cause.kind() == io::ErrorKind::BrokenPipe {
        std::process::exit(0);
    }
    Mistake::untold(cause)
}

fn plan(
    paths: &[PathBuf],
    choice: &Choice,
    cancel: &Cancellation,
    library: &Library,
) -> Result<(Vec<PlannedFile>, Counts), Mistake> {
    let (mut planned, mut counts) = (Vec::new(), Counts::default());
    let done = library.plan(choice, paths, |mut file| {
        counts.add(&file);
        if shown::has_news(&file) {
            file.plan.left_alone.clear();
            planned.push(file);
        }
        if cancel.is_requested() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    done.map_err(|failure| no_plan(&failure))?;
    counts.unreadable = library.unreadable(choice, paths).map_err(|failure| no_plan(&failure))?;
    Ok((planned, counts))
}

fn recalled(
    files: Vec<PlannedFile>,
    choice: &Choice,
    library: &Library,
) -> Result<(Vec<PlannedFile>, Counts), Mistake> {
    let files = library.recall(choice, files).map_err(|error| no_plan(&PlanFailure::Store(error)))?;
    let mut counts = Counts::default();
    files.iter().for_each(|file| counts.add(file));
    Ok((files, counts))
}

/// What went wrong before there was a plan.
pub fn no_plan(failure: &PlanFailure) -> Mistake {
    let (code, hint) = match failure {
        PlanFailure::Unknown { .. } => ("NOT_SCANNED", "scan it first: vpo scan"),
        PlanFailure::Unreadable { .. } => ("UNREADABLE", "`vpo inspect` tells more; once it is whole, scan it again"),
        PlanFailure::LeftOut { .. } => ("LEFT_OUT", "change `include` or `exclude`, or name another profile"),
        PlanFailure::Pattern(_) => return Mistake::because("BAD_GLOB", failure),
        PlanFailure::NoFolder => ("NO_FOLDER", "scan a folder first, or name a profile with a `library` line"),
        PlanFailure::NoPolicy { .. } => ("NO_POLICY", "name a profile with a `policy` block: --profile NAME"),
        PlanFailure::Thread(_) => return Mistake::because("NO_THREAD", failure),
        PlanFailure::Plugin(_) => return Mistake::because("PLUGIN_UNUSABLE", failure),
        PlanFailure::Store(_) => return Mistake::because("DATABASE", failure),
    };
    Mistake::because(code, failure).hint(hint)
}

/// What went wrong before any file was changed.
pub fn failure_in_words(failure: &ApplyFailure) -> Mistake {
    if let ApplyFailure::Job(busy @ JobError::RootBusy { .. }) = failure {
        return super::jobs::root_busy(busy);
    }
    let code = match failure {
        ApplyFailure::Plugin(_) => "PLUGIN_UNUSABLE",
        ApplyFailure::Job(_) => "JOB",
        ApplyFailure::Store(_) => "DATABASE",
        ApplyFailure::Thread(_) => "APPLY_FAILED",
        ApplyFailure::Undo(NoUndo::Job(JobLookup::Unknown { .. })) => {
            return Mistake::because("NOTHING_TO_UNDO", failure).hint(
                "`vpo history FILE` tells what was done to a film, and `vpo undo FILE` takes the last of it back",
            );
        }
        ApplyFailure::Undo(_) => "NOTHING_TO_UNDO",
        ApplyFailure::Offline { .. } => {
            return Mistake::because("ROOT_OFFLINE", failure).hint("mount the disk, then apply again");
        }
        ApplyFailure::Tool { .. } => {
            return Mistake::because("TOOL_MISSING", failure).hint("`vpo doctor` shows which programs there are");
        }
    };
    Mistake::because(code, failure)
}
