//! Files as they are recorded: where they are, the observation their facts belong to, and their state.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use rusqlite::{OptionalExtension, Row, params};

use super::{Db, StoreError};
use crate::disk::Observation;
use crate::disk::hash::Hash;

/// Whether facts of a file are recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileState {
    /// Facts are recorded.
    Ok,
    /// Reading failed; it is tried again at every scan.
    Error,
    /// Known but never read.
    Pending,
}

impl FileState {
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Error => "error",
            Self::Pending => "pending",
        }
    }

    fn from_name(name: &str) -> Self {
        match name {
            "ok" => Self::Ok,
            "error" => Self::Error,
            _ => Self::Pending,
        }
    }
}

/// A file of a folder, as far as a scan needs it to decide.
#[derive(Debug, Clone)]
pub struct Known {
    pub id: i64,
    pub observation: Observation,
    /// When the observation was made.
    pub observed_ns: i64,
    pub state: FileState,
    pub is_missing: bool,
}

/// What is to be recorded of a file that was read, or could not be.
pub struct Record<'a> {
    pub observation: &'a Observation,
    pub observed_ns: i64,
    pub state: FileState,
    /// Why reading failed.
    pub error: Option<&'a str>,
    /// `name version` of the introspector.
    pub reader: Option<&'a str>,
    pub sample_hash: Option<&'a Hash>,
    pub full_hash: Option<&'a Hash>,
}

/// A missing or new file, as far as moves are recognised by it.
#[derive(Debug, Clone)]
pub struct Candidate {
    pub id: i64,
    pub path: PathBuf,
    pub observation: Observation,
    pub sample_hash: Option<Vec<u8>>,
    pub state: FileState,
}

/// Finds the id of a folder by its absolute path.
pub fn find_folder(db: &Db, path: &Path) -> Result<Option<i64>, StoreError> {
    Ok(db
        .prepare_cached("SELECT id FROM folders WHERE path = ?1")?
        .query_row([path.as_os_str().as_bytes()], |row| row.get(0))
        .optional()?)
}

/// The path of a folder.
pub fn folder_path(db: &Db, id: i64) -> Result<PathBuf, StoreError> {
    let path: Vec<u8> =
        db.prepare_cached("SELECT path FROM folders WHERE id = ?1")?.query_row([id], |row| row.get(0))?;
    Ok(OsString::from_vec(path).into())
}

/// Finds or makes the row of a folder.
pub fn folder(db: &Db, path: &Path) -> Result<i64, StoreError> {
    if let Some(id) = find_folder(db, path)? {
        return Ok(id);
    }
    db.prepare_cached("INSERT INTO folders (path) VALUES (?1)")?.execute([path.as_os_str().as_bytes()])?;
    Ok(db.last_insert_rowid())
}

/// The id of the folder that was recorded last; zero when there is none.
pub fn last_folder(db: &Db) -> Result<i64, StoreError> {
    Ok(db.query_row("SELECT coalesce(max(id), 0) FROM folders", [], |row| row.get(0))?)
}

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

/// Hands over the folders at or below a path, whatever is recorded in them.
pub fn folders_below(
    db: &Db,
    root: &Path,
    mut each: impl FnMut(i64, &Path) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let mut statement =
        db.prepare_cached("SELECT id, path FROM folders WHERE path = ?1 OR (path > ?2 AND path < ?3)")?;
    let (from, to) = range_below(root);
    let mut rows = statement.query(params![root.as_os_str().as_bytes(), from, to])?;
    while let Some(row) = rows.next()? {
        let path = row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?;
        each(row.get(0)?, Path::new(OsStr::from_bytes(path)))?;
    }
    Ok(())
}

