//! Everything about one job.

use std::fmt::Write;

use serde_json::{Map, Value, json};
use vpo::disk::path_text;
use vpo::library::JobReport;
use vpo::media::text;
use vpo::store::Happening;
use vpo::store::jobs::{JobDetails, JobRow, JobType};

use super::{duration, in_numbers, in_words, row_json};
use crate::render::time;

/// Everything about one job, for programs.
pub fn report_json(report: &JobReport) -> Map<String, Value> {
    let JobReport { row, details, outcomes, parent: _, parts } = report;
    let mut shown = Map::new();
    shown.insert("schema".into(), 1.into());
    shown.extend(row_json(row));
    let more = json!({
        "files_affected": row.files_affected,
        "error": details.error,
        "settings": details.settings,
        "plugins": details.plugins,
        "tools": details.tools,
        "argv": details.argv,
        "working_folder": details.working.as_ref().map(|path| path_text::write(path)),
        "parent": row.parent_id,
        "cancel_requested": row.cancel_requested,
        "pid": row.process.as_ref().map(|process| process.pid),
        "heartbeat_at": row.heartbeat_ns.map(time::utc),
        "log_file": row.log_file.as_ref().map(|path| path_text::write(path)),
        "timings": details.timings,
        "parts": parts.iter().map(row_json).collect::<Vec<_>>(),
        "outcomes": outcomes
            .iter()
            .map(|one| json!({ "outcome": one.outcome.name(), "reason": one.reason, "files": one.files }))
            .collect::<Vec<_>>(),
    });
    if let Value::Object(more) = more {
        shown.extend(more);
    }
    shown
}

/// Everything about one job, for people.
pub fn report(report: &JobReport, all_settings: bool) -> String {
    let mut lines = Lines(format!("job {}", report.row.id));
    lines.what_was_asked(report);
    lines.when(&report.row);
    lines.how_it_ended(report);
    lines.what_it_did(report);
    lines.what_it_used(&report.details, all_settings);
    lines.0
}

/// Lines of a report, each with a name before it.
struct Lines(String);

impl Lines {
    fn one(&mut self, name: &str, value: &str) {
        let _ = write!(self.0, "\n  {name:<10} {value}");
    }

    /// Several lines of one name, which stands before the first.
    fn all(&mut self, name: &str, values: impl IntoIterator<Item = String>) {
        for (at, value) in values.into_iter().enumerate() {
            self.one(if at == 0 { name } else { "" }, &value);
        }
    }

    fn what_was_asked(&mut self, JobReport { row, details, parent, .. }: &JobReport) {
        self.one("type", row.job_type.name());
        self.one("status", row.status.name());
        if row.cancel_requested && !row.status.is_over() {
            self.one("", "asked to end");
        }
        if let Some(profile) = &row.profile {
            self.one("profile", &text::visible(profile));
        }
        if let Some(path) = &row.path {
            self.one("what", &text::visible(path));
        }
        if !details.argv.is_empty() {
            self.one("command", &text::visible(&command(&details.argv)));
        }
        if let Some(folder) = &details.working {
            self.one("in", &text::path(folder));
        }
        match (parent, &row.parent_id) {
            (Some(task), _) if task.job_type == JobType::Task => {
                let name = task.path.as_deref().map(text::visible).unwrap_or_default();
                self.one("part of", &format!("task {name}, job {}", task.id));
            }
            (_, Some(id)) => self.one("again", &format!("what job {id} was asked to do")),
            (_, None) => {}
        }
    }

    fn when(&mut self, row: &JobRow) {
        self.one("begun", &time::local(row.started_ns.unwrap_or(row.created_ns)));
        if let Some(completed_ns) = row.completed_ns {
            let took = duration(row).map(|took| format!(" (took {took})")).unwrap_or_default();
            self.one("ended", &format!("{}{took}", time::local(completed_ns)));
        } else if let Some(process) = &row.process {
            let beat = row.heartbeat_ns.map(|ns| format!(", alive {}", time::local(ns))).unwrap_or_default();
            self.one("process", &format!("{}{beat}", process.pid));
        }
        if let Some(path) = &row.log_file {
            self.one("log", &text::path(path));
        }
    }

    fn how_it_ended(&mut self, JobReport { row, details, .. }: &JobReport) {
        if let Some(error) = &details.error {
            self.one("error", &text::visible(&error.message));
            for cause in &error.causes {
                self.one("  cause", &text::visible(cause));
            }
            if let Some(what) = &error.working_on {
                self.one("  at", &text::visible(what));
            }
        }
        if let Some(summary) = row.summary.as_ref().map(in_numbers).filter(|summary| !summary.is_empty()) {
            self.one("summary", &summary);
        }
    }

