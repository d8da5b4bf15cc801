//! What rules do.

use vpo_plugin_sdk::draft::Draft;
use vpo_plugin_sdk::facts::{Facts, Track};
use vpo_plugin_sdk::policy::{Failure, Reason};
use vpo_plugin_sdk::reasons::{ReasonExt, because};
use vpo_plugin_sdk::select::Kind;
use vpo_plugin_sdk::tracks::{FactsExt, TrackExt, TrackKind, flag_name};
use vpo_plugin_sdk::types::Entry;

use crate::options::{Action, Chosen, RemoveTrack, Rule};

/// Who asks, and on what grounds.
pub struct Asked<'r> {
    pub rule: &'r Rule,
    pub holds: bool,
    pub seen: &'r [Entry],
}

impl Asked<'_> {
    fn reason(&self, what: &str, node: Option<u32>) -> Reason {
        let when = if self.holds { "holds" } else { "does not hold" };
        let mut reason = because(format!("The rule \"{}\" {when}: {what}.", self.rule.name)).asked_by(node);
        reason.inputs = self.seen.to_vec();
        reason
    }
}

/// Does one thing that a rule asks for.
///
/// # Errors
///
/// `fail` gives the file up.
pub fn perform(action: &Action, asked: &Asked<'_>, draft: &mut Draft<'_>) -> Result<(), Failure> {
    match action {
        Action::SetFlag(set) => {
            let flag = set.flag.of_track();
            let name = flag_name(flag);
            for (track, is_set) in chosen(set.kind, &set.tracks, draft, |track| track.has_flag(flag)) {
                if is_set == set.value {
                    let what = format!("its {name} flag is as wanted");
                    draft.leave_alone(Some(track), asked.reason(&what, set.node));
                } else {
                    let what = if set.value { "is to be set" } else { "is to be cleared" };
                    draft.set_flag(track, flag, set.value, asked.reason(&format!("the {name} flag {what}"), set.node));
                }
            }
        }
        Action::SetLanguage(set) => {
            for (track, tag) in chosen(set.kind, &set.tracks, draft, |track| track.language.tag.clone()) {
                if tag == set.wanted.tag() {
                    draft.leave_alone(Some(track), asked.reason("its language is as wanted", set.node));
                } else {
                    let reason = asked.reason(&format!("the language is to be {}", set.wanted), set.node);
                    draft.set_language(track, set.wanted.tag(), reason.input("language", tag));
                }
            }
        }
        Action::SetTrackTitle(set) => {
            for (track, title) in chosen(set.kind, &set.tracks, draft, |track| track.title.clone()) {
                if title == set.wanted {
                    draft.leave_alone(Some(track), asked.reason("its title is as wanted", set.node));
                } else {
                    let reason = asked.reason(wanted_title(set.wanted.as_deref()), set.node);
                    draft.set_track_title(track, set.wanted.as_deref(), reason.input("title", title));
                }
            }
        }
        Action::RemoveTrack(remove) => remove_tracks(remove, asked, draft),
        Action::SetTitle(set) => {
            if draft.facts().title == set.wanted {
                draft.leave_alone(None, asked.reason("the title of the file is as wanted", set.node));
            } else {
                let reason = asked.reason(wanted_title(set.wanted.as_deref()), set.node);
                draft.set_title(set.wanted.as_deref(), reason);
            }
        }
        Action::SetTag(set) => {
            let what = if set.value.is_some() { "the tag is to be set" } else { "the tag is to be removed" };
            let reason = asked.reason(what, set.node).input("name", set.name.as_str());
            draft.set_tag(&set.name, set.value.as_deref(), reason);
        }
        Action::Warn(say) => draft.warn(say.text.as_str()),
        Action::Fail(say) => {
            return Err(Failure::Refused(format!("{} (rule \"{}\")", say.text, asked.rule.name)));
        }
        Action::Skip(say) => draft.stop(say.text.as_str()),
    }
    Ok(())
}

/// Removes tracks, but leaves the last picture and the last sound that is more than a commentary.
fn remove_tracks(remove: &RemoveTrack, asked: &Asked<'_>, draft: &mut Draft<'_>) {
    let fits = |track: &Track| remove.kind.fits(track.kind()) && remove.test.fits(track);
    let going: Vec<u32> = draft.facts().tracks.iter().filter(|track| fits(track)).map(|track| track.id).collect();
    for id in going {
        if let Some(kind) = needed(id, draft.facts()) {
            let what = format!("it would be removed, but it is the last {} track", kind.name());
            draft.leave_alone(Some(id), asked.reason(&what, remove.node));
        } else {
            draft.remove_track(id, asked.reason("the track is to be removed", remove.node));
        }
    }
}

/// The kind of a track that a film cannot do without.
fn needed(id: u32, facts: &Facts) -> Option<TrackKind> {
    let kind = facts.find_track(id)?.kind();
    let mut others = facts.of_kind(kind).filter(|other| other.id != id);
    let is_last = match kind {
        TrackKind::Video => others.next().is_none(),
        TrackKind::Audio if facts.find_track(id)?.is_main() => !others.any(TrackExt::is_main),
        TrackKind::Audio => others.next().is_none(),
        // A file of nothing but subtitles would be left with nothing.
        TrackKind::Subtitle | TrackKind::Other => facts.tracks.len() == 1,
    };
    is_last.then_some(kind)
}

fn wanted_title(title: Option<&str>) -> &'static str {
    if title.is_some() { "the title is to be set" } else { "the title is to be removed" }
}

/// The tracks that an action is about, each with what is to be known of it.
fn chosen<T>(kind: Kind, chosen: &Chosen, draft: &Draft<'_>, known: impl Fn(&Track) -> T) -> Vec<(u32, T)> {
    let most = if chosen.first { 1 } else { usize::MAX };
    draft
        .facts()
        .tracks
        .iter()
        .filter(|track| kind.fits(track.kind()) && chosen.test.fits(track))
        .take(most)
        .map(|track| (track.id, known(track)))
        .collect()
}
