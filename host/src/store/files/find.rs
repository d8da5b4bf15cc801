//! Finding files: by id, by place, by identity, by state.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rusqlite::{OptionalExtension, params};

use super::{Candidate, FileState, Known, candidate, observation, path, range_below};
use crate::disk::Observation;
use crate::store::{Db, StoreError};

/// The id of the file that was recorded last; zero when there is none.
pub fn last(db: &Db) -> Result<i64, StoreError> {
    Ok(db.query_row("SELECT coalesce(max(id), 0) FROM files", [], |row| row.get(0))?)
}

/// Hands over every file recorded in a folder, sorted by name, with the reader of its facts.
pub fn in_folder(db: &Db, folder_id: i64, mut each: impl FnMut(&OsStr, Option<&str>, Known)) -> Result<(), StoreError> {
    let mut statement = db.prepare_cached(
        "SELECT name, id, size, mtime_ns, ctime_ns, inode, device, links, observed_ns, state, missing_since_ns, reader
         FROM files WHERE folder_id = ?1 ORDER BY name",
    )?;
    let mut rows = statement.query([folder_id])?;
    while let Some(row) = rows.next()? {
        let known = Known {
            id: row.get(1)?,
            observation: observation(row, 2)?,
            observed_ns: row.get(8)?,
            state: FileState::from_name(row.get_ref(9)?.as_str().map_err(rusqlite::Error::from)?),
            is_missing: !matches!(row.get_ref(10)?, rusqlite::types::ValueRef::Null),
        };
        let reader = row.get_ref(11)?.as_str_or_null().map_err(rusqlite::Error::from)?;
        each(OsStr::from_bytes(row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?), reader, known);
    }
    Ok(())
}

/// The ids of the files in a folder that are not missing.
pub fn present_in(db: &Db, folder_id: i64) -> Result<Vec<i64>, StoreError> {
    let mut statement = db.prepare_cached("SELECT id FROM files WHERE folder_id = ?1 AND missing_since_ns IS NULL")?;
    let ids = statement.query_map([folder_id], |row| row.get(0))?.collect::<Result<_, _>>()?;
    Ok(ids)
}

/// The hashes that were taken when a file was read.
pub struct Hashes {
    pub sample: Option<Vec<u8>>,
    /// Of every byte; only where it was asked for.
    pub full: Option<Vec<u8>>,
}

/// The hashes of a file.
pub fn hashes(db: &Db, id: i64) -> Result<Hashes, StoreError> {
    Ok(db
        .prepare_cached("SELECT sample_hash, full_hash FROM files WHERE id = ?1")?
        .query_row([id], |row| Ok(Hashes { sample: row.get(0)?, full: row.get(1)? }))?)
}

/// Finds a recorded file with the same identity as an observation: device, inode, size and modification time.
pub fn find_same(db: &Db, observation: &Observation) -> Result<Option<i64>, StoreError> {
    Ok(db
        .prepare_cached(
            "SELECT id FROM files
             WHERE inode = ?1 AND device = ?2 AND size = ?3 AND mtime_ns = ?4 AND state = 'ok' LIMIT 1",
        )?
        .query_row(
            params![observation.inode as i64, observation.device as i64, observation.size as i64, observation.mtime_ns],
            |row| row.get(0),
        )
        .optional()?)
}

/// What is recorded of a file that could not be read.
pub struct Failure {
    pub error: String,
    pub reader: Option<String>,
    pub sample: Option<Vec<u8>>,
}

/// Finds a file with the same identity as an observation that could not be read.
pub fn find_same_failure(db: &Db, observation: &Observation) -> Result<Option<Failure>, StoreError> {
    Ok(db
        .prepare_cached(
            "SELECT coalesce(error, ''), reader, sample_hash FROM files
             WHERE inode = ?1 AND device = ?2 AND size = ?3 AND mtime_ns = ?4 AND state = 'error' LIMIT 1",
        )?
        .query_row(
            params![observation.inode as i64, observation.device as i64, observation.size as i64, observation.mtime_ns],
            |row| Ok(Failure { error: row.get(0)?, reader: row.get(1)?, sample: row.get(2)? }),
        )
        .optional()?)
}

/// Finds a file by its id.
pub fn find(db: &Db, id: i64) -> Result<Option<Candidate>, StoreError> {
    Ok(db
        .prepare_cached(
            "SELECT f.id, d.path, f.name, f.size, f.mtime_ns, f.ctime_ns, f.inode, f.device, f.links, f.sample_hash,
                 f.state
             FROM files f JOIN folders d ON d.id = f.folder_id WHERE f.id = ?1",
        )?
        .query_row([id], candidate)
        .optional()?)
}

/// Why the file at an absolute path could not be read; none when it was, or is not recorded.
pub fn error_at(db: &Db, path: &Path) -> Result<Option<String>, StoreError> {
    let Some(file) = find_at(db, path)? else { return Ok(None) };
    let mut statement = db.prepare_cached("SELECT error FROM files WHERE id = ?1 AND state = 'error'")?;
    Ok(statement.query_row([file.id], |row| row.get(0)).optional()?.flatten())
}

/// Finds a file by its absolute path.
pub fn find_at(db: &Db, path: &Path) -> Result<Option<Candidate>, StoreError> {
    let folder = path.parent().unwrap_or(Path::new("/")).as_os_str().as_bytes();
    let name = path.file_name().unwrap_or_default().as_bytes();
    Ok(db
        .prepare_cached(
            "SELECT f.id, d.path, f.name, f.size, f.mtime_ns, f.ctime_ns, f.inode, f.device, f.links, f.sample_hash,
                 f.state
             FROM files f JOIN folders d ON d.id = f.folder_id WHERE d.path = ?1 AND f.name = ?2",
        )?
        .query_row([folder, name], candidate)
        .optional()?)
}

