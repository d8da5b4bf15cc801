//! Reads the outcome back: it must be whole, and what was predicted.

use std::fs::{self, File};
use std::path::Path;

use tracing::debug;

use super::execute::{Change, Executed, Product, Verified};
use super::means::Point;
use super::{AnyError, ApplyError, whole};
use crate::media::Facts;
use crate::plan::{ActionKind, differences, shortened};
use crate::tools::{Tool, Work};

impl<'a> Executed<'a> {
    /// Reads the outcome and compares it with what was predicted.
    pub fn verify(mut self) -> Result<Verified<'a>, ApplyError> {
        let found = match self.change.verify() {
            // A header that cannot be told from its skeleton is edited in a copy of the whole file.
            Err(ApplyError::Differs { .. } | ApplyError::Unreadable { .. })
                if matches!(self.product, Product::Patch(_)) =>
            {
                debug!(file = %self.change.intent.original.display(), "the header is edited in a copy");
                self.product = self.change.work(false)?;
                self.change.verify()
            }
            other => other,
        };
        let found = found.map_err(|error| self.change.blame(error))?;
        self.change.intent.story.after = found;
        self.change.intent.story.complaints = self.change.complaints.take();
        self.change.reached(Point::Verified)?;
        Ok(Verified { change: self.change, product: self.product })
    }
}

impl Change<'_> {
    /// Introspects the work file; returns what was found when it is what was predicted.
    fn verify(&self) -> Result<Facts, ApplyError> {
        if let Some(kept) = &self.checked.restore {
            let found = (self.means.introspect)(&self.intent.work).ok();
            let found = found.filter(|found| differences(&self.checked.after, found).is_empty());
            return found.ok_or_else(|| ApplyError::BackupDiffers { kept: kept.clone() });
        }
        let Some(run) = self.checked.runs.last() else { return Ok(self.checked.after.clone()) };
        let found = self.compare(&self.intent.work, run.tool)?;
        if self.means.manner.verify {
            self.check_end(run.tool)?;
        }
        match run.work {
            Work::Remux if self.means.manner.verify => self.check_size(run.bytes, run.tool)?,
            _ => {}
        }
        Ok(found)
    }

    /// Facts stand at the beginning of a file and do not tell whether it has an end.
    fn check_end(&self, tool: Tool) -> Result<(), ApplyError> {
        let container = self.checked.after.container.as_str();
        let look = || {
            let work = File::open(&self.intent.work)?;
            // What was broken before is not mended by an edit of its header.
            let edits_header = self.checked.runs.iter().all(|run| run.work == Work::EditHeader);
            Ok(whole::is_whole(container, &work)?
                || (edits_header
                    && !whole::is_whole(container, &self.original)?
                    && work.metadata()?.len() >= self.observed.size))
        };
        if look().map_err(ApplyError::file("read", &self.intent.work))? {
            return Ok(());
        }
        let differences = vec!["size: the file does not end where it says it does".to_owned()];
        Err(ApplyError::Differs { tool, differences })
    }

    /// A copy of half the size has lost something that its facts do not tell of. Where it cannot be known how much the
    /// removed tracks take, nothing is concluded.
    fn check_size(&self, expected: u64, tool: Tool) -> Result<(), ApplyError> {
        let removes_unknown =
            self.checked.plan.actions().filter(|a| a.kind() == ActionKind::RemoveTrack).any(|action| {
                let removed = action.track().and_then(|id| self.checked.subject.facts.find_track(id));
                removed.is_none_or(|track| track.bit_rate.is_none())
            });
        let size = fs::metadata(&self.intent.work).map_err(ApplyError::file("look at", &self.intent.work))?.len();
        if removes_unknown || size >= expected / 2 {
            return Ok(());
        }
        let differences = vec![format!("size: about {expected} bytes expected, {size} found")];
        Err(ApplyError::Differs { tool, differences })
    }

    /// Compares what is in a file with what was predicted.
    pub(super) fn compare(&self, path: &Path, tool: Tool) -> Result<Facts, ApplyError> {
        let found = (self.means.introspect)(path);
        let found = match found {
            Ok(found) => found,
            Err(_) if !self.means.manner.verify => return Ok(self.checked.after.clone()),
            Err(source) => return Err(ApplyError::Unreadable { tool, source: source as AnyError }),
        };
        let mut differences = differences(&self.checked.after, &found);
        if !self.complaints.borrow().is_empty() {
            differences.extend(shortened(&self.checked.after, &found));
        }
        if differences.is_empty() || !self.means.manner.verify {
            return Ok(found);
        }
        Err(ApplyError::Differs { tool, differences })
    }
}
