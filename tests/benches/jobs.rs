//! Questions to a database of 100,000 jobs and 1,000,000 files: `cargo bench -p vpo-tests --bench jobs`.
//!
//! The database is made once, under `target/bench`. The budget is 10 ms for `vpo jobs list`, the start of the program
//! included; beside it stands what starting the program alone costs.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rusqlite::{Connection, params};
use vpo::store::Store;
use vpo_tests::workspace;

const JOBS: i64 = 100_000;
const FILES: i64 = 1_000_000;

/// How often a question is asked; the middle answer counts.
const TIMES: usize = 21;

fn main() {
    let program = std::env::var_os("VPO_BIN").map_or_else(|| workspace().join("target/release/vpo"), Into::into);
    assert!(program.is_file(), "run `make release` first");
    let home = workspace().join("target/bench/home-jobs");
    if !home.join("library.db").is_file() {
        make(&home);
    }

    println!("{JOBS} jobs, {FILES} files");
    let start = ask(&program, &home, &["--version"]);
    println!("  {:52} {:7.2} ms", "vpo --version", start.as_secs_f64() * 1e3);
    let id = id_of(77_777);
    let file = format!("/films/folder {}/film {}.mkv", 777_777 / 100, 777_777);
    for question in [
        &["jobs", "list"][..],
        &["jobs", "list", "--json"],
        &["jobs", "list", "--failed"],
        &["jobs", "list", "--status", "cancelled", "--type", "apply"],
        &["jobs", "list", "--since", "1d", "--profile", "kids"],
        &["jobs", "list", "--after", &id],
        &["jobs", "list", "--file", &file],
        &["jobs", "show", &id],
        &["jobs", "show", &id[..8]],
        &["history", &file],
    ] {
        let time = ask(&program, &home, question);
        println!("  {:52} {:7.2} ms", format!("vpo {}", question.join(" ")), time.as_secs_f64() * 1e3);
    }
}

/// The middle time of many runs.
fn ask(program: &Path, home: &Path, question: &[&str]) -> Duration {
    let mut times: Vec<Duration> = (0..TIMES)
        .map(|_| {
            let begun = Instant::now();
            let mut command = Command::new(program);
            command.args(question).env("VPO_HOME", home).stdout(Stdio::null()).stderr(Stdio::null());
            assert!(command.status().expect("the program runs").success(), "{question:?}");
            begun.elapsed()
        })
        .collect();
    times.sort();
    times[TIMES / 2]
}

/// Ids that are as far apart as random ones, and the same every time.
fn id_of(number: i64) -> String {
    let mixed = (number as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    format!("{:08x}-{:04x}-4000-8000-{number:012x}", mixed >> 32, mixed >> 16 & 0xffff)
}

fn make(home: &Path) {
    let path = home.join("library.db");
    let store = Store::open(&path).expect("the build folder is writable");
    drop(store.writer().expect("just made"));
    let mut db = Connection::open(&path).expect("just made");
    let all = db.transaction().expect("nobody else is there");
    let settings = format!("[{}]", vec![r#"{"section":"scan","name":"threads","value":4}"#; 40].join(","));
    let now_ns = std::time::UNIX_EPOCH.elapsed().expect("after 1970").as_nanos() as i64;
    for number in 0..JOBS {
        let status = match number % 100 {
            0 => "failed",
            1 => "cancelled",
            _ => "completed",
        };
        let created_ns = now_ns - (JOBS - number) * 60_000_000_000;
        all.prepare_cached(
            "INSERT INTO jobs (id, type, status, created_ns, started_ns, completed_ns, profile, path, summary, argv, settings)
             VALUES (?1, ?2, ?3, ?4, ?4, ?4 + 1000000000, ?5, '/films', ?6, '[\"vpo\",\"scan\"]', ?7)",
        )
        .and_then(|mut insert| {
            insert.execute(params![
                id_of(number),
                if number % 3 == 0 { "apply" } else { "scan" },
                status,
                created_ns,
                if number % 2 == 0 { "kids" } else { "movies" },
                r#"{"discovered":1000,"skipped":990,"scanned":10,"added":0,"moved":0,"removed":0,"errors":0}"#,
                settings,
            ])
        })
        .expect("a job");
    }
    for number in 0..FILES {
        let folder = number / 100;
        if number % 100 == 0 {
            all.prepare_cached("INSERT INTO folders (id, path) VALUES (?1, CAST(?2 AS BLOB))")
                .and_then(|mut insert| insert.execute(params![folder + 1, format!("/films/folder {folder}")]))
                .expect("a folder");
        }
        all.prepare_cached(
            "INSERT INTO files (id, folder_id, name, size, mtime_ns, ctime_ns, inode, device, links, observed_ns, state,
                 first_seen_ns)
             VALUES (?1, ?2, CAST(?3 AS BLOB), 1, 1, 1, ?1, 1, 1, 1, 'ok', 1)",
        )
        .and_then(|mut insert| insert.execute(params![number + 1, folder + 1, format!("film {number}.mkv")]))
        .expect("a file");
        for job in [number % JOBS, (number * 7) % JOBS] {
            all.prepare_cached(
                "INSERT OR IGNORE INTO job_files (job_id, file_id, path, outcome) VALUES (?1, ?2, x'2f', 'changed')",
            )
            .and_then(|mut insert| insert.execute(params![id_of(job), number + 1]))
            .expect("an outcome");
        }
        all.prepare_cached("INSERT INTO events (file_id, job_id, at_ns, kind) VALUES (?1, ?2, ?3, 'changed')")
            .and_then(|mut insert| insert.execute(params![number + 1, id_of(number % JOBS), now_ns]))
            .expect("an event");
    }
    all.commit().expect("there is room");
}
