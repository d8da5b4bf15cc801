//! Puts a verified outcome in the original's place. Whatever fails here, the original is put back as it was.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use tracing::{info, warn};

use super::ApplyError;
use super::execute::{Change, Product, Verified, remove_if_there};
use super::intent::{Changed, Intent, Seen};
use super::means::Point;
use crate::disk::replace::{rename_new, sync_folder};
use crate::disk::{self, Observation};
use crate::media::Facts;

/// A file that is what its plan wanted, and recorded as such.
#[derive(Debug, Clone)]
pub struct Committed {
    pub path: PathBuf,
    pub observation: Observation,
    pub facts: Facts,
    /// The original, where it was kept.
    pub backup: Option<PathBuf>,
    /// Bytes that were written to the disk for it.
    pub bytes: u64,
    /// What could not be carried over from the original, such as its owner.
    pub left_out: Vec<&'static str>,
    /// What tools said went wrong while they went on.
    pub complaints: Vec<String>,
}

impl Verified<'_> {
    pub fn commit(self) -> Result<Committed, ApplyError> {
        let Self { mut change, product } = self;
        let committed = match product {
            Product::Replacement => change.replace(true),
            Product::Kept => change.replace(false),
            Product::Patch(patch) => change.patch_original(&patch),
            Product::Move => change.move_original(),
        }?;
        info!(file = %committed.path.display(), bytes = committed.bytes, "file changed");
        Ok(committed)
    }
}

impl Change<'_> {
    /// Refuses when the original is no longer the file that the work began with.
    pub(super) fn check_original(&self) -> Result<(), ApplyError> {
        let path = &self.intent.original;
        let now = fs::symlink_metadata(path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => ApplyError::Gone,
            _ => ApplyError::file("look at", path)(error),
        })?;
        if now.file_type().is_symlink() || Observation::of(&now) != self.observed {
            return Err(ApplyError::Stale);
        }
        Ok(())
    }

    /// Adds to the story how the finished file will be known. Returns the hash of its sample.
    pub(super) fn note_outcome(&mut self, file: &File, path: &Path) -> Result<Vec<u8>, ApplyError> {
        let look = || {
            let observation = Observation::of(&file.metadata()?);
            Ok((observation, disk::hash::sample(file, observation.size)?))
        };
        let (observation, sample) = look().map_err(ApplyError::file("read", path))?;
        self.intent.story.work = Some(Seen::from(&observation));
        self.intent.story.sample = Some(blake3::Hash::from_bytes(sample).to_hex().to_string());
        Ok(sample.to_vec())
    }

    pub(super) fn record(&self, file: &File, sample: Vec<u8>, facts: Facts) -> Result<Observation, ApplyError> {
        let path = &self.intent.target;
        let metadata = file.metadata().map_err(ApplyError::file("look at", path))?;
        let mut observation = Observation::of(&metadata);
        if self.intent.original == self.intent.target {
            // The name that the original has for a moment does not last.
            observation.links = observation.links.max(1);
        }
        let changed = Changed { intent: &self.intent, path: path.clone(), observation, sample: Some(sample), facts };
        self.means.ledger.commit(self.id, &changed)?;
        Ok(observation)
    }

    /// What is left to do when the library knows; nothing of it can fail the change.
    pub(super) fn end(&mut self, observation: Observation, bytes: u64, left_out: Vec<&'static str>) -> Committed {
        self.is_settled = true;
        let recorded = self.reached(Point::Recorded);
        if recorded.is_ok() && clean_up(&self.intent).is_ok() && self.reached(Point::Cleaned).is_ok() {
            let _ = self.means.ledger.forget(self.id);
        }
        if !left_out.is_empty() {
            warn!(file = %self.intent.target.display(), ?left_out, "not everything of the original could be carried over");
        }
        Committed {
            path: self.intent.target.clone(),
            observation,
            facts: self.intent.story.after.clone(),
            backup: self.intent.backup.clone(),
            bytes,
            left_out,
            complaints: self.intent.story.complaints.clone(),
        }
    }
}

/// Removes what is left of a committed change, and keeps or removes the original.
pub(super) fn clean_up(intent: &Intent) -> io::Result<()> {
    for path in intent.litter() {
        remove_if_there(&path)?;
    }
    if intent.undo.is_some() {
        // Nothing else has another name now, and the film was synchronised after the work file was gone.
        return Ok(());
    }
    if let Some(kept) = &intent.story.restored {
        // It is the file itself now.
        remove_if_there(kept)?;
    }
    let old = match intent.original == intent.target {
        true => intent.beside_original("old"),
        false => intent.original.clone(),
    };
    if let Ok(found) = fs::symlink_metadata(&old)
        && is_original(intent, &Observation::of(&found))
    {
        match &intent.backup {
            Some(backup) => rename_new(&old, backup)?,
            None => remove_if_there(&old)?,
        }
    }
    sync_folder(intent.original.parent().unwrap_or(Path::new("/")))
}

/// Whether this is the file that the change was based on; a move has only one file.
pub(super) fn is_original(intent: &Intent, found: &Observation) -> bool {
    let found = Seen::from(found);
    found == intent.story.found && (intent.original == intent.target || Some(found) != intent.story.work)
}

pub(super) fn sync_parent(path: &Path) -> Result<(), ApplyError> {
    let folder = path.parent().unwrap_or(Path::new("/"));
    sync_folder(folder).map_err(ApplyError::file("write", folder))
}
