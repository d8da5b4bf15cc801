//! The one open file that an introspector may read.

use std::cell::Cell;

use vpo_plugin_sdk::{introspector::Failure, source};

/// A file of known size that is read in pieces.
pub trait Media {
    /// Bytes in the file.
    fn size(&self) -> u64;

    /// Reads from an offset: fewer bytes than asked only at the end of the file, at most 1 MiB at once.
    fn read_at(&self, offset: u64, length: u32) -> Result<Vec<u8>, ReadError>;
}

/// Why bytes of a file could not be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// More calls or bytes than one file may cost.
    #[error("reading this file costs more than it may")]
    BudgetSpent,
    /// The system could not read; the text is its reason.
    #[error("{0}")]
    Failed(String),
    /// The file ends before what was asked for.
    #[error("the file ends at byte {size}, before byte {wanted}")]
    Ended { size: u64, wanted: u64 },
}

impl From<ReadError> for Failure {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Ended { size, .. } => Failure::Truncated(format!("truncated at byte {size}")),
            other => Failure::Unreadable(other.to_string()),
        }
    }
}

impl From<source::ReadError> for ReadError {
    fn from(error: source::ReadError) -> Self {
        match error {
            source::ReadError::BudgetSpent => Self::BudgetSpent,
            source::ReadError::Failed(reason) => Self::Failed(reason),
        }
    }
}

impl Media for source::Media {
    fn size(&self) -> u64 {
        source::Media::size(self)
    }

    fn read_at(&self, offset: u64, length: u32) -> Result<Vec<u8>, ReadError> {
        Ok(source::Media::read_at(self, offset, length)?)
    }
}

impl Media for [u8] {
    fn size(&self) -> u64 {
        self.len() as u64
    }

    fn read_at(&self, offset: u64, length: u32) -> Result<Vec<u8>, ReadError> {
        let start = usize::try_from(offset).unwrap_or(usize::MAX).min(self.len());
        let end = start.saturating_add(length as usize).min(self.len());
        Ok(self[start..end].to_vec())
    }
}

impl Media for Vec<u8> {
    fn size(&self) -> u64 {
        self.as_slice().size()
    }

    fn read_at(&self, offset: u64, length: u32) -> Result<Vec<u8>, ReadError> {
        self.as_slice().read_at(offset, length)
    }
}

impl<M: Media + ?Sized> Media for &M {
    fn size(&self) -> u64 {
        (**self).size()
    }

    fn read_at(&self, offset: u64, length: u32) -> Result<Vec<u8>, ReadError> {
        (**self).read_at(offset, length)
    }
}

/// A file opened natively: for tests, comparisons and benchmarks.
#[cfg(not(target_family = "wasm"))]
#[derive(Debug)]
pub struct MediaFile {
    file: std::fs::File,
    size: u64,
}

#[cfg(not(target_family = "wasm"))]
impl MediaFile {
    pub fn open(path: impl AsRef<std::path::Path>) -> std::io::Result<Self> {
        let file = std::fs::File::open(path)?;
        let size = file.metadata()?.len();
        Ok(Self { file, size })
    }
}

#[cfg(not(target_family = "wasm"))]
impl Media for MediaFile {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, offset: u64, length: u32) -> Result<Vec<u8>, ReadError> {
        use std::os::unix::fs::FileExt;

        let mut bytes = vec![0; length as usize];
        let mut filled = 0;
        while filled < bytes.len() {
            match self.file.read_at(&mut bytes[filled..], offset.saturating_add(filled as u64)) {
                Ok(0) => break,
                Ok(read) => filled += read,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(ReadError::Failed(error.to_string())),
            }
        }
        bytes.truncate(filled);
        Ok(bytes)
    }
}

/// Counts what reading costs, so that budgets can be tested.
#[derive(Debug)]
pub struct Counted<M> {
    media: M,
    calls: Cell<u64>,
    bytes: Cell<u64>,
}

impl<M: Media> Counted<M> {
    pub fn new(media: M) -> Self {
        Self { media, calls: Cell::new(0), bytes: Cell::new(0) }
    }

    /// Calls of `read_at` so far.
    pub fn calls(&self) -> u64 {
        self.calls.get()
    }

    /// Bytes handed out so far.
    pub fn bytes(&self) -> u64 {
        self.bytes.get()
    }
}

impl<M: Media> Media for Counted<M> {
    fn size(&self) -> u64 {
        self.media.size()
    }

    fn read_at(&self, offset: u64, length: u32) -> Result<Vec<u8>, ReadError> {
        let bytes = self.media.read_at(offset, length)?;
        self.calls.set(self.calls.get() + 1);
        self.bytes.set(self.bytes.get() + bytes.len() as u64);
        Ok(bytes)
    }
}
