//! Takes titles, flags and chapters away.

use vpo_plugin_sdk::draft::Draft;
use vpo_plugin_sdk::facts::Track;
use vpo_plugin_sdk::policy::TrackFlag;
use vpo_plugin_sdk::reasons::{ReasonExt, because};
use vpo_plugin_sdk::tracks::{TrackExt, flag_name};

use crate::options::{Clear, Cleared, Tracks};

pub fn clear(options: &Tracks, draft: &mut Draft<'_>) {
    for clear in &options.clear {
        for what in &clear.what {
            match what {
                Cleared::Title => titles(clear, draft),
                Cleared::Default => flags(clear, TrackFlag::Default, draft),
                Cleared::Forced => flags(clear, TrackFlag::Forced, draft),
                Cleared::FileTitle => file_title(clear, draft),
                Cleared::Chapters => chapters(clear, draft),
            }
        }
    }
}

fn fits(clear: &Clear, track: &Track) -> bool {
    let titled = |track: &Track| track.title.as_deref().unwrap_or_default().to_owned();
    clear.r#in.fits(track.kind()) && clear.title.as_ref().is_none_or(|pattern| pattern.matches(&titled(track)))
}

fn titles(clear: &Clear, draft: &mut Draft<'_>) {
    let tracks: Vec<Track> =
        draft.facts().tracks.iter().filter(|track| track.title.is_some() && fits(clear, track)).cloned().collect();
    for track in tracks {
        let reason = |text: String| because(text).asked_by(clear.node).input("title", track.title.as_deref());
        match role_in_title(&track) {
            Some(role) => {
                let text = format!("Its title stays: nothing else says that the track is {role}.");
                draft.leave_alone(Some(track.id), reason(text));
            }
            None => draft.set_track_title(track.id, None, reason("Its title is to be taken away.".into())),
        }
    }
}

/// Whether a track has a role, and what to call it.
type Role = (fn(&Track) -> bool, &'static str);

/// What only the title says of a track.
fn role_in_title(track: &Track) -> Option<&'static str> {
    let untitled = Track { title: None, ..track.clone() };
    let roles: [Role; 5] = [
        (TrackExt::is_commentary, "a commentary"),
        (TrackExt::is_description, "an audio description"),
        (TrackExt::is_music, "music"),
        (TrackExt::is_for_hearing_impaired, "for people who do not hear"),
        (TrackExt::is_forced, "forced"),
    ];
    roles.into_iter().find(|(is, _)| is(track) && !is(&untitled)).map(|(_, role)| role)
}

fn flags(clear: &Clear, flag: TrackFlag, draft: &mut Draft<'_>) {
    let tracks: Vec<u32> = draft
        .facts()
        .tracks
        .iter()
        .filter(|track| track.has_flag(flag) && fits(clear, track))
        .map(|track| track.id)
        .collect();
    for track in tracks {
        let name = flag_name(flag);
        let reason = because(format!("Its {name} flag is to be taken away.")).asked_by(clear.node).input(name, true);
        draft.set_flag(track, flag, false, reason);
    }
}

fn file_title(clear: &Clear, draft: &mut Draft<'_>) {
    let title = draft.facts().title.clone();
    let Some(title) = title else { return };
    if clear.title.as_ref().is_none_or(|pattern| pattern.matches(&title)) {
        let reason = because("The title of the file is to be taken away.").asked_by(clear.node);
        draft.set_title(None, reason.input("title", title));
    }
}

fn chapters(clear: &Clear, draft: &mut Draft<'_>) {
    let count = draft.facts().chapters.len();
    if count > 0 {
        let reason = because("The chapters are to be taken away.").asked_by(clear.node);
        draft.remove_chapters(reason.input("chapters", count));
    }
}
