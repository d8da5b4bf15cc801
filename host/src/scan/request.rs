//! What a scan is asked to do.

use std::path::PathBuf;
use std::time::Duration;

use super::ReaderChoice;
use crate::plugins::Node;

/// A scan, as the profile and the command line want it.
pub struct ScanRequest {
    /// Folders to scan; relative ones start from `working`.
    pub folders: Vec<PathBuf>,
    pub working: PathBuf,
    /// The detector and its options.
    pub detector: (String, Vec<Node>),
    pub readers: Vec<ReaderChoice>,
    /// Extensions to look at, lower-case and without dot; those that the readers claim when empty.
    pub extensions: Vec<String>,
    /// Globs on paths relative to the root; everything when empty.
    pub include: Vec<String>,
    pub exclude: Vec<String>,
    pub follow_symlinks: bool,
    /// Files modified less than this ago are left for the next scan.
    pub stability: Duration,
    /// Threads that read files.
    pub threads: usize,
    pub mode: Mode,
    pub breaker: Breaker,
}

/// What the flags of the command line change.
#[derive(Debug, Clone, Copy, Default)]
pub struct Mode {
    /// Read every file again.
    pub full: bool,
    /// Delete the rows of missing files.
    pub prune: bool,
    /// Compare every file with its recorded hash.
    pub verify_hash: bool,
    /// Write nothing.
    pub dry_run: bool,
    /// Proceed although the breaker would hold.
    pub accept_missing: bool,
}

/// When so many files are newly missing that a person should look first.
#[derive(Debug, Clone, Copy)]
pub struct Breaker {
    /// Fewer missing files never hold a scan.
    pub minimum: u64,
    /// Share of the files recorded under a root, in percent.
    pub percent: f64,
}

impl Default for Breaker {
    fn default() -> Self {
        Self { minimum: 20, percent: 5.0 }
    }
}

impl Breaker {
    /// Whether this many missing files of so many recorded ones stop the scan.
    pub fn holds(&self, missing: u64, recorded: u64) -> bool {
        missing as f64 > (self.minimum as f64).max(recorded as f64 * self.percent / 100.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_missing_files_never_hold_and_a_twentieth_of_many_does() {
        let breaker = Breaker::default();

        assert!(!breaker.holds(20, 25));
        assert!(breaker.holds(21, 25));
        assert!(!breaker.holds(50, 1000));
        assert!(breaker.holds(51, 1000));
    }
}
