//! Which changes stand in the history of a file, and which of them can be taken back now: the last one.
//!
//! A change from outside ends the way back: what vpo did before it is buried under it.

use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::apply::{self, ApplyError, Kept, Story, kept, records};
use crate::disk::path_text;
use crate::media::text;
use crate::store::history::{self, Event};
use crate::store::{Db, Happening, StoreError, files};

/// What is to be taken back of one file.
pub(super) struct WayBack {
    pub file_id: i64,
    /// Where the file is now, or was last.
    pub path: PathBuf,
    pub change: Result<Change, Barred>,
}

/// A change that stands, with nothing on top of it.
#[derive(Debug, Clone)]
pub struct Change {
    pub job: Option<String>,
    pub at_ns: i64,
    /// Where the original was put, when it was kept.
    pub backup: Option<PathBuf>,
    /// From where to where the change moved the file.
    pub moved: Option<(PathBuf, PathBuf)>,
    /// Hash of the sample of the file as vpo left it.
    pub sample: Option<String>,
    pub story: Story,
}

/// Why a change cannot be taken back.
#[derive(Debug, Clone, Error)]
pub enum Barred {
    #[error("{} on top of it: {}; take that back first, with `vpo undo {}`", are(.later), named(.later), first_to_undo(.later))]
    Covered {
        /// Newest first: each with its job and what it did.
        later: Vec<(Option<String>, String)>,
    },
    #[error("it was changed from outside since, which ends the way back{}", told_of(.backup))]
    ChangedOutside {
        /// The original that was kept, where there is one.
        backup: Option<PathBuf>,
    },
    #[error("the file is no longer recorded{}", told_of(.backup))]
    Forgotten { backup: Option<PathBuf> },
    #[error("{offline}")]
    Offline {
        /// The disk, and why it counts as gone.
        offline: String,
    },
    #[error("the film is no longer there, but its original is, as {}; give it the name of the film to have it back", text::path(.kept))]
    Missing {
        /// The original that was kept.
        kept: PathBuf,
    },
    #[error("this version does not understand what the history says of the change")]
    Unreadable,
}

impl Barred {
    /// One word for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Covered { .. } => "LATER_CHANGE",
            Self::ChangedOutside { .. } => "CHANGED_OUTSIDE",
            Self::Forgotten { .. } => "NOT_RECORDED",
            Self::Offline { .. } => "ROOT_OFFLINE",
            Self::Missing { .. } => "STALE",
            Self::Unreadable => "NOT_REVERSIBLE",
        }
    }
}

impl WayBack {
    /// The disk of the file is not there.
    pub(super) fn is_offline(&self) -> bool {
        matches!(self.change, Err(Barred::Offline { .. }))
    }
}

/// How the last change of a file is taken back; `None` when none stands.
pub(super) fn of_file(db: &Db, file_id: i64) -> Result<Option<WayBack>, StoreError> {
    let told = Told::of(db, file_id)?;
    let change = match (told.standing.last(), told.buried.last()) {
        (Some(last), _) => told.change(last),
        (None, Some(buried)) => Err(Barred::ChangedOutside { backup: backup(buried) }),
        (None, None) => return Ok(None),
    };
    Ok(Some(told.way_back(change)))
}

/// How what a job did to a file is taken back; `None` when that was taken back already, or there was nothing.
pub(super) fn of_job(db: &Db, file_id: i64, job_id: &str) -> Result<Option<WayBack>, StoreError> {
    let told = Told::of(db, file_id)?;
    let is_its = |event: &Event| event.job_id.as_deref() == Some(job_id);
    let change = match told.standing.iter().rposition(is_its) {
        Some(place) if place + 1 == told.standing.len() => told.change(&told.standing[place]),
        Some(place) => Err(Barred::Covered { later: told.standing[place + 1..].iter().rev().map(in_short).collect() }),
        None => match told.buried.iter().rfind(|event| is_its(event)) {
            Some(buried) => Err(Barred::ChangedOutside { backup: backup(buried) }),
            None => return Ok(None),
        },
    };
    Ok(Some(told.way_back(change)))
}

/// The change whose original was kept under a name, when it is this file; and whether that change still stands.
pub(super) fn kept_by(
    db: &Db,
    file_id: i64,
    is_it: &dyn Fn(&Path, &Story) -> bool,
) -> Result<Option<(Change, bool)>, StoreError> {
    let told = Told::of(db, file_id)?;
    let changes = told.standing.iter().map(|event| (event, true)).chain(told.buried.iter().map(|event| (event, false)));
    let known = changes.filter_map(|(event, stands)| Some((told.change(event).ok()?, stands)));
    let mut its = known.filter(|(change, _)| change.backup.as_ref().is_some_and(|put| is_it(put, &change.story)));
    Ok(its.next_back())
}

