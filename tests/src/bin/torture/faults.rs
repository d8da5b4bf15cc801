//! Faults of the disk and of the clock, by a small library that is loaded before the C library (`faults.c`).

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use vpo_tests::Home;

use crate::random::Random;

/// The library of faults, compiled.
pub struct Faults {
    library: PathBuf,
    _place: tempfile::TempDir,
}

impl Faults {
    /// Compiles the library; `None` where there is no C compiler.
    pub fn compile() -> Option<Self> {
        let place = tempfile::tempdir().expect("temporary folders can be made");
        let (source, library) = (place.path().join("faults.c"), place.path().join("faults.so"));
        std::fs::write(&source, include_str!("faults.c")).expect("temporary folders are writable");
        let compiled = Command::new("cc")
            .args(["-shared", "-fPIC", "-O1", "-o"])
            .args([&library, &source])
            .arg("-ldl")
            .status()
            .is_ok_and(|status| status.success());
        compiled.then_some(Self { library, _place: place })
    }

    /// Lets a scan run into a fault. Returns what the fault was, and the exit code.
    pub fn scan(&self, home: &Home, random: &mut Random, flags: &[&str]) -> (String, Option<i32>) {
        let mut scan = home.command(flags);
        scan.env("LD_PRELOAD", &self.library).stdout(Stdio::null()).stderr(Stdio::null());
        let database = home.own().join("library.db");
        let films = home.films("");
        let fault = match random.below(5) {
            // A disk that is full stays full until the end of the scan.
            0 => fault(&mut scan, "no space for the database", &database, "write", 28, random.below(120), 1_000_000),
            1 => fault(&mut scan, "one failed write of the database", &database, "write", 5, random.below(120), 1),
            2 => fault(&mut scan, "one failed read of the database", &database, "read", 5, random.below(200), 1),
            3 => fault(
                &mut scan,
                "some failed reads of films",
                &films,
                "read",
                5,
                random.below(600),
                1 + random.below(9),
            ),
            _ => {
                let by = [-86_400 * 400, -3_600, -1, 3_600, 86_400 * 400][random.below(5)];
                let at = 1 + random.below(200);
                scan.env("VPO_CLOCK_AT", at.to_string()).env("VPO_CLOCK_BY", by.to_string());
                format!("the clock jumps by {by} s at question {at}")
            }
        };
        let status = scan.status().expect("vpo starts");
        (fault, status.code())
    }
}

impl Faults {
    /// Lets an apply run into a fault of the disk. Returns what the fault is.
    pub fn disk(&self, apply: &mut Command, home: &Home, random: &mut Random) -> String {
        apply.env("LD_PRELOAD", &self.library);
        let (database, films) = (home.own().join("library.db"), home.films(""));
        match random.below(6) {
            0 => fault(apply, "no space for films", &films, "write", 28, random.below(40), 1_000_000),
            1 => fault(apply, "one failed write of a film", &films, "write", 5, random.below(40), 1),
            2 => fault(apply, "one failed rename", &films, "rename", 5, random.below(6), 1),
            3 => fault(apply, "some failed reads of films", &films, "read", 5, random.below(60), 1 + random.below(9)),
            4 => fault(apply, "one failed write of the database", &database, "write", 5, random.below(60), 1),
            _ => fault(apply, "no space for the database", &database, "write", 28, random.below(60), 1_000_000),
        }
    }
}

fn fault(scan: &mut Command, what: &str, path: &Path, calls: &str, error: i32, after: usize, times: usize) -> String {
    let (first, last) = (after + 1, after + times);
    scan.env("VPO_FAULT_PATH", path)
        .env("VPO_FAULT_CALLS", calls)
        .env("VPO_FAULT_ERROR", error.to_string())
        .env("VPO_FAULT_AT", first.to_string())
        .env("VPO_FAULT_LAST", last.to_string());
    format!("{what}, from call {first}")
}
