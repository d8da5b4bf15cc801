//! A dry run foresees what an apply would not do: other names of a film, a name that is taken, a link, a folder or a disk
//! that is read-only or not there, damage. What it says is what the apply does.

use std::fs;
use std::os::unix::fs::{FileExt, PermissionsExt, symlink};
use std::path::Path;

use serde_json::{Value, json};
use vpo_tests::{Home, Outcome, Recipe, film, stand_in, varied};

const KEEP_ENGLISH: &str = "policy \"tracks\" {\n    audio \"eng\" fallback=\"keep-all\"\n}\nallow \"remove-track\"\n";
const TO_MATROSKA: &str = "policy \"container\" { to \"mkv\"; }\nallow \"convert-container\"\n";

fn home(profile: &str) -> Home {
    let home = Home::new();
    home.put("Heat.mkv", &film("heat"));
    home.write("profiles/kids.kdl", profile);
    home
}

/// Of every file that is not simply changed: its name, how it ends, and the code of the reason. First as foreseen, then as
/// it came; both exit codes.
fn foreseen_and_done(home: &Home) -> ([Value; 2], [i32; 2]) {
    let (dry, done) = dry_and_done(home);
    let name =
        |file: &Value| Path::new(file["file"].as_str().unwrap()).file_name().unwrap().to_str().unwrap().to_owned();
    let files = |answer: &Value| answer["files"].as_array().unwrap().clone();
    let foreseen = files(&dry.json()).into_iter().filter(|file| file["obstacle"].is_object()).map(|file| {
        let obstacle = &file["obstacle"];
        json!([name(&file), obstacle["outcome"], obstacle["code"], obstacle["message"]])
    });
    let done_files = files(&done.json()).into_iter().filter(|file| file["outcome"] != "edited");
    let came = done_files.map(|file| json!([name(&file), file["outcome"], file["code"], file["reason"]]));
    ([foreseen.collect(), came.collect()], [dry.exit, done.exit])
}

fn dry_and_done(home: &Home) -> (Outcome, Outcome) {
    let dry = home.vpo(["apply", "-p", "kids", "--dry-run", "--json"]);
    (dry, home.vpo(["apply", "-p", "kids", "--yes", "--json"]))
}

fn scan(home: &Home) {
    home.vpo(["scan", "-p", "kids", "[films]"]).exits(0);
}

#[test]
fn case_47_a_film_with_other_names_is_foreseen_to_be_skipped() {
    let home = home(KEEP_ENGLISH);
    home.put("Alien.mkv", &film("alien"));
    fs::hard_link(home.films("Heat.mkv"), home.films("Other.mkv")).unwrap();
    scan(&home);

    let words = home.vpo(["apply", "-p", "kids", "--dry-run"]).exits(0).stdout;
    let ([foreseen, came], exits) = foreseen_and_done(&home);

    assert!(words.contains("would change 1 of 3 files") && words.contains("2 files cannot be changed now"), "{words}");
    assert!(words.contains("would be skipped: the file has 2 hard links"), "{words}");
    assert_eq!(foreseen, came);
    assert_eq!((&foreseen[0][0], &foreseen[0][1]), (&json!("Heat.mkv"), &json!("skipped")));
    assert_eq!(exits, [0, 0]);
}

#[test]
fn case_42_a_name_that_is_taken_or_wanted_twice_is_foreseen() {
    let home = home(TO_MATROSKA);
    let tape = Recipe::new("heat").remuxed("mp4");
    for name in ["Heat.mp4", "Tape 1.mov", "Tape 1.mp4"] {
        home.put(name, &tape);
    }
    scan(&home);

    let ([foreseen, came], exits) = foreseen_and_done(&home);

    assert_eq!(foreseen, came);
    let names: Vec<&Value> = foreseen.as_array().unwrap().iter().map(|one| &one[0]).collect();
    assert_eq!(names, ["Heat.mp4", "Tape 1.mp4"]);
    assert!(foreseen.as_array().unwrap().iter().all(|one| one[1] == "failed" && one[2] == "TARGET_EXISTS"));
    assert_eq!(exits, [1, 1]);
    assert_eq!(vpo_tests::names(&home.films("")), ["Heat.mkv", "Heat.mp4", "Tape 1.mkv", "Tape 1.mp4"]);
}

