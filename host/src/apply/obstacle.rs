//! What stands in the way of a change, as far as it is seen from outside: nothing is opened, nothing is run.
//!
//! A dry run looks, and every change does before it begins, so that what was foreseen is what happens.

use std::fs;
use std::io;
use std::path::Path;

use rustix::fs::{Access, access};
use rustix::io::Errno;

use super::ApplyError;
use super::means::Manner;
use crate::disk::Observation;
use crate::settings::Hardlinks;
use crate::tools::{Run, Work};

/// A change as it is known before the file is opened.
#[derive(Debug, Clone, Copy)]
pub struct Intended<'a> {
    pub path: &'a Path,
    /// The file as it is recorded.
    pub size: u64,
    pub mtime_ns: i64,
    pub runs: &'a [Run],
    /// Where the file will be.
    pub target: &'a Path,
}

impl Intended<'_> {
    /// Looks at the file from outside, and refuses what cannot be changed now.
    pub fn look(&self, manner: &Manner) -> Result<(), ApplyError> {
        let path = self.path;
        let found = fs::symlink_metadata(path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => ApplyError::Gone,
            _ => ApplyError::file("look at", path)(error),
        })?;
        if found.file_type().is_symlink() {
            return Err(ApplyError::Symlink { to: fs::read_link(path).unwrap_or_default() });
        }
        let observed = Observation::of(&found);
        if !found.is_file() || (observed.size, observed.mtime_ns) != (self.size, self.mtime_ns) {
            return Err(ApplyError::Stale);
        }
        self.check_links(observed.links, manner.hardlinks)?;
        if self.moves() && fs::symlink_metadata(self.target).is_ok() {
            return Err(ApplyError::TargetExists { target: self.target.to_owned() });
        }
        self.check_writable(manner)
    }

    fn moves(&self) -> bool {
        self.target != self.path
    }

    /// Only the header is edited, by tools that do so where the file lies.
    pub(super) fn edits_header(&self) -> bool {
        self.runs.iter().all(|run| run.work == Work::EditHeader) && !self.runs.is_empty()
    }

    pub(super) fn check_links(&self, links: u32, hardlinks: Hardlinks) -> Result<(), ApplyError> {
        match hardlinks {
            _ if links <= 1 => Ok(()),
            Hardlinks::Skip => Err(ApplyError::Linked { links }),
            Hardlinks::Allow if !self.edits_header() && !self.runs.is_empty() => {
                Err(ApplyError::LinkedRewrite { links })
            }
            Hardlinks::Allow | Hardlinks::Break => Ok(()),
        }
    }

    /// Work is done in a folder of its own or beside the file; names are given where the file is and where it will be.
    fn check_writable(&self, manner: &Manner) -> Result<(), ApplyError> {
        let folder = |path: &'_ Path| path.parent().unwrap_or(Path::new("/")).to_owned();
        let is_in_place = self.edits_header() && !self.moves();
        if is_in_place {
            writable("file", self.path)?;
        }
        let work = manner.temp_folder.clone().filter(|_| !self.runs.is_empty());
        writable("folder", &work.clone().unwrap_or_else(|| folder(self.path)))?;
        if !is_in_place && work.is_some() {
            writable("folder", &folder(self.path))?;
        }
        if self.moves() {
            let target = folder(self.target);
            let nearest = target.ancestors().find(|above| above.exists()).unwrap_or(Path::new("/"));
            writable("folder", nearest)?;
        }
        Ok(())
    }
}

fn writable(what: &'static str, path: &Path) -> Result<(), ApplyError> {
    match access(path, Access::WRITE_OK) {
        Ok(()) => Ok(()),
        Err(Errno::ROFS) => Err(ApplyError::ReadOnlyDisk { path: path.to_owned() }),
        Err(Errno::ACCESS | Errno::PERM) => Err(ApplyError::ReadOnly { what, path: path.to_owned() }),
        Err(error) => Err(ApplyError::file("look at", path)(error.into())),
    }
}
