//! Takes changes back, or tells what that would do: metadata from the history, an original where it was kept.

use std::ffi::OsStr;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Serialize;
use thiserror::Error;

use super::file_end::{ApplyReport, FileEnd, Outcome};
use super::plan::{Refused, find_subject};
use super::way_back::{self, Barred, Change, WayBack};
use super::workshop::{ApplyFailure, ApplyWatch, Bench, Order};
use super::{Choice, JobLookup, Library};
use crate::apply::{ApplyError, Checked, Kept, Manner, records};
use crate::disk::path_text;
use crate::media::{Facts, text};
use crate::plan::{Plan, Step};
use crate::scan;
use crate::store::jobs::{JobRow, JobType};
use crate::store::{Db, Happening, Store, StoreError, history, job_files, jobs, roots};
use crate::tools::Run;

/// Why there is nothing to take back.
#[derive(Debug, Error)]
pub enum NoUndo {
    #[error("nothing is recorded of {wanted}")]
    Unknown { wanted: String },
    #[error("{wanted} is a folder; what is taken back is a job, or the last change of a file")]
    Folder { wanted: String },
    #[error("nothing was changed in {file} that could be taken back")]
    Unchanged { file: String },
    #[error("nothing was changed in {file} that could be taken back: {barred}")]
    Barred { file: String, barred: Barred },
    #[error("the job {job} changed nothing that could be taken back")]
    Idle { job: String },
    #[error("everything that the job {job} changed was taken back already")]
    Done { job: String },
    #[error("the job {job} is itself an undo; what it took back is done again by an apply")]
    Undo { job: String },
    #[error("the job {job} is a task; take back what its parts did, the last first: {}", .parts.join(", "))]
    Task { job: String, parts: Vec<String> },
    #[error("nothing can be taken back now: {barred}")]
    Offline { barred: Barred },
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

/// What taking back would do to one file.
#[derive(Debug, Clone, Serialize)]
pub struct PlannedUndo {
    #[serde(with = "path_text")]
    pub file: PathBuf,
    /// The job whose change is taken back, and when it was made.
    pub job: Option<String>,
    #[serde(skip)]
    pub at_ns: Option<i64>,
    /// The original that was kept and comes back.
    #[serde(skip_serializing_if = "Option::is_none", with = "path_text::optional")]
    pub original: Option<PathBuf>,
    /// Bytes of the original.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub original_size: Option<u64>,
    /// What is edited, where no original comes back.
    pub steps: Vec<Step>,
    pub runs: Vec<Run>,
    /// Where the file will be, when that is elsewhere.
    #[serde(skip_serializing_if = "Option::is_none", with = "path_text::optional")]
    pub target: Option<PathBuf>,
    /// Why the change cannot be taken back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused: Option<Refused>,
    #[serde(skip)]
    pub facts: Facts,
}

impl Library {
    /// Takes back the last change of a file, or every change of a job.
    pub fn undo(&self, choice: &Choice, wanted: &OsStr, watch: UndoWatch<'_>) -> Result<ApplyReport, ApplyFailure> {
        let store = Store::open(&choice.settings.database.path)?;
        let ways = self.ways_back(&store, wanted)?;
        let mut request = self.job_request(JobType::Undo, choice);
        request.path = Some(text::path(Path::new(wanted)));
        let order = Order {
            request,
            happening: Happening::Undone,
            tools: Arc::new(self.tools(&choice.settings)),
            files: &ways,
            note: &|_, _| Ok(()),
            path: &|way| &way.path,
            change: &|bench, way| bench.take_back(way),
        };
        (watch.begun)(ways.len());
        self.carry_out(choice, &store, order, watch.apply)
    }

