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

/// Tells whether mkvmerge lists a track, because it counts only those.
pub fn is_read_by_mkvmerge(track: &Track) -> bool {
    let Some(entry) = &track.entry else { return false };
    let known_handler =
        track.handler.is_some_and(|handler| matches!(&handler, b"vide" | b"soun" | b"subp" | b"sbtl" | b"text"));
    if !known_handler || entry.is_unknown_object {
        return false;
    }
    match entry.codec.kind {
        Kind::Video => !entry.codec.name.starts_with("0x"),
        // It drops what it cannot name the sound of.
        Kind::Audio => entry.sound.channels.is_some() && entry.sound.sample_rate.is_some(),
        Kind::Subtitle => entry.codec.name == "dvd_subtitle",
        Kind::Other => false,
    }
}
