//! `vpo inspect` at its edges: what is no film, what is damaged, and how little room a terminal may have.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use rustix::fs::{CWD, FileType, Mode, mknodat};
use serde_json::Value;
use vpo_tests::{Home, film, on_terminal, snapshot};

fn pipe(path: &Path) {
    mknodat(CWD, path, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
}

#[test]
fn what_is_no_film_is_called_what_it_is_and_never_waited_for() {
    let home = Home::new();
    let write = |name: &str, bytes: &[u8]| fs::write(home.films(name), bytes).unwrap();
    pipe(&home.films("a pipe.mkv"));
    symlink("a pipe.mkv", home.films("a link to a pipe.mkv")).unwrap();
    fs::create_dir(home.films("a folder.mkv")).unwrap();
    write("empty.mkv", b"");
    write("empty.mp4", b"");
    write("zeros.ts", &[0; 4096]);
    write("text.avi", "Für später".as_bytes());
    write("text.mpg", b"Good evening.\n");
    write("page.mp4", b"<!DOCTYPE html><title>404 Not Found</title>");
    write("picture.mkv", b"\xff\xd8\xff\xe0\0\x10JFIF\0");
    write("song.mp3", b"ID3\x04\0\0\0\0\0\0");
    write("song.flac", b"fLaC\0\0\0\x22");
    write("noise.mkv", &[0x91, 0x03, 0xf3, 0x00, 0x17, 0xc8, 0x88, 0x02, 0xfe, 0x40]);
    let mut names: Vec<String> =
        fs::read_dir(home.films("")).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    let files = names.iter().map(|name| format!("[films]/{name}"));

    let told = home.vpo(["inspect".to_owned()].into_iter().chain(files).chain(["[films]/nothing.mkv".to_owned()]));

    snapshot!(told);
}

#[test]
fn a_film_that_became_a_pipe_is_left_alone() {
    let home = Home::new();
    home.put("Heat.mkv", &film("heat"));
    home.write("profiles/p.kdl", "policy \"tracks\" {\n    audio \"ja\"\n}\nallow \"remove-track\"\n");
    home.vpo(["scan", "[films]"]).exits(0);
    fs::remove_file(home.films("Heat.mkv")).unwrap();
    pipe(&home.films("Heat.mkv"));

    let applied = home.vpo(["apply", "-p", "p", "--yes", "[films]/Heat.mkv"]).exits(1);

    assert!(applied.to_string().contains("changed since"), "{applied}");
}

#[test]
fn numbers_that_no_film_has_are_unknown_and_warned_of() {
    let home = Home::new();
    let film = home.put("Heat.mkv", &film("heat"));
    let mut bytes = fs::read(&film).unwrap();
    // DefaultDuration (0x23e383) of four bytes, in nanoseconds.
    let at = bytes.windows(4).position(|found| found == b"\x23\xe3\x83\x84").unwrap() + 4;
    bytes[at..at + 4].copy_from_slice(&200_000u32.to_be_bytes());
    fs::write(&film, bytes).unwrap();

    let facts = home.vpo(["inspect", "--json", "[films]/Heat.mkv"]).exits(0).json();

    assert_eq!(facts["tracks"][0]["frame_rate"], Value::Null);
    let warning = "track 0: a frame rate of 5000/1 is beyond reason, and taken as unknown";
    assert_eq!(facts["warnings"], serde_json::json!([warning]));
}

/// What `vpo inspect --verbose` shows of a film on a terminal of so many columns; `None` where there is none to be had.
fn shown(home: &Home, columns: u16, environment: &[(&str, &str)]) -> Option<String> {
    let mut command = home.command(["inspect", "--verbose", "[films]/Heat.mkv"]);
    command.envs(environment.iter().copied());
    let shown = on_terminal(&command, columns);
    if shown.is_none() {
        eprintln!("skipped: a terminal, which `script` would make");
    }
    shown
}

#[test]
fn colours_are_for_those_who_want_them() {
    let home = Home::new();
    home.put("Heat.mkv", &film("heat"));
    let Some(colourful) = shown(&home, 80, &[]) else { return };

    assert!(colourful.contains("\x1b[34mvideo\x1b[0m"), "{colourful}");
    for unwanted in [("NO_COLOR", "1"), ("TERM", "dumb")] {
        let plain = shown(&home, 80, &[unwanted]).unwrap();
        assert!(!plain.contains('\x1b'), "{unwanted:?}: {plain}");
    }
    assert!(shown(&home, 80, &[("NO_COLOR", "")]).unwrap().contains('\x1b'));
}

#[test]
fn a_terminal_that_does_not_know_its_width_has_room_for_all() {
    let home = Home::new();
    home.put("Heat.mkv", &film("heat"));
    let environment = ("NO_COLOR", "1");
    let Some(unknown) = shown(&home, 0, &[environment]) else { return };
    let piped = home.vpo(["inspect", "--verbose", "[films]/Heat.mkv"]).exits(0).stdout;

    assert_eq!(unknown, piped);
    let narrow = shown(&home, 0, &[environment, ("COLUMNS", "44")]).unwrap();
    assert_eq!(narrow, shown(&home, 44, &[environment]).unwrap());
    // Narrow as it is, no word is broken, and none is lost.
    let words = |text: &str| -> BTreeSet<String> {
        text.split_whitespace().skip(1).map(|word| word.trim_end_matches([':', ';']).to_owned()).collect()
    };
    assert_eq!(words(&piped).difference(&words(&narrow)).collect::<Vec<_>>(), Vec::<&String>::new(), "{narrow}");
    for line in narrow.lines().skip(1) {
        assert!(line.chars().count() <= 44, "{line:?}");
    }
}

#[test]
fn a_failure_leaves_nothing_of_itself_in_the_answer() {
    let home = Home::new();
    home.put("Heat.mkv", &film("heat"));
    fs::write(home.films("text.mkv"), "text").unwrap();

    let told = home.vpo(["inspect", "--verbose", "[films]/text.mkv", "[films]/Heat.mkv", "[films]/nothing.mkv"]);
    let alone = home.vpo(["inspect", "--verbose", "[films]/Heat.mkv"]).exits(0);
    let answers = home.vpo(["inspect", "--json", "[films]/nothing.mkv", "[films]/Heat.mkv"]).exits(1).json();

    assert_eq!(told.exit, 1);
    assert_eq!(told.stdout, alone.stdout);
    assert_eq!(answers[0]["size"], Value::Null);
    assert_eq!(answers[1]["error"], Value::Null);
}

#[test]
fn every_track_of_a_kind_is_told_under_the_same_keys() {
    let home = Home::new();
    home.put("Heat.mkv", &film("heat"));
    home.put("Disc.mp4", &film("disc"));
    let answer = home.vpo(["inspect", "--json", "[films]/Heat.mkv", "[films]/Disc.mp4"]).exits(0).json();
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();

    assert_eq!(keys(&answer[0]), keys(&answer[1]));
    for kind in ["video", "audio", "subtitle"] {
        let tracks = answer.as_array().unwrap().iter().flat_map(|film| film["tracks"].as_array().unwrap());
        let told: Vec<_> = tracks.filter(|track| track["type"] == kind).map(keys).collect();
        assert!(told.windows(2).all(|pair| pair[0] == pair[1]), "{kind}: {told:?}");
    }
}
