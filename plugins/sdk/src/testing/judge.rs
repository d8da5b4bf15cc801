//! Evaluating a policy in a test, and whether it comes to rest.

use crate::Policy;
use crate::facts::Facts;
use crate::options::parse;
use crate::outcome::outcome;
use crate::plugin::check;
use crate::policy::{Action, Context, Failure, Verdict};
use crate::types::Node;

/// What a policy is told beside the facts: nothing allowed beyond metadata, no tool at hand.
pub fn context() -> Context {
    Context {
        today: "2026-03-01".into(),
        file_name: "Film.mkv".into(),
        size: 4_000_000_000,
        allowed: Vec::new(),
        tools: Vec::new(),
        extra: Vec::new(),
    }
}

/// Evaluates a policy with options as they stand in a profile.
///
/// # Errors
///
/// What the policy refuses.
///
/// # Panics
///
/// When the options are wrong.
pub fn evaluate<P: Policy>(options: &str, facts: &Facts) -> Result<Verdict, Failure> {
    evaluate_nodes::<P>(&super::options::<P>(options), facts)
}

fn evaluate_nodes<P: Policy>(nodes: &[Node], facts: &Facts) -> Result<Verdict, Failure> {
    let problems = check::<P>(nodes);
    assert!(problems.is_empty(), "the options are wrong: {problems:?}");
    let options: P::Options = parse(nodes).unwrap_or_else(|problems| panic!("the options are wrong: {problems:?}"));
    P::evaluate(&options, &context(), facts)
}

/// Asserts that a policy has nothing left to do on what it made of a file, before and after the file is read again.
///
/// # Panics
///
/// When it has.
pub fn assert_at_rest<P: Policy>(nodes: &[Node], facts: &Facts, verdict: &Verdict) {
    let after = outcome(facts, verdict);
    for (when, facts) in [("at once", after.clone()), ("when read again", rescanned(&after))] {
        match evaluate_nodes::<P>(nodes, &facts) {
            // A policy does not know the folder of a file, so it may go on asking for the place where the file then is.
            Ok(again) => assert!(
                again.steps.iter().all(|step| is_known_move(&step.action, verdict)),
                "does not come to rest {when}:\nfirst {:#?}\nthen {:#?}",
                verdict.steps,
                again.steps
            ),
            Err(failure) => panic!("fails on its own outcome {when}: {failure:?}\nfirst {:#?}", verdict.steps),
        }
    }
}

fn is_known_move(action: &Action, before: &Verdict) -> bool {
    let Action::MoveFile(path) = action else { return false };
    before.steps.iter().any(|step| matches!(&step.action, Action::MoveFile(known) if known == path))
}

/// The facts as they are read from the file later: ids count from zero in file order.
pub fn rescanned(facts: &Facts) -> Facts {
    let mut facts = facts.clone();
    let ids: Vec<u32> = facts.tracks.iter().map(|track| track.id).collect();
    for (track, id) in facts.tracks.iter_mut().zip(0..) {
        track.id = id;
    }
    for tag in &mut facts.tags {
        tag.track =
            tag.track.and_then(|old| ids.iter().position(|id| *id == old)).and_then(|id| u32::try_from(id).ok());
    }
    for (attachment, id) in facts.attachments.iter_mut().zip(0..) {
        attachment.id = id;
    }
    facts
}

/// The steps of a verdict in short: `remove-track 2`, `set-flag 1 default=true`, `reorder 0 2 1`.
pub fn kinds(verdict: &Verdict) -> Vec<String> {
    verdict.steps.iter().map(|step| short(&step.action)).collect()
}

fn short(action: &Action) -> String {
    let text = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".into());
    match action {
        Action::SetFlag(set) => {
            format!("set-flag {} {}={}", set.track, crate::tracks::flag_name(set.flag), set.value)
        }
        Action::SetLanguage(set) => format!("set-language {} {}", set.track, set.language),
        Action::SetTrackTitle(set) => format!("set-track-title {} {}", set.track, text(&set.title)),
        Action::SetTitle(title) => format!("set-title {}", text(title)),
        Action::SetTag(set) => format!("set-tag {} {}", set.name, text(&set.value)),
        Action::Reorder(ids) => {
            format!("reorder {}", ids.iter().map(u32::to_string).collect::<Vec<_>>().join(" "))
        }
        Action::RemoveTrack(track) => format!("remove-track {track}"),
        Action::RemoveAttachment(attachment) => format!("remove-attachment {attachment}"),
        Action::RemoveChapters => "remove-chapters".into(),
        Action::ConvertContainer(container) => format!("convert-container {container}"),
        Action::TranscodeTrack(transcode) => format!("transcode-track {} {}", transcode.track, transcode.codec),
        Action::MoveFile(path) => format!("move-file {path}"),
    }
}
