//! Walks the roots with several threads and observes every film in them: one `stat` for each, one query for each folder.
//!
//! Which folders are left is kept by [`super::folders`]. What is found goes to [`super::detect`] on the same thread.

use std::ffi::{CStr, OsStr};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::absence::Absence;
use super::detect::Sieve;
use super::error::ScanError;
use super::folders::{BreakOff, Folders, Found, Link, Task};
use super::roots::OpenRoot;
use super::select::{IGNORE_FILE, Ignores, Selection};
use super::shared::Shared;
use crate::disk::{Entries, EntryKind, FilesystemClass, Folder, Ground, Observation, os_name};
use crate::store::Reader;
use crate::store::files::Known;
use crate::store::listings::{self, Listing};

/// One walking thread.
pub(super) struct Walker<'a> {
    pub shared: &'a Shared<'a>,
    pub folders: &'a Folders,
    pub selection: &'a Selection,
    pub roots: &'a [OpenRoot],
    pub absence: &'a Absence,
    pub db: Reader,
    pub sieve: Sieve<'a>,
}

/// What a walker fills again for every folder.
#[derive(Default)]
struct Desk {
    listing: Listing,
    entries: Entries,
}

/// A folder that is being walked.
struct Visit<'a> {
    task: &'a Task,
    folder: &'a Folder,
    device: u64,
    filesystem: FilesystemClass,
    path: Arc<Path>,
    ignores: Ignores,
    listing: &'a Listing,
    /// Whether the facts of each reader of the listing are as good as new ones.
    are_current: Vec<bool>,
    /// Which files of the listing need no conclusion, because their names are there.
    is_here: Vec<bool>,
    discovered: u64,
    found: &'a mut Found,
}

