//! The story of a file: what happened to it, when, and by which job.
//!
//! Events outlive jobs and the file. What a scan merely adds needs no event of its own: the row of the file and the job's
//! outcome tell of it, and [`of_file`] brings all three together.

use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rusqlite::{OptionalExtension, Row, params};
use serde_json::{Value, json};

use super::job_files::happening;
use super::jobs::JobType;
use super::{Db, Happening, StoreError};
use crate::disk::path_text;
use crate::media::{Details, Facts};

/// One thing that happened to a file.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    pub at_ns: i64,
    pub kind: Happening,
    pub job_id: Option<String>,
    /// Absent when the job is no longer recorded.
    pub job_type: Option<JobType>,
    pub detail: Option<Value>,
}

/// Adds an event to the story of a file.
pub fn record(
    db: &Db,
    file_id: i64,
    job_id: Option<&str>,
    at_ns: i64,
    kind: Happening,
    detail: Option<&Value>,
) -> Result<(), StoreError> {
    db.prepare_cached("INSERT INTO events (file_id, job_id, at_ns, kind, detail) VALUES (?1, ?2, ?3, ?4, ?5)")?
        .execute(params![file_id, job_id, at_ns, kind.name(), detail.map(Value::to_string)])?;
    Ok(())
}

/// Tells that a file is now elsewhere; its story is found under both paths.
pub fn record_move(
    db: &Db,
    file_id: i64,
    job_id: Option<&str>,
    at_ns: i64,
    from: &Path,
    to: &Path,
) -> Result<(), StoreError> {
    let detail = json!({ "from": path_text::write(from), "to": path_text::write(to) });
    record(db, file_id, job_id, at_ns, Happening::Moved, Some(&detail))?;
    leave_path(db, file_id, from, at_ns)
}

/// Tells that a file is forgotten; its story stays under its last path.
pub fn record_pruned(db: &Db, file_id: i64, job_id: Option<&str>, at_ns: i64, path: &Path) -> Result<(), StoreError> {
    let detail = json!({ "path": path_text::write(path) });
    record(db, file_id, job_id, at_ns, Happening::Pruned, Some(&detail))?;
    leave_path(db, file_id, path, at_ns)
}

fn leave_path(db: &Db, file_id: i64, path: &Path, at_ns: i64) -> Result<(), StoreError> {
    db.prepare_cached("INSERT OR REPLACE INTO former_paths (path, file_id, until_ns) VALUES (?1, ?2, ?3)")?
        .execute(params![path.as_os_str().as_bytes(), file_id, at_ns])?;
    Ok(())
}

/// Ids of the files that are or were at a path: the one that is there first, then those that left, last first.
pub fn files_at(db: &Db, path: &Path) -> Result<Vec<i64>, StoreError> {
    let folder = path.parent().unwrap_or(Path::new("")).as_os_str().as_bytes();
    let name = path.file_name().unwrap_or_default().as_bytes();
    let current: Option<i64> = db
        .prepare_cached(
            "SELECT f.id FROM files f JOIN folders d ON d.id = f.folder_id WHERE d.path = ?1 AND f.name = ?2",
        )?
        .query_row(params![folder, name], |row| row.get(0))
        .optional()?;
    let mut ids: Vec<i64> = current.into_iter().collect();
    let mut statement =
        db.prepare_cached("SELECT file_id FROM former_paths WHERE path = ?1 ORDER BY until_ns DESC, file_id DESC")?;
    for id in statement.query_map([path.as_os_str().as_bytes()], |row| row.get(0))? {
        let id = id?;
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    Ok(ids)
}

/// The path that a file has, `None` when it is forgotten.
pub fn path_of_file(db: &Db, file_id: i64) -> Result<Option<PathBuf>, StoreError> {
    let parts: Option<(Vec<u8>, Vec<u8>)> = db
        .prepare_cached("SELECT d.path, f.name FROM files f JOIN folders d ON d.id = f.folder_id WHERE f.id = ?1")?
        .query_row([file_id], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    Ok(parts.map(|(folder, name)| super::path_of(&folder).join(super::path_of(&name))))
}

/// Whether a file was found damaged, and neither restored, read anew nor changed since.
pub fn is_damaged(db: &Db, file_id: i64) -> Result<bool, StoreError> {
    Ok(db
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM events e JOIN files f ON f.id = e.file_id
                 WHERE e.file_id = ?1 AND e.kind = 'damaged' AND e.at_ns >= f.observed_ns)",
        )?
        .query_row([file_id], |row| row.get(0))?)
}

