//! Files on disk become rows: walk → observe → detect → introspect → write.
//!
//! Several threads walk and observe, each asking its own detector in batches; what has to be opened goes to several
//! reading threads, what has to be written to one writer. All channels are bounded, and files that are as recorded are
//! only counted, so memory does not grow with the library. What is absent is concluded at the end (`absence`).

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
mod stages;
mod walk;
mod work;
mod write;

use std::sync::{Arc, Mutex};

pub use error::ScanError;
pub use readers::{ReaderChoice, ReaderSet, Readers, Reading};
pub use report::{Count, Held, Phase, Progress, Scanned, Summary, Told, What};
pub use request::{Breaker, Mode, ScanRequest};
pub use roots::{Offline, OpenRoot, offline};
pub use select::{BadPattern, IGNORE_FILE, Ignores, Patterns};

use crate::disk::hash::Hash;
use crate::jobs::Cancellation;
use crate::plugins::Plugins;
use crate::store::listings::{self, Listing};
use crate::store::{Clock, Store, Writer, files, roots as root_rows};
use absence::Absence;
use detect::FirstNames;
use foresee::Foreseen;
use select::Selection;
use shared::Shared;
use work::{Outcome, Read};
use write::Rows;

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
    let first_names = FirstNames::default();
    let writer = stages::run(&shared, roots, &readers, &selection, &absence, &first_names, means)?;
    let writer = link_waiting(&shared, first_names, writer)?;
    finish(&shared, roots, absence, writer, means)
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
