//! Plans on the real program, before anything is done: what is shown, compared, explained, saved and refused.

use std::fs;
use std::path::Path;

use serde_json::Value;
use vpo_tests::{Home, KEEP_ENGLISH, Recipe, component, film};

fn kinds(planned: &Value) -> Vec<&str> {
    planned["steps"].as_array().unwrap().iter().map(|step| step["kind"].as_str().unwrap()).collect()
}

#[test]
fn two_profiles_are_compared_file_by_file() {
    let home = Home::to_change(KEEP_ENGLISH);
    home.write("profiles/new.kdl", KEEP_ENGLISH.replace("audio \"eng\"", "audio \"eng\" \"jpn\""));

    let differing = home.vpo(["plan", "diff", "-p", "kids", "--against", "new", "--json", "[films]"]).exits(0).json();
    let same = home.vpo(["plan", "diff", "-p", "kids", "--against", "kids", "--json", "[films]"]).exits(0).json();

    let differing = differing.as_array().unwrap();
    assert_eq!(differing.len(), 1);
    assert!(kinds(&differing[0]["profile"]).contains(&"remove-track"));
    assert!(!kinds(&differing[0]["against"]).contains(&"remove-track"));
    assert_eq!(same, Value::Array(Vec::new()));
}

#[test]
fn two_profiles_that_differ_in_what_they_say_are_told_apart() {
    let home = Home::to_change(KEEP_ENGLISH);
    for word in ["one", "other"] {
        home.write(
            &format!("profiles/{word}.kdl"),
            format!("policy \"rules\" {{ rule \"r\" {{ then {{ warn \"{word}\"; }}; }}; }}"),
        );
    }

    let differing = home.vpo(["plan", "diff", "-p", "one", "--against", "other", "[films]"]).exits(0);

    for said in ["  - nothing to change", "  - warning: one [rules]", "  + warning: other [rules]"] {
        assert!(differing.stdout.contains(said), "no {said:?} in {differing}");
    }
}

#[test]
fn a_file_that_could_not_be_read_says_so_when_it_is_named() {
    let home = Home::to_change(KEEP_ENGLISH);
    fs::write(home.films("Broken.mkv"), "this is no film").unwrap();
    home.vpo(["scan", "[films]"]).exits(1);

    for command in ["explain", "apply"] {
        let named = home.vpo([command, "-p", "kids", "[films]/Broken.mkv"]).exits(2);
        assert!(named.stderr.contains("was scanned, but could not be read: not a media file"), "{named}");
    }
}

#[test]
fn a_file_is_explained_track_by_track() {
    let home = Home::to_change(KEEP_ENGLISH);

    let explained = home.vpo(["explain", "-p", "kids", "--json", "[films]/Heat.mkv"]).exits(0).json();

    assert!(kinds(&explained["plan"]).contains(&"remove-track"));
    assert!(!explained["plan"]["left_alone"].as_array().unwrap().is_empty());
    home.vpo(["explain", "-p", "kids", "[films]/Unknown.mkv"]).exits(2);
}

#[test]
fn case_50_what_the_dry_run_shows_is_what_is_done() {
    let home = Home::to_change(KEEP_ENGLISH);
    home.put("sub/Alien.mkv", &film("alien"));
    home.vpo(["scan", "[films]"]).exits(0);

    let plan = home.vpo(["apply", "-p", "kids", "--dry-run", "--json"]).exits(0).json();
    let untouched = fs::read(home.films("Heat.mkv")).unwrap() == fs::read(film("heat")).unwrap();
    home.vpo(["apply", "-p", "kids", "--yes"]).exits(0);

    assert!(untouched);
    let stories = plan["files"].as_array().unwrap();
    assert_eq!(stories.len(), 2);
    for planned in stories {
        let database = home.database();
        let name = Path::new(planned["file"].as_str().unwrap()).file_name().unwrap().to_string_lossy().into_owned();
        let detail: String = database
            .query_row(
                "SELECT detail FROM events WHERE file_id = ?1 AND kind = 'edited'",
                [home.file_id(&name)],
                |row| row.get(0),
            )
            .unwrap();
        let detail: Value = serde_json::from_str(&detail).unwrap();
        assert_eq!(detail["steps"], planned["steps"]);
    }
}

#[test]
fn without_a_terminal_removing_needs_a_yes_and_edits_do_not() {
    let removing = Home::to_change(KEEP_ENGLISH);
    let editing = Home::to_change("policy \"tracks\" { default audio=\"none\"; }\n");

    removing.vpo(["apply", "-p", "kids"]).exits(2);
    editing.vpo(["apply", "-p", "kids"]).exits(0);

    assert!(fs::read(removing.films("Heat.mkv")).unwrap() == fs::read(film("heat")).unwrap());
    assert!(fs::read(editing.films("Heat.mkv")).unwrap() != fs::read(film("heat")).unwrap());
}

