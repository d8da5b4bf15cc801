//! Profiles and settings as a person meets them (cases 27 to 30), and the tasks that profiles declare.

use serde_json::{Value, json};
use vpo_tests::{Home, film, snapshot};

/// A home with two films and a profile that names them.
fn home_with(profile: &str) -> Home {
    let home = Home::new();
    home.put("Heat.mkv", &film("heat"));
    home.put("extras/Making of.mkv", &film("ronin"));
    home.write("profiles/kids.kdl", profile.replace("[films]", &home.films("").to_string_lossy()));
    home
}

fn source(setting: &Value) -> &str {
    setting["source"]["from"].as_str().expect("every value has a source")
}

#[test]
fn case_27_a_scan_follows_the_profile_and_a_flag_wins_over_it() {
    let home = home_with(
        "library \"[films]\"\nexclude \"extras/**\"\ndetect \"content\"\nlogging level=\"debug\" file=\"../kids.log\"\n",
    );
    home.put("Other.mp4", &vpo_tests::Recipe::new("other").remuxed("mp4"));

    let scan = home.vpo(["run", "scan", "--profile", "kids", "--json"]).exits(0);

    assert_eq!(scan.summary()[..4], [2, 0, 2, 2]);
    assert!(home.own().join("kids.log").is_file(), "the log is where the profile says");
    let job = home.vpo(["jobs", "show", scan.json()["job"].as_str().unwrap(), "--json"]).exits(0).json();
    assert_eq!(job["profile"], "kids");
    let plugins: Vec<&str> = job["plugins"].as_array().unwrap().iter().filter_map(|one| one["name"].as_str()).collect();
    assert!(plugins.contains(&"content") && !plugins.contains(&"stat"), "{plugins:?}");

    let log_length = home.own().join("kids.log").metadata().unwrap().len();
    let flags = ["--log-file", "flag.log", "--set", "scan.extensions=mkv", "--dry-run", "--full", "[films]/extras"];
    let scan = home.vpo(["scan", "--profile", "kids", "--json"].into_iter().chain(flags)).exits(0);

    assert_eq!(scan.json()["roots"], json!([home.films("extras").to_string_lossy()]));
    assert!(home.folder().join("flag.log").is_file(), "the log is where the flag says");
    assert_eq!(home.own().join("kids.log").metadata().unwrap().len(), log_length, "and nowhere else");
}

#[test]
fn case_27_the_settings_of_the_command_line_reach_the_scan() {
    let home = home_with("library \"[films]\"\nscan { extensions mp4; }\n");

    let as_the_profile_says = home.vpo(["scan", "--profile", "kids", "--dry-run", "--json"]).exits(0);
    let as_the_flag_says =
        home.vpo(["scan", "--profile", "kids", "--dry-run", "--json", "--set", "scan.extensions=mkv"]).exits(0);

    assert_eq!(as_the_profile_says.summary()[0], 0);
    assert_eq!(as_the_flag_says.summary()[0], 2);
}

#[test]
fn case_28_the_strongest_layer_wins_and_every_value_says_where_it_comes_from() {
    let home = home_with("inherits \"base\"\njobs retention-days=3\nlibrary \"[films]\"\n");
    home.write("profiles/base.kdl", "jobs retention-days=4\napply backup=\"keep\" hardlinks=\"break\"\n");
    home.write("config.kdl", "\njobs retention-days=5\napply hardlinks=\"allow\" mtime=\"now\"\n");
    let show = |flags: &[&str]| {
        let command = ["profiles", "show", "kids", "--json"];
        home.vpo(command.iter().chain(flags)).exits(0).json()["settings"].clone()
    };

    let settings = show(&[]);
    let with_flag = show(&["--set", "jobs.retention-days=2"]);
    let without_profile = home.vpo(["config", "show", "--json"]).exits(0).json()["settings"].clone();

    let retention = |settings: &Value| settings["jobs"]["retention-days"].clone();
    assert_eq!(retention(&with_flag)["value"], 2);
    assert_eq!(retention(&with_flag)["source"], json!({ "from": "command-line", "flag": "--set" }));
    assert_eq!(retention(&settings)["value"], 3);
    let kids = home.own().join("profiles/kids.kdl");
    assert_eq!(
        retention(&settings)["source"],
        json!({ "from": "profile", "name": "kids", "file": kids.to_string_lossy(), "line": 2 })
    );
    assert_eq!(settings["apply"]["hardlinks"]["value"], "break");
    assert_eq!(settings["apply"]["hardlinks"]["source"]["name"], "base");
    assert_eq!(settings["apply"]["mtime"]["value"], "now");
    assert_eq!(source(&settings["apply"]["mtime"]), "config");
    assert_eq!(settings["apply"]["mtime"]["source"]["line"], 3);
    assert_eq!(settings["scan"]["breaker-minimum"]["value"], 20);
    assert_eq!(source(&settings["scan"]["breaker-minimum"]), "default");
    assert_eq!(retention(&without_profile)["value"], 5);
}

