//! What an action does to facts: the reference that drafts, tests and convergence stand on.

use crate::facts::{Facts, Language, SubtitleForm, Tag, Track, TrackDetails};
use crate::languages::primary;
use crate::policy::{Action, TranscodeTrack, Verdict};
use crate::tracks::{TrackExt, TrackKind};

/// Returns the facts as all steps of a verdict would leave them. Tracks keep their ids.
pub fn outcome(facts: &Facts, verdict: &Verdict) -> Facts {
    let mut after = facts.clone();
    for step in &verdict.steps {
        apply(&mut after, &step.action);
    }
    if !verdict.steps.is_empty() {
        settle(&mut after);
    }
    after
}

/// Whether the container is of the family of ISO BMFF, where a track is chosen by being enabled.
pub fn is_isobmff(container: &str) -> bool {
    matches!(container, "mp4" | "mov" | "3gp" | "3g2" | "m4v" | "m4a")
}

/// Says which tracks are chosen once such a file is written: of pictures and of sound the first, where none is asked for.
pub fn settle(facts: &mut Facts) {
    if !is_isobmff(&facts.container) {
        return;
    }
    for kind in [TrackKind::Video, TrackKind::Audio] {
        let mut tracks = facts.tracks.iter_mut().filter(|track| track.kind() == kind);
        if let Some(first) = tracks.next() {
            first.flags.default |= !tracks.any(|track| track.flags.default);
        }
    }
}

/// Does one action to facts. What names a track or attachment that is not there changes nothing.
pub fn apply(facts: &mut Facts, action: &Action) {
    match action {
        Action::SetFlag(set) => edit(facts, set.track, |track| track.set_flag(set.flag, set.value)),
        Action::SetLanguage(set) => edit(facts, set.track, |track| {
            track.language = Language { tag: set.language.clone(), original: Some(set.language.clone()) };
        }),
        Action::SetTrackTitle(set) => edit(facts, set.track, |track| track.title.clone_from(&set.title)),
        Action::SetTitle(title) => facts.title.clone_from(title),
        Action::SetTag(set) => {
            facts.tags.retain(|tag| tag.track.is_some() || !tag.name.eq_ignore_ascii_case(&set.name));
            if let Some(value) = &set.value {
                facts.tags.push(Tag { track: None, name: set.name.clone(), value: value.clone(), language: None });
            }
        }
        Action::Reorder(ids) => {
            // Tracks that the list forgets stay behind those it names.
            facts.tracks.sort_by_key(|track| ids.iter().position(|id| *id == track.id).unwrap_or(usize::MAX));
        }
        Action::RemoveTrack(id) => {
            facts.tracks.retain(|track| track.id != *id);
            facts.tags.retain(|tag| tag.track != Some(*id));
        }
        Action::RemoveAttachment(id) => facts.attachments.retain(|attachment| attachment.id != *id),
        Action::RemoveChapters => facts.chapters.clear(),
        Action::ConvertContainer(container) => convert(facts, container),
        Action::TranscodeTrack(transcode) => edit(facts, transcode.track, |track| transcoded(track, transcode)),
        Action::MoveFile(_) => {}
    }
}

fn convert(facts: &mut Facts, container: &str) {
    let from = std::mem::replace(&mut facts.container, container.to_owned());
    facts.brand = None;
    for track in &mut facts.tracks {
        // mkvmerge turns 3GPP timed text into its own text form.
        if container == "matroska" && track.codec == "mov_text" {
            track.codec = "subrip".to_owned();
            track.codec_id.clear();
        }
        // What is only not chosen in MP4 would be unusable in Matroska.
        if container == "matroska" && is_isobmff(&from) {
            track.flags.enabled = true;
        }
        // MP4 has roles for the other flags, and languages of three letters.
        if is_isobmff(container) {
            track.flags.original = false;
            track.flags.text_descriptions = false;
            track.language.tag = primary(&track.language.tag).to_owned();
        }
    }
    if is_isobmff(container) {
        facts.tags.retain(|tag| tag.track.is_none());
    }
}

fn edit(facts: &mut Facts, id: u32, change: impl FnOnce(&mut Track)) {
    if let Some(track) = facts.tracks.iter_mut().find(|track| track.id == id) {
        change(track);
    }
}

fn transcoded(track: &mut Track, transcode: &TranscodeTrack) {
    track.codec.clone_from(&transcode.codec);
    track.codec_id.clear();
    track.profile = None;
    track.level = None;
    track.bit_rate = None;
    match &mut track.details {
        TrackDetails::Audio(audio) => {
            if let Some(channels) = transcode.channels {
                audio.channels = channels;
                audio.layout = None;
            }
        }
        TrackDetails::Subtitle(subtitle) => {
            subtitle.form = match transcode.codec.as_str() {
                "ass" | "ssa" => Some(SubtitleForm::StyledText),
                "subrip" | "webvtt" | "mov_text" | "text" => Some(SubtitleForm::Text),
                _ => None,
            };
        }
        TrackDetails::Video(_) | TrackDetails::Other => {}
    }
}
