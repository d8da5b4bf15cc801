//! Compares facts with what ffprobe and mkvmerge say of the same files, field by field.
//!
//! `agreement FOLDER…` looks at every Matroska file below the folders, prints the first disagreements of each field, and what
//! reading cost. What the tools said is taken from `NAME.ffprobe.json` and `NAME.mkvmerge.json` beside a file; without these
//! they are asked. `agreement FILE` prints the facts of one file.

#[path = "../tests/oracle/mod.rs"]
mod oracle;
#[path = "../tests/support/mod.rs"]
mod support;

use std::path::Path;

use vpo_reading::{Counted, MediaFile};

/// Disagreements that are printed of each field.
const SHOWN: usize = 8;

fn main() {
    let places: Vec<String> = std::env::args().skip(1).collect();
    if let [file] = places.as_slice()
        && Path::new(file).is_file()
    {
        let media = Counted::new(MediaFile::open(file).expect("the file can be opened"));
        println!("{:#?}", vpo_plugin_matroska::read(&media));
        println!("{} calls, {} bytes", media.calls(), media.bytes());
        return;
    }
    compare(&places);
}

fn compare(folders: &[String]) {
    let mut report = oracle::Report::default();
    let (mut calls, mut bytes) = (Vec::new(), Vec::new());
    for path in folders.iter().flat_map(|folder| support::matroska_files(Path::new(folder))) {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let media = Counted::new(MediaFile::open(&path).expect("the file can be opened"));
        match vpo_plugin_matroska::read(&media) {
            Ok(facts) => {
                if facts.partial.is_some() || !facts.warnings.is_empty() {
                    println!("noted {name}: {:?} {:?}", facts.partial, facts.warnings);
                }
                if !report.add(&path, &facts) {
                    println!("only we read {name}");
                }
            }
            Err(failure) if oracle::is_read_by_others(&path) => println!("only they read {name}: {failure:?}"),
            Err(failure) => println!("nobody reads {name}: {failure:?}"),
        }
        if media.calls() > 20 || media.bytes() > 64 << 10 {
            println!("costly {name}: {} calls, {} bytes", media.calls(), media.bytes());
        }
        calls.push(media.calls());
        bytes.push(media.bytes());
    }
    for (field, agreement) in &report.fields {
        println!("{field:32} {:5} of {:5}", agreement.same, agreement.same + agreement.differing.len());
        for difference in agreement.differing.iter().take(SHOWN) {
            println!("    {}: {:?}, theirs {:?}", difference.file, difference.ours, difference.theirs);
        }
    }
    calls.sort_unstable();
    bytes.sort_unstable();
    let middle = calls.len() / 2;
    println!(
        "{} files; the middle one costs {:?} calls and {:?} bytes",
        calls.len(),
        calls.get(middle),
        bytes.get(middle)
    );
}
