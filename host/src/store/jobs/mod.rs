//! Jobs: pieces of work that outlive the process that does them.

mod find;
mod record;

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use find::{
    counts, find, is_cancel_requested, newest, parts_of, roots_at_work, unfinished, unique_length, with_prefix,
};
pub use record::{CancelAnswer, Deleted, beat, cancel, delete_finished, finish, insert, note_work};

/// What sort of work it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum JobType {
    Scan,
    Apply,
    Task,
    Undo,
    Prune,
    Transcode,
    Move,
}

impl JobType {
    pub const ALL: [JobType; 7] =
        [Self::Scan, Self::Apply, Self::Task, Self::Undo, Self::Prune, Self::Transcode, Self::Move];

    pub fn name(self) -> &'static str {
        match self {
            Self::Scan => "scan",
            Self::Apply => "apply",
            Self::Task => "task",
            Self::Undo => "undo",
            Self::Prune => "prune",
            Self::Transcode => "transcode",
            Self::Move => "move",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|job_type| job_type.name() == name)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum JobStatus {
    Queued,
    Running,
    Completed,
    Failed,
    Cancelled,
}

impl JobStatus {
    pub const ALL: [JobStatus; 5] = [Self::Queued, Self::Running, Self::Completed, Self::Failed, Self::Cancelled];

    pub fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == name)
    }

    /// Nothing more will happen to the job.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::Cancelled)
    }
}

/// A process, told apart from others that had or will have its number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProcessMark {
    pub pid: u32,
    /// The boot of the system, and the pid namespace that the number belongs to.
    pub boot_id: String,
    /// Clock ticks after boot.
    pub started: i64,
}

/// Why a job failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobFailure {
    pub message: String,
    /// From the nearest cause to the last.
    #[serde(default)]
    pub causes: Vec<String>,
    /// What was being done at that moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub working_on: Option<String>,
}

/// A job that is about to be recorded.
#[derive(Debug, Clone)]
pub struct NewJob {
    pub id: String,
    pub parent_id: Option<String>,
    pub job_type: JobType,
    pub profile: Option<String>,
    /// What was asked for, as shown to people.
    pub path: Option<String>,
    pub argv: Vec<String>,
    /// The folder that relative paths in `argv` start from.
    pub working: Option<PathBuf>,
    pub settings: Option<Value>,
    pub plugins: Option<Value>,
    pub log_file: Option<PathBuf>,
    /// Who runs it; a job without is queued.
    pub process: Option<ProcessMark>,
    pub roots: Vec<PathBuf>,
    pub created_ns: i64,
}

/// A job as lists show it.
#[derive(Debug, Clone, PartialEq)]
pub struct JobRow {
    pub id: String,
    pub parent_id: Option<String>,
    pub job_type: JobType,
    pub status: JobStatus,
    pub created_ns: i64,
    pub started_ns: Option<i64>,
    pub completed_ns: Option<i64>,
    pub process: Option<ProcessMark>,
    pub heartbeat_ns: Option<i64>,
    pub cancel_requested: bool,
    pub files_affected: i64,
    pub profile: Option<String>,
    pub path: Option<String>,
    pub log_file: Option<PathBuf>,
    pub summary: Option<Value>,
    /// What [`JobDetails::error`] begins with.
    pub error_message: Option<String>,
}

impl JobRow {
    /// How many files went wrong in it, as its summary counts them.
    pub fn files_failed(&self) -> u64 {
        let count = |name| self.summary.as_ref().and_then(|summary| summary[name].as_u64()).unwrap_or(0);
        ["failed", "errors"].into_iter().map(count).sum()
    }
}

/// The parts of a job that only a look at it alone shows.
#[derive(Debug, Clone, PartialEq)]
pub struct JobDetails {
    pub error: Option<JobFailure>,
    pub argv: Vec<String>,
    pub working: Option<PathBuf>,
    pub settings: Option<Value>,
    pub plugins: Option<Value>,
    pub tools: Option<Value>,
    /// Seconds by phase.
    pub timings: Option<Value>,
}

/// Which jobs are wanted; whatever is empty does not matter.
#[derive(Debug, Clone, Default)]
pub struct JobFilter {
    pub statuses: Vec<JobStatus>,
    /// Jobs in which files went wrong, too, whatever their status.
    pub with_failed_files: bool,
    pub types: Vec<JobType>,
    /// Made at this time or later.
    pub since_ns: Option<i64>,
    /// Made before this time.
    pub until_ns: Option<i64>,
    pub profile: Option<String>,
    /// Jobs that did something to one of these files.
    pub files: Option<Vec<i64>>,
    /// Only those older than this job: the last of the page before.
    pub after: Option<(i64, String)>,
    pub limit: usize,
}
