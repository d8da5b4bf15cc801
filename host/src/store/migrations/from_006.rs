//! Version 6, the earlier program's last that has users, into version 7, the first of ours.
//!
//! Files keep their ids and wait for the next scan, because what was observed of them is too coarse to compare with. What
//! has no column any more is kept as JSON: of a file in its first event, of a job in its settings and summary.

use chrono::{DateTime, NaiveDateTime};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde_json::{Map, Value, json};

use super::{LAYOUT, Stage};
use crate::store::StoreError;

const EARLIER: &str = include_str!("../schema/earlier.sql");

/// Tables whose names are needed by the new layout, or whose rows are copied.
const OLD_TABLES: [&str; 8] =
    ["_meta", "files", "tracks", "jobs", "operations", "policies", "plugin_acknowledgments", "transcription_results"];

pub(super) fn convert(db: &Connection, now_ns: i64, watch: &dyn Fn(Stage)) -> Result<(), StoreError> {
    for table in OLD_TABLES {
        if has_table(db, table)? {
            db.execute_batch(&format!("ALTER TABLE {table} RENAME TO old_{table}"))?;
        }
    }
    drop_indexes(db)?;
    db.execute_batch(LAYOUT)?;
    db.execute_batch(EARLIER)?;
    watch(Stage::Renamed);
    copy_meta(db)?;
    copy_files(db, now_ns, watch)?;
    copy_tracks(db)?;
    watch(Stage::FilesCopied);
    copy_jobs(db, now_ns)?;
    watch(Stage::JobsCopied);
    copy_kept(db)?;
    tell_operations(db, now_ns)?;
    for table in OLD_TABLES.iter().rev() {
        db.execute_batch(&format!("DROP TABLE IF EXISTS old_{table}"))?;
    }
    Ok(())
}

fn has_table(db: &Connection, name: &str) -> Result<bool, StoreError> {
    let found = db
        .query_row("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?1", [name], |_| Ok(()))
        .optional()?;
    Ok(found.is_some())
}

/// Indexes keep their names when a table is renamed, and could stand where ours will be.
fn drop_indexes(db: &Connection) -> Result<(), StoreError> {
    let mut statement = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL")?;
    let names = statement.query_map([], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
    for name in names {
        db.execute_batch(&format!("DROP INDEX \"{}\"", name.replace('"', "\"\"")))?;
    }
    Ok(())
}

fn copy_meta(db: &Connection) -> Result<(), StoreError> {
    db.execute("INSERT INTO _meta (key, value) SELECT key, value FROM old__meta WHERE key IS NOT NULL", [])?;
    Ok(())
}

fn copy_files(db: &Connection, now_ns: i64, watch: &dyn Fn(Stage)) -> Result<(), StoreError> {
    let mut rows = db.prepare(
        "SELECT id, path, size_bytes, modified_at, content_hash, container_format, scanned_at, scan_status, scan_error
         FROM old_files ORDER BY id",
    )?;
    let mut folder_id = db.prepare("SELECT id FROM folders WHERE path = ?1")?;
    let mut add_folder = db.prepare("INSERT INTO folders (path) VALUES (?1) RETURNING id")?;
    let mut add_file = db.prepare(
        "INSERT INTO files (id, folder_id, name, size, mtime_ns, ctime_ns, inode, device, links, observed_ns, state,
             error, missing_since_ns, first_seen_ns, scanned_ns)
         VALUES (?1, ?2, ?3, ?4, ?5, 0, 0, 0, 1, ?6, ?7, ?8, ?9, ?6, NULL)",
    )?;
    let mut track_extras = db.prepare(
        "SELECT track_index, channel_layout, frame_rate FROM old_tracks
         WHERE file_id = ?1 AND (channel_layout IS NOT NULL OR frame_rate IS NOT NULL) ORDER BY track_index",
    )?;
    let mut add_event =
        db.prepare("INSERT INTO events (file_id, job_id, at_ns, kind, detail) VALUES (?1, NULL, ?2, 'upgraded', ?3)")?;
    let mut rows = rows.query([])?;
    while let Some(row) = rows.next()? {
        let id: i64 = row.get(0)?;
        let path = bytes(row, 1)?;
        let (folder, name) = split(&path);
        let folder = match folder_id.query_row([folder], |row| row.get::<_, i64>(0)).optional()? {
            Some(id) => id,
            None => add_folder.query_row([folder], |row| row.get(0))?,
        };
        let status = text(row, 7)?.unwrap_or_default();
        let state = if status == "error" { "error" } else { "pending" };
        let scanned_ns = time(row, 6)?.unwrap_or(now_ns);
        let missing_since_ns = (status == "missing").then_some(scanned_ns);
        add_file.execute(params![
            id,
            folder,
            name,
            integer(row, 2)?.unwrap_or(0),
            time(row, 3)?.unwrap_or(0),
            scanned_ns,
            state,
            text(row, 8)?,
            missing_since_ns,
        ])?;

        let tracks: Vec<Value> = track_extras
            .query_map([id], |row| {
                Ok(json!({ "id": row.get::<_, i64>(0)?, "channel_layout": text(row, 1)?, "frame_rate": text(row, 2)? }))
            })?
            .collect::<Result<_, _>>()?;
        let detail = json!({
            "from_version": 6,
            "content_hash": text(row, 4)?,
            "container": text(row, 5)?,
            "modified_at": text(row, 3)?,
            "scanned_at": text(row, 6)?,
            "scan_status": status,
            "tracks": tracks,
        });
        add_event.execute(params![id, now_ns, detail.to_string()])?;
        watch(Stage::FileCopied);
    }
    // The ids of rows deleted long ago stay used up.
    db.execute(
        "UPDATE sqlite_sequence
         SET seq = max(seq, coalesce((SELECT max(seq) FROM sqlite_sequence WHERE name = 'old_files'), 0))
         WHERE name = 'files'",
        [],
    )?;
    Ok(())
}

