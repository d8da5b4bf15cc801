//! Facts as a person wants to read them: a line for the file, a table of its tracks, what else is in it.

use std::fmt::Write;

use vpo::media::{Chapter, Facts, text};

use super::paint::{BOLD, RED, YELLOW, painted};
use super::table::wrapped;
use super::{colours, tags, tracks};

/// What stands before each line below the name.
const MARGIN: &str = "  ";

/// Attachments that are listed one by one.
const FEW: usize = 6;

/// How facts are shown.
#[derive(Debug, Clone, Copy)]
pub struct Manner {
    pub color: bool,
    /// Columns that there are, when there is an end to them.
    pub width: Option<usize>,
    /// Everything: how tools address the tracks, chapters, attachments and tags one by one.
    pub is_verbose: bool,
}

impl Manner {
    /// Columns beside the margin.
    pub fn room(self) -> Option<usize> {
        self.width.map(|width| width.saturating_sub(MARGIN.len()).max(1))
    }
}

/// Shows the facts of one file of so many bytes, and at the end what reading them cost.
pub fn table(name: &str, size: u64, facts: &Facts, cost: Option<&str>, manner: Manner) -> String {
    let mut page = Page { text: painted(name, BOLD, manner.color), manner };
    page.say(&heading(facts, size));
    facts.title.iter().for_each(|title| page.say(&format!("title \"{}\"", visible(title, 200))));
    page.show(tracks::table(&facts.tracks, manner));
    if manner.is_verbose {
        page.show(tracks::addresses(&facts.tracks, manner));
        facts.tracks.iter().flat_map(colours::lines).for_each(|line| page.say(&line));
        facts.tracks.iter().filter_map(tracks::rest).for_each(|line| page.say(&line));
        origin(facts).iter().for_each(|line| page.say(line));
    }
    chapters(facts, manner.is_verbose).iter().for_each(|line| page.say(line));
    attachments(facts, manner.is_verbose).iter().for_each(|line| page.say(line));
    if manner.is_verbose {
        tags::lines(facts).iter().for_each(|line| page.say(line));
    }
    if let Some(why) = &facts.partial {
        page.paint(&format!("these facts are partial: {}", text::visible(why)), RED);
    }
    for warning in &facts.warnings {
        page.paint(&format!("warning: {}", text::visible(warning)), YELLOW);
    }
    cost.iter().for_each(|cost| page.say(cost));
    page.text
}

/// What is shown of a file: lines within a margin.
struct Page {
    text: String,
    manner: Manner,
}

impl Page {
    /// Says a line, broken between words where it is too long; what follows stands further in.
    fn say(&mut self, line: &str) {
        self.show(self.broken(line));
    }

    fn paint(&mut self, line: &str, how: u8) {
        let color = self.manner.color;
        self.show(self.broken(line).iter().map(|line| painted(line, how, color)));
    }

    fn show(&mut self, lines: impl IntoIterator<Item = String>) {
        for line in lines {
            let _ = write!(self.text, "\n{MARGIN}{line}");
        }
    }

    fn broken(&self, line: &str) -> Vec<String> {
        const FURTHER: usize = 4;
        let Some(room) = self.manner.room() else { return vec![line.to_owned()] };
        let words = line.trim_start();
        let indent = line.len() - words.len();
        let mut lines = wrapped(words, room.saturating_sub(indent));
        if lines.len() > 1 {
            let rest = lines.split_off(1).join(" ");
            lines.extend(wrapped(&rest, room.saturating_sub(FURTHER)));
        }
        let margins = std::iter::once(indent).chain(std::iter::repeat(FURTHER));
        lines.iter().zip(margins).map(|(line, margin)| format!("{:margin$}{line}", "")).collect()
    }
}

fn heading(facts: &Facts, size: u64) -> String {
    let mut parts = vec![visible(&facts.container, 40)];
    // A live recording does not know when it will end.
    parts.push(facts.duration_ns.map_or_else(|| "duration unknown".to_owned(), duration));
    parts.push(bytes(size));
    // Of less than a second the headers are most.
    if let Some(nanoseconds) = facts.duration_ns.filter(|nanoseconds| *nanoseconds >= 1_000_000_000) {
        let rate = size as f64 * 8e9 / nanoseconds as f64;
        // Less is not that of a film: most of it is missing, or its duration is wrong.
        parts.extend((rate >= 1000.0).then(|| bit_rate(rate)));
    }
    if let Some(application) = &facts.writing_application {
        parts.push(format!("written by {}", visible(application, 60)));
    }
    parts.join(", ")
}

/// Where the file comes from, and what else its reader knows of it.
fn origin(facts: &Facts) -> Vec<String> {
    let brand = facts.brand.as_ref().map(|brand| format!("brand {}", visible(brand.trim_end(), 40)));
    let muxed = facts.muxing_application.as_ref().map(|by| format!("muxed by {}", visible(by, 60)));
    let made: Vec<String> = [brand, muxed].into_iter().flatten().collect();
    let rest = tracks::entries(facts.extra.iter());
    [made.join(", "), rest].into_iter().filter(|line| !line.is_empty()).collect()
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
    if let Some(end) = chapter.end_ns {
        let _ = write!(line, " to {}", duration(end));
    }
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

/// A text as it may stand in a line, with a mark where it is cut.
pub fn visible(whole: &str, most: usize) -> String {
    let capped = text::capped(whole, most);
    let mark = if capped.len() < whole.len() { "…" } else { "" };
    format!("{}{mark}", text::visible(capped))
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
