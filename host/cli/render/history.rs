//! The story of a file, for people and for programs.

use serde_json::{Value, json};
use vpo::library::FileStory;
use vpo::media::text;
use vpo::store::history::Event;

use super::time;

pub fn story_json(story: &FileStory) -> Value {
    json!({
        "id": story.file_id,
        "file": story.path.as_ref().map(|path| path.to_string_lossy()),
        "events": story.events.iter().map(event_json).collect::<Vec<_>>(),
    })
}

fn event_json(event: &Event) -> Value {
    json!({
        "at": time::utc(event.at_ns),
        "kind": event.kind.name(),
        "job": event.job_id,
        "job_type": event.job_type.map(|job_type| job_type.name()),
        "detail": event.detail,
    })
}

/// One paragraph for each thing that happened.
pub fn story(story: &FileStory) -> String {
    let mut shown = match &story.path {
        Some(path) => text::path(path),
        None => format!("a file that is no longer recorded (id {})", story.file_id),
    };
    for event in &story.events {
        let by = match (&event.job_type, &event.job_id) {
            (Some(job_type), Some(id)) => format!("  by {} {}", job_type.name(), text::capped(id, 8)),
            (None, Some(id)) => format!("  by a job that is no longer recorded ({})", text::capped(id, 8)),
            _ => String::new(),
        };
        shown.push_str(&format!("\n  {}  {:<8}{by}", time::local(event.at_ns), event.kind.name()));
        for line in event.detail.iter().flat_map(detail) {
            shown.push_str(&format!("\n      {}", text::visible(&line)));
        }
    }
    shown
}

/// What is worth reading of a detail. Facts before and after are shown as what differs.
fn detail(detail: &Value) -> Vec<String> {
    let Value::Object(map) = detail else {
        return vec![plain(detail)];
    };
    let mut lines = Vec::new();
    for (name, value) in map.iter().filter(|(name, _)| !["story", "steps"].contains(&name.as_str())) {
        match (name.as_str(), value) {
            (_, Value::Null) => {}
            // What undoing needs; the reason says the same in words.
            ("story", _) => {}
            ("before", before) if map.contains_key("after") => lines.extend(difference(before, &map["after"])),
            ("after", _) if map.contains_key("before") => {}
            ("steps", Value::Array(steps)) => lines.extend(steps.iter().map(step)),
            (_, Value::Array(items)) if items.is_empty() => {}
            (_, Value::Array(items)) => lines.extend(items.iter().map(|item| format!("{name}: {}", plain(item)))),
            _ => lines.push(format!("{name}: {}", plain(value))),
        }
    }
    lines
}

/// One step that was carried out: what, on which track, why, and for which policy.
fn step(step: &Value) -> String {
    let word = |name: &str| step.get(name).and_then(Value::as_str);
    let mut line = word("kind").unwrap_or("step").to_owned();
    if let Some(track) = step.get("track").filter(|track| track.is_number()) {
        line.push_str(&format!(" of track {track}"));
    }
    if let Some(reason) = word("reason") {
        line.push_str(&format!(": {reason}"));
    }
    if let Some(policy) = word("policy") {
        line.push_str(&format!(" [{policy}]"));
    }
    line
}

fn difference(before: &Value, after: &Value) -> Vec<String> {
    let (Value::Object(before), Value::Object(after)) = (before, after) else {
        return vec![format!("{} → {}", plain(before), plain(after))];
    };
    let mut lines = Vec::new();
    for (name, was) in before {
        let is = after.get(name).unwrap_or(&Value::Null);
        match (was, is) {
            (was, is) if was == is => {}
            (Value::Array(was), Value::Array(is)) => {
                lines.extend(was.iter().filter(|item| !is.contains(item)).map(|item| format!("- {}", plain(item))));
                lines.extend(is.iter().filter(|item| !was.contains(item)).map(|item| format!("+ {}", plain(item))));
            }
            _ => lines.push(format!("{name}: {} → {}", plain(was), plain(is))),
        }
    }
    for (name, is) in after {
        if !before.contains_key(name) {
            lines.push(format!("{name}: {}", plain(is)));
        }
    }
    lines
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Object(map) => map
            .iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(name, value)| format!("{name} {}", plain(value)))
            .collect::<Vec<_>>()
            .join(", "),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}
