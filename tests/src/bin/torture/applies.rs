//! Hurts applies: in each round a film is changed in some way while something goes wrong.
//!
//! The program is killed or interrupted at a random moment, a tool misbehaves, the disk fails, the film changes underneath.
//! After the next start the film is its original or the whole outcome, byte for byte where the film itself is concerned;
//! nothing lies beside it; and the records say which of the two it is.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use vpo_tests::bench::all_names;
use vpo_tests::{Home, Recipe, film};

use crate::faults::Faults;
use crate::misdeeds::{self, Misdeed};
use crate::random::Random;

/// The latest moment of a kill. A change of the film takes about as long.
const LATEST: Duration = Duration::from_millis(500);

/// A way of changing a film.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Way {
    /// The header, where it lies.
    Edit,
    /// A copy without a track, in another order.
    Remux,
    /// The same, the original kept.
    RemuxKept,
    ToMatroska,
    ToMp4,
}

const WAYS: [Way; 5] = [Way::Edit, Way::Remux, Way::RemuxKept, Way::ToMatroska, Way::ToMp4];

impl Way {
    fn profile(self) -> String {
        const KEEP: &str = "policy \"tracks\" { audio \"jpn\"; order \"subtitle\" \"audio\" \"video\"; }\n";
        let policy = match self {
            Self::Edit => {
                "policy \"rules\" { rule \"r\" { then {\n set-title \"A title that was not there\"\n set-flag \"audio\" \
                 \"commentary\" language=\"jpn\"\n } } }\n"
            }
            Self::Remux | Self::RemuxKept => KEEP,
            Self::ToMatroska => "policy \"container\" { to \"mkv\"; }\n",
            Self::ToMp4 => "policy \"container\" { to \"mp4\" incompatible=\"convert\"; }\n",
        };
        let kept = if self == Self::RemuxKept { "apply backup=\"keep\"\n" } else { "" };
        format!("{policy}{kept}allow \"remove-track\" \"reorder\" \"convert-container\" \"transcode-track\"\n")
    }

    fn source(self) -> PathBuf {
        if self == Self::ToMatroska { Recipe::new("torture").remuxed("mp4") } else { film("torture") }
    }

    fn name(self) -> &'static str {
        if self == Self::ToMatroska { "torture.mp4" } else { "torture.mkv" }
    }

    fn name_after(self) -> &'static str {
        if self == Self::ToMp4 { "torture.mp4" } else { "torture.mkv" }
    }

    /// Every name in the folder when it was done.
    fn names_after(self) -> Vec<&'static str> {
        match self {
            Self::RemuxKept => vec![".torture.mkv.vpo-original", "torture.mkv"],
            _ => vec![self.name_after()],
        }
    }
}

/// What a film is to be like afterwards, as an undisturbed apply made it.
#[derive(Debug, PartialEq)]
struct Expected {
    /// Type, codec, language, title and flags of each track.
    tracks: Vec<String>,
    /// Hash of the packets of each track.
    packets: Vec<String>,
}

/// What goes wrong in one round.
#[derive(Debug)]
enum Trouble {
    Nothing,
    Killed(Duration),
    Interrupted(Duration),
    Misdeed(Misdeed),
    /// A tool that stands still, and a person who gives up.
    Stopped(Duration),
    Disk,
}

/// How many rounds ended how.
#[derive(Default)]
pub struct Tally {
    pub changed: u32,
    pub untouched: u32,
    troubles: BTreeMap<String, u32>,
}

pub fn torture(rounds: u32, random: &mut Random, faults: Option<&Faults>) -> Tally {
    let expected: BTreeMap<Way, Expected> = WAYS.into_iter().map(|way| (way, undisturbed(way))).collect();
    let mut tally = Tally::default();
    for round in 1..=rounds {
        let way = WAYS[random.below(WAYS.len())];
        let trouble = trouble(way, random, faults.is_some());
        let what = format!("round {round}: {way:?}, {trouble:?}");
        let word = format!("{trouble:?}").split(['(', ' ']).next().unwrap_or_default().to_owned();
        *tally.troubles.entry(word).or_default() += 1;
        let is_changed = one(way, &trouble, random, faults, &expected[&way], &what);
        *if is_changed { &mut tally.changed } else { &mut tally.untouched } += 1;
        if round % 50 == 0 {
            println!("round {round}: {} changed, {} as they were", tally.changed, tally.untouched);
        }
    }
    println!("troubles: {:?}", tally.troubles);
    tally
}

