//! Jobs, as people ask for them.

use std::path::Path;

use super::Library;
use crate::jobs::{purge, settle_if_free};
use crate::store::job_files::{self, JobFile, OutcomeCount};
use crate::store::jobs::{self, CancelAnswer, JobDetails, JobFilter, JobRow, JobType};
use crate::store::{Clock, Reader, Store, StoreError, history};

/// The fewest characters of an id that name a job.
pub const SHORTEST_PREFIX: usize = 4;

/// How many jobs an ambiguous prefix lists.
const MOST_MATCHES: usize = 10;

#[derive(Debug, thiserror::Error)]
pub enum JobLookup {
    #[error("{prefix:?} is too short to name a job")]
    TooShort { prefix: String },
    #[error("no job's id begins with {prefix:?}")]
    Unknown { prefix: String },
    #[error("more than one job's id begins with {prefix:?}")]
    Ambiguous {
        prefix: String,
        /// The first of them.
        matches: Vec<JobRow>,
        more: bool,
    },
    #[error("the jobs could not be read")]
    Store(#[from] StoreError),
}

/// Everything about one job.
#[derive(Debug, Clone)]
pub struct JobReport {
    pub row: JobRow,
    pub details: JobDetails,
    /// What became of files, and of how many.
    pub outcomes: Vec<OutcomeCount>,
    /// The task that it is a part of, or the job that it tries again, while that is recorded.
    pub parent: Option<JobRow>,
    /// Of a task: what it did, one after the other.
    pub parts: Vec<JobRow>,
}

impl Library {
    /// The newest jobs that pass a filter; of a file's path when one is given. Each with how much of its id is unique.
    pub fn jobs(&self, filter: &JobFilter, file: Option<&Path>) -> Result<Vec<(JobRow, usize)>, StoreError> {
        let (db, interrupted) = self.look_at_jobs()?;
        let mut filter = filter.clone();
        if let Some(file) = file {
            filter.files = Some(history::files_at(&db, &self.settled_path(file))?);
        }
        jobs::newest(&db, &filter)?
            .into_iter()
            .map(|row| {
                let row = interrupted.iter().find(|dead| dead.id == row.id).cloned().unwrap_or(row);
                let unique = jobs::unique_length(&db, &row.id, SHORTEST_PREFIX)?;
                Ok((row, unique))
            })
            .collect()
    }

    /// Finds the one job whose id begins like this.
    pub fn find_job(&self, prefix: &str) -> Result<JobRow, JobLookup> {
        let (db, interrupted) = self.look_at_jobs()?;
        let prefix = prefix.trim().to_ascii_lowercase();
        if prefix.chars().count() < SHORTEST_PREFIX {
            return Err(JobLookup::TooShort { prefix });
        }
        let mut matches = jobs::with_prefix(&db, &prefix, MOST_MATCHES + 1)?;
        match matches.len() {
            0 => Err(JobLookup::Unknown { prefix }),
            1 => {
                let row = matches.remove(0);
                Ok(interrupted.into_iter().find(|dead| dead.id == row.id).unwrap_or(row))
            }
            found => {
                matches.truncate(MOST_MATCHES);
                Err(JobLookup::Ambiguous { prefix, matches, more: found > MOST_MATCHES })
            }
        }
    }

    /// Everything about the one job whose id begins like this.
    pub fn job(&self, prefix: &str) -> Result<JobReport, JobLookup> {
        let row = self.find_job(prefix)?;
        let (db, interrupted) = self.look_at_jobs()?;
        let Some((_, details)) = jobs::find(&db, &row.id)? else {
            return Err(JobLookup::Unknown { prefix: prefix.to_owned() });
        };
        let outcomes = job_files::counts(&db, &row.id)?;
        let parent = match &row.parent_id {
            Some(parent) => jobs::find(&db, parent)?.map(|(parent, _)| parent),
            None => None,
        };
        let mut parts = if row.job_type == JobType::Task { jobs::parts_of(&db, &row)? } else { Vec::new() };
        for part in &mut parts {
            if let Some(dead) = interrupted.iter().find(|dead| dead.id == part.id) {
                part.clone_from(dead);
            }
        }
        Ok(JobReport { row, details, outcomes, parent, parts })
    }

    /// Hands over what a job did to each file, in the order of their records.
    pub fn job_files(&self, id: &str, mut take: impl FnMut(JobFile)) -> Result<(), StoreError> {
        const PAGE: usize = 1000;
        let db = self.jobs_store()?.reader()?;
        let mut last: Option<(i64, &'static str)> = None;
        loop {
            let page = job_files::of_job(&db, id, last, PAGE)?;
            let is_last = page.len() < PAGE;
            last = page.last().map(|file| (file.file_id, file.outcome.name()));
            page.into_iter().for_each(&mut take);
            if is_last {
                return Ok(());
            }
        }
    }

    /// Asks a job to end; a queued one ends at once.
    pub fn cancel_job(&self, id: &str) -> Result<CancelAnswer, StoreError> {
        let store = Store::open(&self.places.database)?;
        store.writer()?.transaction(|db| jobs::cancel(db, id, Clock::system().now_ns()))
    }

    /// Deletes finished jobs that ended before a time; returns how many.
    pub fn purge_jobs(&self, before_ns: i64) -> Result<usize, StoreError> {
        let store = Store::open(&self.places.database)?;
        purge(&store, before_ns)
    }

    fn jobs_store(&self) -> Result<Store, StoreError> {
        Store::open_to_read(&self.places.database)
    }

    /// A reader, and the jobs that are to be shown as interrupted though the record does not say so yet.
    fn look_at_jobs(&self) -> Result<(Reader, Vec<JobRow>), StoreError> {
        let store = self.jobs_store()?;
        let interrupted = settle_if_free(&store, &Clock::system())?;
        Ok((store.reader()?, interrupted))
    }
}
