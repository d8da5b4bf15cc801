//! What logging costs a scan that reads every file: `cargo bench -p vpo-tests --bench logging`. The budget is 2 % at info.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use vpo_tests::{film, workspace};

const FILMS: usize = 2000;

/// How often each level is measured; in turns, so that a busy moment hits all of them. The best one counts.
const TIMES: usize = 7;

fn main() {
    let program = std::env::var_os("VPO_BIN").map_or_else(|| workspace().join("target/release/vpo"), Into::into);
    assert!(program.is_file(), "run `make release` first");
    let place = workspace().join("target/bench/logging");
    let films = place.join("films");
    fs::create_dir_all(&films).expect("the build folder is writable");
    let source = film("heat");
    for number in 0..FILMS {
        let path = films.join(format!("{number}.mkv"));
        if !path.is_file() {
            fs::copy(&source, path).expect("the build folder is writable");
        }
    }

    let levels = ["off", "info", "debug"];
    let mut best = [Duration::MAX; 3];
    for _ in 0..TIMES {
        for (level, best) in levels.into_iter().zip(&mut best) {
            *best = (*best).min(scan(&program, &place, &films, level));
        }
    }
    println!("{FILMS} films, each read");
    for (level, time) in levels.into_iter().zip(best) {
        let ratio = time.as_secs_f64() / best[0].as_secs_f64();
        println!("  {level:6} {:8.3} s  {ratio:6.3} x", time.as_secs_f64());
    }
}

fn scan(program: &Path, place: &Path, films: &Path, level: &str) -> Duration {
    let begun = Instant::now();
    let status = Command::new(program)
        .args(["scan", "--full", "--quiet", "--log-json", "--log-level", level])
        .arg(films)
        .env("VPO_HOME", place.join("home"))
        .stdout(Stdio::null())
        .status();
    assert!(status.expect("the program runs").success());
    begun.elapsed()
}
