//! What is missing, what has only moved, and when so much is missing that a person should look (R7–R10).
//!
//! Absence is concluded after the walk, in one transaction, and only for files of folders that were read completely.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use super::report::{Held, What};
use super::roots::OpenRoot;
use super::{Foreseen, Shared};
use crate::disk::hash;
use crate::store::files::{self, Candidate};
use crate::store::{Db, Happening, StoreError, history, job_files};

/// Missing files that a held root names, for people to recognise what happened.
const EXAMPLES: usize = 5;

/// What the walkers learn about absence.
pub(super) struct Absence {
    /// The last folder that was recorded before the walk; later ones were met by it.
    last_folder: i64,
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
}

impl Absence {
    /// Prepares to learn, before the walk.
    pub(super) fn before_walk(db: &Db) -> Result<Self, StoreError> {
        Ok(Self { last_folder: files::last_folder(db)?, state: Mutex::default() })
    }

    /// A recorded folder was read completely; these files of it were not there.
    pub(super) fn visited(&self, folder_id: i64, root: usize, gone: impl Iterator<Item = i64>) {
        let mut state = self.state.lock().expect("pushing does not panic");
        state.judged.insert(folder_id);
        state.gone.extend(gone.map(|id| (id, root)));
    }

    /// A recorded folder was not read completely.
    pub(super) fn keep(&self, folder_id: i64) {
        self.state.lock().expect("pushing does not panic").judged.insert(folder_id);
    }

    /// Nothing is concluded at or below a path.
    pub(super) fn keep_below(&self, path: &Path) {
        self.state.lock().expect("pushing does not panic").kept.push(path.to_owned());
    }

    /// Concludes which files are gone: those the walk missed, and all files of recorded folders that the walk never met
    /// and that nothing keeps.
    pub(super) fn conclude(self, db: &Db, roots: &[OpenRoot]) -> Result<Vec<(i64, usize)>, StoreError> {
        let last_folder = self.last_folder;
        let State { judged, mut gone, kept } = self.state.into_inner().expect("pushing does not panic");
        let kept: HashSet<PathBuf> = kept.into_iter().collect();
        for (index, root) in roots.iter().enumerate() {
            let mut unmet = Vec::new();
            files::folders_below(db, &root.path, |id, path| {
                if id <= last_folder && !judged.contains(&id) && !path.ancestors().any(|folder| kept.contains(folder)) {
                    unmet.push(id);
                }
                Ok(())
            })?;
            for folder in unmet {
                gone.extend(files::present_in(db, folder)?.into_iter().map(|id| (id, index)));
            }
        }
        Ok(gone)
    }
}

/// What came of the files that are gone.
#[derive(Default)]
pub(super) struct Concluded {
    pub held: Vec<Held>,
    told: Vec<(PathBuf, What, Option<String>)>,
    moved: u64,
    removed: u64,
    /// Moves of files that had been read as new ones.
    reread: u64,
}

impl Concluded {
    /// Counts and tells what was concluded, once it is committed.
    pub(super) fn tell(&mut self, shared: &Shared<'_>) {
        shared.progress.moved.add(self.moved);
        shared.progress.added.take(self.moved);
        shared.progress.removed.add(self.removed);
        shared.progress.scanned.take(self.reread);
        for (path, what, reason) in self.told.drain(..) {
            shared.tell(path, what, reason);
        }
    }
}

/// Recognises moves, holds the breaker, and marks the rest as missing; inside the caller's transaction.
pub(super) fn settle(
    db: &Db,
    shared: &Shared<'_>,
    roots: &[OpenRoot],
    gone: Vec<(i64, usize)>,
) -> Result<Concluded, StoreError> {
    let mut concluded = Concluded::default();
    let mut missing: BTreeMap<usize, Vec<Candidate>> = BTreeMap::new();
    let candidates = found(db, gone)?;
    let rivals = rivals(&candidates);
    for (file, root) in candidates {
        match moved_to(db, shared, &file, &rivals)? {
            Some(new) => take_place(db, shared, &mut concluded, &file, &new)?,
            None => missing.entry(root).or_default().push(file),
        }
    }
    for (root, mut files) in missing {
        files.sort_unstable_by(|one, other| one.path.cmp(&other.path));
        if let Some(root) = held_root(shared, &roots[root], &files) {
            concluded.held.push(root);
            continue;
        }
        for file in files {
            mark(db, shared, &mut concluded, file)?;
        }
    }
    Ok(concluded)
}

