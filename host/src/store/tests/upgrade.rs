use std::fs;
use std::path::Path;

use serde_json::json;

use super::{Earlier, assert_sound, count, version};
use crate::store::jobs::{self, JobFilter, JobStatus, JobType};
use crate::store::{Clock, Happening, Store, StoreError, history};

/// 2026-11-23T04:00:00Z.
const NOW_NS: i64 = 1_795_406_400_000_000_000;

fn upgrade(path: &Path) -> Store {
    Store::open_watched(path, &Clock::fixed(NOW_NS), &|_| {}).unwrap()
}

#[test]
fn everything_of_version_6_is_there_in_version_7() {
    let earlier = Earlier::with_files(10);

    let store = upgrade(&earlier.path());

    let db = store.reader().unwrap();
    assert_sound(&db);
    assert_eq!(version(&earlier.path()), 7);
    for (table, rows) in [
        ("files", 10),
        ("folders", 7),
        ("tracks", 30),
        ("jobs", 5),
        ("job_files", 5),
        ("operations", 1),
        ("policies", 1),
        ("plugin_acknowledgments", 1),
        ("transcription_results", 1),
    ] {
        assert_eq!(count(&db, table), rows, "{table}");
    }
    assert_eq!(count(&db, "files WHERE state = 'error' AND error LIKE 'ffprobe%'"), 2);
    assert_eq!(count(&db, "files WHERE missing_since_ns IS NOT NULL"), 2);
    assert_eq!(count(&db, "files WHERE mtime_ns = 1759322096000001000 AND size > 1000"), 10);
    assert_eq!(count(&db, "tracks WHERE channels = 6 AND language = 'eng'"), 30);
    assert_eq!(count(&db, "transcription_results WHERE file_id = 1 AND track_index = 1"), 1);
    assert_eq!(count(&db, "sqlite_schema WHERE name LIKE 'old%' OR name LIKE 'idx%'"), 0);
}

#[test]
fn jobs_keep_their_ids_statuses_and_what_has_no_column_any_more() {
    let earlier = Earlier::with_files(1);

    let store = upgrade(&earlier.path());

    let db = store.reader().unwrap();
    let all = jobs::newest(&db, &JobFilter { limit: 10, ..JobFilter::default() }).unwrap();
    let statuses: Vec<JobStatus> = all.iter().rev().map(|job| job.status).collect();
    assert_eq!(statuses, JobStatus::ALL);
    assert!(all.iter().all(|job| job.job_type == JobType::Transcode));
    let (row, details) = jobs::find(&db, "0abc0003-0000-0000-0000-000000000000").unwrap().unwrap();
    assert_eq!(details.error.unwrap().message, "ffmpeg exited with 1");
    assert_eq!(details.settings.unwrap()["policy"], json!({ "crf": 20 }));
    assert_eq!(row.summary.unwrap()["progress_percent"], json!(40.0));
    assert_eq!(row.path.as_deref(), Some("/media/Série 1/Film 1.mkv"));
}

#[test]
fn the_story_of_a_file_goes_on() {
    let earlier = Earlier::with_files(1);

    let store = upgrade(&earlier.path());

    let db = store.reader().unwrap();
    let ids = history::files_at(&db, Path::new("/media/Série 1/Film 1.mkv")).unwrap();
    let story = history::of_file(&db, ids[0]).unwrap();
    let upgraded = story.iter().find(|event| event.kind == Happening::Upgraded).unwrap();
    let detail = upgraded.detail.as_ref().unwrap();
    assert_eq!(detail["content_hash"], "xxh64:00");
    assert_eq!(detail["tracks"][2]["channel_layout"], "5.1");
    assert!(story.iter().any(|event| event.kind == Happening::Edited
        && event.detail.as_ref().is_some_and(|detail| detail["policy"] == "hevc")));
}

#[test]
fn ids_of_files_deleted_long_ago_are_not_given_again() {
    let earlier = Earlier::with_files(3);
    let db = rusqlite::Connection::open(earlier.path()).unwrap();
    db.execute("DELETE FROM files WHERE id = 3", []).unwrap();
    drop(db);

    upgrade(&earlier.path());

    let db = rusqlite::Connection::open(earlier.path()).unwrap();
    assert_eq!(count(&db, "sqlite_sequence WHERE name = 'files' AND seq = 3"), 1);
}

#[test]
fn the_backup_is_what_was_there_and_is_never_overwritten() {
    let earlier = Earlier::with_files(2);
    let taken = earlier.folder.path().join("library.db.v6-20261123T040000Z.backup");
    fs::write(&taken, "somebody's").unwrap();

    upgrade(&earlier.path());

    assert_eq!(fs::read(&taken).unwrap(), b"somebody's");
    let backups = earlier.backups();
    assert_eq!(backups.len(), 2);
    let backup = backups.iter().find(|path| **path != taken).unwrap();
    assert_eq!(version(backup), 6);
    assert_eq!(count(&rusqlite::Connection::open(backup).unwrap(), "tracks"), 6);
}

#[test]
fn upgrading_twice_changes_nothing() {
    let earlier = Earlier::with_files(2);
    upgrade(&earlier.path());
    let before = fs::read(earlier.path()).unwrap();

    upgrade(&earlier.path());

    assert_eq!(fs::read(earlier.path()).unwrap(), before);
    assert_eq!(earlier.backups().len(), 1);
}

#[test]
fn of_many_that_upgrade_at_once_one_does() {
    let earlier = Earlier::with_files(50);

    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| upgrade(&earlier.path()));
        }
    });

    assert_eq!(version(&earlier.path()), 7);
    assert_eq!(earlier.backups().len(), 1);
}

#[test]
fn without_a_backup_there_is_no_upgrade() {
    let earlier = Earlier::with_files(2);
    // A folder where the unfinished copy would be cannot be removed as a file.
    fs::create_dir(earlier.folder.path().join("library.db.backup-unfinished")).unwrap();

    let refused = Store::open(&earlier.path());

    assert!(matches!(refused, Err(StoreError::Backup { .. })));
    assert_eq!(version(&earlier.path()), 6);
}

#[test]
fn the_database_that_the_earlier_program_left_is_upgraded() {
    let shared = std::env::var_os("VPO_SHARED")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared"), std::path::PathBuf::from);
    let Ok(bytes) = fs::read(shared.join("fixtures/library-v6.db")) else {
        eprintln!("skipped: {} has no database of the earlier program", shared.display());
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("library.db");
    fs::write(&path, bytes).unwrap();

    let store = upgrade(&path);

    let db = store.reader().unwrap();
    assert_sound(&db);
    assert_eq!((count(&db, "files"), count(&db, "tracks"), count(&db, "jobs")), (12, 40, 6));
}

#[test]
fn what_a_killed_earlier_program_left_in_its_log_of_changes_is_there_too() {
    let earlier = Earlier::with_files(3);
    let db = rusqlite::Connection::open(earlier.path()).unwrap();
    db.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0;
         UPDATE files SET path = '/media/late.mkv' WHERE id = 3",
    )
    .unwrap();
    let killed = tempfile::tempdir().unwrap();
    for suffix in ["", "-wal"] {
        let name = format!("library.db{suffix}");
        fs::copy(earlier.folder.path().join(&name), killed.path().join(&name)).unwrap();
    }

    let path = killed.path().join("library.db");
    let store = upgrade(&path);

    let ids = history::files_at(&store.reader().unwrap(), Path::new("/media/late.mkv")).unwrap();
    assert_eq!(ids, [3]);
    assert_eq!(version(&path), 7);
}
