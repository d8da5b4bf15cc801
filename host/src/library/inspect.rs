//! What is in a file, read now: no database, no profile needed.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use thiserror::Error;

use super::Library;
use crate::media::Facts;
use crate::plugins::{PluginError, ReadCost, Unread};
use crate::scan::{ReaderChoice, ReaderSet};

/// One file as it was read.
pub struct Inspected {
    pub path: PathBuf,
    /// Bytes; zero when it could not be opened.
    pub size: u64,
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
    #[error("is no file")]
    NotAFile,
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
        let mut readers = set.on_this_thread(self.plugins())?;
        for path in files {
            let inspected = match open(&self.places().working.join(path)) {
                Ok((file, size)) => {
                    let reading = readers.read(&Arc::new(file), size, &self.places().working.join(path));
                    let facts = reading.facts.map_err(InspectError::Unread);
                    Inspected { path: path.clone(), size, facts, reader: reading.reader, cost: reading.cost }
                }
                Err(error) => Inspected {
                    path: path.clone(),
                    size: 0,
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
    let file = File::open(path).map_err(InspectError::Open)?;
    let metadata = file.metadata().map_err(InspectError::Open)?;
    if !metadata.is_file() {
        return Err(InspectError::NotAFile);
    }
    Ok((file, metadata.len()))
}
