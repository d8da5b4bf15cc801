//! The story of a file, for people and for programs.

use serde_json::{Value, json};
use vpo::apply::Story;
use vpo::disk::path_text;
use vpo::library::FileStory;
use vpo::media::text;
use vpo::plan::Step;
use vpo::store::history::Event;

use super::plan::in_words;
use super::time;

pub fn story_json(story: &FileStory) -> Value {
    json!({
        "id": story.file_id,
        "file": story.path.as_deref().map(path_text::write),
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
    let steps = map.get("story").map(steps).unwrap_or_default();
    for (name, value) in map {
        match (name.as_str(), value) {
            (_, Value::Null) | ("story" | "steps", _) => {}
            // The steps say the same, and why.
            ("reason", _) if !steps.is_empty() => {}
            ("before", before) if map.contains_key("after") => lines.extend(difference(before, &map["after"])),
            ("after", _) if map.contains_key("before") => {}
            (_, Value::Array(items)) if items.is_empty() => {}
            (_, Value::Array(items)) => lines.extend(items.iter().map(|item| format!("{name}: {}", plain(item)))),
            _ => lines.push(format!("{name}: {}", plain(value))),
        }
    }
    lines.splice(0..0, steps);
    lines
}

/// The steps that were carried out: what, on which track, why, and for which policy.
fn steps(story: &Value) -> Vec<String> {
    let Ok(Story { plan, before, .. }) = serde_json::from_value(story.clone()) else { return Vec::new() };
    let said = |step: &Step| {
        let mut line = in_words(&step.action, &before);
        if !step.reason.text.is_empty() {
            line.push_str(&format!(": {}", step.reason.text));
        }
        if !step.policy.is_empty() {
            line.push_str(&format!(" [{}]", step.policy));
        }
        line
    };
    plan.steps.iter().map(said).collect()
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
            _ if name == "duration_ns" => lines.push(format!("duration: {} → {}", seconds(was), seconds(is))),
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

/// A length of time to the millisecond: films differ by little from one container to another.
fn seconds(ns: &Value) -> String {
    ns.as_u64().map_or_else(|| "unknown".to_owned(), |ns| format!("{:.3} s", ns as f64 / 1e9))
}

fn plain(value: &Value) -> String {
    match value {
        // No text but a path holds this.
        Value::String(path) if path.contains('\0') => text::path(&path_text::read(path)),
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
