//! What is about to happen to a file, written down before anything is touched, so that whoever comes after a crash knows.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::patch::Patch;
use crate::disk::{Observation, path_text};
use crate::media::Facts;
use crate::plan::Plan;
use crate::store::StoreError;

/// How far the change of a file has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// A tool is at work beside the original.
    Running,
    /// The outcome is what was planned and complete on the disk; the original stands.
    Verified,
    /// The original is being changed where it lies; the intent tells what stood there.
    Patching,
    /// The library knows of the change; only litter may be left.
    Committed,
}

impl Stage {
    pub fn name(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Verified => "verified",
            Self::Patching => "patching",
            Self::Committed => "committed",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Running, Self::Verified, Self::Patching, Self::Committed].into_iter().find(|stage| stage.name() == name)
    }
}

/// The change of one file, as it is written down.
#[derive(Debug, Clone, PartialEq)]
pub struct Intent {
    pub file_id: i64,
    pub original: PathBuf,
    /// Where the tool works. Everything hidden beside it with the same word is of this change too.
    pub work: PathBuf,
    pub target: PathBuf,
    pub backup: Option<PathBuf>,
    pub story: Story,
    /// What an edit in place overwrites, from [`Stage::Patching`] on.
    pub undo: Option<Patch>,
}

/// What history keeps of a change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Story {
    pub plan: Plan,
    pub before: Facts,
    /// As predicted; from `Verified` on, as found.
    pub after: Facts,
    /// The observation of the original that the change is based on.
    pub found: Seen,
    /// Hash of the sample of the original, by which it is known where it was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub original_sample: Option<String>,
    /// The finished work file, by which it is known under its new name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub work: Option<Seen>,
    /// Hash of the sample of the finished file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sample: Option<String>,
    /// The original that was kept and comes back: it has no second name any more once it is recorded.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "path_text::optional")]
    pub restored: Option<PathBuf>,
    /// It takes an earlier change back, also when somebody else brings it to its end.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_undo: bool,
    /// What tools said went wrong while they went on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub complaints: Vec<String>,
}

/// What tells a file from others that may come under its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    pub device: u64,
    pub inode: u64,
    pub size: u64,
    pub mtime_ns: i64,
}

impl From<&Observation> for Seen {
    fn from(observation: &Observation) -> Self {
        let Observation { device, inode, size, mtime_ns, .. } = *observation;
        Self { device, inode, size, mtime_ns }
    }
}

/// A changed file, for the records.
#[derive(Debug, Clone)]
pub struct Changed<'a> {
    pub intent: &'a Intent,
    pub path: PathBuf,
    pub observation: Observation,
    pub sample: Option<Vec<u8>>,
    /// As introspection found them.
    pub facts: Facts,
}

/// Where intents and outcomes are written down.
pub trait Ledger {
    /// Writes down what is about to happen; returns the id of the record. `None` when another change of the file is
    /// written down already and not settled.
    fn begin(&self, intent: &Intent) -> Result<Option<i64>, StoreError>;

    /// Notes how far it has come. It is on the disk when the call returns: from then on the original may be touched.
    fn reach(&self, id: i64, stage: Stage, intent: &Intent) -> Result<(), StoreError>;

    /// Records the changed file, its facts, its expected observation and its history, and that it is committed, in one
    /// transaction. Need not be on the disk at once: without it, whoever comes next finds the intent and settles it.
    fn commit(&self, id: i64, changed: &Changed) -> Result<(), StoreError>;

    /// Forgets the record: nothing is left to settle.
    fn forget(&self, id: i64) -> Result<(), StoreError>;
}
