//! Changes many files as one job: several at once where the settings say so, each with its end told and recorded.
//!
//! settle what dead jobs left → for each file: a checked plan, carried out → the job's end

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use thiserror::Error;

use super::file_end::{ApplyReport, FileEnd, Outcome, ending};
use super::plan::Refused;
use super::tools::used;
use super::{Choice, Deciders, Library};
use crate::apply::{self, AnyError, ApplyError, Checked, Committed, Manner, Means, Records, Settled, records};
use crate::disk::{self, Links};
use crate::jobs::{Cancellation, Job, JobError, JobRequest};
use crate::media::{Facts, text};
use crate::plan::Plan;
use crate::plugins::{PluginError, THREAD_STACK};
use crate::scan::{ReaderSet, Readers};
use crate::store::{Clock, Db, Happening, Reader, Store, StoreError, Writer, intents, job_files};
use crate::tools::{Tool, ToolError, Tools};

/// How an apply is followed and stopped from outside.
#[derive(Clone, Copy)]
pub struct ApplyWatch<'a> {
    pub cancel: &'a Cancellation,
    /// Hears of every file that came to an end.
    pub listener: &'a (dyn Fn(&FileEnd) + Sync),
    /// Hears how far the tools are with a file, from 0 to 1.
    pub progress: &'a (dyn Fn(&Path, f64) + Sync),
}

