//! Jobs: pieces of work that outlive the process that does them.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rusqlite::{OptionalExtension, Row, params};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Db, StoreError};

/// What sort of work it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum JobType {
    Scan,
    Apply,
    Task,
    Undo,
    Prune,
    Transcode,
    Move,
}

impl JobType {
    pub const ALL: [JobType; 7] =
        [Self::Scan, Self::Apply, Self::Task, Self::Undo, Self::Prune, Self::Transcode, Self::Move];

    pub fn name(self) -> &'static str {
        match self {
            Self::Scan => "scan",
            Self::Apply => "apply",
            Self::Task => "task",
            Self::Undo => "undo",
            Self::Prune => "prune",
            Self::Transcode => "transcode",
            Self::Move => "move",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|job_type| job_type.name() == name)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum JobStatus {
    Queued,
    Running,
    Completed,
    Failed,
    Cancelled,
}

impl JobStatus {
    pub const ALL: [JobStatus; 5] = [Self::Queued, Self::Running, Self::Completed, Self::Failed, Self::Cancelled];

    pub fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == name)
    }

    /// Nothing more will happen to the job.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::Cancelled)
    }
}

/// A process, told apart from others that had or will have its number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProcessMark {
    pub pid: u32,
    /// The boot of the system, and the pid namespace that the number belongs to.
    pub boot_id: String,
    /// Clock ticks after boot.
    pub started: i64,
}

/// Why a job failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobFailure {
    pub message: String,
    /// From the nearest cause to the last.
    #[serde(default)]
    pub causes: Vec<String>,
    /// What was being done at that moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub working_on: Option<String>,
}

/// A job that is about to be recorded.
#[derive(Debug, Clone)]
pub struct NewJob {
    pub id: String,
    pub parent_id: Option<String>,
    pub job_type: JobType,
    pub profile: Option<String>,
    /// What was asked for, as shown to people.
    pub path: Option<String>,
    pub argv: Vec<String>,
    /// The folder that relative paths in `argv` start from.
    pub working: Option<PathBuf>,
    pub settings: Option<Value>,
    pub plugins: Option<Value>,
    pub log_file: Option<PathBuf>,
    /// Who runs it; a job without is queued.
    pub process: Option<ProcessMark>,
    pub roots: Vec<PathBuf>,
    pub created_ns: i64,
}

/// A job as lists show it.
#[derive(Debug, Clone, PartialEq)]
pub struct JobRow {
    pub id: String,
    pub parent_id: Option<String>,
    pub job_type: JobType,
    pub status: JobStatus,
    pub created_ns: i64,
    pub started_ns: Option<i64>,
    pub completed_ns: Option<i64>,
    pub process: Option<ProcessMark>,
    pub heartbeat_ns: Option<i64>,
    pub cancel_requested: bool,
    pub files_affected: i64,
    pub profile: Option<String>,
    pub path: Option<String>,
    pub log_file: Option<PathBuf>,
    pub summary: Option<Value>,
    /// What [`JobDetails::error`] begins with.
    pub error_message: Option<String>,
}

/// The parts of a job that only a look at it alone shows.
#[derive(Debug, Clone, PartialEq)]
pub struct JobDetails {
    pub error: Option<JobFailure>,
    pub argv: Vec<String>,
    pub working: Option<PathBuf>,
    pub settings: Option<Value>,
    pub plugins: Option<Value>,
    pub tools: Option<Value>,
    /// Seconds by phase.
    pub timings: Option<Value>,
}

/// Which jobs are wanted; whatever is empty does not matter.
#[derive(Debug, Clone, Default)]
pub struct JobFilter {
    pub statuses: Vec<JobStatus>,
    pub types: Vec<JobType>,
    /// Made at this time or later.
    pub since_ns: Option<i64>,
    /// Made before this time.
    pub until_ns: Option<i64>,
    pub profile: Option<String>,
    /// Jobs that did something to one of these files.
    pub files: Option<Vec<i64>>,
    /// Only those older than this job: the last of the page before.
    pub after: Option<(i64, String)>,
    pub limit: usize,
}

macro_rules! row_columns {
    () => {
        "id, parent_id, type, status, created_ns, started_ns, completed_ns, pid, boot_id, process_started, heartbeat_ns,
         cancel_requested, files_affected, profile, path, log_file, summary,
         CASE WHEN json_valid(error) THEN json_extract(error, '$.message') ELSE error END"
    };
}

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
        job.log_file.as_ref().map(|path| path.to_string_lossy()),
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

pub fn is_cancel_requested(db: &Db, id: &str) -> Result<bool, StoreError> {
    let requested: Option<bool> = db
        .prepare_cached("SELECT cancel_requested FROM jobs WHERE id = ?1")?
        .query_row([id], |row| row.get(0))
        .optional()?;
    Ok(requested.unwrap_or(false))
}

