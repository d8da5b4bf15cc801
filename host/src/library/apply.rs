//! Plans are carried out as a job: each file checked again, changed or left as it was, and its outcome recorded.

use std::cell::RefCell;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use serde::Serialize;
use serde_json::json;
use thiserror::Error;

use super::plan::{Refused, find_subject};
use super::tools::used;
use super::{Choice, Deciders, KnownAs, Library, PlannedFile};
use crate::apply::{self, AnyError, ApplyError, Checked, Committed, Manner, Means, Records, Settled, Subject, records};
use crate::jobs::{Cancellation, Ending, Job, JobError, Retention, keep_house};
use crate::media::{Facts, text};
use crate::plan::Plan;
use crate::plugins::{PluginError, THREAD_STACK};
use crate::scan::{ReaderSet, Readers};
use crate::store::jobs::{JobFailure, JobType};
use crate::store::{Clock, Db, Happening, Store, StoreError, Writer, intents, job_files};
use crate::tools::{Tool, ToolError, Tools};

/// How an apply is followed and stopped from outside.
#[derive(Clone, Copy)]
pub struct ApplyWatch<'a> {
    pub cancel: &'a Cancellation,
    /// Hears of every file that came to an end.
    pub listener: &'a (dyn Fn(&FileEnd) + Sync),
    /// Hears how far the tools are with a file, from 0 to 1.
    pub progress: &'a (dyn Fn(&Path, f64) + Sync),
}

/// What became of one file.
#[derive(Debug, Clone, Serialize)]
pub struct FileEnd {
    pub file: PathBuf,
    pub outcome: Outcome,
    /// Where it is now, when that is elsewhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backup: Option<PathBuf>,
    /// What was done, or why not.
    pub reason: String,
    /// What tools said went wrong while they did it nevertheless, and what of the original could not be carried over.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
    /// For programs, when it was not done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Bytes that were written for it.
    pub bytes: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    Edited,
    Undone,
    /// Left alone for a reason that is no failure.
    Skipped,
    Failed,
    /// Not begun, or abandoned, because the job was stopped.
    Cancelled,
}

/// What an apply came to.
#[derive(Debug, Clone, Serialize)]
pub struct ApplyReport {
    pub job: String,
    pub edited: usize,
    pub skipped: usize,
    pub failed: usize,
    pub cancelled: usize,
    pub bytes: u64,
    /// Changes of earlier, interrupted jobs that were settled first.
    #[serde(skip)]
    pub settled: Vec<Settled>,
    #[serde(skip)]
    pub is_cancelled: bool,
}

