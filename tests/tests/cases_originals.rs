//! Originals that were kept are listed with what they are good for, and deleted only when nothing but the way back is lost.

use std::fs;

use serde_json::Value;
use vpo_tests::bench::all_names;
use vpo_tests::{Home, film};

const KEEP_ENGLISH: &str = "policy \"tracks\" { audio \"eng\"; }\nallow \"remove-track\"\napply backup=\"keep\"\n";

/// A home with two films that were changed, their originals kept.
fn home() -> Home {
    let home = Home::new();
    home.put("Heat.mkv", &film("heat"));
    home.put("Other.mkv", &film("other"));
    home.write("profiles/kids.kdl", KEEP_ENGLISH);
    home.vpo(["scan", "[films]"]).exits(0);
    home.vpo(["apply", "-p", "kids", "--yes"]).exits(0);
    home
}

/// Name and state of every original that is listed.
fn states(home: &Home) -> Vec<(String, String)> {
    let listed = home.vpo(["originals", "list", "--json"]).exits(0).json();
    let name = |row: &Value| row["path"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    let state = |row: &Value| row["state"].as_str().unwrap().to_owned();
    listed.as_array().unwrap().iter().map(|row| (name(row), state(row))).collect()
}

fn pairs(known: &[(&str, &str)]) -> Vec<(String, String)> {
    known.iter().map(|(name, state)| ((*name).to_owned(), (*state).to_owned())).collect()
}

#[test]
fn kept_originals_are_listed_with_what_they_are_good_for() {
    let home = home();
    fs::write(home.films(".Stray.mkv.vpo-original"), "nobody knows").unwrap();
    fs::create_dir(home.films("seen")).unwrap();
    fs::rename(home.films("Heat.mkv"), home.films("seen/Heat (1995).mkv")).unwrap();
    fs::copy(film("alien"), home.films("Other.mkv")).unwrap();
    home.vpo(["scan", "[films]"]).exits(0);

    assert_eq!(
        states(&home),
        pairs(&[
            (".Heat.mkv.vpo-original", "way-back"),
            (".Other.mkv.vpo-original", "left-behind"),
            (".Stray.mkv.vpo-original", "unknown"),
        ])
    );
    let listed = home.vpo(["originals", "list", "--json"]).json();
    assert_eq!(listed[0]["film"], home.films("seen/Heat (1995).mkv").to_str().unwrap());
    assert_eq!(listed[0]["size"], fs::metadata(film("heat")).unwrap().len());
    assert_eq!(home.vpo(["originals", "list", "--json", "[films]/seen"]).json(), Value::Array(Vec::new()));
    home.vpo(["undo", "[films]/seen/Heat (1995).mkv"]).exits(0);
    assert_eq!(states(&home).len(), 2);
}

#[test]
fn old_originals_are_deleted_when_that_is_confirmed_and_the_history_says_so() {
    let home = home();
    let before = all_names(&home.films(""));

    home.vpo(["originals", "delete", "--older-than", "1d", "--yes"]).exits(0);
    let shown = home.vpo(["originals", "delete", "--older-than", "0s"]).exits(0);
    assert_eq!(all_names(&home.films("")), before);
    let deleted = home.vpo(["originals", "delete", "--older-than", "0s", "--yes", "--json"]).exits(0).json();

    assert!(shown.stdout.contains("2 kept originals"), "{shown}");
    assert_eq!(deleted["summary"]["deleted"], 2);
    assert_eq!(all_names(&home.films("")), ["Heat.mkv", "Other.mkv"]);
    assert!(home.vpo(["history", "[films]/Heat.mkv"]).stdout.contains("released"));
    let undone = home.vpo(["undo", "--json", "[films]/Heat.mkv"]).exits(1).json();
    assert!(undone["files"][0]["reason"].as_str().unwrap().contains("no longer there"), "{undone}");
}

#[test]
fn what_may_be_the_only_copy_of_a_film_is_never_deleted() {
    let home = home();
    fs::write(home.films(".Stray.mkv.vpo-original"), "nobody knows").unwrap();
    fs::remove_file(home.films("Heat.mkv")).unwrap();
    // Damage that neither size nor time tell of.
    let path = home.films("Other.mkv");
    let (mut bytes, modified) = (fs::read(&path).unwrap(), fs::metadata(&path).unwrap().modified().unwrap());
    bytes[40_000..41_000].iter_mut().for_each(|byte| *byte ^= 0xff);
    fs::write(&path, bytes).unwrap();
    fs::File::options().write(true).open(&path).unwrap().set_modified(modified).unwrap();
    let before = all_names(&home.films(""));

    let deleted = home.vpo(["originals", "delete", "--older-than", "0s", "--yes", "--json"]).exits(1);

    assert_eq!(deleted.json()["summary"]["deleted"], 0);
    assert!(deleted.stderr.contains("may be the only copy"), "{deleted}");
    assert_eq!(all_names(&home.films("")), before);
}
