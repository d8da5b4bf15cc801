//! Asking policies: `cargo bench -p vpo-tests --bench policies`.
//!
//! First the call alone, over facts in memory, in reused and fresh instances, on one thread and on two; then a dry run of
//! the program over a database of `VPO_BENCH_FILES` recorded files (100,000 when nothing is said), which is made once,
//! under `target/bench`.

use std::fs;
use std::hint::black_box;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use vpo::disk::Observation;
use vpo::media::{
    Addresses, Attachment, Audio, Chapter, Details, Facts, Flags, Language, Ratio, Subtitle, SubtitleForm, Tag, Track,
    Video,
};
use vpo::plan::Context;
use vpo::plugins::{Limits, Lock, Node, Plugins, Policy, types};
use vpo::store::files::{FileState, Record};
use vpo::store::{Store, StoreError, facts, files, roots};
use vpo_tests::bench::Bench;
use vpo_tests::{scratch, varied, workspace};

/// How often a measurement is taken; the best one counts.
const ROUNDS: u32 = 30;

/// Files that are evaluated in one round.
const BATCH: usize = 500;

const FILES_IN_A_FOLDER: usize = 100;

fn main() {
    calls();
    dry_run();
}

/// Evaluations alone.
fn calls() {
    let bench = Bench::new();
    let generated: Vec<Facts> = fs::read_dir(varied())
        .expect("generated media")
        .filter_map(|entry| bench.facts(&entry.ok()?.path()).ok())
        .collect();
    let plugins =
        Plugins::new(Vec::new(), scratch("cache").join("vpo"), Lock::new(scratch("bench-lock")), Limits::default());
    let option = |name: &str, language: &str| Node {
        name: name.to_owned(),
        parent: None,
        arguments: vec![types::Value::Text(language.to_owned())],
        properties: Vec::new(),
    };
    let options = vec![option("audio", "en"), option("subtitle", "en")];
    let policy = || plugins.policy("tracks", options.clone()).expect("bundled plugins load; run `make plugins`");

    println!("tracks, files each second (budgets 100000 reused, 10000 fresh, for each thread)");
    for (what, facts) in [
        ("a plain film: 3 tracks", vec![film(1, 1, false)]),
        ("a full film: 9 tracks, 12 chapters, 63 tags", vec![film(3, 5, true)]),
        ("the generated files", generated),
    ] {
        println!("  {what}");
        for threads in [1, 2] {
            for fresh in [false, true] {
                let instance = if fresh { "fresh" } else { "reused" };
                let rate = rate(&policy, &facts, threads, fresh);
                println!("    {instance:6} on {threads} {:9.0}", rate);
            }
        }
    }
}

/// Files that all threads together evaluate in a second.
fn rate(policy: &(impl Fn() -> Policy + Sync), facts: &[Facts], threads: usize, fresh: bool) -> f64 {
    let context = Context { today: "2026-01-01".to_owned(), file_name: "Film.mkv".to_owned(), ..Context::default() };
    let one = || {
        let mut policy = policy();
        let mut round = || {
            let begun = Instant::now();
            for facts in facts.iter().cycle().take(BATCH) {
                if fresh {
                    policy.forget_instance();
                }
                let _ = black_box(policy.evaluate(&context, facts));
            }
            begun.elapsed()
        };
        (0..ROUNDS).map(|_| round()).min().expect("there are rounds")
    };
    thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(one)).collect();
        threads.into_iter().map(|one| BATCH as f64 / one.join().expect("a call does not panic").as_secs_f64()).sum()
    })
}