/// Why nothing could be carried out.
#[derive(Debug, Error)]
pub enum ApplyFailure {
    #[error(transparent)]
    Plugin(#[from] PluginError),
    #[error(transparent)]
    Job(#[from] JobError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("a thread could not be started")]
    Thread(#[source] std::io::Error),
    #[error("nothing was begun, because {tool} is needed for {files} of the files")]
    Tool { tool: Tool, files: usize, source: ToolError },
    #[error("{why}; nothing was changed ({files} of its files were to be)")]
    Offline { why: String, files: usize },
    #[error(transparent)]
    Undo(#[from] super::undo::NoUndo),
}

/// Everything that the workers of one job share.
pub(super) struct Workshop<'a> {
    library: &'a Library,
    store: &'a Store,
    choice: &'a Choice,
    readers: Arc<ReaderSet>,
    tools: Arc<Tools>,
    manner: Manner,
    writer: &'a Mutex<Writer>,
    clock: &'a Clock,
    pub job: &'a Job,
    pub watch: ApplyWatch<'a>,
    /// What a committed change is called in the history.
    happening: Happening,
}

/// What a job is to do.
pub(super) struct Order<'a, T> {
    pub request: JobRequest,
    pub happening: Happening,
    pub tools: Arc<Tools>,
    pub files: &'a [T],
    /// Writes down what is to come, as the job begins.
    pub note: &'a (dyn Fn(&Db, &str) -> Result<(), StoreError> + Sync),
    pub path: &'a (dyn Fn(&T) -> &Path + Sync),
    /// Changes one file.
    pub change: &'a (dyn Fn(&mut Bench, &T) -> FileEnd + Sync),
}

impl Library {
    /// Does what was ordered as a job of its own.
    pub(super) fn carry_out<T: Sync>(
        &self,
        choice: &Choice,
        store: &Store,
        order: Order<'_, T>,
        watch: ApplyWatch<'_>,
    ) -> Result<ApplyReport, ApplyFailure> {
        let clock = &Clock::system();
        let job = Job::begin(store, clock, order.request.clone(), watch.cancel)?;
        let span = tracing::info_span!("job", job = job.id());
        let _entered = span.enter();
        let done = self.carry_out_all(choice, store, &order, &job, clock, watch);
        job.finish(ending(&done))?;
        done
    }

    fn carry_out_all<T: Sync>(
        &self,
        choice: &Choice,
        store: &Store,
        order: &Order<'_, T>,
        job: &Job,
        clock: &Clock,
        watch: ApplyWatch<'_>,
    ) -> Result<ApplyReport, ApplyFailure> {
        let settled = self.settle_changes(store, clock, job.id())?;
        let mut writer = store.writer()?;
        writer.transaction(|db| (order.note)(db, job.id()))?;
        let writer = Mutex::new(writer);
        let tools = order.tools.clone();
        let workshop = Workshop {
            library: self,
            store,
            choice,
            readers: Arc::new(ReaderSet::load(self.plugins(), &self.reader_choices(choice, &tools))?),
            tools,
            manner: Manner::from(&choice.settings.apply),
            writer: &writer,
            clock,
            job,
            watch,
            happening: order.happening,
        };
        let ends = workshop.change_all(order);
        // Whatever was told is to last, a power cut included.
        writer.lock().unwrap_or_else(PoisonError::into_inner).sync()?;
        job.used_tools(used(&workshop.tools));
        Ok(ApplyReport::new(job.id(), &ends?, settled, watch.cancel.is_requested()))
    }

    /// Settles the changes that dead processes left. The intents are taken over by a job of this process first.
    pub(super) fn settle_changes(
        &self,
        store: &Store,
        clock: &Clock,
        job_id: &str,
    ) -> Result<Vec<Settled>, StoreError> {
        let mut writer = store.writer()?;
        let left = writer.transaction(|db| intents::take_over(db, job_id))?;
        if left.is_empty() {
            return Ok(Vec::new());
        }
        let writer = Mutex::new(writer);
        let ledger = Records::new(&writer, clock, job_id);
        let mut settled = Vec::new();
        for (id, stage, intent) in left.into_iter().filter_map(records::read) {
            match apply::settle(id, stage, &intent, &ledger) {
                Ok(one) => settled.push(one),
                Err(error) => {
                    tracing::warn!(file = %intent.original.display(), %error, "an interrupted change is not settled yet");
                }
            }
        }
        Ok(settled)
    }
}

impl<'a> Workshop<'a> {
    /// Changes every file, each on the next thread that is free.
    fn change_all<T: Sync>(&'a self, order: &Order<'_, T>) -> Result<Vec<FileEnd>, ApplyFailure> {
        let threads = self.choice.settings.apply.jobs.value.count().clamp(1, order.files.len().max(1));
        let (next, ends) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
        let work = || -> Result<(), ApplyFailure> {
            let mut bench = self.bench()?;
            while let Some(file) = order.files.get(next.fetch_add(1, Ordering::Relaxed)) {
                let end = bench.one(order, file);
                (self.watch.listener)(&end);
                ends.lock().unwrap_or_else(PoisonError::into_inner).push(end);
            }
            Ok(())
        };
        thread::scope(|scope| {
            let mut workers = Vec::new();
            for _ in 0..threads {
                let worker = thread::Builder::new().name("apply".to_owned()).stack_size(THREAD_STACK);
                workers.push(worker.spawn_scoped(scope, work).map_err(ApplyFailure::Thread)?);
            }
            for worker in workers {
                worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
            }
            Ok::<_, ApplyFailure>(())
        })?;
        Ok(ends.into_inner().unwrap_or_else(PoisonError::into_inner))
    }

    fn bench(&'a self) -> Result<Bench<'a>, ApplyFailure> {
        Ok(Bench {
            workshop: self,
            db: self.store.reader()?,
            deciders: None,
            readers: RefCell::new(self.readers.on_this_thread()),
            ledger: Records::new(self.writer, self.clock, self.job.id()),
        })
    }
}

/// What one thread works with.
pub(super) struct Bench<'a> {
    pub workshop: &'a Workshop<'a>,
    /// Of its own, so that no other thread waits while files are looked at.
    pub db: Reader,
    deciders: Option<Deciders>,
    readers: RefCell<Readers>,
    ledger: Records<'a>,
}

impl Bench<'_> {
    fn one<T>(&mut self, order: &Order<'_, T>, file: &T) -> FileEnd {
        let path = (order.path)(file);
        if self.workshop.watch.cancel.is_requested() {
            return FileEnd::new(path, Outcome::Cancelled, "the job was stopped before it came to this file");
        }
        let span = tracing::info_span!("file", file = %text::path(path));
        let _entered = span.enter();
        self.workshop.job.working_on(text::path(path));
        (order.change)(self, file)
    }

    /// The policies of the profile, made ready when they are first asked.
    pub fn deciders(&mut self) -> Result<&mut Deciders, PluginError> {
        if self.deciders.is_none() {
            self.deciders = Some(self.workshop.library.deciders(self.workshop.choice)?);
        }
        Ok(self.deciders.as_mut().expect("they were just made"))
    }

    pub fn carry_out(&self, checked: Checked) -> Result<Committed, ApplyError> {
        let path = checked.subject().path.clone();
        let watch = Following { path, watch: self.workshop.watch, job: self.workshop.job };
        let introspect = |path: &Path| self.introspect(path);
        let means = Means {
            tools: &self.workshop.tools,
            manner: self.workshop.manner.clone(),
            ledger: &self.ledger,
            introspect: &introspect,
            watch: &watch,
        };
        apply::carry_out(checked, &means)
    }

    fn introspect(&self, path: &Path) -> Result<Facts, AnyError> {
        let file = disk::open_file(path, Links::Follow)?;
        let size = file.metadata()?.len();
        let reading = self.readers.borrow_mut().read(&Arc::new(file), size, path);
        self.ledger.read_by(reading.reader.as_deref());
        reading.facts.map_err(AnyError::from)
    }

    /// Records how a file ended that was not changed; a change has recorded itself.
    pub fn end(&self, file: &Path, id: i64, plan: &Plan, done: Result<Committed, (Outcome, Refused)>) -> FileEnd {
        let outcome = if self.workshop.happening == Happening::Undone { Outcome::Undone } else { Outcome::Edited };
        match done {
            Ok(committed) => FileEnd {
                target: (committed.path != file).then_some(committed.path),
                backup: committed.backup,
                warnings: warnings(committed.complaints, &committed.left_out),
                bytes: committed.bytes,
                ..FileEnd::new(file, outcome, &records::in_words(plan))
            },
            Err((outcome, refused)) => {
                tracing::warn!(file = %file.display(), code = refused.code, reason = refused.message, "file not changed");
                let happening = match outcome {
                    Outcome::Skipped | Outcome::Cancelled => Happening::Skipped,
                    _ => Happening::Failed,
                };
                let mut writer = self.workshop.writer.lock().unwrap_or_else(PoisonError::into_inner);
                // A file of a saved plan that is not recorded any more has no place to record it at.
                let recorded = writer.transaction(|db| {
                    if id == 0 {
                        return Ok(());
                    }
                    let job = self.workshop.job.id();
                    job_files::end_planned(db, job, id)?;
                    job_files::record(db, job, id, file, happening, Some(&refused.message))
                });
                if let Err(error) = recorded {
                    tracing::error!(%error, "the outcome could not be recorded");
                }
                FileEnd { code: Some(refused.code), ..FileEnd::new(file, outcome, &refused.message) }
            }
        }
    }
}

fn warnings(mut complaints: Vec<String>, left_out: &[&str]) -> Vec<String> {
    if !left_out.is_empty() {
        complaints.push(format!("could not be carried over from the original: {}", left_out.join(", ")));
    }
    complaints
}

/// Passes on what happens to one file.
struct Following<'a> {
    path: PathBuf,
    watch: ApplyWatch<'a>,
    job: &'a Job,
}

impl apply::Watch for Following<'_> {
    fn progress(&self, done: f64) {
        (self.watch.progress)(&self.path, done);
    }

    fn is_cancelled(&self) -> bool {
        self.watch.cancel.is_requested()
    }

    fn spent(&self, phase: &'static str, time: Duration) {
        self.job.spent(phase, time);
    }
}
