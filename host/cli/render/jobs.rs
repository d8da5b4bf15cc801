//! Jobs as tables and as JSON.

use std::fmt::Write;

use serde_json::{Map, Value, json};
use vpo::library::JobReport;
use vpo::media::text;
use vpo::store::Happening;
use vpo::store::jobs::{JobRow, JobStatus, JobType};

use super::{facts, table, time};

/// One row of a list, for programs.
pub fn row_json(row: &JobRow) -> Map<String, Value> {
    let row = json!({
        "id": row.id,
        "type": row.job_type.name(),
        "status": row.status.name(),
        "profile": row.profile,
        "path": row.path,
        "created_at": time::utc(row.created_ns),
        "started_at": row.started_ns.map(time::utc),
        "completed_at": row.completed_ns.map(time::utc),
        "summary": row.summary,
    });
    match row {
        Value::Object(map) => map,
        _ => unreachable!("made as an object"),
    }
}

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
        "working_folder": details.working.as_ref().map(|path| path.to_string_lossy()),
        "parent": row.parent_id,
        "cancel_requested": row.cancel_requested,
        "pid": row.process.as_ref().map(|process| process.pid),
        "heartbeat_at": row.heartbeat_ns.map(time::utc),
        "log_file": row.log_file.as_ref().map(|path| path.to_string_lossy()),
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

/// A list for people; each job comes with how much of its id is needed to name it.
pub fn list(jobs: &[(JobRow, usize)], color: bool) -> String {
    let width = jobs.iter().map(|(_, unique)| *unique).max().unwrap_or(0);
    let rows = jobs.iter().map(|(row, _)| {
        [
            row.id.chars().take(width).collect(),
            row.status.name().to_owned(),
            row.job_type.name().to_owned(),
            row.profile.as_deref().map(|name| text::visible(name).into_owned()).unwrap_or_default(),
            time::local(row.created_ns),
            duration(row).unwrap_or_default(),
            row.path.as_deref().map(shortened).unwrap_or_default(),
            in_words(row),
        ]
    });
    table::plain(["id", "status", "type", "profile", "begun", "took", "what", "outcome"], rows, color)
}

/// Everything about one job, for people.
pub fn report(report: &JobReport, all_settings: bool) -> String {
    let JobReport { row, details, outcomes, parent, parts } = report;
    let mut shown = format!("job {}", row.id);
    let mut line = |name: &str, value: &str| {
        let _ = write!(shown, "\n  {name:<10} {value}");
    };
    line("type", row.job_type.name());
    line("status", row.status.name());
    if row.cancel_requested && !row.status.is_over() {
        line("", "asked to end");
    }
    if let Some(profile) = &row.profile {
        line("profile", &text::visible(profile));
    }
    if let Some(path) = &row.path {
        line("what", &text::visible(path));
    }
    if !details.argv.is_empty() {
        line("command", &text::visible(&command(&details.argv)));
    }
    if let Some(folder) = &details.working {
        line("in", &text::path(folder));
    }
    match (parent, &row.parent_id) {
        (Some(task), _) if task.job_type == JobType::Task => {
            let name = task.path.as_deref().map(text::visible).unwrap_or_default();
            line("part of", &format!("task {name}, job {}", task.id));
        }
        (_, Some(id)) => line("again", &format!("what job {id} was asked to do")),
        (_, None) => {}
    }
    line("begun", &time::local(row.started_ns.unwrap_or(row.created_ns)));
    if let Some(completed_ns) = row.completed_ns {
        let took = duration(row).map(|took| format!(" (took {took})")).unwrap_or_default();
        line("ended", &format!("{}{took}", time::local(completed_ns)));
    } else if let Some(process) = &row.process {
        let beat = row.heartbeat_ns.map(|ns| format!(", alive {}", time::local(ns))).unwrap_or_default();
        line("process", &format!("{}{beat}", process.pid));
    }
    if let Some(path) = &row.log_file {
        line("log", &text::path(path));
    }
    if let Some(error) = &details.error {
        line("error", &text::visible(&error.message));
        for cause in &error.causes {
            line("  cause", &text::visible(cause));
        }
        if let Some(what) = &error.working_on {
            line("  at", &text::visible(what));
        }
    }
    if let Some(summary) = row.summary.as_ref().map(in_numbers).filter(|summary| !summary.is_empty()) {
        line("summary", &summary);
    }
    for (at, part) in parts.iter().enumerate() {
        let took = duration(part).map(|took| format!(" in {took}")).unwrap_or_default();
        let said = [part.job_type.name(), part.status.name()].join(" ");
        let more = in_words(part);
        let more = if more.is_empty() { more } else { format!(": {more}") };
        line(if at == 0 { "parts" } else { "" }, &format!("{}  {said}{took}{more}", text::capped(&part.id, 8)));
    }
    if let Some(Value::Object(timings)) = &details.timings {
        let phases: Vec<String> = timings
            .iter()
            .map(|(phase, seconds)| format!("{phase} {}", time::took((seconds.as_f64().unwrap_or(0.0) * 1e9) as i64)))
            .collect();
        line("phases", &phases.join(", "));
    }
    for (at, one) in outcomes.iter().enumerate() {
        let reason = one.reason.as_deref().map(|reason| format!(": {}", text::visible(reason))).unwrap_or_default();
        let outcome = match one.outcome {
            Happening::Planned if row.status.is_over() => "planned, but not come to",
            outcome => outcome.name(),
        };
        line(if at == 0 { "files" } else { "" }, &format!("{} {outcome}{reason}", one.files));
    }
    for (name, value) in [("plugins", &details.plugins), ("tools", &details.tools)] {
        for (at, said) in value.iter().flat_map(entries).enumerate() {
            line(if at == 0 { name } else { "" }, &said);
        }
    }
    if let Some(settings) = &details.settings {
        let (shown_ones, left) = settings_lines(settings, all_settings);
        for (at, said) in shown_ones.iter().enumerate() {
            line(if at == 0 { "settings" } else { "" }, said);
        }
        if left > 0 {
            let name = if shown_ones.is_empty() { "settings" } else { "" };
            line(name, &format!("{left} built-in defaults; --verbose shows them"));
        }
    }
    shown
}

