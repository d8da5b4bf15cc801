//! The tracks of a file as tables: what they are, and how tools address them.

use std::fmt::Write;
use std::iter;

use vpo::media::{Audio, Details, DynamicRange, Entry, SubtitleForm, Track, TrackKind, Value, Video, text};
use vpo::plan::TrackFlag;
use vpo::plan::container::holds_chapters;

use super::facts::{Manner, bit_rate, visible};
use super::paint::{BLUE, GREEN, YELLOW};
use super::plan::of;
use super::table::{Cell, Fit, TOGETHER, fitted};

/// The number that Matroska knows a track by; a column of its own.
const UID: &str = "uid";

/// What the details say in words.
const HOLDS_CHAPTERS: &str = "holds-chapters";

/// What the tracks are.
pub fn table(tracks: &[Track], manner: Manner) -> Vec<String> {
    let columns = [
        ("#", Fit::Whole),
        ("type", Fit::Whole),
        ("codec", Fit::Words),
        ("language", Fit::Whole),
        ("details", Fit::Words),
        ("flags", Fit::Words),
        ("title", Fit::Prose),
    ];
    let rows = tracks.iter().map(|track| {
        [
            Cell::from(track.id),
            kind(track.kind()),
            Cell::from(codec(track)),
            Cell::from(visible(&track.language.tag, 40)),
            Cell::from(details(track)),
            Cell::from(flags(track)),
            Cell::from(track.title.as_deref().map(|title| visible(title, 60)).unwrap_or_default()),
        ]
    });
    fitted(columns, rows, manner.room(), manner.color)
}

/// What the tracks are called in the file and by tools.
pub fn addresses(tracks: &[Track], manner: Manner) -> Vec<String> {
    let columns = [
        ("#", Fit::Whole),
        ("number", Fit::Whole),
        ("mkvmerge", Fit::Whole),
        ("mkvpropedit", Fit::Whole),
        ("ffmpeg", Fit::Whole),
        ("codec id", Fit::Words),
        ("level", Fit::Words),
        ("bit rate", Fit::Words),
        (UID, Fit::Words),
    ];
    let number = |number: Option<u32>| number.map(Cell::from).unwrap_or_default();
    let rows = tracks.iter().map(|track| {
        [
            Cell::from(track.id),
            Cell::from(track.number),
            number(track.addresses.mkvmerge),
            number(track.addresses.mkvpropedit),
            number(track.addresses.ffmpeg),
            Cell::from(visible(&track.codec_id, 40)),
            track.level.as_deref().map(|level| Cell::from(visible(level, 40))).unwrap_or_default(),
            track.bit_rate.map(|rate| Cell::from(bit_rate(rate as f64).replace(' ', "\u{a0}"))).unwrap_or_default(),
            track
                .extra
                .iter()
                .find(|entry| entry.name == UID)
                .map(|entry| Cell::from(value(entry)))
                .unwrap_or_default(),
        ]
    });
    fitted(columns, rows, manner.room(), manner.color)
}

/// What else a reader knows of a track.
pub fn rest(track: &Track) -> Option<String> {
    let said = entries(track.extra.iter().filter(|entry| ![UID, HOLDS_CHAPTERS].contains(&entry.name.as_str())));
    (!said.is_empty()).then(|| format!("track {}: {said}", track.id))
}

/// Named values that have no column: `encrypted, program 1`.
pub fn entries<'a>(entries: impl Iterator<Item = &'a Entry>) -> String {
    let said = entries.filter_map(|entry| {
        let name = visible(&entry.name, 60);
        match &entry.value {
            Value::Boolean(true) => Some(name),
            Value::Boolean(false) | Value::Null => None,
            Value::Integer(mode) if entry.name == "stereo-mode" => Some(match stereo(*mode) {
                Some(said) => format!("{name} {said} ({mode})"),
                None => format!("{name} {mode}"),
            }),
            _ => Some(format!("{name} {}", value(entry))),
        }
    });
    said.collect::<Vec<_>>().join(", ")
}

fn value(entry: &Entry) -> String {
    match &entry.value {
        Value::Null => String::new(),
        Value::Boolean(value) => value.to_string(),
        Value::Integer(value) => value.to_string(),
        Value::Decimal(value) => value.to_string(),
        Value::Text(value) => visible(value, 100),
    }
}

/// How two pictures make one (RFC 9559 §5.1.4.1.28.3).
fn stereo(mode: i64) -> Option<&'static str> {
    const MODES: [&str; 15] = [
        "mono",
        "side by side, left eye first",
        "top and bottom, right eye first",
        "top and bottom, left eye first",
        "checkerboard, right eye first",
        "checkerboard, left eye first",
        "rows interleaved, right eye first",
        "rows interleaved, left eye first",
        "columns interleaved, right eye first",
        "columns interleaved, left eye first",
        "anaglyph cyan and red",
        "side by side, right eye first",
        "anaglyph green and magenta",
        "both eyes in one block, left eye first",
        "both eyes in one block, right eye first",
    ];
    MODES.get(usize::try_from(mode).ok()?).copied()
}

