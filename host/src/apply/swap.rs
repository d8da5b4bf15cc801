//! A new file takes the original's place, or the file goes to another place as it is.
//!
//! attributes → synced → stage → old name kept → rename → folder synced → record → old name gone

use std::fs::{self, OpenOptions};
use std::io;
use std::path::Path;

use tracing::warn;

use super::ApplyError;
use super::commit::{Committed, sync_parent};
use super::execute::{Change, remove_if_there};
use super::intent::{Intent, Stage};
use super::kept;
use super::means::Point;
use crate::disk::replace::{carry_over, rename_new, sync_folder};
use crate::settings::{Backup, Mtime};

impl Change<'_> {
    /// A new file takes the original's place, or a place of its own.
    /// `writes`: its bytes were written for it.
    pub(super) fn replace(&mut self, writes: bool) -> Result<Committed, ApplyError> {
        let work = self.intent.work.clone();
        let made = OpenOptions::new().read(true).write(true).open(&work).map_err(ApplyError::file("open", &work))?;
        let keep_mtime = self.means.manner.mtime == Mtime::Preserve;
        let left_out =
            carry_over(&self.original, &made, keep_mtime).map_err(ApplyError::file("set the attributes of", &work))?;
        made.sync_all().map_err(ApplyError::file("write", &work))?;
        let sample = self.note_outcome(&made, &work)?;
        if self.means.manner.backup == Backup::Keep && self.checked.restore.is_none() {
            self.intent.backup = Some(kept::free_name(&self.intent.original));
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
        Ok(self.end(observation, if writes { observation.size } else { 0 }, left_out))
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

    /// The file goes to another place as it is.
    pub(super) fn move_original(&mut self) -> Result<Committed, ApplyError> {
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
}
