//! Says where a file is not what was predicted.
//!
//! Compared is what a person would miss: container, order, kind, codec, language, title and flags of tracks, what they look and
//! sound like, chapters, attachments, tags. What a tool that rewrites a file decides by itself is not: numbers, codec
//! ids, bit rates, the names of the applications, statistics.

use super::container;
use crate::media::{Attachment, Chapter, Details, Facts, Tag, Track, TrackKind};

/// Two seconds, or one part in a hundred when that is more.
const DURATION_SLACK_NS: u64 = 2_000_000_000;
/// Containers keep chapter times in units of up to a millisecond.
const CHAPTER_SLACK_NS: u64 = 1_000_000;

/// Returns every difference between predicted and found facts, as fragments for a person. None means that all is well.
pub fn differences(expected: &Facts, found: &Facts) -> Vec<String> {
    let mut said = Vec::new();
    compare(&mut said, "container", &expected.container, &found.container);
    compare(&mut said, "title", &text(&expected.title), &text(&found.title));
    compare_durations(&mut said, expected.duration_ns, found.duration_ns);
    let (tracks, found_tracks) = (content(expected), content(found));
    compare(&mut said, "number of tracks", &tracks.len(), &found_tracks.len());
    let is_isobmff = container::is_isobmff(&expected.container);
    for (place, (expected, found)) in tracks.into_iter().zip(found_tracks).enumerate() {
        let mut expected = expected.clone();
        if is_isobmff {
            // There it says the same as the default flag, which is compared.
            expected.flags.enabled = found.flags.enabled;
        }
        compare_tracks(&mut said, place, &expected, found);
    }
    compare_chapters(&mut said, &expected.chapters, &found.chapters);
    compare(&mut said, "attachments", &attachments(&expected.attachments), &attachments(&found.attachments));
    compare(&mut said, "tags", &file_tags(&expected.tags), &file_tags(&found.tags));
    said
}

/// The tracks without those in which MP4 keeps its chapters.
fn content(facts: &Facts) -> Vec<&Track> {
    let keeps_chapters =
        |track: &Track| !facts.chapters.is_empty() && track.kind() == TrackKind::Other && track.codec == "bin_data";
    facts.tracks.iter().filter(|track| !keeps_chapters(track)).collect()
}

fn compare<T: PartialEq + std::fmt::Debug>(said: &mut Vec<String>, what: &str, expected: &T, found: &T) {
    if expected != found {
        said.push(format!("{what}: {} expected, {} found", shorten(expected), shorten(found)));
    }
}

fn shorten(value: &impl std::fmt::Debug) -> String {
    let mut shown = format!("{value:?}");
    if let Some((cut, _)) = shown.char_indices().nth(200) {
        shown.truncate(cut);
        shown.push('…');
    }
    shown
}

/// What is said of an outcome that is shorter than expected, however long the film is. A tool that complained may have
/// stopped reading early, and of a long film one in a hundred is a minute.
pub fn shortened(expected: &Facts, found: &Facts) -> Option<String> {
    let (expected, found) = (expected.duration_ns?, found.duration_ns.unwrap_or(0));
    let is_shorter = found.saturating_add(DURATION_SLACK_NS) < expected;
    is_shorter.then(|| format!("duration in nanoseconds: {expected} expected, {found} found"))
}

fn compare_durations(said: &mut Vec<String>, expected: Option<u64>, found: Option<u64>) {
    let Some(expected) = expected else { return };
    let slack = DURATION_SLACK_NS.max(expected / 100);
    if found.is_none_or(|found| found.abs_diff(expected) > slack) {
        compare(said, "duration in nanoseconds", &Some(expected), &found);
    }
}

fn compare_tracks(said: &mut Vec<String>, place: usize, expected: &Track, found: &Track) {
    let mut compare_debug = |what: &str, expected: &dyn std::fmt::Debug, found: &dyn std::fmt::Debug| {
        let (expected, found) = (format!("{expected:?}"), format!("{found:?}"));
        if expected != found {
            said.push(format!("track {place} {what}: {expected} expected, {found} found"));
        }
    };
    compare_debug("type", &expected.kind(), &found.kind());
    compare_debug("codec", &expected.codec, &found.codec);
    compare_debug("language", &expected.language.tag, &found.language.tag);
    compare_debug("title", &text(&expected.title), &text(&found.title));
    compare_debug("flags", &expected.flags, &found.flags);
    match (&expected.details, &found.details) {
        (Details::Video(expected), Details::Video(found)) => {
            compare_debug("size", &(expected.width, expected.height), &(found.width, found.height));
            compare_debug("rotation", &expected.rotation, &found.rotation);
        }
        (Details::Audio(expected), Details::Audio(found)) => {
            compare_debug("channels", &expected.channels, &found.channels);
        }
        _ => {}
    }
}

fn compare_chapters(said: &mut Vec<String>, expected: &[Chapter], found: &[Chapter]) {
    compare(said, "number of chapters", &expected.len(), &found.len());
    for (place, (expected, found)) in expected.iter().zip(found).enumerate() {
        if expected.start_ns.abs_diff(found.start_ns) > CHAPTER_SLACK_NS {
            compare(said, &format!("start of chapter {place}"), &expected.start_ns, &found.start_ns);
        }
        compare(said, &format!("title of chapter {place}"), &text(&expected.title), &text(&found.title));
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

fn text(text: &Option<String>) -> Option<&str> {
    text.as_deref().filter(|text| !text.is_empty())
}
