//! Hurts scans and applies until something gives: `torture [ROUNDS] [SEED] [scans|applies]`.
//!
//! Applies are told of in [`applies`]. Of scans: a library changes at random while they are killed at random moments, or run
//! into a full disk, failing reads and writes, or a clock that jumps. After each the database is sound and no job is left
//! running; every few rounds a scan is let through, and what it recorded is compared with what a scan in a fresh home
//! records. Everything random follows from the seed, which is printed; the moments of the kills depend on the machine.

mod applies;
mod faults;
mod library;
mod misdeeds;
mod random;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use faults::Faults;
use library::Library;
use random::Random;
use rustix::process::{Pid, Signal, kill_process};
use vpo_tests::Home;

/// Rounds after which a scan is let through.
const COMPARE_EVERY: u32 = 10;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |place: usize| arguments.get(place).map(|word| word.parse::<u64>().expect("a number"));
    let (rounds, seed) = (number(0).unwrap_or(300) as u32, number(1).unwrap_or(1));
    let wants = |kind: &str| arguments.get(2).is_none_or(|wanted| wanted == kind);
    println!("torture: {rounds} rounds of each kind, seed {seed}");
    let faults = Faults::compile();
    if faults.is_none() {
        println!("there is no C compiler: disks do not fail and clocks do not jump");
    }

    if wants("scans") {
        println!("scans");
        torture_scans(rounds, &mut Random::new(seed), faults.as_ref());
    }
    if wants("applies") {
        println!("applies");
        let tally = applies::torture(rounds, &mut Random::new(seed), faults.as_ref());
        println!(
            "{rounds} passed, 0 failed; {} films were changed, {} left as they were",
            tally.changed, tally.untouched
        );
    }
}

fn torture_scans(rounds: u32, random: &mut Random, faults: Option<&Faults>) {
    let home = Home::new();
    let mut library = Library::new(home.films(""));
    library.fill(random, 300);
    let latest = time_of_a_scan(&home);
    let (mut killed, mut failed) = (0, 0);
    for round in 1..=rounds {
        library.change(random);
        match faults {
            Some(faults) if random.below(2) == 0 => {
                let flags = flags(random);
                let (fault, code) = faults.scan(&home, random, flags);
                assert!(matches!(code, Some(0..=2)), "round {round}: with {fault} the scan ended with {code:?}");
                failed += u32::from(code != Some(0));
            }
            _ => killed += u32::from(killed_scan(&home, random, latest, round)),
        }
        check_sound(&home, round);
        if round % COMPARE_EVERY == 0 {
            check_against_fresh(&home, round);
        }
    }
    check_against_fresh(&home, rounds);
    println!("{rounds} passed, 0 failed; {killed} scans were killed before their end, {failed} ended with a fault");
}

/// How long a scan that reads everything takes: kills come at any moment of it.
fn time_of_a_scan(home: &Home) -> Duration {
    home.vpo(["scan", "[films]"]).exits(0);
    let begun = Instant::now();
    home.vpo(["scan", "--full", "[films]"]).exits(0);
    begun.elapsed()
}

const FULL: &[&str] = &["scan", "--full", "--accept-missing", "[films]"];

/// A way of scanning.
fn flags(random: &mut Random) -> &'static [&'static str] {
    match random.below(6) {
        0 => FULL,
        1 => &["scan", "--prune", "--accept-missing", "[films]"],
        2 => &["scan", "--verify-hash", "--accept-missing", "[films]"],
        _ => &["scan", "--accept-missing", "[films]"],
    }
}

/// Starts a scan and kills it at a random moment; sometimes asks it to end in order, sometimes two at once. Returns
/// whether it was still running.
fn killed_scan(home: &Home, random: &mut Random, latest: Duration, round: u32) -> bool {
    // Of a scan that has little to read there is little to kill.
    let flags = if random.below(2) == 0 { FULL } else { flags(random) };
    let mut scan = home.start(flags);
    let rival = (random.below(4) == 0).then(|| home.start(flags));
    thread::sleep(latest.mul_f64(random.share()));
    let signal = if random.below(5) == 0 { Signal::TERM } else { Signal::KILL };
    let is_running = scan.try_wait().expect("a child can be asked").is_none();
    if is_running {
        kill_process(Pid::from_child(&scan), signal).expect("a child can be killed");
    }
    scan.wait().expect("a child can be waited for");
    if let Some(rival) = rival {
        let output = rival.wait_with_output().expect("a child can be waited for");
        let code = output.status.code();
        // It ran because the other had not begun or was gone, or it was told who runs.
        assert!(matches!(code, Some(0..=2)), "round {round}: a second scan ended with {code:?}");
    }
    is_running
}

/// The database is whole, and whoever comes next closes what was killed.
fn check_sound(home: &Home, round: u32) {
    if !home.own().join("library.db").exists() {
        return;
    }
    let jobs = home.vpo(["jobs", "list", "--limit", "0", "--json"]).exits(0).json();
    for job in jobs.as_array().expect("jobs are a list") {
        assert_ne!(job["status"], "running", "round {round}: a job is left running: {job}");
        assert_ne!(job["status"], "queued", "round {round}: a job is left queued: {job}");
    }
    let said: String = home
        .database()
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .unwrap_or_else(|error| panic!("round {round}: the database cannot be read: {error}"));
    assert_eq!(said, "ok", "round {round}");
    let orphans: i64 = home
        .database()
        .query_row(
            "SELECT count(*) FROM files WHERE state = 'ok' AND id NOT IN (SELECT file_id FROM facts)",
            [],
            |row| row.get(0),
        )
        .expect("the tables are there");
    assert_eq!(orphans, 0, "round {round}: files without their facts");
}

/// Lets a scan through and compares every file that is there with what a fresh home records of it.
fn check_against_fresh(home: &Home, round: u32) {
    home.vpo(["scan", "--accept-missing", "[films]"]);
    let fresh = Home::new();
    fresh.vpo([PathBuf::from("scan"), home.films("")]);
    let (known, wanted) = (recorded(home), recorded(&fresh));
    for (path, row) in &wanted {
        assert_eq!(known.get(path), Some(row), "round {round}: {path}");
    }
    let extra: Vec<_> = known.keys().filter(|path| !wanted.contains_key(*path)).collect();
    assert!(extra.is_empty(), "round {round}: recorded but not there: {extra:?}");
    println!("round {round}: {} files as a fresh scan records them", wanted.len());
}

/// Path → observation, state, sample and facts of every file that is not missing.
fn recorded(home: &Home) -> BTreeMap<String, Vec<String>> {
    let database = home.database();
    let mut rows = database
        .prepare(
            "SELECT CAST(d.path || '/' || f.name AS TEXT), f.size, f.mtime_ns, f.ctime_ns, f.inode, f.links, f.state,
                 hex(f.sample_hash), coalesce(x.facts, '')
             FROM files f JOIN folders d ON d.id = f.folder_id LEFT JOIN facts x ON x.file_id = f.id
             WHERE f.missing_since_ns IS NULL",
        )
        .expect("the tables are there");
    let columns = rows.column_count();
    rows.query_map([], |row| {
        let values = (1..columns).map(|at| Ok(format!("{:?}", row.get_ref(at)?))).collect::<rusqlite::Result<_>>()?;
        Ok((row.get(0)?, values))
    })
    .expect("a query without parameters")
    .collect::<Result<_, _>>()
    .expect("rows are readable")
}
