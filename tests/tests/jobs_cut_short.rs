//! Jobs that do not come to their end: killed, asked to stop, or failed, and what becomes of them.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::ExitStatusExt;
use std::process::Child;
use std::time::{Duration, Instant};

use vpo_tests::{Gate, Home, film};

fn status_of(home: &Home, id: &str) -> String {
    home.database()
        .query_row("SELECT status FROM jobs WHERE id = ?1", [id], |row| row.get(0))
        .expect("the job is there")
}

/// Starts a scan and waits until it is in the middle of a file.
fn standing_scan(home: &Home, gate: &Gate) -> (Child, String) {
    let scan = home.start(["scan", "--profile", "gated", "--log-level", "debug", "[films]"]);
    gate.wait();
    let running = home.jobs(&["--status", "running"]);
    (scan, running[0]["id"].as_str().expect("jobs have ids").to_owned())
}

#[test]
fn case_19_a_killed_scan_is_closed_as_interrupted_by_the_next_command() {
    let home = Home::new();
    home.put("Heat.wmv", &film("heat"));
    let gate = Gate::new(&home);
    let (mut scan, id) = standing_scan(&home, &gate);

    scan.kill().expect("the scan runs");
    // It is not waited for: what is left of a killed process until then is dead all the same.
    let shown = home.vpo(["jobs", "list", "--json"]).exits(0).json();
    let ended = scan.wait().expect("it was ours");
    gate.open();

    assert_eq!(ended.signal(), Some(9));
    assert_eq!(shown[0]["status"], "failed");
    assert_eq!(status_of(&home, &id), "failed");
    let shown = home.vpo(["jobs", "show", "--json", &id]).exits(0).json();
    assert_eq!(shown["error"]["message"], "interrupted");
    let sound: String = home.database().query_row("PRAGMA integrity_check", [], |row| row.get(0)).expect("readable");
    assert_eq!(sound, "ok");
    home.vpo(["scan", "--profile", "gated", "[films]"]).exits(0);
}

#[test]
fn case_20_while_a_scan_runs_lists_and_scans_of_other_roots_answer_and_a_second_of_the_same_is_refused() {
    let home = Home::new();
    home.put("Heat.wmv", &film("heat"));
    std::fs::create_dir(home.folder().join("other")).expect("the folder is ours");
    std::fs::copy(film("alien"), home.folder().join("other/Alien.mkv")).expect("the folder is ours");
    let gate = Gate::new(&home);
    let (mut scan, id) = standing_scan(&home, &gate);

    assert_eq!(home.jobs(&["--status", "running"]).len(), 1);
    home.vpo(["scan", "other"]).exits(0);
    let refused = home.vpo(["scan", "--json", "[films]"]).exits(2).json();
    assert_eq!((&refused["code"], &refused["details"]["job"]), (&"ROOT_BUSY".into(), &id.as_str().into()));

    gate.open();
    assert_eq!(scan.wait().expect("it was ours").code(), Some(0));
    assert_eq!(status_of(&home, &id), "completed");
}

#[test]
fn a_running_scan_that_is_asked_to_end_ends_in_order() {
    let home = Home::new();
    for (name, media) in [("Heat.wmv", "heat"), ("Alien.wmv", "alien"), ("Cube.wmv", "cube")] {
        home.put(name, &film(media));
    }
    let gate = Gate::new(&home);
    let (mut scan, id) = standing_scan(&home, &gate);

    assert_eq!(home.vpo(["jobs", "cancel", "--json", &id[..8]]).exits(0).json()["answer"], "asked");
    // The scan is let go when it has heard.
    let log = home.own().join("logs/vpo.log");
    let deadline = Instant::now() + Duration::from_secs(60);
    while !std::fs::read_to_string(&log).expect("scans log").contains("asked to end") {
        assert!(Instant::now() < deadline, "the scan does not hear");
        std::thread::yield_now();
    }
    gate.open();

    assert_eq!(scan.wait().expect("it was ours").code(), Some(130));
    assert_eq!(status_of(&home, &id), "cancelled");
    let in_error: i64 = home
        .database()
        .query_row("SELECT count(*) FROM files WHERE state = 'error'", [], |row| row.get(0))
        .expect("the table is there");
    assert_eq!(in_error, 0);
    assert_eq!(home.vpo(["jobs", "cancel", "--json", &id]).exits(2).json()["code"], "JOB_OVER");
}

#[test]
fn a_failed_job_is_tried_again_in_its_own_folder() {
    let home = Home::new();
    let mut elsewhere = home.command(["scan", "late"]);
    elsewhere.current_dir(home.films(""));
    assert_eq!(elsewhere.status().expect("the program runs").code(), Some(2));
    home.put("late/Heat.mkv", &film("heat"));
    let failed = home.jobs(&["--failed"])[0]["id"].as_str().expect("jobs have ids").to_owned();

    let again = home.vpo(["jobs", "retry", "--json", &failed]).exits(0);

    assert_eq!(again.json()["summary"]["added"], 1);
    let job = again.json()["job"].as_str().expect("a scan is a job").to_owned();
    let shown = home.vpo(["jobs", "show", "--json", &job]).exits(0).json();
    assert_eq!(shown["parent"], *failed);
    assert_eq!(shown["argv"][1], "scan");
    assert_eq!(home.vpo(["jobs", "retry", "--json", &job]).exits(2).json()["code"], "JOB_NOT_FAILED");
}

#[test]
fn a_failed_job_on_a_name_that_is_not_utf_8_is_tried_again_on_that_name() {
    let home = Home::new();
    let folder = home.films(OsStr::from_bytes(b"Caf\xe9"));
    home.vpo([OsStr::new("scan"), folder.as_os_str()]).exits(2);
    home.put(folder.join("Heat.mkv"), &film("heat"));
    let failed = home.jobs(&["--failed"])[0]["id"].as_str().expect("jobs have ids").to_owned();

    let shown = home.vpo(["jobs", "show", &failed]).exits(0);
    let again = home.vpo(["jobs", "retry", "--json", &failed]).exits(0);

    assert!(shown.stdout.contains(r"Caf\xe9'"), "{shown}");
    assert_eq!(again.json()["summary"]["added"], 1);
}

#[test]
fn a_killed_job_took_as_long_as_it_was_heard_of() {
    let home = Home::new();
    home.put("Heat.wmv", &film("heat"));
    let gate = Gate::new(&home);
    let (mut scan, id) = standing_scan(&home, &gate);
    let query = "SELECT heartbeat_ns - started_ns FROM jobs WHERE id = ?1";
    let deadline = Instant::now() + Duration::from_secs(60);
    let heard_for = || home.database().query_row::<i64, _, _>(query, [&id], |row| row.get(0)).expect("it is there");
    while heard_for() == 0 {
        assert!(Instant::now() < deadline, "it gives no sign of life");
        std::thread::yield_now();
    }

    scan.kill().expect("the scan runs");
    scan.wait().expect("it was ours");
    home.vpo(["jobs", "list"]).exits(0);
    gate.open();

    let took: i64 = home
        .database()
        .query_row("SELECT completed_ns - started_ns FROM jobs WHERE id = ?1", [&id], |row| row.get(0))
        .expect("it is closed");
    assert!(took > 0);
}
