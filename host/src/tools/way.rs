//! The cheapest way to carry out a plan, in the fewest runs of the fewest tools.
//!
//! An edit of the header where the file lies, before a copy without encoding, before encoding.

use serde::{Deserialize, Serialize};

use super::{Edit, Tool, Unsupported, ffmpeg};
use crate::media::{Details, Track, TrackKind};
use crate::plan::{Action, container::is_matroska};

/// One run of one tool.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    pub tool: Tool,
    #[serde(rename = "does")]
    pub work: Work,
    /// About how many bytes it writes.
    pub bytes: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Work {
    /// The header is edited where the file lies.
    EditHeader,
    /// The file is written anew, nothing is encoded.
    Remux,
    /// Tracks are taken out for another tool, nothing is encoded.
    CopyTracks,
    /// Only the tracks that are encoded are written.
    EncodeTracks,
    /// The file is written anew, and tracks of it are encoded on the way.
    Encode,
}

/// What is written at least: a header edit rewrites elements whole.
const HEADER_OVERHEAD: u64 = 4096;

/// Returns the runs that carry out a plan, in order; none for a plan that only moves the file.
pub fn runs(edit: &Edit, size: u64) -> Result<Vec<Run>, Unsupported> {
    let actions = || edit.plan.actions().filter(|action| !matches!(action, Action::MoveFile { .. }));
    if actions().next().is_none() {
        return Ok(Vec::new());
    }
    let encodes = edit.tracks().any(|(before, _)| edit.is_encoded(before));
    let remains = bytes_of(edit, size);

    if is_matroska(&edit.after.container) {
        let edits_only = actions().all(|action| action.kind().is_metadata_edit());
        if edits_only && !edit.converts() {
            return Ok(vec![Run { tool: Tool::Mkvpropedit, work: Work::EditHeader, bytes: header_bytes(edit) }]);
        }
        if edit.converts()
            && let Some(track) = edit.after.tracks.iter().find(|track| is_rotated(track))
        {
            let what = format!("that track {} is shown rotated", track.id);
            return Err(Unsupported::CannotKeep { container: edit.after.container.clone(), what });
        }
        let remux = Run { tool: Tool::Mkvmerge, work: Work::Remux, bytes: remains.whole };
        if !encodes && edit.tracks().any(|(before, _)| edit.goes_through_ffmpeg(before)) {
            check_handed_over(edit)?;
            return Ok(vec![Run { tool: Tool::Ffmpeg, work: Work::CopyTracks, bytes: remains.whole }, remux]);
        }
        if encodes {
            check_handed_over(edit)?;
            let encode = Run { tool: Tool::Ffmpeg, work: Work::EncodeTracks, bytes: remains.encoded };
            return Ok(vec![encode, remux]);
        }
        return Ok(vec![remux]);
    }
    if matches!(edit.after.container.as_str(), "mp4" | "mov") {
        ffmpeg::check_mp4(edit)?;
        let work = if encodes { Work::Encode } else { Work::Remux };
        return Ok(vec![Run { tool: Tool::Ffmpeg, work, bytes: remains.whole }]);
    }
    Err(Unsupported::Container { container: edit.after.container.clone() })
}

/// Every track that ffmpeg hands over has a number there, and what is no track does not get lost on the way.
fn check_handed_over(edit: &Edit) -> Result<(), Unsupported> {
    let no_address =
        |(before, _): &(&Track, &Track)| edit.goes_through_ffmpeg(before) && before.addresses.ffmpeg.is_none();
    if let Some((track, _)) = edit.tracks().find(no_address) {
        return Err(Unsupported::NoAddress { tool: "ffmpeg", track: track.id });
    }
    if edit.leaves_original_to_ffmpeg() && edit.kept_attachments().next().is_some() {
        let what = format!("attachments of {}", edit.before.container);
        return Err(Unsupported::CannotKeep { container: edit.after.container.clone(), what });
    }
    Ok(())
}

/// mkvmerge does not carry the rotation of MP4 over.
fn is_rotated(track: &Track) -> bool {
    matches!(&track.details, Details::Video(video) if video.rotation != 0)
}

struct Remains {
    whole: u64,
    encoded: u64,
}

/// About how large the outcome and its encoded tracks are, from the bit rates that the file states.
fn bytes_of(edit: &Edit, size: u64) -> Remains {
    let stated = |id: u32| {
        let track = edit.before.find_track(id)?;
        let seconds = track.duration_ns.or(edit.before.duration_ns)? as f64 / 1e9;
        Some((track.bit_rate? as f64 / 8.0 * seconds) as u64)
    };
    let mut whole = size;
    for action in edit.plan.actions() {
        match action {
            Action::RemoveTrack { track } => whole = whole.saturating_sub(stated(*track).unwrap_or(0)),
            Action::RemoveAttachment { attachment } => {
                let found = edit.before.attachments.iter().find(|known| known.id == *attachment);
                whole = whole.saturating_sub(found.map_or(0, |found| found.size));
            }
            _ => {}
        }
    }
    let encoded = edit.tracks().filter(|(before, _)| edit.is_encoded(before)).map(|(before, _)| {
        let unstated = match before.kind() {
            TrackKind::Video => size,
            TrackKind::Audio => size / 10,
            TrackKind::Subtitle | TrackKind::Other => 0,
        };
        stated(before.id).unwrap_or(unstated).max(HEADER_OVERHEAD)
    });
    Remains { whole, encoded: encoded.sum::<u64>().min(size) }
}

fn header_bytes(edit: &Edit) -> u64 {
    let texts: usize = edit
        .plan
        .actions()
        .map(|action| match action {
            Action::SetTrackTitle { title, .. } | Action::SetTitle { title } => title.as_ref().map_or(0, String::len),
            Action::SetTag { value, .. } => value.as_ref().map_or(0, String::len),
            _ => 0,
        })
        .sum();
    HEADER_OVERHEAD + texts as u64
}
