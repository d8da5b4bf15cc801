//! The original is changed where it lies, by a few bytes that are written down first.
//!
//! Two waits for the disk, in this order: the bytes that stand there now, with the intent, before the first of them is
//! overwritten; and the film, before it is recorded. The record itself waits for neither: when a power cut takes it, the
//! intent is there, and the film is put back as it was.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rustix::fs::OFlags;
use tracing::warn;

use super::ApplyError;
use super::commit::Committed;
use super::execute::{Change, remove_if_there};
use super::intent::Stage;
use super::means::Point;
use super::patch::Patch;
use super::recover::set_mtime_ns;
use crate::disk::Observation;
use crate::settings::Mtime;

impl Change<'_> {
    /// The original is changed where it lies.
    pub(super) fn patch_original(&mut self, patch: &Patch) -> Result<Committed, ApplyError> {
        let path = self.intent.original.clone();
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
        self.intent.undo = Some(patch.clone());
        self.reach(Stage::Patching)?;
        self.reached(Point::Journaled)?;

        let patched = patch
            .apply(&file)
            .map_err(ApplyError::file("write", &path))
            .and_then(|()| self.reached(Point::Patched))
            .and_then(|()| self.finish_patch(&file, &path));
        match patched {
            Ok(observation) => Ok(self.end(observation, patch.bytes(), Vec::new())),
            Err(error) => {
                self.unpatch(patch, &file);
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

    fn unpatch(&mut self, patch: &Patch, file: &File) {
        let undone = patch.undo(file).and_then(|()| self.put_mtime_back(file)).and_then(|()| file.sync_all());
        if let Err(error) = undone {
            let path = self.intent.original.display();
            warn!(file = %path, %error, "the original could not be put back; the next start tries again");
            self.is_settled = true;
        }
    }

    fn put_mtime_back(&self, file: &File) -> io::Result<()> {
        set_mtime_ns(file, self.observed.mtime_ns)
    }
}
