//! Facts as a person wants to read them: a line for the file, a table of its tracks, what else is in it.

use std::fmt::Write;

use comfy_table::{Attribute, Cell, Table, presets};
use vpo::media::{Details, Facts, Track, text};

/// Shows the facts of one file.
pub fn table(name: &str, facts: &Facts, color: bool) -> String {
    let mut shown = format!("{name}\n  {}", heading(facts));
    if let Some(title) = &facts.title {
        let _ = write!(shown, "\n  title {:?}", text::visible(text::capped(title, 200)));
    }
    let _ = write!(shown, "\n{}", indented(&tracks(facts, color)));
    if !facts.chapters.is_empty() {
        let _ = write!(shown, "\n  {} chapters", facts.chapters.len());
    }
    for attachment in &facts.attachments {
        let what = if attachment.is_cover { "cover" } else { "attachment" };
        let name = text::visible(&attachment.name).into_owned();
        let _ = write!(shown, "\n  {what} {name} ({}, {})", attachment.media_type, bytes(attachment.size));
    }
    if let Some(why) = &facts.partial {
        let _ = write!(shown, "\n  these facts are partial: {}", text::visible(why));
    }
    for warning in &facts.warnings {
        let _ = write!(shown, "\n  warning: {}", text::visible(warning));
    }
    shown
}

fn heading(facts: &Facts) -> String {
    let mut heading = facts.container.clone();
    if let Some(nanoseconds) = facts.duration_ns {
        let _ = write!(heading, ", {}", duration(nanoseconds));
    }
    if let Some(application) = &facts.writing_application {
        let _ = write!(heading, ", written by {}", text::visible(text::capped(application, 60)));
    }
    heading
}

fn tracks(facts: &Facts, color: bool) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(["#", "type", "codec", "language", "details", "flags", "title"].map(
        |head| {
            let cell = Cell::new(head);
            if color { cell.add_attribute(Attribute::Bold) } else { cell }
        },
    ));
    if color {
        table.enforce_styling();
    } else {
        table.force_no_tty();
    }
    for track in &facts.tracks {
        table.add_row([
            track.id.to_string(),
            track.kind().name().to_owned(),
            codec(track),
            track.language.tag.clone(),
            details(track),
            flags(track),
            track.title.as_deref().map(|title| text::visible(text::capped(title, 60)).into_owned()).unwrap_or_default(),
        ]);
    }
    table.trim_fmt()
}

fn codec(track: &Track) -> String {
    match &track.profile {
        Some(profile) => format!("{} ({})", track.codec, text::visible(profile)),
        None => track.codec.clone(),
    }
}

fn details(track: &Track) -> String {
    match &track.details {
        Details::Video(video) => {
            let mut said = format!("{}x{}", video.width, video.height);
            if let Some(rate) = video.frame_rate {
                let _ = write!(said, " {:.3} fps", f64::from(rate.numerator) / f64::from(rate.denominator));
            }
            if video.dynamic_range != vpo::media::DynamicRange::Sdr {
                let _ = write!(said, " {}", video.dynamic_range.name());
            }
            said
        }
        Details::Audio(audio) => {
            let layout = audio.layout.clone().unwrap_or_else(|| format!("{} channels", audio.channels));
            match audio.sample_rate {
                Some(rate) => format!("{layout} {rate} Hz"),
                None => layout,
            }
        }
        Details::Subtitle(_) | Details::Other => String::new(),
    }
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

/// Hours, minutes and seconds, rounded to a tenth.
fn duration(nanoseconds: u64) -> String {
    let tenths = nanoseconds / 100_000_000;
    let (seconds, tenth) = (tenths / 10, tenths % 10);
    format!("{}:{:02}:{:02}.{tenth}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

/// Bytes in binary units, one decimal.
pub fn bytes(count: u64) -> String {
    let units = ["B", "KiB", "MiB", "GiB", "TiB"];
    let mut amount = count as f64;
    let mut unit = 0;
    while amount >= 1024.0 && unit + 1 < units.len() {
        amount /= 1024.0;
        unit += 1;
    }
    if unit == 0 { format!("{count} B") } else { format!("{amount:.1} {}", units[unit]) }
}

fn indented(table: &str) -> String {
    table.lines().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n")
}
