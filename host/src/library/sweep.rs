//! Plans many recorded files at once, and hands the plans on in the order of their paths.
//!
//! One thread walks through the database, the others ask the policies, and the caller hears of each file as its turn comes.
//! Only so many files are under way at a time, so that memory does not grow with the library.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::thread;

use crossbeam_channel::{Receiver, Sender, bounded};

use super::foresight::Foresight;
use super::plan::{PlanFailure, PlannedFile, find_subject};
use super::scope::Scope;
use super::{Choice, Deciders, Library};
use crate::apply::Subject;
use crate::plan::Plan;
use crate::plugins::THREAD_STACK;
use crate::store::{Db, Store, StoreError, facts, files, roots};

/// Files that go from one thread to another at a time.
const BATCH: usize = 64;

/// Batches under way for each thread that asks policies.
const AHEAD: usize = 4;

/// A file to plan: found by its name, or in a folder and not unpacked yet.
enum Found {
    Named(Box<Subject>),
    Recorded(facts::Recorded),
}

/// A file to plan, with which of the choices are about it.
struct Wanted {
    found: Found,
    by: Vec<bool>,
}

/// The plans of one file, one for each choice.
type Plans = Vec<PlannedFile>;

/// Files with their place in the order.
struct Batch<T> {
    number: usize,
    files: Vec<T>,
}

/// What a thread that asks policies says.
enum Said {
    Planned(Batch<Plans>),
    /// It ended before its work did, so that nobody waits for the rest.
    Gone,
}

/// Says that a thread is gone when it ends unexpectedly, a panic included.
struct Alarm<'a> {
    to: &'a Sender<Said>,
    is_done: bool,
}

impl Drop for Alarm<'_> {
    fn drop(&mut self) {
        if !self.is_done {
            let _ = self.to.send(Said::Gone);
        }
    }
}

/// Where the reading thread puts what it finds.
struct Outlet<'a> {
    to: Sender<Batch<Wanted>>,
    /// One is taken for each batch, and comes back when it has been handed on.
    permits: Receiver<()>,
    number: usize,
    files: Vec<Wanted>,
    scopes: Vec<Scope<'a>>,
}

impl Library {
    /// Plans every recorded file at or below the paths, or below the folders of the profile, handing each on as it comes,
    /// until told to stop, with what stands in its way now.
    pub fn plan(
        &self,
        choice: &Choice,
        paths: &[PathBuf],
        mut each: impl FnMut(PlannedFile) -> ControlFlow<()>,
    ) -> Result<(), PlanFailure> {
        let store = Store::open_to_read(&choice.settings.database.path)?;
        let reader = store.reader()?;
        let mut foresight = Foresight::of(choice, &reader)?;
        let mut looked = Ok(());
        self.plan_by_all(&[choice], paths, |mut plans| {
            let mut planned = plans.pop().expect("one choice gives one plan");
            looked = foresight.look(&reader, &mut planned);
            if looked.is_ok() { each(planned) } else { ControlFlow::Break(()) }
        })?;
        Ok(looked?)
    }

