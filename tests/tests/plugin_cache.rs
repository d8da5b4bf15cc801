//! The cache of compiled plugins, spoiled in every way that a stranger or an accident could: what lies there is never run,
//! and the work goes on.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::path::{Path, PathBuf};

use vpo_tests::{Home, Mounted, component, film, names};

const STRANGER: u32 = 65_534;

/// What is done to a file or the folder.
type Spoil = fn(&Path);

/// A home with a dropped-in policy, and a cache of its own.
fn home() -> Home {
    let home = Home::with_own_cache();
    home.drop_plugin("no-scary-titles.wasm", &component("hostile", "no-scary-titles"));
    home
}

/// Loads the plugin, which works whatever lies in the cache, and returns what was logged.
fn load(home: &Home) -> String {
    let log = home.own().join("log");
    let _ = fs::remove_file(&log);
    home.vpo(["--log-level", "warn", "--log-file", "[home]/log", "plugins", "show", "no-scary-titles"]).exits(0);
    fs::read_to_string(log).unwrap_or_default()
}

fn folder(home: &Home) -> PathBuf {
    home.folder().join("cache/vpo/plugins")
}

/// The one file of compiled code; nothing else may lie beside it.
fn code_of(home: &Home) -> PathBuf {
    let mut files: Vec<PathBuf> = fs::read_dir(folder(home)).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(files.len(), 1, "{files:?}");
    files.pop().unwrap()
}

#[test]
fn case_52_compiled_code_that_was_tampered_with_is_never_run() {
    let ways: [(&str, Spoil); 7] = [
        ("cut", |code| fs::write(code, &fs::read(code).unwrap()[..1000]).unwrap()),
        ("one bit turned", |code| {
            let mut bytes = fs::read(code).unwrap();
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
            fs::write(code, bytes).unwrap();
        }),
        ("emptied", |code| fs::write(code, "").unwrap()),
        ("a link", |code| {
            let elsewhere = code.with_file_name("../elsewhere");
            fs::rename(code, &elsewhere).unwrap();
            symlink(elsewhere, code).unwrap();
        }),
        ("a second name", |code| fs::hard_link(code, code.with_file_name("../elsewhere")).unwrap()),
        ("open to others", |code| fs::set_permissions(code, Permissions::from_mode(0o666)).unwrap()),
        ("of another user", |code| {
            if chown(code, Some(STRANGER), None).is_err() {
                eprintln!("skipped: only root can give files away");
                fs::write(code, "").unwrap();
            }
        }),
    ];
    for (how, spoil) in ways {
        let home = home();
        assert_eq!(load(&home), "", "{how}: nothing is wrong at first");
        let code = code_of(&home);
        let whole = fs::read(&code).unwrap().len();
        spoil(&code);

        let spoiled = load(&home);
        let mended = load(&home);

        assert!(spoiled.contains("damaged or not ours"), "{how}: {spoiled}");
        assert_eq!(mended, "", "{how}");
        assert_eq!(fs::symlink_metadata(code_of(&home)).unwrap().len(), whole as u64, "{how}: made anew");
    }
}

#[test]
fn what_compiling_took_is_told_later_too() {
    let home = home();
    let cost = || home.vpo(["plugins", "show", "no-scary-titles", "--json"]).exits(0).json()["cost"].clone();

    let first = cost();
    let later = cost();

    assert!(first["compile_seconds"].as_f64().unwrap() > 0.0, "{first}");
    assert_eq!(first["compile_seconds"], later["compile_seconds"]);
    for part in ["load_seconds", "first_call_seconds", "call_seconds"] {
        assert!(later[part].as_f64().unwrap() > 0.0, "{later}");
    }
}

#[test]
fn code_that_nothing_used_for_long_goes_when_new_code_comes() {
    let home = home();
    load(&home);
    let code = code_of(&home);
    let old = code.with_file_name(format!("{}-{}.cwasm", "0".repeat(64), "0".repeat(16)));
    let theirs = code.with_file_name("theirs.cwasm");
    for path in [&old, &theirs] {
        fs::write(path, "old").unwrap();
        let file = fs::File::options().write(true).open(path).unwrap();
        file.set_modified(std::time::SystemTime::UNIX_EPOCH).unwrap();
    }

    load(&home);
    assert!(old.exists(), "only what is written anew makes room");
    home.vpo(["plugins", "show", "stat"]).exits(0);

    assert!(!old.exists());
    assert!(code.exists() && theirs.exists());
}

