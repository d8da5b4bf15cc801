//! What flows between the stages of a scan.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::disk::hash::Hash;
use crate::disk::{FilesystemClass, Observation};
use crate::media::Facts;
use crate::plugins::detector::{Evidence, Sighting};

/// Where a file is: its folder is shared by all files in it.
#[derive(Debug, Clone)]
pub struct Place {
    pub folder: Arc<Path>,
    pub name: OsString,
}

impl Place {
    pub fn path(&self) -> PathBuf {
        self.folder.join(&self.name)
    }
}

/// The row of a file that is recorded.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    pub id: i64,
    /// It is marked as missing, and is there.
    pub was_missing: bool,
}

/// A file that has to be opened.
pub struct Work {
    pub place: Place,
    /// Its row, when it has one.
    pub known: Option<Row>,
    pub filesystem: FilesystemClass,
    pub why: Why,
}

/// Why a file has to be opened.
pub enum Why {
    New,
    /// It has the inode, size and modification time of this recorded file; its sample tells whether it is that.
    Alias(i64),
    /// In a few words.
    Changed(String),
    /// The detector wants to see a hash before it decides.
    Compare(Evidence, Box<Sighting>),
}

/// What the writer is told of a file. Files that are as recorded are only counted.
pub enum Outcome {
    Read(Box<Read>),
    /// The content is as recorded, under a new observation.
    Touched {
        row: Row,
        place: Place,
        observation: Observation,
        full_hash: Option<Hash>,
    },
    /// Another name of content that is recorded.
    Alias {
        place: Place,
        observation: Observation,
        of: i64,
    },
    Damaged {
        row: Row,
        place: Place,
    },
    Unstable {
        known: Option<Row>,
        place: Place,
    },
}

/// A file that was read, or could not be.
pub struct Read {
    pub place: Place,
    pub known: Option<Row>,
    pub reason: Option<String>,
    /// It was read again and is what is recorded of it.
    pub is_as_recorded: bool,
    pub observation: Observation,
    pub observed_ns: i64,
    pub facts: Result<Facts, String>,
    pub reader: Option<Arc<str>>,
    pub sample_hash: Option<Hash>,
    pub full_hash: Option<Hash>,
}

impl Read {
    /// Of a file that could not be read at all.
    pub fn failed(place: Place, known: Option<Row>, observation: Observation, observed_ns: i64, error: String) -> Self {
        Self {
            place,
            known,
            reason: None,
            is_as_recorded: false,
            observation,
            observed_ns,
            facts: Err(error),
            reader: None,
            sample_hash: None,
            full_hash: None,
        }
    }
}