    /// Tells what [`Self::undo`] would do. Nothing is touched.
    pub fn plan_undo(&self, choice: &Choice, wanted: &OsStr) -> Result<Vec<PlannedUndo>, ApplyFailure> {
        let store = Store::open_to_read(&choice.settings.database.path)?;
        let ways = self.ways_back(&store, wanted)?;
        let (reader, tools) = (store.reader()?, self.tools(&choice.settings));
        let manner = Manner::from(&choice.settings.apply);
        let planned = ways.iter().map(|way| {
            let mut planned = PlannedUndo::of(way);
            let checked = checked_back(&reader, way).and_then(|(checked, kept)| {
                planned.add(&checked, kept);
                checked.examine(&manner, &tools).map_err(Refusal::from)
            });
            planned.refused = checked.err().map(|refusal| refusal.refused);
            planned
        });
        Ok(planned.collect())
    }

    /// The way back of a file, or of every file that a job changed, as far as the disks are there.
    fn ways_back(&self, store: &Store, wanted: &OsStr) -> Result<Vec<WayBack>, ApplyFailure> {
        let mut ways = self.recorded_ways(store, wanted)?;
        let db = store.reader()?;
        let roots: Vec<PathBuf> = roots::all(&db)?.into_iter().map(|root| root.path).collect();
        let offline = scan::offline(&db, roots.iter().map(PathBuf::as_path))?;
        for way in &mut ways {
            if let Some(disk) = offline.iter().find(|disk| way.path.starts_with(&disk.path)) {
                let offline = disk.to_string();
                way.change = Err(Barred::Offline { offline });
            }
        }
        match ways.iter().find_map(|way| way.change.as_ref().err()) {
            Some(barred) if ways.iter().all(WayBack::is_offline) => {
                Err(NoUndo::Offline { barred: barred.clone() }.into())
            }
            _ => Ok(ways),
        }
    }

    /// The same, as the history tells it.
    fn recorded_ways(&self, store: &Store, wanted: &OsStr) -> Result<Vec<WayBack>, ApplyFailure> {
        let db = store.reader()?;
        let path = self.places().working.join(wanted);
        let path = path.canonicalize().unwrap_or_else(|_| self.settled_path(&path));
        let shown = || text::path(Path::new(wanted));
        if let Some(file_id) = history::files_at(&db, &path)?.first() {
            return match way_back::of_file(&db, *file_id)? {
                None => Err(NoUndo::Unchanged { file: shown() }.into()),
                Some(WayBack { change: Err(barred), .. }) => Err(NoUndo::Barred { file: shown(), barred }.into()),
                Some(way) => Ok(vec![way]),
            };
        }
        if path.is_dir() {
            return Err(NoUndo::Folder { wanted: shown() }.into());
        }
        // What cannot be the beginning of an id was meant as a file.
        let is_id = |text: &&str| text.chars().all(|c| c.is_ascii_hexdigit() || c == '-');
        let Some(id) = wanted.to_str().filter(is_id).filter(|_| !path.exists()) else {
            return Err(NoUndo::Unknown { wanted: shown() }.into());
        };
        let (job, files) = self.files_of(&db, id)?;
        if files.is_empty() {
            return Err(NoUndo::Idle { job: shown() }.into());
        }
        let ways = files.into_iter().map(|file_id| way_back::of_job(&db, file_id, &job));
        let mut ways: Vec<WayBack> = ways.filter_map(Result::transpose).collect::<Result<_, _>>()?;
        ways.sort_by(|one, other| one.path.cmp(&other.path));
        if ways.is_empty() { Err(NoUndo::Done { job: shown() }.into()) } else { Ok(ways) }
    }

