//! Profiles and settings as KDL that says, line by line, where each value comes from; and the same as JSON.

use serde_json::{Map, Value, json};
use vpo::disk::path_text;
use vpo::kdl_read::{quoted, written};
use vpo::media::Entry;
use vpo::profile::{OptionNodes, Part, PluginUse, Profile, Task};
use vpo::settings::{Row, Settings, Source, Sourced};

/// Where the origins begin, when what is before them leaves room.
const COLUMN: usize = 52;

/// The settings as KDL, one a line, with their origins.
pub fn settings_lines(settings: &Settings) -> Vec<String> {
    let rows = settings.rows();
    let mut lines = Vec::new();
    for section in rows.chunk_by(|a, b| a.section == b.section) {
        lines.push(format!("{} {{", section[0].section));
        for row in section {
            let value = [row.name.as_str(), row.kdl.as_str()].join(" ");
            lines.push(with_origin(&format!("    {}", value.trim_end()), &row.source));
        }
        lines.push("}".to_owned());
    }
    lines
}

/// The settings as JSON: `{"scan": {"threads": {"value": …, "source": {…}}}}`.
pub fn settings_json(settings: &Settings) -> Value {
    let mut sections = Map::new();
    for Row { section, name, value, source, .. } in settings.rows() {
        let section = sections.entry(section).or_insert_with(|| json!({}));
        section[name] = json!({ "value": value, "source": source });
    }
    Value::Object(sections)
}

/// A profile as KDL with origins, without its settings.
pub fn profile_lines(profile: &Profile) -> Vec<String> {
    let mut lines = Vec::new();
    let mut word =
        |word: &str, text: &str, source: &Source| lines.push(with_origin(&format!("{word} {}", quoted(text)), source));
    if let Some(description) = &profile.description {
        word("description", description, &description.source);
    }
    for root in &profile.roots {
        word("library", &root.to_string_lossy(), &root.source);
    }
    for (name, patterns) in [("include", &profile.include), ("exclude", &profile.exclude)] {
        for pattern in patterns {
            word(name, pattern, &pattern.source);
        }
    }
    plugin_lines("detect", &profile.detect, &mut lines);
    for introspector in &profile.introspect {
        plugin_lines("introspect", introspector, &mut lines);
    }
    for policy in &profile.policies {
        plugin_lines("policy", policy, &mut lines);
    }
    for allowed in &profile.allow {
        lines.push(with_origin(&format!("allow {}", quoted(&allowed.step)), &allowed.source));
    }
    for grant in &profile.grants {
        let written = format!("grant {} tool={}", quoted(&grant.plugin.to_string()), quoted(&grant.tool));
        lines.push(with_origin(&written, &grant.source));
    }
    for task in &profile.tasks {
        task_lines(task, &mut lines);
    }
    lines
}

/// A profile as JSON, without its settings.
pub fn profile_json(profile: &Profile) -> Value {
    json!({
        "profile": profile.name,
        "file": profile.file.as_deref().map(path_text::write),
        "inherits": profile.inherited,
        "description": profile.description,
        "library": profile.roots.iter().map(|root| sourced(&path_text::write(root), &root.source)).collect::<Vec<_>>(),
        "include": profile.include,
        "exclude": profile.exclude,
        "detect": plugin_json(&profile.detect),
        "introspect": profile.introspect.iter().map(plugin_json).collect::<Vec<_>>(),
        "policies": profile.policies.iter().map(plugin_json).collect::<Vec<_>>(),
        "allow": profile.allow.iter().map(|one| sourced(&one.step, &one.source)).collect::<Vec<_>>(),
        "grants": profile.grants.iter().map(|grant| json!({
            "plugin": grant.plugin.to_string(), "tool": grant.tool, "source": grant.source,
        })).collect::<Vec<_>>(),
        "tasks": profile.tasks.iter().map(task_json).collect::<Vec<_>>(),
    })
}

fn with_origin(line: &str, source: &Source) -> String {
    format!("{line:<COLUMN$} // {source}")
}

