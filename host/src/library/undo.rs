//! Takes a change back: metadata from the history, an original where it was kept.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use thiserror::Error;

use super::apply::{ApplyFailure, ApplyReport, ApplyWatch, FileEnd, Outcome, Workshop, ending, outcome_of, report};
use super::plan::{Refused, find_subject};
use super::tools::used;
use super::{Choice, JobLookup, Library};
use crate::apply::{Checked, Manner, Story};
use crate::jobs::Job;
use crate::plan::Plan;
use crate::scan::ReaderSet;
use crate::store::jobs::JobType;
use crate::store::{Clock, Db, Happening, Store, StoreError, history, job_files};

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

/// A change that may be taken back.
struct Change {
    file_id: i64,
    path: PathBuf,
    backup: Option<PathBuf>,
    /// Where the file was, when the change moved it.
    moved_from: Option<PathBuf>,
    story: Story,
}

impl Library {
    /// Takes back the last change of a file, or every change of a job.
    pub fn undo(&self, choice: &Choice, wanted: &str, watch: ApplyWatch<'_>) -> Result<ApplyReport, ApplyFailure> {
        let (store, clock) = (Store::open(&choice.settings.database.path)?, Clock::system());
        let changes = self.changes(&store, wanted)?;
        let mut request = self.job_request(JobType::Undo, choice);
        request.path = Some(wanted.to_owned());
        let job = Job::begin(&store, &clock, request, watch.cancel)?;
        let span = tracing::info_span!("job", job = job.id());
        let _entered = span.enter();
        let done = self.undo_all(choice, &changes, &job, &store, &clock, watch);
        job.finish(ending(&done))?;
        done
    }

    fn undo_all(
        &self,
        choice: &Choice,
        changes: &[Change],
        job: &Job,
        store: &Store,
        clock: &Clock,
        watch: ApplyWatch<'_>,
    ) -> Result<ApplyReport, ApplyFailure> {
        let settled = self.settle_changes(store, clock, job.id())?;
        let writer = Mutex::new(store.writer()?);
        let tools = Arc::new(self.tools(&choice.settings));
        let workshop = Workshop {
            library: self,
            choice,
            readers: Arc::new(ReaderSet::load(self.plugins(), &self.reader_choices(choice, &tools))?),
            tools,
            manner: Manner::from(&choice.settings.apply),
            writer: &writer,
            clock,
            job,
            watch,
            happening: Happening::Undone,
        };
        let bench = workshop.bench()?;
        let mut ends: Vec<FileEnd> = Vec::new();
        for change in changes {
            let taken_back = store
                .reader()
                .and_then(|reader| find_subject(&reader, &change.path))
                .map_err(crate::apply::ApplyError::from)
                .and_then(|subject| {
                    let subject = subject.ok_or(crate::apply::ApplyError::Gone)?;
                    let checked =
                        Checked::undo(subject, &change.story, change.backup.as_deref(), change.moved_from.as_deref())?;
                    let plan = checked.plan().clone();
                    Ok((bench.carry_out(checked)?, plan))
                });
            let (done, plan) = match taken_back {
                Ok((committed, plan)) => (Ok(committed), plan),
                Err(error) => (Err((outcome_of(&error), Refused::from(&error))), Plan::default()),
            };
            let end = bench.end(&change.path, change.file_id, &plan, done);
            (watch.listener)(&end);
            ends.push(end);
        }
        debug_assert!(ends.iter().all(|end| end.outcome != Outcome::Edited));
        job.used_tools(used(&workshop.tools));
        Ok(report(job.id(), &ends, settled, watch.cancel.is_requested()))
    }

    /// The last change of a file, or every change of a job that was not taken back since.
    fn changes(&self, store: &Store, wanted: &str) -> Result<Vec<Change>, ApplyFailure> {
        let reader = store.reader()?;
        let path = self.places().working.join(wanted);
        let path = path.canonicalize().unwrap_or(path);
        let files = history::files_at(&reader, &path)?;
        if let Some(file_id) = files.first() {
            let last = last_change(&reader, *file_id, None)?;
            return Ok(vec![last.ok_or_else(|| NoUndo::Unchanged { file: wanted.to_owned() })?]);
        }
        if wanted.contains('/') || path.exists() {
            return Err(NoUndo::Unknown { wanted: wanted.to_owned() }.into());
        }
        let job = self.find_job(wanted).map_err(NoUndo::from)?;
        let mut changes = Vec::new();
        for file in job_files::of_job(&reader, &job.id, None, usize::MAX >> 1)? {
            if file.outcome == Happening::Edited {
                changes.extend(last_change(&reader, file.file_id, Some(&job.id))?);
            }
        }
        if changes.is_empty() {
            return Err(NoUndo::Idle { job: wanted.to_owned() }.into());
        }
        Ok(changes)
    }
}

/// The last change of a file, when it was made by this job and nothing has been done to it since.
fn last_change(db: &Db, file_id: i64, job_id: Option<&str>) -> Result<Option<Change>, StoreError> {
    let Some(path) = history::path_of_file(db, file_id)? else { return Ok(None) };
    let events = history::of_file(db, file_id)?;
    let changed = |kind| matches!(kind, Happening::Edited | Happening::Undone | Happening::Changed);
    let Some(last) = events.iter().rfind(|event| changed(event.kind)) else { return Ok(None) };
    let moved = events.iter().rfind(|event| event.kind == Happening::Moved && event.job_id == last.job_id);
    let moved_from = moved.and_then(|event| event.detail.as_ref()?["from"].as_str()).map(PathBuf::from);
    if last.kind != Happening::Edited || job_id.is_some_and(|id| last.job_id.as_deref() != Some(id)) {
        return Ok(None);
    }
    let detail = last.detail.clone().unwrap_or_default();
    let Ok(story) = serde_json::from_value::<Story>(detail["story"].clone()) else { return Ok(None) };
    let backup = detail["backup"].as_str().map(|path| Path::new(path).to_owned());
    Ok(Some(Change { file_id, path, backup, moved_from, story }))
}