    /// A job by the beginning of its id, and the files that it changed. The history knows of jobs that are forgotten.
    fn files_of(&self, db: &Db, id: &str) -> Result<(String, Vec<i64>), ApplyFailure> {
        let job = match self.find_job(id) {
            Ok(job) => job,
            Err(JobLookup::Unknown { prefix }) => {
                let mut jobs = history::jobs_that_edited(db, &prefix)?;
                return match jobs.pop() {
                    Some(job) if jobs.is_empty() => {
                        let files = history::edited_by(db, &job)?;
                        Ok((job, files))
                    }
                    Some(_) => Err(NoUndo::Job(JobLookup::TooShort { prefix }).into()),
                    None => Err(NoUndo::Job(JobLookup::Unknown { prefix }).into()),
                };
            }
            Err(other) => return Err(NoUndo::from(other).into()),
        };
        match job.job_type {
            JobType::Undo => return Err(NoUndo::Undo { job: short(&job) }.into()),
            JobType::Task => {
                let parts = jobs::parts_of(db, &job)?;
                let applied = parts.iter().rev().filter(|part| part.job_type == JobType::Apply);
                let parts: Vec<String> = applied.map(|part| format!("vpo undo {}", short(part))).collect();
                if !parts.is_empty() {
                    return Err(NoUndo::Task { job: short(&job), parts }.into());
                }
            }
            _ => {}
        }
        let files = job_files::of_job(db, &job.id, None, usize::MAX >> 1)?;
        let edited = files.iter().filter(|file| file.outcome == Happening::Edited).map(|file| file.file_id);
        Ok((job.id, edited.collect()))
    }
}

fn short(job: &JobRow) -> String {
    text::capped(&job.id, 8).to_owned()
}

impl Bench<'_> {
    fn take_back(&self, way: &WayBack) -> FileEnd {
        let mut plan = Plan::default();
        let done = checked_back(&self.db, way).and_then(|(checked, _)| {
            plan = checked.plan().clone();
            self.carry_out(checked).map_err(Refusal::from)
        });
        self.end(&way.path, way.file_id, &plan, done.map_err(|refusal| (refusal.outcome, refusal.refused)))
    }
}

/// Why one file is left as it is.
struct Refusal {
    outcome: Outcome,
    refused: Refused,
}

impl From<ApplyError> for Refusal {
    fn from(error: ApplyError) -> Self {
        Self { outcome: Outcome::of(&error), refused: Refused::from(&error) }
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::from(ApplyError::from(error))
    }
}

impl From<Barred> for Refusal {
    fn from(barred: Barred) -> Self {
        let (code, message) = (barred.code().to_owned(), barred.to_string());
        Self { outcome: Outcome::Failed, refused: Refused { code, message, then: Vec::new() } }
    }
}

fn at_place(film: &Path) -> Result<(), ErrorKind> {
    fs::symlink_metadata(film).map(|_| ()).map_err(|error| error.kind())
}

/// The way back as it can be carried out now, and the original that it brings back.
fn checked_back(db: &Db, way: &WayBack) -> Result<(Checked, Option<Kept>), Refusal> {
    let change = way.change.as_ref().map_err(|barred| Refusal::from(barred.clone()))?;
    let subject = find_subject(db, &way.path)?.ok_or(ApplyError::Gone)?;
    if change.sample.is_some() && subject.sample.as_deref().map(records::hex) != change.sample {
        return Err(ApplyError::Stale.into());
    }
    let kept = change.kept(db, &way.path)?;
    let found = kept.as_ref().and_then(|kept| kept.as_ref().ok()).cloned();
    if let (Some(Kept { path, .. }), Err(ErrorKind::NotFound)) = (&found, at_place(&way.path)) {
        return Err(Barred::Missing { kept: path.clone() }.into());
    }
    Ok((Checked::undo(subject, &change.story, kept, change.target(&way.path))?, found))
}

impl PlannedUndo {
    fn of(way: &WayBack) -> Self {
        let change: Option<&Change> = way.change.as_ref().ok();
        Self {
            file: way.path.clone(),
            job: change.and_then(|change| change.job.clone()),
            at_ns: change.map(|change| change.at_ns),
            original: None,
            original_size: None,
            steps: Vec::new(),
            runs: Vec::new(),
            target: None,
            refused: None,
            facts: Facts::default(),
        }
    }

    fn add(&mut self, checked: &Checked, kept: Option<Kept>) {
        self.original_size = kept.as_ref().map(|kept| kept.bytes);
        self.original = kept.map(|kept| kept.path);
        self.steps = checked.plan().steps.clone();
        self.runs = checked.runs().to_vec();
        self.target = (checked.target() != self.file).then(|| checked.target().to_owned());
        self.facts = checked.subject().facts.clone();
    }
}
