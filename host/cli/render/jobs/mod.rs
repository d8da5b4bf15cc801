//! Jobs as a table and as JSON.

mod report;

use serde_json::{Map, Value, json};
use vpo::media::text;
use vpo::store::jobs::{JobRow, JobStatus};

use super::{facts, table, time};

pub use report::{command, report, report_json};

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

/// What went wrong comes first, then the rest as it happened; numbers that are not among them come at the end.
const COUNTS: [&str; 13] = [
    "failed",
    "errors",
    "damaged",
    "discovered",
    "skipped",
    "scanned",
    "added",
    "moved",
    "removed",
    "edited",
    "undone",
    "cancelled",
    "bytes",
];

/// What a summary counts and is not zero, and how the parts of a task ended.
fn in_numbers(summary: &Value) -> String {
    let Value::Object(map) = summary else { return report::flat(summary) };
    let others = map.keys().map(String::as_str).filter(|name| !COUNTS.contains(name));
    let counts = COUNTS.into_iter().chain(others).filter_map(|name| match (name, map.get(name)?.as_u64()?) {
        (_, 0) => None,
        ("errors", 1) => Some("1 error".to_owned()),
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