#[test]
fn case_28_what_show_prints_for_people_is_kdl_with_the_origin_behind_each_value() {
    let home = home_with("jobs retention-days=3\nlibrary \"[films]\"\n");

    let shown = home.vpo(["profiles", "show", "kids"]).exits(0).stdout;

    let line = shown.lines().find(|line| line.contains("retention-days")).unwrap();
    assert!(line.trim_start().starts_with("retention-days 3 ") && line.ends_with("kids.kdl:1"), "{line}");
    home.write("profiles/again.kdl", &shown);
    home.vpo(["profiles", "check", "again"]).exits(0);
}

#[test]
fn case_29_an_unknown_profile_is_told_with_those_there_are_and_the_nearest() {
    let home = home_with("");
    home.write("profiles/movies.kdl", "");

    let told = home.vpo(["scan", "--profile", "kid", "[films]"]).exits(2);
    let as_json = home.vpo(["scan", "--profile", "kid", "[films]", "--json"]).exits(2).json();

    assert!(told.stderr.contains("there is no profile \"kid\""), "{told}");
    assert!(told.stderr.contains("did you mean kids? there are: kids, movies"), "{told}");
    assert_eq!((as_json["error"].clone(), as_json["code"].clone()), (json!(true), json!("PROFILE_NOT_FOUND")));
    assert_eq!(as_json["details"]["known"], json!(["kids", "movies"]));
    assert_eq!(as_json["details"]["nearest"], "kids");
}

/// Five mistakes: a word, a setting's value, an option, an option's value, a step.
const FIVE: &str = r#"descripton "Films"
library "[films]"
apply backup="kep"
policy "tracks" {
    audi "eng"
    subtitle "eng" keep-forced=yes
}
allow "remove-tracks"
"#;

#[test]
fn case_29_five_mistakes_are_told_at_once_each_with_its_place_and_a_suggestion() {
    let home = home_with(FIVE);

    let told = home.vpo(["profiles", "check", "kids"]).exits(2);
    let as_json = home.vpo(["scan", "--profile", "kids", "--json"]).exits(2).json();

    for (place, suggestion) in [
        ("kids.kdl:1:1", "description"),
        ("kids.kdl:3:7", "keep"),
        ("kids.kdl:5:5", "audio"),
        ("kids.kdl:6:20", "#true"),
        ("kids.kdl:8:7", "remove-track"),
    ] {
        assert!(told.stderr.contains(place), "{place} is not in\n{told}");
        assert!(told.stderr.contains(&format!("did you mean {suggestion}?")), "{suggestion} is not in\n{told}");
    }
    let mistakes = as_json["details"]["mistakes"].as_array().unwrap();
    let lines: Vec<u64> = mistakes.iter().filter_map(|one| one["line"].as_u64()).collect();
    assert_eq!(lines, [1, 3, 5, 6, 8]);
    assert!(mistakes.iter().all(|one| one["length"].as_u64() > Some(0) && one["nearest"].is_string()), "{mistakes:?}");
    assert!(!home.own().join("library.db").exists(), "nothing was begun");
}

