//! Jobs and the story of a file, as people ask for them.

use rusqlite::Connection;
use serde_json::Value;
use vpo_tests::{Home, film, snapshot};

/// A home with two completed scans and, between them, one that failed; oldest first.
fn home_with_jobs() -> (Home, [String; 3]) {
    let home = Home::new();
    home.put("Heat.mkv", &film("heat"));
    home.vpo(["scan", "[films]"]).exits(0);
    home.vpo(["scan", "[films]/nowhere"]).exits(2);
    home.put("Alien.mkv", &film("alien"));
    home.vpo(["scan", "[films]"]).exits(0);
    let listed = home.jobs(&[]);
    let ids = [2, 1, 0].map(|at: usize| listed[at]["id"].as_str().expect("jobs have ids").to_owned());
    (home, ids)
}

fn ids(jobs: &[Value]) -> Vec<&str> {
    jobs.iter().map(|job| job["id"].as_str().expect("jobs have ids")).collect()
}

fn change(home: &Home, sql: &str) {
    let database = Connection::open(home.own().join("library.db")).expect("the database is there");
    database.execute_batch("PRAGMA foreign_keys = OFF").expect("a pragma");
    database.execute_batch(sql).expect("the test knows the tables");
}

#[test]
fn case_22_the_list_is_newest_first_and_every_filter_narrows_it() {
    let (home, [first, failed, last]) = home_with_jobs();

    assert_eq!(ids(&home.jobs(&[])), [&last, &failed, &first]);
    assert_eq!(ids(&home.jobs(&["--status", "failed"])), [&failed]);
    assert_eq!(ids(&home.jobs(&["--failed"])), [&failed]);
    assert_eq!(ids(&home.jobs(&["--status", "failed", "--status", "completed"])).len(), 3);
    assert_eq!(ids(&home.jobs(&["--type", "scan", "--limit", "2"])), [&last, &failed]);
    assert_eq!(ids(&home.jobs(&["--limit", "2", "--after", &failed])), [&first]);
    assert_eq!(ids(&home.jobs(&["--type", "apply"])), Vec::<&str>::new());
    for since in ["90m", "1d", "1w", "2020-01-01"] {
        assert_eq!(home.jobs(&["--since", since]).len(), 3, "{since}");
    }
    change(&home, &format!("UPDATE jobs SET created_ns = created_ns - 7200 * 1000000000 WHERE id = '{first}'"));
    assert_eq!(ids(&home.jobs(&["--since", "90m"])), [&last, &failed]);
    assert_eq!(ids(&home.jobs(&["--until", "90m"])), [&first]);
    let file = home.films("Heat.mkv");
    let all = ["--status", "completed", "--type", "scan", "--since", "1d", "--limit", "5", "--file"];
    assert_eq!(ids(&home.jobs(&[&all[..], &[file.to_str().expect("plain")]].concat())), [&first]);
}

#[test]
fn case_22_a_list_for_people() {
    let (home, _) = home_with_jobs();
    // What is unique of random ids differs from run to run.
    change(&home, "UPDATE jobs SET id = printf('%04d', rowid) || substr(id, 5)");

    snapshot!("list", home.vpo(["jobs", "list"]));
    snapshot!("empty", Home::new().vpo(["jobs", "list"]));
    snapshot!("unknown_status", home.vpo(["jobs", "list", "--status", "done"]));
}

#[test]
fn case_23_a_job_is_named_by_its_id_or_a_unique_prefix_and_each_other_case_says_what_is_wrong() {
    let (home, [first, failed, last]) = home_with_jobs();
    change(&home, &format!("UPDATE jobs SET id = 'abcd0' || substr(id, 6) WHERE id IN ('{first}', '{failed}')"));
    let same = |prefix: &str| home.vpo(["jobs", "show", "--json", prefix]);

    assert_eq!(same(&last).exits(0).json()["id"], *last);
    assert_eq!(same(&last[..13]).exits(0).json()["id"], *last);
    assert_eq!(same(&last[..13].to_uppercase()).exits(0).json()["id"], *last);
    let ambiguous = same("abcd").exits(2).json();
    assert_eq!(ambiguous["code"], "JOB_AMBIGUOUS");
    assert_eq!(ambiguous["details"]["matches"].as_array().map(Vec::len), Some(2));
    assert_eq!(same("zzzz").exits(2).json()["code"], "JOB_NOT_FOUND");
    assert_eq!(same("abc").exits(2).json()["code"], "JOB_PREFIX_TOO_SHORT");
    assert_eq!(same("%").exits(2).json()["code"], "JOB_PREFIX_TOO_SHORT");
    for literal in ["%%%%", "____", "abc%"] {
        assert_eq!(same(literal).exits(2).json()["code"], "JOB_NOT_FOUND", "{literal}");
    }
}