/// Why nothing could be carried out.
#[derive(Debug, Error)]
pub enum ApplyFailure {
    #[error(transparent)]
    Plugin(#[from] PluginError),
    #[error(transparent)]
    Job(#[from] JobError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("a thread could not be started")]
    Thread(#[source] std::io::Error),
    #[error("nothing was begun, because {tool} is needed for {files} of the files")]
    Tool { tool: Tool, files: usize, source: ToolError },
    #[error(transparent)]
    Undo(#[from] super::undo::NoUndo),
}

/// Everything that the workers of one job share.
pub(super) struct Workshop<'a> {
    pub library: &'a Library,
    pub choice: &'a Choice,
    pub readers: Arc<ReaderSet>,
    pub tools: Arc<Tools>,
    pub manner: Manner,
    pub writer: &'a Mutex<Writer>,
    pub clock: &'a Clock,
    pub job: &'a Job,
    pub watch: ApplyWatch<'a>,
    pub happening: Happening,
}

impl Library {
    /// Carries plans out, several files at once where the settings say so. `parent` is the task that this is a part of.
    pub fn apply(
        &self,
        choice: &Choice,
        plans: Vec<PlannedFile>,
        paths: &[PathBuf],
        parent: Option<&str>,
        watch: ApplyWatch<'_>,
    ) -> Result<ApplyReport, ApplyFailure> {
        let (store, clock) = (Store::open(&choice.settings.database.path)?, Clock::system());
        let jobs = &choice.settings.jobs;
        if jobs.auto_purge.value {
            keep_house(&store, &clock, Retention::days(jobs.retention_days.value, jobs.keep_history_days.value))?;
        }
        let tools = Arc::new(self.tools(&choice.settings));
        needed(&tools, &plans)?;
        let mut request = self.job_request(JobType::Apply, choice);
        request.parent = parent.map(str::to_owned).or(request.parent);
        request.path = Some(shown(paths, &plans));
        let job = Job::begin(&store, &clock, request, watch.cancel)?;
        let span = tracing::info_span!("job", job = job.id());
        let _entered = span.enter();

        let done = self.apply_all(choice, plans, &job, tools, &store, watch);
        job.finish(ending(&done))?;
        done
    }

    fn apply_all(
        &self,
        choice: &Choice,
        plans: Vec<PlannedFile>,
        job: &Job,
        tools: Arc<Tools>,
        store: &Store,
        watch: ApplyWatch<'_>,
    ) -> Result<ApplyReport, ApplyFailure> {
        let clock = &Clock::system();
        let settled = self.settle_changes(store, clock, job.id())?;
        let mut writer = store.writer()?;
        writer.transaction(|db| note_planned(db, job.id(), &plans))?;
        let writer = Mutex::new(writer);
        let workshop = Workshop {
            library: self,
            choice,
            readers: Arc::new(ReaderSet::load(self.plugins(), &self.reader_choices(choice, &tools))?),
            tools,
            manner: Manner::from(&choice.settings.apply),
            writer: &writer,
            clock,
            job,
            watch,
            happening: Happening::Edited,
        };
        let threads = choice.settings.apply.jobs.value.count().clamp(1, plans.len().max(1));
        let next = AtomicUsize::new(0);
        let ends = Mutex::new(Vec::new());
        thread::scope(|scope| {
            let mut workers = Vec::new();
            for _ in 0..threads {
                let worker = thread::Builder::new().name("apply".to_owned()).stack_size(THREAD_STACK);
                let (workshop, next, plans, ends) = (&workshop, &next, &plans, &ends);
                let spawned = worker.spawn_scoped(scope, move || -> Result<(), ApplyFailure> {
                    let mut bench = workshop.bench()?;
                    while let Some(planned) = plans.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let end = bench.file(planned);
                        (workshop.watch.listener)(&end);
                        ends.lock().unwrap_or_else(PoisonError::into_inner).push(end);
                    }
                    Ok(())
                });
                workers.push(spawned.map_err(ApplyFailure::Thread)?);
            }
            for worker in workers {
                worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
            }
            Ok::<_, ApplyFailure>(())
        })?;
        let ends = ends.into_inner().unwrap_or_else(PoisonError::into_inner);
        job.used_tools(used(&workshop.tools));
        Ok(report(job.id(), &ends, settled, watch.cancel.is_requested()))
    }

    /// Settles the changes that dead processes left. The intents are taken over by a job of this process first.
    pub(super) fn settle_changes(
        &self,
        store: &Store,
        clock: &Clock,
        job_id: &str,
    ) -> Result<Vec<Settled>, StoreError> {
        let mut writer = store.writer()?;
        let left = writer.transaction(|db| intents::take_over(db, job_id))?;
        if left.is_empty() {
            return Ok(Vec::new());
        }
        let writer = Mutex::new(writer);
        let ledger = Records::new(&writer, clock, job_id, Happening::Edited);
        let mut settled = Vec::new();
        for (id, stage, intent) in left.into_iter().filter_map(records::read) {
            match apply::settle(id, stage, &intent, &ledger) {
                Ok(one) => settled.push(one),
                Err(error) => {
                    tracing::warn!(file = %intent.original.display(), %error, "an interrupted change is not settled yet");
                }
            }
        }
        Ok(settled)
    }
}

impl<'a> Workshop<'a> {
    /// What one thread works with.
    pub(super) fn bench(&'a self) -> Result<Bench<'a>, ApplyFailure> {
        Ok(Bench {
            workshop: self,
            deciders: self.library.deciders(self.choice)?,
            readers: RefCell::new(self.readers.on_this_thread(self.library.plugins())?),
            ledger: Records::new(self.writer, self.clock, self.job.id(), self.happening),
        })
    }
}

/// What one thread works with.
pub(super) struct Bench<'a> {
    workshop: &'a Workshop<'a>,
    deciders: Deciders,
    readers: RefCell<Readers>,
    ledger: Records<'a>,
}

impl Bench<'_> {
    /// Carries the plan of one file out.
    fn file(&mut self, planned: &PlannedFile) -> FileEnd {
        if self.workshop.watch.cancel.is_requested() {
            return end(&planned.file, Outcome::Cancelled, "the job was stopped before it came to this file");
        }
        let span = tracing::info_span!("file", file = %text::path(&planned.file));
        let _entered = span.enter();
        self.workshop.job.working_on(text::path(&planned.file));
        let done = match &planned.refused {
            Some(refused) => Err((Outcome::Failed, refused.clone())),
            None => self.change(planned).map_err(|error| (outcome_of(&error), Refused::from(&error))),
        };
        self.end(&planned.file, planned.id, &planned.plan, done)
    }

    fn change(&mut self, planned: &PlannedFile) -> Result<Committed, ApplyError> {
        let subject = self.subject(planned)?;
        let size = subject.observation.size;
        let (grants, safeguards) = (self.deciders.grants().clone(), self.deciders.safeguards().clone());
        let deciders = &mut self.deciders;
        let root = planned.root.as_deref();
        let mut ask_again = |facts: &Facts, path: &Path| {
            let plan = deciders.decide_afresh(facts, path.file_name().unwrap_or_default(), size)?;
            Ok::<_, AnyError>(apply::without_idle_move(plan, path, root))
        };
        let begun = Instant::now();
        let checked = Checked::new(subject, planned.plan.clone(), root, &grants, &safeguards, &mut ask_again);
        self.workshop.job.spent("checking", begun.elapsed());
        let checked = checked?;
        self.carry_out(checked)
    }

    /// The file as it is recorded now, when that is what was planned for.
    fn subject(&self, planned: &PlannedFile) -> Result<Subject, ApplyError> {
        let writer = self.workshop.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let found = find_subject(&writer, &planned.file)?;
        let subject = found.ok_or(ApplyError::Gone)?;
        if KnownAs::of(&subject) != planned.known {
            return Err(ApplyError::Stale);
        }
        Ok(subject)
    }

    pub(super) fn carry_out(&self, checked: Checked) -> Result<Committed, ApplyError> {
        let path = checked.subject().path.clone();
        let watch = Following { path, watch: self.workshop.watch, job: self.workshop.job };
        let introspect = |path: &Path, name: &Path| self.introspect(path, name);
        let means = Means {
            tools: &self.workshop.tools,
            manner: self.workshop.manner.clone(),
            ledger: &self.ledger,
            introspect: &introspect,
            watch: &watch,
        };
        apply::carry_out(checked, &means)
    }

    /// Reads a file; the name that it will have decides who is asked first, unless the name is of another folder.
    fn introspect(&self, path: &Path, _name: &Path) -> Result<Facts, AnyError> {
        let file = File::open(path)?;
        let size = file.metadata()?.len();
        let reading = self.readers.borrow_mut().read(&Arc::new(file), size, path);
        self.ledger.read_by(reading.reader.as_deref());
        reading.facts.map_err(AnyError::from)
    }

    /// Records how a file ended that was not changed; a change has recorded itself.
    pub(super) fn end(
        &self,
        file: &Path,
        id: i64,
        plan: &Plan,
        done: Result<Committed, (Outcome, Refused)>,
    ) -> FileEnd {
        let outcome = if self.workshop.happening == Happening::Undone { Outcome::Undone } else { Outcome::Edited };
        match done {
            Ok(committed) => FileEnd {
                target: (committed.path != file).then_some(committed.path),
                backup: committed.backup,
                warnings: warnings(committed.complaints, &committed.left_out),
                bytes: committed.bytes,
                ..end(file, outcome, &records::in_words(plan))
            },
            Err((outcome, refused)) => {
                tracing::warn!(file = %file.display(), code = refused.code, reason = refused.message, "file not changed");
                let happening = match outcome {
                    Outcome::Skipped | Outcome::Cancelled => Happening::Skipped,
                    _ => Happening::Failed,
                };
                let mut writer = self.workshop.writer.lock().unwrap_or_else(PoisonError::into_inner);
                // A file of a saved plan that is not recorded any more has no place to record it at.
                let recorded = writer.transaction(|db| {
                    if id == 0 {
                        return Ok(());
                    }
                    let job = self.workshop.job.id();
                    job_files::end_planned(db, job, id)?;
                    job_files::record(db, job, id, file, happening, Some(&refused.message))
                });
                if let Err(error) = recorded {
                    tracing::error!(%error, "the outcome could not be recorded");
                }
                FileEnd { code: Some(refused.code), ..end(file, outcome, &refused.message) }
            }
        }
    }
}

/// Finds out before any work whether the programs that the plans need are there.
fn needed(tools: &Tools, plans: &[PlannedFile]) -> Result<(), ApplyFailure> {
    let feasible = || plans.iter().filter(|planned| planned.refused.is_none());
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

pub(super) fn outcome_of(error: &ApplyError) -> Outcome {
    match error {
        error if error.is_skip() => Outcome::Skipped,
        error if error.is_cancelled() => Outcome::Cancelled,
        _ => Outcome::Failed,
    }
}

fn end(file: &Path, outcome: Outcome, reason: &str) -> FileEnd {
    FileEnd {
        file: file.to_owned(),
        outcome,
        target: None,
        backup: None,
        warnings: Vec::new(),
        reason: reason.to_owned(),
        code: None,
        bytes: 0,
    }
}

fn warnings(mut complaints: Vec<String>, left_out: &[&str]) -> Vec<String> {
    if !left_out.is_empty() {
        complaints.push(format!("could not be carried over from the original: {}", left_out.join(", ")));
    }
    complaints
}

/// Passes on what happens to one file.
struct Following<'a> {
    path: PathBuf,
    watch: ApplyWatch<'a>,
    job: &'a Job,
}

impl apply::Watch for Following<'_> {
    fn progress(&self, done: f64) {
        (self.watch.progress)(&self.path, done);
    }

