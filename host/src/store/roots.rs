//! Folders that were scanned, and what identifies them, so that a vanished mount is not taken for a deletion.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rusqlite::{OptionalExtension, Row, params};

use super::{Db, StoreError};

/// A root as it was at its last scan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Root {
    pub path: PathBuf,
    pub device: u64,
    pub inode: u64,
    /// Class of its filesystem, by name.
    pub filesystem: String,
    /// Names that filesystem, where it has a name that outlives a mount; else zero.
    pub filesystem_id: u64,
    /// It was the top of a mounted filesystem.
    pub is_mount: bool,
    pub last_complete_scan_ns: Option<i64>,
    pub last_file_count: Option<u64>,
}

/// Finds a root by its absolute path.
pub fn find(db: &Db, path: &Path) -> Result<Option<Root>, StoreError> {
    Ok(db
        .prepare_cached(
            "SELECT path, device, inode, filesystem, filesystem_id, is_mount, last_complete_scan_ns, last_file_count
             FROM roots WHERE path = ?1",
        )?
        .query_row([path.as_os_str().as_bytes()], root)
        .optional()?)
}

/// All roots, by path.
pub fn all(db: &Db) -> Result<Vec<Root>, StoreError> {
    let mut statement = db.prepare_cached(
        "SELECT path, device, inode, filesystem, filesystem_id, is_mount, last_complete_scan_ns, last_file_count
         FROM roots ORDER BY path",
    )?;
    let roots = statement.query_map([], root)?.collect::<Result<_, _>>()?;
    Ok(roots)
}

/// Records a root in place of what was recorded of it.
pub fn put(db: &Db, root: &Root) -> Result<(), StoreError> {
    db.prepare_cached(
        "INSERT INTO roots (path, device, inode, filesystem, filesystem_id, is_mount, last_complete_scan_ns, last_file_count)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
         ON CONFLICT (path) DO UPDATE SET device = ?2, inode = ?3, filesystem = ?4, filesystem_id = ?5, is_mount = ?6,
             last_complete_scan_ns = coalesce(?7, last_complete_scan_ns), last_file_count = coalesce(?8, last_file_count)",
    )?
    .execute(params![
        root.path.as_os_str().as_bytes(),
        root.device as i64,
        root.inode as i64,
        root.filesystem,
        root.filesystem_id as i64,
        root.is_mount,
        root.last_complete_scan_ns,
        root.last_file_count.map(|count| count as i64),
    ])?;
    Ok(())
}

/// Forgets a root; what is recorded below it stays.
pub fn forget(db: &Db, path: &Path) -> Result<(), StoreError> {
    db.prepare_cached("DELETE FROM roots WHERE path = ?1")?.execute([path.as_os_str().as_bytes()])?;
    Ok(())
}

fn root(row: &Row<'_>) -> Result<Root, rusqlite::Error> {
    Ok(Root {
        path: PathBuf::from(OsStr::from_bytes(row.get_ref(0)?.as_blob()?)),
        device: row.get::<_, i64>(1)? as u64,
        inode: row.get::<_, i64>(2)? as u64,
        filesystem: row.get(3)?,
        filesystem_id: row.get::<_, i64>(4)? as u64,
        is_mount: row.get(5)?,
        last_complete_scan_ns: row.get(6)?,
        last_file_count: row.get::<_, Option<i64>>(7)?.map(|count| count as u64),
    })
}
