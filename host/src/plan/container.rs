//! What containers can hold, and what a change of container does to facts.

use crate::media::{Facts, Language, Track, TrackKind};

/// The containers that vpo writes, by their normal names.
pub const WRITABLE: [&str; 2] = ["matroska", "mp4"];

pub fn is_writable(container: &str) -> bool {
    WRITABLE.contains(&container)
}

/// The extension, without dot, of a file in this container.
pub fn extension(container: &str) -> Option<&'static str> {
    match container {
        "matroska" => Some("mkv"),
        "mp4" => Some("mp4"),
        _ => None,
    }
}

/// By what Matroska files know each other: names in `extra` of what mkvmerge is told to keep, and its options for it.
pub const LINKS: [(&str, &str); 3] = [
    ("segment-uid", "--segment-uid"),
    ("previous-segment-uid", "--link-to-previous"),
    ("next-segment-uid", "--link-to-next"),
];

/// Whether mkvtoolnix writes this container.
pub fn is_matroska(container: &str) -> bool {
    matches!(container, "matroska" | "webm")
}

/// Whether a container can hold a track as it is. Containers that vpo does not write are not judged.
pub fn can_hold(container: &str, track: &Track) -> bool {
    let codec = track.codec.as_str();
    match (container, track.kind()) {
        ("matroska", TrackKind::Other) => false,
        ("mp4", TrackKind::Video) => {
            matches!(codec, "h264" | "hevc" | "av1" | "vp9" | "mpeg4" | "mpeg2video" | "mpeg1video" | "mjpeg")
        }
        ("mp4", TrackKind::Audio) => {
            matches!(codec, "aac" | "ac3" | "eac3" | "mp3" | "mp2" | "opus" | "flac" | "alac" | "dts")
        }
        ("mp4", TrackKind::Subtitle) => codec == "mov_text",
        ("mp4", TrackKind::Other) => DATA_OF_MP4.contains(&codec),
        _ => true,
    }
}

/// What MP4 keeps beside pictures, sound and subtitles.
const DATA_OF_MP4: [&str; 3] = [TIMECODE, "gpmd", "mp4s"];

/// Timecode of a camera: in MP4 a track, which ffmpeg makes anew of what the picture says.
pub const TIMECODE: &str = "tmcd";

/// Whether this is the track in which MP4 keeps the titles of chapters: a part of the chapters, and no track by itself. Who has
/// read the file says so.
pub fn holds_chapters(track: &Track) -> bool {
    track.kind() == TrackKind::Other && track.is_said("holds-chapters")
}

/// Whether the container is of the family of ISO BMFF, where a track is chosen by being enabled.
pub(super) fn is_isobmff(container: &str) -> bool {
    matches!(container, "mp4" | "mov" | "3gp" | "3g2" | "m4v" | "m4a")
}

/// Puts the facts into another container.
pub(super) fn convert(facts: &mut Facts, container: &str) {
    if facts.container == container {
        return;
    }
    let from = std::mem::replace(&mut facts.container, container.to_owned());
    facts.brand = None;
    facts.extra.retain(|entry| !LINKS.iter().any(|(name, _)| *name == entry.name));
    if container == "matroska" {
        remove_chapter_tracks(facts);
        for track in &mut facts.tracks {
            // mkvmerge turns 3GPP timed text into its own text form.
            if track.codec == "mov_text" {
                track.codec = "subrip".to_owned();
                track.codec_id.clear();
            }
            // What is only not chosen in MP4 would be unusable in Matroska.
            if is_isobmff(&from) {
                track.flags.enabled = true;
            }
        }
    }
    if is_isobmff(container) {
        convert_to_mp4(facts);
    }
}

/// Takes the tracks away that are nothing but chapters.
pub(super) fn remove_chapter_tracks(facts: &mut Facts) {
    let chapters: Vec<u32> = facts.tracks.iter().filter(|track| holds_chapters(track)).map(|track| track.id).collect();
    facts.tracks.retain(|track| !chapters.contains(&track.id));
}

/// Says how MP4 is written, whatever was asked for: the tracks that ffmpeg makes by itself come last, and something is
/// chosen.
pub(super) fn settle(facts: &mut Facts) {
    if !is_isobmff(&facts.container) {
        return;
    }
    let mut tracks = std::mem::take(&mut facts.tracks);
    tracks.sort_by_key(|track| (track.codec == TIMECODE, holds_chapters(track)));
    facts.tracks = tracks;
    choose(facts);
}

/// Says which tracks are chosen in MP4: of pictures and of sound the first, where none is asked for. Players show and play
/// nothing else, so that without it a film would be dark or silent; subtitles may be off.
fn choose(facts: &mut Facts) {
    for kind in [TrackKind::Video, TrackKind::Audio] {
        let mut tracks = facts.tracks.iter_mut().filter(|track| track.kind() == kind);
        if let Some(first) = tracks.next()
            && !first.flags.default
            && !tracks.any(|track| track.flags.default)
        {
            first.flags.default = true;
            first.flags.enabled = true;
        }
    }
}

/// What MP4 cannot say of a track is lost on the way: regions and scripts of languages, some roles, nesting of chapters.
fn convert_to_mp4(facts: &mut Facts) {
    for track in &mut facts.tracks {
        track.flags.enabled = track.flags.default;
        // MP4 has roles for the others.
        track.flags.original = false;
        track.flags.text_descriptions = false;
        if let Some((language, _)) = track.language.tag.split_once('-') {
            track.language = Language { tag: language.to_owned(), original: None };
        }
    }
    facts.tags.retain(|tag| tag.track.is_none());
}