#[test]
fn a_symbolic_link_is_foreseen_to_be_skipped() {
    let home = home(&format!("{KEEP_ENGLISH}scan follow-symlinks=#true\n"));
    fs::rename(home.films("Heat.mkv"), home.folder().join("Real.mkv")).unwrap();
    symlink("../Real.mkv", home.films("Link.mkv")).unwrap();
    scan(&home);

    let ([foreseen, came], exits) = foreseen_and_done(&home);

    assert_eq!(foreseen, came);
    assert_eq!((&foreseen[0][1], &foreseen[0][2]), (&json!("skipped"), &json!("SYMBOLIC_LINK")));
    assert_eq!(exits, [0, 0]);
    assert!(home.films("Link.mkv").is_symlink());
}

#[test]
fn case_44_a_read_only_folder_is_found_before_any_tool_runs() {
    let mut home = home(KEEP_ENGLISH);
    if !home.give_up_power() {
        eprintln!("skipped: the program cannot be run as a user without power here");
        return;
    }
    scan(&home);
    let ran = home.folder().join("ran");
    let tool = stand_in(home.folder(), "mkvmerge", &format!("touch {}", ran.display()));
    home.write("config.kdl", format!("tools {{ mkvmerge {tool:?}; }}\n"));
    fs::set_permissions(home.films(""), PermissionsExt::from_mode(0o555)).unwrap();

    let ([foreseen, came], exits) = foreseen_and_done(&home);
    fs::set_permissions(home.films(""), PermissionsExt::from_mode(0o755)).unwrap();

    assert_eq!(foreseen, came);
    let said = foreseen[0][3].as_str().unwrap();
    assert!(said.starts_with("the folder ") && said.ends_with("is read-only"), "{said}");
    assert_eq!(exits, [1, 1]);
    assert!(!ran.exists());
}

#[test]
fn a_root_that_is_not_there_is_told_once_and_other_roots_are_changed() {
    let home = home(KEEP_ENGLISH);
    home.put("Alien.mkv", &film("alien"));
    scan(&home);
    fs::rename(home.films(""), home.folder().join("away")).unwrap();

    let foreseen = home.vpo(["apply", "-p", "kids", "--dry-run", "--json"]).exits(1).json();
    let none = home.vpo(["apply", "-p", "kids", "--yes"]).exits(2);
    fs::create_dir(home.folder().join("two")).unwrap();
    fs::copy(film("brazil"), home.folder().join("two/Brazil.mkv")).unwrap();
    home.vpo(["scan", "two"]).exits(0);
    let some = home.vpo(["apply", "-p", "kids", "--yes"]).exits(1);

    assert_eq!(foreseen["summary"]["obstacles"], json!({ "ROOT_OFFLINE": 2 }));
    assert_eq!(none.stderr.matches("is offline: it is not there").count(), 1, "{none}");
    assert!(!none.stderr.contains("Heat"), "{none}");
    assert_eq!(some.stderr.matches("is offline").count(), 1, "{some}");
    assert!(some.stderr.contains("failed   2 files: the root "), "{some}");
    assert!(some.stdout.contains("1 changed, 0 skipped, 2 failed"), "{some}");
    let failed = home.vpo(["jobs", "list", "--failed", "--json"]).exits(0).json();
    assert_eq!(failed.as_array().unwrap().len(), 2);
}

#[test]
fn a_film_that_changed_since_the_scan_is_foreseen_with_what_to_do() {
    let home = home(KEEP_ENGLISH);
    scan(&home);
    fs::copy(film("other"), home.films("Heat.mkv")).unwrap();

    let ([foreseen, came], exits) = foreseen_and_done(&home);

    assert_eq!(foreseen, came);
    assert_eq!(foreseen[0][2], "STALE");
    assert!(foreseen[0][3].as_str().unwrap().contains("scan it again first"));
    assert_eq!(exits, [1, 1]);
}

#[test]
fn a_damaged_film_is_not_changed_until_it_is_restored_or_taken_for_right() {
    for way_out in ["restored", "taken for right"] {
        let home = home(KEEP_ENGLISH);
        let path = home.films("Heat.mkv");
        home.vpo(["scan", "--verify-hash", "[films]"]).exits(0);
        let (whole, times) = (fs::read(&path).unwrap(), fs::metadata(&path).unwrap());
        let file = fs::File::options().write(true).open(&path).unwrap();
        file.write_all_at(b"damage", times.len() / 2).unwrap();
        file.set_modified(times.modified().unwrap()).unwrap();
        home.vpo(["scan", "--verify-hash", "[films]"]).exits(1);

        let ([foreseen, came], exits) = foreseen_and_done(&home);
        let again = home.vpo(["scan", "[films]"]);
        if way_out == "restored" {
            fs::write(&path, whole).unwrap();
            file.set_modified(times.modified().unwrap()).unwrap();
            home.vpo(["scan", "[films]"]).exits(0);
        } else {
            home.vpo(["scan", "--full", "--verify-hash", "[films]"]).exits(0);
        }

        assert_eq!(foreseen, came, "{way_out}");
        assert_eq!(foreseen[0][2], "DAMAGED", "{way_out}");
        assert!(foreseen[0][3].as_str().unwrap().contains("restore it"), "{way_out}");
        assert_eq!(exits, [1, 1], "{way_out}");
        assert_eq!(again.exit, 0, "{way_out}");
        home.vpo(["apply", "-p", "kids", "--yes"]).exits(0);
        assert_eq!(home.vpo(["scan", "--verify-hash", "[films]"]).exit, 0, "{way_out}");
    }
}

