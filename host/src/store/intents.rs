//! Files that are being changed, written down before anything is touched.

use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rusqlite::params;

use super::{Db, StoreError, path_of};

/// One change as it is written down.
#[derive(Debug, Clone, PartialEq)]
pub struct IntentRow {
    pub id: i64,
    pub file_id: i64,
    pub original: PathBuf,
    pub work: PathBuf,
    pub target: PathBuf,
    pub backup: Option<PathBuf>,
    /// JSON.
    pub plan: String,
    /// What an edit in place overwrites, as it is to be read back.
    pub undo: Option<Vec<u8>>,
    pub stage: String,
}

/// Writes a change down; its id is set by the database.
pub fn insert(db: &Db, job_id: &str, row: &IntentRow, now_ns: i64) -> Result<i64, StoreError> {
    db.prepare_cached(
        "INSERT INTO intents (job_id, file_id, original, work, target, backup, plan, stage, at_ns)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?
    .execute(params![
        job_id,
        row.file_id,
        bytes(&row.original),
        bytes(&row.work),
        bytes(&row.target),
        row.backup.as_deref().map(bytes),
        row.plan,
        row.stage,
        now_ns
    ])?;
    Ok(db.last_insert_rowid())
}

/// Notes how far a change has come.
pub fn update(
    db: &Db,
    id: i64,
    stage: &str,
    backup: Option<&Path>,
    plan: &str,
    undo: Option<&[u8]>,
    now_ns: i64,
) -> Result<(), StoreError> {
    db.prepare_cached("UPDATE intents SET stage = ?2, backup = ?3, plan = ?4, undo = ?5, at_ns = ?6 WHERE id = ?1")?
        .execute(params![id, stage, backup.map(bytes), plan, undo, now_ns])?;
    Ok(())
}

/// Whether a change of a file is written down that has not come to its end.
pub fn is_open(db: &Db, file_id: i64) -> Result<bool, StoreError> {
    Ok(db
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM intents WHERE file_id = ?1 AND stage <> 'committed')")?
        .query_row([file_id], |row| row.get(0))?)
}

/// Forgets a change of which nothing is left to settle.
pub fn delete(db: &Db, id: i64) -> Result<(), StoreError> {
    db.prepare_cached("DELETE FROM intents WHERE id = ?1")?.execute([id])?;
    Ok(())
}

/// The files that a job was changing when it was last heard of.
pub fn files_in_work(db: &Db, job_id: &str) -> Result<Vec<PathBuf>, StoreError> {
    let mut statement =
        db.prepare_cached("SELECT original FROM intents WHERE job_id = ?1 AND stage <> 'committed' ORDER BY id")?;
    let files =
        statement.query_map([job_id], |row| Ok(path_of(row.get_ref(0)?.as_bytes()?)))?.collect::<Result<_, _>>()?;
    Ok(files)
}

/// Takes over the changes of jobs that are no longer running, so that nobody else settles them meanwhile.
pub fn take_over(db: &Db, job_id: &str) -> Result<Vec<IntentRow>, StoreError> {
    db.prepare_cached(
        "UPDATE intents SET job_id = ?1
         WHERE NOT EXISTS (SELECT 1 FROM jobs j WHERE j.id = intents.job_id AND j.status = 'running')",
    )?
    .execute([job_id])?;
    let mut statement = db.prepare_cached(
        "SELECT id, file_id, original, work, target, backup, plan, stage, undo FROM intents WHERE job_id = ?1 ORDER BY id",
    )?;
    let rows = statement
        .query_map([job_id], |row| {
            let path = |column| Ok::<_, rusqlite::Error>(path_of(row.get_ref(column)?.as_bytes()?));
            Ok(IntentRow {
                id: row.get(0)?,
                file_id: row.get(1)?,
                original: path(2)?,
                work: path(3)?,
                target: path(4)?,
                backup: row.get::<_, Option<Vec<u8>>>(5)?.map(|path| path_of(&path)),
                plan: row.get(6)?,
                stage: row.get(7)?,
                undo: row.get(8)?,
            })
        })?
        .collect::<Result<_, _>>()?;
    Ok(rows)
}

fn bytes(path: &Path) -> &[u8] {
    path.as_os_str().as_bytes()
}
