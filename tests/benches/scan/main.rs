//! Scans of large trees against the fastest bare walk, in one run: `cargo bench -p vpo-tests --bench scan`.
//!
//! `VPO_BENCH_FILES="100000 1000000"` says how large. Trees are made once, under `target/bench`, of small real Matroska
//! files; hard content is left to other benchmarks.

mod peers;

use std::ffi::{CStr, OsString};
use std::fs::{self, File};
use std::io::{self, Write};
use std::mem::MaybeUninit;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, RawDir, openat, statat};
use vpo_tests::{Recipe, workspace};

/// Films in one folder.
const IN_A_FOLDER: usize = 100;

/// How often a measurement is taken; the best one counts.
const TIMES: usize = 3;

fn main() {
    let counts = std::env::var("VPO_BENCH_FILES").unwrap_or_else(|_| "100000".to_owned());
    let program = workspace().join("target/release/vpo");
    assert!(program.is_file(), "run `make release` first");
    for count in counts.split_whitespace().map(|count| count.parse().expect("VPO_BENCH_FILES is a list of numbers")) {
        measure(&program, count);
    }
}

fn measure(program: &Path, count: usize) {
    let place = workspace().join("target/bench").join(format!("tree-{count}"));
    make_tree(&place, count).expect("the tree can be made");
    let home = workspace().join("target/bench").join(format!("home-{count}"));
    let _ = fs::remove_dir_all(&home);

    println!("{count} files, {} threads", threads());
    let bare = best(|| bare_walk(&place, count));
    line("bare parallel walk and stat", bare, bare, None);
    peers::measure(&place, &home.with_extension("scratch"), count, bare);
    let first = scan(program, &home, &place);
    line("vpo, first scan", first.time, bare, Some(&first));
    println!("  database {:.0} bytes for each file", size_of(&home.join("library.db")) as f64 / count as f64);
    let rescan = (0..TIMES).map(|_| scan(program, &home, &place)).min_by_key(|ran| ran.time).expect("it ran");
    line("vpo, nothing changed", rescan.time, bare, Some(&rescan));
    let before = size_of(&home.join("library.db"));
    for number in 0..(count / 100) {
        let path = path_of(&place, number * 100);
        File::open(path)
            .and_then(|file| file.set_modified(std::time::SystemTime::now()))
            .expect("a file can be touched");
    }
    let changed = scan(program, &home, &place);
    line("vpo, 1 in 100 changed", changed.time, first.time, Some(&changed));
    println!(
        "  the last figure is of the first scan; the database grew by {} bytes",
        size_of(&home.join("library.db")) - before
    );
}

fn line(what: &str, time: Duration, against: Duration, ran: Option<&Ran>) {
    let ratio = time.as_secs_f64() / against.as_secs_f64();
    let memory = ran.map(|ran| format!("  peak {:.0} MiB, wrote {} KiB", ran.peak as f64 / 1024.0, ran.written / 1024));
    let memory = memory.unwrap_or_default();
    println!("  {what:32} {:8.3} s  {ratio:6.2} x{memory}", time.as_secs_f64());
}

/// One run of vpo.
struct Ran {
    time: Duration,
    /// KiB of resident memory at most.
    peak: u64,
    /// Bytes that were handed to the disk: database, its log, logs.
    written: u64,
}

fn scan(program: &Path, home: &Path, place: &Path) -> Ran {
    let begun = Instant::now();
    let mut child = Command::new(program)
        .args(["--quiet", "--home"])
        .arg(home)
        .arg("scan")
        .arg(place)
        .env("XDG_CACHE_HOME", workspace().join("target/bench/cache"))
        .stdout(Stdio::null())
        .spawn()
        .expect("vpo starts");
    let status = format!("/proc/{}/status", child.id());
    let io = format!("/proc/{}/io", child.id());
    let (mut peak, mut written) = (0, 0);
    let code = loop {
        peak = peak.max(said(&status, "VmHWM:"));
        written = written.max(said(&io, "wchar:"));
        match child.try_wait().expect("vpo can be waited for") {
            Some(code) => break code,
            None => thread::sleep(Duration::from_millis(5)),
        }
    };
    assert!(code.success(), "vpo scan ended with {code}");
    Ran { time: begun.elapsed(), peak, written }
}

