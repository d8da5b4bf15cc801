//! Moving in with a database of the earlier program, and databases that cannot be used.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use vpo_tests::{Home, film, names, workspace};

/// The database of the earlier program, when this machine has it.
fn earlier() -> Option<PathBuf> {
    let shared = std::env::var_os("VPO_SHARED").map_or_else(|| workspace().join("../shared"), PathBuf::from);
    let database = shared.join("fixtures/library-v6.db");
    if !database.is_file() {
        eprintln!("skipped: {} is missing", database.display());
        return None;
    }
    Some(database)
}

/// The files of a folder with their bytes.
fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let files = names(folder).into_iter().filter(|name| folder.join(name).is_file());
    files.map(|name| (name.clone(), fs::read(folder.join(name)).expect("readable"))).collect()
}

#[test]
fn case_56_a_database_of_the_earlier_program_is_upgraded_with_everything_in_it() {
    let Some(earlier) = earlier() else { return };
    let home = Home::new();
    home.write("library.db", fs::read(earlier).expect("readable"));

    let jobs = home.vpo(["jobs", "list", "--json"]).exits(0).json();

    let statuses: Vec<_> = jobs.as_array().expect("a list").iter().rev().map(|job| job["status"].clone()).collect();
    // The one that was running has no process any more.
    assert_eq!(statuses, ["completed", "failed", "completed", "failed", "queued", "cancelled"]);
    let count = |table: &str| -> i64 {
        home.database().query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).expect("there")
    };
    assert_eq!((count("files"), count("tracks"), count("jobs")), (12, 40, 6));
    assert_eq!((count("operations"), count("plugin_acknowledgments")), (1, 1));
    let backups: Vec<_> = names(&home.own()).into_iter().filter(|name| name.ends_with(".backup")).collect();
    assert_eq!(backups.len(), 1);
    let backup = Connection::open(home.own().join(&backups[0])).expect("a database");
    let version: String = backup.query_row("SELECT value FROM _meta", [], |row| row.get(0)).expect("one row");
    assert_eq!(version, "6");

    home.vpo(["jobs", "list"]).exits(0);
    home.put("Heat.mkv", &film("heat"));
    home.vpo(["scan", "[films]"]).exits(0);
    assert_eq!(count("files"), 13);
    assert_eq!(names(&home.own()).into_iter().filter(|name| name.ends_with(".backup")).count(), 1);
}

#[test]
fn case_57_a_newer_or_a_damaged_database_is_refused_untouched() {
    let home = Home::new();
    home.put("Heat.mkv", &film("heat"));
    let newer = "CREATE TABLE _meta (key TEXT, value TEXT); INSERT INTO _meta VALUES ('schema_version', '8')";
    let database = home.own().join("library.db");

    for damaged in [false, true] {
        let _ = fs::remove_file(&database);
        if damaged {
            fs::write(&database, "this was a database once, and is none any more".repeat(100)).expect("ours");
        } else {
            Connection::open(&database).expect("ours").execute_batch(newer).expect("plain SQL");
        }
        let before = contents(&home.own());

        let list = home.vpo(["jobs", "list"]).exits(2);
        let scan = home.vpo(["scan", "[films]"]).exits(2);

        let word = if damaged { "damaged" } else { "newer" };
        assert!(list.stderr.contains(word) && scan.stderr.contains(word), "{list}{scan}");
        assert!(contents(&home.own()) == before, "{word}");
    }
}

#[test]
fn case_57_a_library_on_a_read_only_disk_is_read_and_not_written() {
    let mut home = Home::new();
    home.put("Heat.mkv", &film("heat"));
    home.vpo(["scan", "[films]"]).exits(0);
    if !home.give_up_power() {
        return;
    }
    let lock = |read_only: bool| {
        let mut permissions = fs::metadata(home.own()).expect("ours").permissions();
        std::os::unix::fs::PermissionsExt::set_mode(&mut permissions, if read_only { 0o555 } else { 0o755 });
        fs::set_permissions(home.own(), permissions).expect("ours");
    };
    lock(true);
    let before = contents(&home.own());

    let jobs = home.vpo(["jobs", "list", "--json"]);
    let scan = home.vpo(["scan", "[films]"]);
    let after = contents(&home.own());
    lock(false);

    assert_eq!(jobs.exits(0).json().as_array().map(Vec::len), Some(1));
    assert!(scan.exits(2).stderr.contains("read-only"));
    assert!(after == before);
}
