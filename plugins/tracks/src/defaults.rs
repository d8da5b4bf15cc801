//! Which tracks a player shall choose by itself, and which subtitle is forced.

use vpo_plugin_sdk::draft::Draft;
use vpo_plugin_sdk::facts::{Track, TrackFlags};
use vpo_plugin_sdk::languages::{UNDETERMINED, preference, primary};
use vpo_plugin_sdk::outcome::is_isobmff;
use vpo_plugin_sdk::policy::{Reason, TrackFlag};
use vpo_plugin_sdk::reasons::{ReasonExt, because};
use vpo_plugin_sdk::tracks::{FactsExt, TrackExt, TrackKind};

use crate::classes::{audio_languages, subtitle_languages};
use crate::options::{DefaultAudio, DefaultSubtitle, First, Tracks};

/// The track that is to be chosen, with a sentence for it and one for the others of its kind.
struct Choice {
    kind: TrackKind,
    track: Option<u32>,
    why: String,
    others: String,
}

/// Sets and clears default flags.
pub fn set(options: &Tracks, draft: &mut Draft<'_>) {
    let Some(default) = &options.default else { return };
    let tracks: Vec<&Track> = draft.facts().tracks.iter().collect();
    let mut choices = Vec::new();
    if let Some(wanted) = default.video {
        choices.push(video(wanted, &tracks));
    }
    if let Some(wanted) = default.audio {
        choices.push(audio(wanted, options, &tracks));
    }
    if let Some(wanted) = default.subtitle {
        choices.push(subtitle(wanted, options, &tracks));
    }
    for choice in choices {
        carry_out(&choice, default.node, draft);
    }
}

fn carry_out(choice: &Choice, node: Option<u32>, draft: &mut Draft<'_>) {
    let always = choice.kind != TrackKind::Subtitle && is_isobmff(&draft.facts().container);
    let tracks: Vec<(u32, bool)> =
        draft.facts().of_kind(choice.kind).map(|track| (track.id, track.flags.default)).collect();
    for (track, is_default) in tracks {
        let wanted = choice.track == Some(track);
        let reason = |text: &str| because(text).asked_by(node).input("default", is_default);
        if wanted == is_default {
            if wanted {
                draft.leave_alone(Some(track), reason("It is the default track already."));
            }
        } else if always && choice.track.is_none() {
            draft.leave_alone(
                Some(track),
                reason("It stays the default: in MP4 nothing would be shown or heard without one."),
            );
        } else {
            let text = if wanted { &choice.why } else { &choice.others };
            draft.set_flag(track, TrackFlag::Default, wanted, reason(text));
        }
    }
}

fn video(wanted: First, tracks: &[&Track]) -> Choice {
    let track = of_kind(tracks, TrackKind::Video).next().filter(|_| wanted == First::First);
    Choice {
        kind: TrackKind::Video,
        track: track.map(|track| track.id),
        why: "It is the first video track.".into(),
        others: match wanted {
            First::First => "Another video track is the default.".into(),
            First::None => "No video track is to be the default.".into(),
        },
    }
}

fn audio(wanted: DefaultAudio, options: &Tracks, tracks: &[&Track]) -> Choice {
    let (track, why) = match wanted {
        DefaultAudio::None => (None, String::new()),
        DefaultAudio::First => {
            let track = eligible(tracks, TrackKind::Audio).into_iter().next();
            let is_main = track.is_some_and(TrackExt::is_main);
            let why = if is_main {
                "It is the first audio track that is no commentary."
            } else {
                "It is the first audio track."
            };
            (track, why.to_owned())
        }
        DefaultAudio::Preferred => {
            let track = preferred_audio(options, tracks);
            let language = track.map_or("", |track| track.language.tag.as_str());
            let why = match preference(audio_languages(options), language) {
                Some(_) => format!("It is the audio track liked best ({language})."),
                None => "No audio is in a language that is preferred; this one comes first.".to_owned(),
            };
            (track, why)
        }
    };
    Choice {
        kind: TrackKind::Audio,
        track: track.map(|track| track.id),
        why,
        others: match wanted {
            DefaultAudio::None => "No audio track is to be the default.".into(),
            DefaultAudio::First | DefaultAudio::Preferred => "Another audio track is the default.".into(),
        },
    }
}

fn of_kind<'f>(tracks: &[&'f Track], kind: TrackKind) -> impl Iterator<Item = &'f Track> {
    tracks.iter().copied().filter(move |track| track.kind() == kind)
}

/// The tracks that may be chosen: no commentary or description, unless there is nothing else.
///
/// Whether a track is enabled does not count: in MP4 that is what being the default means.
fn eligible<'f>(tracks: &[&'f Track], kind: TrackKind) -> Vec<&'f Track> {
    let all: Vec<&Track> = of_kind(tracks, kind).collect();
    let better: [&dyn Fn(&Track) -> bool; 2] = [&|track| track.is_main(), &|track| !track.is_commentary()];
    for test in better {
        let some: Vec<&Track> = all.iter().copied().filter(|track| test(track)).collect();
        if !some.is_empty() {
            return some;
        }
    }
    all
}

fn preferred_audio<'f>(options: &Tracks, tracks: &[&'f Track]) -> Option<&'f Track> {
    let codecs = options.prefer.as_ref().and_then(|prefer| prefer.audio_codec.as_ref());
    let by_codec = |track: &Track| {
        let place = codecs.and_then(|codecs| codecs.codecs.iter().position(|codec| codec.matches(&track.codec)));
        place.unwrap_or(usize::MAX)
    };
    let languages = audio_languages(options);
    let by_language = |track: &Track| preference(languages, &track.language.tag).unwrap_or(usize::MAX);
    // Of equals, `min_by_key` takes the first.
    eligible(tracks, TrackKind::Audio).into_iter().min_by_key(|track| (by_language(track), by_codec(track)))
}