impl Change {
    /// Finds the original, where one was kept: where it was put, else beside the film, else in any folder on record.
    pub(super) fn kept(&self, db: &Db, film: &Path) -> Result<Option<Result<Kept, ApplyError>>, StoreError> {
        let Some(backup) = &self.backup else { return Ok(None) };
        let beside = |folder: &Path| folder.join(backup.file_name().unwrap_or_default());
        let near = [backup.clone(), beside(film.parent().unwrap_or(Path::new("/")))];
        let found = match kept::find(backup, near, &self.story) {
            Err(ApplyError::BackupGone { .. }) => {
                let anywhere = files::folders(db)?.into_iter().map(|folder| beside(&folder));
                kept::find(backup, anywhere, &self.story)
            }
            other => other,
        };
        Ok(Some(found))
    }

    /// Where the file will be.
    pub(super) fn target(&self, now: &Path) -> PathBuf {
        match &self.moved {
            Some((from, to)) => apply::place_back(now, from, to),
            None => now.to_owned(),
        }
    }
}

/// What the history tells of the changes of one file.
struct Told {
    file_id: i64,
    path: Option<PathBuf>,
    /// Changes of vpo that were not taken back, the last one on top.
    standing: Vec<Event>,
    /// Those that stood when the file was changed from outside.
    buried: Vec<Event>,
    /// By the job that moved it.
    moves: Vec<Event>,
    /// Hash of the sample of the file as vpo left it last.
    sample: Option<String>,
}

impl Told {
    fn of(db: &Db, file_id: i64) -> Result<Self, StoreError> {
        let path = history::path_of_file(db, file_id)?;
        let mut told =
            Self { file_id, path, standing: Vec::new(), buried: Vec::new(), moves: Vec::new(), sample: None };
        for event in history::changes(db, file_id)? {
            match event.kind {
                Happening::Moved => told.moves.push(event),
                Happening::Changed => told.buried.append(&mut told.standing),
                kind => {
                    told.sample = story_of(&event).and_then(|story| story.sample);
                    match kind {
                        Happening::Undone => drop(told.standing.pop()),
                        _ => told.standing.push(event),
                    }
                }
            }
        }
        Ok(told)
    }

    fn change(&self, event: &Event) -> Result<Change, Barred> {
        if self.path.is_none() {
            return Err(Barred::Forgotten { backup: backup(event) });
        }
        let moved = self.moves.iter().rfind(|moved| moved.job_id.is_some() && moved.job_id == event.job_id);
        Ok(Change {
            job: event.job_id.clone(),
            at_ns: event.at_ns,
            backup: backup(event),
            moved: moved.and_then(|moved| Some((path_in(moved, "from")?, path_in(moved, "to")?))),
            sample: self.sample.clone(),
            story: story_of(event).ok_or(Barred::Unreadable)?,
        })
    }

    fn way_back(&self, change: Result<Change, Barred>) -> WayBack {
        let last = || self.moves.last().or(self.standing.last()).and_then(|event| path_in(event, "to"));
        let path = self.path.clone().or_else(last).unwrap_or_else(|| PathBuf::from(format!("file {}", self.file_id)));
        WayBack { file_id: self.file_id, path, change }
    }
}

fn story_of(event: &Event) -> Option<Story> {
    serde_json::from_value(event.detail.as_ref()?["story"].clone()).ok()
}

fn backup(event: &Event) -> Option<PathBuf> {
    path_in(event, "backup")
}

fn path_in(event: &Event, name: &str) -> Option<PathBuf> {
    event.detail.as_ref()?[name].as_str().map(path_text::read)
}

/// The job of a change, and what it did.
fn in_short(event: &Event) -> (Option<String>, String) {
    let what = story_of(event).map_or_else(|| "a change".to_owned(), |story| records::in_words(&story.plan));
    (event.job_id.clone(), what)
}

fn are(later: &[(Option<String>, String)]) -> &'static str {
    if later.len() == 1 { "a later change lies" } else { "later changes lie" }
}

fn named(later: &[(Option<String>, String)]) -> String {
    let one = |(job, what): &(Option<String>, String)| match job {
        Some(job) => format!("{what} by job {}", short(job)),
        None => what.clone(),
    };
    later.iter().map(one).collect::<Vec<_>>().join(", then ")
}

fn first_to_undo(later: &[(Option<String>, String)]) -> &str {
    later.first().and_then(|(job, _)| job.as_deref()).map_or("FILE", short)
}

fn short(job: &str) -> &str {
    text::capped(job, 8)
}

fn told_of(backup: &Option<PathBuf>) -> String {
    match backup {
        Some(backup) => format!("; an original was kept as {}", text::path(backup)),
        None => String::new(),
    }
}