/// The number behind a word in a file of `/proc`; zero when the process has ended.
fn said(file: &str, word: &str) -> u64 {
    let text = fs::read_to_string(file).unwrap_or_default();
    let value = text.lines().find_map(|line| line.strip_prefix(word));
    value.and_then(|value| value.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

fn best(mut work: impl FnMut() -> usize) -> Duration {
    let once = |work: &mut dyn FnMut() -> usize| {
        let begun = Instant::now();
        assert!(work() > 0);
        begun.elapsed()
    };
    (0..TIMES).map(|_| once(&mut work)).min().expect("it ran")
}

/// The floor: every thread takes folders from one stack, lists them with getdents into a buffer of its own and observes
/// every file with one stat relative to the open folder. Nothing is allocated for a file, nothing is remembered.
fn bare_walk(root: &Path, expected: usize) -> usize {
    let stack = Mutex::new((vec![root.to_owned()], 0_usize));
    let seen = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..threads() {
            scope.spawn(|| {
                loop {
                    let mut guard = stack.lock().expect("nobody panics");
                    let Some(folder) = guard.0.pop() else {
                        if guard.1 == 0 {
                            return;
                        }
                        drop(guard);
                        thread::yield_now();
                        continue;
                    };
                    guard.1 += 1;
                    drop(guard);
                    let (files, folders) = list(&folder).expect("the tree is readable");
                    seen.fetch_add(files, Ordering::Relaxed);
                    let mut guard = stack.lock().expect("nobody panics");
                    guard.0.extend(folders);
                    guard.1 -= 1;
                }
            });
        }
    });
    assert_eq!(seen.load(Ordering::Relaxed), expected);
    expected
}

fn list(folder: &Path) -> io::Result<(usize, Vec<PathBuf>)> {
    let open = openat(CWD, folder, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
    let (mut files, mut folders) = (0, Vec::new());
    let mut buffer = [const { MaybeUninit::uninit() }; 64 * 1024];
    let mut entries = RawDir::new(&open, &mut buffer);
    while let Some(entry) = entries.next() {
        let entry = entry?;
        let name: &CStr = entry.file_name();
        if name.to_bytes().starts_with(b".") {
            continue;
        }
        if entry.file_type() == FileType::Directory {
            folders.push(folder.join(OsString::from_vec(name.to_bytes().to_vec())));
        } else {
            std::hint::black_box(statat(&open, name, AtFlags::SYMLINK_NOFOLLOW)?);
            files += 1;
        }
    }
    Ok((files, folders))
}

/// Makes a tree of films that differ in their last bytes, unless it is there already.
fn make_tree(place: &Path, count: usize) -> io::Result<()> {
    let done = place.with_extension("done");
    if done.exists() {
        return Ok(());
    }
    println!("making {count} files in {}", place.display());
    let small = Recipe { seconds: "0.2", picture: "color=black:s=32x32:r=24", audio: &[], ..Recipe::new("bench") };
    let template = fs::read(small.matroska())?;
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        let making: Vec<_> =
            (0..threads()).map(|_| scope.spawn(|| make_some(place, count, &template, &next))).collect();
        making.into_iter().try_for_each(|thread| thread.join().expect("making does not panic"))
    })?;
    File::create(done).map(|_| ())
}

fn make_some(place: &Path, count: usize, template: &[u8], next: &AtomicUsize) -> io::Result<()> {
    loop {
        let first = next.fetch_add(IN_A_FOLDER, Ordering::Relaxed);
        if first >= count {
            return Ok(());
        }
        fs::create_dir_all(path_of(place, first).parent().expect("films lie in folders"))?;
        for number in first..count.min(first + IN_A_FOLDER) {
            let mut file = File::create(path_of(place, number))?;
            file.write_all(template)?;
            // An EBML Void element (RFC 8794 §11.3.2) of eight bytes makes every file its own.
            file.write_all(&[0xec, 0x88])?;
            file.write_all(&(number as u64).to_be_bytes())?;
        }
    }
}

fn path_of(place: &Path, number: usize) -> PathBuf {
    let folder = number / IN_A_FOLDER;
    place
        .join(format!("shelf {:03}", folder / 100))
        .join(format!("box {folder:05}"))
        .join(format!("Film {number:07} (1999).mkv"))
}

fn size_of(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |found| found.len())
}

fn threads() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}
