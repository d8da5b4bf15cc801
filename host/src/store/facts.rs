//! Facts of files: as JSON, and the part of the tracks that people query.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rusqlite::{OptionalExtension, params};

use super::{Db, StoreError};
use crate::media::{Details, Facts};

/// Records the facts of a file in place of earlier ones.
pub fn put(db: &Db, file_id: i64, facts: &Facts) -> Result<(), StoreError> {
    let json = serde_json::to_string(facts).expect("facts are plain data");
    db.prepare_cached("INSERT INTO facts (file_id, facts) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET facts = ?2")?
        .execute(params![file_id, json])?;
    db.prepare_cached("DELETE FROM tracks WHERE file_id = ?1")?.execute([file_id])?;
    let mut insert = db.prepare_cached(
        "INSERT INTO tracks (file_id, id, type, codec, language, title, is_default, is_forced, width, height, channels)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
    )?;
    for track in &facts.tracks {
        let (width, height, channels) = match &track.details {
            Details::Video(video) => (Some(video.width), Some(video.height), None),
            Details::Audio(audio) => (None, None, Some(audio.channels)),
            Details::Subtitle(_) | Details::Other => (None, None, None),
        };
        insert.execute(params![
            file_id,
            track.id,
            track.kind().name(),
            track.codec,
            track.language.tag,
            track.title,
            track.flags.default,
            track.flags.forced,
            width,
            height,
            channels,
        ])?;
    }
    Ok(())
}

/// Finds the facts of a file.
pub fn find(db: &Db, file_id: i64) -> Result<Option<Facts>, StoreError> {
    let json: Option<String> = db
        .prepare_cached("SELECT facts FROM facts WHERE file_id = ?1")?
        .query_row([file_id], |row| row.get(0))
        .optional()?;
    Ok(json.and_then(|json| serde_json::from_str(&json).ok()))
}

/// A file with its facts.
pub struct Described {
    pub file_id: i64,
    pub path: PathBuf,
    /// Bytes.
    pub size: u64,
    pub facts: Facts,
}

/// The files at or below a path that are there and were read, in the order of their paths, after one and at most so many.
pub fn page_below(
    db: &Db,
    root: &Path,
    after: Option<(&Path, &OsStr)>,
    limit: usize,
) -> Result<Vec<Described>, StoreError> {
    let mut from = root.as_os_str().as_bytes().to_vec();
    let mut to = from.clone();
    from.push(b'/');
    to.push(b'0');
    let (after_folder, after_name) = after.unwrap_or((Path::new(""), OsStr::new("")));
    let mut statement = db.prepare_cached(
        "SELECT f.id, d.path, f.name, f.size, x.facts
         FROM folders d JOIN files f ON f.folder_id = d.id JOIN facts x ON x.file_id = f.id
         WHERE (d.path = ?1 OR (d.path > ?2 AND d.path < ?3)) AND f.missing_since_ns IS NULL AND f.state = 'ok'
             AND (d.path, f.name) > (?4, ?5)
         ORDER BY d.path, f.name LIMIT ?6",
    )?;
    let mut rows = statement.query(params![
        root.as_os_str().as_bytes(),
        from,
        to,
        after_folder.as_os_str().as_bytes(),
        after_name.as_bytes(),
        limit as i64
    ])?;
    let mut page = Vec::new();
    while let Some(row) = rows.next()? {
        let folder = Path::new(OsStr::from_bytes(row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?));
        let name = OsStr::from_bytes(row.get_ref(2)?.as_blob().map_err(rusqlite::Error::from)?);
        let json = row.get_ref(4)?.as_str().map_err(rusqlite::Error::from)?;
        let Ok(facts) = serde_json::from_str(json) else { continue };
        page.push(Described {
            file_id: row.get(0)?,
            path: folder.join(name),
            size: row.get::<_, i64>(3)? as u64,
            facts,
        });
    }
    Ok(page)
}