    fn is_cancelled(&self) -> bool {
        self.watch.cancel.is_requested()
    }

    fn spent(&self, phase: &'static str, time: Duration) {
        self.job.spent(phase, time);
    }
}

pub(super) fn report(job_id: &str, ends: &[FileEnd], settled: Vec<Settled>, is_cancelled: bool) -> ApplyReport {
    let count = |outcome| ends.iter().filter(|end| end.outcome == outcome).count();
    ApplyReport {
        job: job_id.to_owned(),
        edited: count(Outcome::Edited) + count(Outcome::Undone),
        skipped: count(Outcome::Skipped),
        failed: count(Outcome::Failed),
        cancelled: count(Outcome::Cancelled),
        bytes: ends.iter().map(|end| end.bytes).sum(),
        settled,
        is_cancelled,
    }
}

/// How the job ended, truthfully.
pub(super) fn ending(done: &Result<ApplyReport, ApplyFailure>) -> Ending {
    match done {
        Ok(report) => {
            let summary = json!(report);
            if report.is_cancelled {
                Ending::Cancelled { summary: Some(summary) }
            } else if report.failed > 0 && report.edited == 0 && report.skipped == 0 {
                let message = format!("{} files failed", report.failed);
                Ending::Failed {
                    summary: Some(summary),
                    error: JobFailure { message, causes: Vec::new(), working_on: None },
                }
            } else {
                Ending::Completed { summary }
            }
        }
        Err(error) => Ending::Failed { summary: None, error: JobFailure::of(error) },
    }
}

fn shown(paths: &[PathBuf], plans: &[PlannedFile]) -> String {
    match (paths, plans) {
        ([], [one]) => one.file.display().to_string(),
        ([], many) => format!("{} files", many.len()),
        (paths, _) => paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", "),
    }
}
