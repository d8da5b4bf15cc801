//! What all stages of one scan share: what was asked for, whom to tell, and what is told once at the end.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use super::foresee::Foreseen;
use super::readers::ReaderSet;
use super::report::{Progress, Told, What};
use super::request::ScanRequest;
use crate::disk::Observation;
use crate::disk::hash::Hash;
use crate::jobs::Cancellation;
use crate::store::Clock;

/// Files that went wrong which a report names; the job has all of them.
const TROUBLED: usize = 1000;

/// What all stages of one scan share.
pub(super) struct Shared<'a> {
    pub request: &'a ScanRequest,
    pub readers: &'a ReaderSet,
    pub progress: &'a Progress,
    pub cancel: &'a Cancellation,
    pub clock: &'a Clock,
    pub listener: Option<&'a (dyn Fn(Told) + Sync)>,
    pub job_id: &'a str,
    pub started_ns: i64,
    pub unreadable: Mutex<Vec<(PathBuf, String)>>,
    /// Folders, by row, of which it is not known what was packed.
    pub to_pack_again: Mutex<Vec<i64>>,
    /// The first files that went wrong.
    pub troubled: Mutex<Vec<Told>>,
    pub foreseen: Foreseen,
}

impl Shared<'_> {
    pub(super) fn is_cancelled(&self) -> bool {
        self.cancel.is_requested()
    }

    pub(super) fn tell(&self, path: PathBuf, what: What, reason: Option<String>) {
        let told = Told { path, what, reason };
        if what.is_trouble() {
            let mut troubled = self.troubled.lock().expect("pushing does not panic");
            if troubled.len() < TROUBLED {
                troubled.push(told.clone());
            }
        }
        if let Some(listener) = self.listener {
            listener(told);
        }
    }

    pub(super) fn unreadable(&self, path: &Path, cause: &io::Error) {
        tracing::warn!(folder = %crate::media::text::path(path), %cause, "a folder could not be read; its files keep their state");
        self.tell(path.to_owned(), What::Unreadable, Some(cause.to_string()));
        self.unreadable.lock().expect("pushing does not panic").push((path.to_owned(), cause.to_string()));
    }

    /// The content of a recorded file was met under another name.
    pub(super) fn met_again(&self, path: &Path, observation: &Observation) {
        if self.request.mode.dry_run {
            self.foreseen.met_again(path, observation);
        }
    }

    /// A file was met that no row knows. Without anything recorded nothing can be missing.
    pub(super) fn met_new(&self, path: &Path, observation: &Observation, sample: Option<&Hash>) {
        if let Some(sample) = sample.filter(|_| self.request.mode.dry_run && self.progress.expected.get() > 0) {
            self.foreseen.met_new(path, observation, sample);
        }
    }

    pub(super) fn is_too_fresh(&self, observation: &Observation, now_ns: i64) -> bool {
        let stability = i64::try_from(self.request.stability.as_nanos()).unwrap_or(i64::MAX);
        stability > 0 && now_ns.saturating_sub(observation.mtime_ns) < stability
    }
}