    fn what_it_did(&mut self, JobReport { row, details, outcomes, parts, .. }: &JobReport) {
        self.all("parts", parts.iter().map(part));
        if let Some(Value::Object(timings)) = &details.timings {
            let took = |seconds: &Value| time::took((seconds.as_f64().unwrap_or(0.0) * 1e9) as i64);
            let phases: Vec<_> = timings.iter().map(|(phase, seconds)| format!("{phase} {}", took(seconds))).collect();
            self.one("phases", &phases.join(", "));
        }
        let outcomes = outcomes.iter().map(|one| {
            let reason = one.reason.as_deref().map(|reason| format!(": {}", text::visible(reason))).unwrap_or_default();
            let outcome = match one.outcome {
                Happening::Planned if row.status.is_over() => "planned, but not come to",
                outcome => outcome.name(),
            };
            format!("{} {outcome}{reason}", one.files)
        });
        self.all("files", outcomes);
    }

    fn what_it_used(&mut self, details: &JobDetails, all_settings: bool) {
        self.all("plugins", details.plugins.iter().flat_map(entries));
        self.all("tools", details.tools.iter().flat_map(entries));
        if let Some(settings) = &details.settings {
            let (mut shown, left) = settings_lines(settings, all_settings);
            if left > 0 {
                shown.push(format!("{left} built-in defaults; --verbose shows them"));
            }
            self.all("settings", shown);
        }
    }
}

/// One part of a task, and how it ended.
fn part(part: &JobRow) -> String {
    let took = duration(part).map(|took| format!(" in {took}")).unwrap_or_default();
    let more = in_words(part);
    let more = if more.is_empty() { more } else { format!(": {more}") };
    format!("{}  {} {}{took}{more}", text::capped(&part.id, 8), part.job_type.name(), part.status.name())
}

/// A small object on one line.
pub(super) fn flat(value: &Value) -> String {
    let said = match value {
        Value::Object(map) => map
            .iter()
            .map(|(name, value)| match value {
                Value::String(text) => format!("{name} {text}"),
                other => format!("{name} {other}"),
            })
            .collect::<Vec<_>>()
            .join(", "),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    text::visible(&said).into_owned()
}

/// The lines of a list of things, each with a name and whatever is known of it.
fn entries(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().map(named).collect(),
        Value::Object(map) => {
            map.iter().map(|(name, value)| text::visible(&format!("{name} {}", flat(value))).into_owned()).collect()
        }
        other => vec![flat(other)],
    }
}

/// A thing with a name: the name, the version, the beginning of the digest.
fn named(value: &Value) -> String {
    let Some(name) = value["name"].as_str() else { return flat(value) };
    let version = value["version"].as_str().map(|version| format!(" {version}")).unwrap_or_default();
    let digest = value["digest"].as_str().map(|digest| format!(" ({})", text::capped(digest, 12))).unwrap_or_default();
    text::visible(&format!("{name}{version}{digest}")).into_owned()
}

/// Settings with where they come from, and how many built-in defaults were left out.
fn settings_lines(settings: &Value, all: bool) -> (Vec<String>, usize) {
    let Value::Array(rows) = settings else {
        return (entries(settings), 0);
    };
    let mut left = 0;
    let mut lines = Vec::new();
    for row in rows {
        let source = &row["source"];
        if source["from"] == "default" && !all {
            left += 1;
            continue;
        }
        let origin = match source["from"].as_str() {
            Some("default") => "built-in default".to_owned(),
            Some("plan") => format!("promised by {}", source["file"].as_str().unwrap_or("a plan")),
            Some("command-line") => source["flag"].as_str().unwrap_or("command line").to_owned(),
            _ => format!("{}:{}", source["file"].as_str().unwrap_or("?"), source["line"]),
        };
        let name = format!("{} {}", row["section"].as_str().unwrap_or("?"), row["name"].as_str().unwrap_or("?"));
        let value = row["kdl"].as_str().map_or_else(|| row["value"].to_string(), str::to_owned);
        lines.push(text::visible(&format!("{name} {value}  ({origin})")).into_owned());
    }
    (lines, left)
}

/// A command as it would be typed, in a shell that knows `$'…'` for bytes that are no text.
pub fn command(argv: &[String]) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./=:,@%+~".contains(c);
    let mut words = Vec::new();
    for (at, word) in argv.iter().enumerate() {
        if at == 0 {
            words.push("vpo".to_owned());
        } else if !word.is_empty() && word.chars().all(plain) {
            words.push(word.clone());
        } else if word.contains('\0') {
            words.push(format!("$'{}'", text::path(&path_text::read(word)).replace('\'', r"\'")));
        } else {
            words.push(format!("'{}'", word.replace('\'', r"'\''")));
        }
    }
    words.join(" ")
}
