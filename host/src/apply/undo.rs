//! The way back from a change: its inverse where only metadata was edited, else the original that was kept.

use std::path::Path;

use super::ApplyError;
use super::checked::{Checked, Subject, runs};
use super::intent::Story;
use crate::plan::{Action, ActionKind, Plan, Planner, Reason, Refusal, Step, Verdict};

impl Checked {
    /// Plans the way back from the last change of a file. `backup` is the original, where it was kept; `moved_from` where
    /// the file was, when it was moved.
    pub fn undo(
        subject: Subject,
        story: &Story,
        backup: Option<&Path>,
        moved_from: Option<&Path>,
    ) -> Result<Self, ApplyError> {
        let target = moved_from.unwrap_or(&subject.path).to_owned();
        if let Some(backup) = backup {
            return Ok(Self {
                plan: Plan::default(),
                after: story.before.clone(),
                runs: Vec::new(),
                target,
                restore: Some(backup.to_owned()),
                subject,
            });
        }
        let plan = inverse(&subject, story)?;
        let after = plan.applied_to(&subject.facts).map_err(Refusal::from)?;
        let runs = runs(&plan, &subject, &after)?;
        Ok(Self { subject, plan, after, runs, target, restore: None })
    }
}

fn inverse(subject: &Subject, story: &Story) -> Result<Plan, ApplyError> {
    let mut steps = Vec::new();
    let stays = |step: &&Step| step.action.kind() != ActionKind::MoveFile;
    for step in story.plan.steps.iter().filter(stays) {
        let action = inverse_of(&step.action, subject, story).ok_or(ApplyError::Irreversible)?;
        let reason = Reason::new(format!("Takes back: {}", step.reason.text));
        steps.push(Step { action, reason, policy: "undo".to_owned() });
    }
    let mut planner = Planner::new(&subject.facts);
    planner.add("undo", Verdict { steps, ..Verdict::default() }).map_err(Refusal::from)?;
    Ok(planner.finish())
}

/// What takes an action back; `None` when nothing does.
fn inverse_of(action: &Action, subject: &Subject, story: &Story) -> Option<Action> {
    let before = &story.before;
    // An edit of metadata leaves the order, but ids are given anew whenever a file is read.
    let place = action.track().and_then(|id| before.tracks.iter().position(|track| track.id == id));
    let was = place.and_then(|place| before.tracks.get(place));
    let track = place.and_then(|place| subject.facts.tracks.get(place)).map(|track| track.id);
    Some(match action {
        Action::SetFlag { flag, .. } => Action::SetFlag { track: track?, flag: *flag, value: flag.of(&was?.flags) },
        Action::SetLanguage { .. } => Action::SetLanguage { track: track?, language: was?.language.tag.clone() },
        Action::SetTrackTitle { .. } => Action::SetTrackTitle { track: track?, title: was?.title.clone() },
        Action::SetTitle { .. } => Action::SetTitle { title: before.title.clone() },
        Action::SetTag { name, .. } => {
            let is_it =
                |tag: &&crate::media::Tag| tag.track.is_none() && tag.name.to_lowercase() == name.to_lowercase();
            let mut values = before.tags.iter().filter(is_it);
            let first = values.next();
            if values.next().is_some() {
                return None;
            }
            let name = first.map_or(name, |tag| &tag.name).clone();
            Action::SetTag { name, value: first.map(|tag| tag.value.clone()) }
        }
        _ => return None,
    })
}
