//! Plans are carried out: each checked again, on the file as it is recorded now, in fresh instances of its policies.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use super::file_end::{ApplyReport, FileEnd, Outcome};
use super::plan::{Refused, find_subject};
use super::workshop::{ApplyFailure, ApplyWatch, Bench, Order};
use super::{Choice, KnownAs, Library, PlannedFile};
use crate::apply::{self, AnyError, ApplyError, Checked, Committed, Subject, records};
use crate::jobs::{Ending, Job, Retention, keep_house};
use crate::media::{Facts, text};
use crate::plan::Refusal;
use crate::store::jobs::{JobFailure, JobType};
use crate::store::{Clock, Db, Happening, Store, StoreError, history, job_files};
use crate::tools::{Tool, Tools};

impl Library {
    /// Carries plans out. `parent` is the task that this is a part of.
    pub fn apply(
        &self,
        choice: &Choice,
        plans: &[PlannedFile],
        paths: &[PathBuf],
        parent: Option<&str>,
        watch: ApplyWatch<'_>,
    ) -> Result<ApplyReport, ApplyFailure> {
        let store = Store::open(&choice.settings.database.path)?;
        let jobs = &choice.settings.jobs;
        if jobs.auto_purge.value {
            let retention = Retention::days(jobs.retention_days.value, jobs.keep_history_days.value);
            keep_house(&store, &Clock::system(), retention)?;
        }
        let tools = Arc::new(self.tools(&choice.settings));
        needed(&tools, plans)?;
        let mut request = self.job_request(JobType::Apply, choice);
        request.parent = parent.map(str::to_owned).or(request.parent);
        request.path = Some(shown(paths, plans));
        request.roots = self.held(paths, plans);
        if let Some(failure) = offline(plans) {
            let job = Job::begin(&store, &Clock::system(), request, watch.cancel)?;
            job.finish(Ending::Failed { summary: None, error: JobFailure::of(&failure) })?;
            return Err(failure);
        }
        let order = Order {
            request,
            happening: Happening::Edited,
            tools,
            files: plans,
            note: &|db, job| note_planned(db, job, plans),
            path: &|planned| &planned.file,
            change: &|bench, planned| bench.apply(planned),
        };
        self.carry_out(choice, &store, order, watch)
    }

    /// What no other apply may work on meanwhile: the files and folders that were named, else the roots of the files.
    fn held(&self, paths: &[PathBuf], plans: &[PlannedFile]) -> Vec<PathBuf> {
        let mut held: Vec<PathBuf> = match paths {
            [] => plans.iter().map(|planned| planned.root.as_ref().unwrap_or(&planned.file).clone()).collect(),
            named => named.iter().map(|path| self.settled_path(path)).collect(),
        };
        held.sort();
        held.dedup();
        held
    }
}

/// Every file of the plans is on a disk that is not there: nothing is begun then.
fn offline(plans: &[PlannedFile]) -> Option<ApplyFailure> {
    let mut why: Vec<&str> = Vec::new();
    for planned in plans {
        why.push(&planned.obstacle.as_ref().filter(|obstacle| obstacle.is_offline())?.why.message);
    }
    why.sort_unstable();
    why.dedup();
    (!why.is_empty()).then(|| ApplyFailure::Offline { why: why.join("; "), files: plans.len() })
}

impl Bench<'_> {
    /// Carries the plan of one file out.
    fn apply(&mut self, planned: &PlannedFile) -> FileEnd {
        // What was shown to stand in the way does: the way may be free by now, and nobody has seen what would happen.
        let done = match (&planned.refused, &planned.obstacle) {
            (Some(refused), _) => Err((Outcome::Failed, refused.clone())),
            (None, Some(obstacle)) => Err((obstacle.outcome, obstacle.why.clone())),
            (None, None) => self.change(planned).map_err(|error| (Outcome::of(&error), Refused::from(&error))),
        };
        self.end(&planned.file, planned.id, &planned.plan, done)
    }

    fn change(&mut self, planned: &PlannedFile) -> Result<Committed, ApplyError> {
        let subject = self.subject(planned)?;
        let size = subject.observation.size;
        let deciders = self.deciders().map_err(|error| ApplyError::Unasked(error.into()))?;
        let (grants, safeguards) = (deciders.grants().clone(), deciders.safeguards().clone());
        let root = planned.root.as_deref();
        let mut ask_again = |facts: &Facts, path: &Path| {
            let plan = deciders.decide_afresh(facts, path.file_name().unwrap_or_default(), size)?;
            Ok::<_, AnyError>(apply::without_idle_move(plan, path, root))
        };
        let begun = Instant::now();
        let checked = Checked::new(subject, planned.plan.clone(), root, &grants, &safeguards, &mut ask_again);
        self.workshop.job.spent("checking", begun.elapsed());
        let checked = checked.map_err(|error| match error {
            ApplyError::Refused(Refusal::Nondeterministic { .. }) if planned.is_recalled => ApplyError::Superseded,
            error => error,
        });
        self.carry_out(checked?)
    }

    /// The file as it is recorded now, when that is what was planned for.
    fn subject(&self, planned: &PlannedFile) -> Result<Subject, ApplyError> {
        let found = find_subject(&self.db, &planned.file)?;
        let subject = found.ok_or(ApplyError::Gone)?;
        if KnownAs::of(&subject) != planned.known {
            return Err(ApplyError::Outdated);
        }
        if history::is_damaged(&self.db, subject.id)? {
            return Err(ApplyError::Damaged);
        }
        Ok(subject)
    }
}

/// Finds out before any work whether the programs that the plans need are there.
fn needed(tools: &Tools, plans: &[PlannedFile]) -> Result<(), ApplyFailure> {
    let feasible = || plans.iter().filter(|planned| planned.is_feasible());
    for tool in Tool::ALL {
        let files = feasible().filter(|planned| planned.runs.iter().any(|run| run.tool == tool)).count();
        if files > 0 {
            tools.ready(tool).map_err(|source| ApplyFailure::Tool { tool, files, source })?;
        }
    }
    Ok(())
}

/// Writes down what is to be done to each file. Of a file that has come to an end it is taken back, so that it says of a
/// job that was killed or stopped which files it did not come to.
fn note_planned(db: &Db, job: &str, plans: &[PlannedFile]) -> Result<(), StoreError> {
    for planned in plans.iter().filter(|planned| planned.id != 0) {
        let steps = records::in_words(&planned.plan);
        job_files::record(db, job, planned.id, &planned.file, Happening::Planned, Some(&steps))?;
    }
    Ok(())
}

fn shown(paths: &[PathBuf], plans: &[PlannedFile]) -> String {
    match (paths, plans) {
        ([], [one]) => text::path(&one.file),
        ([], many) => format!("{} files", many.len()),
        (paths, _) => paths.iter().map(|path| text::path(path)).collect::<Vec<_>>().join(", "),
    }
}
