//! Intents and outcomes in the database.

use std::cell::RefCell;
use std::sync::{Mutex, PoisonError};

use serde_json::json;

use super::intent::{Changed, Intent, Ledger, Stage, Story};
use super::patch::Patch;
use crate::disk::path_text;
use crate::plan::{ActionKind, Plan};
use crate::store::files::{FileState, Record};
use crate::store::intents::IntentRow;
use crate::store::{Clock, Db, Happening, StoreError, Writer, facts, files, history, intents, job_files};

/// Writes down what happens to the files of one job, for one thread.
pub struct Records<'a> {
    writer: &'a Mutex<Writer>,
    clock: &'a Clock,
    job_id: &'a str,
    reader: RefCell<Option<String>>,
}

impl<'a> Records<'a> {
    pub fn new(writer: &'a Mutex<Writer>, clock: &'a Clock, job_id: &'a str) -> Self {
        Self { writer, clock, job_id, reader: RefCell::new(None) }
    }

    /// Notes who read the facts that are committed next, as `name version`.
    pub fn read_by(&self, reader: Option<&str>) {
        *self.reader.borrow_mut() = reader.map(str::to_owned);
    }

    fn write<T>(&self, durable: bool, work: impl FnOnce(&Db) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        if durable { writer.durable_transaction(work) } else { writer.transaction(work) }
    }

    fn commit_rows(&self, db: &Db, id: i64, changed: &Changed) -> Result<(), StoreError> {
        let Changed { intent, path, observation, sample, facts: found } = changed;
        let now_ns = self.clock.now_ns();
        let outcome = if intent.story.is_undo { Happening::Undone } else { Happening::Edited };
        let sample = sample.as_deref().and_then(|sample| sample.try_into().ok());
        let reader = self.reader.borrow();
        let record = Record {
            observation,
            observed_ns: now_ns,
            state: FileState::Ok,
            error: None,
            reader: reader.as_deref(),
            sample_hash: sample.as_ref(),
            full_hash: None,
        };
        if *path != intent.original {
            files::move_to(db, intent.file_id, path)?;
            history::record_move(db, intent.file_id, Some(self.job_id), now_ns, &intent.original, path)?;
        }
        files::update(db, intent.file_id, &record, now_ns)?;
        facts::put(db, intent.file_id, found)?;
        let words = [in_words(&intent.story.plan)];
        let reason = words.iter().chain(&intent.story.complaints).map(String::as_str).collect::<Vec<_>>().join("; ");
        let detail = json!({
            "reason": reason,
            "steps": intent.story.plan.steps,
            "before": history::in_short(&intent.story.before),
            "after": history::in_short(found),
            "backup": intent.backup.as_deref().map(path_text::write),
            "story": intent.story,
        });
        history::record(db, intent.file_id, Some(self.job_id), now_ns, outcome, Some(&detail))?;
        job_files::end_planned(db, self.job_id, intent.file_id)?;
        job_files::record(db, self.job_id, intent.file_id, path, outcome, Some(&reason))?;
        intents::update(db, id, Stage::Committed.name(), intent.backup.as_deref(), &story(intent), None, now_ns)
    }
}

impl Ledger for Records<'_> {
    fn begin(&self, intent: &Intent) -> Result<Option<i64>, StoreError> {
        let row = IntentRow {
            id: 0,
            file_id: intent.file_id,
            original: intent.original.clone(),
            work: intent.work.clone(),
            target: intent.target.clone(),
            backup: intent.backup.clone(),
            plan: story(intent),
            undo: None,
            stage: Stage::Running.name().to_owned(),
        };
        // A power cut that loses it leaves nothing but a work file, which can be as large as a film.
        let is_large = intent.story.plan.steps.iter().any(|step| !step.action.kind().is_metadata_edit());
        self.write(is_large, |db| match intents::is_open(db, row.file_id)? {
            true => Ok(None),
            false => intents::insert(db, self.job_id, &row, self.clock.now_ns()).map(Some),
        })
    }

    fn reach(&self, id: i64, stage: Stage, intent: &Intent) -> Result<(), StoreError> {
        let undo = intent.undo.as_ref().map(Patch::to_bytes);
        self.write(true, |db| {
            let backup = intent.backup.as_deref();
            intents::update(db, id, stage.name(), backup, &story(intent), undo.as_deref(), self.clock.now_ns())
        })
    }

    fn commit(&self, id: i64, changed: &Changed) -> Result<(), StoreError> {
        self.write(false, |db| self.commit_rows(db, id, changed))
    }

    fn forget(&self, id: i64) -> Result<(), StoreError> {
        self.write(false, |db| intents::delete(db, id))
    }
}

/// Reads an intent back; `None` for one that this version does not understand.
pub fn read(row: IntentRow) -> Option<(i64, Stage, Intent)> {
    let story: Story = serde_json::from_str(&row.plan).ok()?;
    let undo = row.undo.as_deref().and_then(Patch::from_bytes);
    let IntentRow { id, file_id, original, work, target, backup, stage, .. } = row;
    Some((id, Stage::from_name(&stage)?, Intent { file_id, original, work, target, backup, story, undo }))
}

fn story(intent: &Intent) -> String {
    serde_json::to_string(&intent.story).expect("stories are plain data")
}

/// Bytes as they are shown and kept in JSON.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A plan in a few words: `remove-track 2, set-flag 3`.
pub fn in_words(plan: &Plan) -> String {
    if plan.is_empty() {
        // Nothing is done to a file without a plan but to bring its original back.
        return "the original that was kept is back".to_owned();
    }
    let mut words: Vec<String> = Vec::new();
    for kind in ActionKind::ALL {
        match plan.steps.iter().filter(|step| step.action.kind() == kind).count() {
            0 => {}
            1 => words.push(kind.name().to_owned()),
            count => words.push(format!("{kind} {count}")),
        }
    }
    words.join(", ")
}
