//! In which order tracks stand.

use vpo_plugin_sdk::draft::Draft;
use vpo_plugin_sdk::facts::{Facts, Track};
use vpo_plugin_sdk::languages::{Language, preference};
use vpo_plugin_sdk::reasons::{ReasonExt, because};
use vpo_plugin_sdk::tracks::{TrackExt, TrackKind};

use crate::options::{Class, Tracks};

/// The audio languages liked best.
pub fn audio_languages(options: &Tracks) -> &[Language] {
    let preferred = options.prefer.as_ref().and_then(|prefer| prefer.audio.as_ref()).map(|audio| &audio.languages);
    preferred.or_else(|| options.audio.as_ref().map(|audio| &audio.languages)).map_or(&[], Vec::as_slice)
}

/// The subtitle languages liked best.
pub fn subtitle_languages(options: &Tracks) -> &[Language] {
    let preferred =
        options.prefer.as_ref().and_then(|prefer| prefer.subtitle.as_ref()).map(|subtitle| &subtitle.languages);
    preferred.or_else(|| options.subtitle.as_ref().map(|subtitle| &subtitle.languages)).map_or(&[], Vec::as_slice)
}

/// Puts the tracks in the order of their classes; within one class by preferred language, then as they stand.
pub fn order(options: &Tracks, draft: &mut Draft<'_>) {
    let Some(order) = &options.order else { return };
    let wanted: Vec<u32> = ordered(options, draft.facts()).iter().map(|track| track.id).collect();
    let names = order.classes.iter().map(Class::name).collect::<Vec<_>>().join(", ");
    let reason = |text: &str| because(text).asked_by(order.node).input("order", names.as_str());
    if draft.facts().tracks.iter().map(|track| track.id).eq(wanted.iter().copied()) {
        draft.leave_alone(None, reason("The tracks are in the wanted order."));
    } else {
        draft.reorder(wanted, reason(&format!("The tracks are to stand in the order {names}.")));
    }
}

/// The tracks in the wanted order.
pub fn ordered<'f>(options: &Tracks, facts: &'f Facts) -> Vec<&'f Track> {
    let mut tracks: Vec<&Track> = facts.tracks.iter().collect();
    if let Some(order) = &options.order {
        // Stable: the order of the file decides between equals.
        tracks.sort_by_cached_key(|track| place(options, &order.classes, track));
    }
    tracks
}

fn place(options: &Tracks, wanted: &[Class], track: &Track) -> (usize, usize) {
    let classes = classes(options, track);
    match classes.iter().find_map(|class| wanted.iter().position(|named| named == class)) {
        Some(place) => {
            let language = preference(languages_for(options, track), &track.language.tag);
            (place, language.unwrap_or(usize::MAX))
        }
        // What no class names stays behind, as it stands in the file.
        None => (usize::MAX, 0),
    }
}

fn languages_for<'o>(options: &'o Tracks, track: &Track) -> &'o [Language] {
    match track.kind() {
        TrackKind::Audio => audio_languages(options),
        TrackKind::Subtitle => subtitle_languages(options),
        TrackKind::Video | TrackKind::Other => &[],
    }
}

/// The classes of a track, narrowest first.
fn classes(options: &Tracks, track: &Track) -> Vec<Class> {
    let languages = languages_for(options, track);
    let is_preferred = languages.is_empty() || preference(languages, &track.language.tag).is_some();
    match track.kind() {
        TrackKind::Video => vec![Class::Video],
        TrackKind::Other => vec![Class::Other],
        TrackKind::Audio if track.is_commentary() => {
            vec![Class::AudioCommentary, Class::Commentary, Class::AudioOther, Class::Audio]
        }
        TrackKind::Audio if track.is_description() => vec![Class::AudioDescription, Class::AudioOther, Class::Audio],
        TrackKind::Audio if track.is_music() => vec![Class::AudioMusic, Class::AudioOther, Class::Audio],
        TrackKind::Audio if is_preferred => vec![Class::AudioMain, Class::Audio],
        TrackKind::Audio => vec![Class::AudioOther, Class::Audio],
        TrackKind::Subtitle => {
            let mut classes = Vec::new();
            if track.is_commentary() {
                classes.extend([Class::SubtitleCommentary, Class::Commentary]);
            }
            if track.is_forced() {
                classes.push(Class::SubtitleForced);
            }
            if track.is_for_hearing_impaired() {
                classes.push(Class::SubtitleSdh);
            }
            if is_preferred && !track.is_commentary() {
                classes.push(Class::SubtitleMain);
            } else {
                classes.push(Class::SubtitleOther);
            }
            classes.push(Class::Subtitle);
            classes
        }
    }
}
