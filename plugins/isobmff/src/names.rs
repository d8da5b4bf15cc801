//! Names of handlers that nobody chose, and what mkvmerge makes of a track.

use crate::{codec::Kind, entry::Entry, track::Track};

/// Words that only programs put into the name of a handler.
const MACHINE_WORDS: [&str; 18] = [
    "handler",
    "videohandle",
    "soundhandle",
    "core media",
    "iso media file",
    "gpac",
    "bento4",
    "l-smash",
    "mainconcept",
    "google inc",
    "apple alias",
    "media data",
    "lavf",
    "mp4box",
    "ffmpeg",
    "shaka",
    "usp ",
    "github",
];

/// Tells whether a handler's name was chosen by a person.
pub fn is_chosen(name: &str, entry: Option<&Entry>) -> bool {
    let lower = name.trim().to_lowercase();
    if lower.is_empty() || lower.chars().any(|c| c.is_control()) {
        return false;
    }
    let is_word_of_format = matches!(
        lower.as_str(),
        "vide"
            | "soun"
            | "sbtl"
            | "text"
            | "subt"
            | "video"
            | "audio"
            | "sound"
            | "subtitle"
            | "hint"
            | "meta"
            | "tmcd"
            | "video track"
            | "sound track"
            | "audio track"
            | "mp4 video"
            | "time code"
            | "dataref"
    );
    let codec = entry.map(|entry| entry.codec.name.as_str()).unwrap_or_default();
    !is_word_of_format && lower != codec && !MACHINE_WORDS.iter().any(|word| lower.contains(word))
}

/// Tells whether mkvmerge gives a track an id. It goes by the handler, and keeps the ids of what it then drops.
pub fn is_counted_by_mkvmerge(track: &Track) -> bool {
    let is_counted = |handler| matches!(&handler, b"vide" | b"soun" | b"subp" | b"text");
    track.entry.is_some() && track.handler.is_some_and(is_counted)
}

/// Tells whether mkvmerge lists a track that it has counted.
pub fn is_listed_by_mkvmerge(track: &Track) -> bool {
    let Some(entry) = track.entry.as_ref().filter(|entry| !entry.is_unknown_object) else { return false };
    match (&track.handler.unwrap_or_default(), entry.codec.kind) {
        // Of what MPEG-4 systems wrap, it knows no stills.
        (b"vide", Kind::Video) if &entry.id == b"mp4v" && matches!(entry.codec.name.as_str(), "mjpeg" | "png") => false,
        (b"vide", Kind::Video) => !entry.codec.name.starts_with("0x"),
        // It drops what it cannot name the sound of.
        (b"soun", Kind::Audio) => entry.sound.channels.is_some() && entry.sound.sample_rate.is_some(),
        (b"subp" | b"text", Kind::Subtitle) => entry.codec.name == "dvd_subtitle",
        _ => false,
    }
}
