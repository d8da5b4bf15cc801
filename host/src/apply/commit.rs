//! Puts a verified outcome in the original's place. Whatever fails here, the original is put back as it was.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;
use tracing::{info, warn};

use super::ApplyError;
use super::execute::{Change, Product, Verified, remove_if_there};
use super::intent::{Changed, Intent, Seen, Stage};
use super::journal;
use super::means::Point;
use super::skeleton::Patch;
use crate::disk::replace::{carry_over, rename_new, sync_folder};
use crate::disk::{self, Observation};
use crate::media::Facts;
use crate::settings::{Backup, Mtime};

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
            Product::Replacement => change.replace(),
            Product::Patch(patch) => change.patch_original(&patch),
            Product::Move => change.move_original(),
        }?;
        info!(file = %committed.path.display(), bytes = committed.bytes, "file changed");
        Ok(committed)
    }
}

impl Change<'_> {
    /// A new file takes the original's place, or a place of its own.
    fn replace(&mut self) -> Result<Committed, ApplyError> {
        let work = self.intent.work.clone();
        let made = OpenOptions::new().read(true).write(true).open(&work).map_err(ApplyError::file("open", &work))?;
        let keep_mtime = self.means.manner.mtime == Mtime::Preserve;
        let left_out =
            carry_over(&self.original, &made, keep_mtime).map_err(ApplyError::file("set the attributes of", &work))?;
        made.sync_all().map_err(ApplyError::file("write", &work))?;
        let sample = self.note_outcome(&made, &work)?;
        if self.means.manner.backup == Backup::Keep && self.checked.restore.is_none() {
            self.intent.backup = Some(free_backup_name(&self.intent.original));
        }
        self.reach(Stage::Verified)?;
        self.reached(Point::Prepared)?;

        self.check_original()?;
        self.take_place()?;
        let target = self.intent.target.clone();
        let recorded = self
            .reached(Point::Renamed)
            .and_then(|()| sync_parent(&target))
            .and_then(|()| self.record(&made, sample, self.intent.story.after.clone()));
        let observation = match recorded {
            Ok(observation) => observation,
            Err(error) => {
                self.give_place_back();
                return Err(error);
            }
        };
        Ok(self.end(observation, observation.size, left_out))
    }

    /// Gives the work file the name of the target; the original keeps a name.
    fn take_place(&mut self) -> Result<(), ApplyError> {
        let Intent { original, work, target, .. } = &self.intent;
        if original != target {
            if let Some(folder) = target.parent() {
                fs::create_dir_all(folder).map_err(ApplyError::file("create", folder))?;
            }
            return rename_new(work, target).map_err(|error| match error.kind() {
                io::ErrorKind::AlreadyExists => ApplyError::TargetExists { target: target.clone() },
                _ => ApplyError::file("create", target)(error),
            });
        }
        let old = self.intent.beside_original("old");
        // Where hard links are not to be had, the path is without a file for a moment; a crash then is settled by `old`.
        fs::hard_link(original, &old)
            .or_else(|_| fs::rename(original, &old))
            .map_err(ApplyError::file("keep", original))?;
        let renamed = self
            .reached(Point::Linked)
            .and_then(|()| fs::rename(work, original).map_err(ApplyError::file("replace", original)));
        if renamed.is_err() {
            self.give_place_back();
        }
        renamed
    }

    /// Undoes [`Self::take_place`].
    fn give_place_back(&mut self) {
        let Intent { original, work, target, .. } = &self.intent;
        let put_back = if original != target {
            fs::rename(target, work)
        } else {
            let old = self.intent.beside_original("old");
            // A rename between two names of one file does nothing, so the second one may still be there.
            fs::rename(&old, original).and_then(|()| remove_if_there(&old))
        };
        let put_back = put_back.and_then(|()| sync_folder(original.parent().unwrap_or(Path::new("/"))));
        if let Err(error) = put_back {
            warn!(file = %original.display(), %error, "the original could not be put back; the next start tries again");
            self.is_settled = true;
        }
    }

    /// The original is changed where it lies.
    fn patch_original(&mut self, patch: &Patch) -> Result<Committed, ApplyError> {
        let path = self.intent.original.clone();
        let log = self.intent.beside_original("undo");
        remove_if_there(&self.intent.work).map_err(ApplyError::file("remove", &self.intent.work))?;
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .custom_flags(OFlags::NOFOLLOW.bits() as i32)
            .open(&path)
            .map_err(ApplyError::file("open", &path))?;
        self.check_original()?;
        if !patch.fits(&file).map_err(ApplyError::file("read", &path))? {
            return Err(ApplyError::Stale);
        }
        let journaled = journal::write(&log, patch)
            .and_then(|()| sync_folder(log.parent().unwrap_or(Path::new("/"))))
            .map_err(ApplyError::file("write", &log))
            .and_then(|()| self.reached(Point::Journaled))
            .and_then(|()| self.reach(Stage::Patching));
        if let Err(error) = journaled {
            let _ = remove_if_there(&log);
            return Err(error);
        }

        let patched = patch
            .apply(&file)
            .map_err(ApplyError::file("write", &path))
            .and_then(|()| self.reached(Point::Patched))
            .and_then(|()| self.finish_patch(&file, &path));
        match patched {
            Ok(observation) => Ok(self.end(observation, patch.bytes(), Vec::new())),
            Err(error) => {
                self.unpatch(patch, &file, &log);
                Err(error)
            }
        }
    }

    fn finish_patch(&mut self, file: &File, path: &Path) -> Result<Observation, ApplyError> {
        let tool = self.checked.runs.last().map_or(crate::tools::Tool::Mkvpropedit, |run| run.tool);
        self.intent.story.after = self.compare(path, tool)?;
        if self.means.manner.mtime == Mtime::Preserve {
            self.put_mtime_back(file).map_err(ApplyError::file("set the time of", path))?;
        }
        file.sync_all().map_err(ApplyError::file("write", path))?;
        let sample = self.note_outcome(file, path)?;
        self.record(file, sample, self.intent.story.after.clone())
    }

    fn unpatch(&mut self, patch: &Patch, file: &File, log: &Path) {
        let undone = patch
            .undo(file)
            .and_then(|()| self.put_mtime_back(file))
            .and_then(|()| file.sync_all())
            .and_then(|()| remove_if_there(log));
        if let Err(error) = undone {
            let path = self.intent.original.display();
            warn!(file = %path, %error, "the original could not be put back; the next start tries again");
            self.is_settled = true;
        }
    }

    fn put_mtime_back(&self, file: &File) -> io::Result<()> {
        super::recover::set_mtime_ns(file, self.observed.mtime_ns)
    }

    /// The file goes to another place as it is.
    fn move_original(&mut self) -> Result<Committed, ApplyError> {
        let Intent { original, target, .. } = self.intent.clone();
        if original == target {
            self.is_settled = true;
            let _ = self.means.ledger.forget(self.id);
            return Ok(Committed {
                path: target,
                observation: self.observed,
                facts: self.checked.subject.facts.clone(),
                backup: None,
                bytes: 0,
                left_out: Vec::new(),
                complaints: Vec::new(),
            });
        }
        self.check_original()?;
        self.intent.story.after = self.checked.subject.facts.clone();
        let file = self.original.try_clone().map_err(ApplyError::file("open", &original))?;
        let sample = self.note_outcome(&file, &original)?;
        self.reach(Stage::Verified)?;
        if let Some(folder) = target.parent() {
            fs::create_dir_all(folder).map_err(ApplyError::file("create", folder))?;
        }
        rename_new(&original, &target).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => ApplyError::TargetExists { target: target.clone() },
            _ => ApplyError::file("move", &original)(error),
        })?;
        let recorded = self
            .reached(Point::Renamed)
            .and_then(|()| sync_parent(&target))
            .and_then(|()| sync_parent(&original))
            .and_then(|()| self.record(&file, sample, self.intent.story.after.clone()));
        match recorded {
            Ok(observation) => Ok(self.end(observation, 0, Vec::new())),
            Err(error) => {
                if rename_new(&target, &original).is_err() {
                    self.is_settled = true;
                }
                Err(error)
            }
        }
    }

    /// Refuses when the original is no longer the file that the work began with.
    fn check_original(&self) -> Result<(), ApplyError> {
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
    fn note_outcome(&mut self, file: &File, path: &Path) -> Result<Vec<u8>, ApplyError> {
        let look = || {
            let observation = Observation::of(&file.metadata()?);
            Ok((observation, disk::hash::sample(file, observation.size)?))
        };
        let (observation, sample) = look().map_err(ApplyError::file("read", path))?;
        self.intent.story.work = Some(Seen::from(&observation));
        self.intent.story.sample = Some(blake3::Hash::from_bytes(sample).to_hex().to_string());
        Ok(sample.to_vec())
    }

    fn record(&self, file: &File, sample: Vec<u8>, facts: Facts) -> Result<Observation, ApplyError> {
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
    fn end(&mut self, observation: Observation, bytes: u64, left_out: Vec<&'static str>) -> Committed {
        self.is_settled = true;
        let recorded = self.reached(Point::Recorded);
        if recorded.is_ok() && clean_up(&self.intent).is_ok() && self.reached(Point::Cleaned).is_ok() {
            let _ = self.means.ledger.forget(self.id);
        }
        if let Some(kept) = &self.checked.restore {
            // It is the file itself now.
            let _ = remove_if_there(kept);
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
    remove_if_there(&intent.beside_original("undo"))?;
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

fn sync_parent(path: &Path) -> Result<(), ApplyError> {
    let folder = path.parent().unwrap_or(Path::new("/"));
    sync_folder(folder).map_err(ApplyError::file("write", folder))
}

/// What the name of a kept original ends in.
pub(super) const KEPT: &str = ".vpo-original";

/// Hidden, beside the file, and without the extension of a film.
fn free_backup_name(original: &Path) -> PathBuf {
    let mut name = std::ffi::OsString::from(".");
    name.push(original.file_name().unwrap_or_default());
    name.push(KEPT);
    let first = original.with_file_name(&name);
    if fs::symlink_metadata(&first).is_err() {
        return first;
    }
    (1..)
        .map(|count| {
            let mut numbered = name.clone();
            numbered.push(format!(".{count}"));
            original.with_file_name(numbered)
        })
        .find(|path| fs::symlink_metadata(path).is_err())
        .expect("there are more numbers than files")
}
