//! What the policies of a profile want of the recorded files, and the fewest runs that would do it. Nothing is touched.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{Choice, Library, options_of};
use crate::apply::{self, ApplyError, Subject};
use crate::media::Facts;
use crate::plan::{ActionKind, Context, Grants, Plan, Planner, Refusal, Safeguards, StepError};
use crate::plugins::{NoVerdict, PluginError, Policy};
use crate::profile::{PluginUse, Profile};
use crate::settings::Settings;
use crate::store::{Db, Store, StoreError, facts, files, roots};
use crate::tools::Run;

/// Files of one page of the database.
const PAGE: usize = 500;

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
    #[serde(default, skip_serializing_if = "Option::is_none", with = "optional_path_text")]
    pub target: Option<PathBuf>,
    /// Why the plan cannot be carried out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<Refused>,
    /// The file as the plan knows it.
    pub known: KnownAs,
    #[serde(skip)]
    pub id: i64,
    #[serde(skip)]
    pub facts: Facts,
    #[serde(skip)]
    pub root: Option<PathBuf>,
}

/// Why a plan cannot be carried out, or why there is none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    pub code: String,
    pub message: String,
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
}

/// Why nothing can be planned.
#[derive(Debug, Error)]
pub enum PlanFailure {
    #[error("nothing is recorded at or below {}", .path.display())]
    Unknown { path: PathBuf },
    #[error("no folder to look at is known")]
    NoFolder,
    #[error("the profile {profile} has no policy, so there is nothing to do")]
    NoPolicy { profile: String },
    #[error(transparent)]
    Plugin(#[from] PluginError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why the policies gave no plan for a file.
#[derive(Debug, Error)]
pub enum NoPlan {
    #[error(transparent)]
    Verdict(#[from] NoVerdict),
    #[error(transparent)]
    Step(#[from] StepError),
}

/// The policies of a profile, ready on one thread.
pub struct Deciders {
    policies: Vec<Policy>,
    today: String,
    grants: Grants,
    /// What people call the profile.
    profile: String,
    tools: Vec<String>,
    safeguards: Safeguards,
}

impl Deciders {
    /// What the policies want of a file, one after the other.
    pub fn decide(&mut self, facts: &Facts, name: &OsStr, size: u64) -> Result<Plan, NoPlan> {
        let mut planner = Planner::new(facts);
        let context = Context {
            today: self.today.clone(),
            file_name: name.to_string_lossy().into_owned(),
            size,
            allowed: self.grants.names(),
            tools: self.tools.clone(),
            extra: Vec::new(),
        };
        for policy in &mut self.policies {
            let verdict = policy.evaluate(&context, planner.facts())?;
            let name = policy.plugin().name.to_string();
            planner.add(&name, verdict)?;
            if planner.is_stopped() {
                break;
            }
        }
        Ok(planner.finish())
    }

    /// The same from instances that have seen no other file.
    pub fn decide_afresh(&mut self, facts: &Facts, name: &OsStr, size: u64) -> Result<Plan, NoPlan> {
        self.policies.iter_mut().for_each(Policy::forget_instance);
        self.decide(facts, name, size)
    }

    pub fn grants(&self) -> &Grants {
        &self.grants
    }

    pub fn safeguards(&self) -> &Safeguards {
        &self.safeguards
    }

    /// Says by which profile a step is not allowed.
    fn refused(&self, error: &ApplyError) -> Refused {
        let mut refused = Refused::from(error);
        if let ApplyError::Refused(Refusal::NotGranted { .. }) = error {
            refused.message = format!("{} by the profile {}", refused.message, self.profile);
        }
        refused
    }

    /// Plans one file, with everything that can be said without touching it.
    fn plan(&mut self, subject: &Subject, root: Option<&Path>) -> PlannedFile {
        let name = subject.path.file_name().unwrap_or_default().to_owned();
        let size = subject.observation.size;
        let mut planned = PlannedFile::of(subject, root);
        match self.decide(&subject.facts, &name, size) {
            Ok(plan) => planned.plan = plan,
            Err(error) => planned.refused = Some(Refused::of(&error)),
        }
        if planned.plan.is_empty() {
            return planned;
        }
        let target = apply::target(&subject.path, &planned.plan, root);
        let checked = planned
            .plan
            .check(&subject.facts, &self.grants, &self.safeguards)
            .map_err(ApplyError::from)
            .and_then(|after| Ok((apply::runs(&planned.plan, subject, &after)?, after)));
        match checked {
            Ok((runs, after)) => {
                planned.runs = runs;
                let new_name = target.file_name().unwrap_or(&name).to_owned();
                let rest = match self.decide(&after, &new_name, size) {
                    Ok(more) => planned.plan.check_rest(more).err(),
                    Err(error) => {
                        planned.refused = Some(Refused::of(&error));
                        None
                    }
                };
                if let Some(refusal) = rest {
                    planned.refused = Some(Refused::from(&ApplyError::Refused(refusal)));
                }
            }
            Err(error) => planned.refused = Some(self.refused(&error)),
        }
        planned.target = (target != subject.path).then_some(target);
        planned
    }
}

impl PlannedFile {
    fn of(subject: &Subject, root: Option<&Path>) -> Self {
        Self {
            file: subject.path.clone(),
            size: subject.observation.size,
            plan: Plan::default(),
            runs: Vec::new(),
            target: None,
            refused: None,
            known: KnownAs::of(subject),
            id: subject.id,
            facts: subject.facts.clone(),
            root: root.map(Path::to_owned),
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

impl Refused {
    fn of(error: &NoPlan) -> Self {
        let code = match error {
            NoPlan::Verdict(NoVerdict::Refused { .. }) => "POLICY_REFUSES",
            NoPlan::Verdict(NoVerdict::Unsupported { .. }) => "POLICY_UNSUPPORTED",
            NoPlan::Verdict(NoVerdict::Call(_)) => "POLICY_FAILED",
            NoPlan::Step(_) => "BAD_STEP",
        };
        Self { code: code.to_owned(), message: error.to_string() }
    }
}

impl From<&ApplyError> for Refused {
    fn from(error: &ApplyError) -> Self {
        let mut message = error.to_string();
        let mut cause = std::error::Error::source(error);
        while let Some(source) = cause {
            message = format!("{message}: {source}");
            cause = source.source();
        }
        if let ApplyError::Refused(Refusal::NotConvergent { second, .. }) = error {
            message = format!("{message} ({})", apply::records::in_words(second));
        }
        Self { code: error.code().to_owned(), message }
    }
}

impl Library {
    /// Makes the policies of a profile ready on this thread.
    pub fn deciders(&self, choice: &Choice) -> Result<Deciders, PluginError> {
        let Choice { profile, settings } = choice;
        let policies = profile
            .policies
            .iter()
            .map(|used| self.plugins().policy(&used.plugin.to_string(), options_of(&used.options)))
            .collect::<Result<_, _>>()?;
        Ok(Deciders {
            policies,
            today: chrono::Utc::now().format("%Y-%m-%d").to_string(),
            grants: profile.allow.iter().filter_map(|allowed| ActionKind::from_name(&allowed.value)).collect(),
            profile: profile.label().to_owned(),
            tools: self.tools(settings).names(),
            safeguards: safeguards(settings),
        })
    }

    /// Plans every recorded file at or below the paths, or below the folders of the profile, handing each on as it comes.
    pub fn plan(
        &self,
        choice: &Choice,
        paths: &[PathBuf],
        mut each: impl FnMut(PlannedFile),
    ) -> Result<(), PlanFailure> {
        if choice.profile.policies.is_empty() {
            return Err(PlanFailure::NoPolicy { profile: choice.profile.label().to_owned() });
        }
        let store = Store::open_to_read(&choice.settings.database.path)?;
        let mut reader = store.reader()?;
        let mut deciders = self.deciders(choice)?;
        reader.snapshot(|db| {
            let known_roots: Vec<PathBuf> = roots::all(db)?.into_iter().map(|root| root.path).collect();
            for path in self.places_to_plan(choice, paths, &known_roots)? {
                let found = self.subjects_at(db, &path, |subject| {
                    let root = known_roots
                        .iter()
                        .filter(|root| subject.path.starts_with(root))
                        .max_by_key(|r| r.as_os_str().len());
                    each(deciders.plan(&subject, root.map(PathBuf::as_path)));
                })?;
                if !found && !paths.is_empty() {
                    return Err(PlanFailure::Unknown { path });
                }
            }
            Ok(())
        })
    }

    /// Finds the files of a saved plan again. Files that are no longer known stay in it, to be refused when their turn
    /// comes.
    pub fn recall(&self, choice: &Choice, mut plans: Vec<PlannedFile>) -> Result<Vec<PlannedFile>, StoreError> {
        let store = Store::open_to_read(&choice.settings.database.path)?;
        let reader = store.reader()?;
        let known_roots = roots::all(&reader)?;
        for planned in &mut plans {
            if let Some(subject) = find_subject(&reader, &planned.file)? {
                planned.id = subject.id;
                planned.facts = subject.facts;
            }
            let above = known_roots.iter().map(|root| &root.path).filter(|root| planned.file.starts_with(root));
            planned.root = above.max_by_key(|root| root.as_os_str().len()).cloned();
        }
        Ok(plans)
    }

    /// The folders and files to plan: those that were named, those of the profile, or all that is known.
    fn places_to_plan(
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

    /// Hands over every recorded file at or below a path. Returns whether there was any.
    fn subjects_at(&self, db: &Db, path: &Path, mut take: impl FnMut(Subject)) -> Result<bool, StoreError> {
        if let Some(subject) = find_subject(db, path)? {
            take(subject);
            return Ok(true);
        }
        let mut found = false;
        let mut after: Option<PathBuf> = None;
        loop {
            let place = after.as_deref().and_then(|path| Some((path.parent()?, path.file_name()?)));
            let page = facts::page_below(db, path, place, PAGE)?;
            let Some(last) = page.last() else { return Ok(found) };
            after = Some(last.path.clone());
            found = true;
            for described in page {
                if let Some(known) = files::find(db, described.file_id)? {
                    take(Subject {
                        id: described.file_id,
                        path: described.path,
                        observation: known.observation,
                        sample: known.sample_hash,
                        facts: described.facts,
                    });
                }
            }
        }
    }
}

/// Finds a recorded file with its facts by its absolute path.
pub(super) fn find_subject(db: &Db, path: &Path) -> Result<Option<Subject>, StoreError> {
    let Some(known) = files::find_at(db, path)? else { return Ok(None) };
    let Some(facts) = facts::find(db, known.id)? else { return Ok(None) };
    let files::Candidate { id, path, observation, sample_hash: sample, .. } = known;
    Ok(Some(Subject { id, path, observation, sample, facts }))
}

fn safeguards(settings: &Settings) -> Safeguards {
    let protect = &settings.protect;
    Safeguards {
        allow_no_video: !protect.keep_video.value,
        allow_no_audio: !protect.keep_audio.value,
        allow_last_of_language: false,
        wanted_audio: protect.audio_languages.value.0.iter().map(|tag| tag.0.clone()).collect(),
        wanted_subtitle: protect.subtitle_languages.value.0.iter().map(|tag| tag.0.clone()).collect(),
    }
}

/// Keeps only the named policies of a profile, in the order in which the profile has them.
pub fn keep_policies(profile: &mut Profile, wanted: &[String]) -> Result<(), String> {
    if wanted.is_empty() {
        return Ok(());
    }
    let is_named = |used: &PluginUse, name: &String| used.written == *name || used.plugin.to_string() == *name;
    if let Some(unknown) = wanted.iter().find(|name| !profile.policies.iter().any(|used| is_named(used, name))) {
        return Err(unknown.clone());
    }
    profile.policies.retain(|used| wanted.iter().any(|name| is_named(used, name)));
    Ok(())
}

/// Paths as text in answers; bytes that are not UTF-8 are kept as they are by escaping.
mod path_text {
    use std::path::{Path, PathBuf};

    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(path: &Path, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&path.to_string_lossy())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<PathBuf, D::Error> {
        Ok(PathBuf::from(String::deserialize(from)?))
    }
}

mod optional_path_text {
    use std::path::PathBuf;

    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(path: &Option<PathBuf>, to: S) -> Result<S::Ok, S::Error> {
        match path {
            Some(path) => super::path_text::serialize(path, to),
            None => to.serialize_none(),
        }
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<PathBuf>, D::Error> {
        Ok(Option::<String>::deserialize(from)?.map(PathBuf::from))
    }
}
