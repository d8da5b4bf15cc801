//! What happens to the record of a file: added, read again, moved, missing, forgotten.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use rusqlite::params;

use super::{Record, find, folder};
use crate::disk::Observation;
use crate::disk::hash::Hash;
use crate::store::{Db, StoreError};

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
