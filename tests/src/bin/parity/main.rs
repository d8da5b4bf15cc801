//! Compares what `vpo inspect` says of media files with ffprobe and `mkvmerge -J`, field by field.
//!
//!     parity [--vpo PROGRAM] [--least PERCENT] [--show N] FILE-or-FOLDER…
//!
//! Collect files → ask vpo and both tools → compare what each tool is to be trusted for ([`trust`]) → tell the agreement per
//! field and the first disagreements. Answers of the tools are taken from `FILE.ffprobe.json` and `FILE.mkvmerge.json` where
//! they lie beside the file. The exit code is 1 when less than `--least` percent of all that was compared agrees.

mod agree;
mod ours;
mod report;
mod said;
mod tools;
mod trust;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use report::Report;

struct Arguments {
    vpo: PathBuf,
    least: f64,
    show: usize,
    places: Vec<PathBuf>,
}

fn main() -> ExitCode {
    let arguments = match arguments() {
        Ok(arguments) => arguments,
        Err(wrong) => {
            eprintln!("parity: {wrong}\nusage: parity [--vpo PROGRAM] [--least PERCENT] [--show N] FILE-or-FOLDER…");
            return ExitCode::from(2);
        }
    };
    let mut files = Vec::new();
    for place in &arguments.places {
        collect(place, &mut files);
    }
    files.sort();
    let mut report = Report::default();
    if let Err(wrong) = ours::each(&arguments.vpo, &files, |file, answer| {
        let claims = trust::claims(&tools::ffprobe(file), &tools::mkvmerge(file));
        report.add(file, answer, &claims);
    }) {
        eprintln!("parity: {wrong}");
        return ExitCode::from(2);
    }
    print!("{}", report.text(arguments.show));
    if report.agreement() < arguments.least { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn arguments() -> Result<Arguments, String> {
    let beside = std::env::current_exe().ok().and_then(|program| Some(program.parent()?.join("vpo")));
    let mut parsed = Arguments { vpo: beside.unwrap_or_else(|| "vpo".into()), least: 0.0, show: 5, places: Vec::new() };
    let mut given = std::env::args_os().skip(1);
    while let Some(argument) = given.next() {
        let mut value = |name: &str| given.next().ok_or_else(|| format!("{name} needs a value"));
        match argument.to_str() {
            Some("--vpo") => parsed.vpo = value("--vpo")?.into(),
            Some("--least") => parsed.least = number(&value("--least")?)?,
            Some("--show") => parsed.show = number(&value("--show")?)?,
            Some(option) if option.starts_with("--") => return Err(format!("{option} is not known")),
            _ => parsed.places.push(argument.into()),
        }
    }
    match parsed.places.is_empty() {
        true => Err("no file or folder is named".to_owned()),
        false => Ok(parsed),
    }
}

fn number<T: std::str::FromStr>(text: &std::ffi::OsStr) -> Result<T, String> {
    let text = text.to_string_lossy();
    text.parse().map_err(|_| format!("{text} is not a number"))
}

/// Collects files below a place; answers that lie beside them are not media.
fn collect(place: &Path, files: &mut Vec<PathBuf>) {
    if place.is_dir() {
        for entry in std::fs::read_dir(place).into_iter().flatten().flatten() {
            let is_hidden = entry.file_name().to_string_lossy().starts_with('.');
            if !is_hidden {
                collect(&entry.path(), files);
            }
        }
    } else if !matches!(place.extension().and_then(|e| e.to_str()), Some("json" | "csv" | "md" | "txt")) {
        files.push(place.to_owned());
    }
}
