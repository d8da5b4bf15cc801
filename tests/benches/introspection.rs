//! Reading media files through components, natively, and with one process per file, in one run on one folder:
//! `cargo bench -p vpo-tests --bench introspection`.
//!
//! `VPO_BENCH_MEDIA` names the folder; else it is what `scripts/generate-media.sh` makes. Only files that vpo's own readers
//! read are measured, by all of them. What is told is CPU time, of this process or of its children.

use std::fs::File;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};
use vpo::plugins::{Limits, Lock, Plugins};
use vpo::scan::{ReaderChoice, ReaderSet, Readers};
use vpo_reading::MediaFile;
use vpo_tests::{scratch, workspace};

const READERS: [&str; 4] = ["matroska", "isobmff", "avi", "mpegts"];
/// Files that tools are asked about; a process each takes its time.
const MOST: usize = 200;
/// Rounds over all files for what is quick, the best of which counts.
const ROUNDS: usize = 15;

/// A file, and the reader that reads it.
struct Sample {
    path: PathBuf,
    reader: Arc<str>,
}

fn main() {
    let folder = std::env::var_os("VPO_BENCH_MEDIA").map_or_else(generated, PathBuf::from);
    let mut readers = readers();
    let mut samples = samples(&folder, &mut readers);
    // Every n-th, so that all kinds are among them.
    let step = samples.len().div_ceil(MOST).max(1);
    let mut number = 0;
    samples.retain(|_| {
        number += 1;
        (number - 1) % step == 0
    });
    assert!(!samples.is_empty(), "there is no media file in {}", folder.display());

    let (mut calls, mut bytes) = (0, 0);
    for sample in &samples {
        let (file, size) = open(&sample.path);
        let cost = readers.read(&file, size, &sample.path).cost;
        calls += u64::from(cost.calls);
        bytes += cost.bytes;
    }
    let count = samples.len();
    println!("{count} files of {}", folder.display());
    println!("  {:.1} reads and {} bytes a file", calls as f64 / count as f64, bytes / count as u64);

    let native = quickest(count, || samples.iter().for_each(natively));
    let components = quickest(count, || {
        for sample in &samples {
            let (file, size) = open(&sample.path);
            assert!(black_box(readers.read(&file, size, &sample.path)).facts.is_ok());
        }
    });
    line("the readers, natively", native, components);
    line("the readers, as components", components, components);
    for (tool, arguments) in [
        ("ffprobe", &["-v", "error", "-print_format", "json", "-show_format", "-show_streams", "-show_chapters"][..]),
        ("mkvmerge", &["-J"][..]),
        ("mediainfo", &["--Output=JSON"][..]),
    ] {
        match processes(tool, arguments, &samples) {
            Some(time) => line(&format!("{tool}, a process a file"), time, components),
            None => println!("  {tool} is not installed"),
        }
    }
    println!("  components take {:.2} x the native time", components.as_secs_f64() / native.as_secs_f64());
}

fn line(what: &str, time: Duration, against: Duration) {
    let ratio = time.as_secs_f64() / against.as_secs_f64();
    println!("  {what:32} {:10.1} µs  {ratio:8.2} x", time.as_secs_f64() * 1e6);
}

fn generated() -> PathBuf {
    let folder = workspace().join("target/media/varied");
    if !folder.is_dir() {
        let made = Command::new(workspace().join("scripts/generate-media.sh")).arg(&folder).status();
        assert!(made.is_ok_and(|status| status.success()), "media files cannot be made");
    }
    folder
}

fn readers() -> Readers {
    let lock = Lock::new(scratch("cache").join("plugins.lock.kdl"));
    let plugins = Plugins::new(Vec::new(), scratch("cache").join("vpo"), lock, Limits::default());
    let choices =
        READERS.map(|plugin| ReaderChoice { plugin: plugin.to_owned(), options: Vec::new(), tools: None }).to_vec();
    let set = Arc::new(ReaderSet::load(&plugins, &choices).expect("bundled plugins load; run `make plugins`"));
    set.on_this_thread()
}

/// Files below a folder that a reader reads.
fn samples(folder: &Path, readers: &mut Readers) -> Vec<Sample> {
    let mut paths = Vec::new();
    collect(folder, &mut paths);
    paths.sort();
    let readable = paths.into_iter().filter_map(|path| {
        let (file, size) = open(&path);
        let reading = readers.read(&file, size, &path);
        reading.facts.ok()?;
        Some(Sample { path, reader: reading.reader? })
    });
    readable.collect()
}

fn collect(place: &Path, paths: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(place).expect("the folder can be listed").flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, paths);
        } else if path.extension().is_none_or(|ending| ending != "json") {
            paths.push(path);
        }
    }
}

fn open(path: &Path) -> (Arc<File>, u64) {
    let file = File::open(path).expect("the file can be read");
    let size = file.metadata().expect("the file can be read").len();
    (Arc::new(file), size)
}

fn natively(sample: &Sample) {
    let media = MediaFile::open(&sample.path).expect("the file can be read");
    // Readers are named with their versions.
    let facts = match sample.reader.split(' ').next().unwrap_or_default() {
        "matroska" => vpo_plugin_matroska::read(&media),
        "isobmff" => vpo_plugin_isobmff::read(&media),
        "avi" => vpo_plugin_avi::read(&media),
        _ => vpo_plugin_mpegts::read(&media),
    };
    assert!(black_box(facts).is_ok());
}

/// CPU time of this process for one file, in the best of some rounds over all of them.
fn quickest(count: usize, mut round: impl FnMut()) -> Duration {
    let now = || {
        let time = clock_gettime(ClockId::ProcessCPUTime);
        Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
    };
    let mut once = || {
        let begun = now();
        round();
        now() - begun
    };
    (0..ROUNDS).map(|_| once()).min().expect("it ran") / count as u32
}

/// CPU time of one process for one file, on average; `None` where the tool is not installed.
fn processes(tool: &str, arguments: &[&str], samples: &[Sample]) -> Option<Duration> {
    let before = of_children();
    for sample in samples {
        let mut command = Command::new(tool);
        command.args(arguments).arg(&sample.path).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.status().ok()?;
    }
    Some((of_children() - before) / samples.len() as u32)
}

/// CPU time of the children that were waited for, in the hundredths of a second that the system counts.
fn of_children() -> Duration {
    const TICK: Duration = Duration::from_millis(10);

    let stat = std::fs::read_to_string("/proc/self/stat").expect("the system has /proc");
    // The name of the program, which may hold anything, ends with the last parenthesis.
    let (_, fields) = stat.rsplit_once(')').expect("the name stands in parentheses");
    // Fields 16 and 17 of proc(5), user and system time of children; the first behind the name is the third.
    let ticks: u32 = fields.split_whitespace().skip(13).take(2).filter_map(|field| field.parse::<u32>().ok()).sum();
    TICK * ticks
}
