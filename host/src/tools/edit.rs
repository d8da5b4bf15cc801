//! What a tool is to make of a file, and why it may not be able to.

use crate::media::{Facts, Track};
use crate::plan::container::is_matroska;
use crate::plan::{Action, Plan};

/// Subtitles of MP4.
const TIMED_TEXT: &str = "mov_text";

/// A plan with the facts on both sides of it.
#[derive(Debug, Clone, Copy)]
pub struct Edit<'a> {
    pub plan: &'a Plan,
    pub before: &'a Facts,
    /// What the plan leads to; its tracks have the ids of `before`.
    pub after: &'a Facts,
}

impl<'a> Edit<'a> {
    /// The remaining tracks in their new order, each as it is and as it is to be.
    pub fn tracks(&self) -> impl Iterator<Item = (&'a Track, &'a Track)> {
        let before = self.before;
        self.after.tracks.iter().filter_map(move |after| Some((before.find_track(after.id)?, after)))
    }

    /// The step that encodes a track anew.
    pub fn transcode_of(&self, track: u32) -> Option<&'a Action> {
        self.plan
            .actions()
            .find(|action| matches!(action, Action::TranscodeTrack { .. }) && action.track() == Some(track))
    }

    /// The track is encoded by ffmpeg: because a step says so, or because mkvmerge does not read 3GPP timed text.
    pub fn is_encoded(&self, track: &Track) -> bool {
        self.transcode_of(track.id).is_some()
            || (is_matroska(&self.after.container) && self.converts() && track.codec == TIMED_TEXT)
    }

    /// The track comes to mkvmerge by way of ffmpeg: encoded, or as it is where mkvmerge does not know the track.
    pub fn goes_through_ffmpeg(&self, track: &Track) -> bool {
        self.is_encoded(track) || (is_matroska(&self.after.container) && track.addresses.mkvmerge.is_none())
    }

    /// mkvmerge is given nothing of the original: ffmpeg hands everything over, chapters included.
    pub fn leaves_original_to_ffmpeg(&self) -> bool {
        self.before.tracks.iter().all(|track| track.addresses.mkvmerge.is_none())
    }

    /// The file is put into another container.
    pub fn converts(&self) -> bool {
        self.before.container != self.after.container
    }

    /// Positions of the attachments that remain, counted from zero in file order.
    pub fn kept_attachments(&self) -> impl Iterator<Item = usize> {
        let after = self.after;
        self.before
            .attachments
            .iter()
            .enumerate()
            .filter(move |(_, attachment)| after.attachments.iter().any(|kept| kept.id == attachment.id))
            .map(|(place, _)| place)
    }

    pub fn changes_tags(&self) -> bool {
        self.plan.actions().any(|action| matches!(action, Action::SetTag { .. }))
    }
}

/// Why no tool can carry out a plan.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unsupported {
    #[error("vpo changes no {container} files, it only puts them into another container (policy \"container\")")]
    Container { container: String },
    #[error("the facts do not say how {tool} addresses track {track}; scan the file again")]
    NoAddress { tool: &'static str, track: u32 },
    #[error("no encoder for {codec} is known")]
    Codec { codec: String },
    #[error("{container} cannot keep {what}")]
    CannotKeep { container: String, what: String },
}