/// The paths below a folder are those after `folder/` and before `folder0`, because `0` follows `/`.
pub(super) fn range_below(folder: &Path) -> (Vec<u8>, Vec<u8>) {
    let mut from = folder.as_os_str().as_bytes().to_vec();
    if from.last() == Some(&b'/') {
        from.pop();
    }
    let mut to = from.clone();
    from.push(b'/');
    to.push(b'0');
    (from, to)
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

/// Adds a file and returns its id.
pub fn add(db: &Db, folder_id: i64, name: &OsStr, record: &Record<'_>, now_ns: i64) -> Result<i64, StoreError> {
    let o = record.observation;
    db.prepare_cached(
        "INSERT INTO files (folder_id, name, size, mtime_ns, ctime_ns, inode, device, links, observed_ns, state, error,
             reader, sample_hash, full_hash, first_seen_ns, scanned_ns)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?15)",
    )?
    .execute(params![
        folder_id,
        name.as_bytes(),
        o.size as i64,
        o.mtime_ns,
        o.ctime_ns,
        o.inode as i64,
        o.device as i64,
        o.links,
        record.observed_ns,
        record.state.name(),
        record.error,
        record.reader,
        record.sample_hash.map(|hash| &hash[..]),
        record.full_hash.map(|hash| &hash[..]),
        now_ns,
    ])?;
    Ok(db.last_insert_rowid())
}

/// Records that a known file was read again. It is there, so it is not missing.
pub fn update(db: &Db, id: i64, record: &Record<'_>, now_ns: i64) -> Result<(), StoreError> {
    let o = record.observation;
    db.prepare_cached(
        "UPDATE files SET size = ?2, mtime_ns = ?3, ctime_ns = ?4, inode = ?5, device = ?6, links = ?7, observed_ns = ?8,
             state = ?9, error = ?10, reader = ?11, sample_hash = ?12, full_hash = ?13, scanned_ns = ?14,
             missing_since_ns = NULL
         WHERE id = ?1",
    )?
    .execute(params![
        id,
        o.size as i64,
        o.mtime_ns,
        o.ctime_ns,
        o.inode as i64,
        o.device as i64,
        o.links,
        record.observed_ns,
        record.state.name(),
        record.error,
        record.reader,
        record.sample_hash.map(|hash| &hash[..]),
        record.full_hash.map(|hash| &hash[..]),
        now_ns,
    ])?;
    Ok(())
}

/// Records a new observation of content that is as it was; the file is there, so it is not missing.
pub fn touch(db: &Db, id: i64, o: &Observation, observed_ns: i64) -> Result<(), StoreError> {
    db.prepare_cached(
        "UPDATE files SET size = ?2, mtime_ns = ?3, ctime_ns = ?4, inode = ?5, device = ?6, links = ?7, observed_ns = ?8,
             missing_since_ns = NULL
         WHERE id = ?1",
    )?
    .execute(params![
        id,
        o.size as i64,
        o.mtime_ns,
        o.ctime_ns,
        o.inode as i64,
        o.device as i64,
        o.links,
        observed_ns
    ])?;
    Ok(())
}

/// Keeps the hash of the whole content, where there was none.
pub fn set_full_hash(db: &Db, id: i64, hash: &Hash) -> Result<(), StoreError> {
    db.prepare_cached("UPDATE files SET full_hash = ?2 WHERE id = ?1 AND full_hash IS NULL")?
        .execute(params![id, &hash[..]])?;
    Ok(())
}

/// Adds a second name of content that is recorded already: facts and hashes are copied, nothing is read.
pub fn add_alias(
    db: &Db,
    folder_id: i64,
    name: &OsStr,
    of: i64,
    o: &Observation,
    now_ns: i64,
) -> Result<i64, StoreError> {
    db.prepare_cached(
        "INSERT INTO files (folder_id, name, size, mtime_ns, ctime_ns, inode, device, links, observed_ns, state, reader,
             sample_hash, full_hash, first_seen_ns, scanned_ns)
         SELECT ?1, ?2, size, mtime_ns, ?4, inode, device, ?5, ?6, state, reader, sample_hash, full_hash, ?6, scanned_ns
         FROM files WHERE id = ?3",
    )?
    .execute(params![folder_id, name.as_bytes(), of, o.ctime_ns, o.links, now_ns])?;
    let id = db.last_insert_rowid();
    db.prepare_cached("INSERT INTO facts (file_id, facts) SELECT ?2, facts FROM facts WHERE file_id = ?1")?
        .execute([of, id])?;
    db.prepare_cached(
        "INSERT INTO tracks (file_id, id, type, codec, language, title, is_default, is_forced, width, height, channels)
         SELECT ?2, id, type, codec, language, title, is_default, is_forced, width, height, channels
         FROM tracks WHERE file_id = ?1",
    )?
    .execute([of, id])?;
    Ok(id)
}