#[test]
fn a_job_shown_has_what_was_asked_for_with_what_and_what_came_of_it() {
    let (home, [first, ..]) = home_with_jobs();

    let shown = home.vpo(["jobs", "show", "--json", "--files", &first]).exits(0).json();

    for key in ["id", "type", "status", "profile", "path", "created_at", "started_at", "completed_at", "summary"] {
        assert!(shown.get(key).is_some(), "{key}");
    }
    assert_eq!(shown["schema"], 1);
    assert_eq!(shown["files_affected"], 1);
    assert_eq!(shown["argv"][1], "scan");
    assert_eq!(shown["summary"]["added"], 1);
    assert_eq!(shown["files"][0]["outcome"], "added");
    assert_eq!(shown["plugins"][0]["digest"].as_str().map(str::len), Some(64));
    let settings = shown["settings"].as_array().expect("settings are listed");
    assert!(settings.iter().all(|setting| setting["source"]["from"].is_string()));
    assert!(shown["created_at"].as_str().is_some_and(|time| time.ends_with('Z')));
}

#[test]
fn case_24_old_finished_jobs_go_with_the_next_scan_and_queued_and_running_ones_stay() {
    let (home, [first, failed, last]) = home_with_jobs();
    let month_ns = 31_i64 * 86_400 * 1_000_000_000;
    change(
        &home,
        &format!(
            "UPDATE jobs SET created_ns = created_ns - {month_ns}, completed_ns = completed_ns - {month_ns};
             UPDATE jobs SET status = 'queued', completed_ns = NULL WHERE id = '{failed}';
             UPDATE jobs SET completed_ns = completed_ns + {month_ns} WHERE id = '{last}'"
        ),
    );

    home.vpo(["scan", "[films]"]).exits(0);

    let left = home.jobs(&[]);
    assert_eq!(left.len(), 3, "the new one, the queued one, and the one that ended lately");
    assert!(!ids(&left).contains(&first.as_str()));
}

#[test]
fn case_25_a_failed_job_says_why() {
    let (home, [_, failed, _]) = home_with_jobs();

    let shown = home.vpo(["jobs", "show", "--json", &failed]).exits(0).json();

    assert_eq!(shown["status"], "failed");
    assert!(shown["error"]["message"].as_str().is_some_and(|message| message.contains("nowhere")), "{shown}");
}

#[test]
fn case_26_the_story_of_a_file_goes_on_under_its_new_name_and_stays_under_the_old() {
    let home = Home::new();
    home.put("Heat.mkv", &film("heat"));
    home.vpo(["scan", "[films]"]).exits(0);
    std::fs::rename(home.films("Heat.mkv"), home.films("Heat (1995).mkv")).expect("the films are ours");
    home.vpo(["scan", "[films]"]).exits(0);

    let kinds = |path: &str| -> Vec<String> {
        let story = home.vpo(["history", "--json", path]).exits(0).json();
        let events = story["files"][0]["events"].as_array().expect("events are listed").clone();
        assert!(events.iter().all(|event| event["job"].is_string()), "{events:?}");
        events.iter().map(|event| event["kind"].as_str().expect("a word").to_owned()).collect()
    };

    assert_eq!(kinds("[films]/Heat (1995).mkv"), ["added", "moved"]);
    assert_eq!(kinds("[films]/Heat.mkv"), ["added", "moved"]);
    assert_eq!(home.jobs(&["--file", "[films]/Heat (1995).mkv"]).len(), 2);
    snapshot!("history", home.vpo(["history", "[films]/Heat (1995).mkv"]));
    assert_eq!(home.vpo(["history", "--json", "[films]/Cube.mkv"]).exits(2).json()["code"], "FILE_NOT_RECORDED");
}

