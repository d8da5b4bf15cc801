//! Folders, each recorded once, by their absolute paths.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rusqlite::{OptionalExtension, params};

use super::range_below;
use crate::store::{Db, StoreError, path_of};

/// Finds the id of a folder by its absolute path.
pub fn find_folder(db: &Db, path: &Path) -> Result<Option<i64>, StoreError> {
    Ok(db
        .prepare_cached("SELECT id FROM folders WHERE path = ?1")?
        .query_row([path.as_os_str().as_bytes()], |row| row.get(0))
        .optional()?)
}

/// The path of a folder.
pub fn folder_path(db: &Db, id: i64) -> Result<PathBuf, StoreError> {
    let mut statement = db.prepare_cached("SELECT path FROM folders WHERE id = ?1")?;
    Ok(statement.query_row([id], |row| Ok(path_of(row.get_ref(0)?.as_bytes()?)))?)
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

/// Every folder that files were ever recorded in.
pub fn folders(db: &Db) -> Result<Vec<PathBuf>, StoreError> {
    let mut statement = db.prepare_cached("SELECT path FROM folders ORDER BY path")?;
    let folders = statement.query_map([], |row| Ok(path_of(row.get_ref(0)?.as_bytes()?)))?.collect::<Result<_, _>>()?;
    Ok(folders)
}
