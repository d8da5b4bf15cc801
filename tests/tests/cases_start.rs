//! The first minutes: an empty home, what is built in, and what a start does not touch.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::time::SystemTime;

use serde_json::Value;
use vpo_tests::{Home, component, film, snapshot};

/// A home with a film and this profile for it, scanned.
fn scanned_with(profile: &str) -> Home {
    let home = Home::new();
    home.put("Heat.mkv", &film("heat"));
    let library = home.films("").display().to_string();
    home.write("profiles/mine.kdl", format!("library {library:?}\n{profile}\n"));
    home.vpo(["run", "scan", "--profile", "mine"]).exits(0);
    home
}

fn plans(home: &Home) -> Vec<Value> {
    let answer = home.vpo(["run", "apply", "--profile", "mine", "--dry-run", "--json"]).exits(0).json();
    answer["files"].as_array().unwrap_or_else(|| panic!("no plans in {answer}")).clone()
}

#[test]
fn case_21_without_profile_or_settings_the_defaults_work() {
    let home = Home::new();
    home.put("Heat.mkv", &film("heat"));
    fs::remove_dir(home.own()).unwrap();

    let scan = home.vpo(["scan", "--json", "[films]"]);

    assert_eq!(scan.exit, 0, "{scan}");
    assert_eq!(scan.summary(), [1, 0, 1, 1, 0, 0, 0]);
    assert!(home.own().join("library.db").exists());
}

#[test]
fn case_21_asking_before_anything_was_done_is_no_error() {
    let home = Home::new();
    fs::remove_dir(home.own()).unwrap();

    snapshot!("jobs", home.vpo(["jobs", "list"]).exits(0));
    assert_eq!(home.vpo(["jobs", "list", "--json"]).exits(0).json(), Value::Array(vec![]));
    snapshot!("profiles", home.vpo(["profiles", "list"]).exits(0));
}

#[test]
fn case_27_a_profile_names_what_is_scanned() {
    let home = Home::new();
    home.put("Heat.mkv", &film("heat"));
    let library = home.films("").display().to_string();
    home.write("profiles/kids.kdl", format!("library {library:?}\n"));

    let scan = home.vpo(["run", "scan", "--profile", "kids", "--json"]);

    assert_eq!(scan.summary(), [1, 0, 1, 1, 0, 0, 0], "{scan}");
    assert_eq!(home.vpo(["jobs", "list", "--json"]).json()[0]["profile"], "kids");
}

#[test]
fn case_37_a_film_in_line_has_an_empty_plan_and_is_not_touched() {
    let home = scanned_with("policy \"tracks\" {\n    audio \"eng\" \"jpn\"\n    subtitle \"eng\"\n}");
    let heat = home.films("Heat.mkv");
    let before = (fs::read(&heat).unwrap(), fs::metadata(&heat).unwrap().modified().unwrap());

    let plans = plans(&home);

    assert!(plans.iter().all(|plan| plan["steps"].as_array().is_none_or(Vec::is_empty)), "{plans:?}");
    snapshot!(home.vpo(["run", "apply", "--profile", "mine", "--dry-run"]).exits(0));
    assert_eq!((fs::read(&heat).unwrap(), fs::metadata(&heat).unwrap().modified().unwrap()), before);
}

#[test]
fn case_37_a_dry_run_says_each_step_and_why_and_changes_nothing() {
    let home = scanned_with(
        "policy \"tracks\" {\n    audio \"eng\"\n    default audio=\"first\"\n}\nallow \"remove-track\" \"reorder\"",
    );
    let heat = home.films("Heat.mkv");
    let before = (fs::read(&heat).unwrap(), fs::metadata(&heat).unwrap().modified().unwrap());

    let plans = plans(&home);

    let steps = plans[0]["steps"].as_array().unwrap();
    let removed: Vec<_> = steps.iter().filter(|step| step["kind"] == "remove-track").collect();
    assert_eq!(removed.len(), 1, "{steps:?}");
    assert_eq!((&removed[0]["track"], &removed[0]["policy"]), (&2.into(), &"tracks".into()));
    assert!(steps.iter().all(|step| step["reason"].as_str().is_some_and(|reason| !reason.is_empty())), "{steps:?}");
    snapshot!(home.vpo(["run", "apply", "--profile", "mine", "--dry-run"]).exits(0));
    snapshot!("json", home.vpo(["run", "apply", "--profile", "mine", "--dry-run", "--json"]).exits(0).spread());
    assert_eq!((fs::read(&heat).unwrap(), fs::metadata(&heat).unwrap().modified().unwrap()), before);
}

#[test]
fn a_component_is_swapped_by_one_line_of_a_profile() {
    let home = scanned_with("detect \"stat\"");
    let library = home.films("").display().to_string();
    let heat = home.films("Heat.mkv");
    let moved = fs::File::options().append(true).open(&heat).unwrap();
    moved.set_times(fs::FileTimes::new().set_modified(SystemTime::now())).unwrap();
    home.write("profiles/mine.kdl", format!("library {library:?}\ndetect \"content\"\n"));

    let by_content = home.vpo(["scan", "--profile", "mine", "--json"]);

    assert_eq!(by_content.summary(), [1, 1, 0, 0, 0, 0, 0], "only the time moved: {by_content}");
}

#[test]
fn a_list_of_jobs_touches_no_component() {
    let home = scanned_with("");
    let cache = home.folder().join("cache");

    let mut list = home.command(["jobs", "list"]);
    let listed = list.env("XDG_CACHE_HOME", &cache).output().unwrap();

    assert!(listed.status.success());
    assert!(!cache.exists(), "nothing was compiled or looked for");
}

#[test]
fn what_a_person_mistypes_is_answered_with_what_is_near() {
    let home = Home::new();

    snapshot!("verb", home.vpo(["scna", "[films]"]).exits(2));
    snapshot!("folder", home.vpo(["scan", "[films]/nowhere"]).exits(2));
}

#[test]
fn a_home_whose_name_is_no_text_is_told_so_that_programs_find_it() {
    let home = Home::new();
    let odd = home.folder().join(OsStr::from_bytes(b"odd\xff"));
    fs::create_dir(&odd).unwrap();
    fs::copy(component("plugins", "rules"), odd.join("mine.wasm")).unwrap();
    let asked = |arguments: &[&str]| {
        let output = home.command(arguments).env("VPO_HOME", &odd).current_dir(&odd).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        serde_json::from_slice::<Value>(&output.stdout).unwrap()
    };
    let told = |place: &str| format!("{}/odd\0ff{place}", home.folder().display());

    assert_eq!(asked(&["config", "path", "--json"])["config"], told("/config.kdl"));
    assert_eq!(asked(&["profiles", "new", "kids", "--json"])["file"], told("/profiles/kids.kdl"));
    assert_eq!(asked(&["profiles", "list", "--json"])[0]["file"], told("/profiles/kids.kdl"));
    assert_eq!(asked(&["profiles", "show", "kids", "--json"])["file"], told("/profiles/kids.kdl"));
    assert_eq!(asked(&["plugins", "install", "mine.wasm", "--json"])["path"], told("/plugins/mine.wasm"));
    assert_eq!(asked(&["plugins", "new", "fresh", "--json"])["folder"], told("/fresh"));
    let with_log = asked(&["config", "show", "--json", "--log-file", "vpo.log"]);
    assert_eq!(with_log["settings"]["logging"]["file"]["value"], told("/vpo.log"));
}
