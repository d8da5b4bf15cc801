//! Carries a checked plan out beside the original: each tool works on a file of its own.

use std::cell::RefCell;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use super::ApplyError;
use super::begin::check_space;
use super::checked::Checked;
use super::intent::{Intent, Stage};
use super::means::{Means, Point};
use super::patch::Patch;
use super::skeleton::Skeleton;
use super::work::run_tools;
use crate::disk::{self, Observation};
use crate::settings::Hardlinks;
use crate::tools::Work;

/// What came of the tools' work.
#[derive(Debug)]
pub(super) enum Product {
    /// A new file that takes the original's place.
    Replacement,
    /// The original that was kept, under a second name.
    Kept,
    /// Bytes to change in the original.
    Patch(Patch),
    /// Nothing: the file only moves.
    Move,
}

/// A plan that was carried out beside the original. Dropped, it leaves nothing behind.
pub struct Executed<'a> {
    pub(super) change: Change<'a>,
    pub(super) product: Product,
}

/// An outcome that is what was planned.
pub struct Verified<'a> {
    pub(super) change: Change<'a>,
    pub(super) product: Product,
}

/// The change of one file, from its recorded intent to its end.
pub(super) struct Change<'a> {
    pub(super) checked: Checked,
    pub(super) means: &'a Means<'a>,
    pub(super) original: File,
    pub(super) observed: Observation,
    pub(super) intent: Intent,
    pub(super) id: i64,
    /// What tools said went wrong while they went on.
    pub(super) complaints: RefCell<Vec<String>>,
    /// Nothing is to be cleaned up when this is dropped.
    pub(super) is_settled: bool,
}

impl Checked {
    /// Carries the plan out beside the original.
    pub fn execute<'a>(self, means: &'a Means<'a>) -> Result<Executed<'a>, ApplyError> {
        let mut change = Change::begin(self, means)?;
        means.watch.reached(Point::Begun).map_err(ApplyError::file("begin with", &change.intent.original))?;
        let product = change.work(true).map_err(|error| change.blame(error))?;
        means.watch.reached(Point::Worked).map_err(ApplyError::file("end the work on", &change.intent.work))?;
        Ok(Executed { change, product })
    }
}

impl<'a> Change<'a> {
    /// Lets the tools work. `may_patch`: a header may be edited by its skeleton.
    pub(super) fn work(&mut self, may_patch: bool) -> Result<Product, ApplyError> {
        let work = self.intent.work.clone();
        if let Some(kept) = &self.checked.restore {
            // It keeps its name until everything is recorded.
            if fs::hard_link(kept, &work).is_ok() {
                return Ok(Product::Kept);
            }
            check_space(work.parent().unwrap_or(Path::new("/")), fs::metadata(kept).map_or(0, |found| found.len()))?;
            let kept_file = File::open(kept).map_err(ApplyError::file("open", kept))?;
            disk::copy(&kept_file, &create(&work)?, &|| self.means.watch.is_cancelled())
                .map_err(ApplyError::file("write", &work))?;
            return Ok(Product::Replacement);
        }
        if self.checked.runs.is_empty() {
            return Ok(Product::Move);
        }
        if self.checked.runs.iter().any(|run| run.work != Work::EditHeader) {
            run_tools(self)?;
            return Ok(Product::Replacement);
        }
        let breaks_links = self.observed.links > 1 && self.means.manner.hardlinks == Hardlinks::Break;
        // What also moves is edited in a copy, which takes its new place as a whole.
        let stays = self.intent.target == self.intent.original;
        if may_patch
            && stays
            && !breaks_links
            && let Some(patch) = self.patch()?
        {
            return Ok(Product::Patch(patch));
        }
        if self.observed.links > 1 && !breaks_links {
            return Err(ApplyError::LinkedRewrite { links: self.observed.links });
        }
        remove_if_there(&work).map_err(ApplyError::file("remove", &work))?;
        check_space(work.parent().unwrap_or(Path::new("/")), self.observed.size)?;
        let copy = create(&work)?;
        disk::copy(&self.original, &copy, &|| self.means.watch.is_cancelled())
            .map_err(ApplyError::file("write", &work))?;
        drop(copy);
        run_tools(self)?;
        Ok(Product::Replacement)
    }

    /// Edits the skeleton of the file, where it has one.
    fn patch(&mut self) -> Result<Option<Patch>, ApplyError> {
        let work = self.intent.work.clone();
        let read = ApplyError::file("read", &self.intent.original);
        let Some(skeleton) = Skeleton::of(&self.original).map_err(read)? else { return Ok(None) };
        let file = create(&work)?;
        if !skeleton.write(&file).map_err(ApplyError::file("write", &work))? {
            return Ok(None);
        }
        run_tools(self)?;
        // A tool could have put another file there.
        let edited = File::open(&work).map_err(ApplyError::file("open", &work))?;
        skeleton.patch(&edited).map_err(ApplyError::file("read", &work))
    }

    /// Says why something went wrong: a tool that read another film than the one that was planned for is not to blame.
    pub(super) fn blame(&self, error: ApplyError) -> ApplyError {
        match (&error, self.check_original()) {
            (ApplyError::Failed { .. } | ApplyError::Unreadable { .. } | ApplyError::Differs { .. }, Err(changed)) => {
                changed
            }
            _ => error,
        }
    }

    pub(super) fn reached(&self, point: Point) -> Result<(), ApplyError> {
        self.means.watch.reached(point).map_err(ApplyError::file("go on with", &self.intent.original))
    }

    pub(super) fn reach(&self, stage: Stage) -> Result<(), ApplyError> {
        Ok(self.means.ledger.reach(self.id, stage, &self.intent)?)
    }
}

impl Drop for Change<'_> {
    fn drop(&mut self) {
        if self.is_settled {
            return;
        }
        let cleaned = self.intent.litter().iter().try_for_each(|path| remove_if_there(path));
        // What could not be removed is tried again at the next start.
        if cleaned.is_ok() {
            let _ = self.means.ledger.forget(self.id);
        }
    }
}

impl Intent {
    /// A hidden file of this change, beside the work file.
    pub(super) fn beside_work(&self, kind: &str) -> PathBuf {
        self.work.with_extension(kind)
    }

    /// A hidden file of this change, beside the original.
    pub(super) fn beside_original(&self, kind: &str) -> PathBuf {
        let name = self.work.with_extension(kind);
        self.original.with_file_name(name.file_name().unwrap_or_default())
    }

    /// Every file that the tools of this change may have left.
    pub(super) fn litter(&self) -> Vec<PathBuf> {
        vec![self.work.clone(), self.beside_work("tags"), self.beside_work("tracks")]
    }
}

fn create(path: &Path) -> Result<File, ApplyError> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .map_err(ApplyError::file("create", path))
}

/// Removes a file. What is not there needs no removing, on a read-only disk neither.
pub(super) fn remove_if_there(path: &Path) -> io::Result<()> {
    let is_absent = || fs::symlink_metadata(path).is_err_and(|error| error.kind() == io::ErrorKind::NotFound);
    fs::remove_file(path).or_else(|error| if is_absent() { Ok(()) } else { Err(error) })
}
