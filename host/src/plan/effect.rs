//! What steps do to facts: pure, and exactly what introspection finds afterwards.
//!
//! Ids stay with their tracks and attachments, so that later policies can go on naming them.

use std::collections::HashSet;

use super::{Action, ActionKind, Step, TrackFlag, container};
use crate::media::{Details, Facts, Language, Tag, language};

/// A step that cannot be meant for these facts.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{kind} asked for by {policy} {mistake}")]
pub struct StepError {
    pub policy: String,
    pub kind: ActionKind,
    pub mistake: StepMistake,
}

/// What is wrong with a step.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum StepMistake {
    #[error("names track {track}, which the file does not have")]
    UnknownTrack { track: u32 },
    #[error("names attachment {attachment}, which the file does not have")]
    UnknownAttachment { attachment: u32 },
    #[error("changes track {track}, which another step removes")]
    RemovedTrack { track: u32 },
    #[error("is asked for twice, for the same thing")]
    Repeated,
    #[error("does not name every remaining track exactly once")]
    NotAPermutation,
    #[error("names {language:?}, which is no language")]
    InvalidLanguage { language: String },
    #[error("names {name:?}, which no container can use as the name of a tag")]
    InvalidTagName { name: String },
    #[error("names the container {container:?}, which vpo does not write")]
    UnknownContainer { container: String },
    #[error("names {path:?}, which is no path below the root")]
    InvalidPath { path: String },
    #[error("names no codec")]
    NoCodec,
}

/// Returns the facts as these steps leave them. The order in which the steps are given does not matter.
pub(super) fn applied(steps: &[Step], facts: &Facts) -> Result<Facts, StepError> {
    check(steps, facts)?;

    let mut ordered: Vec<&Action> = steps.iter().map(|step| &step.action).collect();
    ordered.sort_by_key(|action| action.kind());

    let mut after = facts.clone();
    for action in ordered {
        apply(action, &mut after);
    }
    Ok(after)
}

/// Refuses steps that name what is not there, contradict each other or come twice.
fn check(steps: &[Step], facts: &Facts) -> Result<(), StepError> {
    let removed: HashSet<u32> = steps
        .iter()
        .filter_map(|step| match step.action {
            Action::RemoveTrack { track } => Some(track),
            _ => None,
        })
        .collect();
    let mut seen = HashSet::new();

    for step in steps {
        let refuse = |mistake| Err(StepError { policy: step.policy.clone(), kind: step.action.kind(), mistake });

        if !seen.insert(subject(&step.action)) {
            return refuse(StepMistake::Repeated);
        }
        if let Some(track) = step.action.track() {
            if facts.find_track(track).is_none() {
                return refuse(StepMistake::UnknownTrack { track });
            }
            if removed.contains(&track) && step.action.kind() != ActionKind::RemoveTrack {
                return refuse(StepMistake::RemovedTrack { track });
            }
        }
        if let Err(mistake) = check_values(&step.action, facts, &removed) {
            return refuse(mistake);
        }
    }
    Ok(())
}

fn check_values(action: &Action, facts: &Facts, removed: &HashSet<u32>) -> Result<(), StepMistake> {
    match action {
        Action::SetLanguage { language, .. } if language::canonical(language).is_none() => {
            Err(StepMistake::InvalidLanguage { language: language.clone() })
        }
        Action::SetTag { name, .. } if !is_tag_name(name) => Err(StepMistake::InvalidTagName { name: name.clone() }),
        Action::RemoveAttachment { attachment } if !facts.attachments.iter().any(|a| a.id == *attachment) => {
            Err(StepMistake::UnknownAttachment { attachment: *attachment })
        }
        Action::Reorder { tracks } => {
            // A track of chapters goes with the chapters, so it may be named or not.
            let counts = |id: &u32| {
                !removed.contains(id) && facts.find_track(*id).is_none_or(|track| !container::holds_chapters(track))
            };
            let mut wanted: Vec<u32> = tracks.iter().copied().filter(counts).collect();
            wanted.sort_unstable();
            let mut remaining: Vec<u32> = facts.tracks.iter().map(|track| track.id).filter(counts).collect();
            remaining.sort_unstable();
            let names_removed = tracks.iter().any(|id| removed.contains(id));
            if wanted == remaining && !names_removed { Ok(()) } else { Err(StepMistake::NotAPermutation) }
        }
        Action::ConvertContainer { container } if !container::is_writable(container) => {
            Err(StepMistake::UnknownContainer { container: container.clone() })
        }
        Action::TranscodeTrack { codec, .. } if codec.is_empty() => Err(StepMistake::NoCodec),
        Action::MoveFile { path } if !is_path_below(path) => Err(StepMistake::InvalidPath { path: path.clone() }),
        _ => Ok(()),
    }
}

/// What a step is about. Two steps of one verdict about the same thing are a mistake; of two policies, the last one holds.
#[derive(PartialEq, Eq, Hash, PartialOrd, Ord, Clone)]
pub(super) struct Subject(ActionKind, u32, u8, String);

