//! What the policies of a profile want of the recorded files, and the fewest runs that would do it. Nothing is touched.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::file_end::Outcome;
use super::foresight::Foresight;
use super::{Choice, Library};
use crate::apply::{self, ApplyError, Subject};
use crate::disk::path_text;
use crate::media::Facts;
use crate::media::text;
use crate::plan::{Plan, Step};
use crate::plugins::PluginError;
use crate::profile::Profile;
use crate::scan::BadPattern;
use crate::store::{Db, Store, StoreError, facts, files, roots};
use crate::tools::Run;

/// A plan for one file, with everything that a person or program wants to know before it is carried out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlannedFile {
    #[serde(with = "path_text")]
    pub file: PathBuf,
    /// Bytes.
    pub size: u64,
    #[serde(flatten)]
    pub plan: Plan,
    pub runs: Vec<Run>,
    /// Where the file will be, when that is elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "path_text::optional")]
    pub target: Option<PathBuf>,
    /// Why the plan cannot be carried out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<Refused>,
    /// What keeps it from being carried out now. Looked at anew whenever a plan is made or recalled.
    #[serde(default, skip_deserializing, skip_serializing_if = "Option::is_none")]
    pub obstacle: Option<Obstacle>,
    /// The file as the plan knows it.
    pub known: KnownAs,
    #[serde(skip)]
    pub id: i64,
    #[serde(skip)]
    pub facts: Facts,
    #[serde(skip)]
    pub root: Option<PathBuf>,
    /// It was saved and read again.
    #[serde(skip)]
    pub is_recalled: bool,
}

/// Why a plan cannot be carried out, or why there is none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Refused {
    pub code: String,
    pub message: String,
    /// What the policies answered when they were asked again, where that is the reason.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub then: Vec<Step>,
}

/// What stands in the way of a plan that is fine in itself.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Obstacle {
    /// How the file will end: skipped or failed.
    pub outcome: Outcome,
    #[serde(flatten)]
    pub why: Refused,
}

/// What tells whether a file is still the one that was planned for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownAs {
    pub size: u64,
    pub mtime_ns: i64,
    /// Hex of the hash of its sample.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sample: Option<String>,
}

impl PlannedFile {
    /// Nothing is to be done and nothing to be said.
    pub fn is_in_line(&self) -> bool {
        self.plan.is_empty() && self.refused.is_none()
    }

    /// It would be carried out now.
    pub fn is_feasible(&self) -> bool {
        !self.plan.is_empty() && self.refused.is_none() && self.obstacle.is_none()
    }
}

