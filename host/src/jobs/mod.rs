//! Durable work: a job is recorded before it begins and closed however it ends; dead ones are closed by the next.
//!
//! begin (close the dead, refuse two on one root) → work, with a heartbeat beside it → finish. Retention is
//! [`keep_house`]; what happened to each file is recorded by whoever does it, with [`crate::store::job_files`] and
//! [`crate::store::history`].

mod cancel;
mod error;
mod heartbeat;
mod process;
mod recovery;
mod retention;

use std::collections::BTreeMap;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde_json::{Map, Value};
use tracing::{error, info};
use uuid::Uuid;

pub use cancel::Cancellation;
pub use error::JobError;
pub use heartbeat::Pace;
pub use process::Processes;
pub use recovery::{INTERRUPTED, abandoned, settle, settle_if_free};
pub use retention::{Retention, keep_house, purge};

use crate::store::jobs::{self, JobFailure, JobStatus, JobType, NewJob};
use crate::store::{Clock, Db, Store, StoreError};
use heartbeat::Heartbeat;

/// What is to be done, as it will be shown in the list of jobs.
#[derive(Debug, Clone)]
pub struct JobRequest {
    pub job_type: JobType,
    /// The task that this is a part of, or the job that this one tries again.
    pub parent: Option<String>,
    pub profile: Option<String>,
    /// What was asked for, as shown to people.
    pub path: Option<String>,
    pub argv: Vec<String>,
    /// The folder that relative paths in `argv` start from.
    pub working: Option<PathBuf>,
    /// Resolved settings, each with where it came from.
    pub settings: Option<Value>,
    /// Plugins with versions and digests.
    pub plugins: Option<Value>,
    pub log_file: Option<PathBuf>,
    /// Absolute folders that no other job of this type may work on meanwhile.
    pub roots: Vec<PathBuf>,
}

impl JobRequest {
    pub fn new(job_type: JobType) -> Self {
        Self {
            job_type,
            parent: None,
            profile: None,
            path: None,
            argv: Vec::new(),
            working: None,
            settings: None,
            plugins: None,
            log_file: None,
            roots: Vec::new(),
        }
    }
}

/// How a job ended.
#[derive(Debug, Clone)]
pub enum Ending {
    Completed { summary: Value },
    Failed { summary: Option<Value>, error: JobFailure },
    Cancelled { summary: Option<Value> },
}

/// A job that is running in this process.
///
/// Dropped without [`Job::finish`], it is closed as failed: on the way out of an error or a panic the record stays true.
pub struct Job {
    id: String,
    store: Store,
    clock: Clock,
    cancel: Cancellation,
    working_on: Mutex<Option<String>>,
    timings: Mutex<BTreeMap<&'static str, Duration>>,
    tools: Mutex<Option<Value>>,
    heartbeat: Option<Heartbeat>,
    is_finished: bool,
}

impl Job {
    /// Records a job as running in this process, and closes jobs of dead processes on the way.
    ///
    /// # Errors
    ///
    /// [`JobError::RootBusy`] when another job of the same type works on one of the roots, or below, or above it.
    pub fn begin(store: &Store, clock: &Clock, request: JobRequest, cancel: &Cancellation) -> Result<Self, JobError> {
        Self::begin_paced(store, clock, request, cancel, Pace::default())
    }

    /// [`Job::begin`] with another pace of its heart.
    pub fn begin_paced(
        store: &Store,
        clock: &Clock,
        request: JobRequest,
        cancel: &Cancellation,
        pace: Pace,
    ) -> Result<Self, JobError> {
        let processes = Processes::of_system();
        let now_ns = clock.now_ns();
        let id = Uuid::new_v4().to_string();
        let job_type = request.job_type;
        // Stays open until the heart has its own: the last connection to close waits for the disk.
        let mut writer = store.writer()?;
        writer.transaction(|db| {
            settle(db, &processes, now_ns)?;
            refuse_busy_roots(db, job_type, &request.roots)?;
            let job = NewJob {
                id: id.clone(),
                parent_id: request.parent,
                job_type,
                profile: request.profile,
                path: request.path,
                argv: request.argv,
                working: request.working,
                settings: request.settings,
                plugins: request.plugins,
                log_file: request.log_file,
                process: Some(processes.mine()),
                roots: request.roots,
                created_ns: now_ns,
            };
            Ok::<_, JobError>(jobs::insert(db, &job)?)
        })?;
        // From here on dropping it closes the record.
        let mut job = Self {
            id,
            store: store.clone(),
            clock: clock.clone(),
            cancel: cancel.clone(),
            working_on: Mutex::new(None),
            timings: Mutex::default(),
            tools: Mutex::default(),
            heartbeat: None,
            is_finished: false,
        };
        job.heartbeat = Some(Heartbeat::start(store, clock, &job.id, cancel, pace)?);
        info!(job = job.id, job_type = job_type.name(), "job begun");
        Ok(job)
    }

