//! What happens to a job from its beginning to its deletion.

use std::os::unix::ffi::OsStrExt;

use rusqlite::{OptionalExtension, params};
use serde_json::Value;

use super::{JobFailure, JobStatus, NewJob};
use crate::disk::path_text;
use crate::store::{Db, StoreError};

/// Records a job: running when it has a process, else queued.
pub fn insert(db: &Db, job: &NewJob) -> Result<(), StoreError> {
    let status = if job.process.is_some() { JobStatus::Running } else { JobStatus::Queued };
    let started_ns = job.process.as_ref().map(|_| job.created_ns);
    db.prepare_cached(
        "INSERT INTO jobs (id, parent_id, type, status, created_ns, started_ns, pid, boot_id, process_started,
             heartbeat_ns, profile, path, log_file, argv, settings, plugins, working)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?6, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
    )?
    .execute(params![
        job.id,
        job.parent_id,
        job.job_type.name(),
        status.name(),
        job.created_ns,
        started_ns,
        job.process.as_ref().map(|process| process.pid),
        job.process.as_ref().map(|process| &process.boot_id),
        job.process.as_ref().map(|process| process.started),
        job.profile,
        job.path,
        job.log_file.as_deref().map(path_text::write),
        Value::from(job.argv.clone()).to_string(),
        job.settings.as_ref().map(Value::to_string),
        job.plugins.as_ref().map(Value::to_string),
        job.working.as_ref().map(|folder| folder.as_os_str().as_bytes()),
    ])?;
    let mut add_root = db.prepare_cached("INSERT OR IGNORE INTO job_roots (job_id, root) VALUES (?1, ?2)")?;
    for root in &job.roots {
        add_root.execute(params![job.id, root.as_os_str().as_bytes()])?;
    }
    Ok(())
}

/// Says that the job's process is alive.
pub fn beat(db: &Db, id: &str, now_ns: i64) -> Result<(), StoreError> {
    db.prepare_cached("UPDATE jobs SET heartbeat_ns = ?2 WHERE id = ?1 AND status = 'running'")?
        .execute(params![id, now_ns])?;
    Ok(())
}

/// Ends a job that is not over yet; returns whether it was this call that ended it.
pub fn finish(
    db: &Db,
    id: &str,
    status: JobStatus,
    summary: Option<&Value>,
    error: Option<&JobFailure>,
    completed_ns: i64,
) -> Result<bool, StoreError> {
    let error = error.map(|error| serde_json::json!(error).to_string());
    let ended = db
        .prepare_cached(
            "UPDATE jobs
             SET status = ?2, summary = coalesce(?3, summary), error = coalesce(?4, error), completed_ns = ?5,
                 files_affected = (SELECT count(DISTINCT file_id) FROM job_files
                                   WHERE job_id = ?1 AND outcome NOT IN ('failed', 'skipped', 'unstable', 'planned'))
             WHERE id = ?1 AND status IN ('queued', 'running')",
        )?
        .execute(params![id, status.name(), summary.map(Value::to_string), error, completed_ns])?;
    Ok(ended > 0)
}

/// Notes how many seconds each phase of a job took, and the programs that it used.
pub fn note_work(db: &Db, id: &str, timings: Option<&Value>, tools: Option<&Value>) -> Result<(), StoreError> {
    db.prepare_cached("UPDATE jobs SET timings = ?2, tools = ?3 WHERE id = ?1")?.execute(params![
        id,
        timings.map(Value::to_string),
        tools.map(Value::to_string),
    ])?;
    Ok(())
}

/// What asking a job to end led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CancelAnswer {
    /// It had not begun, and never will.
    Cancelled,
    /// It runs, and will end in order when it sees the request.
    Asked,
    AlreadyOver(JobStatus),
    Unknown,
}

/// Asks a job to end.
pub fn cancel(db: &Db, id: &str, now_ns: i64) -> Result<CancelAnswer, StoreError> {
    let status: Option<String> =
        db.query_row("SELECT status FROM jobs WHERE id = ?1", [id], |row| row.get(0)).optional()?;
    match status.as_deref().and_then(JobStatus::from_name) {
        None => Ok(CancelAnswer::Unknown),
        Some(JobStatus::Queued) => {
            finish(db, id, JobStatus::Cancelled, None, None, now_ns)?;
            Ok(CancelAnswer::Cancelled)
        }
        Some(JobStatus::Running) => {
            db.execute("UPDATE jobs SET cancel_requested = 1 WHERE id = ?1", [id])?;
            Ok(CancelAnswer::Asked)
        }
        Some(over) => Ok(CancelAnswer::AlreadyOver(over)),
    }
}

/// What one round of deleting led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deleted {
    pub jobs: usize,
    /// There is more to delete.
    pub more: bool,
}

/// Deletes finished jobs that were made and ended before a time, oldest first, at most `limit`.
///
/// What they did to files goes first, at most `row_limit` rows of it, so that one call is short whatever a job did.
pub fn delete_finished(db: &Db, before_ns: i64, limit: usize, row_limit: usize) -> Result<Deleted, StoreError> {
    let mut doomed = db.prepare_cached(
        "SELECT id FROM jobs
         WHERE status = ?1 AND created_ns < ?2 AND coalesce(completed_ns, created_ns) < ?2
         ORDER BY created_ns LIMIT ?3",
    )?;
    let mut delete_files = db.prepare_cached(
        "DELETE FROM job_files WHERE (job_id, file_id, outcome) IN
             (SELECT job_id, file_id, outcome FROM job_files WHERE job_id = ?1 LIMIT ?2)",
    )?;
    let mut delete_job = db.prepare_cached("DELETE FROM jobs WHERE id = ?1")?;
    let mut deleted = 0;
    let mut rows_left = row_limit;
    for status in JobStatus::ALL.into_iter().filter(|status| status.is_over()) {
        let ids: Vec<String> = doomed
            .query_map(params![status.name(), before_ns, (limit - deleted) as i64], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        for id in ids {
            rows_left -= delete_files.execute(params![id, rows_left as i64])?;
            if rows_left == 0 {
                return Ok(Deleted { jobs: deleted, more: true });
            }
            deleted += delete_job.execute([&id])?;
        }
    }
    Ok(Deleted { jobs: deleted, more: deleted == limit })
}
