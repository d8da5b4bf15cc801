//! The verdicts of several policies become one plan, as short as it can be.
//!
//! Each policy is asked about the facts as the policies before it leave them. What counts in the end is the difference
//! between the file as it is and the file as the last policy leaves it; of several steps about one thing, the last one and
//! its reason stay, and a step that changes nothing goes.

use std::borrow::Cow;
use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::container;
use super::effect::{self, StepError, Subject, tag_values, text, written_language};
use super::{Action, ActionKind, LeftAlone, Step, Verdict, Warning};
use crate::media::Facts;

/// The ordered steps that would bring one file in line, each with its reason.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Plan {
    pub steps: Vec<Step>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub left_alone: Vec<LeftAlone>,
    pub warnings: Vec<Warning>,
    /// Why policies after some policy were not asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stopped: Option<Warning>,
}

impl Plan {
    /// Nothing is to be done.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// Returns the facts as they will be found when the plan has been carried out; ids stay.
    pub fn applied_to(&self, facts: &Facts) -> Result<Facts, StepError> {
        let mut after = effect::applied(&self.steps, facts)?;
        // A file that only moves is not written anew.
        if self.steps.iter().any(|step| step.action.kind() != ActionKind::MoveFile) {
            container::settle(&mut after);
        }
        Ok(after)
    }

    pub fn has(&self, kind: ActionKind) -> bool {
        self.steps.iter().any(|step| step.action.kind() == kind)
    }

    /// Something that was in the file will not be in it afterwards, or not as it was.
    pub fn loses_content(&self) -> bool {
        self.steps.iter().any(|step| step.action.kind().loses_content())
    }

    /// The path below the root that the file is to move to.
    pub fn destination(&self) -> Option<&str> {
        self.steps.iter().find_map(|step| match &step.action {
            Action::MoveFile { path } => Some(path.as_str()),
            _ => None,
        })
    }

    /// The container that the file is to be put into.
    pub fn container(&self) -> Option<&str> {
        self.steps.iter().find_map(|step| match &step.action {
            Action::ConvertContainer { container } => Some(container.as_str()),
            _ => None,
        })
    }

    /// What would be done, without the words: two plans with equal actions leave equal files.
    pub fn actions(&self) -> impl Iterator<Item = &Action> {
        self.steps.iter().map(|step| &step.action)
    }
}

/// Collects verdicts on one file, policy by policy.
pub struct Planner<'a> {
    original: &'a Facts,
    /// Its own only once something is to change: most files are in line.
    now: Cow<'a, Facts>,
    asked: Vec<Step>,
    plan: Plan,
}

impl<'a> Planner<'a> {
    pub fn new(facts: &'a Facts) -> Self {
        Self { original: facts, now: Cow::Borrowed(facts), asked: Vec::new(), plan: Plan::default() }
    }

    /// What the next policy is asked about.
    pub fn facts(&self) -> &Facts {
        &self.now
    }

    /// A policy said that the ones after it do not run on this file.
    pub fn is_stopped(&self) -> bool {
        self.plan.stopped.is_some()
    }

    /// Takes what `policy` answered about [`Self::facts`].
    pub fn add(&mut self, policy: &str, verdict: Verdict) -> Result<(), StepError> {
        if !verdict.steps.is_empty() {
            self.now = Cow::Owned(effect::applied(&verdict.steps, &self.now)?);
        }
        self.asked.extend(verdict.steps);
        self.plan.left_alone.extend(verdict.left_alone);
        self.plan.warnings.extend(verdict.warnings);
        self.plan.stopped = verdict.stop.map(|text| Warning { policy: policy.to_owned(), text });
        Ok(())
    }

    pub fn finish(self) -> Plan {
        let Self { original, now, asked, mut plan } = self;
        if asked.is_empty() {
            return plan;
        }
        let mut now = now.into_owned();
        container::settle(&mut now);
        let mut seen: HashSet<Subject> = HashSet::new();
        for step in asked.into_iter().rev() {
            if seen.insert(effect::subject(&step.action))
                && let Some(action) = needed(step.action, original, &now)
            {
                plan.steps.push(Step { action, ..step });
            }
        }
        let place = |id: Option<u32>| id.and_then(|id| original.tracks.iter().position(|track| track.id == id));
        plan.steps
            .sort_by_cached_key(|step| (step.action.kind(), place(step.action.track()), effect::subject(&step.action)));
        plan
    }
}

/// Returns what is left to do of an action, between the file as it is and as it is to be.
fn needed(action: Action, original: &Facts, now: &Facts) -> Option<Action> {
    if let Some(id) = action.track()
        && action.kind() != ActionKind::RemoveTrack
    {
        now.find_track(id)?;
    }
    let before = action.track().and_then(|id| original.find_track(id));
    let differs = match &action {
        // A container may not allow what was asked for, so what came of it counts as well.
        Action::SetFlag { track, flag, value } => {
            flag.of(&before?.flags) != *value && flag.of(&now.find_track(*track)?.flags) == *value
        }
        Action::SetLanguage { language, .. } => before?.language.tag != written_language(language).tag,
        Action::SetTrackTitle { title, .. } => text(&before?.title) != text(title),
        Action::SetTitle { title } => text(&original.title) != text(title),
        Action::SetTag { name, value } => !tag_values(original, name).eq(text(value).as_deref()),
        Action::Reorder { .. } => {
            let wanted: Vec<u32> = now.tracks.iter().map(|track| track.id).collect();
            let present = original.tracks.iter().map(|track| track.id).filter(|id| wanted.contains(id));
            if present.eq(wanted.iter().copied()) {
                return None;
            }
            return Some(Action::Reorder { tracks: wanted });
        }
        Action::RemoveChapters => !original.chapters.is_empty(),
        Action::ConvertContainer { container } => original.container != *container,
        Action::RemoveTrack { .. }
        | Action::RemoveAttachment { .. }
        | Action::TranscodeTrack { .. }
        | Action::MoveFile { .. } => true,
    };
    differs.then_some(action)
}