fn copy_tracks(db: &Connection) -> Result<(), StoreError> {
    db.execute(
        "INSERT INTO tracks (file_id, id, type, codec, language, title, is_default, is_forced, width, height, channels)
         SELECT t.file_id, t.track_index, CAST(t.track_type AS TEXT), coalesce(CAST(t.codec AS TEXT), ''),
             coalesce(CAST(t.language AS TEXT), 'und'), CAST(t.title AS TEXT), CAST(t.is_default AS INTEGER),
             CAST(t.is_forced AS INTEGER), CAST(t.width AS INTEGER), CAST(t.height AS INTEGER),
             CAST(t.channels AS INTEGER)
         FROM old_tracks t JOIN old_files f ON f.id = t.file_id",
        [],
    )?;
    Ok(())
}

fn copy_jobs(db: &Connection, now_ns: i64) -> Result<(), StoreError> {
    let mut rows = db.prepare(
        "SELECT id, file_id, file_path, job_type, status, priority, policy_name, policy_json, progress_percent,
             progress_json, created_at, started_at, completed_at, worker_pid, worker_heartbeat, output_path,
             backup_path, error_message
         FROM old_jobs ORDER BY created_at, id",
    )?;
    let mut add_job = db.prepare(
        "INSERT INTO jobs (id, type, status, created_ns, started_ns, completed_ns, pid, heartbeat_ns, files_affected,
             path, summary, error, settings)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
    )?;
    let mut add_job_file = db.prepare(
        "INSERT INTO job_files (job_id, file_id, path, outcome, reason) VALUES (?1, ?2, CAST(?3 AS BLOB), ?4, ?5)",
    )?;
    let mut rows = rows.query([])?;
    while let Some(row) = rows.next()? {
        let id = text(row, 0)?.unwrap_or_default();
        let status = text(row, 4)?.unwrap_or_default();
        let path = text(row, 2)?.unwrap_or_default();
        let message = text(row, 17)?;
        let mut summary = Map::new();
        summary.insert("progress_percent".into(), json!(decimal(row, 8)?));
        insert_some(&mut summary, "progress", embedded(row, 9)?);
        insert_some(&mut summary, "output_path", text(row, 15)?.map(Value::String));
        insert_some(&mut summary, "backup_path", text(row, 16)?.map(Value::String));
        let settings = json!({
            "from_version": 6,
            "priority": integer(row, 5)?,
            "policy_name": text(row, 6)?,
            "policy": embedded(row, 7)?,
        });
        add_job.execute(params![
            id,
            text(row, 3)?,
            status,
            time(row, 10)?.unwrap_or(now_ns),
            time(row, 11)?,
            time(row, 12)?,
            integer(row, 13)?,
            time(row, 14)?,
            i64::from(status == "completed"),
            path,
            Value::Object(summary).to_string(),
            message.as_ref().map(|message| json!({ "message": message, "causes": [] }).to_string()),
            settings.to_string(),
        ])?;
        let outcome = match status.as_str() {
            "completed" => "edited",
            "failed" => "failed",
            "cancelled" => "skipped",
            _ => "planned",
        };
        add_job_file.execute(params![id, integer(row, 1)?.unwrap_or(0), path, outcome, message])?;
    }
    Ok(())
}

