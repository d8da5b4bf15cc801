//! What is in a file, read now: no database, no profile needed.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use thiserror::Error;

use super::Library;
use crate::disk::{self, Links, NotAFile};
use crate::media::Facts;
use crate::plugins::{PluginError, ReadCost, Unread};
use crate::scan::{ReaderChoice, ReaderSet};

/// One file as it was read.
pub struct Inspected {
    pub path: PathBuf,
    /// Bytes, when it could be opened.
    pub size: Option<u64>,
    pub facts: Result<Facts, InspectError>,
    /// `name version` of the introspector.
    pub reader: Option<Arc<str>>,
    pub cost: ReadCost,
}

/// Why a file could not be inspected.
#[derive(Debug, Error)]
pub enum InspectError {
    #[error("cannot be opened")]
    Open(#[source] io::Error),
    #[error("it is a folder, and `vpo scan` is for folders")]
    Folder,
    #[error("{0}")]
    NotAFile(NotAFile),
    #[error(transparent)]
    Unread(#[from] Unread),
}

impl Library {
    /// Reads files with the given introspectors, one after the other, handing each on as it comes.
    pub fn inspect(
        &self,
        readers: &[ReaderChoice],
        files: &[PathBuf],
        mut each: impl FnMut(Inspected),
    ) -> Result<(), PluginError> {
        let set = Arc::new(ReaderSet::load(self.plugins(), readers)?);
        let mut readers = set.on_this_thread();
        for path in files {
            let inspected = match open(&self.places().working.join(path)) {
                Ok((file, size)) => {
                    let reading = readers.read(&Arc::new(file), size, &self.places().working.join(path));
                    let facts = reading.facts.map_err(InspectError::Unread);
                    Inspected {
                        path: path.clone(),
                        size: Some(size),
                        facts,
                        reader: reading.reader,
                        cost: reading.cost,
                    }
                }
                Err(error) => Inspected {
                    path: path.clone(),
                    size: None,
                    facts: Err(error),
                    reader: None,
                    cost: ReadCost::default(),
                },
            };
            each(inspected);
        }
        Ok(())
    }
}

fn open(path: &Path) -> Result<(File, u64), InspectError> {
    let file = disk::open_file(path, Links::Follow).map_err(|cause| match NotAFile::in_error(&cause) {
        Some(NotAFile::Folder) => InspectError::Folder,
        Some(other) => InspectError::NotAFile(other),
        None => InspectError::Open(cause),
    })?;
    let size = file.metadata().map_err(InspectError::Open)?.len();
    Ok((file, size))
}