#[test]
fn case_30_names_are_never_paths() {
    let home = home_with("");
    home.write("secret.kdl", "description \"not a profile\"\n");

    for name in ["", "..", "../secret", "a/b", "kids.kdl", "[home]/profiles/kids"] {
        let told = home.vpo(["profiles", "show", name]).exits(2);
        assert!(told.stderr.contains("is no name of a profile"), "{told}");
        home.vpo(["profiles", "new", name]).exits(2);
        home.vpo(["scan", "--profile", name, "[films]"]).exits(2);
    }
}

#[test]
fn case_30_what_a_plugin_does_not_take_is_refused_before_any_work() {
    for (mistaken, what) in [
        ("policy \"trakcs\"", "there is no plugin"),
        ("policy \"tracks\" { audio \"eng\" loud=1; }", "has no property"),
        ("policy \"tracks\" { audio \"eng\" minimum=\"one\"; }", "is a text"),
        ("policy \"stat\"", "is no policy"),
        ("policy \"./gone.wasm\"", "could not be read"),
        ("detect \"matroska\"", "is no detector"),
    ] {
        let home = home_with(&format!("library \"[films]\"\n{mistaken}\n"));

        let told = home.vpo(["scan", "--profile", "kids"]).exits(2);

        assert!(told.stderr.contains(what), "{told}");
        assert!(told.stderr.contains("kids.kdl:2:"), "{told}");
        assert!(!home.own().join("library.db").exists(), "nothing was begun");
    }
}

#[test]
fn a_mistaken_settings_file_is_told_with_its_place() {
    let home = home_with("library \"[films]\"\n");
    home.write("config.kdl", "policy \"tracks\"\nscan thread=4\n");

    let told = home.vpo(["scan", "--profile", "kids"]).exits(2);

    assert!(told.stderr.contains("config.kdl:1:1") && told.stderr.contains("config.kdl:2:6"), "{told}");
    assert!(told.stderr.contains("did you mean threads?"), "{told}");
    home.vpo(["config", "show", "--config", "not-there.kdl"]).exits(2);
}

#[test]
fn a_new_profile_is_right_and_never_replaces_one() {
    let home = home_with("description \"mine\"\n");

    let path = home.vpo(["profiles", "new", "films"]).exits(0).stdout;
    home.vpo(["profiles", "new", "mine", "--like", "anime"]).exits(0);
    assert!(home.own().join("profiles/tv.kdl").is_file(), "anime inherits it");
    home.vpo(["profiles", "new", "tv", "--like", "tv"]).exits(2);
    home.vpo(["profiles", "new", "movies"]).exits(0);
    let movies = std::fs::read_to_string(home.own().join("profiles/movies.kdl")).unwrap();
    assert_eq!(movies, include_str!("../../profiles/movies.kdl"), "the one of that name that comes with vpo");
    home.vpo(["profiles", "new", "kids"]).exits(2);

    assert_eq!(path.trim(), home.own().join("profiles/films.kdl").to_string_lossy());
    home.vpo(["profiles", "check"]).exits(0);
    let raw = home.vpo(["profiles", "show", "kids", "--raw"]).exits(0);
    assert_eq!(raw.stdout, "description \"mine\"\n");
}

#[test]
fn escape_codes_in_a_profile_do_not_reach_the_terminal() {
    let home = home_with("description \"\\u{1b}[31mred\"\nwrod \"\\u{1b}]0;title\\u{7}\"\nexclude \"[\\u{1b}[2J\"\n");

    let checked = home.vpo(["profiles", "check", "kids"]).exits(2);
    let listed = home.vpo(["profiles", "list"]).exits(0);

    assert!(!checked.stderr.contains('\u{1b}') && !listed.stdout.contains('\u{1b}'), "{checked}{listed}");
}