    pub fn id(&self) -> &str {
        &self.id
    }

    /// The flag that a signal or another process sets.
    pub fn cancellation(&self) -> &Cancellation {
        &self.cancel
    }

    pub fn is_cancelled(&self) -> bool {
        self.cancel.is_requested()
    }

    /// Notes what is being done, for the error if it fails.
    pub fn working_on(&self, what: impl Into<String>) {
        *self.working_on.lock().unwrap_or_else(PoisonError::into_inner) = Some(what.into());
    }

    /// Adds to the time that a phase took.
    pub fn spent(&self, phase: &'static str, time: Duration) {
        *self.timings.lock().unwrap_or_else(PoisonError::into_inner).entry(phase).or_default() += time;
    }

    /// Notes the programs that were used, with their versions.
    pub fn used_tools(&self, tools: Value) {
        *self.tools.lock().unwrap_or_else(PoisonError::into_inner) = Some(tools);
    }

    /// Closes the job.
    pub fn finish(mut self, ending: Ending) -> Result<(), StoreError> {
        self.close(ending)
    }

    fn close(&mut self, ending: Ending) -> Result<(), StoreError> {
        let (status, summary, mut failure) = match ending {
            Ending::Completed { summary } => (JobStatus::Completed, Some(summary), None),
            Ending::Failed { summary, error } => (JobStatus::Failed, summary, Some(error)),
            Ending::Cancelled { summary } => (JobStatus::Cancelled, summary, None),
        };
        if let Some(failure) = &mut failure {
            let working_on = self.working_on.lock().unwrap_or_else(PoisonError::into_inner).take();
            failure.working_on = failure.working_on.take().or(working_on);
        }
        let now_ns = self.clock.now_ns();
        let timings = std::mem::take(&mut *self.timings.lock().unwrap_or_else(PoisonError::into_inner));
        let timings: Map<String, Value> =
            timings.into_iter().map(|(phase, time)| (phase.to_owned(), time.as_secs_f64().into())).collect();
        let timings = (!timings.is_empty()).then_some(Value::Object(timings));
        let tools = self.tools.lock().unwrap_or_else(PoisonError::into_inner).take();
        self.store.writer()?.transaction(|db| {
            jobs::note_work(db, &self.id, timings.as_ref(), tools.as_ref())?;
            jobs::finish(db, &self.id, status, summary.as_ref(), failure.as_ref(), now_ns)
        })?;
        self.heartbeat = None;
        self.is_finished = true;
        info!(job = self.id, status = status.name(), "job ended");
        Ok(())
    }
}

impl Drop for Job {
    fn drop(&mut self) {
        if self.is_finished {
            return;
        }
        let message = if std::thread::panicking() { "it broke down" } else { "it was given up" };
        let error = JobFailure { message: message.to_owned(), causes: Vec::new(), working_on: None };
        if let Err(error) = self.close(Ending::Failed { summary: None, error }) {
            error!(job = self.id, error = %error, "the job could not be closed");
        }
    }
}

impl JobFailure {
    /// The chain of an error, for the record.
    pub fn of(error: &(dyn Error + 'static)) -> Self {
        let mut causes = Vec::new();
        let mut next = error.source();
        while let Some(cause) = next {
            causes.push(cause.to_string());
            next = cause.source();
        }
        Self { message: error.to_string(), causes, working_on: None }
    }
}

fn refuse_busy_roots(db: &Db, job_type: JobType, roots: &[PathBuf]) -> Result<(), JobError> {
    let overlap = |a: &Path, b: &Path| a.starts_with(b) || b.starts_with(a);
    for (busy, job) in jobs::roots_at_work(db, job_type)? {
        if let Some(root) = roots.iter().find(|root| overlap(root, &busy)) {
            return Err(JobError::RootBusy {
                root: root.clone(),
                job_type,
                since_ns: job.started_ns.unwrap_or(job.created_ns),
                pid: job.process.map(|process| process.pid),
                job: job.id,
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
