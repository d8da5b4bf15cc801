//! Changing files against the bare tools: `cargo bench -p vpo-tests --bench apply`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use vpo::media::TrackKind;
use vpo::plan::{Action, TrackFlag};
use vpo_tests::bench::Bench;
use vpo_tests::large_film;

const ROUNDS: u32 = 40;

fn main() {
    header_edit();
    remux();
}

/// A flag set and cleared in turn, by mkvpropedit alone and by the whole chain.
fn header_edit() {
    let bench = Bench::new();
    let (_folder, path) = copy_of(&large_film());
    let mut is_set = false;
    let bare = quickest(|| {
        is_set = !is_set;
        let set = format!("flag-forced={}", u8::from(is_set));
        run(Command::new("mkvpropedit").arg("-q").arg(&path).args(["--edit", "track:2", "--set", &set]));
    });
    let ours = quickest(|| {
        let subject = bench.subject(&path);
        let track = &subject.facts.tracks[1];
        let actions = vec![Action::SetFlag { track: track.id, flag: TrackFlag::Forced, value: !track.flags.forced }];
        bench.apply_watched(subject, actions, &()).expect("a flag can be set");
    });
    tell("header edit", "mkvpropedit", bare, ours, Some(1.2));
}

/// A copy without the last track, by mkvmerge alone and by the whole chain.
fn remux() {
    let bench = Bench::new();
    let film = large_film();
    let (folder, path) = copy_of(&film);
    let bare = quickest(|| {
        let output = folder.path().join("bare.mkv");
        run(Command::new("mkvmerge").args(["-q", "-o"]).arg(&output).arg("--no-subtitles").arg(&path));
        fs::remove_file(output).expect("just made");
    });
    let ours = quickest(|| {
        fs::copy(&film, &path).expect("the folder is writable");
        let subject = bench.subject(&path);
        let last = subject.facts.tracks.iter().rfind(|track| track.kind() == TrackKind::Subtitle);
        let actions = vec![Action::RemoveTrack { track: last.expect("the film has subtitles").id }];
        bench.apply_watched(subject, actions, &()).expect("a track can be removed");
    });
    tell("remux", "mkvmerge", bare, ours, None);
}

fn copy_of(film: &Path) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("the temporary folder is writable");
    let path = folder.path().join("film.mkv");
    fs::copy(film, &path).expect("the temporary folder is writable");
    (folder, path)
}

fn run(command: &mut Command) {
    let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status().expect("the tool is installed");
    assert!(status.success(), "{command:?}");
}

fn quickest(mut work: impl FnMut()) -> Duration {
    (0..ROUNDS)
        .map(|_| {
            let begun = Instant::now();
            work();
            begun.elapsed()
        })
        .min()
        .expect("there are rounds")
}

fn tell(what: &str, tool: &str, bare: Duration, ours: Duration, budget: Option<f64>) {
    let ratio = ours.as_secs_f64() / bare.as_secs_f64();
    let budget = budget.map(|budget| format!(" (budget {budget})")).unwrap_or_default();
    println!("{what}: {tool} {bare:.1?}, vpo {ours:.1?}, ratio {ratio:.2}{budget}");
}
