//! What is logged, where, and what happens when it cannot be.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;
use vpo_tests::{Home, film, names};

fn lines(path: &Path) -> Vec<Value> {
    let text = fs::read_to_string(path).expect("the log is there");
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|cause| panic!("{cause}: {line}"))).collect()
}

fn levels(lines: &[Value]) -> BTreeSet<&str> {
    lines.iter().map(|line| line["level"].as_str().expect("a word")).collect()
}

#[test]
fn case_31_levels_filter_and_every_line_is_json_with_a_utc_time() {
    let home = Home::new();
    home.put("Heat.mkv", &film("heat"));
    fs::write(home.films("noise.mkv"), "noise").expect("the films are ours");
    let scan = |level: &str, log: &str| {
        home.vpo(["scan", "--full", "[films]", "--log-json", "--log-level", level, "--log-file", log]).exits(1);
        fs::read_to_string(home.folder().join(log)).map(|_| lines(&home.folder().join(log))).unwrap_or_default()
    };

    let debug = scan("debug", "debug.log");
    let info = scan("info", "info.log");
    let warn = scan("warn", "warn.log");
    let one = scan("warn,vpo::jobs=info", "one.log");
    let off = scan("off", "off.log");

    assert_eq!(levels(&debug), ["DEBUG", "INFO", "WARN"].into());
    assert_eq!(levels(&info), ["INFO", "WARN"].into());
    assert_eq!(levels(&warn), ["WARN"].into());
    assert!(one.iter().all(|line| line["level"] == "WARN" || line["target"] == "vpo::jobs"));
    assert!(one.len() > warn.len() && off.is_empty());
    for line in debug.iter().chain(&info) {
        let keys: Vec<_> = line.as_object().expect("an object").keys().cloned().collect();
        assert_eq!(keys, ["context", "level", "message", "target", "timestamp"]);
        assert!(line["timestamp"].as_str().is_some_and(|time| time.ends_with('Z')));
    }
}

#[test]
fn case_31_the_id_of_a_job_finds_its_whole_story() {
    let home = Home::new();
    home.put("Heat.mkv", &film("heat"));

    let arguments = ["scan", "[films]", "--json", "--log-json", "--log-level", "debug", "--log-file", "vpo.log"];
    let job = home.vpo(arguments).exits(0).json()["job"].clone();

    let lines = lines(&home.folder().join("vpo.log"));
    let of_job: Vec<_> = lines.iter().filter(|line| line["context"]["job"] == job).collect();
    let said = |message: &str| of_job.iter().filter(|line| line["message"] == message).collect::<Vec<_>>();
    assert_eq!(said("job begun").len(), 1);
    assert_eq!(said("end of file").len(), 1);
    assert!(said("end of plugin").iter().any(|line| line["context"]["plugin"] == "matroska"));
    assert!(said("end of file")[0]["context"]["seconds"].is_f64());
}

#[test]
fn case_31_rotation_leaves_the_configured_number_of_files_and_loses_no_line() {
    let home = Home::new();
    home.put("Heat.mkv", &film("heat"));
    home.write("config.kdl", "logging {\n    rotate-size \"1KiB\"\n    rotate-keep 3\n    format \"json\"\n}\n");
    let scans: Vec<Value> = (0..12).map(|_| home.vpo(["scan", "[films]", "--json"]).exits(0).json()).collect();

    let logs = home.own().join("logs");
    assert_eq!(names(&logs), ["vpo.log", "vpo.log.1", "vpo.log.2", "vpo.log.3"]);
    let mut kept = Vec::new();
    for name in ["vpo.log.3", "vpo.log.2", "vpo.log.1", "vpo.log"] {
        assert!(fs::metadata(logs.join(name)).expect("just listed").len() <= 1024);
        kept.extend(lines(&logs.join(name)));
    }
    // The lines that are left are the last ones, without a gap.
    let begun: Vec<&Value> =
        kept.iter().filter(|line| line["message"] == "job begun").map(|line| &line["context"]["job"]).collect();
    let last: Vec<&Value> = scans[scans.len() - begun.len()..].iter().map(|scan| &scan["job"]).collect();
    assert!(begun.len() > 2);
    assert_eq!(begun, last);
}

#[test]
fn case_32_a_log_file_that_cannot_be_opened_or_filled_costs_one_warning_and_the_work_goes_on() {
    let home = Home::new();
    home.put("Heat.mkv", &film("heat"));

    for log in ["/nowhere/at/all.log", "/dev/full"] {
        let scan = home.vpo(["scan", "--full", "[films]", "--log-file", log]).exits(0);

        assert_eq!(scan.stderr.matches(" WARN ").count(), 1, "{scan}");
        assert!(scan.stderr.contains(log) && scan.stderr.contains("job begun"), "{scan}");
        assert!(scan.stderr.contains("job ended"), "{scan}");
    }
}

#[test]
fn names_that_would_act_on_a_terminal_are_escaped_in_both_formats() {
    let home = Home::new();
    let name = "a\n\u{1b}[31m\u{202e}gpj.mkv";
    fs::write(home.films(name), "noise").expect("the films are ours");

    home.vpo(["scan", "[films]", "--log-file", "text.log"]).exits(1);
    home.vpo(["scan", "[films]", "--log-file", "json.log", "--log-json"]).exits(1);

    for log in ["text.log", "json.log"] {
        let text = fs::read_to_string(home.folder().join(log)).expect("the log is there");
        assert!(text.contains("gpj.mkv"), "{log}: {text}");
        assert!(!text.contains(['\u{1b}', '\u{202e}']), "{log}");
    }
    lines(&home.folder().join("json.log"));
}

#[test]
fn two_programs_on_one_log_file_lose_no_line() {
    let home = Home::new();
    home.put("Heat.mkv", &film("heat"));
    home.vpo(["scan", "[films]", "--log-file", "warm.log"]).exits(0);
    home.write("config.kdl", "logging {\n    rotate-size \"700B\"\n    rotate-keep 100\n    format \"json\"\n}\n");

    let scans: Vec<_> = (0..6)
        .map(|at| {
            let folder = home.folder().join(format!("films-{at}"));
            fs::create_dir(&folder).expect("the folder is ours");
            fs::copy(film("heat"), folder.join("Heat.mkv")).expect("the folder is ours");
            home.start(["scan".as_ref(), folder.as_os_str()])
        })
        .collect();
    for mut scan in scans {
        assert_eq!(scan.wait().expect("it was ours").code(), Some(0));
    }

    let logs = home.own().join("logs");
    let all: Vec<Value> = names(&logs).iter().flat_map(|name| lines(&logs.join(name))).collect();
    let said = |message: &str| all.iter().filter(|line| line["message"] == message).count();
    assert_eq!((said("job begun"), said("job ended")), (6, 6));
    assert!(names(&logs).len() > 2);
}