#[test]
fn the_shell_is_offered_what_there_is() {
    let home = home_with("description \"For children\"\ntask \"nightly\" { scan; }\n");
    let offered = |words: &[&str]| {
        let mut command = home.command(["--", "vpo"].iter().chain(words));
        let output = command.env("VPO_COMPLETE", "fish").output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };

    assert!(offered(&["profiles", "show", ""]).contains("kids\tFor children"));
    assert!(offered(&["scan", "--profile", "k"]).starts_with("kids"));
    assert!(offered(&["run", "--profile", "kids", ""]).contains("nightly"));
    assert!(offered(&["config", "show", "--set", "jobs.ret"]).starts_with("jobs.retention-days="));
    for shell in ["bash", "zsh", "fish"] {
        let script = home.vpo(["completions", shell]).exits(0).stdout;
        assert!(script.contains("VPO_COMPLETE"), "{script}");
    }
}

const TASKS: &str = r#"library "[films]"
policy "tracks" {
    audio "eng"
}
policy "rules" {
    rule "titled" {
        then { set-title "Film"; }
    }
}
allow "remove-track"
task "nightly" { scan; apply policy="rules"; }
task "twice" { scan; scan full=#true; }
task "anyway" keep-going=#true { scan; scan full=#true; }
"#;

/// The jobs there are: type, status and the job above them.
fn jobs(home: &Home) -> Vec<(String, String, Option<String>)> {
    let database = home.database();
    let mut rows = database.prepare("SELECT type, status, parent_id FROM jobs ORDER BY created_ns").unwrap();
    let rows = rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap();
    rows.map(Result::unwrap).collect()
}

#[test]
fn a_task_runs_its_parts_one_after_the_other_under_one_job() {
    let home = home_with(TASKS);

    home.vpo(["run", "nightly", "--profile", "kids"]).exits(0);

    let jobs = jobs(&home);
    let kinds: Vec<(&str, &str)> = jobs.iter().map(|(kind, status, _)| (kind.as_str(), status.as_str())).collect();
    assert_eq!(kinds, [("task", "completed"), ("scan", "completed"), ("apply", "completed")]);
    assert!(jobs[0].2.is_none() && jobs[1].2.is_some() && jobs[1].2 == jobs[2].2, "{jobs:?}");
    let facts = home.vpo(["inspect", "[films]/Heat.mkv", "--json"]).exits(0).stdout;
    assert!(facts.contains("\"Film\""), "the policy that was named has run: {facts}");
    assert!(facts.contains("\"ja\""), "the other has not: {facts}");
}

#[test]
fn a_part_that_fails_stops_the_rest_unless_the_task_says_otherwise() {
    let home = home_with(TASKS);
    std::fs::remove_dir_all(home.films("")).unwrap();

    home.vpo(["run", "twice", "--profile", "kids"]).exits(2);
    let stopped = jobs(&home);
    home.vpo(["run", "anyway", "--profile", "kids"]).exits(2);
    let went_on = &jobs(&home)[stopped.len()..];

    let kinds = |jobs: &[(String, String, Option<String>)]| {
        jobs.iter().map(|(kind, status, _)| format!("{kind} {status}")).collect::<Vec<_>>()
    };
    assert_eq!(kinds(&stopped), ["task failed", "scan failed"]);
    assert_eq!(kinds(went_on), ["task failed", "scan failed", "scan failed"]);
}

#[test]
fn a_dry_run_of_a_task_leaves_no_trace() {
    let home = home_with(TASKS);
    home.vpo(["scan", "--profile", "kids"]).exits(0);
    let before = (jobs(&home), home.file_rows());

    let shown = home.vpo(["run", "nightly", "--profile", "kids", "--dry-run"]).exits(0);

    assert!(shown.stdout.contains("set-title"), "{shown}");
    assert_eq!((jobs(&home), home.file_rows()), before);
}

#[test]
fn tasks_are_listed_and_an_unknown_one_is_told_with_the_nearest() {
    let home = home_with(TASKS);

    let listed = home.vpo(["run", "--json"]).exits(0).json();
    let told = home.vpo(["run", "nightli", "--profile", "kids"]).exits(2);
    let without_profile = home.vpo(["run", "nightly"]).exits(2);

    let names: Vec<&str> = listed.as_array().unwrap().iter().filter_map(|row| row["task"].as_str()).collect();
    assert_eq!(names, ["scan", "apply", "nightly", "twice", "anyway"]);
    assert!(told.stderr.contains("did you mean nightly?"), "{told}");
    assert!(without_profile.stderr.contains("vpo run nightly --profile kids"), "{without_profile}");
}

#[test]
fn several_profiles_in_one_command_run_one_after_the_other() {
    let home = home_with("library \"[films]\"\ninclude \"Heat.mkv\"\n");
    home.write("profiles/rest.kdl", format!("library \"{}\"\n", home.films("extras").display()));

    home.vpo(["scan", "--profile", "kids", "--profile", "rest"]).exits(0);

    assert!(home.file_id("Heat.mkv").is_some() && home.file_id("Making of.mkv").is_some());
    assert_eq!(jobs(&home).len(), 2);
}

#[test]
fn of_several_profiles_one_that_fails_does_not_keep_the_others_from_their_turn() {
    let home = home_with("library \"[films]\"\n");
    home.write("profiles/gone.kdl", "library \"/nowhere/at/all\"\n");
    home.write("profiles/homeless.kdl", "description \"has no folder\"\n");

    let refused = home.vpo(["scan", "-p", "kids", "-p", "homeless", "--json"]).exits(2);
    assert_eq!(refused.json()["code"], "NO_FOLDER", "known before any work");
    assert_eq!(home.vpo(["jobs", "list", "--json"]).json().as_array().map(Vec::len), Some(0));

    let scan = home.vpo(["scan", "-p", "gone", "-p", "kids"]).exits(2);
    assert!(scan.stderr.contains("/nowhere/at/all") && scan.stdout.contains("added 2"), "{scan}");
}

#[test]
fn an_introspector_that_runs_a_program_needs_a_grant_from_the_profile() {
    let plugin = vpo_tests::component("plugins", "ffprobe");
    let without = home_with("library \"[films]\"\nintrospect \"mine\"\n");
    without.drop_plugin("mine.wasm", &plugin);
    let with = home_with("library \"[films]\"\nintrospect \"mine\"\ngrant \"mine\" tool=\"ffprobe\"\n");
    with.drop_plugin("mine.wasm", &plugin);

    let told = without.vpo(["scan", "--profile", "kids"]).exits(2);
    with.vpo(["scan", "--profile", "kids"]).exits(0);

    assert!(told.stderr.contains("kids.kdl:2:12") && told.stderr.contains("grant \"mine\" tool=\"ffprobe\""), "{told}");
    assert!(!without.own().join("library.db").exists(), "nothing was begun");
}

#[test]
fn the_answers_look_like_this() {
    let home = home_with(FIVE);
    home.write("profiles/base.kdl", "description \"What all have\"\napply backup=\"keep\"\n");
    home.write(
        "profiles/films.kdl",
        "inherits \"base\"\ndescription \"Films\"\nlibrary \"/films\"\npolicy \"tracks\" {\n    audio \"ger\" {\n        keep original=#true\n    }\n}\nallow \"reorder\"\ntask \"nightly\" { scan prune=#true; apply policy=\"tracks\"; }\n",
    );

    snapshot!("list", home.vpo(["profiles", "list"]));
    snapshot!("list-as-JSON", home.vpo(["profiles", "list", "--json"]));
    snapshot!("five-mistakes", home.vpo(["profiles", "check", "kids"]));
    snapshot!("five-mistakes-as-JSON", home.vpo(["profiles", "check", "kids", "--json"]));
    snapshot!("show", home.vpo(["profiles", "show", "films"]));
    snapshot!("show-as-JSON", home.vpo(["profiles", "show", "films", "--json"]));
    snapshot!("tasks", home.vpo(["run"]));
    snapshot!("unknown", home.vpo(["profiles", "show", "filns"]));
}
