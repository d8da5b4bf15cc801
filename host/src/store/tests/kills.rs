//! Upgrades that are killed: this very test program is started again, upgrades, and kills itself on the way.

use std::cell::Cell;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::Command;

use rusqlite::Connection;

use super::{Earlier, assert_sound, count, version};
use crate::store::{Clock, Stage, Store};

const FILES: i64 = 3000;

/// Runs in the child: upgrades the database named by the environment and dies at the given call of the watcher.
#[test]
#[ignore = "is started by the other tests of this file"]
fn child() {
    let path = std::env::var_os("UPGRADE_PATH").expect("given by the parent");
    let calls_left = Cell::new(std::env::var("UPGRADE_CALLS").unwrap().parse::<i64>().unwrap());
    let watch = |_: Stage| {
        calls_left.set(calls_left.get() - 1);
        if calls_left.get() == 0 {
            let me = rustix::process::getpid();
            rustix::process::kill_process(me, rustix::process::Signal::KILL).unwrap();
        }
    };
    Store::open_watched(Path::new(&path), &Clock::system(), &watch).unwrap();
}

/// Starts the child; returns whether it was killed.
fn upgrade_killed_at(path: &Path, call: i64) -> bool {
    let status = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "store::tests::kills::child", "--ignored", "--test-threads=1", "-q"])
        .env("UPGRADE_PATH", path)
        .env("UPGRADE_CALLS", call.to_string())
        .stdout(std::process::Stdio::null())
        .status()
        .unwrap();
    status.signal() == Some(9)
}

#[test]
fn killed_at_any_point_it_is_version_6_or_wholly_version_7() {
    let reference = Earlier::with_files(FILES);
    let calls = {
        let calls = Cell::new(0);
        let counting = Earlier::with_files(FILES);
        Store::open_watched(&counting.path(), &Clock::system(), &|_| calls.set(calls.get() + 1)).unwrap();
        calls.get()
    };
    // Every stage around the rows, and seeded points between the rows.
    let mut points: Vec<i64> = (1..=5).chain(calls - 4..=calls).collect();
    let mut seed: u64 = 0x9e37_79b9_7f4a_7c15;
    for _ in 0..10 {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        points.push((seed % calls as u64) as i64 + 1);
    }

    for point in points {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("library.db");
        std::fs::copy(reference.path(), &path).unwrap();

        assert!(upgrade_killed_at(&path, point), "call {point} is reached");

        let db = Connection::open(&path).unwrap();
        assert_sound(&db);
        assert_eq!(count(&db, "files"), FILES, "call {point}");
        assert_eq!(count(&db, "tracks"), 3 * FILES, "call {point}");
        drop(db);
        let expected = if point == calls { 7 } else { 6 };
        assert_eq!(version(&path), expected, "call {point} of {calls}");
        // The next start does what this one could not.
        let store = Store::open(&path).unwrap();
        assert_sound(&store.reader().unwrap());
        assert_eq!(version(&path), 7);
        assert!(!folder.path().join("library.db.backup-unfinished").exists());
    }
}
