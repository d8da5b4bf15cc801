mod kills;
mod listings;
mod opening;
mod upgrade;

use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::Connection;

/// A folder with a database of the earlier program in it: `count` files with three tracks each, and jobs of every status.
struct Earlier {
    folder: tempfile::TempDir,
}

impl Earlier {
    fn with_files(count: i64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let earlier = Self { folder };
        let mut db = Connection::open(earlier.path()).unwrap();
        db.execute_batch(include_str!("006.sql")).unwrap();
        let transaction = db.transaction().unwrap();
        transaction.execute("INSERT INTO _meta VALUES ('schema_version', '6')", []).unwrap();
        for n in 1..=count {
            let folder = format!("/media/Série {}", n % 7);
            let (status, error) = match n % 5 {
                0 => ("missing", None),
                1 => ("error", Some("ffprobe failed: Invalid data")),
                _ => ("ok", None),
            };
            transaction
                .execute(
                    "INSERT INTO files VALUES (?1, ?2, ?3, ?4, 'mkv', ?5, '2025-10-01T12:34:56.000001+00:00',
                         'xxh64:00', 'matroska,webm', '2025-11-20T08:00:00+00:00', ?6, ?7)",
                    rusqlite::params![
                        n,
                        format!("{folder}/Film {n}.mkv"),
                        format!("Film {n}.mkv"),
                        folder,
                        1000 + n,
                        status,
                        error
                    ],
                )
                .unwrap();
            for index in 0..3 {
                transaction
                    .execute(
                        "INSERT INTO tracks VALUES (NULL, ?1, ?2, 'audio', 'ac3', 'eng', NULL, 1, 0, 6, '5.1', NULL, NULL, NULL)",
                        [n, index],
                    )
                    .unwrap();
            }
        }
        for (n, status) in ["queued", "running", "completed", "failed", "cancelled"].into_iter().enumerate() {
            transaction
                .execute(
                    "INSERT INTO jobs (id, file_id, file_path, job_type, status, policy_name, policy_json,
                         progress_percent, created_at, error_message, worker_pid)
                     VALUES (?1, 1, '/media/Série 1/Film 1.mkv', 'transcode', ?2, 'hevc', '{\"crf\":20}', 40.0,
                         '2025-11-20T08:00:00+00:00', ?3, 4242)",
                    rusqlite::params![
                        format!("0abc000{n}-0000-0000-0000-000000000000"),
                        status,
                        (status == "failed").then_some("ffmpeg exited with 1")
                    ],
                )
                .unwrap();
        }
        transaction
            .execute_batch(
                "INSERT INTO operations VALUES ('op', 1, '/media/Série 1/Film 1.mkv', 'hevc', 1, '[]', 'COMPLETED', NULL, NULL,
                     '2025-11-20T08:00:00+00:00', NULL);
                 INSERT INTO policies VALUES (1, 'hevc', 1, '{}', 'then', 'then');
                 INSERT INTO plugin_acknowledgments VALUES (1, 'reorder', 'beef', 'then', NULL);
                 INSERT INTO transcription_results VALUES (1, 2, 'eng', 0.9, 'main', 'hello', 'whisper', 'then', 'then')",
            )
            .unwrap();
        transaction.commit().unwrap();
        earlier
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("library.db")
    }

    fn backups(&self) -> Vec<PathBuf> {
        let names = fs::read_dir(self.folder.path()).unwrap().map(|entry| entry.unwrap().path());
        let mut backups: Vec<_> = names.filter(|path| path.to_string_lossy().ends_with(".backup")).collect();
        backups.sort();
        backups
    }
}

fn count(db: &Connection, table: &str) -> i64 {
    db.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap()
}

fn version(path: &Path) -> i64 {
    let db = Connection::open(path).unwrap();
    let version: String =
        db.query_row("SELECT value FROM _meta WHERE key = 'schema_version'", [], |row| row.get(0)).unwrap();
    version.parse().unwrap()
}

fn assert_sound(db: &Connection) {
    let said: String = db.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(said, "ok");
    assert_eq!(count(db, "pragma_foreign_key_check"), 0);
}
