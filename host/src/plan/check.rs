//! What no plan may do, whoever asks for it: only granted steps, nothing that empties a file, and it must come to rest.

use std::collections::BTreeSet;

use super::effect::StepError;
use super::{ActionKind, Plan, container};
use crate::media::{Facts, TrackKind};

/// What a profile lets a plan do. Metadata edits are always granted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Grants(BTreeSet<ActionKind>);

impl Grants {
    pub fn everything() -> Self {
        Self(ActionKind::ALL.into_iter().collect())
    }

    pub fn allow(&self, kind: ActionKind) -> bool {
        kind.is_metadata_edit() || self.0.contains(&kind)
    }

    /// Every kind of step that is granted, as policies are told.
    pub fn names(&self) -> Vec<String> {
        ActionKind::ALL.into_iter().filter(|kind| self.allow(*kind)).map(|kind| kind.name().to_owned()).collect()
    }
}

impl FromIterator<ActionKind> for Grants {
    fn from_iter<I: IntoIterator<Item = ActionKind>>(kinds: I) -> Self {
        Self(kinds.into_iter().collect())
    }
}

/// What must remain of a file, unless the profile says otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Safeguards {
    /// The last video track may go.
    pub allow_no_video: bool,
    /// The last audio track may go.
    pub allow_no_audio: bool,
    /// The last track of a wanted language may go.
    pub allow_last_of_language: bool,
    /// Languages whose last track stays, as canonical tags; `pt` stands for `pt-BR` too.
    pub wanted_audio: Vec<String>,
    pub wanted_subtitle: Vec<String>,
}

/// Why a plan is not carried out.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Refusal {
    #[error(transparent)]
    Step(#[from] StepError),
    #[error("{policy} asks for {kind}, which is not allowed")]
    NotGranted { policy: String, kind: ActionKind },
    #[error("no {} would remain", .kind.name())]
    NoneLeft { kind: TrackKind },
    #[error("nothing would remain")]
    NothingLeft,
    #[error("the last {} track in {language:?} would be removed", .kind.name())]
    LastOfLanguage { kind: TrackKind, language: String },
    #[error("{container} cannot hold {what}")]
    CannotHold { container: String, what: String },
    #[error("the plan never comes to rest: carried out, it asks for more")]
    NotConvergent { first: Box<Plan>, second: Box<Plan> },
    #[error("asked again about the same file, the policies answer differently")]
    Nondeterministic { first: Box<Plan>, second: Box<Plan> },
}

impl Plan {
    /// Refuses what is not granted or would harm the file; returns the facts that the plan leads to.
    pub fn check(&self, facts: &Facts, grants: &Grants, safeguards: &Safeguards) -> Result<Facts, Refusal> {
        for step in &self.steps {
            let kind = step.action.kind();
            if !grants.allow(kind) {
                return Err(Refusal::NotGranted { policy: step.policy.clone(), kind });
            }
        }
        let after = self.applied_to(facts)?;
        safeguards.check(facts, &after)?;
        check_container(self, &after)?;
        Ok(after)
    }

    /// Refuses a plan when the policies, asked about its outcome, want more.
    pub fn check_rest(&self, on_outcome: Plan) -> Result<(), Refusal> {
        if on_outcome.is_empty() {
            return Ok(());
        }
        Err(Refusal::NotConvergent { first: Box::new(self.clone()), second: Box::new(on_outcome) })
    }

    /// Refuses a plan when fresh instances of the policies answer differently.
    pub fn check_same(&self, asked_again: Plan) -> Result<(), Refusal> {
        if self.actions().eq(asked_again.actions()) {
            return Ok(());
        }
        Err(Refusal::Nondeterministic { first: Box::new(self.clone()), second: Box::new(asked_again) })
    }
}

impl Safeguards {
    fn check(&self, before: &Facts, after: &Facts) -> Result<(), Refusal> {
        for (kind, may_go) in [(TrackKind::Video, self.allow_no_video), (TrackKind::Audio, self.allow_no_audio)] {
            if !may_go && count(before, kind) > 0 && count(after, kind) == 0 {
                return Err(Refusal::NoneLeft { kind });
            }
        }
        if after.tracks.is_empty() && !before.tracks.is_empty() {
            return Err(Refusal::NothingLeft);
        }
        if self.allow_last_of_language {
            return Ok(());
        }
        for (kind, wanted) in [(TrackKind::Audio, &self.wanted_audio), (TrackKind::Subtitle, &self.wanted_subtitle)] {
            for language in wanted {
                // Counted by the languages of before, because a step may have corrected one.
                let had =
                    before.tracks.iter().filter(|track| track.kind() == kind && speaks(&track.language.tag, language));
                let mut had = had.peekable();
                if had.peek().is_some() && had.all(|track| after.find_track(track.id).is_none()) {
                    let still = after.tracks.iter().any(|t| t.kind() == kind && speaks(&t.language.tag, language));
                    if !still {
                        return Err(Refusal::LastOfLanguage { kind, language: language.clone() });
                    }
                }
            }
        }
        Ok(())
    }
}

fn count(facts: &Facts, kind: TrackKind) -> usize {
    facts.tracks.iter().filter(|track| track.kind() == kind).count()
}

/// RFC 4647 basic filtering: a range matches a tag that begins with its subtags.
fn speaks(tag: &str, range: &str) -> bool {
    tag.len() >= range.len()
        && tag.is_char_boundary(range.len())
        && tag[..range.len()].eq_ignore_ascii_case(range)
        && matches!(tag.as_bytes().get(range.len()), None | Some(b'-'))
}

/// A file that is only edited holds what it held; one that is put into a container must fit into it.
fn check_container(plan: &Plan, after: &Facts) -> Result<(), Refusal> {
    let Some(container) = plan.container() else { return Ok(()) };
    let cannot = |what: String| Err(Refusal::CannotHold { container: container.to_owned(), what });

    if let Some(track) =
        after.tracks.iter().find(|track| !container::can_hold(container, track) && !container::holds_chapters(track))
    {
        let codec = if track.codec.is_empty() { "unknown" } else { &track.codec };
        return cannot(format!("the {} track {} in {codec}", track.kind().name(), track.id));
    }
    if container == "mp4"
        && let Some(attachment) = after.attachments.iter().find(|attachment| !attachment.is_cover)
    {
        return cannot(format!("the attachment {:?}", attachment.name));
    }
    Ok(())
}
