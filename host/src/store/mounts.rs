//! Where, inside roots, other filesystems were mounted when the folders were last walked.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rusqlite::{OptionalExtension, params};

use super::{Db, StoreError, files};

/// The recorded mounts at or below a path.
pub fn below(db: &Db, root: &Path) -> Result<Vec<PathBuf>, StoreError> {
    let (from, to) = files::range_below(root);
    let mut statement = db.prepare_cached("SELECT path FROM mounts WHERE path = ?1 OR (path > ?2 AND path < ?3)")?;
    let paths = statement
        .query_map(params![root.as_os_str().as_bytes(), from, to], |row| {
            Ok(PathBuf::from(OsStr::from_bytes(row.get_ref(0)?.as_blob()?)))
        })?
        .collect::<Result<_, _>>()?;
    Ok(paths)
}

/// Whether something was mounted at a path.
pub fn has(db: &Db, path: &Path) -> Result<bool, StoreError> {
    let found = db
        .prepare_cached("SELECT 1 FROM mounts WHERE path = ?1")?
        .query_row([path.as_os_str().as_bytes()], |_| Ok(()))
        .optional()?;
    Ok(found.is_some())
}

/// Records that something is mounted at a path.
pub fn put(db: &Db, path: &Path) -> Result<(), StoreError> {
    db.prepare_cached("INSERT OR IGNORE INTO mounts (path) VALUES (?1)")?.execute([path.as_os_str().as_bytes()])?;
    Ok(())
}

/// Forgets a mount.
pub fn forget(db: &Db, path: &Path) -> Result<(), StoreError> {
    db.prepare_cached("DELETE FROM mounts WHERE path = ?1")?.execute([path.as_os_str().as_bytes()])?;
    Ok(())
}