fn trouble(way: Way, random: &mut Random, can_fail: bool) -> Trouble {
    match random.below(10) {
        0 => Trouble::Nothing,
        1 | 2 => Trouble::Killed(LATEST.mul_f64(random.share())),
        3 => Trouble::Interrupted(LATEST.mul_f64(random.share())),
        4 => Trouble::Stopped(LATEST.mul_f64(0.2 + random.share())),
        5 | 6 if can_fail => Trouble::Disk,
        _ => Trouble::Misdeed(misdeeds::any(way.name() != way.name_after(), random)),
    }
}

/// One film, one trouble, the next start. Returns whether the film was changed.
fn one(
    way: Way,
    trouble: &Trouble,
    random: &mut Random,
    faults: Option<&Faults>,
    expected: &Expected,
    what: &str,
) -> bool {
    let home = scene(way);
    let path = home.films(way.name());
    let original = fs::read(&path).expect("the film is there");
    let modified = fs::metadata(&path).and_then(|found| found.modified()).expect("the film is there");

    let mut apply = home.command(["apply", "-p", "torture", "--yes"]);
    apply.stdout(Stdio::null()).stderr(Stdio::null());
    let tools = home.folder().join("tools");
    let code = match trouble {
        Trouble::Nothing => apply.status().expect("vpo starts").code(),
        Trouble::Killed(after) => struck(&mut apply, *after, Signal::KILL),
        Trouble::Interrupted(after) => struck(&mut apply, *after, Signal::INT),
        Trouble::Stopped(after) => {
            misdeeds::wrap(&tools, &mut apply, "kill -STOP $$", &path, &home.films(way.name_after()));
            struck(&mut apply, *after, Signal::INT)
        }
        Trouble::Misdeed(misdeed) => {
            misdeeds::wrap(&tools, &mut apply, &misdeed.script, &path, &home.films(way.name_after()));
            apply.status().expect("vpo starts").code()
        }
        Trouble::Disk => {
            let faults = faults.expect("such a trouble needs faults");
            println!("{what}: {}", faults.disk(&mut apply, &home, random));
            apply.status().expect("vpo starts").code()
        }
    };
    assert!(code.is_none() || matches!(code, Some(0..=2 | 130)), "{what}: vpo ended with {code:?}");
    let next = home.vpo(["scan", "--accept-missing", "[films]"]);
    assert!(matches!(next.exit, 0 | 1), "{what}: {next}");

    let is_changed = judge(way, trouble, &home, &original, expected, what);
    if !is_changed && let Ok(found) = fs::metadata(&path) {
        let is_as_it_was = fs::read(&path).is_ok_and(|bytes| bytes == original);
        let same_time = found.modified().is_ok_and(|time| time == modified);
        assert!(same_time || !is_as_it_was, "{what}: the original has another time");
    }
    if matches!(trouble, Trouble::Nothing) {
        assert!(is_changed && code == Some(0), "{what}: nothing hindered it");
    }
    records_agree(&home, is_changed, what);
    is_changed
}

/// A scanned home with one film and a profile.
fn scene(way: Way) -> Home {
    let home = Home::new();
    home.put(way.name(), &way.source());
    home.write("profiles/torture.kdl", way.profile());
    home.vpo(["scan", "[films]"]).exits(0);
    home
}

