//! Counts agreement, and remembers where there was none.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use serde_json::{Value, json};

use crate::agree;
use crate::ours;
use crate::said::{Fields, Said};
use crate::trust::{Claim, Match};

#[derive(Debug, Default)]
pub struct Report {
    fields: BTreeMap<(String, &'static str), Tally>,
    files: usize,
    /// Neither tool finds anything in it.
    unreadable: usize,
    unreadable_with_facts: usize,
    reads: Vec<(u64, u64)>,
}

#[derive(Debug, Default)]
struct Tally {
    agreed: usize,
    compared: usize,
    disagreements: Vec<String>,
}

/// Where something is said, and by whom.
struct Place<'a> {
    file: &'a Path,
    place: String,
    tool: &'static str,
}

impl Report {
    /// Compares what vpo said of a file with what is to be believed.
    pub fn add(&mut self, file: &Path, answer: &Value, claims: &[Claim]) {
        self.files += 1;
        let error = answer["error"].as_str();
        if claims.is_empty() {
            self.unreadable += 1;
            self.unreadable_with_facts += usize::from(error.is_none());
            return;
        }
        if let (Some(reads), Some(bytes)) = (answer["cost"]["reads"].as_u64(), answer["cost"]["bytes"].as_u64()) {
            self.reads.push((reads, bytes));
        }
        self.tally("facts at all", "either", error.is_none(), || {
            format!("{}: {}", file.display(), error.unwrap_or(""))
        });
        if error.is_some() {
            return;
        }
        let ours = ours::said(answer);
        for claim in claims {
            self.compare_all(file, claim, &ours);
        }
    }

    fn compare_all(&mut self, file: &Path, claim: &Claim, ours: &Said) {
        let Claim { tool, said, matching } = claim;
        let at = |place: String| Place { file, place, tool };
        self.compare(&at(String::new()), "", &ours.file, &said.file);
        let mut is_matched = said.tracks.len() == ours.tracks.len();
        for (index, theirs) in said.tracks.iter().enumerate() {
            let found = match matching {
                Match::Order => ours.tracks.get(index).filter(|_| is_matched),
                Match::Number => ours.tracks.iter().find(|track| track.get("number") == theirs.get("number")),
            };
            let Some(found) = found else { continue };
            self.compare(&at(format!(" track {index}")), "track ", found, theirs);
        }
        is_matched |= *matching == Match::Number;
        for tag in said.tags.iter().filter(|tag| is_matched || tag.track.is_none()) {
            self.tally("tags", tool, agree::has_tag(&ours.tags, tag), || {
                let about = tag.track.map(|track| format!(" track {track}")).unwrap_or_default();
                format!("{}{about}: {tool} {} = {}", file.display(), tag.name, short(&json!(tag.value)))
            });
        }
        if let (Some(ours), Some(theirs)) = (&ours.chapters, &said.chapters) {
            self.compare_each(&at(" chapter".to_owned()), "chapter ", &agree::told(ours, theirs.len()), theirs);
        }
        if let (Some(ours), Some(theirs)) = (&ours.attachments, &said.attachments) {
            self.compare_each(&at(" attachment".to_owned()), "attachment ", &ours.iter().collect::<Vec<_>>(), theirs);
        }
    }

    /// Compares lists of the same length one by one; that the lengths differ is told elsewhere.
    fn compare_each(&mut self, at: &Place<'_>, kind: &'static str, ours: &[&Fields], theirs: &[Fields]) {
        if ours.len() != theirs.len() {
            return;
        }
        for (index, (ours, theirs)) in ours.iter().zip(theirs).enumerate() {
            let at = Place { place: format!("{} {index}", at.place), ..*at };
            self.compare(&at, kind, ours, theirs);
        }
    }

    fn compare(&mut self, at: &Place<'_>, kind: &'static str, ours: &Fields, theirs: &Fields) {
        for (&name, theirs) in theirs {
            // What a field of ours is `if known` is not compared where it is not.
            let Some(ours) = ours.get(name) else { continue };
            // Of files and tracks most names say by themselves what they are of.
            let is_plain = kind == "track " && !matches!(name, "title" | "duration_ns if known");
            let label = if is_plain { name.to_owned() } else { format!("{kind}{name}") };
            self.tally(&label, at.tool, agree::agree(name, ours, theirs), || {
                format!("{}{}: vpo {}, {} {}", at.file.display(), at.place, short(ours), at.tool, short(theirs))
            });
        }
    }

    fn tally(&mut self, field: &str, tool: &'static str, agrees: bool, tell: impl FnOnce() -> String) {
        let tally = self.fields.entry((field.to_owned(), tool)).or_default();
        tally.compared += 1;
        if agrees {
            tally.agreed += 1;
        } else {
            tally.disagreements.push(tell());
        }
    }

    /// Percent of everything compared.
    pub fn agreement(&self) -> f64 {
        let sum = |pick: fn(&Tally) -> usize| self.fields.values().map(pick).sum::<usize>() as f64;
        percent(sum(|tally| tally.agreed), sum(|tally| tally.compared))
    }

    /// Tells everything, with up to `show` disagreements of each field.
    pub fn text(&self, show: usize) -> String {
        let mut text = String::new();
        let _ = writeln!(text, "{:<20} {:<9} {:>6} of {:>6}       %", "field", "trusted", "agree", "n");
        for ((field, tool), tally) in &self.fields {
            let share = percent(tally.agreed as f64, tally.compared as f64);
            let _ = writeln!(text, "{field:<20} {tool:<9} {:>6} of {:>6} {share:>7.2}", tally.agreed, tally.compared);
        }
        for ((field, tool), tally) in self.fields.iter().filter(|(_, tally)| !tally.disagreements.is_empty()) {
            let _ = writeln!(text, "\n{field} ({tool}):");
            for line in tally.disagreements.iter().take(show) {
                let _ = writeln!(text, "  {line}");
            }
            if tally.disagreements.len() > show {
                let _ = writeln!(text, "  … and {} more", tally.disagreements.len() - show);
            }
        }
        let compared = self.files - self.unreadable;
        let _ = writeln!(
            text,
            "\n{} files, {compared} of which a tool reads; agreement {:.2} %",
            self.files,
            self.agreement()
        );
        let _ = writeln!(text, "of the other {}, vpo reads {}", self.unreadable, self.unreadable_with_facts);
        let dear = self.reads.iter().filter(|(reads, bytes)| *reads > 20 || *bytes > 64 << 10).count();
        let most = |pick: fn(&(u64, u64)) -> u64| self.reads.iter().map(pick).max().unwrap_or(0);
        let _ = writeln!(
            text,
            "reads: at most {} of {} bytes in all; {dear} files cost more than 20 or 64 KiB",
            most(|cost| cost.0),
            most(|cost| cost.1)
        );
        text
    }
}

fn percent(part: f64, whole: f64) -> f64 {
    if whole == 0.0 { 100.0 } else { part / whole * 100.0 }
}

fn short(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