fn kind(kind: TrackKind) -> Cell {
    let cell = Cell::from(kind.name());
    match kind {
        TrackKind::Video => cell.paint(BLUE),
        TrackKind::Audio => cell.paint(GREEN),
        TrackKind::Subtitle => cell.paint(YELLOW),
        TrackKind::Other => cell,
    }
}

fn codec(track: &Track) -> String {
    // Some profiles have but a number, which tells nobody anything.
    let is_word = |profile: &&String| profile.chars().any(char::is_alphabetic);
    match track.profile.as_ref().filter(is_word) {
        Some(profile) => format!("{} ({})", text::visible(&track.codec), text::visible(profile)),
        None => text::visible(&track.codec).into_owned(),
    }
}

fn details(track: &Track) -> String {
    let of_kind = match &track.details {
        Details::Video(video) => picture(video),
        Details::Audio(audio) => sound(audio),
        Details::Subtitle(subtitle) => match subtitle.form {
            Some(SubtitleForm::Text) => "text".to_owned(),
            Some(SubtitleForm::StyledText) => "styled text".to_owned(),
            Some(SubtitleForm::Image) => "images".to_owned(),
            None => String::new(),
        },
        Details::Other if holds_chapters(track) => "titles of the chapters".to_owned(),
        Details::Other => String::new(),
    };
    let of_container = track.extra.iter().filter_map(|entry| match (entry.name.as_str(), &entry.value) {
        ("program", Value::Integer(number)) => Some(format!("program {number}")),
        ("encrypted", Value::Boolean(true)) => Some("encrypted".to_owned()),
        ("hdr10-plus", Value::Boolean(true)) => Some("with hdr10-plus".to_owned()),
        _ => None,
    });
    iter::once(of_kind).filter(|said| !said.is_empty()).chain(of_container).collect::<Vec<_>>().join(" ")
}

fn picture(video: &Video) -> String {
    let mut said = size(video);
    let (width, height) = (video.display_width, video.display_height);
    if (width, height) != (video.width, video.height) {
        let _ = write!(said, " as {width}x{height}");
    }
    match video.rotation.rem_euclid(360) {
        0 => {}
        // A player on its side.
        turn @ (90 | 270) => {
            let _ = write!(said, " turned{TOGETHER}{turn}°{TOGETHER}clockwise to {height}x{width}");
        }
        turn => {
            let _ = write!(said, " turned{TOGETHER}{turn}°{TOGETHER}clockwise");
        }
    }
    if let Some(rate) = video.frame_rate {
        let rate = format!("{:.3}", f64::from(rate.numerator) / f64::from(rate.denominator));
        let _ = write!(said, " {}{TOGETHER}fps", rate.trim_end_matches('0').trim_end_matches('.'));
    }
    if let Some(depth) = video.bit_depth.filter(|depth| *depth != 8) {
        let _ = write!(said, " {depth}{TOGETHER}bit");
    }
    if video.interlaced == Some(true) {
        said.push_str(" interlaced");
    }
    match video.dynamic_range {
        DynamicRange::Sdr => {}
        DynamicRange::DolbyVision(layer) => {
            let _ = write!(said, " dolby-vision {}", layer.profile);
            // Of these profiles there are several, by what other screens make of them.
            if matches!(layer.profile, 8 | 10) {
                let _ = write!(said, ".{}", layer.compatibility);
            }
            if let Some(base) = layer.base_layer() {
                let _ = write!(said, " over {base}");
            }
        }
        range => {
            let _ = write!(said, " {}", range.name());
        }
    }
    said
}

/// How large a picture is coded.
pub fn size(video: &Video) -> String {
    match (video.width, video.height) {
        (0, 0) => "size unknown".to_owned(),
        (width, height) => format!("{width}x{height}"),
    }
}

/// What comes out of the loudspeakers: `5.1(side)`, else how many there are.
pub fn channels(audio: &Audio) -> String {
    match (&audio.layout, audio.channels) {
        (Some(layout), _) => visible(layout, 40),
        (None, 0) => "channels unknown".to_owned(),
        (None, count) => of(count, "channel", "channels"),
    }
}

fn sound(audio: &Audio) -> String {
    let mut said = channels(audio).replace(' ', "\u{a0}");
    if let Some(rate) = audio.sample_rate {
        let _ = write!(said, " {rate}{TOGETHER}Hz");
    }
    if let Some(depth) = audio.bit_depth {
        let _ = write!(said, " {depth}{TOGETHER}bit");
    }
    said
}

/// The flags that are set, by the words that steps and policies have for them.
fn flags(track: &Track) -> String {
    let flags = TrackFlag::ALL.into_iter().filter_map(|flag| match (flag, flag.of(&track.flags)) {
        // Nobody is to choose it, and it is never enabled.
        (TrackFlag::Enabled, false) if holds_chapters(track) => None,
        (TrackFlag::Enabled, is_set) => (!is_set).then_some("disabled"),
        (flag, is_set) => is_set.then(|| flag.name()),
    });
    flags.collect::<Vec<_>>().join(", ")
}
