//! Counts agreement, and remembers where there was none.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use icu_locale::{Locale, LocaleCanonicalizer};
use serde_json::{Value, json};

use crate::trust::{self, Claim, Fields, Match};

/// Seconds by which durations may differ, beside half a percent: tools count the last sample differently.
const DURATION_SLACK: f64 = 0.1;

#[derive(Debug, Default)]
pub struct Report {
    fields: BTreeMap<(&'static str, &'static str), Tally>,
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

impl Report {
    /// Compares what vpo said of a file with what is to be believed.
    pub fn add(&mut self, file: &Path, said: &Value, claims: &[Claim]) {
        self.files += 1;
        let error = said["error"].as_str();
        if claims.is_empty() {
            self.unreadable += 1;
            self.unreadable_with_facts += usize::from(error.is_none());
            return;
        }
        if let (Some(reads), Some(bytes)) = (said["cost"]["reads"].as_u64(), said["cost"]["bytes"].as_u64()) {
            self.reads.push((reads, bytes));
        }
        self.tally("facts at all", "either", error.is_none(), || {
            format!("{}: {}", file.display(), error.unwrap_or(""))
        });
        if error.is_some() {
            return;
        }
        let (ours, tracks) = ours(said);
        for claim in claims {
            for (&name, theirs) in &claim.file {
                self.compare(file, "", claim.tool, name, ours.get(name), theirs);
            }
            for (index, theirs) in claim.tracks.iter().enumerate() {
                let found = match claim.matching {
                    Match::Order if claim.tracks.len() == tracks.len() => tracks.get(index),
                    Match::Order => None,
                    Match::Number => tracks.iter().find(|track| track.get("number") == theirs.get("number")),
                };
                let Some(found) = found else { continue };
                let place = format!(" track {index}");
                for (&name, theirs) in theirs {
                    self.compare(file, &place, claim.tool, name, found.get(name), theirs);
                }
            }
        }
    }

    fn compare(
        &mut self,
        file: &Path,
        place: &str,
        tool: &'static str,
        name: &'static str,
        ours: Option<&Value>,
        theirs: &Value,
    ) {
        let ours = ours.unwrap_or(&Value::Null);
        let label = if !place.is_empty() && matches!(name, "title") { "track title" } else { name };
        self.tally(label, tool, agree(name, ours, theirs), || {
            format!("{}{place}: vpo {}, {tool} {}", file.display(), short(ours), short(theirs))
        });
    }

    fn tally(&mut self, field: &'static str, tool: &'static str, agrees: bool, tell: impl FnOnce() -> String) {
        let tally = self.fields.entry((field, tool)).or_default();
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

/// An answer of vpo as fields.
fn ours(said: &Value) -> (Fields, Vec<Fields>) {
    let count = |name: &str| json!(said[name].as_array().map_or(0, Vec::len));
    let mut file = Fields::new();
    for name in ["container", "title", "duration_ns"] {
        file.insert(name, said[name].clone());
    }
    for name in ["chapters", "attachments", "tracks"] {
        file.insert(name, count(name));
    }
    let tracks = said["tracks"].as_array().into_iter().flatten().map(track);
    (file, tracks.collect())
}

fn track(said: &Value) -> Fields {
    const SAME: [&str; 25] = [
        "type",
        "number",
        "codec",
        "codec_id",
        "profile",
        "language",
        "title",
        "default",
        "forced",
        "enabled",
        "original",
        "commentary",
        "hearing_impaired",
        "visual_impaired",
        "width",
        "height",
        "rotation",
        "interlaced",
        "bit_depth",
        "dynamic_range",
        "colour_primaries",
        "colour_transfer",
        "colour_matrix",
        "colour_range",
        "max_content_light",
    ];
    let mut fields = Fields::new();
    for name in SAME.into_iter().chain(["channels", "layout", "sample_rate"]) {
        fields.insert(name, said[name].clone());
    }
    fields.insert("address mkvmerge", said["addresses"]["mkvmerge"].clone());
    fields.insert("address ffmpeg", said["addresses"]["ffmpeg"].clone());
    fields.insert("frame_rate", said["frame_rate"].as_str().and_then(trust::ratio).map_or(Value::Null, |r| json!(r)));
    fields.insert("display", json!(format!("{}x{}", said["display_width"], said["display_height"])));
    fields
}

fn agree(name: &str, ours: &Value, theirs: &Value) -> bool {
    let numbers = || Some((ours.as_f64()?, theirs.as_f64()?));
    match name {
        "duration_ns" => numbers().is_some_and(|(a, b)| (a - b).abs() <= DURATION_SLACK * 1e9 + b * 0.005),
        "frame_rate" => numbers().is_some_and(|(a, b)| (a - b).abs() <= b * 0.002),
        "display" => close_sizes(ours, theirs),
        "language" => canonical(ours) == canonical(theirs),
        // ffprobe does not tell WebM from Matroska.
        "container" => ours == theirs || (ours == "webm" && theirs == "matroska"),
        // HDR10+ is a kind of HDR10 that ffprobe sees only in frames.
        "dynamic_range" => ours == theirs || (ours == "hdr10-plus" && theirs == "hdr10"),
        // What stands in an encrypted file is that it is encrypted; ffprobe names what is under it.
        "codec_id" if ours == "encv" || ours == "enca" => true,
        // An empty text and none are the same to mkvmerge.
        "title" => ours.as_str().unwrap_or("").trim() == theirs.as_str().unwrap_or("").trim(),
        _ => ours == theirs,
    }
}

/// Rounding differs by a pixel; mkvmerge shows a bare aspect ratio as if it were a size.
fn close_sizes(ours: &Value, theirs: &Value) -> bool {
    let size = |value: &Value| -> Option<(i64, i64)> {
        let (width, height) = value.as_str()?.split_once('x')?;
        Some((width.parse().ok()?, height.parse().ok()?))
    };
    match (size(ours), size(theirs)) {
        (Some(ours), Some(theirs)) if theirs.0 < 100 && theirs.0 * 4 < ours.0 => {
            (ours.0 * theirs.1 - ours.1 * theirs.0).abs() <= ours.1.max(theirs.0)
        }
        (Some(ours), Some(theirs)) => (ours.0 - theirs.0).abs() <= 1 && (ours.1 - theirs.1).abs() <= 1,
        _ => false,
    }
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
