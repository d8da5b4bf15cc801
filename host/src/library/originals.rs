//! The originals that were kept, wherever they lie now: whose they are, and whether they may go.
//!
//! What is on the disk counts; the history says what it is. An original that may be the only copy of a film is never deleted.

use std::collections::HashMap;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::Library;
use super::way_back;
use crate::apply::{Story, kept, records};
use crate::disk::{self, Links, Observation, hash, path_text};
use crate::store::files::{self, Candidate, FileState};
use crate::store::{Clock, Db, Happening, Store, StoreError, history};

/// One original that was kept.
#[derive(Debug, Clone, Serialize)]
pub struct Original {
    #[serde(with = "path_text")]
    pub path: PathBuf,
    /// Bytes.
    pub size: u64,
    /// The film as it is now, where that is known.
    #[serde(with = "path_text::optional")]
    pub film: Option<PathBuf>,
    /// The job that changed it.
    pub job: Option<String>,
    /// When it was put there.
    #[serde(skip)]
    pub kept_ns: Option<i64>,
    pub state: OriginalState,
    #[serde(skip)]
    known: Option<Known>,
}

/// What an original is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum OriginalState {
    /// An undo brings it back.
    WayBack,
    /// Its film was changed from outside since: no undo leads to it.
    LeftBehind,
    /// The film that was made of it is not there as it is recorded: this may be the only copy.
    OnlyCopy,
    /// Nothing in the history says what it is.
    Unknown,
}

impl OriginalState {
    /// Nothing is lost with it but the way back.
    pub fn may_go(self) -> bool {
        matches!(self, Self::WayBack | Self::LeftBehind)
    }
}

/// What the database says of an original.
#[derive(Debug, Clone)]
struct Known {
    story: Story,
    film: Candidate,
}

/// What became of an original that was to be deleted.
#[derive(Debug, Clone, Serialize)]
pub struct Released {
    #[serde(flatten)]
    pub original: Original,
    pub deleted: bool,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl Library {
    /// The originals that lie at or below these places, or in every folder on record, in the order of their paths.
    pub fn originals(&self, places: &[PathBuf]) -> Result<Vec<Original>, StoreError> {
        let db = Store::open_to_read(&self.places.database)?.reader()?;
        let settled = |place: &PathBuf| self.settled_path(place);
        let places: Vec<PathBuf> =
            places.iter().map(|place| settled(place).canonicalize().unwrap_or_else(|_| settled(place))).collect();
        let is_wanted = |path: &Path| places.is_empty() || places.iter().any(|place| path.starts_with(place));
        let mut owners: HashMap<OsString, Vec<i64>> = HashMap::new();
        for (file_id, path) in history::backups(&db)? {
            let owners = owners.entry(path.file_name().unwrap_or_default().to_owned()).or_default();
            if !owners.contains(&file_id) {
                owners.push(file_id);
            }
        }
        let mut originals = Vec::new();
        for folder in files::folders(&db)? {
            // A folder that is not there now keeps what is in it.
            for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
                let (name, path) = (entry.file_name(), entry.path());
                if kept::film_of(&name).is_none() || !is_wanted(&path) {
                    continue;
                }
                if let Ok(found) = fs::symlink_metadata(&path).map(|found| (found.is_file(), Observation::of(&found)))
                    && found.0
                {
                    let owners = owners.get(&name).map(Vec::as_slice).unwrap_or_default();
                    originals.push(Original::of(&db, path, &found.1, owners)?);
                }
            }
        }
        originals.sort_by(|one, other| one.path.cmp(&other.path));
        Ok(originals)
    }

    /// Deletes originals, each after a last look: it has to be what the history says, and its film has to be there whole.
    pub fn release(&self, originals: Vec<Original>) -> Result<Vec<Released>, StoreError> {
        let store = Store::open(&self.places.database)?;
        let mut writer = store.writer()?;
        let mut released = Vec::new();
        for original in originals {
            let gone = original.delete();
            if let (Ok(()), Some(known)) = (&gone, &original.known) {
                tracing::info!(file = %original.path.display(), bytes = original.size, "kept original deleted");
                let detail = serde_json::json!({ "original": path_text::write(&original.path) });
                let now_ns = Clock::system().now_ns();
                writer.transaction(|db| {
                    history::record(db, known.film.id, None, now_ns, Happening::Released, Some(&detail))
                })?;
            }
            released.push(Released { deleted: gone.is_ok(), reason: gone.err(), original });
        }
        Ok(released)
    }
}

impl Original {
    fn of(db: &Db, path: PathBuf, found: &Observation, owners: &[i64]) -> Result<Self, StoreError> {
        let is_it = |put: &Path, story: &Story| {
            let has_name = put.file_name() == path.file_name() && story.found.size == found.size;
            has_name && (story.found.mtime_ns == found.mtime_ns || kept::is_original(&path, story).unwrap_or(false))
        };
        let mut original = Self {
            size: found.size,
            film: None,
            job: None,
            kept_ns: None,
            state: OriginalState::Unknown,
            known: None,
            path: path.clone(),
        };
        for owner in owners {
            let Some((change, stands)) = way_back::kept_by(db, *owner, &is_it)? else { continue };
            let Some(film) = files::find(db, *owner)? else { continue };
            original.state = match (is_there(&film), stands) {
                (false, _) => OriginalState::OnlyCopy,
                (true, true) => OriginalState::WayBack,
                (true, false) => OriginalState::LeftBehind,
            };
            original.film = Some(film.path.clone());
            original.job = change.job;
            original.kept_ns = Some(change.at_ns);
            original.known = Some(Known { story: change.story, film });
            break;
        }
        Ok(original)
    }

    fn delete(&self) -> Result<(), String> {
        let unread = |error: io::Error| format!("could not read it: {error}");
        let Some(Known { story, film }) = self.known.as_ref().filter(|_| self.state.may_go()) else {
            return Err("it may be the only copy".to_owned());
        };
        if !kept::is_original(&self.path, story).map_err(unread)? {
            return Err("it is not the original that was kept".to_owned());
        }
        if !is_there(film) || !is_whole(film).map_err(unread)? {
            return Err("its film is not there as it is recorded, so this may be the only copy".to_owned());
        }
        fs::remove_file(&self.path).map_err(|error| format!("could not delete it: {error}"))
    }
}

/// Whether a film is there with the size and time that are recorded.
fn is_there(film: &Candidate) -> bool {
    let recorded = &film.observation;
    let found =
        fs::symlink_metadata(&film.path).ok().filter(fs::Metadata::is_file).map(|found| Observation::of(&found));
    film.state == FileState::Ok
        && found.is_some_and(|found| (found.size, found.mtime_ns) == (recorded.size, recorded.mtime_ns))
}

/// Whether the content of a film is what is recorded, as far as a sample tells.
fn is_whole(film: &Candidate) -> io::Result<bool> {
    let sample = hash::sample(&disk::open_file(&film.path, Links::Refuse)?, film.observation.size)?;
    Ok(film.sample_hash.as_deref().is_some_and(|recorded| records::hex(recorded) == records::hex(&sample)))
}
