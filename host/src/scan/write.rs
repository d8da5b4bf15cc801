//! The one writer: rows in batches, each committed within a second, so that a stop at any moment loses no more than that.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError};
use serde_json::json;

use super::error::ScanError;
use super::report::What;
use super::shared::Shared;
use super::work::{Outcome, Place, Read, Row};
use crate::store::files::{FileState, Record};
use crate::store::{Db, Happening, StoreError, Writer, facts, files, history, job_files};

/// Outcomes of one transaction.
const BATCH: usize = 1000;

/// Age of the oldest outcome that is not committed.
const BATCH_AGE: Duration = Duration::from_millis(500);

/// The writing thread.
pub(super) struct Writing<'a> {
    pub shared: &'a Shared<'a>,
    /// Absent in a dry run.
    pub writer: Option<Writer>,
    pub outcomes: Receiver<Outcome>,
}

impl Writing<'_> {
    /// Writes what comes until nothing more can come; hands the connection back for the end of the scan.
    pub(super) fn run(mut self) -> Result<Option<Writer>, ScanError> {
        let mut batch = Vec::with_capacity(BATCH);
        while let Ok(first) = self.outcomes.recv() {
            batch.push(first);
            let due = Instant::now() + BATCH_AGE;
            while batch.len() < BATCH {
                match self.outcomes.recv_deadline(due) {
                    Ok(outcome) => batch.push(outcome),
                    Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => break,
                }
            }
            if let Some(writer) = &mut self.writer {
                let mut rows = Rows { shared: self.shared, folder: None };
                writer.transaction(|db| batch.iter().try_for_each(|outcome| rows.write(db, outcome)))?;
            }
            // Counted and told only when it is true.
            batch.drain(..).for_each(|outcome| tell(self.shared, &outcome));
        }
        Ok(self.writer)
    }
}

/// Writes outcomes inside one transaction.
pub(super) struct Rows<'a> {
    pub shared: &'a Shared<'a>,
    /// The folder of the last outcome; most come from the same one.
    pub folder: Option<(Arc<Path>, i64)>,
}

impl Rows<'_> {
    pub(super) fn write(&mut self, db: &Db, outcome: &Outcome) -> Result<(), StoreError> {
        let (job, now_ns) = (self.shared.job_id, self.shared.clock.now_ns());
        match outcome {
            Outcome::Read(read) => self.read(db, read),
            Outcome::Touched { row, place, observation, full_hash } => {
                files::touch(db, row.id, observation, now_ns)?;
                if let Some(hash) = full_hash {
                    files::set_full_hash(db, row.id, hash)?;
                }
                self.returned(db, *row, place)
            }
            Outcome::Alias { place, observation, of } => {
                let folder_id = self.folder_id(db, place)?;
                let id = files::add_alias(db, folder_id, &place.name, *of, observation, now_ns)?;
                job_files::record(db, job, id, &place.path(), Happening::Added, Some("another name of known content"))
            }
            Outcome::Damaged { row, place } => {
                let reason = "its bytes differ from the recorded hash, and nothing says that it was written to";
                history::record(db, row.id, Some(job), now_ns, Happening::Damaged, None)?;
                job_files::record(db, job, row.id, &place.path(), Happening::Damaged, Some(reason))?;
                self.returned(db, *row, place)
            }
            Outcome::Unstable { known: Some(row), place } => {
                job_files::record(db, job, row.id, &place.path(), Happening::Unstable, Some(UNSTABLE))
            }
            Outcome::Unstable { known: None, .. } => Ok(()),
        }
    }

    fn read(&mut self, db: &Db, read: &Read) -> Result<(), StoreError> {
        let (job, now_ns) = (self.shared.job_id, self.shared.clock.now_ns());
        let record = Record {
            observation: &read.observation,
            observed_ns: read.observed_ns,
            state: if read.facts.is_ok() { FileState::Ok } else { FileState::Error },
            error: read.facts.as_ref().err().map(String::as_str),
            reader: read.reader.as_deref(),
            sample_hash: read.sample_hash.as_ref(),
            full_hash: read.full_hash.as_ref(),
        };
        let id = match read.known {
            Some(row) => {
                files::update(db, row.id, &record, now_ns)?;
                self.returned(db, row, &read.place)?;
                row.id
            }
            None => {
                let folder_id = self.folder_id(db, &read.place)?;
                files::add(db, folder_id, &read.place.name, &record, now_ns)?
            }
        };
        let (path, reason) = (read.place.path(), read.reason.as_deref());
        let found = match &read.facts {
            Ok(found) => found,
            Err(error) => {
                // What was found in it before is not what is in it now.
                facts::forget(db, id)?;
                return job_files::record(db, job, id, &path, Happening::Failed, Some(error));
            }
        };
        if read.is_as_recorded {
            return job_files::record(db, job, id, &path, Happening::Scanned, reason);
        }
        if read.known.is_some() {
            let before = facts::find(db, id)?;
            let detail = json!({
                "reason": reason,
                "before": before.as_ref().map(history::in_short),
                "after": history::in_short(found),
            });
            history::record(db, id, Some(job), now_ns, Happening::Changed, Some(&detail))?;
        }
        facts::put(db, id, found)?;
        let outcome = if read.known.is_some() { Happening::Changed } else { Happening::Added };
        job_files::record(db, job, id, &path, outcome, reason)
    }

    /// A file is there again, if it was missing.
    fn returned(&self, db: &Db, row: Row, place: &Place) -> Result<(), StoreError> {
        if !row.was_missing {
            return Ok(());
        }
        let (job, now_ns) = (self.shared.job_id, self.shared.clock.now_ns());
        files::mark_present(db, row.id)?;
        history::record(db, row.id, Some(job), now_ns, Happening::Returned, None)?;
        job_files::record(db, job, row.id, &place.path(), Happening::Returned, None)
    }

    fn folder_id(&mut self, db: &Db, place: &Place) -> Result<i64, StoreError> {
        match &self.folder {
            Some((folder, id)) if *folder == place.folder => Ok(*id),
            _ => {
                let id = files::folder(db, &place.folder)?;
                self.folder = Some((place.folder.clone(), id));
                Ok(id)
            }
        }
    }
}

