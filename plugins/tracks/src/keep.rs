//! Which tracks stay.
//!
//! Forced subtitles first where they are asked for, then the exceptions in the order they are written, then the
//! languages. When too few would stay, the fallback decides; nothing is removed that would leave a film without sound or
//! picture.

use vpo_plugin_sdk::draft::Draft;
use vpo_plugin_sdk::facts::Track;
use vpo_plugin_sdk::languages::{Language, preference, primary};
use vpo_plugin_sdk::policy::{Failure, Reason};
use vpo_plugin_sdk::reasons::{ReasonExt, because, in_words};
use vpo_plugin_sdk::tracks::{FactsExt, TrackExt, TrackKind};

use crate::options::{Fallback, Rule, Tracks};

/// What is asked of the tracks of one kind.
struct Wish<'o> {
    kind: TrackKind,
    languages: &'o [Language],
    keep_forced: bool,
    rules: &'o [Rule],
    fallback: Fallback,
    minimum: usize,
    node: Option<u32>,
}

/// What shall happen to one track, and why.
struct Fate {
    track: u32,
    /// Counts towards the minimum: not a commentary, unless there is nothing else.
    counts: bool,
    language: String,
    stays: bool,
    reason: Reason,
}

/// Removes what shall not stay.
pub fn keep(options: &Tracks, draft: &mut Draft<'_>) -> Result<(), Failure> {
    if let Some(video) = &options.video {
        keep_kind(
            &Wish {
                kind: TrackKind::Video,
                languages: &[],
                keep_forced: false,
                rules: &video.rules,
                fallback: video.fallback,
                minimum: 1,
                node: video.node,
            },
            draft,
        )?;
    }
    if let Some(audio) = &options.audio {
        keep_kind(
            &Wish {
                kind: TrackKind::Audio,
                languages: &audio.languages,
                keep_forced: false,
                rules: &audio.rules,
                fallback: audio.fallback,
                minimum: audio.minimum.max(1) as usize,
                node: audio.node,
            },
            draft,
        )?;
    }
    if let Some(subtitle) = &options.subtitle {
        // A file of nothing but subtitles would be left with nothing.
        let is_alone =
            !draft.facts().tracks.iter().any(|track| matches!(track.kind(), TrackKind::Video | TrackKind::Audio));
        keep_kind(
            &Wish {
                kind: TrackKind::Subtitle,
                languages: &subtitle.languages,
                keep_forced: subtitle.keep_forced,
                rules: &subtitle.rules,
                fallback: if is_alone { Fallback::KeepAll } else { subtitle.fallback },
                minimum: subtitle.minimum.max(u32::from(is_alone)) as usize,
                node: subtitle.node,
            },
            draft,
        )?;
    }
    Ok(())
}

fn keep_kind(wish: &Wish<'_>, draft: &mut Draft<'_>) -> Result<(), Failure> {
    let tracks: Vec<&Track> = draft.facts().of_kind(wish.kind).collect();
    let only_extras = !tracks.iter().any(|track| track.is_main());
    let mut fates: Vec<Fate> = tracks
        .iter()
        .map(|track| {
            let (stays, reason) = judge(wish, track);
            let counts = only_extras || wish.kind == TrackKind::Subtitle || track.is_main();
            Fate { track: track.id, counts, language: track.language.tag.clone(), stays, reason }
        })
        .collect();

    let least = wish.minimum.min(fates.iter().filter(|fate| fate.counts).count());
    if counted(&fates) < least {
        fall_back(wish, least, &mut fates)?;
    }

    for fate in fates {
        if fate.stays {
            draft.leave_alone(Some(fate.track), fate.reason);
        } else {
            draft.remove_track(fate.track, fate.reason);
        }
    }
    Ok(())
}