/// What came of a job, in a few words: the error, or what the summary counts.
fn in_words(row: &JobRow) -> String {
    if row.status == JobStatus::Failed
        && let Some(message) = &row.error_message
    {
        return text::visible(text::capped(message, 80)).into_owned();
    }
    if row.cancel_requested && !row.status.is_over() {
        return "asked to end".to_owned();
    }
    row.summary.as_ref().map(in_numbers).unwrap_or_default()
}

/// In this order a summary reads as it happened; numbers that are not among them come at the end.
const COUNTS: [&str; 12] = [
    "discovered",
    "skipped",
    "scanned",
    "added",
    "moved",
    "removed",
    "edited",
    "undone",
    "failed",
    "errors",
    "cancelled",
    "bytes",
];

/// What a summary counts and is not zero, and how the parts of a task ended.
fn in_numbers(summary: &Value) -> String {
    let Value::Object(map) = summary else { return flat(summary) };
    let others = map.keys().map(String::as_str).filter(|name| !COUNTS.contains(name));
    let counts = COUNTS.into_iter().chain(others).filter_map(|name| match (name, map.get(name)?.as_u64()?) {
        (_, 0) => None,
        ("bytes", count) => Some(format!("{} written", facts::bytes(count))),
        (name, count) => Some(format!("{count} {}", name.replace('_', " "))),
    });
    let parts = map.get("parts").and_then(Value::as_array).into_iter().flatten();
    let parts = parts.filter_map(|part| Some(format!("{} {}", part["part"].as_str()?, part["outcome"].as_str()?)));
    let held = map.get("held").and_then(Value::as_array).map(|held| match held.len() {
        1 => "held for review".to_owned(),
        roots => format!("{roots} folders held for review"),
    });
    text::visible(&counts.chain(parts).chain(held).collect::<Vec<_>>().join(", ")).into_owned()
}

/// A small object on one line.
fn flat(value: &Value) -> String {
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
            Some("command-line") => source["flag"].as_str().unwrap_or("command line").to_owned(),
            _ => format!("{}:{}", source["file"].as_str().unwrap_or("?"), source["line"]),
        };
        let name = format!("{} {}", row["section"].as_str().unwrap_or("?"), row["name"].as_str().unwrap_or("?"));
        let value = row["kdl"].as_str().map_or_else(|| row["value"].to_string(), str::to_owned);
        lines.push(text::visible(&format!("{name} {value}  ({origin})")).into_owned());
    }
    (lines, left)
}

/// A command as it would be typed.
pub fn command(argv: &[String]) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./=:,@%+~".contains(c);
    let mut words = Vec::new();
    for (at, word) in argv.iter().enumerate() {
        if at == 0 {
            words.push("vpo".to_owned());
        } else if !word.is_empty() && word.chars().all(plain) {
            words.push(word.clone());
        } else {
            words.push(format!("'{}'", word.replace('\'', r"'\''")));
        }
    }
    words.join(" ")
}

/// The end of a long path tells more than its beginning.
fn shortened(path: &str) -> String {
    const WIDTH: usize = 48;
    let shown = text::visible(path);
    let length = shown.chars().count();
    if length <= WIDTH {
        return shown.into_owned();
    }
    format!("…{}", shown.chars().skip(length - WIDTH + 1).collect::<String>())
}

fn duration(row: &JobRow) -> Option<String> {
    Some(time::took(row.completed_ns? - row.started_ns?))
}
