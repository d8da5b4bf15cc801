//! What the policies of a profile want of one file, asked on one thread.

use std::ffi::OsStr;
use std::path::Path;

use thiserror::Error;

use super::plan::{Obstacle, PlannedFile, Refused};
use super::{Choice, Library, options_of};
use crate::apply::{self, ApplyError, Subject};
use crate::media::Facts;
use crate::plan::{ActionKind, Context, Grants, Plan, Planner, Refusal, Safeguards, StepError};
use crate::plugins::{NoVerdict, PluginError, Policy};
use crate::settings::Settings;
use crate::tools::Unsupported;

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
    /// The same for every file but for its name and size.
    context: Context,
    grants: Grants,
    /// What people call the profile.
    profile: String,
    safeguards: Safeguards,
}

impl Deciders {
    /// What the policies want of a file, one after the other.
    pub fn decide(&mut self, facts: &Facts, name: &OsStr, size: u64) -> Result<Plan, NoPlan> {
        let mut planner = Planner::new(facts);
        self.context.file_name.clear();
        self.context.file_name.push_str(&name.to_string_lossy());
        self.context.size = size;
        for policy in &mut self.policies {
            let verdict = policy.evaluate(&self.context, planner.facts())?;
            planner.add(&policy.plugin().name, verdict)?;
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

    /// Plans one file, with everything that can be said without touching it.
    pub(super) fn plan(&mut self, subject: Subject, root: Option<&Path>) -> PlannedFile {
        let name = subject.path.file_name().unwrap_or_default().to_owned();
        let size = subject.observation.size;
        let plan = match self.decide(&subject.facts, &name, size) {
            Ok(plan) => apply::without_idle_move(plan, &subject.path, root),
            Err(error) => {
                let refused = Some(Refused::from(&error));
                return PlannedFile { refused, ..PlannedFile::of(subject, Plan::default(), root) };
            }
        };
        if plan.is_empty() {
            return PlannedFile::of(subject, plan, root);
        }
        let target = apply::target(&subject.path, &plan, root);
        let checked = plan
            .check(&subject.facts, &self.grants, &self.safeguards)
            .map_err(ApplyError::from)
            .and_then(|after| Ok((apply::runs(&plan, &subject, &after)?, after)));
        if let Err(error @ ApplyError::Unsupported(Unsupported::Container { .. })) = &checked {
            let obstacle = Some(Obstacle::from(error));
            return PlannedFile { obstacle, ..PlannedFile::of(subject, plan, root) };
        }
        let (runs, refused) = match checked {
            Ok((runs, after)) => {
                let new_name = target.file_name().unwrap_or(&name).to_owned();
                let refused = match self.decide(&after, &new_name, size) {
                    Ok(more) => plan
                        .check_rest(apply::without_idle_move(more, &target, root))
                        .err()
                        .map(|refusal| Refused::from(&ApplyError::Refused(refusal))),
                    Err(error) => Some(Refused::from(&error)),
                };
                (runs, refused)
            }
            Err(error) => (Vec::new(), Some(self.refused(&error))),
        };
        let target = (target != subject.path).then_some(target);
        PlannedFile { runs, refused, target, ..PlannedFile::of(subject, plan, root) }
    }

    /// Says by which profile a step is not allowed.
    fn refused(&self, error: &ApplyError) -> Refused {
        let mut refused = Refused::from(error);
        if let ApplyError::Refused(Refusal::NotGranted { .. }) = error {
            refused.message = format!("{} by the profile {}", refused.message, self.profile);
        }
        refused
    }
}

impl From<&NoPlan> for Refused {
    fn from(error: &NoPlan) -> Self {
        let code = match error {
            NoPlan::Verdict(NoVerdict::Refused { .. }) => "POLICY_REFUSES",
            NoPlan::Verdict(NoVerdict::Unsupported { .. }) => "POLICY_UNSUPPORTED",
            NoPlan::Verdict(NoVerdict::Call(_)) => "POLICY_FAILED",
            NoPlan::Step(_) => "BAD_STEP",
        };
        Self { code: code.to_owned(), message: error.to_string(), then: Vec::new() }
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
        let mut then = Vec::new();
        if let ApplyError::Refused(Refusal::NotConvergent { second, .. } | Refusal::Nondeterministic { second, .. }) =
            error
        {
            message = format!("{message} ({})", apply::records::in_words(second));
            then.clone_from(&second.steps);
        }
        Self { code: error.code().to_owned(), message, then }
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
        let grants: Grants = profile.allow.iter().filter_map(|allowed| ActionKind::from_name(&allowed.step)).collect();
        let context = Context {
            today: chrono::Utc::now().format("%Y-%m-%d").to_string(),
            allowed: grants.names(),
            tools: self.tools(settings).names(),
            ..Context::default()
        };
        Ok(Deciders {
            policies,
            context,
            grants,
            profile: profile.label().to_owned(),
            safeguards: safeguards(settings),
        })
    }
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