#[test]
fn a_saved_plan_is_carried_out_later_and_stale_files_are_refused() {
    let home = Home::to_change(KEEP_ENGLISH);
    home.put("Alien.mkv", &film("alien"));
    home.vpo(["scan", "[films]"]).exits(0);
    home.vpo(["apply", "-p", "kids", "-o", "plan.json"]).exits(0);
    fs::copy(film("other"), home.films("Alien.mkv")).unwrap();
    home.vpo(["scan", "[films]"]).exits(0);

    let done = home.vpo(["apply", "--plan", "plan.json", "--yes", "--json"]).exits(1).json();

    assert_eq!((&done["summary"]["edited"], &done["summary"]["failed"]), (&Value::from(1), &Value::from(1)), "{done}");
    assert_eq!(home.languages("Heat.mkv"), ["video und", "audio en", "subtitle en"]);
    assert!(fs::read(home.films("Alien.mkv")).unwrap() == fs::read(film("other")).unwrap());
}

#[test]
fn two_films_that_would_get_one_name_are_told_before_anything_is_done() {
    let home = Home::new();
    home.put("A.mp4", &Recipe::new("heat").remuxed("mp4"));
    home.put("A.mov", &Recipe::new("other").remuxed("mov"));
    home.put("B.mp4", &Recipe::new("heat").remuxed("mp4"));
    home.put("B.mkv", &film("other"));
    home.write("profiles/kids.kdl", "policy \"container\" { to \"mkv\"; }\nallow \"convert-container\"\n");
    home.vpo(["scan", "[films]"]).exits(0);

    let plan = home.vpo(["apply", "-p", "kids", "--dry-run", "--json"]).exits(1).json();

    let told = plan["files"].as_array().unwrap().iter().map(|file| {
        let name = Path::new(file["file"].as_str().unwrap()).file_name().unwrap();
        (name.to_str().unwrap(), file["obstacle"]["code"].as_str())
    });
    let told: Vec<_> = told.collect();
    assert_eq!(told, [("A.mov", None), ("A.mp4", Some("TARGET_EXISTS")), ("B.mp4", Some("TARGET_EXISTS"))]);
}

#[test]
fn case_48_a_step_that_is_not_allowed_is_refused_by_policy_and_step() {
    let home = Home::to_change("policy \"tracks\" { audio \"eng\"; }\n");

    let plan = home.vpo(["apply", "-p", "kids", "--dry-run", "--json"]).exits(1).json();
    home.vpo(["apply", "-p", "kids", "--yes"]).exits(1);

    let refused = &plan["files"][0]["refused"];
    assert_eq!(refused["code"], "NOT_ALLOWED");
    let message = refused["message"].as_str().unwrap();
    assert!(["kids", "tracks", "remove-track"].iter().all(|word| message.contains(word)), "{message}");
    assert!(fs::read(home.films("Heat.mkv")).unwrap() == fs::read(film("heat")).unwrap());
}

#[test]
fn case_49_a_policy_that_never_comes_to_rest_is_refused_with_both_plans() {
    for (way, code) in [("restless", "NOT_CONVERGENT"), ("moody", "NONDETERMINISTIC")] {
        let home = Home::new();
        home.put("Heat.mkv", &film("heat"));
        home.drop_plugin("unruly-policy.wasm", &component("hostile", "unruly-policy"));
        home.write("profiles/kids.kdl", format!("policy \"unruly-policy\" {{ behave \"{way}\"; }}\n"));
        home.vpo(["scan", "[films]"]).exits(0);

        let plan = home.vpo(["apply", "-p", "kids", "--dry-run", "--json"]).json();
        let shown = home.vpo(["apply", "-p", "kids", "--dry-run"]).stdout;
        let done = home.vpo(["apply", "-p", "kids", "--yes", "--json"]).json();

        let refused = &plan["files"][0]["refused"];
        if way == "restless" {
            assert_eq!(refused["code"], code, "{plan}");
            assert_eq!(kinds(&plan["files"][0]), ["set-title"]);
            assert_eq!(refused["then"][0]["title"], "tac", "{plan}");
            assert!(shown.contains("to \"tic\"") && shown.contains("to \"tac\""), "{shown}");
        }
        let code = done["files"].as_array().and_then(|files| files.first()).map(|file| file["code"].clone());
        assert!(code.is_none() || code != Some(Value::Null), "{way}: {done}");
        assert!(fs::read(home.films("Heat.mkv")).unwrap() == fs::read(film("heat")).unwrap(), "{way}");
    }
}

#[test]
fn case_39_a_language_that_is_not_there_is_decided_by_the_fallback() {
    for (fallback, exit) in [("keep-all", 0), ("keep-first", 0), ("error", 1)] {
        let home = Home::to_change(&format!(
            "policy \"tracks\" {{ audio \"fra\" fallback=\"{fallback}\"; }}\nallow \"remove-track\"\n"
        ));

        home.vpo(["apply", "-p", "kids", "--yes"]).exits(exit);

        let audio = home.languages("Heat.mkv").iter().filter(|track| track.starts_with("audio")).count();
        assert!(audio >= 1, "{fallback}");
    }
}
