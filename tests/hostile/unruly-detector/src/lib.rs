//! A detector that does whatever harm its option asks for: `behave "loop"`.

use std::hint::black_box;

use vpo_plugin_sdk::detector::{Evidence, Scan, Sighting, Standing};
use vpo_plugin_sdk::options::{Choice, Options};
use vpo_plugin_sdk::{Detector, Plugin, detector_plugin};

/// The plugin.
pub struct Unruly;

#[derive(Options)]
pub struct UnrulyOptions {
    /// What to do.
    #[child]
    behave: Behave,
}

#[derive(Options)]
struct Behave {
    /// What to do.
    #[argument]
    how: How,
}

#[derive(Choice, Clone, Copy, PartialEq)]
enum How {
    /// Has every file read.
    Well,
    /// Never returns.
    Loop,
    /// Panics.
    Panic,
    /// Returns one standing too few.
    Short,
    /// Returns a thousand standings too many.
    Long,
    /// Says in megabytes why a file has changed.
    Text,
    /// Asks for evidence again and again.
    Undecided,
    /// Calls files the same that were never read.
    Lie,
}

impl Plugin for Unruly {
    const NAME: &str = "unruly-detector";
    const VERSION: &str = env!("CARGO_PKG_VERSION");
    const SUMMARY: &str = "Does whatever harm it is asked for.";
    type Options = UnrulyOptions;
}

impl Detector for Unruly {
    fn detect(options: &UnrulyOptions, _: &Scan, batch: &[Sighting]) -> Vec<Standing> {
        let all = |standing: Standing| vec![standing; batch.len()];
        match options.behave.how {
            How::Well => all(Standing::Changed("all is new every day".into())),
            How::Loop => loop {
                black_box(0);
            },
            How::Panic => panic!("not today"),
            How::Short => vec![Standing::New; batch.len().saturating_sub(1)],
            How::Long => vec![Standing::New; batch.len() + 1000],
            How::Text => all(Standing::Changed("\u{1b}[31m".repeat(4 << 20))),
            How::Undecided => all(Standing::Undecided(Evidence::Sample)),
            How::Lie => all(Standing::Same),
        }
    }
}

detector_plugin!(Unruly);
