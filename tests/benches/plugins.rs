//! What components cost: `cargo bench -p vpo-tests --bench plugins`.
//!
//! Compiling and loading each bundled plugin, an instance and a call, a batch of sightings; then the start of the program
//! with one policy in a profile and with sixteen, each with compiled code of its own.

use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use vpo::media::Facts;
use vpo::plan::Context;
use vpo::plugins::detector::{BATCH, FilesystemClass, Observation, Scan, Sighting};
use vpo::plugins::{Limits, Lock, Plugins};
use vpo_tests::{component, workspace};

/// How often something is measured; the best counts.
const ROUNDS: u32 = 20;

/// Policies in a large profile.
const MANY: usize = 16;

fn main() {
    let home = workspace().join("target/bench/home-plugins");
    let _ = fs::remove_dir_all(&home);
    fs::create_dir_all(&home).expect("the build folder is writable");
    loading(&home);
    calling(&home);
    starting(&home);
}

/// The first start with a plugin, which compiles it, and every later one.
fn loading(home: &Path) {
    println!("plugin         compiled in    loaded in (budget 5 ms)");
    let names: Vec<String> = plugins(&home.join("cache")).list().iter().map(|found| found.name.to_string()).collect();
    for name in names {
        let load = |cache: &Path| {
            let plugins = plugins(cache);
            let begun = Instant::now();
            black_box(plugins.load(&name).expect("bundled plugins load"));
            begun.elapsed()
        };
        let cache = home.join("cache");
        let first = load(&cache);
        println!("{name:14} {:8.1} ms    {:6.2} ms", millis(first), millis(best(|| load(&cache))));
    }
}

fn calling(home: &Path) {
    let plugins = plugins(&home.join("cache"));
    let mut policy = plugins.policy("rules", Vec::new()).expect("bundled plugins load");
    let (context, facts) = (Context::default(), Facts::default());
    let mut call = |is_fresh: bool| {
        const CALLS: u32 = 1000;
        let begun = Instant::now();
        for _ in 0..CALLS {
            if is_fresh {
                policy.forget_instance();
            }
            let _ = black_box(policy.evaluate(&context, &facts));
        }
        begun.elapsed() / CALLS
    };
    let reused = best(|| call(false));
    let fresh = best(|| call(true));
    println!("a policy without options, asked about an empty file");
    println!("  reused instance {:8.2} µs    fresh instance {:8.2} µs", micros(reused), micros(fresh));

    let mut detector = plugins.detector("stat", Vec::new()).expect("bundled plugins load");
    let seen = |inode| Observation { size: 1 << 30, mtime_ns: 1, ctime_ns: 1, inode, links: 1 };
    let batch: Vec<Sighting> = (0..BATCH as u64)
        .map(|file| Sighting {
            file,
            now: seen(file),
            recorded: Some(seen(file)),
            recorded_at_ns: 2,
            reader_is_current: true,
            sample: None,
            full: None,
        })
        .collect();
    let scan = Scan {
        started_ns: 1 << 60,
        filesystem: FilesystemClass::Local,
        granularity_ns: 1,
        trust_inode: true,
        trust_ctime: true,
        verify_hash: false,
        extra: Vec::new(),
    };
    let whole = best(|| {
        let begun = Instant::now();
        black_box(detector.detect(&scan, &batch));
        begun.elapsed()
    });
    let each = micros(whole) / batch.len() as f64;
    println!("a detector, {} sightings in one call", batch.len());
    println!("  {:8.1} µs    {each:6.3} µs each", micros(whole));
}

/// Checking a profile loads all its plugins and looks at their options.
fn starting(home: &Path) {
    let program = std::env::var_os("VPO_BIN").map_or_else(|| workspace().join("target/release/vpo"), PathBuf::from);
    assert!(program.is_file(), "run `make release` first");
    let plain = fs::read(component("hostile", "no-scary-titles")).expect("run `make hostile` first");
    fs::create_dir_all(home.join("plugins")).expect("the home is writable");
    fs::create_dir_all(home.join("profiles")).expect("the home is writable");
    let mut words = String::new();
    for number in 0..MANY {
        let name = format!("policy-{number:02}");
        fs::write(home.join(format!("plugins/{name}.wasm")), told_apart(&plain, number as u8)).expect("writable");
        words.push_str(&format!("policy {name:?} {{ word \"alien\"; }}\n"));
        if number == 0 {
            fs::write(home.join("profiles/one.kdl"), &words).expect("writable");
        }
    }
    fs::write(home.join("profiles/many.kdl"), &words).expect("writable");

    println!("the program from start to end");
    for (arguments, what) in [
        (&["--version"][..], "without a plugin"),
        (&["profiles", "check", "one"], "a profile with 1 policy"),
        (&["profiles", "check", "many"], "a profile with 16 policies"),
    ] {
        let run = || {
            let mut command = Command::new(&program);
            command.args(arguments).env("VPO_HOME", home).env("XDG_CACHE_HOME", home.join("cache-of-user"));
            let begun = Instant::now();
            let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status().expect("the program runs");
            assert!(status.success(), "{command:?}: {status}");
            begun.elapsed()
        };
        let first = run();
        println!("  {what:28} first {:8.1} ms    then {:6.1} ms", millis(first), millis(best(run)));
    }
}

fn plugins(cache: &Path) -> Plugins {
    Plugins::new(Vec::new(), cache.to_owned(), Lock::new(cache.with_extension("lock")), Limits::default())
}

/// The same component with a custom section that makes it another file (WebAssembly Core Specification, 5.5.3).
fn told_apart(component: &[u8], number: u8) -> Vec<u8> {
    [component, &[0, 3, 1, b'n', number]].concat()
}

fn best(mut measure: impl FnMut() -> Duration) -> Duration {
    (0..ROUNDS).map(|_| measure()).min().expect("there are rounds")
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}
