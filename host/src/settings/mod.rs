//! Who chose what.
//!
//! Four layers, weakest first: the built-in `defaults.kdl`, `config.kdl`, the profile (which has already been laid over
//! what it inherits), the command line. [`Settings::resolve`] takes every value from the strongest layer that has it, and
//! the value keeps its [`Source`].

mod sections;
mod setting;
mod source;
mod units;
mod words;

use std::path::Path;

use crate::kdl_read::{Base, Document, Mistakes, quoted};

pub use sections::{
    Apply, ApplyLayer, Database, DatabaseLayer, Jobs, JobsLayer, Layer, Limits, LimitsLayer, Logging, LoggingLayer,
    Protect, ProtectLayer, Scan, ScanLayer, Settings, Tools, ToolsLayer,
};
pub use setting::{Row, Setting};
pub use source::{Origin, Source, Sourced};
pub use units::{
    ByteSize, LanguageTag, Languages, LogFilter, Percent, Threads, Version, format_duration, parse_duration,
};
pub use words::{Backup, Hardlinks, LogFormat, Mtime};

/// The page of all settings with their defaults, as it is built in.
pub const DEFAULTS: &str = include_str!("defaults.kdl");

/// Reads the built-in defaults; relative paths in them start in the home of vpo.
pub fn defaults(home: &Path) -> Layer {
    let base = Base { folder: home.to_owned(), home: None };
    let document =
        Document::parse("defaults.kdl", uncommented(DEFAULTS), base).expect("a test reads the built-in defaults");
    let mut mistakes = Mistakes::default();
    let layer = read_config(&document, &Origin::Default, &mut mistakes);
    debug_assert!(mistakes.is_empty(), "the built-in defaults are mistaken: {mistakes}");
    layer
}

/// The same lines with those empty that are a comment. Parsing them would take most of the time that a short command takes.
fn uncommented(page: &str) -> String {
    let is_comment = |line: &str| line.trim_start().starts_with("//");
    page.lines().flat_map(|line| [if is_comment(line) { "" } else { line }, "\n"]).collect()
}

/// Reads `config.kdl`: sections of settings and nothing else.
pub fn config(name: &str, content: &str, base: Base) -> Result<Layer, Mistakes> {
    let origin = Origin::Config { file: name.to_owned() };
    let document = Document::parse(name, content, base)?;
    let mut mistakes = Mistakes::default();
    let layer = read_config(&document, &origin, &mut mistakes);
    mistakes.into_result()?;
    Ok(layer)
}

/// Reads one setting of the command line, as `--set jobs.retention-days=7` gives it. The value is written as in KDL;
/// texts need no quotes, and keywords no `#`.
pub fn set(written: &str, base: Base) -> Result<Layer, Mistakes> {
    let (path, value) = written.split_once('=').unwrap_or((written, ""));
    let (section, name) = path.split_once('.').unwrap_or((path, ""));
    let read = |value: &str| {
        let content = format!("{} {{ {} {value}; }}", quoted(section), quoted(name));
        let document = Document::parse(format!("--set {written}"), content, base.clone())?;
        let mut mistakes = Mistakes::default();
        let layer = read_config(&document, &Origin::CommandLine { flag: "--set".to_owned() }, &mut mistakes);
        mistakes.into_result()?;
        Ok(layer)
    };
    match value {
        "true" | "false" | "null" => read(&format!("#{value}")),
        // What looks like a number may be meant as a text: a version, a name.
        value if is_one_line_of_values(value) => read(value).or_else(|told| read(&quoted(value)).map_err(|_| told)),
        text => read(&quoted(text)),
    }
}

/// Whether a text stands for values, and for nothing else, when it is read as KDL.
fn is_one_line_of_values(text: &str) -> bool {
    let Ok(document) = Document::parse("", format!("x {text}"), Base::default()) else { return false };
    let nodes: Vec<_> = document.nodes().collect();
    matches!(nodes.as_slice(), [node] if node.properties().next().is_none() && !node.has_block())
}

fn read_config(document: &Document, origin: &Origin, mistakes: &mut Mistakes) -> Layer {
    let mut layer = Layer::default();
    let mut seen: Vec<&str> = Vec::new();
    for node in document.nodes() {
        if Layer::SECTIONS.contains(&node.name()) && seen.contains(&node.name()) {
            mistakes.add(&node.place(), format!("\"{}\" stands here twice", node.name()));
        } else if layer.read(node, origin, mistakes) {
            seen.push(node.name());
        } else if PROFILE_ONLY.contains(&node.name()) {
            mistakes.add(&node.place(), format!("\"{}\" belongs into a profile, not into the settings", node.name()));
        } else {
            mistakes.unknown(&node.place(), "section", node.name(), Layer::SECTIONS.iter().copied());
        }
    }
    layer
}

/// The words of a profile beside the sections of settings.
pub const PROFILE_ONLY: [&str; 11] = [
    "description",
    "library",
    "include",
    "exclude",
    "inherits",
    "detect",
    "introspect",
    "policy",
    "allow",
    "grant",
    "task",
];

#[cfg(test)]
mod tests;
