//! Files as they are recorded: where they are, the observation their facts belong to, and their state.

mod find;
mod folders;
mod record;

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rusqlite::Row;

use crate::disk::Observation;
use crate::disk::hash::Hash;

pub use find::{
    Failure, Hashes, Newcomer, all_of, count_settled_below, count_unreadable_below, each_missing, each_newcomer,
    each_present_below, error_at, find, find_at, find_same, find_same_failure, hashes, in_folder, is_any_missing, last,
    missing_below, present_in,
};
pub use folders::{find_folder, folder, folder_path, folders, folders_below, last_folder};
pub use record::{
    add, add_alias, delete, mark_missing, mark_present, move_to, set_full_hash, take_place, touch, update,
};

/// Whether facts of a file are recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileState {
    /// Facts are recorded.
    Ok,
    /// Reading failed; it is tried again at every scan.
    Error,
    /// Known but never read.
    Pending,
}

impl FileState {
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Error => "error",
            Self::Pending => "pending",
        }
    }

    fn from_name(name: &str) -> Self {
        match name {
            "ok" => Self::Ok,
            "error" => Self::Error,
            _ => Self::Pending,
        }
    }
}

/// A file of a folder, as far as a scan needs it to decide.
#[derive(Debug, Clone)]
pub struct Known {
    pub id: i64,
    pub observation: Observation,
    /// When the observation was made.
    pub observed_ns: i64,
    pub state: FileState,
    pub is_missing: bool,
}

/// What is to be recorded of a file that was read, or could not be.
pub struct Record<'a> {
    pub observation: &'a Observation,
    pub observed_ns: i64,
    pub state: FileState,
    /// Why reading failed.
    pub error: Option<&'a str>,
    /// `name version` of the introspector.
    pub reader: Option<&'a str>,
    pub sample_hash: Option<&'a Hash>,
    pub full_hash: Option<&'a Hash>,
}

/// A missing or new file, as far as moves are recognised by it.
#[derive(Debug, Clone)]
pub struct Candidate {
    pub id: i64,
    pub path: PathBuf,
    pub observation: Observation,
    pub sample_hash: Option<Vec<u8>>,
    pub state: FileState,
}

/// The paths below a folder are those after `folder/` and before `folder0`, because `0` follows `/`.
pub(super) fn range_below(folder: &Path) -> (Vec<u8>, Vec<u8>) {
    let mut from = folder.as_os_str().as_bytes().to_vec();
    if from.last() == Some(&b'/') {
        from.pop();
    }
    let mut to = from.clone();
    from.push(b'/');
    to.push(b'0');
    (from, to)
}

/// Reads the columns id, path of the folder, name, the six of the observation, sample hash and state.
pub(super) fn candidate(row: &Row<'_>) -> Result<Candidate, rusqlite::Error> {
    Ok(Candidate {
        id: row.get(0)?,
        path: path(row, 1)?,
        observation: observation(row, 3)?,
        sample_hash: row.get(9)?,
        state: FileState::from_name(row.get_ref(10)?.as_str()?),
    })
}

/// Joins the path of a folder and a name that stand in neighbouring columns.
fn path(row: &Row<'_>, column: usize) -> Result<PathBuf, rusqlite::Error> {
    let folder = Path::new(OsStr::from_bytes(row.get_ref(column)?.as_blob()?));
    Ok(folder.join(OsStr::from_bytes(row.get_ref(column + 1)?.as_blob()?)))
}

/// Reads the six columns of an observation.
fn observation(row: &Row<'_>, column: usize) -> Result<Observation, rusqlite::Error> {
    Ok(Observation {
        size: row.get::<_, i64>(column)? as u64,
        mtime_ns: row.get(column + 1)?,
        ctime_ns: row.get(column + 2)?,
        inode: row.get::<_, i64>(column + 3)? as u64,
        device: row.get::<_, i64>(column + 4)? as u64,
        links: row.get(column + 5)?,
    })
}
