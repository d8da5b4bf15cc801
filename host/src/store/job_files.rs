//! What jobs did to files.

use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rusqlite::{Row, params};

use super::{Db, Happening, StoreError, path_of};

/// What one job did to one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobFile {
    pub file_id: i64,
    /// Where the file was at that time.
    pub path: PathBuf,
    pub outcome: Happening,
    pub reason: Option<String>,
}

/// How many files of a job came to the same end for the same reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutcomeCount {
    pub outcome: Happening,
    pub reason: Option<String>,
    pub files: i64,
}

/// Records an outcome; the same one again replaces its reason.
pub fn record(
    db: &Db,
    job_id: &str,
    file_id: i64,
    path: &Path,
    outcome: Happening,
    reason: Option<&str>,
) -> Result<(), StoreError> {
    db.prepare_cached(
        "INSERT INTO job_files (job_id, file_id, path, outcome, reason) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (job_id, file_id, outcome) DO UPDATE SET path = excluded.path, reason = excluded.reason",
    )?
    .execute(params![job_id, file_id, path.as_os_str().as_bytes(), outcome.name(), reason])?;
    Ok(())
}

/// Forgets that a file was still to be changed, because it has come to an end.
pub fn end_planned(db: &Db, job_id: &str, file_id: i64) -> Result<(), StoreError> {
    db.prepare_cached("DELETE FROM job_files WHERE job_id = ?1 AND file_id = ?2 AND outcome = 'planned'")?
        .execute(params![job_id, file_id])?;
    Ok(())
}

/// Outcomes of a job, grouped by reason; the most frequent first.
pub fn counts(db: &Db, job_id: &str) -> Result<Vec<OutcomeCount>, StoreError> {
    let mut statement = db.prepare_cached(
        "SELECT outcome, reason, count(*) FROM job_files WHERE job_id = ?1
         GROUP BY outcome, reason ORDER BY count(*) DESC, outcome, reason",
    )?;
    let counted = statement
        .query_map([job_id], |row| {
            Ok(OutcomeCount { outcome: happening(row, 0)?, reason: row.get(1)?, files: row.get(2)? })
        })?
        .collect::<Result<_, _>>()?;
    Ok(counted)
}

/// Files of a job in the order of their ids, beginning after a file, at most `limit`.
pub fn of_job(db: &Db, job_id: &str, after: Option<(i64, &str)>, limit: usize) -> Result<Vec<JobFile>, StoreError> {
    let mut statement = db.prepare_cached(
        "SELECT file_id, path, outcome, reason FROM job_files
         WHERE job_id = ?1 AND (file_id, outcome) > (?2, ?3) ORDER BY file_id, outcome LIMIT ?4",
    )?;
    let (after_id, after_outcome) = after.unwrap_or((i64::MIN, ""));
    let files = statement
        .query_map(params![job_id, after_id, after_outcome, limit as i64], |row| {
            Ok(JobFile {
                file_id: row.get(0)?,
                path: path_of(row.get_ref(1)?.as_bytes()?),
                outcome: happening(row, 2)?,
                reason: row.get(3)?,
            })
        })?
        .collect::<Result<_, _>>()?;
    Ok(files)
}

pub(super) fn happening(row: &Row<'_>, column: usize) -> Result<Happening, rusqlite::Error> {
    let name: String = row.get(column)?;
    Happening::from_name(&name).ok_or(rusqlite::Error::InvalidColumnName(name))
}

/// Forgets what a job recorded of a file whose row turned out to be another file that had moved.
pub fn forget(db: &Db, job_id: &str, file_id: i64) -> Result<(), StoreError> {
    db.prepare_cached("DELETE FROM job_files WHERE job_id = ?1 AND file_id = ?2")?.execute(params![job_id, file_id])?;
    Ok(())
}
