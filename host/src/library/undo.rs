//! Takes a change back: metadata from the history, an original where it was kept.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};

use thiserror::Error;

use super::file_end::{ApplyReport, FileEnd, Outcome};
use super::plan::{Refused, find_subject};
use super::workshop::{ApplyFailure, ApplyWatch, Bench, Order};
use super::{Choice, JobLookup, Library};
use crate::apply::{ApplyError, Checked, Story, records};
use crate::disk::path_text;
use crate::media::text;
use crate::plan::Plan;
use crate::store::history::Event;
use crate::store::jobs::JobType;
use crate::store::{Db, Happening, Store, StoreError, history, job_files};

/// Why there is nothing to take back.
#[derive(Debug, Error)]
pub enum NoUndo {
    #[error("nothing is recorded of {wanted}")]
    Unknown { wanted: String },
    #[error("nothing was changed in {file} that could be taken back")]
    Unchanged { file: String },
    #[error("the job {job} changed nothing that could be taken back")]
    Idle { job: String },
    #[error(transparent)]
    Job(#[from] JobLookup),
}

/// How taking back is followed and stopped from outside.
#[derive(Clone, Copy)]
pub struct UndoWatch<'a> {
    /// Hears how many files there are, before the first is touched.
    pub begun: &'a dyn Fn(usize),
    pub apply: ApplyWatch<'a>,
}

/// A change that may be taken back.
struct Change {
    file_id: i64,
    path: PathBuf,
    backup: Option<PathBuf>,
    /// Where the file was, when the change moved it.
    moved_from: Option<PathBuf>,
    /// Hash of the sample of the file as vpo left it.
    sample: Option<String>,
    story: Story,
}

impl Library {
    /// Takes back the last change of a file, or every change of a job.
    pub fn undo(&self, choice: &Choice, wanted: &OsStr, watch: UndoWatch<'_>) -> Result<ApplyReport, ApplyFailure> {
        let store = Store::open(&choice.settings.database.path)?;
        let changes = self.changes(&store, wanted)?;
        let mut request = self.job_request(JobType::Undo, choice);
        request.path = Some(text::path(Path::new(wanted)));
        let order = Order {
            request,
            happening: Happening::Undone,
            tools: Arc::new(self.tools(&choice.settings)),
            files: &changes,
            note: &|_, _| Ok(()),
            path: &|change| &change.path,
            change: &|bench, change| bench.take_back(change),
        };
        (watch.begun)(changes.len());
        self.carry_out(choice, &store, order, watch.apply)
    }

    /// The last change of a file, or every change of a job that was not taken back since.
    fn changes(&self, store: &Store, wanted: &OsStr) -> Result<Vec<Change>, ApplyFailure> {
        let reader = store.reader()?;
        let path = self.places().working.join(wanted);
        let path = path.canonicalize().unwrap_or(path);
        let shown = || text::path(Path::new(wanted));
        let mut changes = Vec::new();
        let mut nothing = NoUndo::Unchanged { file: shown() };
        if let Some(file_id) = history::files_at(&reader, &path)?.first() {
            changes.extend(last_change(&reader, *file_id, None)?);
        } else {
            // What cannot be the beginning of an id was meant as a file.
            let is_id = |text: &&str| text.chars().all(|c| c.is_ascii_hexdigit() || c == '-');
            let Some(id) = wanted.to_str().filter(is_id).filter(|_| !path.exists()) else {
                return Err(NoUndo::Unknown { wanted: shown() }.into());
            };
            nothing = NoUndo::Idle { job: shown() };
            let job = self.find_job(id).map_err(NoUndo::from)?;
            let files = job_files::of_job(&reader, &job.id, None, usize::MAX >> 1)?;
            for file in files.iter().filter(|file| file.outcome == Happening::Edited) {
                changes.extend(last_change(&reader, file.file_id, Some(&job.id))?);
            }
            changes.sort_by(|one: &Change, other| one.path.cmp(&other.path));
        }
        match changes.is_empty() {
            true => Err(nothing.into()),
            false => Ok(changes),
        }
    }
}

impl Bench<'_> {
    fn take_back(&self, change: &Change) -> FileEnd {
        let mut plan = Plan::default();
        let done = self.checked_back(change).and_then(|checked| {
            plan = checked.plan().clone();
            self.carry_out(checked)
        });
        let done = done.map_err(|error| (Outcome::of(&error), Refused::from(&error)));
        self.end(&change.path, change.file_id, &plan, done)
    }

    fn checked_back(&self, change: &Change) -> Result<Checked, ApplyError> {
        let writer = self.workshop.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let subject = find_subject(&writer, &change.path)?.ok_or(ApplyError::Gone)?;
        if change.sample.is_some() && subject.sample.as_deref().map(records::hex) != change.sample {
            return Err(ApplyError::Stale);
        }
        Checked::undo(subject, &change.story, change.backup.as_deref(), change.moved_from.as_deref())
    }
}

/// The last change of a file that was not taken back since, when it was made by this job. What comes from outside ends the
/// way back.
fn last_change(db: &Db, file_id: i64, job_id: Option<&str>) -> Result<Option<Change>, StoreError> {
    let Some(path) = history::path_of_file(db, file_id)? else { return Ok(None) };
    let events = history::of_file(db, file_id)?;
    let mut standing = Vec::new();
    let mut latest = None;
    for event in &events {
        match event.kind {
            Happening::Edited => standing.push(event),
            Happening::Undone => drop(standing.pop()),
            Happening::Changed => standing.clear(),
            _ => continue,
        }
        latest = Some(event);
    }
    let Some(last) = standing.pop().filter(|last| job_id.is_none_or(|id| last.job_id.as_deref() == Some(id))) else {
        return Ok(None);
    };
    let Some(story) = story_of(last) else { return Ok(None) };
    let detail = |event: &Event, name: &str| event.detail.as_ref()?[name].as_str().map(path_text::read);
    let moved = events.iter().rfind(|event| event.kind == Happening::Moved && event.job_id == last.job_id);
    Ok(Some(Change {
        file_id,
        path,
        backup: detail(last, "backup"),
        moved_from: moved.and_then(|event| detail(event, "from")),
        sample: latest.and_then(story_of).and_then(|story| story.sample),
        story,
    }))
}

fn story_of(event: &Event) -> Option<Story> {
    serde_json::from_value(event.detail.as_ref()?["story"].clone()).ok()
}