/// Rows of the tables that live on as they were.
fn copy_kept(db: &Connection) -> Result<(), StoreError> {
    if has_table(db, "old_operations")? {
        db.execute_batch(
            "INSERT INTO operations (id, file_id, file_path, policy_name, policy_version, actions_json, status,
                 error_message, backup_path, started_at, completed_at)
             SELECT id, file_id, file_path, policy_name, policy_version, actions_json, status,
                 error_message, backup_path, started_at, completed_at FROM old_operations",
        )?;
    }
    if has_table(db, "old_policies")? {
        db.execute_batch(
            "INSERT INTO policies (id, name, version, definition, created_at, updated_at)
             SELECT id, name, version, definition, created_at, updated_at FROM old_policies",
        )?;
    }
    if has_table(db, "old_plugin_acknowledgments")? {
        db.execute_batch(
            "INSERT INTO plugin_acknowledgments (id, plugin_name, plugin_hash, acknowledged_at, acknowledged_by)
             SELECT id, plugin_name, plugin_hash, acknowledged_at, acknowledged_by FROM old_plugin_acknowledgments",
        )?;
    }
    if has_table(db, "old_transcription_results")? {
        db.execute_batch(
            "INSERT INTO transcription_results (id, track_id, file_id, track_index, detected_language,
                 confidence_score, track_type, transcript_sample, plugin_name, created_at, updated_at)
             SELECT r.id, r.track_id, t.file_id, t.track_index, r.detected_language,
                 r.confidence_score, r.track_type, r.transcript_sample, r.plugin_name, r.created_at, r.updated_at
             FROM old_transcription_results r LEFT JOIN old_tracks t ON t.id = r.track_id",
        )?;
    }
    Ok(())
}

/// What the earlier program did to a file belongs to that file's story.
fn tell_operations(db: &Connection, now_ns: i64) -> Result<(), StoreError> {
    let mut rows = db.prepare(
        "SELECT file_id, policy_name, policy_version, actions_json, status, error_message, started_at
         FROM operations ORDER BY started_at, id",
    )?;
    let mut add_event =
        db.prepare("INSERT INTO events (file_id, job_id, at_ns, kind, detail) VALUES (?1, NULL, ?2, ?3, ?4)")?;
    let mut rows = rows.query([])?;
    while let Some(row) = rows.next()? {
        let status = text(row, 4)?.unwrap_or_default();
        let kind = if status == "COMPLETED" { "edited" } else { "failed" };
        let detail = json!({
            "from_version": 6,
            "policy": text(row, 1)?,
            "policy_version": integer(row, 2)?,
            "steps": embedded(row, 3)?,
            "status": status.to_lowercase(),
            "error": text(row, 5)?,
        });
        add_event.execute(params![
            integer(row, 0)?.unwrap_or(0),
            time(row, 6)?.unwrap_or(now_ns),
            kind,
            detail.to_string()
        ])?;
    }
    Ok(())
}

fn insert_some(map: &mut Map<String, Value>, key: &str, value: Option<Value>) {
    if let Some(value) = value {
        map.insert(key.to_owned(), value);
    }
}

/// Splits a path into its folder and its name.
fn split(path: &[u8]) -> (&[u8], &[u8]) {
    match path.iter().rposition(|byte| *byte == b'/') {
        Some(0) => (b"/", &path[1..]),
        Some(at) => (&path[..at], &path[at + 1..]),
        None => (b"", path),
    }
}

// Columns of the old tables are not strict: any type may stand anywhere, and text need not be UTF-8.

fn bytes(row: &Row<'_>, column: usize) -> Result<Vec<u8>, rusqlite::Error> {
    Ok(match row.get_ref(column)? {
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => bytes.to_vec(),
        _ => Vec::new(),
    })
}

fn text(row: &Row<'_>, column: usize) -> Result<Option<String>, rusqlite::Error> {
    Ok(match row.get_ref(column)? {
        ValueRef::Null => None,
        ValueRef::Integer(number) => Some(number.to_string()),
        ValueRef::Real(number) => Some(number.to_string()),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
    })
}

fn integer(row: &Row<'_>, column: usize) -> Result<Option<i64>, rusqlite::Error> {
    Ok(match row.get_ref(column)? {
        ValueRef::Integer(number) => Some(number),
        ValueRef::Real(number) => Some(number as i64),
        _ => None,
    })
}

fn decimal(row: &Row<'_>, column: usize) -> Result<Option<f64>, rusqlite::Error> {
    Ok(match row.get_ref(column)? {
        ValueRef::Integer(number) => Some(number as f64),
        ValueRef::Real(number) => Some(number),
        _ => None,
    })
}

/// JSON in a text column; what is none is kept as the text that it is.
fn embedded(row: &Row<'_>, column: usize) -> Result<Option<Value>, rusqlite::Error> {
    Ok(text(row, column)?.map(|text| serde_json::from_str(&text).unwrap_or(Value::String(text))))
}

/// Reads ISO 8601; without an offset it is UTC, as the earlier program wrote it.
fn time(row: &Row<'_>, column: usize) -> Result<Option<i64>, rusqlite::Error> {
    let Some(text) = text(row, column)? else { return Ok(None) };
    let text = text.trim();
    let zoned = DateTime::parse_from_rfc3339(text).map(|time| time.to_utc());
    let time = zoned.or_else(|_| {
        NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f")
            .or_else(|_| NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f"))
            .map(|naive| naive.and_utc())
    });
    Ok(time.ok().and_then(|time| time.timestamp_nanos_opt()))
}