/// Whether the film is the outcome; it must be that or its original, and alone.
fn judge(way: Way, trouble: &Trouble, home: &Home, original: &[u8], expected: &Expected, what: &str) -> bool {
    let names = all_names(&home.films(""));
    let (path, after) = (home.films(way.name()), home.films(way.name_after()));
    if let Trouble::Misdeed(Misdeed { leaves: Some(leaves), .. }) = trouble {
        let others = names.iter().filter(|name| *name != way.name() && *name != way.name_after()).count();
        assert_eq!(others, 0, "{what}: {names:?}");
        assert!(leaves.holds(&path, &after, original), "{what}: {names:?}");
        return false;
    }
    if names == [way.name()] && fs::read(&path).is_ok_and(|bytes| bytes == original) {
        return false;
    }
    assert_eq!(names, way.names_after(), "{what}");
    assert_eq!(&found(home, way), expected, "{what}");
    if way == Way::RemuxKept {
        let kept = fs::read(home.films(".torture.mkv.vpo-original")).expect("it is there");
        assert!(kept == original, "{what}: the original that was kept is another one");
    }
    true
}

/// No job runs, no change is open, and history knows of a change exactly when there was one.
fn records_agree(home: &Home, is_changed: bool, what: &str) {
    let jobs = home.vpo(["jobs", "list", "--limit", "0", "--json"]).exits(0).json();
    let jobs = jobs.as_array().expect("jobs are a list");
    let unfinished = jobs.iter().filter(|job| job["status"] == "running" || job["status"] == "queued").count();
    assert_eq!(unfinished, 0, "{what}: {jobs:?}");
    let database = home.database();
    let count = |query: &str| database.query_row(query, [], |row| row.get::<_, i64>(0)).expect("the tables are there");
    assert_eq!(count("SELECT count(*) FROM intents"), 0, "{what}: a change is not settled");
    let edits = count("SELECT count(*) FROM events WHERE kind = 'edited'");
    assert_eq!(edits, i64::from(is_changed), "{what}: what the history says");
    let told = count("SELECT count(*) FROM job_files WHERE outcome = 'edited'");
    assert_eq!(told, i64::from(is_changed), "{what}: what the job says");
    if is_changed {
        let again = home.vpo(["scan", "--json", "[films]"]).exits(0).json();
        assert_eq!(again["summary"]["scanned"], 0, "{what}: what vpo writes is no change");
    }
}

fn undisturbed(way: Way) -> Expected {
    let home = scene(way);
    home.vpo(["apply", "-p", "torture", "--yes"]).exits(0);
    found(&home, way)
}

fn found(home: &Home, way: Way) -> Expected {
    let film = home.films(way.name_after());
    let facts = home.vpo([Path::new("inspect"), Path::new("--json"), &film]).exits(0).json();
    let words = ["type", "codec", "language", "title", "default", "forced", "commentary", "channels", "width"];
    let told = |track: &Value| words.map(|word| track[word].to_string()).join(" ");
    let tracks: Vec<String> = facts["tracks"].as_array().expect("tracks are a list").iter().map(told).collect();
    let packets = (0..tracks.len()).map(|track| packets(&film, track)).collect();
    Expected { tracks, packets }
}

/// The hash of the packets of one track, as ffmpeg finds them.
fn packets(film: &Path, track: usize) -> String {
    let output = Command::new("ffmpeg")
        .args(["-nostdin", "-v", "error", "-i"])
        .arg(film)
        .args(["-map", &format!("0:{track}"), "-c", "copy", "-f", "streamhash", "-"])
        .output()
        .expect("ffmpeg runs");
    String::from_utf8_lossy(&output.stdout).trim().rsplit('=').next().unwrap_or_default().to_owned()
}

/// Starts the program and sends it a signal; who interrupts it is impatient and does so twice. Returns its exit code.
fn struck(apply: &mut Command, after: Duration, signal: Signal) -> Option<i32> {
    let mut running = apply.spawn().expect("vpo starts");
    thread::sleep(after);
    strike(&mut running, signal);
    if signal == Signal::INT {
        thread::sleep(after / 8);
        strike(&mut running, signal);
    }
    running.wait().expect("a child can be waited for").code()
}

fn strike(running: &mut Child, signal: Signal) {
    if running.try_wait().expect("a child can be asked").is_none() {
        kill_process(Pid::from_child(running), signal).expect("a child can be killed");
    }
}
