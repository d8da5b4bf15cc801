//! What apply did is taken back: from the history, or by the original that was kept.

use std::fs;

use vpo_tests::bench::all_names;
use vpo_tests::{Home, film, on_path, write_script};

const KEEP_ENGLISH: &str = r#"
policy "tracks" {
    audio "eng" fallback="keep-all"
    subtitle "eng"
    order "video" "audio-main" "audio-other" "subtitle-main"
    default audio="first" subtitle="none"
}
allow "remove-track" "reorder"
"#;

/// A scanned home with one film in English and Japanese, and a profile of this text.
fn home(profile: &str) -> Home {
    let home = Home::new();
    home.put("Heat.mkv", &film("heat"));
    home.write("profiles/kids.kdl", profile);
    home.vpo(["scan", "[films]"]).exits(0);
    home
}

fn languages(home: &Home, name: &str) -> Vec<String> {
    let facts = home.vpo(["inspect", "--json", &format!("[films]/{name}")]).exits(0).json();
    let tracks = facts["tracks"].as_array().unwrap();
    tracks
        .iter()
        .map(|track| format!("{} {}", track["type"].as_str().unwrap(), track["language"].as_str().unwrap()))
        .collect()
}

#[test]
fn an_edit_is_taken_back_from_the_history() {
    let home = home("policy \"tracks\" { default audio=\"none\" subtitle=\"first\"; }\n");
    let before = home.vpo(["inspect", "--json", "[films]/Heat.mkv"]).json();
    home.vpo(["apply", "-p", "kids"]).exits(0);
    assert_ne!(home.vpo(["inspect", "--json", "[films]/Heat.mkv"]).json()["tracks"], before["tracks"]);

    home.vpo(["undo", "[films]/Heat.mkv"]).exits(0);

    assert_eq!(home.vpo(["inspect", "--json", "[films]/Heat.mkv"]).json()["tracks"], before["tracks"]);
    home.vpo(["undo", "[films]/Heat.mkv"]).exits(2);
}

#[test]
fn an_original_that_was_kept_comes_back_byte_for_byte() {
    let home = home(&format!("{KEEP_ENGLISH}\napply backup=\"keep\"\n"));
    let done = home.vpo(["apply", "-p", "kids", "--yes", "--json"]).exits(0).json();
    assert_eq!(all_names(&home.films("")), [".Heat.mkv.vpo-original", "Heat.mkv"]);

    home.vpo(["undo", &done["job"].as_str().unwrap()[..8]]).exits(0);

    assert!(fs::read(home.films("Heat.mkv")).unwrap() == fs::read(film("heat")).unwrap());
    assert_eq!(all_names(&home.films("")), ["Heat.mkv"]);
    let scan = home.vpo(["scan", "--json", "[films]"]).exits(0).json();
    assert_eq!(scan["summary"]["scanned"], 0);
}

#[test]
fn what_was_removed_for_good_cannot_be_taken_back() {
    let home = home(KEEP_ENGLISH);
    home.vpo(["apply", "-p", "kids", "--yes"]).exits(0);
    let changed = fs::read(home.films("Heat.mkv")).unwrap();

    let undone = home.vpo(["undo", "--json", "[films]/Heat.mkv"]).exits(1).json();

    assert_eq!(undone["files"][0]["code"], "NOT_REVERSIBLE");
    assert!(fs::read(home.films("Heat.mkv")).unwrap() == changed);
}

#[test]
fn what_was_changed_twice_is_taken_back_twice() {
    let home = home(&format!("{KEEP_ENGLISH}\napply backup=\"keep\"\n"));
    home.write("profiles/title.kdl", "policy \"rules\" { rule \"t\" { then { set-title \"Another\"; }; }; }\n");
    home.vpo(["apply", "-p", "kids", "--yes"]).exits(0);
    home.vpo(["apply", "-p", "title"]).exits(0);
    home.vpo(["apply", "-p", "title"]).exits(0);

    home.vpo(["undo", "[films]/Heat.mkv"]).exits(0);
    let once = home.vpo(["inspect", "--json", "[films]/Heat.mkv"]).json()["title"].clone();
    home.vpo(["undo", "[films]/Heat.mkv"]).exits(0);

    assert_eq!(once, "heat");
    assert!(fs::read(home.films("Heat.mkv")).unwrap() == fs::read(film("heat")).unwrap());
    assert_eq!(all_names(&home.films("")), ["Heat.mkv"]);
    home.vpo(["undo", "[films]/Heat.mkv"]).exits(2);
}

#[test]
fn a_change_from_outside_ends_the_way_back() {
    let home = home("policy \"tracks\" { default audio=\"none\"; }\n");
    home.vpo(["apply", "-p", "kids"]).exits(0);
    fs::copy(film("other"), home.films("Heat.mkv")).unwrap();

    let unscanned = home.vpo(["undo", "--json", "[films]/Heat.mkv"]).exits(1).json();
    home.vpo(["scan", "[films]"]).exits(0);
    let scanned = home.vpo(["undo", "[films]/Heat.mkv"]).exits(2);

    assert_eq!(unscanned["files"][0]["code"], "STALE");
    assert!(scanned.stderr.contains("nothing was changed"), "{scanned}");
    assert!(fs::read(home.films("Heat.mkv")).unwrap() == fs::read(film("other")).unwrap());
}

#[test]
fn an_original_comes_back_under_the_name_that_its_owner_gave_the_film() {
    let home = home(&format!("{KEEP_ENGLISH}\napply backup=\"keep\"\n"));
    home.vpo(["apply", "-p", "kids", "--yes"]).exits(0);
    fs::rename(home.films("Heat.mkv"), home.films("Heat (1995).mkv")).unwrap();
    home.vpo(["scan", "[films]"]).exits(0);

    let done = home.vpo(["undo", "--json", "[films]/Heat (1995).mkv"]).exits(0).json();

    assert_eq!(all_names(&home.films("")), ["Heat (1995).mkv"]);
    assert!(fs::read(home.films("Heat (1995).mkv")).unwrap() == fs::read(film("heat")).unwrap());
    assert_eq!(done["summary"]["bytes"], 0, "a second name is no copy");
}

#[test]
fn an_undo_that_is_interrupted_leaves_the_rest_for_later() {
    let home = home("policy \"tracks\" { default audio=\"none\"; }\n");
    for name in ["A.mkv", "B.mkv", "C.mkv"] {
        home.put(name, &film(if name == "B.mkv" { "alien" } else { "other" }));
    }
    home.vpo(["scan", "[films]"]).exits(0);
    let job = home.vpo(["apply", "-p", "kids", "--json"]).exits(0).json()["job"].as_str().unwrap().to_owned();
    let tool = home.folder().join("mkvpropedit");
    let real = on_path("mkvpropedit");
    let interrupt = "case $2 in *.work) kill -INT $PPID;; esac";
    write_script(&tool, &format!("{interrupt}\nexec {} \"$@\"\n", real.display()));

    let set = format!("tools.mkvpropedit={}", tool.display());
    let stopped = home.vpo(["undo", "--json", "--set", &set, &job]).exits(130).json();
    let rest = home.vpo(["undo", "--json", &job]).exits(0).json();

    let cancelled = stopped["summary"]["cancelled"].as_u64().unwrap();
    assert!(cancelled >= 3, "{stopped}");
    assert_eq!(rest["summary"]["edited"], cancelled, "{rest}");
    assert_eq!(languages(&home, "Heat.mkv").len(), 4);
    assert_eq!(all_names(&home.films("")), ["A.mkv", "B.mkv", "C.mkv", "Heat.mkv"]);
}
