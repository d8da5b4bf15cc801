//! A task as a job: the parent of what its parts do, closed however they end.

use serde_json::{Value, json};
use thiserror::Error;

use super::{Choice, Library};
use crate::jobs::{Cancellation, Ending, Job, JobError};
use crate::profile::Task;
use crate::store::jobs::{JobFailure, JobType};
use crate::store::{Clock, Store, StoreError};

/// Why a task could not be recorded.
#[derive(Debug, Error)]
pub enum TaskFailure {
    #[error(transparent)]
    Job(#[from] JobError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A task that is running in this process. Dropped without [`TaskJob::finish`] it is closed as failed.
pub struct TaskJob {
    job: Job,
    name: String,
    parts: Vec<Value>,
    failure: Option<JobFailure>,
}

impl Library {
    /// Records that a task of a profile begins.
    pub fn begin_task(&self, choice: &Choice, task: &Task, cancel: &Cancellation) -> Result<TaskJob, TaskFailure> {
        let store = Store::open(&choice.settings.database.path)?;
        let mut request = self.job_request(JobType::Task, choice);
        request.path = Some(task.name.clone());
        let job = Job::begin(&store, &Clock::system(), request, cancel)?;
        Ok(TaskJob { job, name: task.name.clone(), parts: Vec::new(), failure: None })
    }
}

impl TaskJob {
    pub fn id(&self) -> &str {
        self.job.id()
    }

    pub fn begin_part(&self, verb: &str) {
        self.job.working_on(verb);
    }

    /// Notes that a part is done.
    pub fn part_done(&mut self, verb: &str) {
        self.parts.push(json!({ "part": verb, "outcome": "completed" }));
    }

    /// Notes that a part failed. The task has failed then, whatever its other parts do.
    pub fn part_failed(&mut self, verb: &str, message: &str, causes: &[String]) {
        self.parts.push(json!({ "part": verb, "outcome": "failed", "error": message }));
        let message = format!("{verb}: {message}");
        let failure = JobFailure { message, causes: causes.to_vec(), working_on: Some(verb.to_owned()) };
        self.failure.get_or_insert(failure);
    }

    /// Closes the record of the task.
    pub fn finish(self) -> Result<(), StoreError> {
        let summary = json!({ "task": self.name, "parts": self.parts });
        let ending = match self.failure {
            Some(error) => Ending::Failed { summary: Some(summary), error },
            None if self.job.is_cancelled() => Ending::Cancelled { summary: Some(summary) },
            None => Ending::Completed { summary },
        };
        self.job.finish(ending)
    }
}