fn judge(wish: &Wish<'_>, track: &Track) -> (bool, Reason) {
    let language = track.language.tag.as_str();
    if wish.keep_forced && track.is_forced() {
        let reason = because("Forced subtitles are kept in every language.").asked_by(wish.node);
        return (true, reason.input("forced", true).input("language", language));
    }
    for rule in wish.rules {
        let (exception, stays) = match rule {
            Rule::Keep(exception) => (exception, true),
            Rule::Drop(exception) => (exception, false),
        };
        if exception.test.fits(track) {
            let seen = exception.test.seen(track);
            let text = match (stays, exception.test.is_empty()) {
                (true, false) => format!("`keep` asks to keep it ({}).", in_words(&seen)),
                (true, true) => "`keep` asks to keep every other track.".to_owned(),
                (false, false) => format!("`drop` asks to remove it ({}).", in_words(&seen)),
                (false, true) => "`drop` asks to remove every other track.".to_owned(),
            };
            let mut reason = because(text).asked_by(exception.node);
            reason.inputs = seen;
            return (stays, reason);
        }
    }
    if wish.languages.is_empty() {
        return (true, because("Every language is kept.").asked_by(wish.node).input("language", language));
    }
    let stays = preference(wish.languages, language).is_some();
    let text = if stays {
        format!("Its language, {language}, is one of those to keep.")
    } else {
        format!("Its language, {language}, is not one of those to keep ({}).", list(wish.languages))
    };
    (stays, because(text).asked_by(wish.node).input("language", language))
}

fn counted(fates: &[Fate]) -> usize {
    fates.iter().filter(|fate| fate.stays && fate.counts).count()
}

/// Keeps more tracks than were asked for, because otherwise too few would stay.
fn fall_back(wish: &Wish<'_>, least: usize, fates: &mut [Fate]) -> Result<(), Failure> {
    let kind = wish.kind.name();
    match wish.fallback {
        Fallback::Error => return Err(Failure::Refused(too_few(wish, least, fates))),
        Fallback::KeepAll => {}
        Fallback::KeepFirst => {
            let text = format!("Too few {kind} tracks are wanted; the first that there is stays.");
            let missing = least - counted(fates);
            for fate in fates.iter_mut().filter(|fate| !fate.stays && fate.counts).take(missing) {
                rescue(wish, fate, &text);
            }
            return Ok(());
        }
        // The minimum is not asked again: which language is the first depends on the order, which may be changed next.
        Fallback::ContentLanguage => {
            let first = fates.iter().find(|fate| !fate.stays && fate.counts).expect("too few stay, so one goes");
            let language = primary(&first.language).to_owned();
            let text = format!(
                "Too few {kind} tracks are wanted; those in {language}, the language of the content, are kept."
            );
            for fate in fates.iter_mut().filter(|fate| !fate.stays && primary(&fate.language) == language) {
                rescue(wish, fate, &text);
            }
            return Ok(());
        }
    }
    let text = format!("Too few {kind} tracks are wanted; all of them are kept.");
    for fate in fates.iter_mut().filter(|fate| !fate.stays) {
        rescue(wish, fate, &text);
    }
    Ok(())
}

fn rescue(wish: &Wish<'_>, fate: &mut Fate, text: &str) {
    fate.stays = true;
    let inputs = std::mem::take(&mut fate.reason.inputs);
    fate.reason = because(text).asked_by(wish.node).input("fallback", wish.fallback.name());
    fate.reason.inputs.extend(inputs);
}

fn too_few(wish: &Wish<'_>, least: usize, fates: &[Fate]) -> String {
    let kind = wish.kind.name();
    let there: Vec<&str> = fates.iter().map(|fate| fate.language.as_str()).collect();
    let would = match counted(fates) {
        0 => format!("no {kind} track would be left"),
        some => format!("only {some} of {least} {kind} tracks would be left"),
    };
    let wanted =
        if wish.languages.is_empty() { String::new() } else { format!("; wanted are {}", list(wish.languages)) };
    format!("{would}{wanted}; there are {}", there.join(", "))
}

fn list(languages: &[Language]) -> String {
    languages.iter().map(Language::tag).collect::<Vec<_>>().join(", ")
}