    /// The same by several choices, for comparing: the files are those of the first, each with one plan by every choice.
    pub fn plan_by_all(
        &self,
        choices: &[&Choice],
        paths: &[PathBuf],
        mut each: impl FnMut(Vec<PlannedFile>) -> ControlFlow<()>,
    ) -> Result<(), PlanFailure> {
        if let Some(idle) = choices.iter().find(|choice| choice.profile.policies.is_empty()) {
            return Err(PlanFailure::NoPolicy { profile: idle.profile.label().to_owned() });
        }
        let Some(choice) = choices.first() else { return Ok(()) };
        let store = Store::open_to_read(&choice.settings.database.path)?;
        let known_roots: Vec<PathBuf> = roots::all(&*store.reader()?)?.into_iter().map(|root| root.path).collect();
        let places = self.places_to_plan(choice, paths, &known_roots)?;
        let are_named = !paths.is_empty();

        let working = &self.places().working;
        let scopes = choices.iter().map(|choice| Scope::of(choice, working, &known_roots)).collect::<Result<_, _>>()?;

        let threads = thread::available_parallelism().map_or(1, usize::from);
        let window = threads * AHEAD;
        let (found_to, found) = bounded(window);
        let (planned_to, planned) = bounded(window);
        let (permits_to, permits) = bounded(window);
        (0..window).for_each(|_| permits_to.send(()).expect("the receiver is here"));

        thread::scope(|scope| {
            let start = |name: &str| thread::Builder::new().name(name.to_owned()).stack_size(THREAD_STACK);
            let outlet = Outlet { to: found_to, permits, number: 0, files: Vec::new(), scopes };
            let reading = start("plan-read")
                .spawn_scoped(scope, || read(&store, &places, are_named, outlet))
                .map_err(PlanFailure::Thread)?;
            let mut asking = Vec::new();
            for _ in 0..threads {
                let (found, planned_to, roots) = (found.clone(), planned_to.clone(), &known_roots);
                let asks = start("plan").spawn_scoped(scope, move || self.ask(choices, roots, &found, &planned_to));
                asking.push(asks.map_err(PlanFailure::Thread)?);
            }
            drop((found, planned_to));

            let mut waiting = BTreeMap::new();
            let mut next = 0;
            'batches: for said in &planned {
                let Said::Planned(batch) = said else { break };
                waiting.insert(batch.number, batch.files);
                while let Some(files) = waiting.remove(&next) {
                    next += 1;
                    let _ = permits_to.send(());
                    for file in files {
                        if each(file).is_break() {
                            break 'batches;
                        }
                    }
                }
            }
            // Whoever is still at work finds nobody listening.
            drop((planned, permits_to));
            let read = reading.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            for asks in asking {
                asks.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
            }
            read
        })
    }

    /// Plans batch after batch on one thread.
    fn ask(
        &self,
        choices: &[&Choice],
        known_roots: &[PathBuf],
        found: &Receiver<Batch<Wanted>>,
        planned_to: &Sender<Said>,
    ) -> Result<(), PlanFailure> {
        let mut alarm = Alarm { to: planned_to, is_done: false };
        let mut ready: Vec<Deciders> = Vec::new();
        for batch in found {
            // Not before there is work: for a single file one thread is enough.
            for choice in &choices[ready.len()..] {
                ready.push(self.deciders(choice)?);
            }
            let subjects = batch.files.into_iter().filter_map(|file| Some((file.found.subject()?, file.by)));
            let files = subjects.map(|(subject, wanted_by)| {
                let above = known_roots.iter().filter(|root| subject.path.starts_with(root));
                let root = above.max_by_key(|root| root.as_os_str().len()).map(PathBuf::as_path);
                let plan = |one: &mut Deciders, is_wanted: bool, subject: Subject| match is_wanted {
                    true => one.plan(subject, root),
                    false => PlannedFile::of(subject, Plan::default(), root),
                };
                let mut plans = Plans::new();
                if let (Some((last, others)), Some(by_last)) = (ready.split_last_mut(), wanted_by.last()) {
                    plans.extend(others.iter_mut().zip(&wanted_by).map(|(one, by)| plan(one, *by, subject.clone())));
                    plans.push(plan(last, *by_last, subject));
                }
                plans
            });
            let files = files.collect();
            if planned_to.send(Said::Planned(Batch { number: batch.number, files })).is_err() {
                break;
            }
        }
        alarm.is_done = true;
        Ok(())
    }
}

impl Found {
    fn subject(self) -> Option<Subject> {
        match self {
            Self::Named(subject) => Some(*subject),
            Self::Recorded(recorded) => {
                let facts = recorded.facts()?;
                let file = recorded.file;
                let (id, path, observation, sample) = (file.id, file.path, file.observation, file.sample_hash);
                Some(Subject { id, path, observation, sample, facts })
            }
        }
    }
}

impl Outlet<'_> {
    /// Which of the choices are about a file.
    fn wanted_by(&mut self, path: &Path) -> Vec<bool> {
        self.scopes.iter_mut().map(|scope| scope.holds(path)).collect()
    }

    /// Takes one file, unless no choice is about it. Breaks when nobody listens any more.
    fn put(&mut self, found: Found, by: Vec<bool>) -> ControlFlow<()> {
        if !by.contains(&true) {
            return ControlFlow::Continue(());
        }
        self.files.push(Wanted { found, by });
        if self.files.len() < BATCH { ControlFlow::Continue(()) } else { self.send() }
    }

    fn send(&mut self) -> ControlFlow<()> {
        if self.files.is_empty() {
            return ControlFlow::Continue(());
        }
        let batch = Batch { number: self.number, files: std::mem::take(&mut self.files) };
        self.number += 1;
        if self.permits.recv().is_err() || self.to.send(batch).is_err() {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }
}

/// Hands over every recorded file at or below the places, as the database was at one moment.
fn read(store: &Store, places: &[PathBuf], are_named: bool, mut outlet: Outlet<'_>) -> Result<(), PlanFailure> {
    store.reader()?.snapshot(|db| {
        for place in places {
            let is_known = match find_subject(db, place)? {
                Some(subject) => {
                    let by = outlet.wanted_by(place);
                    if are_named && !by.contains(&true) {
                        return Err(PlanFailure::LeftOut { path: place.clone() });
                    }
                    let _ = outlet.put(Found::Named(Box::new(subject)), by);
                    true
                }
                None => read_below(db, place, &mut outlet)?,
            };
            if are_named && !is_known {
                let path = place.clone();
                return Err(match files::error_at(db, place)? {
                    Some(why) => PlanFailure::Unreadable { path, why },
                    None => PlanFailure::Unknown { path },
                });
            }
        }
        let _ = outlet.send();
        Ok(())
    })
}

/// Returns whether there was any file.
fn read_below(db: &Db, folder: &Path, outlet: &mut Outlet<'_>) -> Result<bool, StoreError> {
    let mut found = false;
    facts::each_below(db, folder, |recorded| {
        found = true;
        let by = outlet.wanted_by(&recorded.file.path);
        outlet.put(Found::Recorded(recorded), by)
    })?;
    Ok(found)
}
