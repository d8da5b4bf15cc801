//! Sets and corrects the languages of tracks.

use vpo_plugin_sdk::draft::Draft;
use vpo_plugin_sdk::facts::{Language, Track};
use vpo_plugin_sdk::policy::Failure;
use vpo_plugin_sdk::reasons::{ReasonExt, because};
use vpo_plugin_sdk::tracks::TrackExt;

use crate::options::{SetLanguage, Tracks};

/// Gives each track the language of the first `set-language` that fits it.
///
/// A test may look at a title that is cleared afterwards, so what fits the cleared track counts as well.
///
/// # Errors
///
/// Refuses a file on which two of them contradict each other, so that they would take turns for ever.
pub fn set(options: &Tracks, draft: &mut Draft<'_>) -> Result<(), Failure> {
    if options.set_language.is_empty() {
        return Ok(());
    }
    let mut cleared = draft.clone();
    crate::clear::clear(options, &mut cleared);

    let mut changes = Vec::new();
    for (track, cleared) in draft.facts().tracks.iter().zip(&cleared.facts().tracks) {
        let Some(set) = first_fit(options, track).or_else(|| first_fit(options, cleared)) else { continue };
        let language = Language { tag: set.wanted.tag().to_owned(), original: None };
        let corrected = Track { language, ..cleared.clone() };
        if let Some(next) = first_fit(options, &corrected).filter(|next| next.wanted != set.wanted) {
            return Err(Failure::Refused(format!(
                "two `set-language` contradict each other on {}: one sets {}, after which another sets {}",
                track.describe(),
                set.wanted,
                next.wanted
            )));
        }
        let mut reason = because(format!("Its language is to be {}.", set.wanted)).asked_by(set.node);
        reason.inputs = set.test.seen(track);
        if set.test.language.is_none() {
            reason = reason.input("language", track.language.tag.as_str());
        }
        changes.push((track.id, set.wanted.tag(), track.language.tag == set.wanted.tag(), reason));
    }
    for (track, language, is_right, mut reason) in changes {
        if is_right {
            reason.text = format!("Its language is {language} already.");
            draft.leave_alone(Some(track), reason);
        } else {
            draft.set_language(track, language, reason);
        }
    }
    Ok(())
}

fn first_fit<'o>(options: &'o Tracks, track: &Track) -> Option<&'o SetLanguage> {
    options.set_language.iter().find(|set| set.r#in.fits(track.kind()) && set.test.fits(track))
}
