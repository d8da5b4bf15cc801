use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use rusqlite::Connection;

use super::count;
use crate::store::{Store, StoreError};

/// Every file of a folder with its bytes.
fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| (entry.file_name().to_string_lossy().into_owned(), fs::read(entry.path()).unwrap()))
        .collect()
}

#[test]
fn a_fresh_database_is_made_with_its_folder_for_the_owner_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a/b/library.db");

    let store = Store::open(&path).unwrap();

    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::metadata(folder.path().join("a")).unwrap().permissions().mode() & 0o777, 0o700);
    assert_eq!(count(&store.reader().unwrap(), "jobs"), 0);
    assert_eq!(super::version(&path), 7);
}

#[test]
fn two_may_make_the_same_database_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("library.db");

    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| drop(Store::open(&path).unwrap().writer().unwrap()));
        }
    });

    assert_eq!(super::version(&path), 7);
}

#[test]
fn a_reading_command_finds_an_empty_library_and_makes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("home/library.db");

    let store = Store::open_to_read(&path).unwrap();

    assert_eq!(count(&store.reader().unwrap(), "files"), 0);
    assert!(!folder.path().join("home").exists());
}

#[test]
fn a_reader_does_not_wait_for_a_writer_and_sees_what_was_committed() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("library.db")).unwrap();
    let mut writer = store.writer().unwrap();

    writer
        .transaction(|db| {
            db.execute("INSERT INTO folders (path) VALUES (x'2f')", [])?;
            assert_eq!(count(&store.reader().unwrap(), "folders"), 0);
            Ok::<_, StoreError>(())
        })
        .unwrap();

    assert_eq!(count(&store.reader().unwrap(), "folders"), 1);
}

#[test]
fn a_change_that_fails_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("library.db")).unwrap();

    let outcome: Result<(), StoreError> = store.writer().unwrap().durable_transaction(|db| {
        db.execute("INSERT INTO folders (path) VALUES (x'2f')", [])?;
        Err(StoreError::Full)
    });

    assert!(matches!(outcome, Err(StoreError::Full)));
    assert_eq!(count(&store.reader().unwrap(), "folders"), 0);
}

#[test]
fn a_reader_cannot_write() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("library.db")).unwrap();

    assert!(store.reader().unwrap().execute("DELETE FROM folders", []).is_err());
}

/// A database as this program makes it, but for one change.
fn folder_with_layout_but(change: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("library.db");
    Store::open(&path).unwrap().writer().unwrap().execute_batch(change).unwrap();
    folder
}

#[test]
fn a_newer_an_older_a_foreign_and_a_damaged_database_are_refused_untouched() {
    let make = |sql: &str| {
        let folder = tempfile::tempdir().unwrap();
        Connection::open(folder.path().join("library.db")).unwrap().execute_batch(sql).unwrap();
        folder
    };
    let meta = |version: &str| {
        format!(
            "PRAGMA journal_mode = WAL; CREATE TABLE _meta (key, value); INSERT INTO _meta VALUES ('schema_version', '{version}')"
        )
    };
    let newer = make(&meta("8"));
    // A version 7 of the earlier program, whose layout is not ours.
    let other_seven = make(&meta("7"));
    let older = make(&meta("5"));
    let early = folder_with_layout_but("ALTER TABLE files DROP COLUMN sample_hash");
    let foreign = make("CREATE TABLE recipes (name)");
    let damaged = tempfile::tempdir().unwrap();
    fs::write(damaged.path().join("library.db"), vec![b'x'; 5000]).unwrap();
    let torn = make("CREATE TABLE t (x); INSERT INTO t SELECT randomblob(9000) FROM t");
    fs::write(torn.path().join("library.db"), &fs::read(torn.path().join("library.db")).unwrap()[..600]).unwrap();

    let refusal = |folder: &tempfile::TempDir| {
        let path = folder.path().join("library.db");
        let before = contents(folder.path());
        let error = Store::open(&path).unwrap_err();
        assert!(Store::open_to_read(&path).is_err());
        assert!(contents(folder.path()) == before, "{error}");
        error
    };

    assert!(matches!(refusal(&newer), StoreError::Newer { found: 8, known: 7, .. }));
    assert!(matches!(refusal(&other_seven), StoreError::Newer { found: 7, .. }));
    assert!(matches!(refusal(&older), StoreError::TooOld { found: 5, .. }));
    let lacks_a_column = |error: &StoreError| error.to_string().contains("the column sample_hash of the table files");
    assert!(matches!(refusal(&early), error @ StoreError::OtherLayout { .. } if lacks_a_column(&error)));
    assert!(matches!(refusal(&foreign), StoreError::Foreign { .. }));
    assert!(matches!(refusal(&damaged), StoreError::NotADatabase { .. }));
    assert!(matches!(refusal(&torn), StoreError::NotADatabase { .. }));
}

#[test]
fn a_library_that_may_not_be_written_can_still_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("home/library.db");
    drop(Store::open(&path).unwrap().writer().unwrap());
    let lock = |mode| fs::set_permissions(folder.path().join("home"), fs::Permissions::from_mode(mode)).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).unwrap();
    lock(0o500);
    if fs::write(folder.path().join("home/probe"), "").is_ok() {
        eprintln!("skipped: permissions do not stop this user");
        return;
    }

    let store = Store::open(&path).unwrap();
    let read = count(&store.reader().unwrap(), "jobs");
    let written = store.writer().map(|_| ());
    lock(0o700);

    assert_eq!(read, 0);
    assert!(matches!(written, Err(StoreError::ReadOnly { .. })));
}
