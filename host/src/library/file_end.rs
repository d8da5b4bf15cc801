//! What became of the files of a job, one by one and in all.

use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::json;

use super::workshop::ApplyFailure;
use crate::apply::{ApplyError, Settled};
use crate::disk::path_text;
use crate::jobs::Ending;
use crate::store::jobs::JobFailure;

/// What became of one file.
#[derive(Debug, Clone, Serialize)]
pub struct FileEnd {
    #[serde(with = "path_text")]
    pub file: PathBuf,
    pub outcome: Outcome,
    /// Where it is now, when that is elsewhere.
    #[serde(skip_serializing_if = "Option::is_none", with = "path_text::optional")]
    pub target: Option<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none", with = "path_text::optional")]
    pub backup: Option<PathBuf>,
    /// What was done, or why not.
    pub reason: String,
    /// What tools said went wrong while they did it nevertheless, and what of the original could not be carried over.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
    /// For programs, when it was not done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Bytes that were written for it.
    pub bytes: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    Edited,
    Undone,
    /// Left alone for a reason that is no failure.
    Skipped,
    Failed,
    /// Not begun, or abandoned, because the job was stopped.
    Cancelled,
}

/// What an apply came to.
#[derive(Debug, Clone, Serialize)]
pub struct ApplyReport {
    pub job: String,
    pub edited: usize,
    /// Those of the edited that were taken back.
    #[serde(skip)]
    pub undone: usize,
    pub skipped: usize,
    pub failed: usize,
    pub cancelled: usize,
    pub bytes: u64,
    /// Changes of earlier, interrupted jobs that were settled first.
    #[serde(skip)]
    pub settled: Vec<Settled>,
    #[serde(skip)]
    pub is_cancelled: bool,
}

impl Outcome {
    pub(super) fn of(error: &ApplyError) -> Self {
        match error {
            error if error.is_skip() => Self::Skipped,
            error if error.is_cancelled() => Self::Cancelled,
            _ => Self::Failed,
        }
    }
}

impl FileEnd {
    pub(super) fn new(file: &Path, outcome: Outcome, reason: &str) -> Self {
        Self {
            file: file.to_owned(),
            outcome,
            target: None,
            backup: None,
            warnings: Vec::new(),
            reason: reason.to_owned(),
            code: None,
            bytes: 0,
        }
    }
}

impl ApplyReport {
    pub(super) fn new(job_id: &str, ends: &[FileEnd], settled: Vec<Settled>, is_cancelled: bool) -> Self {
        let count = |outcome| ends.iter().filter(|end| end.outcome == outcome).count();
        Self {
            job: job_id.to_owned(),
            edited: count(Outcome::Edited) + count(Outcome::Undone),
            undone: count(Outcome::Undone),
            skipped: count(Outcome::Skipped),
            failed: count(Outcome::Failed),
            cancelled: count(Outcome::Cancelled),
            bytes: ends.iter().map(|end| end.bytes).sum(),
            settled,
            is_cancelled,
        }
    }
}

/// How the job ended, truthfully.
pub(super) fn ending(done: &Result<ApplyReport, ApplyFailure>) -> Ending {
    match done {
        Ok(report) => {
            let summary = json!(report);
            if report.is_cancelled {
                Ending::Cancelled { summary: Some(summary) }
            } else if report.failed > 0 && report.edited == 0 && report.skipped == 0 {
                let message = match report.failed {
                    1 => "1 file failed".to_owned(),
                    many => format!("{many} files failed"),
                };
                Ending::Failed {
                    summary: Some(summary),
                    error: JobFailure { message, causes: Vec::new(), working_on: None },
                }
            } else {
                Ending::Completed { summary }
            }
        }
        Err(error) => Ending::Failed { summary: None, error: JobFailure::of(error) },
    }
}
