//! Disks that are full, and films of other people. What needs root is skipped elsewhere.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::Path;

use vpo_tests::bench::all_names;
use vpo_tests::{Home, Mounted, film, under_strace};

/// Leaves so much room on the disk of a folder.
fn fill(folder: &Path, room: u64) {
    let found = rustix::fs::statvfs(folder).unwrap();
    let free = found.f_bavail * found.f_frsize;
    fs::write(folder.join("filler"), vec![1; free.saturating_sub(room) as usize]).unwrap();
}

fn empty(folder: &Path) {
    fs::remove_file(folder.join("filler")).unwrap();
}

const EDIT: &str = "policy \"rules\" { rule \"t\" { then { set-title \"Another title\"; }; }; }\n";
const REMUX: &str = "policy \"tracks\" { audio \"jpn\"; order \"audio\"; }\nallow \"remove-track\" \"reorder\"\n";

fn profiles() -> [String; 3] {
    [EDIT.to_owned(), REMUX.to_owned(), format!("{REMUX}apply backup=\"keep\"\n")]
}

/// The film is what it was, or what was planned and recorded as such; nothing else lies beside it.
fn is_sound(home: &Home, what: &str) -> bool {
    let names: Vec<String> = all_names(&home.films("")).into_iter().filter(|name| name != "filler").collect();
    let is_original = fs::read(home.films("Heat.mkv")).unwrap() == fs::read(film("heat")).unwrap();
    let again = home.vpo(["scan", "--json", "[films]"]).exits(0).json();
    assert_eq!(again["summary"]["scanned"], 0, "{what}: {again}");
    let kept = [".Heat.mkv.vpo-original", "Heat.mkv"];
    assert!(names == kept[1..] || (!is_original && names == kept), "{what}: {names:?}");
    !is_original
}

#[test]
fn films_on_a_disk_without_room_stay_as_they_are_until_there_is_some() {
    let size = fs::metadata(film("heat")).unwrap().len();
    for profile in profiles() {
        let mut changed = 0;
        for room in (0..=size + 40_960).step_by(size as usize / 8) {
            let what = format!("{room} bytes of room: {profile}");
            let home = Home::new();
            let Some(_disk) = Mounted::small_disk(&home.films(""), size / 1024 * 3 + 64) else { return };
            home.put("Heat.mkv", &film("heat"));
            home.write("profiles/kids.kdl", &profile);
            home.vpo(["scan", "[films]"]).exits(0);
            fill(&home.films(""), room);

            let full = home.vpo(["apply", "-p", "kids", "--yes"]);

            assert!(matches!(full.exit, 0 | 1), "{what}: {full}");
            let is_changed = is_sound(&home, &what);
            assert_eq!(is_changed, full.exit == 0, "{what}: {full}");
            changed += u32::from(is_changed);
            empty(&home.films(""));
            home.vpo(["apply", "-p", "kids", "--yes"]).exits(0);
            assert!(is_sound(&home, &what), "{what}");
        }
        assert!(changed > 0, "there was never enough room: {profile}");
    }
}

#[test]
fn a_database_without_room_leaves_films_as_they_are_until_there_is_some() {
    for profile in profiles() {
        for room in (0..160).step_by(16) {
            let what = format!("{room} KiB of room for the database: {profile}");
            let home = Home::new();
            let Some(_disk) = Mounted::small_disk(&home.own(), 4096) else { return };
            home.put("Heat.mkv", &film("heat"));
            home.write("profiles/kids.kdl", &profile);
            home.vpo(["scan", "[films]"]).exits(0);
            fill(&home.own(), room << 10);

            home.vpo(["apply", "-p", "kids", "--yes"]);
            empty(&home.own());

            // What was left open is settled by whoever comes next.
            home.vpo(["scan", "[films]"]).exits(0);
            is_sound(&home, &what);
            home.vpo(["apply", "-p", "kids", "--yes"]).exits(0);
            assert!(is_sound(&home, &what), "{what}");
        }
    }
}

#[test]
fn a_film_of_somebody_else_stays_theirs_when_root_changes_it_and_takes_it_back() {
    if !rustix::process::geteuid().is_root() {
        eprintln!("skipped: only root may give files away");
        return;
    }
    for profile in profiles() {
        let home = Home::new();
        let path = home.put("Heat.mkv", &film("heat"));
        chown(&path, Some(1234), Some(2345)).unwrap();
        fs::set_permissions(&path, PermissionsExt::from_mode(0o640)).unwrap();
        home.write("profiles/kids.kdl", &profile);
        home.vpo(["scan", "[films]"]).exits(0);
        let whose = || {
            let found = fs::metadata(&path).unwrap();
            (found.uid(), found.gid(), found.mode() & 0o7777, found.mtime_nsec())
        };
        let before = whose();

        home.vpo(["apply", "-p", "kids", "--yes"]).exits(0);
        let changed = whose();
        let is_reversible = !profile.contains("remove-track") || profile.contains("keep");
        home.vpo(["undo", "[films]/Heat.mkv"]).exits(i32::from(!is_reversible));

        assert_eq!((before.0, before.1, before.2), (1234, 2345, 0o640));
        assert_eq!(changed, before, "{profile}");
        assert_eq!(whose(), before, "{profile}");
    }
}

/// How often an apply waits for the disk that edits so many films; `None` where that cannot be watched.
fn waits(films: usize) -> Option<usize> {
    let home = Home::new();
    (0..films).for_each(|number| drop(home.put(format!("{number}.mkv"), &film("heat"))));
    home.write("profiles/kids.kdl", EDIT);
    home.vpo(["scan", "[films]"]).exits(0);
    let (told, apply) = (home.folder().join("told"), home.command(["apply", "-p", "kids"]));
    let options = ["-e", "trace=fsync,fdatasync", "-o"].map(OsStr::new);
    let mut watched = under_strace(&apply, options.into_iter().chain([told.as_os_str()]))?;
    let is_done = watched.output().is_ok_and(|output| output.status.success());
    let calls = fs::read_to_string(told).ok().filter(|_| is_done)?;
    Some(calls.lines().filter(|line| line.contains("sync(")).count())
}

#[test]
fn an_edit_in_place_waits_for_the_disk_twice() {
    let (Some(one), Some(eleven)) = (waits(1), waits(11)) else { return };

    // What is overwritten, with the intent, before the film; the film, before the record.
    assert_eq!(eleven - one, 20, "{one} for one film, {eleven} for eleven");
}
