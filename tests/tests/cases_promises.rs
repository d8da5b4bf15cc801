//! A saved plan is carried out as it was read: by the profile that made it, with what it promised of the originals.

use std::fs;

use serde_json::Value;
use vpo_tests::bench::all_names;
use vpo_tests::{Home, film};

const KEEP_ENGLISH: &str = "policy \"tracks\" {\n    audio \"eng\" fallback=\"keep-all\"\n}\nallow \"remove-track\"\n";

/// A home with one film, the profiles `safe`, which keeps originals, and `rash`, which does not, and a plan by `safe`.
fn home() -> Home {
    let home = Home::new();
    home.put("Heat.mkv", &film("heat"));
    home.write("profiles/safe.kdl", format!("{KEEP_ENGLISH}apply backup=\"keep\"\n"));
    home.write("profiles/rash.kdl", KEEP_ENGLISH);
    home.vpo(["scan", "[films]"]).exits(0);
    home.vpo(["apply", "-p", "safe", "--output", "plan.json"]).exits(0);
    home
}

fn kept(home: &Home) -> Option<Vec<u8>> {
    fs::read(home.films(".Heat.mkv.vpo-original")).ok()
}

#[test]
fn a_plan_is_not_carried_out_by_another_profile() {
    let home = home();

    let refused = home.vpo(["apply", "--plan", "plan.json", "-p", "rash", "--yes"]).exits(2);
    let shown = home.vpo(["apply", "--plan", "plan.json", "-p", "rash", "--dry-run", "--json"]).exits(2).json();
    home.vpo(["apply", "--plan", "plan.json", "-p", "safe", "-p", "rash", "--yes"]).exits(2);

    assert!(refused.stderr.contains("was made by safe, not by rash"), "{refused}");
    assert_eq!(shown["code"], "PLAN_OF_ANOTHER_PROFILE");
    assert!(fs::read(home.films("Heat.mkv")).unwrap() == fs::read(film("heat")).unwrap());
    home.vpo(["apply", "--plan", "plan.json", "-p", "safe", "--yes"]).exits(0);
    assert!(kept(&home).unwrap() == fs::read(film("heat")).unwrap());
}

#[test]
fn the_original_is_kept_as_promised_whatever_the_settings_say_by_then() {
    for way in ["profile", "flag"] {
        let home = home();
        let mut arguments = vec!["apply", "--plan", "plan.json"];
        match way {
            "profile" => drop(home.write("profiles/safe.kdl", KEEP_ENGLISH)),
            _ => arguments.extend(["--set", "apply.backup=none"]),
        }

        let shown = home.vpo(arguments.iter().chain(&["--dry-run"])).exits(0);
        let done = home.vpo(arguments.iter().chain(&["--yes"])).exits(0);

        assert!(shown.stdout.contains("the originals are kept"), "{way}: {shown}");
        assert!(done.stderr.contains("apply.backup has changed since"), "{way}: {done}");
        assert!(kept(&home).unwrap() == fs::read(film("heat")).unwrap(), "{way}");
        let job = home.vpo(["jobs", "list", "--type", "apply", "--json"]).exits(0).json();
        let job = home.vpo(["jobs", "show", "--json", job[0]["id"].as_str().unwrap()]).exits(0).json();
        let is_backup = |row: &&Value| row["section"] == "apply" && row["name"] == "backup";
        let backup = job["settings"].as_array().unwrap().iter().find(is_backup).unwrap();
        assert_eq!((&backup["value"], &backup["source"]["from"]), (&"keep".into(), &"plan".into()), "{way}");
    }
}

#[test]
fn settings_that_are_more_careful_than_the_plan_hold() {
    let home = home();
    home.vpo(["apply", "-p", "rash", "--output", "rash.json"]).exits(0);
    home.write("profiles/rash.kdl", format!("{KEEP_ENGLISH}apply backup=\"keep\"\n"));

    home.vpo(["apply", "--plan", "rash.json", "--yes"]).exits(0);

    assert_eq!(all_names(&home.films("")), [".Heat.mkv.vpo-original", "Heat.mkv"]);
}

#[test]
fn a_plan_that_its_profile_would_not_make_any_more_changes_nothing() {
    let home = home();
    home.write("profiles/safe.kdl", KEEP_ENGLISH.replace("eng", "jpn"));

    let done = home.vpo(["apply", "--plan", "plan.json", "--yes", "--json"]).exits(1).json();

    assert_eq!(done["files"][0]["code"], "STALE", "{done}");
    assert!(done["files"][0]["reason"].as_str().unwrap().contains("make the plan anew"), "{done}");
    assert!(fs::read(home.films("Heat.mkv")).unwrap() == fs::read(film("heat")).unwrap());
}

#[test]
fn what_is_no_whole_plan_is_refused() {
    let home = home();
    let plan: Value = serde_json::from_slice(&fs::read(home.folder().join("plan.json")).unwrap()).unwrap();
    for (missing, name) in [("promise", "unpromised.json"), ("schema", "unversioned.json")] {
        let mut plan = plan.clone();
        plan.as_object_mut().unwrap().remove(missing);
        fs::write(home.folder().join(name), plan.to_string()).unwrap();

        let refused = home.vpo(["apply", "--plan", name, "--yes", "--json"]).exits(2).json();

        assert_eq!(refused["code"], "BAD_PLAN", "{missing}");
    }
    assert!(fs::read(home.films("Heat.mkv")).unwrap() == fs::read(film("heat")).unwrap());
}
