//! Walks the roots with several threads and observes every film in them: one `stat` for each, one query for each folder.
//!
//! Folders are a shared stack, so that memory follows the depth of the tree and not its size. What is found goes to
//! [`super::detect`] on the same thread.

use std::collections::{HashMap, HashSet};
use std::ffi::OsString;
use std::fs::{self, DirEntry, FileType};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex};

use super::detect::Sieve;
use super::error::ScanError;
use super::roots::OpenRoot;
use super::select::{IGNORE_FILE, Ignores, Selection};
use super::work::Place;
use super::{Shared, absence::Absence};
use crate::disk::Observation;
use crate::store::{Reader, files};

/// A folder that is to be walked.
struct Task {
    path: PathBuf,
    root: usize,
    ignores: Ignores,
    device: u64,
}

/// The folders that nobody has taken yet.
pub(super) struct Folders {
    state: Mutex<Stack>,
    changed: Condvar,
    /// Folders seen so far, by device and inode; only kept while symbolic links are followed, to end in no circle.
    seen: Option<Mutex<HashSet<(u64, u64)>>>,
}

struct Stack {
    tasks: Vec<Task>,
    /// Tasks that are being walked and may bring more.
    busy: usize,
    /// A walker failed; the others end.
    is_broken: bool,
}

impl Folders {
    pub(super) fn new(roots: &[OpenRoot], follow_symlinks: bool) -> Self {
        let tasks = roots
            .iter()
            .enumerate()
            .map(|(root, open)| Task {
                path: open.path.clone(),
                root,
                ignores: Ignores::default(),
                device: open.device,
            })
            .collect();
        let seen = follow_symlinks
            .then(|| Mutex::new(roots.iter().map(|root| (root.device, root.inode)).collect::<HashSet<_>>()));
        Self { state: Mutex::new(Stack { tasks, busy: 0, is_broken: false }), changed: Condvar::new(), seen }
    }

    /// Takes a folder; waits while others may still bring some. `None` when all is walked.
    fn take(&self) -> Option<Task> {
        let mut state = self.state.lock().expect("walkers do not panic while they hold the stack");
        loop {
            if state.is_broken {
                return None;
            }
            if let Some(task) = state.tasks.pop() {
                state.busy += 1;
                return Some(task);
            }
            if state.busy == 0 {
                return None;
            }
            state = self.changed.wait(state).expect("walkers do not panic while they hold the stack");
        }
    }

    /// Gives back what a folder brought.
    fn done(&self, found: Vec<Task>) {
        let mut state = self.state.lock().expect("walkers do not panic while they hold the stack");
        state.busy -= 1;
        state.tasks.extend(found);
        if state.busy == 0 || !state.tasks.is_empty() {
            self.changed.notify_all();
        }
    }

    fn break_off(&self) {
        self.state.lock().expect("walkers do not panic while they hold the stack").is_broken = true;
        self.changed.notify_all();
    }

    /// Whether a followed folder is met for the first time.
    fn is_first_meeting(&self, device: u64, inode: u64) -> bool {
        self.seen.as_ref().is_none_or(|seen| seen.lock().expect("inserting does not panic").insert((device, inode)))
    }
}

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

