//! `vpo run TASK`: the parts of a task one after the other, under one job.

use serde_json::json;
use vpo::jobs::Cancellation;
use vpo::kdl_read::nearest;
use vpo::library::{Choice, Library, TaskFailure, TaskJob};
use vpo::profile::{Part, Profile, Task};
use vpo::settings::Layer;

use super::{apply, choose, scan};
use crate::args::Global;
use crate::interrupt;
use crate::render::scan as shown;
use crate::render::{Exit, Mistake, Screen, mistake};

/// How a task is run.
pub struct TaskOptions {
    /// Say what would be done, do nothing, record nothing.
    pub dry_run: bool,
    /// Do not ask before something is removed or encoded.
    pub yes: bool,
}

/// Runs a task of each profile that was named.
pub fn run(
    name: &str,
    options: &TaskOptions,
    global: &Global,
    library: &Library,
    screen: &Screen,
) -> Result<Exit, Mistake> {
    let choices = choose::prepared(global, library, &Layer::default())?;
    for choice in &choices {
        find(name, &choice.profile, library)?;
    }
    if !options.dry_run {
        let changes = |task: &Task| task.parts.iter().any(|part| matches!(part, Part::Apply { .. }));
        let mut changing = choices.iter().filter(|choice| choice.profile.find_task(name).is_some_and(changes));
        changing.try_for_each(|choice| choose::steps_possible(choice, library))?;
    }
    let cancel = Cancellation::new();
    interrupt::listen(&cancel)
        .map_err(|cause| Mistake::misused("SIGNALS", "signals cannot be listened to").caused_by(&cause))?;
    choose::one_after_the_other(&choices, &cancel, screen, |choice| {
        one(find(name, &choice.profile, library)?, options, choice, &cancel, library, screen)
    })
}

/// Lists the tasks there are: of the profiles that were named, else of all.
pub fn list(global: &Global, library: &Library, screen: &Screen) -> Result<Exit, Mistake> {
    let mut rows = vec![(None, "scan".to_owned(), Vec::new()), (None, "apply".to_owned(), Vec::new())];
    for profile in profiles(global, library)? {
        for task in &profile.tasks {
            let parts: Vec<&str> = task.parts.iter().map(Part::verb).collect();
            rows.push((profile.name.clone(), task.name.clone(), parts));
        }
    }
    if screen.json {
        let row = |(profile, task, parts): &(_, _, _)| json!({ "task": task, "profile": profile, "parts": parts });
        screen.answer(&rows.iter().map(row).collect::<Vec<_>>());
        return Ok(Exit::Fine);
    }
    for (profile, task, parts) in rows {
        match profile {
            None => screen.say(format!("vpo run {task}")),
            Some(profile) => screen.say(format!("vpo run {task} --profile {profile}    ({})", parts.join(", "))),
        }
    }
    Ok(Exit::Fine)
}

/// The profiles that were named; without any, all that can be read.
fn profiles(global: &Global, library: &Library) -> Result<Vec<Profile>, Mistake> {
    let load = |name: &str| Profile::load(&library.search(), name, library.places().user_home.as_deref());
    if global.profile.is_empty() {
        return Ok(library.search().list().iter().filter_map(|found| load(&found.name).ok()).collect());
    }
    global.profile.iter().map(|name| Ok(load(name)?)).collect()
}

fn find<'a>(name: &str, profile: &'a Profile, library: &Library) -> Result<&'a Task, Mistake> {
    if let Some(task) = profile.find_task(name) {
        return Ok(task);
    }
    let known: Vec<&str> = profile.tasks.iter().map(|task| task.name.as_str()).chain(["scan", "apply"]).collect();
    let whose = match &profile.name {
        Some(profile) => format!("the profile {profile} has no task {name:?}"),
        None => format!("there is no task {name:?}"),
    };
    let elsewhere = || {
        let all = profiles(&Global::default(), library).unwrap_or_default();
        let other = all.into_iter().find(|other| other.find_task(name).is_some())?;
        Some(format!("vpo run {name} --profile {}", other.label()))
    };
    let hint = match (nearest(name, known.iter().copied()), profile.name.is_none().then(elsewhere).flatten()) {
        (_, Some(elsewhere)) => format!("did you mean {elsewhere}?"),
        (Some(nearest), None) => format!("did you mean {nearest}? there are: {}", known.join(", ")),
        (None, None) => format!("there are: {}", known.join(", ")),
    };
    let details = json!({ "task": name, "profile": profile.name, "known": known });
    Err(Mistake::misused("TASK_NOT_FOUND", whose).hint(hint).details(details))
}