#[test]
fn case_52_a_folder_that_is_not_ours_alone_is_not_used() {
    let ways: [(&str, Spoil, &str); 4] = [
        ("open to others", |vpo| fs::set_permissions(vpo, Permissions::from_mode(0o777)).unwrap(), "others may write"),
        (
            "a link",
            |vpo| {
                fs::rename(vpo, vpo.with_file_name("elsewhere")).unwrap();
                symlink(vpo.with_file_name("elsewhere"), vpo).unwrap();
            },
            "no folder",
        ),
        (
            "a file",
            |vpo| {
                fs::remove_dir_all(vpo).unwrap();
                fs::write(vpo, "").unwrap();
            },
            "exists",
        ),
        (
            "of another user",
            |vpo| {
                if chown(vpo, Some(STRANGER), None).is_err() {
                    eprintln!("skipped: only root can give folders away");
                    fs::set_permissions(vpo, Permissions::from_mode(0o777)).unwrap();
                }
            },
            "",
        ),
    ];
    for (how, spoil, why) in ways {
        let home = home();
        load(&home);
        spoil(&folder(&home));

        let said = load(&home);

        assert_eq!(said.matches("compiled plugins are not kept").count(), 1, "{how}: {said}");
        assert!(said.contains(why), "{how}: {said}");
    }
}

#[test]
fn case_52_a_full_or_read_only_disk_under_the_cache_costs_time_only() {
    for how in ["full", "read-only"] {
        let home = home();
        let cache = home.folder().join("cache");
        fs::create_dir(&cache).unwrap();
        let disk = if how == "full" { Mounted::small_disk(&cache, 4) } else { Mounted::read_only_disk(&cache) };
        let Some(disk) = disk else { return };

        let said = load(&home);
        let left = fs::read_dir(cache.join("vpo/plugins")).map_or(0, Iterator::count);
        drop(disk);

        assert!(said.contains("compiled plugins are not kept"), "{how}: {said}");
        assert_eq!(left, 0, "{how}: nothing half-written stays");
    }
}

#[test]
fn case_52_two_that_compile_at_once_leave_one_whole_file() {
    let home = home();
    let start = || home.start(["plugins", "show", "no-scary-titles"]);

    let both = [start(), start()];

    for one in both {
        assert!(one.wait_with_output().unwrap().status.success());
    }
    code_of(&home);
    assert_eq!(load(&home), "");
}

/// A home with a cache of its own and a film that was scanned.
fn scanned() -> Home {
    let home = Home::with_own_cache();
    home.put("Heat.mkv", &film("heat"));
    scan(&home, &[]);
    home
}

/// Scans, and returns how many files were skipped.
fn scan(home: &Home, options: &[&str]) -> i64 {
    let scanned = home.vpo(["scan", "--json", "[films]"].iter().chain(options)).exits(0);
    scanned.json()["summary"]["skipped"].as_i64().unwrap()
}

/// What the cache holds of a sort.
fn kept(home: &Home, ending: &str) -> Vec<PathBuf> {
    let folder = folder(home);
    names(&folder).iter().filter(|name| name.ends_with(ending)).map(|name| folder.join(name)).collect()
}

#[test]
fn a_scan_that_finds_nothing_changed_needs_no_code_of_introspectors() {
    let home = scanned();
    assert!(kept(&home, ".cwasm").len() > 1);
    kept(&home, ".cwasm").iter().for_each(|code| fs::remove_file(code).unwrap());

    let skipped = scan(&home, &[]);

    assert_eq!(skipped, 1);
    assert_eq!(kept(&home, ".cwasm").len(), 1, "the detector's alone");
}

#[test]
fn what_plugins_said_is_asked_again_when_it_was_tampered_with() {
    let home = scanned();
    let said = || kept(&home, ".said").iter().map(|path| fs::read(path).unwrap()).collect::<Vec<_>>();
    let first = said();
    assert!(first.len() > 1);
    for path in kept(&home, ".said") {
        // "mkv" and "matroska" in what is claimed and described: it stays what could be read.
        let spoiled =
            fs::read(&path).unwrap().iter().map(|byte| if *byte == b'm' { b'n' } else { *byte }).collect::<Vec<_>>();
        fs::write(&path, spoiled).unwrap();
    }
    assert_ne!(said(), first);

    let skipped = scan(&home, &["--full"]);

    assert_eq!(skipped, 0);
    assert_eq!(said(), first);
}
