//! The stages of a scan on their threads, and what flows between them. All channels are bounded.

use std::sync::Arc;
use std::thread::{self, ScopedJoinHandle};

use crossbeam_channel::{Sender, bounded};

use super::Means;
use super::absence::Absence;
use super::detect::{FirstNames, Pending, Sieve};
use super::error::ScanError;
use super::folders::Folders;
use super::introspect::{self, Introspecting};
use super::readers::ReaderSet;
use super::report::Phase;
use super::roots::OpenRoot;
use super::select::Selection;
use super::shared::Shared;
use super::walk::Walker;
use super::work::{Outcome, Work};
use super::write::Writing;
use crate::disk::FilesystemClass;
use crate::plugins::detector::{self, Scan};
use crate::plugins::{Detector, PluginError, THREAD_STACK};
use crate::store::Writer;

/// Work and outcomes that may wait between two stages.
const CHANNEL: usize = 4096;

/// What every thread of the middle stages needs.
struct Stages<'a> {
    shared: &'a Shared<'a>,
    means: &'a Means<'a>,
    readers: &'a Arc<ReaderSet>,
    scans: Vec<Scan>,
}

/// Runs all stages until everything has been walked, read and written. Hands the connection back that wrote; there is none in
/// a dry run.
pub(super) fn run(
    shared: &Shared<'_>,
    roots: &[OpenRoot],
    readers: &Arc<ReaderSet>,
    selection: &Selection,
    absence: &Absence,
    first_names: &FirstNames,
    means: &Means<'_>,
) -> Result<Option<Writer>, ScanError> {
    let request = shared.request;
    let scans = FilesystemClass::ALL.into_iter().map(|class| scan_of(class, shared)).collect();
    let stages = &Stages { shared, means, readers, scans };
    let folders = Folders::new(roots, request.follow_symlinks);
    let (to_read, work) = bounded(CHANNEL);
    let (to_write, outcomes) = bounded(CHANNEL);
    let writer = if request.mode.dry_run { None } else { Some(means.store.writer()?) };
    let threads = request.threads.max(1);

    shared.progress.enter(Phase::Walking);
    thread::scope(|scope| {
        let writing = Writing { shared, writer, outcomes };
        let writing = spawn(scope, "scan-write", move || writing.run())?;
        let mut reading = Vec::new();
        for _ in 0..threads {
            let (work, to_write) = (work.clone(), to_write.clone());
            // Made ready when there is something to read: most scans find nothing changed.
            let one = move || stages.reading(to_write);
            reading.push(spawn(scope, "scan-read", move || introspect::work_through(&work, one))?);
        }
        drop(work);
        let mut walking = Vec::new();
        for _ in 0..threads {
            let sieve = stages.sieve(first_names, to_read.clone(), to_write.clone())?;
            let db = means.store.reader()?;
            let one = Walker { shared, folders: &folders, selection, roots, absence, db, sieve };
            walking.push(spawn(scope, "scan-walk", move || one.run())?);
        }
        drop((to_read, to_write));
        let walked = join_all(walking);
        shared.progress.enter(Phase::Reading);
        let read = join_all(reading);
        let written = join(writing);
        // The writer's failure is the cause of the others', and the readers' of the walkers'.
        let writer = written?;
        read.and(walked)?;
        Ok(writer)
    })
}

impl Stages<'_> {
    fn reading(&self, to_write: Sender<Outcome>) -> Result<Introspecting<'_>, ScanError> {
        Ok(Introspecting {
            shared: self.shared,
            readers: self.readers.on_this_thread(),
            detector: self.detector()?,
            scans: &self.scans,
            db: self.means.store.reader()?,
            to_write,
        })
    }

    fn sieve<'a>(
        &'a self,
        first_names: &'a FirstNames,
        to_read: Sender<Work>,
        to_write: Sender<Outcome>,
    ) -> Result<Sieve<'a>, ScanError> {
        Ok(Sieve {
            shared: self.shared,
            detector: self.detector()?,
            scans: &self.scans,
            to_read,
            to_write,
            first_names,
            pending: Pending::default(),
        })
    }

    fn detector(&self) -> Result<Detector, PluginError> {
        let (name, options) = &self.shared.request.detector;
        self.means.plugins.detector(name, options.clone())
    }
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
