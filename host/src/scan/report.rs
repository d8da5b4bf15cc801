//! What a scan found and did: counts while it runs, and the report at its end.

use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde::Serialize;

use crate::disk::path_text;

/// Counts that grow while a scan runs; read by whoever shows progress.
#[derive(Debug, Default)]
pub struct Progress {
    /// Where the scan is; see [`Phase`].
    phase: AtomicU8,
    /// When each phase was entered.
    entered: Mutex<Vec<(Phase, Instant)>>,
    pub discovered: Count,
    pub skipped: Count,
    pub scanned: Count,
    pub added: Count,
    pub moved: Count,
    pub removed: Count,
    pub errors: Count,
    /// Changed while they were read.
    pub unstable: Count,
    /// Other bytes under an unchanged observation.
    pub damaged: Count,
    /// Files that were sent to be opened, and those of them that have been.
    pub to_read: Count,
    pub read: Count,
    /// Files that the last complete scan of the same roots saw; zero when there was none.
    pub expected: Count,
}

/// What a scan is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    Starting,
    Walking,
    Reading,
    Finishing,
}

impl Phase {
    pub fn name(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Walking => "walking",
            Self::Reading => "reading",
            Self::Finishing => "finishing",
        }
    }
}

impl Progress {
    pub fn phase(&self) -> Phase {
        match self.phase.load(Ordering::Relaxed) {
            0 => Phase::Starting,
            1 => Phase::Walking,
            2 => Phase::Reading,
            _ => Phase::Finishing,
        }
    }

    pub(super) fn enter(&self, phase: Phase) {
        self.phase.store(phase as u8, Ordering::Relaxed);
        self.entered.lock().expect("pushing does not panic").push((phase, Instant::now()));
    }

    /// How long each phase has taken so far.
    pub(super) fn phases(&self) -> Vec<(&'static str, Duration)> {
        let entered = self.entered.lock().expect("pushing does not panic");
        let ends = entered.iter().skip(1).map(|(_, at)| *at).chain([Instant::now()]);
        entered.iter().zip(ends).map(|((phase, at), end)| (phase.name(), end - *at)).collect()
    }

    /// The counts as they are now.
    pub fn summary(&self) -> Summary {
        Summary {
            discovered: self.discovered.get(),
            skipped: self.skipped.get(),
            scanned: self.scanned.get(),
            added: self.added.get(),
            moved: self.moved.get(),
            removed: self.removed.get(),
            errors: self.errors.get(),
            unstable: self.unstable.get(),
            damaged: self.damaged.get(),
            pruned: 0,
        }
    }
}

/// A number that several threads add to.
#[derive(Debug, Default)]
pub struct Count(AtomicU64);

impl Count {
    pub fn add(&self, more: u64) {
        self.0.fetch_add(more, Ordering::Relaxed);
    }

    pub(super) fn take(&self, fewer: u64) {
        let less = |value: u64| Some(value.saturating_sub(fewer));
        self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less).expect("there is always less");
    }

    pub(super) fn set(&self, value: u64) {
        self.0.store(value, Ordering::Relaxed);
    }

    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// The counts of a scan, in the words of every answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Summary {
    /// Files that are there and are looked at.
    pub discovered: u64,
    /// As recorded: not read.
    pub skipped: u64,
    /// Read, and their facts recorded.
    pub scanned: u64,
    /// Seen for the first time.
    pub added: u64,
    /// The same file under another path.
    pub moved: u64,
    /// Newly missing.
    pub removed: u64,
    /// Could not be read; see the reasons.
    pub errors: u64,
    #[serde(skip_serializing_if = "is_zero")]
    pub unstable: u64,
    #[serde(skip_serializing_if = "is_zero")]
    pub damaged: u64,
    /// Missing files whose rows were deleted.
    #[serde(skip_serializing_if = "is_zero")]
    pub pruned: u64,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "the shape that serde asks for")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// What a scan came to.
#[derive(Debug, Clone, Default)]
pub struct Scanned {
    pub summary: Summary,
    /// The scan was asked to stop and did so in order.
    pub cancelled: bool,
    /// Roots where so many files are missing that nothing was concluded.
    pub held: Vec<Held>,
    /// The first thousand files that could not be read, are damaged, or changed while they were read.
    pub troubled: Vec<Told>,
    /// Folders that could not be read; their files keep their state.
    pub unreadable: Vec<(PathBuf, String)>,
    /// How long each phase took; the phases of the pipeline overlap, and each is counted from the end of the one before.
    pub phases: Vec<(&'static str, Duration)>,
}

/// A root whose missing files wait for review.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Held {
    #[serde(with = "path_text")]
    pub root: PathBuf,
    pub missing: u64,
    pub recorded: u64,
    pub why: &'static str,
    /// Some of the missing files, for people to recognise what happened.
    #[serde(serialize_with = "path_text::list::serialize")]
    pub examples: Vec<PathBuf>,
}

/// One file about which a scan has something to say, told as it happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    pub path: PathBuf,
    pub what: What,
    pub reason: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum What {
    Added,
    Changed,
    /// Read again, and as it was recorded.
    Scanned,
    Touched,
    Moved,
    Returned,
    Missing,
    Error,
    Unstable,
    Damaged,
    /// A folder that could not be read.
    Unreadable,
}

impl What {
    /// Whether a person is told of it without asking.
    pub fn is_trouble(self) -> bool {
        matches!(self, Self::Error | Self::Damaged | Self::Unstable)
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Changed => "changed",
            Self::Scanned => "scanned",
            Self::Touched => "touched",
            Self::Moved => "moved",
            Self::Returned => "returned",
            Self::Missing => "missing",
            Self::Error => "error",
            Self::Unstable => "unstable",
            Self::Damaged => "damaged",
            Self::Unreadable => "unreadable",
        }
    }
}
