//! Finding jobs: one by its id, the newest that pass a filter, those at work.

use std::path::PathBuf;

use rusqlite::{OptionalExtension, Row, params};
use serde_json::Value;

use super::{JobDetails, JobFailure, JobFilter, JobRow, JobStatus, JobType, ProcessMark};
use crate::disk::path_text;
use crate::store::{Db, StoreError, path_of};

macro_rules! row_columns {
    () => {
        "id, parent_id, type, status, created_ns, started_ns, completed_ns, pid, boot_id, process_started, heartbeat_ns,
         cancel_requested, files_affected, profile, path, log_file, summary,
         CASE WHEN json_valid(error) THEN json_extract(error, '$.message') ELSE error END"
    };
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

/// As the index `jobs_with_failed_files` has it, which is found by these words.
macro_rules! files_failed {
    () => {
        "json_valid(summary) AND (summary ->> 'failed' > 0 OR summary ->> 'errors' > 0)"
    };
}

macro_rules! newest_sql {
    ($source:expr) => {
        concat!(
            "SELECT ",
            row_columns!(),
            " FROM jobs WHERE ",
            $source,
            " AND created_ns >= ?2 AND created_ns < ?3 AND (created_ns, id) < (?4, ?5)
             AND (?6 IS NULL OR profile = ?6)
             AND (?7 IS NULL OR type IN (SELECT value FROM json_each(?7)))
             AND (?8 IS NULL OR status IN (SELECT value FROM json_each(?8)) OR (?10 AND ",
            files_failed!(),
            "))
             ORDER BY created_ns DESC, id DESC LIMIT ?9"
        )
    };
}

const WITH_FAILED_FILES: &str = newest_sql!(concat!("?1 IS NULL AND ", files_failed!()));

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
        if filter.with_failed_files {
            rows.extend(walk(db, WITH_FAILED_FILES, None, filter)?);
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
                filter.with_failed_files,
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

pub fn is_cancel_requested(db: &Db, id: &str) -> Result<bool, StoreError> {
    let requested: Option<bool> = db
        .prepare_cached("SELECT cancel_requested FROM jobs WHERE id = ?1")?
        .query_row([id], |row| row.get(0))
        .optional()?;
    Ok(requested.unwrap_or(false))
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
        log_file: row.get::<_, Option<String>>(15)?.map(|text| path_text::read(&text)),
        summary: row.get::<_, Option<String>>(16)?.map(|text| lenient(&text)),
        error_message: row.get(17)?,
    })
}

/// Reads JSON that we wrote; what is none, in a database that somebody mended, is shown as text.
fn lenient(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Store;

    #[test]
    fn jobs_in_which_files_failed_are_found_without_reading_the_others() {
        let folder = tempfile::tempdir().unwrap();
        let writer = Store::open(&folder.path().join("library.db")).unwrap().writer().unwrap();
        writer
            .execute_batch(
                "INSERT INTO jobs (id, type, status, created_ns, summary) VALUES
                 ('a', 'scan', 'completed', 1, '{\"errors\": 2}'), ('b', 'apply', 'completed', 2, '{\"failed\": 0}'),
                 ('c', 'apply', 'failed', 3, NULL), ('d', 'apply', 'completed', 4, 'no JSON'),
                 ('e', 'apply', 'completed', 5, '{\"failed\": 1}')",
            )
            .unwrap();

        let filter =
            JobFilter { statuses: vec![JobStatus::Failed], with_failed_files: true, limit: 10, ..JobFilter::default() };
        let found: Vec<String> = newest(&writer, &filter).unwrap().into_iter().map(|job| job.id).collect();
        let mut plan = writer.prepare(&format!("EXPLAIN QUERY PLAN {WITH_FAILED_FILES}")).unwrap();
        let nothing = rusqlite::params_from_iter([None::<i64>; 10]);
        let plan: Vec<String> = plan.query_map(nothing, |row| row.get(3)).unwrap().map(Result::unwrap).collect();

        assert_eq!(found, ["e", "c", "a"]);
        assert!(plan[0].contains("USING INDEX jobs_with_failed_files"), "{plan:?}");
    }
}
