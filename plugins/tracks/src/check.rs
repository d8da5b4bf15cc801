//! Options that contradict each other: each alone is fine, together they would never come to rest or do nothing.

use vpo_plugin_sdk::select::Kind;
use vpo_plugin_sdk::tracks::TrackKind;
use vpo_plugin_sdk::types::Problem;

use crate::options::{Clear, Cleared, DefaultSubtitle, Exception, Rule, Tracks};

pub fn check(options: &Tracks) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut say = |node: Option<u32>, message: &str| problems.push(Problem { node, message: message.to_owned() });

    if let Some(video) = options.video.as_ref().filter(|video| video.rules.is_empty()) {
        say(video.node, "`video` says nothing; write `keep` or `drop` inside");
    }
    if let Some(audio) = &options.audio {
        if audio.languages.is_empty() && audio.rules.is_empty() {
            say(audio.node, "`audio` says nothing; name languages, or write `keep` or `drop` inside");
        }
        if audio.minimum == 0 {
            say(audio.node, "`minimum` of audio must be at least 1: a film never loses all its sound");
        }
    }
    if let Some(subtitle) = &options.subtitle {
        if subtitle.languages.is_empty() && subtitle.rules.is_empty() {
            say(subtitle.node, "`subtitle` says nothing; name languages, or write `keep` or `drop` inside");
        }
    }
    if let Some(order) = &options.order {
        for (place, class) in order.classes.iter().enumerate() {
            if order.classes[..place].contains(class) {
                say(order.node, &format!("\"{}\" is named twice", class.name()));
            }
        }
    }
    if let Some(attachments) = &options.attachments {
        if attachments.fonts.is_none() && attachments.covers.is_none() && attachments.others.is_none() {
            say(attachments.node, "`attachments` says nothing; write fonts, covers or others");
        }
    }
    for set in options.set_language.iter().filter(|set| set.wanted.tag() == "*") {
        say(set.node, "`*` is no language that a track can have");
    }
    check_default(options, &mut say);
    check_clear(options, &mut say);
    problems
}

fn check_default(options: &Tracks, say: &mut impl FnMut(Option<u32>, &str)) {
    let Some(default) = &options.default else { return };
    if default.video.is_none() && default.audio.is_none() && default.subtitle.is_none() && !default.forced_when_foreign
    {
        say(default.node, "`default` says nothing; write video, audio, subtitle or forced-when-foreign");
    }
    let wants_language = matches!(default.subtitle, Some(DefaultSubtitle::Preferred | DefaultSubtitle::WhenForeign))
        || default.forced_when_foreign;
    if wants_language && crate::classes::subtitle_languages(options).is_empty() {
        say(default.node, "the preferred subtitle language is not known; name it in `prefer` or `subtitle`");
    }
    if default.audio == Some(crate::options::DefaultAudio::Preferred)
        && crate::classes::audio_languages(options).is_empty()
        && options.prefer.as_ref().is_none_or(|prefer| prefer.audio_codec.is_none())
    {
        say(default.node, "the preferred audio language is not known; name it in `prefer` or `audio`");
    }
    if default.forced_when_foreign {
        for (kind, exception) in exceptions(options) {
            if kind == TrackKind::Subtitle && exception.test.forced.is_some() {
                say(exception.node, "`forced` cannot be tested while `forced-when-foreign` sets it");
            }
        }
        if let Some(subtitle) =
            options.subtitle.as_ref().filter(|subtitle| subtitle.keep_forced && subtitle.minimum > 0)
        {
            say(subtitle.node, "`keep-forced` would count what `forced-when-foreign` sets towards the `minimum`");
        }
        for set in options.set_language.iter().filter(|set| set.test.forced.is_some()) {
            say(set.node, "`forced` cannot be tested while `forced-when-foreign` sets it");
        }
    }
}

/// What is cleared is gone before anything is judged by it.
fn check_clear(options: &Tracks, say: &mut impl FnMut(Option<u32>, &str)) {
    for clear in &options.clear {
        let from = |kind: TrackKind| clear.r#in.fits(kind);
        let only_file = clear.what.iter().all(|what| matches!(what, Cleared::FileTitle | Cleared::Chapters));
        if only_file && clear.r#in != Kind::Any {
            say(clear.node, "`in` chooses tracks, and nothing here is cleared from tracks");
        }
        if clears(clear, Cleared::Title) {
            for (kind, exception) in exceptions(options) {
                if from(kind) && exception.test.looks_at_title() {
                    say(exception.node, "titles are cleared before tracks are judged, so this would never see one");
                }
            }
        }
        if clears(clear, Cleared::Forced) && from(TrackKind::Subtitle) {
            let forces = options.default.as_ref().filter(|default| default.forced_when_foreign);
            if let Some(default) = forces {
                say(default.node, "`forced-when-foreign` would set what `clear` takes away");
            }
            if let Some(subtitle) = options.subtitle.as_ref().filter(|subtitle| subtitle.keep_forced) {
                say(
                    subtitle.node,
                    "forced flags are cleared before tracks are judged, so `keep-forced` would not see them",
                );
            }
        }
        if clears(clear, Cleared::Forced) {
            for (kind, exception) in exceptions(options) {
                if from(kind) && exception.test.forced.is_some() {
                    say(
                        exception.node,
                        "forced flags are cleared before tracks are judged, so this would not see them",
                    );
                }
            }
        }
    }
}

fn clears(clear: &Clear, what: Cleared) -> bool {
    clear.what.contains(&what)
}

/// Every `keep` and `drop`, with the kind of tracks it is about.
fn exceptions(options: &Tracks) -> Vec<(TrackKind, &Exception)> {
    let lists = [
        (TrackKind::Video, options.video.as_ref().map(|video| &video.rules)),
        (TrackKind::Audio, options.audio.as_ref().map(|audio| &audio.rules)),
        (TrackKind::Subtitle, options.subtitle.as_ref().map(|subtitle| &subtitle.rules)),
    ];
    lists
        .into_iter()
        .filter_map(|(kind, rules)| Some((kind, rules?)))
        .flat_map(|(kind, rules)| {
            rules.iter().map(move |rule| match rule {
                Rule::Keep(exception) | Rule::Drop(exception) => (kind, exception),
            })
        })
        .collect()
}