/// Jobs that have not ended, oldest first.
pub fn unfinished(db: &Db) -> Result<Vec<JobRow>, StoreError> {
    let mut statement = db.prepare_cached(concat!(
        "SELECT ",
        row_columns!(),
        " FROM jobs WHERE status IN ('queued', 'running') ORDER BY created_ns, id"
    ))?;
    let rows = statement.query_map([], read_row)?.collect::<Result<_, _>>()?;
    Ok(rows)
}

/// The roots that running jobs of a type work on, each with the job.
pub fn roots_at_work(db: &Db, job_type: JobType) -> Result<Vec<(PathBuf, JobRow)>, StoreError> {
    let mut statement = db.prepare_cached(concat!(
        "SELECT ",
        row_columns!(),
        ", r.root FROM jobs JOIN job_roots r ON r.job_id = jobs.id WHERE status = 'running' AND type = ?1"
    ))?;
    let rows = statement
        .query_map([job_type.name()], |row| Ok((path_of(row.get_ref(18)?.as_bytes()?), read_row(row)?)))?
        .collect::<Result<_, _>>()?;
    Ok(rows)
}

/// Finds a job by its whole id.
pub fn find(db: &Db, id: &str) -> Result<Option<(JobRow, JobDetails)>, StoreError> {
    let found = db
        .prepare_cached(concat!(
            "SELECT ",
            row_columns!(),
            ", error, argv, settings, plugins, tools, timings, working FROM jobs WHERE id = ?1"
        ))?
        .query_row([id], |row| {
            let json =
                |column| Ok::<_, rusqlite::Error>(row.get::<_, Option<String>>(column)?.map(|text| lenient(&text)));
            let error = json(18)?.map(|value| {
                serde_json::from_value(value.clone()).unwrap_or_else(|_| JobFailure {
                    message: value.as_str().map_or_else(|| value.to_string(), str::to_owned),
                    causes: Vec::new(),
                    working_on: None,
                })
            });
            let argv = json(19)?.and_then(|value| serde_json::from_value(value).ok()).unwrap_or_default();
            let working = row.get::<_, Option<Vec<u8>>>(24)?.map(|bytes| path_of(&bytes));
            let (settings, plugins, tools, timings) = (json(20)?, json(21)?, json(22)?, json(23)?);
            Ok((read_row(row)?, JobDetails { error, argv, working, settings, plugins, tools, timings }))
        })
        .optional()?;
    Ok(found)
}

/// The parts of a task, in the order in which they began.
pub fn parts_of(db: &Db, task: &JobRow) -> Result<Vec<JobRow>, StoreError> {
    // Parts begin while their task runs, so only jobs of that time are looked at.
    let mut statement = db.prepare_cached(concat!(
        "SELECT ",
        row_columns!(),
        " FROM jobs WHERE created_ns >= ?2 AND created_ns <= ?3 AND parent_id = ?1 ORDER BY created_ns, id"
    ))?;
    let end_ns = task.completed_ns.unwrap_or(i64::MAX);
    let parts = statement.query_map(params![task.id, task.created_ns, end_ns], read_row)?.collect::<Result<_, _>>()?;
    Ok(parts)
}

/// Jobs whose id begins with these very characters, at most `limit`.
pub fn with_prefix(db: &Db, prefix: &str, limit: usize) -> Result<Vec<JobRow>, StoreError> {
    let mut statement = db.prepare_cached(concat!(
        "SELECT ",
        row_columns!(),
        " FROM jobs WHERE id >= ?1 AND id < ?2 ORDER BY id LIMIT ?3"
    ))?;
    let beyond = format!("{prefix}\u{10ffff}");
    let rows = statement.query_map(params![prefix, beyond, limit as i64], read_row)?.collect::<Result<_, _>>()?;
    Ok(rows)
}

/// How many characters of this id, at least `least`, no other job's id begins with.
pub fn unique_length(db: &Db, id: &str, least: usize) -> Result<usize, StoreError> {
    let neighbours: [Option<String>; 2] = db
        .prepare_cached("SELECT (SELECT max(id) FROM jobs WHERE id < ?1), (SELECT min(id) FROM jobs WHERE id > ?1)")?
        .query_row([id], |row| Ok([row.get(0)?, row.get(1)?]))?;
    let shared = |other: &String| id.bytes().zip(other.bytes()).take_while(|(a, b)| a == b).count();
    let needed = neighbours.iter().flatten().map(shared).max().unwrap_or(0) + 1;
    Ok(needed.max(least).min(id.len()))
}

macro_rules! newest_sql {
    ($source:literal) => {
        concat!(
            "SELECT ",
            row_columns!(),
            " FROM jobs WHERE ",
            $source,
            " AND created_ns >= ?2 AND created_ns < ?3 AND (created_ns, id) < (?4, ?5)
             AND (?6 IS NULL OR profile = ?6)
             AND (?7 IS NULL OR type IN (SELECT value FROM json_each(?7)))
             AND (?8 IS NULL OR status IN (SELECT value FROM json_each(?8)))
             ORDER BY created_ns DESC, id DESC LIMIT ?9"
        )
    };
}

