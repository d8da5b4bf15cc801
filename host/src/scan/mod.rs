//! Files on disk become rows: walk → observe → detect → introspect → write.
//!
//! Several threads walk and observe, each asking its own detector in batches; what has to be opened goes to several
//! reading threads, what has to be written to one writer. All channels are bounded, and files that are as recorded are
//! only counted, so memory does not grow with the library. What is absent is concluded at the end ([`absence`]).

mod absence;
mod detect;
mod error;
mod folders;
mod foresee;
mod introspect;
mod moves;
mod readers;
mod report;
mod request;
mod roots;
mod select;
mod shared;
mod walk;
mod work;
mod write;

use std::sync::{Arc, Mutex};
use std::thread::{self, ScopedJoinHandle};

use crossbeam_channel::{Receiver, Sender, bounded};

pub use error::ScanError;
pub use readers::{ReaderChoice, ReaderSet, Readers, Reading};
pub use report::{Count, Held, Phase, Progress, Scanned, Summary, Told, What};
pub use request::{Breaker, Mode, ScanRequest};
pub use roots::{Offline, OpenRoot, offline};
pub use select::{BadPattern, IGNORE_FILE, Ignores, Patterns};

use crate::disk::FilesystemClass;
use crate::disk::hash::Hash;
use crate::jobs::Cancellation;
use crate::plugins::detector::{self, Scan};
use crate::plugins::{Plugins, THREAD_STACK};
use crate::store::listings::{self, Listing};
use crate::store::{Clock, Store, Writer, files, roots as root_rows};
use absence::Absence;
use detect::{FirstNames, Pending, Sieve};
use folders::Folders;
use foresee::Foreseen;
use introspect::Introspecting;
use select::Selection;
use shared::Shared;
use walk::Walker;
use work::{Outcome, Read, Work};
use write::{Rows, Writing};

/// Work and outcomes that may wait between two stages.
const CHANNEL: usize = 4096;

/// Folders that are packed in one transaction.
const PACKED_AT_ONCE: usize = 512;

/// What a scan needs beside its request.
pub struct Means<'a> {
    pub store: &'a Store,
    pub plugins: &'a Plugins,
    pub clock: &'a Clock,
    pub cancel: &'a Cancellation,
    pub progress: &'a Progress,
    /// Told about files one by one, from several threads.
    pub listener: Option<&'a (dyn Fn(Told) + Sync)>,
}

/// The roots of a request, opened and judged; a root that is offline is an error before anything is done (R6).
pub fn open_roots(store: &Store, request: &ScanRequest) -> Result<Vec<OpenRoot>, ScanError> {
    roots::open(&*store.reader()?, request)
}

/// Scans the opened roots for a job.
pub fn scan(request: &ScanRequest, roots: &[OpenRoot], job_id: &str, means: &Means<'_>) -> Result<Scanned, ScanError> {
    let readers = Arc::new(ReaderSet::load(means.plugins, &request.readers)?);
    let selection = Selection::new(request, readers.extensions())?;
    let shared = Shared {
        request,
        readers: &readers,
        progress: means.progress,
        cancel: means.cancel,
        clock: means.clock,
        listener: means.listener,
        job_id,
        started_ns: means.clock.now_ns(),
        unreadable: Mutex::default(),
        to_pack_again: Mutex::default(),
        troubled: Mutex::default(),
        foreseen: Foreseen::default(),
    };
    means.progress.expected.set(roots.iter().map(|root| root.recorded).sum());
    let absence = Absence::before_walk(&*means.store.reader()?, roots, request.mode.accept_missing)?;
    let writer = pipeline(&shared, roots, &readers, &selection, &absence, means)?;
    finish(&shared, roots, absence, writer, means)
}