/// Marks files as missing.
pub fn mark_missing(db: &Db, id: i64, now_ns: i64) -> Result<(), StoreError> {
    db.prepare_cached("UPDATE files SET missing_since_ns = ?2 WHERE id = ?1 AND missing_since_ns IS NULL")?
        .execute([id, now_ns])?;
    Ok(())
}

/// Takes the mark of a missing file away: it is there.
pub fn mark_present(db: &Db, id: i64) -> Result<(), StoreError> {
    db.prepare_cached("UPDATE files SET missing_since_ns = NULL WHERE id = ?1")?.execute([id])?;
    Ok(())
}

/// Gives the place and the observation of a new row to a known file, and forgets the new row: the file has moved.
pub fn take_place(db: &Db, id: i64, new: i64, now_ns: i64) -> Result<(), StoreError> {
    let (folder_id, name): (i64, Vec<u8>) = db
        .prepare_cached("SELECT folder_id, name FROM files WHERE id = ?1")?
        .query_row([new], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let observation = find(db, new)?.map(|candidate| candidate.observation);
    delete(db, new)?;
    db.prepare_cached("UPDATE files SET folder_id = ?2, name = ?3, missing_since_ns = NULL WHERE id = ?1")?
        .execute(params![id, folder_id, name])?;
    if let Some(observation) = observation {
        touch(db, id, &observation, now_ns)?;
    }
    Ok(())
}

/// Gives a file another path. A row that says something else of that path is out of date and goes.
pub fn move_to(db: &Db, id: i64, path: &Path) -> Result<(), StoreError> {
    let folder_id = folder(db, path.parent().unwrap_or(Path::new("/")))?;
    let name = path.file_name().unwrap_or_default().as_bytes();
    db.prepare_cached("DELETE FROM files WHERE folder_id = ?1 AND name = ?2 AND id <> ?3")?
        .execute(params![folder_id, name, id])?;
    db.prepare_cached("UPDATE files SET folder_id = ?2, name = ?3, missing_since_ns = NULL WHERE id = ?1")?
        .execute(params![id, folder_id, name])?;
    Ok(())
}

/// Forgets a file. Its story stays.
pub fn delete(db: &Db, id: i64) -> Result<(), StoreError> {
    db.prepare_cached("DELETE FROM files WHERE id = ?1")?.execute([id])?;
    Ok(())
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

/// Every folder that files were ever recorded in.
pub fn folders(db: &Db) -> Result<Vec<PathBuf>, StoreError> {
    let mut statement = db.prepare_cached("SELECT path FROM folders ORDER BY path")?;
    let folders =
        statement.query_map([], |row| Ok(super::path_of(row.get_ref(0)?.as_bytes()?)))?.collect::<Result<_, _>>()?;
    Ok(folders)
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

/// Reads the columns id, path of the folder, name, the six of the observation, sample hash and state.
pub(super) fn candidate(row: &Row<'_>) -> Result<Candidate, rusqlite::Error> {
    Ok(Candidate {
        id: row.get(0)?,
        path: path(row, 1)?,
        observation: observation(row, 3)?,
        sample_hash: row.get(9)?,
        state: FileState::from_name(row.get_ref(10)?.as_str()?),
    })
}

/// Joins the path of a folder and a name that stand in neighbouring columns.
fn path(row: &Row<'_>, column: usize) -> Result<PathBuf, rusqlite::Error> {
    let folder = Path::new(OsStr::from_bytes(row.get_ref(column)?.as_blob()?));
    Ok(folder.join(OsStr::from_bytes(row.get_ref(column + 1)?.as_blob()?)))
}

/// Reads the six columns of an observation.
fn observation(row: &Row<'_>, column: usize) -> Result<Observation, rusqlite::Error> {
    Ok(Observation {
        size: row.get::<_, i64>(column)? as u64,
        mtime_ns: row.get(column + 1)?,
        ctime_ns: row.get(column + 2)?,
        inode: row.get::<_, i64>(column + 3)? as u64,
        device: row.get::<_, i64>(column + 4)? as u64,
        links: row.get(column + 5)?,
    })
}
