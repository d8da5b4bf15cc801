//! What has only moved (R10): a missing and a new file that are one, so that its id and its story stay.
//!
//! The sample decides. Where several files have the same one, the inode tells which is which, and where it cannot, no guess
//! is made. New are the files that were first seen after the last complete scan, so that a scan that was stopped after it
//! had met a file at its new place costs nothing.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use super::roots::OpenRoot;
use super::shared::Shared;
use crate::disk::Observation;
use crate::store::files::{self, Candidate, Newcomer};
use crate::store::{Db, StoreError, roots as root_rows};

/// The new files by what they may be known by; a few bytes for each of them.
#[derive(Default)]
pub(super) struct Moves {
    /// Beginning of the sample, and row; sorted.
    by_sample: Vec<(u64, i64)>,
    /// Inode, and row; sorted.
    by_inode: Vec<(u64, i64)>,
    /// The last file that was recorded before this scan.
    last_file: i64,
    /// Files recorded before it, below its roots, by scans that were stopped before they concluded anything.
    unconcluded: HashSet<i64>,
    /// How many files have the same sample and are not where they were.
    rivals: HashMap<Vec<u8>, usize>,
}

/// A file that is not where it was.
pub(super) struct Sought {
    pub file: Candidate,
    /// The root that it is newly missing from; none for a file that was away before this scan, or whose disk is.
    pub root: Option<usize>,
}

/// When the files that count as new were first seen, at the earliest: by root.
pub(super) fn since<'a>(
    db: &Db,
    shared: &Shared<'_>,
    roots: &'a [OpenRoot],
) -> Result<Vec<(&'a Path, i64)>, StoreError> {
    let since = |root: &'a OpenRoot| {
        let completed = root_rows::find(db, &root.path)?.and_then(|known| known.last_complete_scan_ns);
        Ok((root.path.as_path(), completed.unwrap_or(shared.started_ns)))
    };
    roots.iter().map(since).collect()
}

impl Moves {
    /// Takes note of the new files.
    pub(super) fn between(db: &Db, since: &[(&Path, i64)], last_file: i64) -> Result<Self, StoreError> {
        let mut moves = Self { last_file, ..Self::default() };
        let mut roots_of_folders = HashMap::new();
        let earliest_ns = since.iter().map(|(_, since_ns)| *since_ns).min().unwrap_or(i64::MAX);
        files::each_newcomer(db, earliest_ns, |Newcomer { id, folder_id, first_seen_ns, inode, sample }| {
            if let Some(sample) = sample {
                moves.by_sample.push((beginning(sample), id));
            }
            if inode != 0 {
                moves.by_inode.push((inode, id));
            }
            if id <= last_file {
                let since_ns = match roots_of_folders.get(&folder_id) {
                    Some(known) => *known,
                    None => {
                        let folder = files::folder_path(db, folder_id)?;
                        let root = since.iter().find(|(root, _)| folder.starts_with(root));
                        *roots_of_folders.entry(folder_id).or_insert(root.map(|(_, since_ns)| *since_ns))
                    }
                };
                if since_ns.is_some_and(|since_ns| first_seen_ns >= since_ns) {
                    moves.unconcluded.insert(id);
                }
            }
            Ok(())
        })?;
        moves.by_sample.sort_unstable();
        moves.by_inode.sort_unstable();
        Ok(moves)
    }

    /// The files that are gone, and those away for longer, or with their disk, that may be elsewhere now.
    pub(super) fn sought(
        &mut self,
        db: &Db,
        gone: &[(i64, usize)],
        unmounted: &[PathBuf],
    ) -> Result<Vec<Sought>, StoreError> {
        let mut sought = Vec::with_capacity(gone.len());
        for (id, root) in gone {
            sought.extend(files::find(db, *id)?.map(|file| Sought { file, root: Some(*root) }));
        }
        if !self.by_sample.is_empty() || !self.by_inode.is_empty() {
            each_away(db, unmounted, |file| {
                let sample = file.sample_hash.as_deref().map_or(0, beginning);
                if self
                    .found(&self.by_sample, sample, None)
                    .chain(self.found(&self.by_inode, file.observation.inode, None))
                    .next()
                    .is_some()
                {
                    sought.push(Sought { file, root: None });
                }
            })?;
        }
        self.rivals = rivals(sought.iter().map(|sought| &sought.file));
        Ok(sought)
    }

    /// Finds the new place of a file.
    pub(super) fn place_of(&self, db: &Db, sought: &Sought) -> Result<Option<Candidate>, StoreError> {
        let Sought { file, root } = sought;
        for id in self.found(&self.by_inode, file.observation.inode, *root) {
            let new = files::find(db, id)?;
            if let Some(new) = new.filter(|new| is_same_inode(file, new) && has_same_content(file, new)) {
                return Ok(Some(new));
            }
        }
        let Some(sample) = &file.sample_hash else { return Ok(None) };
        let mut alike = self.found(&self.by_sample, beginning(sample), *root);
        match (alike.next(), alike.next(), self.rivals.get(sample)) {
            (Some(id), None, Some(1)) => {
                Ok(files::find(db, id)?.filter(|new| new.sample_hash.as_ref() == Some(sample)))
            }
            _ => Ok(None),
        }
    }

    /// The new files in a sorted list that have a key. A file that was missing before this scan, so of no root, did not
    /// come back as one that an earlier scan had met and concluded about.
    fn found<'a>(&'a self, sorted: &'a [(u64, i64)], key: u64, root: Option<usize>) -> impl Iterator<Item = i64> + 'a {
        let from = sorted.partition_point(|(other, _)| *other < key);
        let equal = sorted[from..].iter().take_while(move |(other, _)| *other == key);
        let may_be_it = move |id: &i64| root.is_some() || *id > self.last_file || self.unconcluded.contains(id);
        equal.map(|(_, id)| *id).filter(may_be_it)
    }
}

/// Hands over the files that are missing, and those of disks that are not mounted now.
pub(super) fn each_away(db: &Db, unmounted: &[PathBuf], mut each: impl FnMut(Candidate)) -> Result<(), StoreError> {
    files::each_missing(db, &mut each)?;
    unmounted.iter().try_for_each(|mount| files::each_present_below(db, mount, &mut each))
}

/// How many missing files have the same sample: several are rivals, and no guess is made between them.
pub(super) fn rivals<'a>(candidates: impl Iterator<Item = &'a Candidate>) -> HashMap<Vec<u8>, usize> {
    let mut rivals = HashMap::new();
    for sample in candidates.filter_map(|file| file.sample_hash.as_ref()) {
        *rivals.entry(sample.clone()).or_default() += 1;
    }
    rivals
}

/// Why a file stands where it does now, for people.
pub(super) fn reason(file: &Candidate) -> String {
    format!("from {}", crate::media::text::path(&file.path))
}

/// Whether two rows were observed at one inode with one size and time.
pub(super) fn is_same_inode(file: &Candidate, new: &Candidate) -> bool {
    is_one_inode(&file.observation, &new.observation)
}

pub(super) fn is_one_inode(old: &Observation, new: &Observation) -> bool {
    let is_same = (old.inode, old.device, old.size, old.mtime_ns) == (new.inode, new.device, new.size, new.mtime_ns);
    is_same && old.inode != 0
}

/// Inodes are given again, so that the sample has to agree; what the earlier program recorded has none.
fn has_same_content(file: &Candidate, new: &Candidate) -> bool {
    file.sample_hash.is_none() || file.sample_hash == new.sample_hash
}

fn beginning(sample: &[u8]) -> u64 {
    sample.first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes))
}
