//! Jobs whose process died are closed by whoever comes next.

use std::path::PathBuf;
use std::time::Duration;

use tracing::warn;

use super::Processes;
use crate::media::text;
use crate::store::jobs::{self, JobFailure, JobRow, JobStatus};
use crate::store::{Clock, Db, Store, StoreError, intents};

/// The summary word and message of a job whose process died.
pub const INTERRUPTED: &str = "interrupted";

/// Running jobs whose process is gone.
pub fn abandoned(db: &Db, processes: &Processes<'_>, now_ns: i64) -> Result<Vec<JobRow>, StoreError> {
    let mut unfinished = jobs::unfinished(db)?;
    unfinished.retain(|job| job.status == JobStatus::Running && processes.is_gone(job, now_ns));
    Ok(unfinished)
}

/// Closes abandoned jobs as failed, at the time of their last sign of life; inside the caller's transaction.
pub fn settle(db: &Db, processes: &Processes<'_>, now_ns: i64) -> Result<Vec<JobRow>, StoreError> {
    let mut closed = Vec::new();
    for mut job in abandoned(db, processes, now_ns)? {
        let failure = failure(&job, &intents::files_in_work(db, &job.id)?);
        if jobs::finish(db, &job.id, JobStatus::Failed, job.summary.as_ref(), Some(&failure), ended_ns(&job))? {
            warn!(job = job.id, job_type = job.job_type.name(), "a job was interrupted");
            job.close();
            closed.push(job);
        }
    }
    Ok(closed)
}

/// Closes abandoned jobs if that can be done at once, for commands that only read.
///
/// Returns those that should be shown as interrupted although the database does not say so yet.
pub fn settle_if_free(store: &Store, clock: &Clock) -> Result<Vec<JobRow>, StoreError> {
    let processes = Processes::of_system();
    let mut left = abandoned(&*store.reader()?, &processes, clock.now_ns())?;
    if left.is_empty() {
        return Ok(left);
    }
    let settled = store
        .writer_waiting(Duration::ZERO)
        .and_then(|mut writer| writer.transaction(|db| settle(db, &processes, clock.now_ns())));
    match settled {
        Ok(_) => Ok(Vec::new()),
        // Somebody writes, or nobody may: the answer is given all the same.
        Err(_) => {
            left.iter_mut().for_each(JobRow::close);
            Ok(left)
        }
    }
}

fn failure(job: &JobRow, files_in_work: &[PathBuf]) -> JobFailure {
    let cause = match &job.process {
        Some(process) => format!("its process {} ended without closing it", process.pid),
        None => "its process ended without closing it".to_owned(),
    };
    let files: Vec<String> = files_in_work.iter().map(|file| text::path(file)).collect();
    let working_on = (!files.is_empty()).then(|| files.join(", "));
    JobFailure { message: INTERRUPTED.to_owned(), causes: vec![cause], working_on }
}

fn ended_ns(job: &JobRow) -> i64 {
    job.heartbeat_ns.or(job.started_ns).unwrap_or(job.created_ns)
}

impl JobRow {
    /// Makes the row say what the database will say once the job is closed.
    fn close(&mut self) {
        self.status = JobStatus::Failed;
        self.completed_ns = Some(ended_ns(self));
        self.error_message = Some(INTERRUPTED.to_owned());
    }
}