#[test]
fn a_dry_scan_counts_the_errors_that_a_scan_would() {
    let home = home(KEEP_ENGLISH);
    home.write("empty", "");
    home.put("Empty.mkv", &home.own().join("empty"));
    let summary = |arguments: &[&str]| home.vpo(arguments).exits(1).summary();

    let foreseen = summary(&["scan", "--dry-run", "--json", "[films]"]);
    let came = summary(&["scan", "--json", "[films]"]);
    let foreseen_again = summary(&["scan", "--dry-run", "--json", "[films]"]);

    assert_eq!(foreseen, came);
    assert_eq!((came[6], foreseen_again[6]), (1, 1));
}

#[test]
fn a_film_in_a_container_that_is_not_written_is_skipped_and_never_fails_a_library() {
    let home = Home::new();
    home.put("two.avi", &varied().join("58_xvid_2audio.avi"));
    home.put("Heat.mkv", &film("heat"));
    home.write("profiles/kids.kdl", "policy \"tracks\" { default audio=\"first\" subtitle=\"none\"; }\n");
    home.vpo(["scan", "[films]"]).exits(0);
    let before = fs::read(home.films("two.avi")).unwrap();

    let foreseen = home.vpo(["apply", "-p", "kids", "--dry-run"]).exits(0).stdout;
    let done = home.vpo(["apply", "-p", "kids", "--yes", "--json"]).exits(0).json();
    let again = home.vpo(["apply", "-p", "kids", "--yes", "--json"]).exits(0).json();

    assert!(foreseen.contains("would be skipped: ") && foreseen.contains("vpo changes no avi files"), "{foreseen}");
    assert_eq!((&done["summary"]["skipped"], &done["summary"]["failed"]), (&1.into(), &0.into()), "{done}");
    assert_eq!((&again["summary"]["skipped"], &again["summary"]["failed"]), (&1.into(), &0.into()), "{again}");
    assert!(fs::read(home.films("two.avi")).unwrap() == before);
}

#[test]
fn a_film_whose_header_may_hide_a_track_is_not_changed() {
    let whole = fs::read(film("heat")).unwrap();
    let tracks = whole.windows(4).position(|id| id == [0x16, 0x54, 0xAE, 0x6B]).unwrap();
    // The header of the last TrackEntry: its id, and a size that ends where Tracks does.
    let subtitle = whole[tracks + 4..].windows(10).position(|bytes| bytes == b"S_TEXT/UTF").unwrap() + tracks + 4;
    let entry = (tracks + 4..subtitle).rev().find(|&at| whole[at] == 0xAE && whole[at + 1] & 0x80 != 0).unwrap();
    let mut damaged = whole;
    damaged[entry] ^= 1;
    let home = Home::new();
    let path = home.write("damaged.mkv", &damaged);
    home.put("Heat.mkv", &path);
    home.write("profiles/kids.kdl", "policy \"tracks\" { audio \"eng\"; }\nallow \"remove-track\"\n");
    let rule = "rule \"kids\" { then { remove-track \"audio\" language=\"jpn\"; }; }";
    home.write("profiles/careless.kdl", format!("policy \"rules\" {{ {rule}; }}\nallow \"remove-track\"\n"));
    home.vpo(["scan", "[films]"]).exits(0);

    let facts = home.vpo(["inspect", "--json", "[films]/Heat.mkv"]).exits(0).json();
    let done = home.vpo(["apply", "-p", "kids", "--yes"]).exits(1);
    let careless = home.vpo(["apply", "-p", "careless", "--yes"]).exits(1);

    assert_eq!(facts["tracks"].as_array().unwrap().len(), 3, "{facts}");
    assert!(facts["partial"].as_str().unwrap().contains("is no track"), "{facts}");
    assert!(done.stderr.contains("what is known of the file is not complete"), "{done}");
    assert!(careless.stderr.contains("what is known of it is not complete"), "{careless}");
    assert!(fs::read(home.films("Heat.mkv")).unwrap() == damaged);
}
