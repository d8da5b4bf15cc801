//! Sets and corrects the languages of tracks.

use vpo_plugin_sdk::draft::Draft;
use vpo_plugin_sdk::facts::{Language, Track};
use vpo_plugin_sdk::policy::Failure;
use vpo_plugin_sdk::reasons::{ReasonExt, because};
use vpo_plugin_sdk::tracks::TrackExt;

use crate::options::{SetLanguage, Tracks};

/// Gives each track the language of the first `set-language` that fits it.
///
/// # Errors
///
/// Refuses a file on which two of them would take turns for ever.
pub fn set(options: &Tracks, draft: &mut Draft<'_>) -> Result<(), Failure> {
    let mut changes = Vec::new();
    for track in &draft.facts().tracks {
        let Some(set) = first_fit(options, track) else { continue };
        let language = Language { tag: set.wanted.tag().to_owned(), original: None };
        let corrected = Track { language, ..track.clone() };
        if let Some(next) = first_fit(options, &corrected).filter(|next| next.wanted != set.wanted) {
            return Err(Failure::Refused(format!(
                "two `set-language` take turns on {}: one sets {}, then another {}",
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