const UNSTABLE: &str = "it changed while it was read, or shortly before";

/// Counts an outcome and tells it to whoever listens.
pub(super) fn tell(shared: &Shared<'_>, outcome: &Outcome) {
    let progress = &shared.progress;
    match outcome {
        Outcome::Read(read) => {
            let reason = match &read.facts {
                Ok(_) => {
                    progress.scanned.add(1);
                    read.reason.clone()
                }
                Err(error) => {
                    progress.errors.add(1);
                    tracing::warn!(file = %crate::media::text::path(&read.place.path()), error, "file could not be read");
                    Some(error.clone())
                }
            };
            if read.known.is_none() {
                progress.added.add(1);
                shared.met_new(&read.place.path(), &read.observation, read.sample_hash.as_ref());
            }
            let what = match (&read.facts, read.known) {
                (Err(_), _) => What::Error,
                (Ok(_), None) => What::Added,
                (Ok(_), Some(Row { was_missing: true, .. })) => What::Returned,
                (Ok(_), Some(_)) if read.is_as_recorded => What::Scanned,
                (Ok(_), Some(_)) => What::Changed,
            };
            shared.tell(read.place.path(), what, reason);
        }
        Outcome::Touched { row, place, .. } => {
            progress.skipped.add(1);
            shared.tell(place.path(), if row.was_missing { What::Returned } else { What::Touched }, None);
        }
        Outcome::Alias { place, observation, .. } => {
            progress.added.add(1);
            shared.met_again(&place.path(), observation);
            // The only name of known content: the file has moved, which is told when its old place is known to be empty.
            if observation.links == 1 {
                return;
            }
            shared.tell(place.path(), What::Added, Some("another name of known content".to_owned()));
        }
        Outcome::Damaged { place, .. } => {
            progress.damaged.add(1);
            progress.errors.add(1);
            tracing::error!(file = %crate::media::text::path(&place.path()), "the bytes of a file have changed by themselves");
            shared.tell(place.path(), What::Damaged, Some("its bytes differ from the recorded hash".to_owned()));
        }
        Outcome::Unstable { place, .. } => {
            progress.unstable.add(1);
            shared.tell(place.path(), What::Unstable, Some(UNSTABLE.to_owned()));
        }
    }
}
