//! What Matroska and MP4 can hold, as mkvmerge and ffmpeg write them and players read them.

use vpo_plugin_sdk::facts::{SubtitleForm, Track};
use vpo_plugin_sdk::tracks::{TrackExt, TrackKind};

use crate::options::{Codec, Target};

const MP4_VIDEO: [&str; 8] = ["h264", "hevc", "av1", "vp9", "mpeg4", "mpeg2video", "mpeg1video", "mjpeg"];
/// DTS can be written into MP4, but hardly a player finds it there.
const MP4_AUDIO: [&str; 8] = ["aac", "ac3", "eac3", "mp3", "mp2", "opus", "flac", "alac"];

/// Whether the target can hold a track as it is. A track that only holds the chapters goes where they go.
pub fn can_hold(target: Target, track: &Track) -> bool {
    if track.holds_chapters() {
        return true;
    }
    match target {
        Target::Mkv => track.kind() != TrackKind::Other && track.codec != "eia_608",
        Target::Mp4 => is_held_by_mp4(track.kind(), &track.codec),
    }
}

/// Whether the target can hold tracks of this kind in this codec.
pub fn is_held(target: Target, kind: TrackKind, codec: &str) -> bool {
    match target {
        Target::Mkv => codec != "mov_text",
        Target::Mp4 => is_held_by_mp4(kind, codec),
    }
}

fn is_held_by_mp4(kind: TrackKind, codec: &str) -> bool {
    match kind {
        TrackKind::Video => MP4_VIDEO.contains(&codec),
        TrackKind::Audio => MP4_AUDIO.contains(&codec),
        TrackKind::Subtitle => codec == "mov_text",
        // The timecode of a camera.
        TrackKind::Other => codec == "tmcd",
    }
}

/// The codec that a track is converted to when nobody names one; `None` when a machine cannot convert it.
///
/// Pictures are never re-encoded without being asked for by name: that takes hours and costs quality.
pub fn usual_codec(target: Target, track: &Track) -> Option<Codec> {
    match (target, track.kind()) {
        (Target::Mp4, TrackKind::Audio) => Some(Codec::Aac),
        (Target::Mp4, TrackKind::Subtitle) => {
            let form = track.subtitle().and_then(|subtitle| subtitle.form);
            matches!(form, Some(SubtitleForm::Text | SubtitleForm::StyledText)).then_some(Codec::MovText)
        }
        _ => None,
    }
}

/// The tags of a whole file that ffmpeg writes into MP4.
const MP4_TAGS: [&str; 20] = [
    "artist",
    "album_artist",
    "composer",
    "album",
    "date",
    "comment",
    "genre",
    "copyright",
    "grouping",
    "lyrics",
    "description",
    "synopsis",
    "show",
    "episode_id",
    "network",
    "keywords",
    "compilation",
    "track",
    "disc",
    "encoder",
];

/// Tags that muxers write about their own work, and write anew.
const OF_MUXERS: [&str; 9] = [
    "duration",
    "bps",
    "number_of_frames",
    "number_of_bytes",
    "source_id",
    "creation_time",
    "major_brand",
    "minor_version",
    "compatible_brands",
];

/// Whether the target can hold a tag of the whole file.
pub fn can_hold_tag(target: Target, name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    target == Target::Mkv
        || name.starts_with("_statistics_")
        || MP4_TAGS.contains(&name.as_str())
        || OF_MUXERS.contains(&name.as_str())
}
