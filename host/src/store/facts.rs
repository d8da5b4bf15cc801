//! Facts of files: as JSON, and the part of the tracks that people query.

use std::ops::ControlFlow;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use rusqlite::{OptionalExtension, params};

use super::files::{self, Candidate};
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

/// Forgets the facts of a file.
pub fn forget(db: &Db, file_id: i64) -> Result<(), StoreError> {
    db.prepare_cached("DELETE FROM facts WHERE file_id = ?1")?.execute([file_id])?;
    db.prepare_cached("DELETE FROM tracks WHERE file_id = ?1")?.execute([file_id])?;
    Ok(())
}

/// A file that is there and was read, with its facts as they are stored.
pub struct Recorded {
    pub file: Candidate,
    json: String,
}

impl Recorded {
    /// Reads the facts; `None` when they are not in the form that this program writes.
    pub fn facts(&self) -> Option<Facts> {
        serde_json::from_str(&self.json).ok()
    }
}

/// Hands over the files below a folder that are there and were read, in the order of their paths, until told to stop.
pub fn each_below(db: &Db, folder: &Path, mut each: impl FnMut(Recorded) -> ControlFlow<()>) -> Result<(), StoreError> {
    let folder = folder.as_os_str().as_bytes();
    let (from, to) = ([folder, b"/"].concat(), [folder, b"0"].concat());
    // One walk along the folders by path and the files by name, so that nothing is sorted or read twice.
    let mut statement = db.prepare_cached(
        "SELECT f.id, d.path, f.name, f.size, f.mtime_ns, f.ctime_ns, f.inode, f.device, f.links, f.sample_hash, f.state,
             x.facts
         FROM folders d CROSS JOIN files f ON f.folder_id = d.id CROSS JOIN facts x ON x.file_id = f.id
         WHERE d.path >= ?1 AND d.path < ?3 AND (d.path = ?1 OR d.path > ?2)
             AND f.missing_since_ns IS NULL AND f.state = 'ok'
         ORDER BY d.path, f.name",
    )?;
    let mut rows = statement.query(params![folder, from, to])?;
    while let Some(row) = rows.next()? {
        if each(Recorded { file: files::candidate(row)?, json: row.get(11)? }).is_break() {
            break;
        }
    }
    Ok(())
}
