//! What can go wrong with the database, told apart by what a person could do about it.

use std::io;
use std::path::PathBuf;

use rusqlite::ErrorCode;

use crate::media::text;

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("the folder {} cannot be made", text::path(.path))]
    Folder {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("the database {} cannot be made", text::path(.path))]
    Create {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("the database {} cannot be opened", text::path(.path))]
    Open {
        path: PathBuf,
        #[source]
        source: rusqlite::Error,
    },
    #[error("{} is damaged or no database; nothing was written to it", text::path(.path))]
    NotADatabase { path: PathBuf },
    #[error("{} is a database of another program", text::path(.path))]
    Foreign { path: PathBuf },
    #[error("{} has version {found}, made by a newer vpo; this one knows versions up to {known}", text::path(.path))]
    Newer { path: PathBuf, found: i64, known: i64 },
    #[error("{} has version {found} of the earlier program, which cannot be upgraded; the oldest that can is 6", text::path(.path))]
    TooOld { path: PathBuf, found: i64 },
    #[error("{} says that it has version {version} and lacks {lacks}: another build of vpo made it, or it was changed by hand; move it away and scan again, or use that build", text::path(.path))]
    OtherLayout { path: PathBuf, version: i64, lacks: String },
    #[error("the database {} cannot be written: its disk or folder is read-only", text::path(.path))]
    ReadOnly { path: PathBuf },
    #[error("no backup could be made of {} before its upgrade; it is as it was", text::path(.path))]
    Backup {
        path: PathBuf,
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    #[error("the database {} could not be upgraded; it is as it was", text::path(.path))]
    Upgrade {
        path: PathBuf,
        #[source]
        source: Box<StoreError>,
    },
    #[error("another process is writing to the database")]
    Busy,
    #[error("the disk of the database is full")]
    Full,
    #[error("the database is damaged")]
    Damaged(#[source] rusqlite::Error),
    #[error("the database is read-only")]
    Unwritable(#[source] rusqlite::Error),
    #[error("the database refused")]
    Refused(#[source] rusqlite::Error),
    #[error("what is recorded in {column} is not readable")]
    Unreadable {
        column: &'static str,
        #[source]
        source: serde_json::Error,
    },
}

impl StoreError {
    /// Another process holds the lock; trying again later is all there is to do.
    pub fn is_busy(&self) -> bool {
        matches!(self, Self::Busy)
    }

    pub(super) fn opening(path: &std::path::Path, error: rusqlite::Error) -> Self {
        let path = path.to_owned();
        match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => Self::NotADatabase { path },
            Some(ErrorCode::ReadOnly) => Self::ReadOnly { path },
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy,
            _ => Self::Open { path, source: error },
        }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy,
            Some(ErrorCode::DiskFull) => Self::Full,
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => Self::Damaged(error),
            Some(ErrorCode::ReadOnly) => Self::Unwritable(error),
            _ => Self::Refused(error),
        }
    }
}
