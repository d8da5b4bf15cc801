//! What vpo can rely on here: programs, the database, roots, profiles. Nothing is changed.

use std::path::PathBuf;

use super::Library;
use crate::disk::{self, FilesystemClass};
use crate::profile::{Profile, ProfileError};
use crate::settings::Settings;
use crate::store::roots::{self, Root};
use crate::store::{Store, StoreError, files, listings};
use crate::tools::Tool;

/// Everything that was looked at.
pub struct Examination {
    pub programs: Vec<Program>,
    pub database: Database,
    pub roots: Vec<RootHealth>,
    pub profiles: Vec<(String, Result<(), ProfileError>)>,
}

/// One external program.
pub struct Program {
    pub tool: Tool,
    pub path: Option<PathBuf>,
    /// The version, or why the program cannot be used.
    pub version: Result<String, String>,
}

/// The database file.
pub struct Database {
    pub path: PathBuf,
    /// What is wrong with it.
    pub trouble: Option<String>,
    pub files: u64,
    /// It lies on a filesystem where SQLite's locks are not to be trusted.
    pub is_on_network: bool,
}

/// One root, as recorded and as it is now.
pub struct RootHealth {
    pub recorded: Root,
    /// Files that are recorded and not missing.
    pub files: u64,
    pub missing: u64,
    /// The class of its filesystem now, or why it cannot be told.
    pub filesystem: Result<FilesystemClass, String>,
    /// What the system calls that filesystem.
    pub filesystem_type: Option<String>,
}

impl Library {
    /// Looks at everything, for one choice of profile and settings.
    pub fn examine(&self, settings: &Settings) -> Result<Examination, StoreError> {
        let (database, roots) = examine_database(settings)?;
        Ok(Examination {
            programs: self.examine_programs(settings),
            database,
            roots,
            profiles: self.examine_profiles(),
        })
    }

    fn examine_programs(&self, settings: &Settings) -> Vec<Program> {
        let tools = self.tools(settings);
        [Tool::Mkvpropedit, Tool::Mkvmerge, Tool::Ffmpeg, Tool::Ffprobe]
            .into_iter()
            .map(|tool| Program {
                tool,
                path: tools.path(tool).map(PathBuf::from),
                version: match tools.ready(tool).and_then(|_| tools.version(tool)) {
                    Ok(Some(version)) => Ok(version.to_string()),
                    Ok(None) => Ok("unknown version".to_owned()),
                    Err(error) => Err(error.to_string()),
                },
            })
            .collect()
    }

    fn examine_profiles(&self) -> Vec<(String, Result<(), ProfileError>)> {
        self.search()
            .list()
            .into_iter()
            .map(|found| {
                let read = Profile::load(&self.search(), &found.name, self.places().user_home.as_deref());
                let ready = read.and_then(|profile| self.prepare(profile)).map(|_| ());
                (found.name, ready)
            })
            .collect()
    }
}

fn examine_database(settings: &Settings) -> Result<(Database, Vec<RootHealth>), StoreError> {
    let path = settings.database.path.value.clone();
    let is_on_network =
        path.parent().and_then(|folder| FilesystemClass::of(folder).ok()) == Some(FilesystemClass::Network);
    let store = Store::open_to_read(&path)?;
    let db = store.reader()?;
    let mut healths = Vec::new();
    let mut count = 0;
    for recorded in roots::all(&db)? {
        let files = listings::count_below(&db, &recorded.path)?;
        count += files;
        healths.push(RootHealth {
            files,
            missing: files::missing_below(&db, &recorded.path)?.len() as u64,
            filesystem: FilesystemClass::of(&recorded.path).map_err(|cause| cause.to_string()),
            filesystem_type: disk::filesystem_type(&recorded.path),
            recorded,
        });
    }
    let trouble = crate::store::integrity(&db)?;
    Ok((Database { path, trouble, files: count, is_on_network }, healths))
}