/// Runs all stages until everything has been walked, read and written.
fn pipeline(
    shared: &Shared<'_>,
    roots: &[OpenRoot],
    readers: &Arc<ReaderSet>,
    selection: &Selection,
    absence: &Absence,
    means: &Means<'_>,
) -> Result<Option<Writer>, ScanError> {
    let request = shared.request;
    let scans: Vec<Scan> = FilesystemClass::ALL.into_iter().map(|class| scan_of(class, shared)).collect();
    let folders = Folders::new(roots, request.follow_symlinks);
    let first_names = FirstNames::default();
    let (to_read, work): (Sender<Work>, Receiver<Work>) = bounded(CHANNEL);
    let (to_write, outcomes): (Sender<Outcome>, Receiver<Outcome>) = bounded(CHANNEL);
    let (detector_name, detector_options) = &request.detector;
    let detector = || means.plugins.detector(detector_name, detector_options.clone());
    let writer = if request.mode.dry_run { None } else { Some(means.store.writer()?) };

    shared.progress.enter(Phase::Walking);
    let writer = thread::scope(|scope| {
        let writing = Writing { shared, writer, outcomes };
        let writing = spawn(scope, "scan-write", move || writing.run())?;
        let mut reading = Vec::new();
        for _ in 0..request.threads.max(1) {
            let one = Introspecting {
                shared,
                readers: readers.on_this_thread(means.plugins)?,
                detector: detector()?,
                scans: &scans,
                db: means.store.reader()?,
                work: work.clone(),
                to_write: to_write.clone(),
            };
            reading.push(spawn(scope, "scan-read", move || one.run())?);
        }
        drop(work);
        let mut walking = Vec::new();
        for _ in 0..request.threads.max(1) {
            let one = Walker {
                shared,
                folders: &folders,
                selection,
                roots,
                absence,
                db: means.store.reader()?,
                sieve: Sieve {
                    shared,
                    detector: detector()?,
                    scans: &scans,
                    to_read: to_read.clone(),
                    to_write: to_write.clone(),
                    first_names: &first_names,
                    pending: Pending::default(),
                },
            };
            walking.push(spawn(scope, "scan-walk", move || one.run())?);
        }
        drop((to_read, to_write));
        let walked = join_all(walking);
        shared.progress.enter(Phase::Reading);
        let read = join_all(reading);
        let written = join(writing);
        // The writer's failure is the cause of the others'.
        let writer = written?;
        walked.and(read)?;
        Ok::<_, ScanError>(writer)
    })?;
    link_waiting(shared, first_names, writer)
}

/// Gives the other names of hard links that were new in this scan what their first name was found to be.
fn link_waiting(
    shared: &Shared<'_>,
    first_names: FirstNames,
    writer: Option<Writer>,
) -> Result<Option<Writer>, ScanError> {
    let waiting = first_names.into_waiting();
    let Some(mut writer) = writer else {
        shared.progress.added.add(waiting.len() as u64);
        return Ok(None);
    };
    if waiting.is_empty() || shared.is_cancelled() {
        return Ok(Some(writer));
    }
    let mut linked = Vec::new();
    writer.transaction(|db| {
        let mut rows = Rows { shared, folder: None };
        for (place, observation) in waiting {
            let outcome = if let Some(of) = files::find_same(db, &observation)? {
                Outcome::Alias { place, observation, of }
            } else if let Some(failure) = files::find_same_failure(db, &observation)? {
                Outcome::Read(Box::new(Read {
                    reader: failure.reader.map(Into::into),
                    sample_hash: failure.sample.and_then(|sample| Hash::try_from(sample).ok()),
                    ..Read::failed(place, None, observation, shared.clock.now_ns(), failure.error)
                }))
            } else {
                // The first name was unstable; all of them are left for the next scan.
                continue;
            };
            rows.write(db, &outcome)?;
            linked.push(outcome);
        }
        Ok::<_, ScanError>(())
    })?;
    linked.iter().for_each(|outcome| write::tell(shared, outcome));
    Ok(Some(writer))
}

