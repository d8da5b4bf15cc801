//! Says where a file is not what was predicted.
//!
//! Compared is what a person would miss: container, order, kind, codec, language, title and flags of tracks, what they look and
//! sound like, chapters, attachments, tags. What a tool that rewrites a file decides by itself is not: numbers, codec
//! ids, bit rates, the names of the applications, statistics.

use std::borrow::Cow;

use super::{TrackFlag, container};
use crate::media::{Attachment, Chapter, Details, Facts, Tag, Track, Video};

/// Two seconds, or one part in a hundred when that is more.
const DURATION_SLACK_NS: u64 = 2_000_000_000;
/// Containers keep chapter times in units of up to a millisecond.
const CHAPTER_SLACK_NS: u64 = 1_000_000;

/// Returns every difference between predicted and found facts, as fragments for a person. None means that all is well.
pub fn differences(expected: &Facts, found: &Facts) -> Vec<String> {
    let mut said = Vec::new();
    compare(&mut said, "container", &expected.container, &found.container);
    compare(&mut said, "title", &quoted(&expected.title), &quoted(&found.title));
    compare_durations(&mut said, expected.duration_ns, found.duration_ns);
    let (tracks, found_tracks) = (content(expected), content(found));
    compare(&mut said, "number of tracks", &tracks.len().to_string(), &found_tracks.len().to_string());
    let is_isobmff = container::is_isobmff(&expected.container);
    for (expected, found) in tracks.into_iter().zip(found_tracks) {
        let mut expected = expected.clone();
        if is_isobmff {
            // There it says the same as the default flag, which is compared.
            expected.flags.enabled = found.flags.enabled;
        }
        if expected.codec == container::TIMECODE {
            // Made anew from the picture, with its language.
            expected = Track { details: expected.details, codec: expected.codec, ..found.clone() };
        }
        compare_tracks(&mut said, &expected, found);
    }
    for (name, _) in container::LINKS {
        // WebM has none.
        if let Some(uid) = expected.text(name).filter(|_| expected.container == "matroska") {
            compare(&mut said, name, uid, found.text(name).unwrap_or("none"));
        }
    }
    compare_chapters(&mut said, &expected.chapters, &found.chapters);
    if attachments(&expected.attachments) != attachments(&found.attachments) {
        let words =
            |all: &[Attachment]| listed(all.iter().map(|one| format!("{} of {} bytes", one.media_type, one.size)));
        compare(&mut said, "attachments", &words(&expected.attachments), &words(&found.attachments));
    }
    let (tags, found_tags) = (file_tags(&expected.tags), file_tags(&found.tags));
    if tags != found_tags {
        let words = |all: Vec<(String, &str)>| listed(all.iter().map(|(name, value)| format!("{name} \"{value}\"")));
        compare(&mut said, "tags", &words(tags), &words(found_tags));
    }
    said
}

/// The tracks without those in which MP4 keeps its chapters.
fn content(facts: &Facts) -> Vec<&Track> {
    facts.tracks.iter().filter(|track| !container::holds_chapters(track)).collect()
}

/// Notes a difference in the words of a person: what, what it should be, what it is.
fn compare(said: &mut Vec<String>, what: &str, expected: &str, found: &str) {
    if expected != found {
        said.push(format!("{what}: {} expected, {} found", shorten(expected), shorten(found)));
    }
}

fn shorten(words: &str) -> Cow<'_, str> {
    match words.char_indices().nth(200) {
        Some((cut, _)) => format!("{}…", &words[..cut]).into(),
        None => words.into(),
    }
}

/// What is said of an outcome that is shorter than expected, however long the film is. A tool that complained may have
/// stopped reading early, and of a long film one in a hundred is a minute.
pub fn shortened(expected: &Facts, found: &Facts) -> Option<String> {
    let (expected, found) = (expected.duration_ns?, found.duration_ns.unwrap_or(0));
    let is_shorter = found.saturating_add(DURATION_SLACK_NS) < expected;
    is_shorter.then(|| format!("duration: {} expected, {} found", seconds(expected), seconds(found)))
}