/// The newest jobs that pass the filter, newest first.
pub fn newest(db: &Db, filter: &JobFilter) -> Result<Vec<JobRow>, StoreError> {
    // One walk along an index for each status or type, so that rare ones are found without reading all others.
    let mut rows = Vec::new();
    if let Some(files) = &filter.files {
        for id in of_files(db, files)? {
            rows.extend(walk(db, newest_sql!("id = ?1"), Some(&id), filter)?);
        }
    } else if !filter.statuses.is_empty() {
        for status in &filter.statuses {
            rows.extend(walk(db, newest_sql!("status = ?1"), Some(status.name()), filter)?);
        }
    } else if !filter.types.is_empty() {
        for job_type in &filter.types {
            rows.extend(walk(db, newest_sql!("type = ?1"), Some(job_type.name()), filter)?);
        }
    } else {
        rows = walk(db, newest_sql!("?1 IS NULL"), None, filter)?;
    }
    rows.sort_by(|a, b| (b.created_ns, &b.id).cmp(&(a.created_ns, &a.id)));
    rows.dedup_by(|a, b| a.id == b.id);
    rows.truncate(filter.limit);
    Ok(rows)
}

/// Jobs that did something to one of these files.
fn of_files(db: &Db, files: &[i64]) -> Result<Vec<String>, StoreError> {
    let ids = db
        .prepare_cached("SELECT DISTINCT job_id FROM job_files WHERE file_id IN (SELECT value FROM json_each(?1))")?
        .query_map([Value::from(files).to_string()], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    Ok(ids)
}

fn walk(db: &Db, sql: &str, source: Option<&str>, filter: &JobFilter) -> Result<Vec<JobRow>, StoreError> {
    let words = |names: Vec<&str>| (!names.is_empty()).then(|| Value::from(names).to_string());
    let types = words(filter.types.iter().map(|job_type| job_type.name()).collect());
    let statuses = words(filter.statuses.iter().map(|status| status.name()).collect());
    let (after_ns, after_id) = filter.after.as_ref().map_or((i64::MAX, ""), |(ns, id)| (*ns, id.as_str()));
    // The walk begins at the nearer of the two ends, which SQLite does not see by itself.
    let until_ns = filter.until_ns.unwrap_or(i64::MAX).min(after_ns.saturating_add(1));
    let rows = db
        .prepare_cached(sql)?
        .query_map(
            params![
                source,
                filter.since_ns.unwrap_or(i64::MIN),
                until_ns,
                after_ns,
                after_id,
                filter.profile,
                types,
                statuses,
                i64::try_from(filter.limit).unwrap_or(i64::MAX),
            ],
            read_row,
        )?
        .collect::<Result<_, _>>()?;
    Ok(rows)
}

/// How many jobs there are of each status.
pub fn counts(db: &Db) -> Result<Vec<(JobStatus, i64)>, StoreError> {
    let mut statement = db.prepare_cached("SELECT status, count(*) FROM jobs GROUP BY status")?;
    let counted = statement.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get(1)?)))?;
    let mut counts = Vec::new();
    for row in counted {
        let (name, count) = row?;
        counts.extend(JobStatus::from_name(&name).map(|status| (status, count)));
    }
    Ok(counts)
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

fn read_row(row: &Row<'_>) -> Result<JobRow, rusqlite::Error> {
    let job_type: String = row.get(2)?;
    let status: String = row.get(3)?;
    let process = match (row.get::<_, Option<u32>>(7)?, row.get(8)?, row.get(9)?) {
        (Some(pid), Some(boot_id), Some(started)) => Some(ProcessMark { pid, boot_id, started }),
        _ => None,
    };
    Ok(JobRow {
        id: row.get(0)?,
        parent_id: row.get(1)?,
        job_type: JobType::from_name(&job_type).ok_or(rusqlite::Error::InvalidQuery)?,
        status: JobStatus::from_name(&status).ok_or(rusqlite::Error::InvalidQuery)?,
        created_ns: row.get(4)?,
        started_ns: row.get(5)?,
        completed_ns: row.get(6)?,
        process,
        heartbeat_ns: row.get(10)?,
        cancel_requested: row.get(11)?,
        files_affected: row.get(12)?,
        profile: row.get(13)?,
        path: row.get(14)?,
        log_file: row.get::<_, Option<String>>(15)?.map(PathBuf::from),
        summary: row.get::<_, Option<String>>(16)?.map(|text| lenient(&text)),
        error_message: row.get(17)?,
    })
}

/// Reads JSON that we wrote; what is none, in a database that somebody mended, is shown as text.
fn lenient(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()))
}

/// A path from the bytes of a column.
pub(super) fn path_of(bytes: &[u8]) -> PathBuf {
    Path::new(OsStr::from_bytes(bytes)).to_owned()
}