/// Runs the parts of one task. A part that fails stops the rest unless the task says otherwise; single files that fail
/// do not make their part fail.
fn one(
    task: &Task,
    options: &TaskOptions,
    choice: &Choice,
    cancel: &Cancellation,
    library: &Library,
    screen: &Screen,
) -> Result<Exit, Mistake> {
    let mut job = match options.dry_run {
        true => None,
        false => Some(library.begin_task(choice, task, cancel).map_err(|failure| not_begun(&failure))?),
    };
    let mut exit = Exit::Fine;
    for (index, part) in task.parts.iter().enumerate() {
        let verb = part.verb();
        screen.tell(format!("{}: {verb} ({} of {})", task.name, index + 1, task.parts.len()));
        if let Some(job) = &job {
            job.begin_part(verb);
        }
        let parent = job.as_ref().map(TaskJob::id);
        let ended = run_part(part, parent, options, choice, cancel, library, screen);
        let has_failed = note(&ended, verb, job.as_mut());
        exit = exit.max(match ended {
            Ok(exit) => exit,
            Err(mistake) => {
                mistake::show(&mistake, screen);
                mistake.exit
            }
        });
        if cancel.is_requested() || (has_failed && !task.keep_going) {
            break;
        }
    }
    if let Some(job) = job {
        let id = job.id().to_owned();
        job.finish().map_err(|error| Mistake::because("DATABASE", &error))?;
        if screen.json {
            screen.answer(&json!({ "schema": 1, "job": id, "task": task.name, "profile": choice.profile.name }));
        } else {
            let ended = match exit {
                Exit::Fine | Exit::SomeFailed => "ended",
                Exit::Interrupted => "was interrupted",
                Exit::Fatal | Exit::NeedsReview => "failed",
            };
            screen.say(format!("{} {ended}, job {}", task.name, &id[..8.min(id.len())]));
        }
    }
    Ok(exit)
}

/// Writes down how a part ended; returns whether it failed.
fn note(ended: &Result<Exit, Mistake>, verb: &str, job: Option<&mut TaskJob>) -> bool {
    let (message, causes): (&str, &[String]) = match ended {
        Ok(Exit::Fine | Exit::SomeFailed | Exit::Interrupted) => {
            if let Some(job) = job {
                job.part_done(verb);
            }
            return false;
        }
        Ok(Exit::NeedsReview) => ("a person should look first", &[]),
        Ok(Exit::Fatal) => ("it could not be done", &[]),
        Err(mistake) => (&mistake.message, &mistake.causes),
    };
    if let Some(job) = job {
        job.part_failed(verb, message, causes);
    }
    true
}

fn run_part(
    part: &Part,
    parent: Option<&str>,
    options: &TaskOptions,
    choice: &Choice,
    cancel: &Cancellation,
    library: &Library,
    screen: &Screen,
) -> Result<Exit, Mistake> {
    match part {
        Part::Scan { full, prune, verify_hash, accept_missing } => {
            let args = scan::ScanArgs {
                full: *full,
                prune: *prune,
                verify_hash: *verify_hash,
                accept_missing: *accept_missing,
                dry_run: options.dry_run,
                ..scan::ScanArgs::default()
            };
            let report = scan::scan(&args, parent, choice, cancel, library, screen)?;
            shown::show(&report, screen);
            Ok(scan::exit(&report))
        }
        Part::Apply { policies } => {
            let mut choice = choice.clone();
            if !policies.is_empty() {
                choice.profile.policies.retain(|used| policies.iter().any(|(policy, _)| *policy == used.written));
            }
            let args = apply::ApplyArgs { dry_run: options.dry_run, yes: options.yes, ..apply::ApplyArgs::default() };
            apply::one(&args, None, parent, &choice, cancel, library, screen)
        }
    }
}

fn not_begun(failure: &TaskFailure) -> Mistake {
    let code = match failure {
        TaskFailure::Job(_) => "JOB",
        TaskFailure::Store(_) => "DATABASE",
    };
    Mistake::because(code, failure)
}