/// Everything that is known to have happened to a file, oldest first.
pub fn of_file(db: &Db, file_id: i64) -> Result<Vec<Event>, StoreError> {
    let mut statement = db.prepare_cached(
        "SELECT e.at_ns, e.kind, e.job_id, j.type, e.detail, e.id
         FROM events e LEFT JOIN jobs j ON j.id = e.job_id WHERE e.file_id = ?1
         UNION ALL
         SELECT coalesce(j.completed_ns, j.started_ns, j.created_ns), o.outcome, o.job_id, j.type,
             CASE WHEN o.reason IS NOT NULL THEN json_object('reason', o.reason) END, 0
         FROM job_files o JOIN jobs j ON j.id = o.job_id
         WHERE o.file_id = ?1
             AND NOT EXISTS (SELECT 1 FROM events e WHERE e.file_id = ?1 AND e.job_id = o.job_id AND e.kind = o.outcome)
         ORDER BY 1, 6",
    )?;
    let mut events: Vec<Event> = statement.query_map([file_id], event)?.collect::<Result<_, _>>()?;
    if !events.iter().any(|event| matches!(event.kind, Happening::Added | Happening::Upgraded)) {
        let first_seen: Option<i64> = db
            .prepare_cached("SELECT first_seen_ns FROM files WHERE id = ?1")?
            .query_row([file_id], |row| row.get(0))
            .optional()?;
        if let Some(at_ns) = first_seen {
            events.insert(0, Event { at_ns, kind: Happening::Added, job_id: None, job_type: None, detail: None });
        }
    }
    Ok(events)
}

/// What changed the bytes of a file or moved it, by vpo or from outside, in the order in which it was recorded: a clock that
/// was set back does not matter.
pub fn changes(db: &Db, file_id: i64) -> Result<Vec<Event>, StoreError> {
    let mut statement = db.prepare_cached(
        "SELECT e.at_ns, e.kind, e.job_id, j.type, e.detail
         FROM events e LEFT JOIN jobs j ON j.id = e.job_id
         WHERE e.file_id = ?1 AND e.kind IN ('edited', 'undone', 'changed', 'moved') ORDER BY e.id",
    )?;
    let events = statement.query_map([file_id], event)?.collect::<Result<_, _>>()?;
    Ok(events)
}

/// The jobs that changed files and whose id begins with these very characters, recorded still or not. Reads every event, so
/// it is for jobs that are not found otherwise.
pub fn jobs_that_edited(db: &Db, prefix: &str) -> Result<Vec<String>, StoreError> {
    let mut statement = db.prepare_cached(
        "SELECT DISTINCT job_id FROM events WHERE job_id >= ?1 AND job_id < ?2 AND kind = 'edited' ORDER BY job_id",
    )?;
    let beyond = format!("{prefix}\u{10ffff}");
    let jobs = statement.query_map([prefix, &beyond], |row| row.get(0))?.collect::<Result<_, _>>()?;
    Ok(jobs)
}

/// The files that a job changed, recorded still or not. Reads every event.
pub fn edited_by(db: &Db, job_id: &str) -> Result<Vec<i64>, StoreError> {
    let mut statement = db
        .prepare_cached("SELECT DISTINCT file_id FROM events WHERE job_id = ?1 AND kind = 'edited' ORDER BY file_id")?;
    let files = statement.query_map([job_id], |row| row.get(0))?.collect::<Result<_, _>>()?;
    Ok(files)
}

/// The files of which originals were kept, each with the path that the original was given. Reads every change on record.
pub fn backups(db: &Db) -> Result<Vec<(i64, PathBuf)>, StoreError> {
    let mut statement = db.prepare_cached(
        "SELECT file_id, json_extract(detail, '$.backup') FROM events
         WHERE kind = 'edited' AND json_extract(detail, '$.backup') IS NOT NULL ORDER BY id",
    )?;
    let backups = statement
        .query_map([], |row| Ok((row.get(0)?, path_text::read(&row.get::<_, String>(1)?))))?
        .collect::<Result<_, _>>()?;
    Ok(backups)
}

/// Reads the columns time, kind, job, its type and detail.
fn event(row: &Row<'_>) -> Result<Event, rusqlite::Error> {
    let detail: Option<String> = row.get(4)?;
    Ok(Event {
        at_ns: row.get(0)?,
        kind: happening(row, 1)?,
        job_id: row.get(2)?,
        job_type: row.get::<_, Option<String>>(3)?.and_then(|name| JobType::from_name(&name)),
        detail: detail.map(|text| serde_json::from_str(&text).unwrap_or(Value::String(text))),
    })
}

/// Deletes the oldest events from before a time, at most `limit`; returns how many.
pub fn delete_before(db: &Db, before_ns: i64, limit: usize) -> Result<usize, StoreError> {
    // Ids grow with time, so the oldest are found without an index on it.
    let deleted = db
        .prepare_cached("DELETE FROM events WHERE id IN (SELECT id FROM events ORDER BY id LIMIT ?2) AND at_ns < ?1")?
        .execute(params![before_ns, limit as i64])?;
    Ok(deleted)
}

/// Facts in as few words as tell one version of a file from another, for the details of events.
pub fn in_short(facts: &Facts) -> Value {
    let tracks: Vec<String> = facts
        .tracks
        .iter()
        .map(|track| {
            let mut words = vec![track.kind().name().to_owned(), track.codec.clone()];
            match &track.details {
                Details::Video(video) => words.push(format!("{}x{}", video.width, video.height)),
                Details::Audio(audio) => words.push(format!("{}ch", audio.channels)),
                Details::Subtitle(_) | Details::Other => {}
            }
            words.push(track.language.tag.clone());
            words.extend(track.title.as_ref().map(|title| format!("{title:?}")));
            if track.flags.default {
                words.push("default".to_owned());
            }
            if track.flags.forced {
                words.push("forced".to_owned());
            }
            words.join(" ")
        })
        .collect();
    json!({ "container": facts.container, "duration_ns": facts.duration_ns, "tracks": tracks })
}