#[test]
fn purging_forgets_finished_jobs_and_keeps_the_story() {
    let (home, _) = home_with_jobs();

    assert_eq!(home.vpo(["jobs", "purge", "--json"]).exits(0).json()["deleted"], 0);
    assert_eq!(home.vpo(["jobs", "purge", "--older-than", "0s", "--json"]).exits(0).json()["deleted"], 3);

    assert_eq!(home.jobs(&[]), Vec::<Value>::new());
    let story = home.vpo(["history", "--json", "[films]/Heat.mkv"]).exits(0).json();
    assert_eq!(story["files"][0]["events"][0]["kind"], "added");
}

#[test]
fn the_log_of_a_job_is_shown_by_its_id() {
    let (home, [first, ..]) = home_with_jobs();

    let log = home.vpo(["jobs", "show", &first[..13], "--log"]).exits(0);

    assert!(log.stdout.lines().count() >= 2, "{log}");
    assert!(log.stdout.lines().all(|line| line.contains(&first)), "{log}");
    let followed = home.vpo(["jobs", "show", &first[..13], "--log", "--follow"]).exits(0);
    assert_eq!(followed.stdout, log.stdout);
}

/// A scanned home with two films, and a profile that removes their Japanese sound and has a task.
fn home_to_change() -> Home {
    let home = Home::new();
    home.put("Alien.mkv", &film("alien"));
    home.put("Heat.mkv", &film("heat"));
    let library = home.films("");
    let profile =
        "policy \"tracks\" {\n    audio \"eng\"\n}\nallow \"remove-track\"\ntask \"nightly\" { scan; apply; }\n";
    home.write("profiles/kids.kdl", format!("library {library:?}\n{profile}"));
    home.vpo(["scan", "--profile", "kids"]).exits(0);
    home
}

#[test]
fn a_task_is_shown_with_its_parts_and_an_apply_with_its_programs_and_phases() {
    let home = home_to_change();

    home.vpo(["run", "nightly", "--profile", "kids", "--yes"]).exits(0);

    let of_type = |job_type: &str| home.jobs(&["--type", job_type])[0]["id"].as_str().expect("an id").to_owned();
    let show = |id: &str| home.vpo(["jobs", "show", "--json", id]).exits(0).json();
    let (task, apply) = (of_type("task"), of_type("apply"));
    let parts = show(&task)["parts"].clone();
    let parts: Vec<_> = parts.as_array().expect("a task has parts").iter().map(|part| part["type"].clone()).collect();
    assert_eq!(parts, ["scan", "apply"]);
    let shown = show(&apply);
    assert_eq!(shown["parent"], *task);
    assert_eq!(shown["tools"][0]["name"], "mkvmerge");
    assert!(shown["tools"][0]["version"].as_str().is_some_and(|version| version.contains('.')), "{shown}");
    for phase in ["checking", "working", "verifying", "committing"] {
        assert!(shown["timings"][phase].is_number(), "{phase}: {shown}");
    }
    assert_eq!(shown["outcomes"], serde_json::json!([{ "outcome": "edited", "reason": "remove-track", "files": 2 }]));
    let words = home.vpo(["jobs", "show", &apply]).exits(0).stdout;
    assert!(words.contains(&format!("task nightly, job {task}")), "{words}");
}

#[test]
fn case_26_the_story_and_the_explanation_of_a_file_say_why_by_which_line_and_from_what() {
    let home = home_to_change();
    let explain = || home.vpo(["explain", "--profile", "kids", "--json", "[films]/Heat.mkv"]).exits(0).json();

    let step = explain()["plan"]["steps"][0].clone();
    let words = home.vpo(["explain", "--profile", "kids", "[films]/Heat.mkv"]).exits(0).stdout;
    home.vpo(["apply", "--profile", "kids", "--yes"]).exits(0);
    let left_alone = explain()["plan"]["left_alone"][0].clone();
    let story = home.vpo(["history", "[films]/Heat.mkv"]).exits(0).stdout;

    assert_eq!(step["rule"]["line"], 3);
    assert_eq!(step["rule"]["kdl"], "audio \"eng\"");
    assert_eq!(step["inputs"][0]["value"], "ja");
    assert!(
        words.contains(
            "rule: audio \"eng\"  ([home]/profiles/kids.kdl:3)"
                .replace("[home]", home.own().to_str().unwrap())
                .as_str()
        ),
        "{words}"
    );
    assert_eq!(left_alone["rule"]["line"], 3);
    let reason = step["reason"].as_str().expect("a step has a reason");
    assert!(story.contains("remove audio track 2 (ja") && story.contains(reason), "{story}");
}

