//! How far a scan is: told in lines or as JSON when asked for, silent otherwise.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;

use rustix::fs::{CWD, FileType, Mode, mknodat};
use serde_json::Value;
use vpo_tests::{Home, film};

fn three_films() -> Home {
    let home = Home::new();
    for name in ["heat", "alien", "other"] {
        home.put(format!("{name}.mkv"), &film(name));
    }
    home
}

#[test]
fn without_a_terminal_nothing_but_the_answer_is_told() {
    let home = three_films();

    for options in [&[][..], &["--json"], &["--verbose"], &["--progress=none"]] {
        let scan = home.vpo(["scan", "[films]"].iter().chain(options));

        assert_eq!((scan.exit, scan.stderr.as_str()), (0, ""), "{scan}");
        assert!(!scan.stdout.contains("files/s"), "{scan}");
    }
}

#[test]
fn lines_tell_phase_counts_and_rate_and_end_with_how_it_was() {
    let home = three_films();

    let scan = home.vpo(["scan", "--progress=lines", "[films]"]);

    let last = scan.stderr.lines().last().unwrap();
    assert!(last.starts_with("finishing: 3 found, 3 of 3 read, ") && last.ends_with(" files/s"), "{scan}");
    assert!(scan.stdout.starts_with("Scanned "), "{scan}");
}

#[test]
fn json_is_an_object_a_line_and_leaves_the_answer_alone() {
    let home = three_films();
    home.vpo(["scan", "[films]"]).exits(0);

    let scan = home.vpo(["scan", "--json", "--progress=json", "[films]"]);

    let lines: Vec<Value> = scan.stderr.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let last = lines.last().unwrap();
    assert_eq!(last["phase"], "finishing");
    assert_eq!(last["summary"], scan.json()["summary"]);
    assert_eq!(last["expected"], 3, "what the last scan found");
    assert!(last["seconds"].is_f64(), "{last}");
}

#[test]
fn the_time_left_is_told_while_there_is_something_left() {
    let home = three_films();
    let library = home.films("").display().to_string();
    let readers = "introspect \"matroska\" \"ffprobe\"\ngrant \"ffprobe\" tool=\"ffprobe\"";
    home.write("profiles/mine.kdl", format!("library {library:?}\n{readers}\n"));
    home.vpo(["scan", "-p", "mine"]).exits(0);
    fs::write(home.films("Slow.mpg"), "for ffprobe").unwrap();
    // The scan waits until somebody writes into the pipe.
    let pipe = home.folder().join("pipe");
    mknodat(CWD, &pipe, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
    let ffprobe = home.write(
        "bin/ffprobe",
        format!("#!/bin/sh\n[ \"$1\" = -version ] || read go <{pipe:?}\necho 'ffprobe version 5.1'\n"),
    );
    fs::set_permissions(&ffprobe, fs::Permissions::from_mode(0o755)).unwrap();
    let path = std::env::join_paths(
        [ffprobe.parent().unwrap().to_owned()]
            .into_iter()
            .chain(std::env::split_paths(&std::env::var_os("PATH").unwrap())),
    );
    let mut command = home.command(["scan", "-p", "mine", "--progress=json"]);
    let mut running = command.env("PATH", path.unwrap()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut go = File::options().write(true).open(&pipe).unwrap();

    let told = BufReader::new(running.stderr.take().unwrap()).lines();
    let mut told = told.map(|line| serde_json::from_str::<Value>(&line.unwrap()).unwrap());
    let told = told.find(|line| line["summary"]["skipped"] == 3).unwrap();
    go.write_all(b"go\n").unwrap();
    running.wait().unwrap();

    assert_eq!((&told["phase"], &told["summary"]["skipped"]), (&"reading".into(), &3.into()), "{told}");
    let (left, seconds) = (told["seconds_left"].as_f64().unwrap(), told["seconds"].as_f64().unwrap());
    assert!((left - seconds / 3.0).abs() < seconds / 100.0, "one of four is left: {told}");
}
