//! What a dry run says of moves and absence: what [`super::absence`] would conclude if the scan had written down what it met.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use super::absence::{Gone, held_root};
use super::moves;
use super::report::{Held, What};
use super::roots::OpenRoot;
use super::shared::Shared;
use crate::disk::Observation;
use crate::disk::hash::Hash;
use crate::store::files::{self, Candidate, FileState};
use crate::store::{Db, StoreError};

/// What a dry run has to remember of the files it met, because it writes nothing down.
#[derive(Default)]
pub(super) struct Foreseen(Mutex<Met>);

#[derive(Default)]
struct Met {
    /// New names of recorded content, by device and inode.
    names: HashMap<(u64, u64), Vec<(PathBuf, Observation)>>,
    /// New files by their sample, to be compared with missing ones.
    samples: HashMap<Vec<u8>, Vec<(PathBuf, Observation)>>,
}

impl Foreseen {
    /// The content of a recorded file was met under another name.
    pub(super) fn met_again(&self, path: &Path, observation: &Observation) {
        let inode = (observation.device, observation.inode);
        self.met().names.entry(inode).or_default().push((path.to_owned(), *observation));
    }

    /// A file was met that no row knows.
    pub(super) fn met_new(&self, path: &Path, observation: &Observation, sample: &Hash) {
        self.met().samples.entry(sample.to_vec()).or_default().push((path.to_owned(), *observation));
    }

    fn met(&self) -> std::sync::MutexGuard<'_, Met> {
        self.0.lock().expect("pushing does not panic")
    }
}

impl Met {
    /// Whether a file that is away may have been met.
    fn may_have(&self, file: &Candidate) -> bool {
        let inode = (file.observation.device, file.observation.inode);
        self.names.contains_key(&inode)
            || file.sample_hash.as_ref().is_some_and(|sample| self.samples.contains_key(sample))
    }

    /// Takes one of the new names of the content of a missing file.
    fn take_name(&mut self, file: &Candidate) -> Option<PathBuf> {
        let names = self.names.get_mut(&(file.observation.device, file.observation.inode))?;
        let place = names.iter().position(|(_, found)| moves::is_one_inode(&file.observation, found))?;
        Some(names.swap_remove(place).0)
    }

    /// Finds the new file that has the sample of a missing one, and its inode or no rival on either side.
    fn place_of(&self, file: &Candidate, rivals: &HashMap<Vec<u8>, usize>) -> Option<&Path> {
        let sample = file.sample_hash.as_ref()?;
        let alike = self.samples.get(sample)?;
        let same_inode = alike.iter().find(|(_, found)| moves::is_one_inode(&file.observation, found));
        let only = || match alike.as_slice() {
            [only] if rivals.get(sample) == Some(&1) => Some(only),
            _ => None,
        };
        same_inode.or_else(only).map(|(path, _)| path.as_path())
    }
}

/// Says what would be concluded: moves, and what would be missing. Counts and tells it; returns the roots that would be held.
pub(super) fn foresee(db: &Db, shared: &Shared<'_>, roots: &[OpenRoot], gone: &Gone) -> Result<Vec<Held>, StoreError> {
    let progress = shared.progress;
    let mut met = std::mem::take(&mut *shared.foreseen.met());
    let moved = to_recorded_places(db, shared, roots, gone)?;
    let mut candidates = files::all_of(db, &gone.files)?;
    candidates.retain(|file| !moved.contains(&file.id));
    let newly_gone = candidates.len();
    moves::each_away(db, &gone.unmounted, |file| {
        if met.may_have(&file) && !moved.contains(&file.id) {
            candidates.push(file);
        }
    })?;
    let rivals = moves::rivals(candidates.iter());
    let mut missing: BTreeMap<usize, Vec<Candidate>> = BTreeMap::new();
    for (place, file) in candidates.into_iter().enumerate() {
        if let Some(new) = met.take_name(&file) {
            progress.added.take(1);
            tell_move(shared, &file, &new);
        } else if let Some(new) = met.place_of(&file, &rivals) {
            progress.added.take(1);
            // One that cannot be read stays an error wherever it is.
            progress.scanned.take(u64::from(file.state == FileState::Ok));
            tell_move(shared, &file, new);
        } else if place < newly_gone {
            let root = roots.iter().position(|root| file.path.starts_with(&root.path)).unwrap_or(0);
            missing.entry(root).or_default().push(file);
        }
    }
    let mut held = Vec::new();
    for (root, files) in missing {
        if let Some(root) = held_root(db, shared, &roots[root], &files)? {
            held.push(root);
            continue;
        }
        progress.removed.add(files.len() as u64);
        files.into_iter().for_each(|file| shared.tell(file.path, What::Missing, None));
    }
    Ok(held)
}

/// Foresees the moves to places that a scan recorded that was stopped then. Returns the files that moved, by row.
fn to_recorded_places(
    db: &Db,
    shared: &Shared<'_>,
    roots: &[OpenRoot],
    gone: &Gone,
) -> Result<HashSet<i64>, StoreError> {
    let mut moves = gone.moves(db, shared, roots)?;
    let mut moved = HashSet::new();
    for sought in moves.sought(db, &gone.files, &gone.unmounted)? {
        if let Some(new) = moves.place_of(db, &sought)? {
            tell_move(shared, &sought.file, &new.path);
            moved.insert(sought.file.id);
        }
    }
    Ok(moved)
}

fn tell_move(shared: &Shared<'_>, file: &Candidate, new: &Path) {
    shared.progress.moved.add(1);
    shared.tell(new.to_owned(), What::Moved, Some(moves::reason(file)));
}
