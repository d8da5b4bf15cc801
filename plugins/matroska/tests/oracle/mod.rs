//! What ffprobe and mkvmerge say of a file, compared with facts field by field.
#![allow(dead_code)]

mod ffprobe;
mod mkvmerge;

use std::{
    collections::BTreeMap,
    path::Path,
    process::{Command, Stdio},
};

use serde_json::Value;
use vpo_plugin_sdk::facts::{Facts, Track, TrackDetails};

/// Disagreements over one field.
#[derive(Default)]
pub struct Agreement {
    pub same: usize,
    pub differing: Vec<Difference>,
}

/// One file's difference in one field.
#[derive(Debug)]
pub struct Difference {
    pub file: String,
    pub ours: Option<String>,
    pub theirs: String,
}

/// Agreement over many files, by field.
#[derive(Default)]
pub struct Report {
    pub fields: BTreeMap<String, Agreement>,
    file: String,
}

impl Report {
    /// Compares the facts of one file with what both tools say, and says whether either could read it.
    pub fn add(&mut self, path: &Path, facts: &Facts) -> bool {
        self.file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let (ffprobe, mkvmerge) = (ffprobe::ask(path), mkvmerge::ask(path));
        ffprobe::compare(self, facts, &ffprobe);
        mkvmerge::compare(self, facts, &mkvmerge);
        is_read(&ffprobe, &mkvmerge)
    }

    /// Compares one field, where the other tool says something.
    fn compare(&mut self, field: &str, ours: Option<String>, theirs: Option<String>) {
        let Some(theirs) = theirs else { return };
        let agreement = self.fields.entry(field.to_owned()).or_default();
        if ours.as_ref() == Some(&theirs) {
            agreement.same += 1;
        } else {
            agreement.differing.push(Difference { file: self.file.clone(), ours, theirs });
        }
    }
}

/// Whether either tool finds tracks in a file.
pub fn is_read_by_others(path: &Path) -> bool {
    is_read(&ffprobe::ask(path), &mkvmerge::ask(path))
}

fn is_read(ffprobe: &Value, mkvmerge: &Value) -> bool {
    !list(&ffprobe["streams"]).is_empty() || !list(&mkvmerge["tracks"]).is_empty()
}

/// What a tool said when the file was recorded, or says now.
fn recorded_or_asked(path: &Path, name: &str, command: &mut Command) -> Value {
    let recorded = format!("{}.{name}.json", path.display());
    let said = std::fs::read(recorded).ok().or_else(|| {
        let output = command.arg(path).stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
        Some(output.stdout)
    });
    said.and_then(|json| serde_json::from_slice(&json).ok()).unwrap_or(Value::Null)
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn said(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

fn shown(value: Option<impl ToString>) -> Option<String> {
    value.map(|value| value.to_string())
}

fn kind(track: &Track) -> &'static str {
    match track.details {
        TrackDetails::Video(_) => "video",
        TrackDetails::Audio(_) => "audio",
        TrackDetails::Subtitle(_) => "subtitle",
        TrackDetails::Other => "other",
    }
}