/// What a dry run over a library costs, the database and the telling included.
fn dry_run() {
    let count: usize = std::env::var("VPO_BENCH_FILES").map_or(100_000, |count| count.parse().expect("a number"));
    let program = std::env::var_os("VPO_BIN").map_or_else(|| workspace().join("target/release/vpo"), Into::into);
    assert!(Path::new(&program).is_file(), "run `make release` first");
    let home = workspace().join("target/bench").join(format!("home-policies-{count}"));
    if !home.join("library.db").is_file() {
        record(&home, count).expect("the database can be made");
    }
    fs::create_dir_all(home.join("profiles")).expect("the home is writable");
    let bench = |name: &str, policies: &str| {
        let text = format!("{policies}\nallow \"remove-track\" \"reorder\" \"convert-container\"\n");
        fs::write(home.join("profiles").join(format!("{name}.kdl")), text).expect("the home is writable");
    };
    bench("in-line", "policy \"tracks\" { audio \"eng\" \"jpn\" \"fra\"; subtitle \"eng\" \"jpn\" \"fra\" \"deu\"; }");
    bench("some", "policy \"tracks\" { subtitle \"eng\" \"jpn\" \"fra\"; }");
    bench(
        "all",
        "policy \"tracks\" { audio \"eng\"; subtitle \"eng\"; default audio=\"first\"; }
         policy \"rules\" { rule \"large\" { when { file size=\">1GiB\"; }; then { set-tag \"LARGE\" \"yes\"; }; }; }
         policy \"container\" { to \"mkv\"; }",
    );

    println!("a dry run over {count} recorded files");
    for (profile, what) in
        [("in-line", "in line"), ("some", "one in four changes"), ("all", "three policies, all change")]
    {
        for format in [&[][..], &["--json"]] {
            let mut command = Command::new(&program);
            command.args(["apply", "--dry-run", "-p", profile]).args(format).env("VPO_HOME", &home);
            let ran = measured(&mut command);
            let what = format!("{what}{}", if format.is_empty() { "" } else { ", as JSON" });
            println!(
                "  {what:40} {:6.2} s  {:6.2} s CPU  peak {:4} MiB  {:7.0} files/s",
                ran.time.as_secs_f64(),
                ran.cpu.as_secs_f64(),
                ran.peak >> 20,
                count as f64 / ran.time.as_secs_f64()
            );
        }
    }
}

/// One run of the program.
struct Ran {
    time: Duration,
    cpu: Duration,
    /// Bytes of resident memory.
    peak: u64,
}

#[expect(clippy::zombie_processes, reason = "its status is taken by its id, as it is looked at before")]
fn measured(command: &mut Command) -> Ran {
    use std::os::unix::process::ExitStatusExt;
    let begun = Instant::now();
    let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the program runs");
    let (status, usage) = waited(child.id());
    assert!(std::process::ExitStatus::from_raw(status).code().is_some_and(|code| code < 2), "{command:?}: {status}");
    Ran { time: begun.elapsed(), cpu: usage.0, peak: usage.1 }
}

/// The status of a child with its CPU time and peak memory, as /proc tells while it has ended and nobody has asked yet.
fn waited(id: u32) -> (i32, (Duration, u64)) {
    let mut peak = 0;
    loop {
        let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kilobytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
        peak = peak.max(kilobytes.unwrap_or(0) << 10);
        let stat = fs::read_to_string(format!("/proc/{id}/stat")).expect("nobody has asked for its end yet");
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        if fields[0] == "Z" {
            let ticks: u64 = fields[11..13].iter().map(|ticks| ticks.parse::<u64>().expect("a number")).sum();
            let id = rustix::process::Pid::from_raw(id as i32).expect("a child of ours");
            let status = rustix::process::waitpid(Some(id), rustix::process::WaitOptions::empty());
            let (_, status) = status.expect("a child of ours").expect("it has ended");
            return (status.as_raw(), (Duration::from_millis(ticks * 10), peak));
        }
        thread::sleep(Duration::from_millis(5));
    }
}

/// Records films without making them.
fn record(home: &Path, count: usize) -> Result<(), StoreError> {
    fs::create_dir_all(home).expect("the build folder is writable");
    let store = Store::open(&home.join("library.db"))?;
    let root = PathBuf::from("/films of the benchmark");
    let mut writer = store.writer()?;
    writer.transaction(|db| {
        roots::put(
            db,
            &roots::Root {
                path: root.clone(),
                device: 1,
                inode: 1,
                filesystem: "local".to_owned(),
                filesystem_id: 0,
                is_mount: false,
                last_complete_scan_ns: Some(1),
                last_file_count: Some(count as u64),
            },
        )?;
        for number in 0..count {
            let folder = root.join(format!("folder {:05}", number / FILES_IN_A_FOLDER));
            let folder = files::folder(db, &folder)?;
            let size = 500_000_000 + (number as u64 % 7) * 400_000_000;
            let observation =
                Observation { size, mtime_ns: 1, ctime_ns: 1, inode: number as u64 + 2, device: 1, links: 1 };
            let sample = [number as u8; 32];
            let record = Record {
                observation: &observation,
                observed_ns: 1,
                state: FileState::Ok,
                error: None,
                reader: Some("matroska 0.1.0"),
                sample_hash: Some(&sample),
                full_hash: None,
            };
            let name = format!("Film {number:06}.mkv");
            let id = files::add(db, folder, std::ffi::OsStr::from_bytes(name.as_bytes()), &record, 1)?;
            facts::put(db, id, &film(1 + number % 3, 1 + number % 4, number % 5 == 0))?;
        }
        Ok::<_, StoreError>(())
    })
}

