//! The story of a file, as people ask for it: by path.

use std::path::{Path, PathBuf};

use super::Library;
use crate::media::text;
use crate::store::history::{self, Event};
use crate::store::{Store, StoreError};

#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    #[error("nothing is recorded of {}", text::path(.path))]
    Unknown { path: PathBuf },
    #[error("the history could not be read")]
    Store(#[from] StoreError),
}

/// What happened to a file that is, or was, at a path.
#[derive(Debug, Clone)]
pub struct FileStory {
    pub file_id: i64,
    /// Where it is now; `None` when it was forgotten.
    pub path: Option<PathBuf>,
    /// Oldest first.
    pub events: Vec<Event>,
}

impl Library {
    /// The stories of the files that are or were at a path: of the one that is there first.
    pub fn history(&self, path: &Path) -> Result<Vec<FileStory>, HistoryError> {
        let path = self.settled_path(path);
        let db = Store::open_to_read(&self.places.database)?.reader()?;
        let ids = history::files_at(&db, &path)?;
        if ids.is_empty() {
            return Err(HistoryError::Unknown { path });
        }
        let stories = ids
            .into_iter()
            .map(|file_id| {
                Ok(FileStory {
                    file_id,
                    path: history::path_of_file(&db, file_id)?,
                    events: history::of_file(&db, file_id)?,
                })
            })
            .collect::<Result<_, StoreError>>()?;
        Ok(stories)
    }

    /// A path as scans record it: absolute, the folder without links; the file itself need not exist any more.
    pub(super) fn settled_path(&self, path: &Path) -> PathBuf {
        let path = self.places.working.join(path);
        match (path.parent().and_then(|folder| folder.canonicalize().ok()), path.file_name()) {
            (Some(folder), Some(name)) => folder.join(name),
            _ => path.components().collect(),
        }
    }
}
