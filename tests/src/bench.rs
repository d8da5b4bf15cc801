//! The chain of apply by itself: real files and tools, records in memory, policies as closures.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use vpo::apply::{AnyError, ApplyError, Changed, Checked, Committed, Intent, Ledger, Manner, Means, Settled, Stage};
use vpo::apply::{Story, Subject, Watch, settle};
use vpo::disk::{Observation, hash};
use vpo::media::Facts;
use vpo::plan::{Action, Grants, Plan, Planner, Reason, Safeguards, Step, Verdict};
use vpo::plugins::{Limits, Lock, Plugins};
use vpo::scan::{ReaderChoice, ReaderSet, Readers};
use vpo::settings::{Backup, Hardlinks, Mtime};
use vpo::store::StoreError;
use vpo::tools::{Tool, Tools};

use crate::build::scratch;

/// What apply needs around it, for one thread.
pub struct Bench {
    readers: RefCell<Readers>,
    pub tools: Tools,
    pub manner: Manner,
    pub ledger: Arc<Records>,
}

impl Default for Bench {
    fn default() -> Self {
        Self::new()
    }
}

impl Bench {
    pub fn new() -> Self {
        Self::with_tools(&BTreeMap::new())
    }

    /// A bench on which some tools are others.
    pub fn with_tools(tools: &BTreeMap<Tool, PathBuf>) -> Self {
        let lock = Lock::new(scratch("cache").join("plugins.lock.kdl"));
        let plugins = Plugins::new(Vec::new(), scratch("cache").join("vpo"), lock, Limits::default());
        let choices: Vec<ReaderChoice> = ["matroska", "isobmff", "avi", "mpegts"]
            .into_iter()
            .filter(|plugin| plugins.list().iter().any(|found| found.name == *plugin))
            .map(|plugin| ReaderChoice { plugin: plugin.to_owned(), options: Vec::new(), tools: None })
            .collect();
        let set = Arc::new(ReaderSet::load(&plugins, &choices).expect("bundled plugins load; run `make plugins`"));
        Self {
            readers: RefCell::new(set.on_this_thread()),
            tools: Tools::find(tools, std::env::var_os("PATH").as_deref()),
            manner: Manner {
                backup: Backup::None,
                hardlinks: Hardlinks::Skip,
                mtime: Mtime::Preserve,
                temp_folder: None,
                verify: true,
                stall: Duration::from_secs(60),
            },
            ledger: Arc::default(),
        }
    }

    pub fn facts(&self, path: &Path) -> Result<Facts, AnyError> {
        let file = File::open(path)?;
        let size = file.metadata()?.len();
        let reading = self.readers.borrow_mut().read(&Arc::new(file), size, path);
        reading.facts.map_err(AnyError::from)
    }

    /// A file as a scan would have recorded it.
    pub fn subject(&self, path: &Path) -> Subject {
        let file = File::open(path).expect("the file is there");
        let observation = Observation::of(&file.metadata().expect("the file is there"));
        let sample = hash::sample(&file, observation.size).expect("the file is readable");
        let facts = self.facts(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        Subject { id: 1, path: path.to_owned(), observation, sample: Some(sample.to_vec()), facts }
    }

    /// Carries actions out on a file.
    pub fn apply(&self, path: &Path, actions: Vec<Action>) -> Result<Committed, ApplyError> {
        self.apply_watched(self.subject(path), actions, &())
    }

    pub fn apply_watched(
        &self,
        subject: Subject,
        actions: Vec<Action>,
        watch: &dyn Watch,
    ) -> Result<Committed, ApplyError> {
        self.carry_out(self.check(subject, actions)?, watch)
    }

    /// Carries out what was checked.
    pub fn carry_out(&self, checked: Checked, watch: &dyn Watch) -> Result<Committed, ApplyError> {
        let introspect = |path: &Path| self.facts(path);
        let means = Means {
            tools: &self.tools,
            manner: self.manner.clone(),
            ledger: &*self.ledger,
            introspect: &introspect,
            watch,
        };
        vpo::apply::carry_out(checked, &means)
    }

    /// Checks a plan of these actions, as if a policy had asked for them that is content with the outcome.
    pub fn check(&self, subject: Subject, actions: Vec<Action>) -> Result<Checked, ApplyError> {
        let plan = plan(&subject.facts, actions).map_err(vpo::plan::Refusal::from)?;
        let mut answers = vec![Plan::default(), plan.clone()];
        let mut ask_again = |_: &Facts, _: &Path| Ok(answers.pop().expect("asked twice"));
        Checked::new(subject, plan, None, &Grants::everything(), &Safeguards::default(), &mut ask_again)
    }

    /// What the next start does.
    pub fn start_again(&self) -> Vec<Settled> {
        start_again(&self.ledger)
    }
}

/// What the next start does about the intents that are recorded.
pub fn start_again(ledger: &Records) -> Vec<Settled> {
    let open = ledger.open.lock().unwrap_or_else(PoisonError::into_inner).clone();
    open.into_iter()
        .map(|(id, (stage, intent))| settle(id, stage, &intent, ledger).expect("what is left can be settled"))
        .collect()
}

/// Returns the plan of one policy that asks for these actions.
pub fn plan(facts: &Facts, actions: Vec<Action>) -> Result<Plan, vpo::plan::StepError> {
    let mut planner = Planner::new(facts);
    let steps = actions
        .into_iter()
        .map(|action| Step { action, reason: Reason::new("Wanted."), policy: "test".to_owned() })
        .collect();
    planner.add("test", Verdict { steps, ..Verdict::default() })?;
    Ok(planner.finish())
}

/// The names in a folder, hidden ones too.
pub fn all_names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .expect("the folder is readable")
        .map(|entry| entry.expect("the folder is readable").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

/// Intents and changes, kept in memory.
#[derive(Default)]
pub struct Records {
    pub open: Mutex<BTreeMap<i64, (Stage, Intent)>>,
    /// Path and facts of every committed change.
    pub committed: Mutex<Vec<(PathBuf, Facts)>>,
    /// What history would keep of each of them.
    pub stories: Mutex<Vec<Story>>,
}

impl Ledger for Records {
    fn begin(&self, intent: &Intent) -> Result<Option<i64>, StoreError> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let id = open.len() as i64 + 1;
        open.insert(id, (Stage::Running, intent.clone()));
        Ok(Some(id))
    }

    fn reach(&self, id: i64, stage: Stage, intent: &Intent) -> Result<(), StoreError> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).insert(id, (stage, intent.clone()));
        Ok(())
    }

    fn commit(&self, id: i64, changed: &Changed) -> Result<(), StoreError> {
        let mut committed = self.committed.lock().unwrap_or_else(PoisonError::into_inner);
        committed.push((changed.path.clone(), changed.facts.clone()));
        self.stories.lock().unwrap_or_else(PoisonError::into_inner).push(changed.intent.story.clone());
        self.reach(id, Stage::Committed, changed.intent)
    }

    fn forget(&self, id: i64) -> Result<(), StoreError> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
        Ok(())
    }
}
