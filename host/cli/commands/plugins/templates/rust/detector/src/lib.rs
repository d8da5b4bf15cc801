//! Says which files must be read again: those whose size, modification time or contents differ.

use vpo_plugin_sdk::detector::{Comparison, Evidence, Scan, Sighting, Standing};
use vpo_plugin_sdk::options::Options;
use vpo_plugin_sdk::{Detector, Plugin, detector_plugin};

/// The plugin.
pub struct {{Type}};

/// What stands in its block of a profile.
#[derive(Options)]
pub struct {{Type}}Options {
    /// Whether contents are compared when only the time differs.
    #[child]
    sample: Option<Sample>,
}

/// `sample #true`
#[derive(Options)]
struct Sample {
    /// Yes or no.
    #[argument]
    wanted: bool,
}

impl Plugin for {{Type}} {
    const NAME: &str = env!("CARGO_PKG_NAME");
    const VERSION: &str = env!("CARGO_PKG_VERSION");
    const SUMMARY: &str = "A file has changed when its size or its modification time has";
    type Options = {{Type}}Options;
}

impl Detector for {{Type}} {
    fn detect(options: &{{Type}}Options, scan: &Scan, batch: &[Sighting]) -> Vec<Standing> {
        let samples = options.sample.as_ref().is_some_and(|sample| sample.wanted);
        batch.iter().map(|sighting| standing(samples, scan.verify_hash, sighting)).collect()
    }
}

fn standing(samples: bool, verifies: bool, sighting: &Sighting) -> Standing {
    let Some(recorded) = &sighting.recorded else { return Standing::New };
    if !sighting.reader_is_current {
        return Standing::Changed("read by another reader".into());
    }
    if sighting.now.size != recorded.size {
        return Standing::Changed("size differs".into());
    }
    let same_time = sighting.now.mtime_ns == recorded.mtime_ns;
    if verifies {
        return match sighting.full.as_ref().map(is_equal) {
            None => Standing::Undecided(Evidence::Full),
            Some(true) if same_time => Standing::Same,
            Some(true) => Standing::Touched,
            // Whoever writes to a file moves its time; a failing disk does not.
            Some(false) if same_time => Standing::Damaged,
            Some(false) => Standing::Changed("contents differ".into()),
        };
    }
    if same_time {
        return Standing::Same;
    }
    match sighting.sample.as_ref().map(is_equal) {
        None if samples => Standing::Undecided(Evidence::Sample),
        Some(true) => Standing::Touched,
        _ => Standing::Changed("modification time differs".into()),
    }
}

fn is_equal(comparison: &Comparison) -> bool {
    comparison.recorded.as_ref() == Some(&comparison.now)
}

detector_plugin!({{Type}});
