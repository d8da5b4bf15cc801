//! Why a scan did not happen, or stopped.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use super::roots::Offline;
use super::select::BadPattern;
use crate::media::text;
use crate::plugins::PluginError;
use crate::store::StoreError;

#[derive(Debug, Error)]
pub enum ScanError {
    #[error("no folder to scan was named")]
    NoFolder,
    #[error("the folder {} cannot be read", text::path(.path))]
    Unreadable {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("{} is no folder", text::path(.path))]
    NotAFolder { path: PathBuf },
    /// R6: a root that does not look like itself is not judged.
    #[error("{0}; nothing was changed")]
    Offline(Offline),
    #[error(transparent)]
    Glob(#[from] BadPattern),
    #[error(transparent)]
    Plugin(#[from] PluginError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("a thread of the scan stopped: {0}")]
    Thread(String),
}