/// Concludes what is absent, prunes when asked, and records the roots; one transaction each.
fn finish(
    shared: &Shared<'_>,
    roots: &[OpenRoot],
    absence: Absence,
    writer: Option<Writer>,
    means: &Means<'_>,
) -> Result<Scanned, ScanError> {
    shared.progress.enter(Phase::Finishing);
    let mut scanned = Scanned::default();
    if shared.is_cancelled() {
        scanned.cancelled = true;
    } else if let Some(mut writer) = writer {
        let gone = absence.conclude(&*means.store.reader()?, shared, roots)?;
        let mut concluded =
            writer.transaction(|db| absence::settle(db, shared, roots, gone).map_err(ScanError::Store))?;
        concluded.tell(shared);
        scanned.held = std::mem::take(&mut concluded.held);
        if shared.request.mode.prune {
            let held = &scanned.held;
            scanned.summary.pruned =
                writer.transaction(|db| absence::prune(db, shared, roots, held).map_err(ScanError::Store))?;
        }
        pack(&mut writer, roots, shared)?;
        let is_complete = scanned.held.is_empty();
        let now_ns = shared.clock.now_ns();
        writer.transaction(|db| {
            // A held root stays what it was until a person has looked.
            let is_held = |root: &OpenRoot| scanned.held.iter().any(|held| held.root == root.path);
            for root in roots.iter().filter(|root| !is_held(root)) {
                if root.is_gone {
                    root_rows::forget(db, &root.path)?;
                    continue;
                }
                let completed = match is_complete {
                    true => Some((now_ns, listings::count_below(db, &root.path)?)),
                    false => None,
                };
                root_rows::put(db, &root.record(completed))?;
            }
            Ok::<_, ScanError>(())
        })?;
    } else {
        let db = means.store.reader()?;
        let gone = absence.conclude(&db, shared, roots)?;
        scanned.held = foresee::foresee(&db, shared, roots, &gone)?;
    }
    let pruned = scanned.summary.pruned;
    scanned.summary = Summary { pruned, ..shared.progress.summary() };
    scanned.phases = shared.progress.phases();
    scanned.troubled = std::mem::take(&mut *shared.troubled.lock().expect("pushing does not panic"));
    scanned.unreadable = std::mem::take(&mut *shared.unreadable.lock().expect("pushing does not panic"));
    Ok(scanned)
}

/// Packs what the next scan has to know of each folder, where that is not packed; in several transactions, so that no
/// other writer waits long.
fn pack(writer: &mut Writer, roots: &[OpenRoot], shared: &Shared<'_>) -> Result<(), ScanError> {
    let mut listing = Listing::default();
    let damaged = std::mem::take(&mut *shared.to_pack_again.lock().expect("pushing does not panic"));
    if !damaged.is_empty() {
        writer.transaction(|db| damaged.iter().try_for_each(|folder| listings::forget(db, *folder)))?;
    }
    for root in roots {
        let mut after = 0;
        loop {
            let folders = listings::unpacked_below(writer, &root.path, after, PACKED_AT_ONCE)?;
            let Some(last) = folders.last() else { break };
            after = *last;
            writer.transaction(|db| folders.iter().try_for_each(|folder| listings::pack(db, *folder, &mut listing)))?;
        }
    }
    Ok(())
}

/// What the detector is told of a scan on a class of filesystem.
fn scan_of(class: FilesystemClass, shared: &Shared<'_>) -> Scan {
    Scan {
        started_ns: shared.started_ns,
        filesystem: match class {
            FilesystemClass::Local => detector::FilesystemClass::Local,
            FilesystemClass::Fat => detector::FilesystemClass::Fat,
            FilesystemClass::Fuse => detector::FilesystemClass::Fuse,
            FilesystemClass::Network => detector::FilesystemClass::Network,
        },
        granularity_ns: class.granularity_ns(),
        trust_inode: class.is_trusted(),
        trust_ctime: class.is_trusted(),
        verify_hash: shared.request.mode.verify_hash,
        extra: Vec::new(),
    }
}

fn spawn<'scope, T: Send + 'scope>(
    scope: &'scope thread::Scope<'scope, '_>,
    name: &str,
    work: impl FnOnce() -> Result<T, ScanError> + Send + 'scope,
) -> Result<ScopedJoinHandle<'scope, Result<T, ScanError>>, ScanError> {
    // What is logged there belongs to the job, too.
    let span = tracing::Span::current();
    // Every thread that calls guests needs their stack.
    thread::Builder::new()
        .name(name.to_owned())
        .stack_size(THREAD_STACK)
        .spawn_scoped(scope, move || span.in_scope(work))
        .map_err(|cause| ScanError::Thread(cause.to_string()))
}

fn join<T>(thread: ScopedJoinHandle<'_, Result<T, ScanError>>) -> Result<T, ScanError> {
    thread.join().unwrap_or_else(|_| Err(ScanError::Thread("it panicked".to_owned())))
}

fn join_all(threads: Vec<ScopedJoinHandle<'_, Result<(), ScanError>>>) -> Result<(), ScanError> {
    threads.into_iter().map(join).fold(Ok(()), Result::and)
}
