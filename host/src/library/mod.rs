//! The one door that the program, and later a service, uses.
//!
//! Nothing is opened until it is needed: a command that only lists jobs touches neither plugins nor profiles.

mod inspect;

pub use inspect::{InspectError, Inspected};

use std::path::PathBuf;
use std::sync::OnceLock;

use crate::plugins::{Limits, Plugins};

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
    plugins: OnceLock<Plugins>,
}

impl Library {
    /// Names a library; touches nothing.
    pub fn new(places: Places) -> Self {
        Self { places, plugins: OnceLock::new() }
    }

    pub fn places(&self) -> &Places {
        &self.places
    }

    /// The plugins that this library can use.
    pub fn plugins(&self) -> &Plugins {
        self.plugins.get_or_init(|| {
            Plugins::new(self.places.plugin_folders.clone(), self.places.cache.clone(), Limits::default())
        })
    }
}