fn sourced(value: &str, source: &Source) -> Value {
    json!(Sourced::new(value, source.clone()))
}

fn plugin_lines(word: &str, used: &PluginUse, lines: &mut Vec<String>) {
    let opening = format!("{word} {}", quoted(&used.plugin.to_string()));
    if used.options.nodes.is_empty() {
        lines.push(with_origin(&opening, &used.source));
        return;
    }
    lines.push(with_origin(&format!("{opening} {{"), &used.source));
    option_lines(&used.options, None, 1, lines);
    lines.push("}".to_owned());
}

fn option_lines(options: &OptionNodes, parent: Option<u32>, depth: usize, lines: &mut Vec<String>) {
    for (index, node) in options.nodes.iter().enumerate().filter(|(_, node)| node.parent == parent) {
        let mut line = format!("{}{}", "    ".repeat(depth), node.name);
        for argument in &node.arguments {
            line.push_str(&format!(" {}", written(argument)));
        }
        for Entry { name, value } in &node.properties {
            line.push_str(&format!(" {name}={}", written(value)));
        }
        let index = index as u32;
        if options.nodes.iter().any(|node| node.parent == Some(index)) {
            lines.push(format!("{line} {{"));
            option_lines(options, Some(index), depth + 1, lines);
            lines.push(format!("{}}}", "    ".repeat(depth)));
        } else {
            lines.push(line);
        }
    }
}

fn plugin_json(used: &PluginUse) -> Value {
    json!({
        "plugin": used.plugin.to_string(),
        "options": options_json(&used.options, None),
        "source": used.source,
    })
}

fn options_json(options: &OptionNodes, parent: Option<u32>) -> Value {
    let children = options.nodes.iter().enumerate().filter(|(_, node)| node.parent == parent);
    children
        .map(|(index, node)| {
            let properties: Map<String, Value> =
                node.properties.iter().map(|one| (one.name.clone(), json!(one.value))).collect();
            json!({
                "name": node.name,
                "arguments": node.arguments,
                "properties": properties,
                "options": options_json(options, Some(index as u32)),
                "line": node.place.line(),
            })
        })
        .collect()
}

fn task_lines(task: &Task, lines: &mut Vec<String>) {
    let keep_going = if task.keep_going { " keep-going=#true" } else { "" };
    lines.push(with_origin(&format!("task {}{keep_going} {{", quoted(&task.name)), &task.source));
    for part in &task.parts {
        let mut line = format!("    {}", part.verb());
        for (name, value) in part_words(part) {
            match value {
                None => line.push_str(&format!(" {name}=#true")),
                Some(policies) => {
                    let policies: Vec<String> = policies.iter().map(|policy| quoted(policy)).collect();
                    line.push_str(&format!(" {{ {name} {}; }}", policies.join(" ")));
                }
            }
        }
        lines.push(line);
    }
    lines.push("}".to_owned());
}

fn task_json(task: &Task) -> Value {
    let part = |part: &Part| {
        let mut said = json!({ "part": part.verb() });
        for (name, value) in part_words(part) {
            said[name] = value.map_or(json!(true), |policies| json!(policies));
        }
        said
    };
    let parts: Vec<Value> = task.parts.iter().map(part).collect();
    json!({ "name": task.name, "keep_going": task.keep_going, "parts": parts, "source": task.source })
}

/// What is said of a part: switches that are on, and the policies when there are any.
fn part_words(part: &Part) -> Vec<(&'static str, Option<Vec<String>>)> {
    match part {
        Part::Scan { full, prune, verify_hash, accept_missing } => {
            let switches =
                [(full, "full"), (prune, "prune"), (verify_hash, "verify-hash"), (accept_missing, "accept-missing")];
            switches.into_iter().filter(|(is_on, _)| **is_on).map(|(_, name)| (name, None)).collect()
        }
        Part::Apply { policies } if policies.is_empty() => Vec::new(),
        Part::Apply { policies } => {
            vec![("policy", Some(policies.iter().map(|(policy, _)| policy.clone()).collect()))]
        }
    }
}
