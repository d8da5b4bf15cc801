//! Facts as a person wants to read them: a line for the file, a table of its tracks, what else is in it.

use std::fmt::Write;

use vpo::media::{Chapter, Facts, text};

use super::tracks;

/// Attachments that are listed one by one.
const FEW: usize = 6;

/// How facts are shown.
#[derive(Debug, Clone, Copy)]
pub struct Manner {
    pub color: bool,
    /// Columns that there are, when there is an end to them.
    pub width: Option<u16>,
    /// Everything: how tools address the tracks, chapters, attachments and tags one by one.
    pub is_verbose: bool,
}

/// Shows the facts of one file of so many bytes.
pub fn table(name: &str, size: u64, facts: &Facts, manner: Manner) -> String {
    let mut lines = vec![heading(facts, size)];
    lines.extend(facts.title.as_deref().map(|title| format!("title \"{}\"", visible(title, 200))));
    lines.extend(tracks::table(&facts.tracks, manner).lines().map(str::to_owned));
    if manner.is_verbose {
        lines.extend(tracks::addresses(&facts.tracks, manner).lines().map(str::to_owned));
        lines.extend(facts.tracks.iter().filter_map(tracks::colours));
    }
    lines.extend(chapters(facts, manner.is_verbose));
    lines.extend(attachments(facts, manner.is_verbose));
    lines.extend(tags(facts, manner.is_verbose));
    if let Some(why) = &facts.partial {
        lines.push(painted(&format!("these facts are partial: {}", text::visible(why)), RED, manner.color));
    }
    for warning in &facts.warnings {
        lines.push(painted(&format!("warning: {}", text::visible(warning)), YELLOW, manner.color));
    }
    let mut shown = painted(name, BOLD, manner.color);
    for line in lines {
        let _ = write!(shown, "\n  {}", fitted(&line, manner.width));
    }
    shown
}

/// Breaks a line that is longer than there are columns, between words; what follows stands further in.
fn fitted(line: &str, width: Option<u16>) -> String {
    const MARGIN: usize = 2;
    const FURTHER: &str = "\n      ";
    let most = width.map_or(usize::MAX, |width| usize::from(width).saturating_sub(MARGIN));
    let indent = line.len() - line.trim_start().len();
    if line.contains('\x1b') || line.chars().count() <= most {
        return line.to_owned();
    }
    let mut fitted = line[..indent].to_owned();
    let mut used = indent;
    for word in line[indent..].split(' ') {
        let length = word.chars().count();
        if used > indent && used + 1 + length > most {
            fitted.push_str(FURTHER);
            used = FURTHER.len() - 1 - MARGIN;
        } else if used > indent {
            fitted.push(' ');
            used += 1;
        }
        fitted.push_str(word);
        used += length;
    }
    fitted
}

fn heading(facts: &Facts, size: u64) -> String {
    let mut parts = vec![facts.container.clone()];
    // A live recording does not know when it will end.
    parts.push(facts.duration_ns.map_or_else(|| "duration unknown".to_owned(), duration));
    parts.push(bytes(size));
    // Of less than a second the headers are most.
    if let Some(nanoseconds) = facts.duration_ns.filter(|nanoseconds| *nanoseconds >= 1_000_000_000) {
        parts.push(bit_rate(size as f64 * 8e9 / nanoseconds as f64));
    }
    if let Some(application) = &facts.writing_application {
        parts.push(format!("written by {}", visible(application, 60)));
    }
    parts.join(", ")
}

fn chapters(facts: &Facts, is_verbose: bool) -> Vec<String> {
    let editions = facts.chapters.iter().map(|chapter| chapter.edition).max().map_or(0, |last| last + 1);
    let count = match (facts.chapters.len(), editions) {
        (0, _) => return Vec::new(),
        (1, _) => "1 chapter".to_owned(),
        (chapters, ..=1) => format!("{chapters} chapters"),
        (chapters, editions) => format!("{chapters} chapters in {editions} editions"),
    };
    let mut lines = vec![count];
    if is_verbose {
        lines.extend(facts.chapters.iter().map(|one| chapter(one, editions > 1)));
    }
    lines
}

fn chapter(chapter: &Chapter, has_editions: bool) -> String {
    let mut line = "  ".repeat(1 + chapter.depth as usize);
    if has_editions {
        let _ = write!(line, "edition {} ", chapter.edition + 1);
    }
    line.push_str(&duration(chapter.start_ns));
    if let Some(title) = &chapter.title {
        let _ = write!(line, "  {} [{}]", visible(title, 100), chapter.language.tag);
    }
    if chapter.hidden {
        line.push_str(" (hidden)");
    }
    line
}

fn attachments(facts: &Facts, is_verbose: bool) -> Vec<String> {
    let are_many = facts.attachments.len() > FEW && !is_verbose;
    let (summed, listed): (Vec<_>, Vec<_>) =
        facts.attachments.iter().partition(|attachment| are_many && !attachment.is_cover);
    let mut lines: Vec<String> = listed
        .into_iter()
        .map(|attachment| {
            let what = if attachment.is_cover { "cover" } else { "attachment" };
            let (name, media_type) = (visible(&attachment.name, 100), visible(&attachment.media_type, 60));
            format!("{what} {name} ({media_type}, {})", bytes(attachment.size))
        })
        .collect();
    if !summed.is_empty() {
        let size = summed.iter().fold(0u64, |sum, attachment| sum.saturating_add(attachment.size));
        lines.push(format!("{} attachments ({})", summed.len(), bytes(size)));
    }
    lines
}

fn tags(facts: &Facts, is_verbose: bool) -> Vec<String> {
    if !is_verbose || facts.tags.is_empty() {
        return Vec::new();
    }
    let tag = |tag: &vpo::media::Tag| {
        let track = tag.track.map(|track| format!("track {track} ")).unwrap_or_default();
        format!("  {track}{}: {}", visible(&tag.name, 60), visible(&tag.value, 100))
    };
    let count = match facts.tags.len() {
        1 => "1 tag".to_owned(),
        tags => format!("{tags} tags"),
    };
    [count].into_iter().chain(facts.tags.iter().map(tag)).collect()
}

/// A text as it may stand in a line, with a mark where it is cut.
pub fn visible(whole: &str, most: usize) -> String {
    let capped = text::capped(whole, most);
    let mark = if capped.len() < whole.len() { "…" } else { "" };
    format!("{}{mark}", text::visible(capped))
}

const BOLD: u8 = 1;
const RED: u8 = 31;
const YELLOW: u8 = 33;

/// Text in a colour or a weight of terminals.
fn painted(text: &str, how: u8, color: bool) -> String {
    if color { format!("\x1b[{how}m{text}\x1b[0m") } else { text.to_owned() }
}

/// Bits per second in decimal units, as rates of media are given.
pub fn bit_rate(rate: f64) -> String {
    match rate {
        rate if rate >= 1e6 => format!("{:.1} Mbit/s", rate / 1e6),
        rate if rate >= 1e3 => format!("{:.0} kbit/s", rate / 1e3),
        rate => format!("{rate:.0} bit/s"),
    }
}

/// Hours, minutes and seconds, rounded to a tenth.
pub fn duration(nanoseconds: u64) -> String {
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