impl Walker<'_> {
    /// Walks folders until there are none left or the scan is asked to stop.
    pub(super) fn run(mut self) -> Result<(), ScanError> {
        while let Some(task) = self.folders.take() {
            if self.shared.is_cancelled() {
                self.folders.done(Vec::new());
                continue;
            }
            let mut found = Vec::new();
            let visited = self.visit(&task, &mut found);
            self.folders.done(found);
            if let Err(error) = visited {
                self.folders.break_off();
                return Err(error);
            }
        }
        self.sieve.flush()
    }

    fn visit(&mut self, task: &Task, found: &mut Vec<Task>) -> Result<(), ScanError> {
        let folder_id = files::find_folder(&self.db, &task.path)?;
        let mut recorded = HashMap::new();
        if let Some(id) = folder_id {
            files::in_folder(&self.db, id, |name, reader, known| {
                let is_current = reader.is_some_and(|reader| self.shared.readers.is_current(reader));
                recorded.insert(name.to_owned(), (known, is_current));
            })?;
        }
        let entries = match fs::read_dir(&task.path).and_then(Iterator::collect::<io::Result<Vec<DirEntry>>>) {
            Ok(entries) => entries,
            Err(cause) => {
                self.absence.keep_below(&task.path);
                self.shared.unreadable(&task.path, &cause);
                return Ok(());
            }
        };
        if entries.is_empty() && !recorded.is_empty() && self.was_another_disk(task, &recorded) {
            self.absence.keep_below(&task.path);
            self.shared
                .unreadable(&task.path, &io::Error::other("it is empty, and files on another disk are recorded in it"));
            return Ok(());
        }
        let ignores = if entries.iter().any(|entry| entry.file_name() == IGNORE_FILE) {
            task.ignores.below(&task.path)
        } else {
            task.ignores.clone()
        };
        let folder: Arc<Path> = Arc::from(task.path.as_path());
        let mut was_complete = true;
        for entry in entries {
            let name = entry.file_name();
            match self.look(task, &folder, &ignores, &entry, name, &mut recorded, found) {
                Ok(()) => {}
                Err(Trouble::Scan(error)) => return Err(error),
                Err(Trouble::Entry(cause)) if cause.kind() == io::ErrorKind::NotFound => {}
                Err(Trouble::Entry(cause)) => {
                    was_complete = false;
                    self.shared.unreadable(&entry.path(), &cause);
                }
            }
        }
        if let Some(id) = folder_id {
            let gone = recorded.values().filter(|(known, _)| !known.is_missing).map(|(known, _)| known.id);
            if was_complete {
                self.absence.visited(id, task.root, gone);
            } else {
                self.absence.keep(id);
            }
        }
        Ok(())
    }

    /// Looks at one entry: a film is observed, a folder is walked later, anything else is only known to be there.
    #[allow(clippy::too_many_arguments, reason = "the parts of one folder's walk")]
    fn look(
        &mut self,
        task: &Task,
        folder: &Arc<Path>,
        ignores: &Ignores,
        entry: &DirEntry,
        name: OsString,
        recorded: &mut HashMap<OsString, (files::Known, bool)>,
        found: &mut Vec<Task>,
    ) -> Result<(), Trouble> {
        let kind = entry.file_type()?;
        if kind.is_symlink() && self.folders.seen.is_none() {
            return Ok(());
        }
        let is_hidden = name.as_encoded_bytes().first() == Some(&b'.');
        let may_be_film = self.selection.has_film_name(&name);
        if is_hidden || (kind.is_file() && !may_be_film) {
            recorded.remove(&name);
            if is_hidden && (kind.is_dir() || kind.is_symlink()) {
                self.absence.keep_below(&entry.path());
            }
            return Ok(());
        }
        let metadata = match Seen::of(kind) {
            Seen::Folder => {
                let path = entry.path();
                if !self.is_wanted(task, ignores, &path, true) {
                    self.absence.keep_below(&path);
                    return Ok(());
                }
                found.push(Task { path, root: task.root, ignores: ignores.clone(), device: task.device });
                return Ok(());
            }
            Seen::Link => fs::metadata(entry.path())?,
            Seen::File => entry.metadata()?,
            Seen::Other => return Ok(()),
        };
        if metadata.is_dir() {
            if self.folders.is_first_meeting(metadata.dev(), metadata.ino()) {
                let path = entry.path();
                found.push(Task { path, root: task.root, ignores: ignores.clone(), device: metadata.dev() });
            }
            return Ok(());
        }
        let known = recorded.remove(&name);
        if !metadata.is_file() || !may_be_film {
            return Ok(());
        }
        if (self.selection.has_globs() || !ignores.is_empty())
            && !self.is_wanted(task, ignores, &folder.join(&name), false)
        {
            return Ok(());
        }
        self.shared.progress.discovered.add(1);
        let place = Place { folder: folder.clone(), name };
        self.sieve.see(&self.db, task.root, place, Observation::of(&metadata), known).map_err(Trouble::Scan)
    }

    fn is_wanted(&self, task: &Task, ignores: &Ignores, path: &Path, is_folder: bool) -> bool {
        if ignores.ignores(path, is_folder) {
            return false;
        }
        let relative = path.strip_prefix(&self.roots[task.root].path).unwrap_or(path);
        if is_folder { self.selection.wants_folder(relative) } else { self.selection.wants_file(relative) }
    }

    /// Whether the files of a folder that is empty now were on another disk than the folder is: a mount inside the root
    /// that is gone.
    fn was_another_disk(&self, task: &Task, recorded: &HashMap<OsString, (files::Known, bool)>) -> bool {
        recorded
            .values()
            .any(|(known, _)| !known.is_missing && known.observation.device != self.roots[task.root].device)
    }
}

/// What an entry is, as far as the folder tells.
enum Seen {
    File,
    Folder,
    Link,
    Other,
}

impl Seen {
    fn of(kind: FileType) -> Self {
        match kind {
            kind if kind.is_file() => Self::File,
            kind if kind.is_dir() => Self::Folder,
            kind if kind.is_symlink() => Self::Link,
            _ => Self::Other,
        }
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