pub(super) fn subject(action: &Action) -> Subject {
    let kind = action.kind();
    match action {
        Action::SetFlag { track, flag, .. } => Subject(kind, *track, *flag as u8, String::new()),
        Action::SetTag { name, .. } => Subject(kind, 0, 0, name.to_lowercase()),
        Action::RemoveAttachment { attachment } => Subject(kind, *attachment, 0, String::new()),
        other => Subject(kind, other.track().unwrap_or(0), 0, String::new()),
    }
}

fn apply(action: &Action, facts: &mut Facts) {
    if let Some(track) = action.track().and_then(|id| facts.tracks.iter_mut().find(|track| track.id == id)) {
        match action {
            Action::SetFlag { flag, value, .. } => {
                flag.set(&mut track.flags, *value);
                if container::is_isobmff(&facts.container) {
                    match flag {
                        TrackFlag::Default => track.flags.enabled = *value,
                        TrackFlag::Enabled => track.flags.default = *value,
                        _ => {}
                    }
                }
            }
            Action::SetLanguage { language, .. } => track.language = written_language(language),
            Action::SetTrackTitle { title, .. } => track.title = text(title),
            Action::TranscodeTrack { codec, channels, .. } => {
                track.codec.clone_from(codec);
                track.codec_id.clear();
                track.profile = None;
                track.level = None;
                track.bit_rate = None;
                if let (Details::Audio(audio), Some(channels)) = (&mut track.details, channels)
                    && audio.channels != *channels
                {
                    audio.channels = *channels;
                    audio.layout = None;
                }
            }
            _ => {}
        }
    }
    match action {
        Action::SetTitle { title } => facts.title = text(title),
        Action::SetTag { name, value } => set_tag(facts, name, text(value)),
        Action::Reorder { tracks } => {
            facts.tracks.sort_by_key(|track| tracks.iter().position(|id| *id == track.id).unwrap_or(usize::MAX));
        }
        Action::RemoveTrack { track } => remove_track(facts, *track),
        Action::RemoveAttachment { attachment } => facts.attachments.retain(|a| a.id != *attachment),
        Action::RemoveChapters => {
            container::remove_chapter_tracks(facts);
            facts.chapters.clear();
        }
        Action::ConvertContainer { container } => container::convert(facts, container),
        _ => {}
    }
}

fn remove_track(facts: &mut Facts, id: u32) {
    facts.tracks.retain(|track| track.id != id);
    facts.tags.retain(|tag| tag.track != Some(id));
    // The file is as long as the longest of what remains, where every track says how long it is.
    let longest = facts.tracks.iter().map(|track| track.duration_ns).collect::<Option<Vec<u64>>>();
    if let (Some(whole), Some(longest)) = (facts.duration_ns, longest.and_then(|all| all.into_iter().max())) {
        facts.duration_ns = Some(whole.min(longest));
    }
}

/// Writes a tag of the whole file: in place of the first one of that name, whatever its case, and instead of all others.
fn set_tag(facts: &mut Facts, name: &str, value: Option<String>) {
    if tag_values(facts, name).eq(value.as_deref()) {
        return;
    }
    let place = facts.tags.iter().position(|tag| is_file_tag(tag, name));
    facts.tags.retain(|tag| !is_file_tag(tag, name));
    if let Some(value) = value {
        let tag = Tag { track: None, name: name.to_owned(), value, language: None };
        facts.tags.insert(place.unwrap_or(facts.tags.len()), tag);
    }
}

pub(super) fn tag_values<'a>(facts: &'a Facts, name: &'a str) -> impl Iterator<Item = &'a str> {
    facts.tags.iter().filter(move |tag| is_file_tag(tag, name)).map(|tag| tag.value.as_str())
}

fn is_file_tag(tag: &Tag, name: &str) -> bool {
    tag.track.is_none() && tag.name.to_lowercase() == name.to_lowercase()
}

/// The language as introspection finds it after it was written in its canonical form.
pub(super) fn written_language(wanted: &str) -> Language {
    let tag = language::canonical(wanted).unwrap_or_else(|| language::UNDETERMINED.to_owned());
    Language { original: Some(tag.clone()), tag }
}

/// An empty text in a file is no text.
pub(super) fn text(text: &Option<String>) -> Option<String> {
    text.clone().filter(|text| !text.is_empty())
}

/// `=` ends the name in ffmpeg's arguments, and control characters are allowed in no container.
fn is_tag_name(name: &str) -> bool {
    !name.is_empty() && name.trim() == name && name.len() <= 255 && !name.contains(|c: char| c == '=' || c.is_control())
}

fn is_path_below(path: &str) -> bool {
    use std::path::{Component, Path};
    !path.is_empty()
        && !path.ends_with('/')
        && !path.contains('\0')
        && Path::new(path).components().all(|part| matches!(part, Component::Normal(_)))
}