/// A film with so many tracks, and with everything that a good release brings along.
fn film(audio: usize, subtitles: usize, is_full: bool) -> Facts {
    let mut tracks = vec![track(Details::Video(picture()), "hevc", "V_MPEGH/ISO/HEVC", "und", None)];
    for (language, title) in
        [("eng", "Surround 5.1"), ("jpn", "Stereo"), ("fra", "Commentary by the director")].into_iter().take(audio)
    {
        let sound =
            Audio { channels: 6, layout: Some("5.1(side)".to_owned()), sample_rate: Some(48_000), bit_depth: None };
        tracks.push(track(Details::Audio(sound), "eac3", "A_EAC3", language, is_full.then_some(title)));
    }
    for language in ["eng", "jpn", "fra", "deu", "spa"].into_iter().take(subtitles) {
        let text = Subtitle { form: Some(SubtitleForm::Text) };
        tracks.push(track(Details::Subtitle(text), "subrip", "S_TEXT/UTF8", language, None));
    }
    for (place, track) in (0..).zip(&mut tracks) {
        track.id = place;
        track.number = u64::from(place) + 1;
        track.addresses = Addresses { mkvmerge: Some(place), mkvpropedit: Some(place + 1), ffmpeg: Some(place) };
    }
    let mut film = Facts {
        container: "matroska".to_owned(),
        brand: Some("matroska".to_owned()),
        title: Some("A film".to_owned()),
        duration_ns: Some(6_000_000_000_000),
        muxing_application: Some("libebml v1.4.4 + libmatroska v1.7.1".to_owned()),
        writing_application: Some("mkvmerge v74.0.0 ('You Oughta Know') 64-bit".to_owned()),
        tracks,
        ..Facts::default()
    };
    if is_full {
        film.chapters = (0..12).map(chapter).collect();
        film.attachments = vec![Attachment {
            id: 0,
            name: "cover.jpg".to_owned(),
            media_type: "image/jpeg".to_owned(),
            description: None,
            size: 100_000,
            is_cover: true,
        }];
        film.tags = film.tracks.iter().flat_map(|track| statistics(track.id)).collect();
    }
    film
}

fn picture() -> Video {
    Video {
        width: 1920,
        height: 800,
        display_width: 1920,
        display_height: 800,
        frame_rate: Some(Ratio { numerator: 24000, denominator: 1001 }),
        interlaced: Some(false),
        bit_depth: Some(10),
        ..Video::default()
    }
}

fn track(details: Details, codec: &str, codec_id: &str, language: &str, title: Option<&str>) -> Track {
    Track {
        id: 0,
        number: 0,
        addresses: Addresses::default(),
        details,
        codec: codec.to_owned(),
        codec_id: codec_id.to_owned(),
        profile: None,
        level: None,
        language: Language::from_file(language),
        title: title.map(str::to_owned),
        flags: Flags::default(),
        duration_ns: Some(6_000_000_000_000),
        bit_rate: Some(640_000),
        extra: Vec::new(),
    }
}

fn chapter(number: u64) -> Chapter {
    Chapter {
        start_ns: number * 500_000_000_000,
        end_ns: None,
        title: Some(format!("Chapter {number:02}")),
        language: Language::from_file("eng"),
        hidden: false,
        depth: 0,
        edition: 0,
    }
}

/// What mkvmerge writes of each track.
fn statistics(track: u32) -> impl Iterator<Item = Tag> {
    [
        ("BPS", "640000"),
        ("DURATION", "01:40:00.000000000"),
        ("NUMBER_OF_FRAMES", "187500"),
        ("NUMBER_OF_BYTES", "480000000"),
        ("_STATISTICS_WRITING_APP", "mkvmerge v74.0.0 ('You Oughta Know') 64-bit"),
        ("_STATISTICS_WRITING_DATE_UTC", "2024-02-29 12:00:00"),
        ("_STATISTICS_TAGS", "BPS DURATION NUMBER_OF_FRAMES NUMBER_OF_BYTES"),
    ]
    .into_iter()
    .map(move |(name, value)| Tag {
        track: Some(track),
        name: name.to_owned(),
        value: value.to_owned(),
        language: None,
    })
}