/// Says what [`settle`] would conclude: moves, and what would be missing. Counts and tells it; returns the roots that would
/// be held.
pub(super) fn foresee(
    db: &Db,
    shared: &Shared<'_>,
    roots: &[OpenRoot],
    gone: Vec<(i64, usize)>,
) -> Result<Vec<Held>, StoreError> {
    let Foreseen { met_again, new_by_size } =
        std::mem::take(&mut *shared.foreseen.lock().expect("nobody panics while foreseeing"));
    let candidates = found(db, gone)?;
    let rivals = rivals(&candidates);
    let mut missing: BTreeMap<usize, Vec<Candidate>> = BTreeMap::new();
    for (file, root) in candidates {
        if met_again.contains(&file.id) {
            shared.progress.moved.add(1);
            shared.progress.added.take(1);
            shared.tell(file.path, What::Moved, Some("its content is under another name now".to_owned()));
        } else if let Some(new) = foreseen_place(&file, &new_by_size, &rivals) {
            shared.progress.moved.add(1);
            shared.progress.added.take(1);
            shared.progress.scanned.take(1);
            shared.tell(new, What::Moved, Some(format!("from {}", crate::media::text::path(&file.path))));
        } else {
            missing.entry(root).or_default().push(file);
        }
    }
    let mut held = Vec::new();
    for (root, files) in missing {
        if let Some(root) = held_root(shared, &roots[root], &files) {
            held.push(root);
            continue;
        }
        shared.progress.removed.add(files.len() as u64);
        files.into_iter().for_each(|file| shared.tell(file.path, What::Missing, None));
    }
    Ok(held)
}

/// Finds the new file that has the sample of a missing one, with no rival on either side.
fn foreseen_place(
    file: &Candidate,
    new_by_size: &HashMap<u64, Vec<PathBuf>>,
    rivals: &HashMap<Vec<u8>, usize>,
) -> Option<PathBuf> {
    let sample = file.sample_hash.as_ref()?;
    if rivals.get(sample) != Some(&1) {
        return None;
    }
    let size = file.observation.size;
    let has_sample = |path: &&PathBuf| {
        File::open(path).and_then(|film| hash::sample(&film, size)).is_ok_and(|found| found[..] == sample[..])
    };
    let mut alike = new_by_size.get(&size)?.iter().filter(has_sample);
    match (alike.next(), alike.next()) {
        (Some(new), None) => Some(new.clone()),
        _ => None,
    }
}

/// The rows of files that are gone, with their roots.
fn found(db: &Db, gone: Vec<(i64, usize)>) -> Result<Vec<(Candidate, usize)>, StoreError> {
    gone.into_iter()
        .filter_map(|(id, root)| files::find(db, id).transpose().map(|found| found.map(|file| (file, root))))
        .collect()
}

/// The breaker: a root of which so many files are missing that nothing is concluded.
fn held_root(shared: &Shared<'_>, root: &OpenRoot, missing: &[Candidate]) -> Option<Held> {
    let count = missing.len() as u64;
    let is_held = shared.request.breaker.holds(count, root.recorded) && !shared.request.mode.accept_missing;
    is_held.then(|| Held {
        root: root.path.clone(),
        missing: count,
        recorded: root.recorded,
        examples: missing.iter().take(EXAMPLES).map(|file| file.path.clone()).collect(),
    })
}

/// How many missing files have the same sample: several are rivals, and no guess is made between them.
fn rivals(candidates: &[(Candidate, usize)]) -> HashMap<Vec<u8>, usize> {
    let mut rivals = HashMap::new();
    for (file, _) in candidates {
        if let Some(sample) = &file.sample_hash {
            *rivals.entry(sample.clone()).or_default() += 1;
        }
    }
    rivals
}

/// Finds the new path of a missing file: the same inode, size and time; or the same sample, with no rival on either side.
fn moved_to(
    db: &Db,
    shared: &Shared<'_>,
    file: &Candidate,
    rivals: &HashMap<Vec<u8>, usize>,
) -> Result<Option<Candidate>, StoreError> {
    let found = files::new_like(db, file, shared.started_ns)?;
    let is_same_inode = |new: &&Candidate| {
        let (old, new) = (&file.observation, &new.observation);
        (old.inode, old.device, old.mtime_ns) == (new.inode, new.device, new.mtime_ns) && old.inode != 0
    };
    if let Some(new) = found.iter().find(is_same_inode) {
        return Ok(Some(new.clone()));
    }
    let Some(sample) = &file.sample_hash else { return Ok(None) };
    let mut alike = found.into_iter().filter(|new| new.sample_hash.as_ref() == Some(sample));
    Ok(match (alike.next(), alike.next(), rivals.get(sample)) {
        (Some(new), None, Some(1)) => Some(new),
        _ => None,
    })
}

fn take_place(
    db: &Db,
    shared: &Shared<'_>,
    concluded: &mut Concluded,
    file: &Candidate,
    new: &Candidate,
) -> Result<(), StoreError> {
    let now_ns = shared.clock.now_ns();
    files::take_place(db, file.id, new.id, now_ns)?;
    history::record_move(db, file.id, Some(shared.job_id), now_ns, &file.path, &new.path)?;
    let reason = format!("from {}", crate::media::text::path(&file.path));
    job_files::forget(db, shared.job_id, new.id)?;
    job_files::record(db, shared.job_id, file.id, &new.path, Happening::Moved, Some(&reason))?;
    concluded.moved += 1;
    if (file.observation.inode, file.observation.device) != (new.observation.inode, new.observation.device) {
        concluded.reread += 1;
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
