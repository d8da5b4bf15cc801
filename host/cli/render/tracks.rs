//! The tracks of a file as tables: what they are, and how tools address them.

use std::fmt::Write;
use std::iter;

use comfy_table::{Attribute, Cell, Color, ColumnConstraint, ContentArrangement, Table, presets};
use vpo::media::{Audio, Details, DynamicRange, SubtitleForm, Track, TrackKind, Value, Video, text};

use super::facts::{Manner, bit_rate, visible};

/// A space that no line is broken at: between a number and its unit.
const TOGETHER: char = '\u{a0}';

/// What the tracks are.
pub fn table(tracks: &[Track], manner: Manner) -> String {
    let color = manner.color;
    let rows = tracks.iter().map(|track| {
        [
            Cell::new(track.id),
            kind(track.kind(), color),
            Cell::new(codec(track)),
            Cell::new(text::visible(&track.language.tag)),
            Cell::new(details(track)),
            Cell::new(flags(track)),
            Cell::new(track.title.as_deref().map(|title| visible(title, 60)).unwrap_or_default()),
        ]
    });
    lines(["#", "type", "codec", "language", "details", "flags", "title"], rows, manner)
}

/// What the tracks are called in the file and by tools.
pub fn addresses(tracks: &[Track], manner: Manner) -> String {
    let number = |number: Option<u32>| Cell::new(number.map(|number| number.to_string()).unwrap_or_default());
    let rows = tracks.iter().map(|track| {
        [
            Cell::new(track.id),
            Cell::new(track.number),
            Cell::new(visible(&track.codec_id, 40)),
            Cell::new(track.level.as_deref().unwrap_or_default()),
            Cell::new(track.bit_rate.map(|rate| bit_rate(rate as f64)).unwrap_or_default()),
            number(track.addresses.mkvmerge),
            number(track.addresses.mkvpropedit),
            number(track.addresses.ffmpeg),
        ]
    });
    lines(["#", "number", "codec id", "level", "bit rate", "mkvmerge", "mkvpropedit", "ffmpeg"], rows, manner)
}

/// What a picture in high dynamic range was made on, and how bright it gets.
pub fn colours(track: &Track) -> Option<String> {
    let Details::Video(video) = &track.details else { return None };
    let colour = &video.colour;
    let mut said = Vec::new();
    if let Some(display) = &colour.mastering {
        said.push(format!("mastered at {} to {} cd/m²", display.luminance_min, display.luminance_max));
    }
    if let Some(light) = colour.max_content_light {
        said.push(format!("at most {light} cd/m²"));
    }
    if let Some(light) = colour.max_frame_light {
        said.push(format!("{light} cd/m² in a frame"));
    }
    (!said.is_empty()).then(|| format!("track {}: {}", track.id, said.join(", ")))
}

fn lines<const N: usize>(heading: [&str; N], rows: impl Iterator<Item = [Cell; N]>, manner: Manner) -> String {
    /// Columns of one short word each, which nobody wants broken.
    const SHORT: [&str; 5] = ["#", "type", "language", "number", "level"];
    let color = manner.color;
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(heading.map(|head| {
        let cell = Cell::new(head);
        if color { cell.add_attribute(Attribute::Bold) } else { cell }
    }));
    if color {
        table.enforce_styling();
    } else {
        table.force_no_tty();
    }
    table.add_rows(rows);
    if let Some(width) = manner.width {
        table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width.saturating_sub(2));
        for (index, head) in heading.iter().enumerate() {
            let Some(column) = table.column_mut(index) else { continue };
            column.set_padding((0, 1));
            if SHORT.contains(head) {
                column.set_constraint(ColumnConstraint::ContentWidth);
            }
        }
    }
    table.trim_fmt().replace(TOGETHER, " ")
}

fn kind(kind: TrackKind, color: bool) -> Cell {
    let cell = Cell::new(kind.name());
    match kind {
        _ if !color => cell,
        TrackKind::Video => cell.fg(Color::Blue),
        TrackKind::Audio => cell.fg(Color::Green),
        TrackKind::Subtitle => cell.fg(Color::Yellow),
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
    let mut said = match (video.width, video.height) {
        (0, 0) => "size unknown".to_owned(),
        (width, height) => format!("{width}x{height}"),
    };
    if (video.display_width, video.display_height) != (video.width, video.height) {
        let _ = write!(said, " as {}x{}", video.display_width, video.display_height);
    }
    if video.rotation != 0 {
        let _ = write!(said, " turned by {}°", video.rotation);
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

fn sound(audio: &Audio) -> String {
    let layout = audio.layout.as_ref().map(|layout| text::visible(layout).into_owned());
    let mut said = layout.unwrap_or_else(|| match audio.channels {
        0 => "channels unknown".to_owned(),
        channels => format!("{channels} channels"),
    });
    if let Some(rate) = audio.sample_rate {
        let _ = write!(said, " {rate}{TOGETHER}Hz");
    }
    if let Some(depth) = audio.bit_depth {
        let _ = write!(said, " {depth}{TOGETHER}bit");
    }
    said
}

fn flags(track: &Track) -> String {
    let flags = &track.flags;
    [
        (flags.default, "default"),
        (flags.forced, "forced"),
        (!flags.enabled, "disabled"),
        (flags.original, "original"),
        (flags.commentary, "commentary"),
        (flags.hearing_impaired, "hearing impaired"),
        (flags.visual_impaired, "visual impaired"),
        (flags.text_descriptions, "text descriptions"),
    ]
    .into_iter()
    .filter_map(|(is_set, name)| is_set.then_some(name))
    .collect::<Vec<_>>()
    .join(", ")
}
