//! The one door that the program, and later a service, uses.
//!
//! Nothing is opened until it is needed: a command that only lists jobs touches neither plugins nor profiles.

mod apply;
mod check;
mod choose;
mod decide;
mod doctor;
mod file_end;
mod foresight;
mod history;
mod inspect;
mod install;
mod jobs;
mod originals;
mod plugins;
mod plan;
mod prepare;
mod promise;
mod scan;
mod scope;
mod sweep;
mod task;
mod tools;
mod trial;
mod undo;
mod warnings;
mod way_back;
mod workshop;

pub use check::Finding;
pub use check::cost::Cost;
pub use choose::{Choice, ChoiceError};
pub use decide::{Deciders, NoPlan};
pub use doctor::{Database, Examination, Program, RootHealth};
pub use file_end::{ApplyReport, FileEnd, Outcome};
pub use history::{FileStory, HistoryError};
pub use inspect::{InspectError, Inspected};
pub use install::{InstallError, Installed};
pub use jobs::{JobLookup, JobReport};
pub use originals::{Original, OriginalState, Released};
pub use plan::{KnownAs, Obstacle, PlanFailure, PlannedFile, Refused, keep_policies};
pub use plugins::{PluginReport, PluginRow};
pub use prepare::options_of;
pub use promise::Promise;
pub use scan::{ScanAsk, ScanFailure, ScanReport, ScanWatch};
pub use task::{TaskFailure, TaskJob};
pub use trial::{Answered, TrialError, Tried};
pub use undo::{NoUndo, PlannedUndo, UndoWatch};
pub use way_back::Barred;
pub use workshop::{ApplyFailure, ApplyWatch};

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::OnceLock;

use crate::jobs::JobRequest;
use crate::plugins::{Limits, Lock, Plugins};
use crate::store::jobs::JobType;

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
    /// Folders in which external programs are looked for, as the system writes them.
    pub search_path: Option<OsString>,
}

/// All that one database knows, and the means to change it.
pub struct Library {
    places: Places,
    asked: Asked,
    plugins: OnceLock<Plugins>,
}

/// What the person asked for, for the record of jobs.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// Words that [`path_text`](crate::disk::path_text) reads, because paths are among them.
    pub argv: Vec<String>,
    /// The job that this one tries again.
    pub again: Option<String>,
}

impl Library {
    /// Names a library; touches nothing.
    pub fn new(places: Places) -> Self {
        Self { places, asked: Asked::default(), plugins: OnceLock::new() }
    }

    /// Notes what was asked for; jobs record it.
    pub fn asked(mut self, asked: Asked) -> Self {
        self.asked = asked;
        self
    }

    /// The same door with another database behind it.
    pub fn at_database(mut self, path: PathBuf) -> Self {
        self.places.database = path;
        self
    }

    /// A request for a job of this type under a choice, with what was asked for filled in.
    fn job_request(&self, job_type: JobType, choice: &Choice) -> JobRequest {
        JobRequest {
            argv: self.asked.argv.clone(),
            parent: self.asked.again.clone(),
            working: Some(self.places.working.clone()),
            profile: choice.profile.name.clone(),
            settings: serde_json::to_value(choice.settings.rows()).ok(),
            plugins: self.plugins_used(job_type, choice),
            log_file: choice.settings.logging.file.value.clone(),
            ..JobRequest::new(job_type)
        }
    }

    pub fn places(&self) -> &Places {
        &self.places
    }

    /// The plugins that this library can use.
    pub fn plugins(&self) -> &Plugins {
        self.plugins.get_or_init(|| {
            let lock = Lock::new(self.places.home.join("plugins.lock.kdl"));
            Plugins::new(self.places.plugin_folders.clone(), self.places.cache.clone(), lock, Limits::default())
        })
    }
}