/// A file that was first seen lately, as far as moves are recognised by it.
pub struct Newcomer<'a> {
    pub id: i64,
    pub folder_id: i64,
    pub first_seen_ns: i64,
    pub inode: u64,
    pub sample: Option<&'a [u8]>,
}

/// Hands over the files that were first seen at or after a time, the last first. Rows come in the order of their ids, so that
/// no more of them are read.
pub fn each_newcomer(
    db: &Db,
    since_ns: i64,
    mut each: impl FnMut(Newcomer<'_>) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let mut statement = db.prepare_cached(
        "SELECT id, inode, sample_hash, first_seen_ns, missing_since_ns IS NULL, folder_id FROM files ORDER BY id DESC",
    )?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let first_seen_ns = row.get(3)?;
        if first_seen_ns < since_ns {
            break;
        }
        if row.get(4)? {
            let sample = row.get_ref(2)?.as_blob_or_null().map_err(rusqlite::Error::from)?;
            let inode = row.get::<_, i64>(1)? as u64;
            each(Newcomer { id: row.get(0)?, folder_id: row.get(5)?, first_seen_ns, inode, sample })?;
        }
    }
    Ok(())
}

/// The files of these rows, whatever comes with them.
pub fn all_of<T>(db: &Db, rows: &[(i64, T)]) -> Result<Vec<Candidate>, StoreError> {
    rows.iter().filter_map(|(id, _)| find(db, *id).transpose()).collect()
}

/// Whether any file is missing.
pub fn is_any_missing(db: &Db) -> Result<bool, StoreError> {
    Ok(db.query_row("SELECT EXISTS (SELECT 1 FROM files WHERE missing_since_ns IS NOT NULL)", [], |row| row.get(0))?)
}

/// Hands over every missing file.
pub fn each_missing(db: &Db, mut each: impl FnMut(Candidate)) -> Result<(), StoreError> {
    let mut statement = db.prepare_cached(
        "SELECT f.id, d.path, f.name, f.size, f.mtime_ns, f.ctime_ns, f.inode, f.device, f.links, f.sample_hash,
             f.state
         FROM files f JOIN folders d ON d.id = f.folder_id WHERE f.missing_since_ns IS NOT NULL",
    )?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        each(candidate(row)?);
    }
    Ok(())
}

/// Hands over every file at or below a folder that is not missing.
pub fn each_present_below(db: &Db, folder: &Path, mut each: impl FnMut(Candidate)) -> Result<(), StoreError> {
    let (from, to) = range_below(folder);
    let mut statement = db.prepare_cached(
        "SELECT f.id, d.path, f.name, f.size, f.mtime_ns, f.ctime_ns, f.inode, f.device, f.links, f.sample_hash,
             f.state
         FROM folders d JOIN files f ON f.folder_id = d.id
         WHERE (d.path = ?1 OR (d.path > ?2 AND d.path < ?3)) AND f.missing_since_ns IS NULL",
    )?;
    let mut rows = statement.query(params![folder.as_os_str().as_bytes(), from, to])?;
    while let Some(row) = rows.next()? {
        each(candidate(row)?);
    }
    Ok(())
}

/// Counts the files at or below a folder that are there and could not be read.
pub fn count_unreadable_below(db: &Db, folder: &Path) -> Result<usize, StoreError> {
    let folder = folder.as_os_str().as_bytes();
    let (from, to) = ([folder, b"/"].concat(), [folder, b"0"].concat());
    let count: i64 = db
        .prepare_cached(
            "SELECT count(*) FROM folders d JOIN files f ON f.folder_id = d.id
             WHERE (d.path = ?1 OR (d.path > ?2 AND d.path < ?3)) AND f.missing_since_ns IS NULL AND f.state <> 'ok'",
        )?
        .query_row(params![folder, from, to], |row| row.get(0))?;
    Ok(usize::try_from(count).unwrap_or(0))
}

/// Counts the files of a root that are there and were first seen by its last complete scan or before.
pub fn count_settled_below(db: &Db, root: &Path) -> Result<u64, StoreError> {
    let (from, to) = range_below(root);
    let count: i64 = db
        .prepare_cached(
            "SELECT count(*) FROM folders d JOIN files f ON f.folder_id = d.id
             WHERE (d.path = ?1 OR (d.path > ?2 AND d.path < ?3)) AND f.missing_since_ns IS NULL
                 AND f.first_seen_ns <= (SELECT last_complete_scan_ns FROM roots WHERE path = ?1)",
        )?
        .query_row(params![root.as_os_str().as_bytes(), from, to], |row| row.get(0))?;
    Ok(count as u64)
}

/// The missing files at or below a folder, with where they were.
pub fn missing_below(db: &Db, root: &Path) -> Result<Vec<(i64, PathBuf)>, StoreError> {
    let (from, to) = range_below(root);
    let mut statement = db.prepare_cached(
        "SELECT f.id, d.path, f.name FROM files f JOIN folders d ON d.id = f.folder_id
         WHERE f.missing_since_ns IS NOT NULL AND (d.path = ?1 OR (d.path > ?2 AND d.path < ?3))",
    )?;
    let found = statement
        .query_map(params![root.as_os_str().as_bytes(), from, to], |row| Ok((row.get(0)?, path(row, 1)?)))?
        .collect::<Result<_, _>>()?;
    Ok(found)
}