impl Walker<'_> {
    /// Walks folders until there are none left or the scan is asked to stop.
    pub(super) fn run(mut self) -> Result<(), ScanError> {
        let mut desk = Desk::default();
        let _guard = BreakOff(self.folders);
        while let Some(task) = self.folders.take() {
            if self.shared.is_cancelled() {
                self.folders.done(Found::default());
                continue;
            }
            let mut found = Found::default();
            let visited = self.visit(&task, &mut desk, &mut found);
            self.folders.done(found);
            if let Err(error) = visited {
                self.folders.break_off();
                return Err(error);
            }
        }
        self.sieve.flush()
    }

    fn visit(&mut self, task: &Task, desk: &mut Desk, found: &mut Found) -> Result<(), ScanError> {
        let Desk { listing, entries } = desk;
        let folder_id = listings::read(&self.db, &task.path, listing)?;
        if listing.is_damaged() {
            self.shared.to_pack_again.lock().expect("pushing does not panic").extend(folder_id);
        }
        let (folder, ground, filesystem) = match self.step_into(task, entries) {
            Ok(folder) => folder,
            Err(cause) => {
                self.absence.keep_below(&task.path);
                self.shared.unreadable(&task.path, &cause);
                return Ok(());
            }
        };
        let has_ignore_file = entries.has(IGNORE_FILE);
        let mut visit = Visit {
            task,
            folder: &folder,
            device: ground.device,
            filesystem,
            path: Arc::from(task.path.as_path()),
            ignores: if has_ignore_file { task.ignores.below(&task.path) } else { task.ignores.clone() },
            are_current: listing.readers().iter().map(|reader| self.shared.readers.is_current(reader)).collect(),
            is_here: vec![false; listing.len()],
            listing,
            discovered: 0,
            found,
        };
        let mut was_complete = true;
        for (name, kind) in entries.iter() {
            match self.look(&mut visit, name, kind) {
                Ok(()) => {}
                Err(Trouble::Scan(error)) => return Err(error),
                Err(Trouble::Entry(cause)) if cause.kind() == io::ErrorKind::NotFound => {}
                Err(Trouble::Entry(cause)) => {
                    was_complete = false;
                    self.shared.unreadable(&task.path.join(os_name(name)), &cause);
                }
            }
        }
        self.shared.progress.discovered.add(visit.discovered);
        if let Some(id) = folder_id {
            if was_complete {
                self.absence.visited(id, task.root, visit.gone());
            } else {
                self.absence.keep(id);
            }
        }
        Ok(())
    }

    /// Opens a folder, lists its entries, and finds out which disk it is on. A folder where a disk was mounted and is not
    /// now is as good as one that cannot be read (R6).
    fn step_into(&self, task: &Task, entries: &mut Entries) -> io::Result<(Folder, Ground, FilesystemClass)> {
        let folder = Folder::open(&task.path)?;
        let ground = folder.ground()?;
        self.folders.is_first_meeting(ground.device, ground.inode);
        self.absence.step_on(&task.path, ground)?;
        let is_same_disk = ground.device == task.device;
        let filesystem = if is_same_disk { task.filesystem } else { FilesystemClass::of(&task.path)? };
        folder.list(entries)?;
        Ok((folder, ground, filesystem))
    }

    /// Looks at one entry: a film is observed, a folder is walked later, anything else is only known to be there.
    fn look(&mut self, visit: &mut Visit<'_>, entry: &CStr, told: EntryKind) -> Result<(), Trouble> {
        let kind = if told == EntryKind::Untold { visit.folder.observe(entry, false)?.0 } else { told };
        if kind == EntryKind::Link && !self.folders.follow_links() {
            return Ok(());
        }
        let name = os_name(entry);
        let is_hidden = entry.to_bytes().first() == Some(&b'.');
        let may_be_film = self.selection.has_film_name(name);
        if is_hidden || (kind == EntryKind::File && !may_be_film) {
            visit.meet(name);
            if is_hidden && matches!(kind, EntryKind::Folder | EntryKind::Link) {
                self.absence.keep_below(&visit.task.path.join(name));
            }
            return Ok(());
        }
        match kind {
            EntryKind::Folder => {
                let path = visit.task.path.join(name);
                if self.is_wanted(visit, &path, true) {
                    visit.walk_later(path);
                } else {
                    self.absence.keep_below(&path);
                }
                return Ok(());
            }
            EntryKind::File | EntryKind::Link => {}
            EntryKind::Other | EntryKind::Untold => return Ok(()),
        }
        let (kind, observation) = visit.folder.observe(entry, kind == EntryKind::Link)?;
        if kind == EntryKind::Folder {
            let path = visit.task.path.join(name);
            if self.is_wanted(visit, &path, true) {
                visit.follow_later(path, &observation);
            } else {
                self.absence.keep_below(&path);
            }
            return Ok(());
        }
        let known = visit.meet(name);
        if kind != EntryKind::File || !may_be_film {
            return Ok(());
        }
        if (!self.selection.patterns.are_none() || !visit.ignores.is_empty())
            && !self.is_wanted(visit, &visit.path.join(name), false)
        {
            return Ok(());
        }
        visit.discovered += 1;
        self.sieve.see(&self.db, visit.filesystem, &visit.path, name, observation, known).map_err(Trouble::Scan)
    }

    fn is_wanted(&self, visit: &Visit<'_>, path: &Path, is_folder: bool) -> bool {
        if visit.ignores.ignores(path, is_folder) {
            return false;
        }
        let relative = path.strip_prefix(&self.roots[visit.task.root].path).unwrap_or(path);
        let patterns = &self.selection.patterns;
        if is_folder { patterns.want_folder(relative) } else { patterns.want_file(relative) }
    }
}

impl Visit<'_> {
    /// The name is there: returns what is recorded of it, and whether its facts are as good as new ones.
    fn meet(&mut self, name: &OsStr) -> Option<(Known, bool)> {
        let place = self.listing.find(name)?;
        self.is_here[place] = true;
        let listed = self.listing.file(place);
        Some((listed.known, listed.reader.is_some_and(|reader| self.are_current[reader])))
    }

    fn walk_later(&mut self, path: PathBuf) {
        let task = self.task_of(path);
        self.found.folders.push(task);
    }

    fn follow_later(&mut self, path: PathBuf, target: &Observation) {
        let task = self.task_of(path);
        self.found.links.push(Link { task, device: target.device, inode: target.inode });
    }

    fn task_of(&self, path: PathBuf) -> Task {
        let (device, filesystem) = (self.device, self.filesystem);
        Task { path, root: self.task.root, ignores: self.ignores.clone(), device, filesystem }
    }

    /// The recorded files, by row, whose names were not met.
    fn gone(&self) -> impl Iterator<Item = i64> {
        self.listing
            .files()
            .zip(&self.is_here)
            .filter(|(file, is_here)| !**is_here && !file.known.is_missing)
            .map(|(file, _)| file.known.id)
    }
}

/// What can go wrong with an entry, told apart by what it costs.
enum Trouble {
    /// The scan.
    Scan(ScanError),
    /// The entry.
    Entry(io::Error),
}

impl From<io::Error> for Trouble {
    fn from(cause: io::Error) -> Self {
        Self::Entry(cause)
    }
}
