//! The one door that the program, and later a service, uses.
//!
//! Nothing is opened until it is needed: a command that only lists jobs touches neither plugins nor profiles.

use std::path::PathBuf;

/// Where the parts of a library are. Absolute paths, chosen by whoever opens the door.
#[derive(Debug, Clone)]
pub struct Places {
    /// Folder of vpo's own files.
    pub home: PathBuf,
    /// Home folder of the user, for `~` in profiles.
    pub user_home: Option<PathBuf>,
    /// Folder that relative paths of the command line start from.
    pub working: PathBuf,
    pub config: PathBuf,
    pub database: PathBuf,
    /// Searched in order.
    pub profile_folders: Vec<PathBuf>,
    /// Where a user drops components; searched in order.
    pub plugin_folders: Vec<PathBuf>,
    /// Compiled components, per user.
    pub cache: PathBuf,
}

/// All that one database knows, and the means to change it.
pub struct Library {
    places: Places,
}

impl Library {
    /// Names a library; touches nothing.
    pub fn new(places: Places) -> Self {
        Self { places }
    }

    pub fn places(&self) -> &Places {
        &self.places
    }
}
