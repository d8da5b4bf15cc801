//! The way back from a change: its inverse where only metadata was edited, else the original that was kept.

use std::path::{Path, PathBuf};

use super::checked::{Checked, Subject, runs};
use super::intent::Story;
use super::{ApplyError, Kept};
use crate::plan::{Action, ActionKind, Plan, Planner, Reason, Refusal, Step, Verdict};

impl Checked {
    /// Plans the way back from the last change of a file. `kept` is the original, where it was kept, or why it cannot be
    /// had; `target` where the file will be.
    pub fn undo(
        subject: Subject,
        story: &Story,
        kept: Option<Result<Kept, ApplyError>>,
        target: PathBuf,
    ) -> Result<Self, ApplyError> {
        let missing = match kept {
            Some(Ok(kept)) => {
                return Ok(Self {
                    plan: Plan::default(),
                    after: story.before.clone(),
                    runs: Vec::new(),
                    target,
                    restore: Some(kept.path),
                    is_undo: true,
                    subject,
                });
            }
            Some(Err(missing)) => Some(missing),
            None => None,
        };
        // What was only an edit of metadata can do without the original.
        let plan = inverse(&subject, story).map_err(|irreversible| missing.unwrap_or(irreversible))?;
        let after = plan.applied_to(&subject.facts).map_err(Refusal::from)?;
        let runs = runs(&plan, &subject, &after)?;
        Ok(Self { subject, plan, after, runs, target, restore: None, is_undo: true })
    }
}

/// Where the way back leads: what vpo moved is moved back, and what the owner of the film moved since stays. `from` and `to`
/// are where vpo took it from, and put it.
pub fn place_back(now: &Path, from: &Path, to: &Path) -> PathBuf {
    let folder = back(now.parent(), from.parent(), to.parent());
    let stem = back(now.file_stem(), from.file_stem(), to.file_stem());
    // Another container has its extension again, whatever became of the one that vpo gave.
    let extension = if from.extension() == to.extension() { now.extension() } else { from.extension() };
    let mut name = stem.unwrap_or_default().to_owned();
    if let Some(extension) = extension {
        name.push(".");
        name.push(extension);
    }
    folder.unwrap_or(Path::new("")).join(name)
}

/// One part of a path: as it was before, unless it is not what vpo made of it.
fn back<T: PartialEq>(now: T, from: T, to: T) -> T {
    if now == to { from } else { now }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_vpo_moved_is_moved_back_and_what_its_owner_moved_stays() {
        let back = |now: &str, from: &str, to: &str| place_back(now.as_ref(), from.as_ref(), to.as_ref());

        assert_eq!(back("/a/F.mkv", "/a/F.avi", "/a/F.mkv"), Path::new("/a/F.avi"));
        assert_eq!(back("/b/F.mkv", "/a/F.avi", "/a/F.mkv"), Path::new("/b/F.avi"));
        assert_eq!(back("/a/G.mkv", "/a/F.avi", "/a/F.mkv"), Path::new("/a/G.avi"));
        assert_eq!(back("/sorted/F.mkv", "/in/f.mkv", "/sorted/F.mkv"), Path::new("/in/f.mkv"));
        assert_eq!(back("/b/F.mkv", "/in/f.mkv", "/sorted/F.mkv"), Path::new("/b/f.mkv"));
        assert_eq!(back("/sorted/G.mkv", "/in/f.mkv", "/sorted/F.mkv"), Path::new("/in/G.mkv"));
        assert_eq!(back("/a/F", "/a/F.avi", "/a/F"), Path::new("/a/F.avi"));
    }
}
