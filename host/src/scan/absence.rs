//! What is missing, and when so much is missing that a person should look (R6–R9). [`super::moves`] says what has only moved.
//!
//! Absence is concluded after the walk, in one transaction, and only for files of folders that were read completely.

use std::collections::{BTreeMap, HashSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use super::moves::{self, Moves, Sought};
use super::report::{Held, What};
use super::roots::OpenRoot;
use super::shared::Shared;
use crate::disk::Ground;
use crate::store::files::{self, Candidate, FileState};
use crate::store::{Db, Happening, StoreError, history, job_files, listings, mounts};

/// Missing files that a held root names, for people to recognise what happened.
const EXAMPLES: usize = 5;

/// What the walkers learn about absence.
pub(super) struct Absence {
    /// The last folder and the last file that were recorded before the walk; later ones were met by it.
    last_folder: i64,
    last_file: i64,
    /// Where disks were mounted, with recorded files on them.
    mounted_before: HashSet<PathBuf>,
    /// Where disks were mounted of which nothing is recorded.
    mounted_in_vain: Vec<PathBuf>,
    /// A person says that what is missing is gone for good.
    accept_missing: bool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Folders, by row, that were walked or must not be judged.
    judged: HashSet<i64>,
    /// Files that are recorded in a completely read folder and were not there; with their root.
    gone: Vec<(i64, usize)>,
    /// Paths below which nothing is concluded.
    kept: Vec<PathBuf>,
    /// Where disks are mounted.
    mounted: Vec<PathBuf>,
    /// Where disks were mounted and are not now.
    unmounted: Vec<PathBuf>,
}

/// What was learned about absence when the walk has ended.
pub(super) struct Gone {
    /// Files that are not where they were, by row, with their root.
    pub files: Vec<(i64, usize)>,
    /// The last file that was recorded before the walk.
    last_file: i64,
    mounted: Vec<PathBuf>,
    /// Mounts that are not there and may come back. Their files are not gone, but may be found where the disk is now.
    pub unmounted: Vec<PathBuf>,
    /// Mounts that are not there and need not come back.
    forgotten: Vec<PathBuf>,
}

impl Absence {
    /// Prepares to learn, before the walk.
    pub(super) fn before_walk(db: &Db, roots: &[OpenRoot], accept_missing: bool) -> Result<Self, StoreError> {
        let (mut mounted_before, mut mounted_in_vain) = (HashSet::new(), Vec::new());
        for root in roots {
            for mount in mounts::below(db, &root.path)? {
                if listings::count_below(db, &mount)? > 0 {
                    mounted_before.insert(mount);
                } else {
                    mounted_in_vain.push(mount);
                }
            }
        }
        Ok(Self {
            last_folder: files::last_folder(db)?,
            last_file: files::last(db)?,
            mounted_before,
            mounted_in_vain,
            accept_missing,
            state: Mutex::default(),
        })
    }

    /// A recorded folder was read completely; these files of it were not there.
    pub(super) fn visited(&self, folder_id: i64, root: usize, gone: impl Iterator<Item = i64>) {
        let mut state = self.state();
        state.judged.insert(folder_id);
        state.gone.extend(gone.map(|id| (id, root)));
    }

    /// A recorded folder was not read completely.
    pub(super) fn keep(&self, folder_id: i64) {
        self.state().judged.insert(folder_id);
    }

    /// Nothing is concluded at or below a path.
    pub(super) fn keep_below(&self, path: &Path) {
        self.state().kept.push(path.to_owned());
    }

    /// A folder was opened. Where a disk was mounted and is not now, that is an error: what is seen is not what was recorded.
    pub(super) fn step_on(&self, path: &Path, ground: Ground) -> io::Result<()> {
        if ground.is_mount {
            self.state().mounted.push(path.to_owned());
        } else if !self.accept_missing && self.mounted_before.contains(path) {
            self.state().unmounted.push(path.to_owned());
            return Err(io::Error::other(NOT_MOUNTED));
        }
        Ok(())
    }

    /// Concludes which files are gone: those the walk missed, and all files of recorded folders that the walk never met
    /// and that nothing keeps.
    pub(super) fn conclude(self, db: &Db, shared: &Shared<'_>, roots: &[OpenRoot]) -> Result<Gone, StoreError> {
        let Self { last_folder, last_file, mounted_before, mounted_in_vain: mut forgotten, accept_missing, state } =
            self;
        let State { judged, gone: mut files, kept, mounted, mut unmounted } = state.into_inner().expect(NO_PANIC);
        let mut kept: HashSet<PathBuf> = kept.into_iter().collect();
        forgotten.retain(|mount| !mounted.contains(mount));
        for mount in mounted_before {
            if mounted.contains(&mount) || is_below(&mount, &kept) {
                continue;
            }
            if accept_missing {
                forgotten.push(mount);
            } else {
                shared.unreadable(&mount, &io::Error::other(NOT_MOUNTED));
                unmounted.push(mount.clone());
                kept.insert(mount);
            }
        }
        for (index, root) in roots.iter().enumerate() {
            let mut unmet = Vec::new();
            files::folders_below(db, &root.path, |id, path| {
                if id <= last_folder && !judged.contains(&id) && !is_below(path, &kept) {
                    unmet.push(id);
                }
                Ok(())
            })?;
            for folder in unmet {
                files.extend(files::present_in(db, folder)?.into_iter().map(|id| (id, index)));
            }
        }
        Ok(Gone { files, last_file, mounted, unmounted, forgotten })
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().expect(NO_PANIC)
    }
}

impl Gone {
    /// Prepares to tell where files went. Nothing is read when none may have gone anywhere.
    pub(super) fn moves(&self, db: &Db, shared: &Shared<'_>, roots: &[OpenRoot]) -> Result<Moves, StoreError> {
        if self.files.is_empty() && self.unmounted.is_empty() && !files::is_any_missing(db)? {
            return Ok(Moves::default());
        }
        Moves::between(db, &moves::since(db, shared, roots)?, self.last_file)
    }
}

const NO_PANIC: &str = "nobody panics while learning";

const NOT_MOUNTED: &str = "a disk was mounted there and is not now";

fn is_below(path: &Path, folders: &HashSet<PathBuf>) -> bool {
    !folders.is_empty() && path.ancestors().any(|folder| folders.contains(folder))
}

/// What came of the files that are gone.
#[derive(Default)]
pub(super) struct Concluded {
    pub held: Vec<Held>,
    told: Vec<(PathBuf, What, Option<String>)>,
    moved: u64,
    removed: u64,
    /// Moves of files that this scan had counted as added, and as read.
    added: u64,
    reread: u64,
}

impl Concluded {
    /// Counts and tells what was concluded, once it is committed.
    pub(super) fn tell(&mut self, shared: &Shared<'_>) {
        shared.progress.moved.add(self.moved);
        shared.progress.added.take(self.added);
        shared.progress.removed.add(self.removed);
        shared.progress.scanned.take(self.reread);
        for (path, what, reason) in self.told.drain(..) {
            shared.tell(path, what, reason);
        }
    }
}

/// Recognises moves, holds the breaker, marks the rest as missing, and records where disks are mounted; inside the caller's
/// transaction.
pub(super) fn settle(db: &Db, shared: &Shared<'_>, roots: &[OpenRoot], gone: Gone) -> Result<Concluded, StoreError> {
    let mut concluded = Concluded::default();
    let mut missing: BTreeMap<usize, Vec<Candidate>> = BTreeMap::new();
    let mut moves = gone.moves(db, shared, roots)?;
    for sought in moves.sought(db, &gone.files, &gone.unmounted)? {
        let place = moves.place_of(db, &sought)?;
        let Sought { file, root } = sought;
        match (place, root) {
            (Some(new), _) => take_place(db, shared, &mut concluded, &file, &new, new.id > gone.last_file)?,
            (None, Some(root)) => missing.entry(root).or_default().push(file),
            (None, None) => {}
        }
    }
    for (root, mut files) in missing {
        files.sort_unstable_by(|one, other| one.path.cmp(&other.path));
        if let Some(root) = held_root(db, shared, &roots[root], &files)? {
            concluded.held.push(root);
            continue;
        }
        for file in files {
            mark(db, shared, &mut concluded, file)?;
        }
    }
    gone.mounted.iter().try_for_each(|path| mounts::put(db, path))?;
    gone.forgotten.iter().try_for_each(|path| mounts::forget(db, path))?;
    Ok(concluded)
}

/// The breaker (R8): a root of which so many files are missing, or another disk than was scanned, so that nothing is concluded.
pub(super) fn held_root(
    db: &Db,
    shared: &Shared<'_>,
    root: &OpenRoot,
    missing: &[Candidate],
) -> Result<Option<Held>, StoreError> {
    if shared.request.mode.accept_missing {
        return Ok(None);
    }
    let count = missing.len() as u64;
    let why = if root.is_another && count >= files::count_settled_below(db, &root.path)? {
        "another disk or folder is at this path now"
    } else if shared.request.breaker.holds(count, root.recorded) {
        "so many are missing"
    } else {
        return Ok(None);
    };
    Ok(Some(Held {
        root: root.path.clone(),
        missing: count,
        recorded: root.recorded,
        why,
        examples: missing.iter().take(EXAMPLES).map(|file| file.path.clone()).collect(),
    }))
}

fn take_place(
    db: &Db,
    shared: &Shared<'_>,
    concluded: &mut Concluded,
    file: &Candidate,
    new: &Candidate,
    is_of_this_scan: bool,
) -> Result<(), StoreError> {
    let now_ns = shared.clock.now_ns();
    files::take_place(db, file.id, new.id, now_ns)?;
    history::record_move(db, file.id, Some(shared.job_id), now_ns, &file.path, &new.path)?;
    let reason = moves::reason(file);
    job_files::forget(db, shared.job_id, new.id)?;
    job_files::record(db, shared.job_id, file.id, &new.path, Happening::Moved, Some(&reason))?;
    concluded.moved += 1;
    if is_of_this_scan {
        concluded.added += 1;
        let was_read = shared.request.mode.full || !moves::is_same_inode(file, new);
        concluded.reread += u64::from(was_read && new.state == FileState::Ok);
    }
    concluded.told.push((new.path.clone(), What::Moved, Some(reason)));
    Ok(())
}

fn mark(db: &Db, shared: &Shared<'_>, concluded: &mut Concluded, file: Candidate) -> Result<(), StoreError> {
    let now_ns = shared.clock.now_ns();
    files::mark_missing(db, file.id, now_ns)?;
    history::record(db, file.id, Some(shared.job_id), now_ns, Happening::Missing, None)?;
    job_files::record(db, shared.job_id, file.id, &file.path, Happening::Missing, None)?;
    concluded.removed += 1;
    concluded.told.push((file.path, What::Missing, None));
    Ok(())
}

/// Forgets the missing files below the roots that were not held; inside the caller's transaction.
pub(super) fn prune(db: &Db, shared: &Shared<'_>, roots: &[OpenRoot], held: &[Held]) -> Result<u64, StoreError> {
    let mut pruned = 0;
    for root in roots.iter().filter(|root| held.iter().all(|held| held.root != root.path)) {
        for (id, path) in files::missing_below(db, &root.path)? {
            files::delete(db, id)?;
            history::record_pruned(db, id, Some(shared.job_id), shared.clock.now_ns(), &path)?;
            pruned += 1;
        }
    }
    Ok(pruned)
}