fn compare_durations(said: &mut Vec<String>, expected: Option<u64>, found: Option<u64>) {
    let Some(expected) = expected else { return };
    let slack = DURATION_SLACK_NS.max(expected / 100);
    if found.is_none_or(|found| found.abs_diff(expected) > slack) {
        let found = found.map_or("none".to_owned(), seconds);
        said.push(format!("duration: {} expected, {found} found", seconds(expected)));
    }
}

fn compare_tracks(said: &mut Vec<String>, expected: &Track, found: &Track) {
    let track = format!("{} {}", expected.kind().name(), expected.id);
    let mut compare = |what: &str, expected: &str, found: &str| {
        compare(said, &format!("{track} {what}"), expected, found);
    };
    compare("type", expected.kind().name(), found.kind().name());
    compare("codec", &expected.codec, &found.codec);
    compare("language", &expected.language.tag, &found.language.tag);
    compare("title", &quoted(&expected.title), &quoted(&found.title));
    for flag in TrackFlag::ALL {
        compare(flag.name(), on_or_off(flag.of(&expected.flags)), on_or_off(flag.of(&found.flags)));
    }
    match (&expected.details, &found.details) {
        (Details::Video(expected), Details::Video(found)) => {
            let size = |video: &Video| format!("{}x{}", video.width, video.height);
            compare("size", &size(expected), &size(found));
            let rotation = |video: &Video| format!("{}°", video.rotation);
            compare("rotation", &rotation(expected), &rotation(found));
        }
        (Details::Audio(expected), Details::Audio(found)) => {
            compare("channels", &expected.channels.to_string(), &found.channels.to_string());
        }
        _ => {}
    }
}

fn compare_chapters(said: &mut Vec<String>, expected: &[Chapter], found: &[Chapter]) {
    compare(said, "number of chapters", &expected.len().to_string(), &found.len().to_string());
    for (place, (expected, found)) in expected.iter().zip(found).enumerate() {
        let chapter = place + 1;
        if expected.start_ns.abs_diff(found.start_ns) > CHAPTER_SLACK_NS {
            let (expected, found) = (seconds(expected.start_ns), seconds(found.start_ns));
            said.push(format!("start of chapter {chapter}: {expected} expected, {found} found"));
        }
        compare(said, &format!("title of chapter {chapter}"), &quoted(&expected.title), &quoted(&found.title));
    }
}

fn attachments(all: &[Attachment]) -> Vec<(&str, u64)> {
    all.iter().map(|attachment| (attachment.media_type.as_str(), attachment.size)).collect()
}

/// Tags of the whole file that people wrote, in an order of their own: tools regroup them.
fn file_tags(tags: &[Tag]) -> Vec<(String, &str)> {
    let mut kept: Vec<(String, &str)> = tags
        .iter()
        .filter(|tag| tag.track.is_none() && !is_written_by_tools(&tag.name))
        .map(|tag| (tag.name.to_lowercase(), tag.value.as_str()))
        .collect();
    kept.sort_unstable();
    kept
}

/// Names of tags that muxers write about their own work.
pub fn is_written_by_tools(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    name.starts_with("_STATISTICS_")
        || matches!(
            name.as_str(),
            "ENCODER"
                | "DURATION"
                | "BPS"
                | "NUMBER_OF_FRAMES"
                | "NUMBER_OF_BYTES"
                | "SOURCE_ID"
                | "CREATION_TIME"
                | "MAJOR_BRAND"
                | "MINOR_VERSION"
                | "COMPATIBLE_BRANDS"
        )
}

fn quoted(text: &Option<String>) -> String {
    text.as_deref().filter(|text| !text.is_empty()).map_or("none".to_owned(), |text| format!("\"{text}\""))
}

fn listed(words: impl Iterator<Item = String>) -> String {
    let words: Vec<String> = words.collect();
    if words.is_empty() { "none".to_owned() } else { words.join(", ") }
}

fn on_or_off(is_on: bool) -> &'static str {
    if is_on { "on" } else { "off" }
}

fn seconds(ns: u64) -> String {
    format!("{:.3} s", ns as f64 / 1e9)
}
