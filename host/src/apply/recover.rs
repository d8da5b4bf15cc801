//! Settles what a dead process left: each file is its original or its verified outcome afterwards, and nothing lies beside.

use std::fs::{self, File, FileTimes, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use tracing::{info, warn};

use super::ApplyError;
use super::commit::{clean_up, is_original};
use super::execute::remove_if_there;
use super::intent::{Changed, Intent, Ledger, Seen, Stage};
use super::patch::Patch;
use crate::disk::Observation;
use crate::disk::replace::sync_folder;

/// What became of a change that was interrupted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The original is there as it was.
    Abandoned,
    /// The change was complete but for its record; it is recorded now.
    Completed,
    /// Nothing of the change is left, and the file itself is not there now.
    Missing,
    /// The disk of the file is not there now; it is tried again at the next start.
    Postponed,
}

/// An interrupted change, settled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    pub path: PathBuf,
    pub outcome: Outcome,
}

/// Settles one intent whose process is gone.
pub fn settle(id: i64, stage: Stage, intent: &Intent, ledger: &dyn Ledger) -> Result<Settled, ApplyError> {
    let folder = intent.original.parent().unwrap_or(Path::new("/"));
    if !folder.is_dir() || is_elsewhere(intent, folder) {
        return Ok(Settled { path: intent.original.clone(), outcome: Outcome::Postponed });
    }
    let outcome = match stage {
        Stage::Running => abandon(intent)?,
        Stage::Patching => unpatch(intent)?,
        Stage::Verified if is_in_place(intent) => complete(id, intent, ledger)?,
        Stage::Verified => put_back(intent)?,
        Stage::Committed => {
            clean_up(intent).map_err(ApplyError::file("clean up after", &intent.original))?;
            Outcome::Completed
        }
    };
    ledger.forget(id)?;
    let outcome = match outcome {
        Outcome::Abandoned if look_at(&intent.original).is_none() => Outcome::Missing,
        outcome => outcome,
    };
    let path = if outcome == Outcome::Completed { &intent.target } else { &intent.original };
    info!(file = %path.display(), ?outcome, "an interrupted change was settled");
    Ok(Settled { path: path.clone(), outcome })
}

/// Nothing of the change is in the folder, and the folder is empty or on another disk than the film was: a mount point
/// without its disk. What the change left is on that disk, and must not be forgotten.
fn is_elsewhere(intent: &Intent, folder: &Path) -> bool {
    let is_there = |path: &Path| fs::symlink_metadata(path).is_ok();
    let is_other_disk =
        fs::metadata(folder).is_ok_and(|found| Observation::of(&found).device != intent.story.found.device);
    let is_empty = fs::read_dir(folder).is_ok_and(|mut inside| inside.next().is_none());
    let parts = [intent.original.clone(), intent.target.clone(), intent.beside_original("old")];
    (is_other_disk || is_empty) && !parts.into_iter().chain(intent.litter()).any(|path| is_there(&path))
}

/// The outcome has the name that it was to have.
fn is_in_place(intent: &Intent) -> bool {
    look_at(&intent.target).is_some_and(|found| Some(Seen::from(&found)) == intent.story.work)
}

fn complete(id: i64, intent: &Intent, ledger: &dyn Ledger) -> Result<Outcome, ApplyError> {
    let Some(observation) = look_at(&intent.target) else { return Ok(Outcome::Postponed) };
    let sample = intent.story.sample.as_deref().and_then(|hex| blake3::Hash::from_hex(hex).ok());
    let changed = Changed {
        intent,
        path: intent.target.clone(),
        observation,
        sample: sample.map(|hash| hash.as_bytes().to_vec()),
        facts: intent.story.after.clone(),
    };
    ledger.commit(id, &changed)?;
    clean_up(intent).map_err(ApplyError::file("clean up after", &intent.original))?;
    Ok(Outcome::Completed)
}

fn put_back(intent: &Intent) -> Result<Outcome, ApplyError> {
    let old = intent.beside_original("old");
    if let Some(kept) = look_at(&old) {
        match look_at(&intent.original) {
            None => fs::rename(&old, &intent.original).map_err(ApplyError::file("put back", &intent.original))?,
            Some(found) if is_original(intent, &found) || Seen::from(&found).inode == kept.inode => {
                remove_if_there(&old).map_err(ApplyError::file("remove", &old))?;
            }
            // Somebody put another file there. The original is not ours to delete then.
            Some(_) => warn!(file = %old.display(), "the original was kept, because another file has its name"),
        }
    }
    abandon(intent)
}

fn abandon(intent: &Intent) -> Result<Outcome, ApplyError> {
    for path in intent.litter() {
        remove_if_there(&path).map_err(ApplyError::file("remove", &path))?;
    }
    sync_folder(intent.original.parent().unwrap_or(Path::new("/")))
        .map_err(ApplyError::file("clean up after", &intent.original))?;
    Ok(Outcome::Abandoned)
}

/// Puts the bytes back that an edit in place had overwritten, unless somebody else has written to the file since.
fn unpatch(intent: &Intent) -> Result<Outcome, ApplyError> {
    let path = &intent.original;
    let was = &intent.story.found;
    let is_same_file =
        look_at(path).map(|found| Seen::from(&found)).is_some_and(|f| (f.device, f.inode) == (was.device, was.inode));
    let restore = |patch: &Patch| {
        let file = OpenOptions::new().read(true).write(true).open(path)?;
        if !patch.explains(&file)? {
            return Ok(false);
        }
        patch.undo(&file)?;
        set_mtime_ns(&file, was.mtime_ns)?;
        file.sync_all()?;
        Ok(true)
    };
    let is_back = match intent.undo.as_ref().filter(|_| is_same_file) {
        Some(patch) => restore(patch).map_err(ApplyError::file("put back", path))?,
        None => false,
    };
    if !is_back {
        warn!(file = %path.display(), "another film has come there since; it was left as it is");
    }
    abandon(intent)
}

fn look_at(path: &Path) -> Option<Observation> {
    fs::symlink_metadata(path).ok().filter(fs::Metadata::is_file).map(|metadata| Observation::of(&metadata))
}

pub(super) fn set_mtime_ns(file: &File, mtime_ns: i64) -> io::Result<()> {
    let magnitude = Duration::from_nanos(mtime_ns.unsigned_abs());
    let time = match mtime_ns >= 0 {
        true => SystemTime::UNIX_EPOCH.checked_add(magnitude),
        false => SystemTime::UNIX_EPOCH.checked_sub(magnitude),
    };
    file.set_times(FileTimes::new().set_modified(time.unwrap_or(SystemTime::UNIX_EPOCH)))
}