/// The audio track that a player will choose: by the option where there is one, else by flag, else the first.
fn heard<'f>(options: &Tracks, tracks: &[&'f Track]) -> Option<&'f Track> {
    let eligible = eligible(tracks, TrackKind::Audio);
    let first = eligible.first().copied();
    match options.default.as_ref().and_then(|default| default.audio) {
        Some(DefaultAudio::Preferred) => preferred_audio(options, tracks),
        Some(DefaultAudio::First | DefaultAudio::None) => first,
        None => eligible.into_iter().find(|track| track.flags.default).or(first),
    }
}

/// Whether the viewer will hear a language that is none of the preferred subtitle languages. Unknown is not foreign.
fn is_foreign(options: &Tracks, audio: &Track) -> bool {
    let tag = audio.language.tag.as_str();
    !matches!(tag, "und" | "zxx" | "mul") && preference(subtitle_languages(options), tag).is_none()
}

fn subtitle(wanted: DefaultSubtitle, options: &Tracks, tracks: &[&Track]) -> Choice {
    let heard = heard(options, tracks);
    let language = heard.map_or(UNDETERMINED, |track| track.language.tag.as_str());
    let full = full_subtitle(options, tracks);
    let beside_full = match full {
        Some(_) => "Another subtitle is the default.",
        None => "No subtitle of all that is said is in a preferred language.",
    };
    let (track, why, others): (Option<&Track>, String, String) = match wanted {
        DefaultSubtitle::None => (None, String::new(), "No subtitle is to be the default.".into()),
        DefaultSubtitle::First => (
            eligible(tracks, TrackKind::Subtitle).into_iter().next(),
            "It is the first subtitle that is no commentary.".into(),
            "Another subtitle is the default.".into(),
        ),
        DefaultSubtitle::Preferred => (full, "It is the subtitle liked best.".into(), beside_full.into()),
        DefaultSubtitle::Forced => (
            forced_subtitle(tracks, language),
            format!("It is the forced subtitle for audio in {language}."),
            format!("Only a forced subtitle for audio in {language} is to be the default."),
        ),
        DefaultSubtitle::WhenForeign if heard.is_some_and(|audio| is_foreign(options, audio)) => {
            (full, format!("The audio is in {language}, which needs a subtitle."), beside_full.into())
        }
        DefaultSubtitle::WhenForeign => (
            forced_subtitle(tracks, language),
            format!("It is the forced subtitle for audio in {language}."),
            format!("The audio is in {language}, which needs no subtitle."),
        ),
    };
    Choice { kind: TrackKind::Subtitle, track: track.map(|track| track.id), why, others }
}

/// The best subtitle with all that is said: in the language liked best, plain before one for people who do not hear.
///
/// Where a foreign film is to have a forced subtitle, the flag does not tell signs from dialogue; a title still does.
fn full_subtitle<'f>(options: &Tracks, tracks: &[&'f Track]) -> Option<&'f Track> {
    let languages = subtitle_languages(options);
    let forces = options.default.as_ref().is_some_and(|default| default.forced_when_foreign)
        && heard(options, tracks).is_some_and(|audio| is_foreign(options, audio));
    eligible(tracks, TrackKind::Subtitle)
        .into_iter()
        .filter(|track| track.is_main() && if forces { !titled_as_signs(track) } else { !track.is_forced() })
        .filter_map(|track| Some((preference(languages, &track.language.tag)?, track)))
        .min_by_key(|(language, track)| (*language, forces && !track.flags.forced, track.is_for_hearing_impaired()))
        .map(|(_, track)| track)
}

fn titled_as_signs(track: &Track) -> bool {
    let unflagged = Track { flags: TrackFlags { forced: false, ..track.flags }, ..track.clone() };
    unflagged.is_forced()
}

fn forced_subtitle<'f>(tracks: &[&'f Track], language: &str) -> Option<&'f Track> {
    of_kind(tracks, TrackKind::Subtitle)
        .filter(|_| language != UNDETERMINED)
        .find(|track| track.is_forced() && track.is_main() && primary(&track.language.tag) == primary(language))
}

/// Sets the forced flag on the subtitle that a foreign film needs.
pub fn set_forced(options: &Tracks, draft: &mut Draft<'_>) {
    let Some(default) = options.default.as_ref().filter(|default| default.forced_when_foreign) else { return };
    // What is heard depends on the order, and the order of subtitles on what is forced: so the order is tried first.
    let ordered = crate::classes::ordered(options, draft.facts());
    let Some(audio) = heard(options, &ordered) else { return };
    let language = audio.language.tag.clone();
    let reason = |text: String| -> Reason { because(text).asked_by(default.node).input("audio", language.as_str()) };
    if !is_foreign(options, audio) {
        draft.leave_alone(None, reason(format!("The audio is in {language}, so no subtitle has to be forced.")));
        return;
    }
    match full_subtitle(options, &ordered).map(|track| (track.id, track.flags.forced)) {
        Some((track, true)) => draft.leave_alone(Some(track), reason("It is forced already.".into())),
        Some((track, false)) => {
            let text = format!("The audio is in {language}, which the viewer may not understand.");
            draft.set_flag(track, TrackFlag::Forced, true, reason(text));
        }
        None => {
            draft.leave_alone(None, reason(format!("The audio is in {language}, but there is no subtitle to force.")))
        }
    }
}
