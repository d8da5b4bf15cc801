//! When two values of a field mean the same.

use icu_locale::{Locale, LocaleCanonicalizer};
use serde_json::Value;

use crate::said::{Fields, Tag};

/// Seconds by which durations may differ, beside half a percent: tools count the last sample differently.
const DURATION_SLACK: f64 = 0.1;

/// Tells whether what vpo says of a field is what a tool says.
pub fn agree(name: &str, ours: &Value, theirs: &Value) -> bool {
    let numbers = || Some((ours.as_f64()?, theirs.as_f64()?));
    match name {
        "duration_ns" | "duration_ns if known" => {
            numbers().is_some_and(|(a, b)| (a - b).abs() <= DURATION_SLACK * 1e9 + b * 0.005)
        }
        "frame_rate" => numbers().is_some_and(|(a, b)| (a - b).abs() <= b * 0.002),
        // Tools round times to the unit of the container, or to a millisecond.
        "start" | "end" => numbers().is_some_and(|(a, b)| (a - b).abs() <= 2e6),
        // What is stated is an average of the whole; what tools add up leaves out headers, and ends at the last sample.
        "bit_rate" | "bit_rate if known" => numbers().is_some_and(|(a, b)| (a - b).abs() <= b * 0.05),
        "display" => close_sizes(ours, theirs),
        "mastering" => close_numbers(ours, theirs),
        "language" => canonical(ours) == canonical(theirs),
        // ffprobe does not tell WebM from Matroska.
        "container" => ours == theirs || (ours == "webm" && theirs == "matroska"),
        // HDR10+ is a kind of HDR10 that ffprobe sees only in frames.
        "dynamic_range" => ours == theirs || (ours == "hdr10-plus" && theirs == "hdr10"),
        // What stands in an encrypted file is that it is encrypted; ffprobe names what is under it.
        "codec_id" if ours == "encv" || ours == "enca" => true,
        // An empty text and none are the same to mkvmerge.
        "title" | "description" | "muxing_application" | "writing_application" => same_text(ours, theirs),
        _ => ours == theirs,
    }
}

/// Tells whether one of our tags is this one of a tool.
pub fn has_tag(ours: &[Tag], theirs: &Tag) -> bool {
    ours.iter().any(|tag| {
        tag.track == theirs.track && same_name(&tag.name, &theirs.name) && same_value(&tag.value, &theirs.value)
    })
}

/// Returns the chapters that a tool tells of: all, or those at the top of their edition.
pub fn told(ours: &[Fields], count: usize) -> Vec<&Fields> {
    if ours.len() == count {
        return ours.iter().collect();
    }
    ours.iter().filter(|chapter| chapter.get("depth").is_some_and(|depth| depth == 0)).collect()
}

/// ffprobe puts the kind of what a tag is about in front of its name, and its language behind; one name it changes.
fn same_name(ours: &str, theirs: &str) -> bool {
    let ours = if ours.eq_ignore_ascii_case("part_number") { "track" } else { ours };
    let plain = |name: &str| {
        let name = name.rsplit_once('/').map_or(name, |(_, last)| last);
        let name = name.rsplit_once('-').filter(|(_, end)| end.len() == 3).map_or(name, |(first, _)| first);
        name.to_lowercase()
    };
    ours.eq_ignore_ascii_case(theirs) || plain(ours) == plain(theirs)
}

/// ffprobe writes numbers with six decimals.
fn same_value(ours: &str, theirs: &str) -> bool {
    let number = |text: &str| text.parse::<f64>().ok();
    ours.trim() == theirs.trim() || number(ours).is_some_and(|value| number(theirs) == Some(value))
}

fn same_text(ours: &Value, theirs: &Value) -> bool {
    ours.as_str().unwrap_or("").trim() == theirs.as_str().unwrap_or("").trim()
}

/// Rounding differs by a pixel; mkvmerge shows a bare aspect ratio as if it were a size.
fn close_sizes(ours: &Value, theirs: &Value) -> bool {
    let size = |value: &Value| -> Option<(i64, i64)> {
        let (width, height) = value.as_str()?.split_once('x')?;
        Some((width.parse().ok()?, height.parse().ok()?))
    };
    match (size(ours), size(theirs)) {
        (Some(ours), Some(theirs)) => {
            let is_same_shape = (ours.0 * theirs.1 - ours.1 * theirs.0).abs() <= ours.1.max(theirs.0);
            let is_near = (ours.0 - theirs.0).abs() <= 1 && (ours.1 - theirs.1).abs() <= 1;
            is_near || theirs.0 < 100 && is_same_shape
        }
        _ => false,
    }
}

/// Fractions of different denominators come close, not equal.
fn close_numbers(ours: &Value, theirs: &Value) -> bool {
    let numbers =
        |value: &Value| -> Vec<f64> { value.as_array().into_iter().flatten().filter_map(Value::as_f64).collect() };
    let (ours, theirs) = (numbers(ours), numbers(theirs));
    ours.len() == theirs.len() && ours.iter().zip(&theirs).all(|(a, b)| (a - b).abs() <= 0.0002 + b * 0.001)
}

/// One normal form of a language; nonsense and nothing are both undetermined.
fn canonical(value: &Value) -> String {
    let text = value.as_str().unwrap_or("und").trim_matches(|c: char| c == '\0' || c.is_whitespace());
    match text.replace('_', "-").parse::<Locale>() {
        Ok(mut locale) if locale.id.language.as_str().len() <= 3 => {
            LocaleCanonicalizer::new_extended().canonicalize(&mut locale);
            locale.to_string()
        }
        _ => "und".to_owned(),
    }
}