/// Why nothing can be planned.
#[derive(Debug, Error)]
pub enum PlanFailure {
    #[error("nothing is recorded at or below {}", text::path(.path))]
    Unknown { path: PathBuf },
    #[error("{} was scanned, but could not be read: {why}", text::path(.path))]
    Unreadable { path: PathBuf, why: String },
    /// A file was named that is outside of the scope of what was asked for.
    #[error("{} is left out, by the patterns of the profile or by an ignore file", text::path(.path))]
    LeftOut { path: PathBuf },
    #[error(transparent)]
    Pattern(#[from] BadPattern),
    #[error("no folder to look at is known")]
    NoFolder,
    #[error("the profile {profile} has no policy, so there is nothing to do")]
    NoPolicy { profile: String },
    #[error(transparent)]
    Plugin(#[from] PluginError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("a thread could not be started")]
    Thread(#[source] std::io::Error),
}

impl PlannedFile {
    /// A plan that nothing more is known of yet.
    pub(super) fn of(subject: Subject, plan: Plan, root: Option<&Path>) -> Self {
        Self {
            known: KnownAs::of(&subject),
            size: subject.observation.size,
            plan,
            runs: Vec::new(),
            target: None,
            refused: None,
            obstacle: None,
            id: subject.id,
            file: subject.path,
            facts: subject.facts,
            root: root.map(Path::to_owned),
            is_recalled: false,
        }
    }
}

impl KnownAs {
    pub fn of(subject: &Subject) -> Self {
        Self {
            size: subject.observation.size,
            mtime_ns: subject.observation.mtime_ns,
            sample: subject.sample.as_deref().map(apply::records::hex),
        }
    }
}

impl Library {
    /// Finds the files of a saved plan again. Files that are no longer known stay in it, to be refused when their turn
    /// comes.
    pub fn recall(&self, choice: &Choice, mut plans: Vec<PlannedFile>) -> Result<Vec<PlannedFile>, StoreError> {
        let store = Store::open_to_read(&choice.settings.database.path)?;
        let reader = store.reader()?;
        let known_roots = roots::all(&reader)?;
        let mut foresight = Foresight::of(choice, &reader)?;
        for planned in &mut plans {
            let mut is_known = false;
            if let Some(subject) = find_subject(&reader, &planned.file)? {
                is_known = KnownAs::of(&subject) == planned.known;
                planned.id = subject.id;
                planned.facts = subject.facts;
            }
            let above = known_roots.iter().map(|root| &root.path).filter(|root| planned.file.starts_with(root));
            planned.root = above.max_by_key(|root| root.as_os_str().len()).cloned();
            planned.is_recalled = true;
            foresight.look(&reader, planned)?;
            if !is_known && !planned.obstacle.as_ref().is_some_and(Obstacle::is_offline) {
                planned.obstacle = Some(Obstacle::from(&ApplyError::Outdated));
            }
        }
        Ok(plans)
    }

    /// Counts the recorded files that no plan is made for, because they could not be read.
    pub fn unreadable(&self, choice: &Choice, paths: &[PathBuf]) -> Result<usize, PlanFailure> {
        let store = Store::open_to_read(&choice.settings.database.path)?;
        let reader = store.reader()?;
        let known_roots: Vec<PathBuf> = roots::all(&reader)?.into_iter().map(|root| root.path).collect();
        let places = self.places_to_plan(choice, paths, &known_roots)?;
        let counted = places.iter().map(|place| files::count_unreadable_below(&reader, place));
        Ok(counted.sum::<Result<usize, StoreError>>()?)
    }

    /// The folders and files to plan: those that were named, those of the profile, or all that is known.
    pub(super) fn places_to_plan(
        &self,
        choice: &Choice,
        paths: &[PathBuf],
        known_roots: &[PathBuf],
    ) -> Result<Vec<PathBuf>, PlanFailure> {
        let named: Vec<PathBuf> = match paths {
            [] => choice.profile.roots.iter().map(|root| root.value.clone()).collect(),
            named => named.to_vec(),
        };
        let named = if named.is_empty() { known_roots.to_vec() } else { named };
        if named.is_empty() {
            return Err(PlanFailure::NoFolder);
        }
        let mut places: Vec<PathBuf> = Vec::new();
        for path in named {
            let path = self.places().working.join(path);
            // Recorded paths are those of the folders that were scanned, with links resolved.
            let path = path.canonicalize().unwrap_or(path);
            if !places.iter().any(|known| path.starts_with(known)) {
                places.retain(|known| !known.starts_with(&path));
                places.push(path);
            }
        }
        Ok(places)
    }
}

/// Finds a recorded file with its facts by its absolute path.
pub(super) fn find_subject(db: &Db, path: &Path) -> Result<Option<Subject>, StoreError> {
    let Some(known) = files::find_at(db, path)? else { return Ok(None) };
    let Some(facts) = facts::find(db, known.id)? else { return Ok(None) };
    let files::Candidate { id, path, observation, sample_hash: sample, .. } = known;
    Ok(Some(Subject { id, path, observation, sample, facts }))
}

/// Keeps only the named policies of a profile, in the order in which the profile has them.
pub fn keep_policies(profile: &mut Profile, wanted: &[String]) -> Result<(), String> {
    if wanted.is_empty() {
        return Ok(());
    }
    if let Some(unknown) = wanted.iter().find(|name| !profile.policies.iter().any(|used| used.is_called(name))) {
        return Err(unknown.clone());
    }
    profile.policies.retain(|used| wanted.iter().any(|name| used.is_called(name)));
    Ok(())
}