#[test]
fn case_25_an_apply_that_was_killed_says_what_it_was_at_and_what_it_did_not_come_to() {
    let home = home_to_change();
    let deadly = home
        .write("mkvmerge", "#!/bin/sh\ncase \"$*\" in *--version*) exec mkvmerge --version;; esac\nkill -9 $PPID\n");
    std::fs::set_permissions(&deadly, std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("the file is ours");
    let tool = format!("tools.mkvmerge={}", deadly.display());

    let killed = home.vpo(["apply", "--profile", "kids", "--yes", "--set", &tool]);

    assert_eq!(killed.exit, 128 + 9, "{killed}");
    let failed = home.jobs(&["--failed"])[0]["id"].as_str().expect("an id").to_owned();
    let shown = home.vpo(["jobs", "show", "--json", "--files", &failed]).exits(0).json();
    assert_eq!(shown["error"]["message"], "interrupted");
    assert_eq!(shown["error"]["working_on"], *home.films("Alien.mkv").to_string_lossy());
    let outcomes: Vec<_> =
        shown["files"].as_array().expect("asked for").iter().map(|file| file["outcome"].clone()).collect();
    assert_eq!(outcomes, ["planned", "planned"]);
    home.vpo(["jobs", "retry", &failed, "--set", &tool]).exits(128 + 9);
    home.vpo(["apply", "--profile", "kids", "--yes"]).exits(0);
    let shown = home.vpo(["jobs", "show", home.jobs(&["--type", "apply"])[0]["id"].as_str().expect("an id")]).exits(0);
    assert!(shown.stdout.contains("2 edited") && !shown.stdout.contains("planned"), "{shown}");
}

#[test]
fn jobs_in_which_files_failed_are_found_and_tried_again() {
    let home = home_to_change();
    home.write("empty", "");
    home.put("Empty.mkv", &home.own().join("empty"));
    home.vpo(["scan", "--profile", "kids"]).exits(1);
    std::fs::copy(film("other"), home.films("Heat.mkv")).expect("the film is ours");
    home.vpo(["apply", "--profile", "kids", "--yes"]).exits(1);

    let failed = home.jobs(&["--failed"]);
    let words = home.vpo(["jobs", "list", "--failed"]).exits(0).stdout;
    let scans = home.jobs(&["--failed", "--type", "scan"]);
    let both = home.jobs(&["--failed", "--status", "completed"]);

    let shown: Vec<_> = failed.iter().map(|job| (&job["type"], &job["status"])).collect();
    assert_eq!(shown, [(&"apply".into(), &"completed".into()), (&"scan".into(), &"completed".into())]);
    assert!(words.contains("1 failed, 1 edited") && words.contains("1 error,"), "{words}");
    assert_eq!((scans.len(), both.len()), (1, 3));
    std::fs::remove_file(home.films("Empty.mkv")).expect("the film is ours");
    let scan = scans[0]["id"].as_str().expect("an id");
    assert_eq!(home.vpo(["jobs", "retry", "--json", scan]).exits(0).json()["summary"]["errors"], 0);
    let apply = failed[0]["id"].as_str().expect("an id");
    let again = home.vpo(["jobs", "retry", "--json", apply]).exits(0).json();
    assert_eq!((&again["summary"]["edited"], &again["summary"]["failed"]), (&1.into(), &0.into()), "{again}");
    let well = home.jobs(&["--status", "completed", "--limit", "1"]);
    let refused = home.vpo(["jobs", "retry", well[0]["id"].as_str().expect("an id")]).exits(2);
    assert!(refused.stderr.contains("no file of it failed"), "{refused}");
}
