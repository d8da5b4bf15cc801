//! Plugins in words or as JSON.

use std::time::Duration;

use serde_json::{Value, json};
use vpo::library::{Finding, PluginReport, PluginRow};
use vpo::media::text;
use vpo::plugins::manifest::{OptionSpec, ValueSpec};
use vpo::plugins::{Origin, types};

use super::facts::bytes;
use super::table::plain;
use super::{Screen, mistake};

/// Shows a list of plugins.
pub fn list(rows: &[PluginRow], screen: &Screen) {
    if screen.json {
        screen.answer(&rows.iter().map(row_answer).collect::<Vec<_>>());
        return;
    }
    let heading = ["name", "kind", "version", "digest", "class", "from", "used by", "what"];
    screen.say(plain(heading, rows.iter().map(cells), screen.color));
}

fn cells(row: &PluginRow) -> [String; 8] {
    let digest = row.digest.as_deref().map(|digest| digest[..12].to_owned()).unwrap_or_default();
    let (kinds, version, class, what) = match &row.what {
        Ok((anatomy, described)) => (
            anatomy.kinds.iter().map(|kind| kind.name()).collect::<Vec<_>>().join(" "),
            described.version.clone(),
            anatomy.class.to_string(),
            described.summary.clone(),
        ),
        Err(error) => (String::new(), String::new(), "unusable".to_owned(), mistake::with_causes(error)),
    };
    let name = text::visible(&row.found.name).into_owned();
    [name, kinds, version, digest, class, from(&row.found.origin), row.used_by.join(" "), what]
}

fn row_answer(row: &PluginRow) -> Value {
    let mut answer = json!({
        "name": row.found.name,
        "digest": row.digest,
        "from": from(&row.found.origin),
        "used_by": row.used_by,
    });
    match &row.what {
        Ok((anatomy, described)) => {
            answer["kinds"] = anatomy.kinds.iter().map(|kind| kind.name()).collect();
            answer["version"] = json!(described.version);
            answer["class"] = json!(anatomy.class.to_string());
            answer["summary"] = json!(described.summary);
            answer["imports"] = json!(anatomy.imports);
        }
        Err(error) => answer["error"] = json!(mistake::with_causes(error)),
    }
    answer
}

/// Shows everything about one plugin.
pub fn show(report: &PluginReport, screen: &Screen) {
    let (plugin, said) = (&report.plugin, &report.description);
    let kinds: Vec<&str> = plugin.anatomy.kinds.iter().map(|kind| kind.name()).collect();
    if screen.json {
        screen.answer(&json!({
            "schema": 1,
            "name": said.name,
            "version": said.version,
            "summary": said.summary,
            "licence": said.licence,
            "kinds": kinds,
            "class": plugin.anatomy.class.to_string(),
            "from": from(&plugin.origin),
            "digest": plugin.digest.to_hex().as_str(),
            "trusted": report.is_trusted,
            "size": plugin.size,
            "imports": plugin.anatomy.imports,
            "exports": plugin.anatomy.exports,
            "options": said.options.iter().map(option_answer).collect::<Vec<_>>(),
            "cost": {
                "compile_seconds": report.cost.compile.as_secs_f64(),
                "load_seconds": report.cost.load.as_secs_f64(),
                "first_call_seconds": report.cost.first_call.as_secs_f64(),
                "call_seconds": report.cost.call.as_secs_f64(),
                "call_about": report.cost.asked,
            },
        }));
        return;
    }
    screen.say(format!("{} {} – {}", said.name, said.version, said.summary));
    let field = |name: &str, value: &str| screen.say(format!("  {name:8} {value}"));
    field("kind", &kinds.join(", "));
    field("class", &plugin.anatomy.class.to_string());
    field("from", &from(&plugin.origin));
    field("digest", plugin.digest.to_hex().as_str());
    field("trusted", if report.is_trusted { "yes" } else { "no; the first profile that names it trusts it" });
    field("licence", &said.licence);
    field("size", &bytes(plugin.size));
    let cost = &report.cost;
    field("cost", &format!("{} to compile, once; {} to load, at every start", short(cost.compile), short(cost.load)));
    let calls = format!("{} for an instance and a call; {} a call then", short(cost.first_call), short(cost.call));
    field("", &format!("{calls}, about {}", cost.asked));
    field("imports", &plugin.anatomy.imports.join(", "));
    field("exports", &plugin.anatomy.exports.join(", "));
    if !said.options.is_empty() {
        screen.say("  options");
        for (index, option) in said.options.iter().enumerate().filter(|(_, option)| option.parent.is_none()) {
            show_option(&said.options, index, option, 2, screen);
        }
    }
}

/// A time in the unit that suits it.
fn short(time: Duration) -> String {
    match time.as_secs_f64() {
        seconds if seconds >= 1.0 => format!("{seconds:.1} s"),
        seconds if seconds >= 1e-3 => format!("{:.1} ms", seconds * 1e3),
        seconds => format!("{:.1} µs", seconds * 1e6),
    }
}

fn show_option(all: &[OptionSpec], index: usize, option: &OptionSpec, depth: usize, screen: &Screen) {
    let values: Vec<String> = option
        .arguments
        .iter()
        .map(|value| format!("<{}>", value_words(value)))
        .chain(option.properties.iter().map(|value| format!("{}=<{}>", value.name, value_words(value))))
        .collect();
    let required = if option.required { " (required)" } else { "" };
    let indent = "  ".repeat(depth);
    screen.say(format!("{indent}{} {}{required}", option.name, values.join(" ")).trim_end());
    screen.say(format!("{indent}    {}", text::visible(&option.summary)));
    for (child, spec) in all.iter().enumerate().filter(|(_, spec)| spec.parent == u32::try_from(index).ok()) {
        show_option(all, child, spec, depth + 1, screen);
    }
}

fn value_words(value: &ValueSpec) -> String {
    let mut words = if value.choices.is_empty() { kind(value).to_owned() } else { value.choices.join("|") };
    if let Some(default) = &value.default {
        words.push_str(&format!(", default {}", value_text(default)));
    }
    if value.repeats {
        words.push('…');
    }
    words
}

fn kind(value: &ValueSpec) -> &'static str {
    use vpo::plugins::manifest::ValueKind;

    match value.kind {
        ValueKind::Boolean => "boolean",
        ValueKind::Integer => "integer",
        ValueKind::Decimal => "decimal",
        ValueKind::Text => "text",
        ValueKind::Language => "language",
        ValueKind::Any => "any",
    }
}

fn value_text(value: &types::Value) -> String {
    match value {
        types::Value::Null => "#null".to_owned(),
        types::Value::Boolean(value) => format!("#{value}"),
        types::Value::Integer(value) => value.to_string(),
        types::Value::Decimal(value) => value.to_string(),
        types::Value::Text(value) => format!("{value:?}"),
    }
}

fn option_answer(option: &OptionSpec) -> Value {
    let values = |values: &[ValueSpec]| {
        values
            .iter()
            .map(|value| {
                json!({
                    "name": value.name,
                    "kind": kind(value),
                    "choices": value.choices,
                    "required": value.required,
                    "repeats": value.repeats,
                    "default": value.default.as_ref().map(value_text),
                    "summary": value.summary,
                })
            })
            .collect::<Vec<_>>()
    };
    json!({
        "name": option.name,
        "parent": option.parent,
        "required": option.required,
        "repeats": option.repeats,
        "arguments": values(&option.arguments),
        "properties": values(&option.properties),
        "summary": option.summary,
    })
}

/// Shows what a check found.
pub fn check(name: &str, findings: &[Finding], screen: &Screen) {
    let is_kept = findings.iter().all(|finding| finding.outcome.is_ok());
    if screen.json {
        let findings: Vec<Value> = findings
            .iter()
            .map(|finding| {
                let (Ok(said) | Err(said)) = &finding.outcome;
                json!({ "promise": finding.promise, "kept": finding.outcome.is_ok(), "said": said, "hint": finding.hint })
            })
            .collect();
        screen.answer(&json!({ "schema": 1, "plugin": name, "kept": is_kept, "findings": findings }));
        return;
    }
    for finding in findings {
        screen.say(match &finding.outcome {
            Ok(said) => format!("ok      {} ({said})", finding.promise),
            Err(said) => format!("broken  {}: {}", finding.promise, text::visible(said)),
        });
        if let Some(hint) = finding.hint {
            screen.say(format!("          {hint}"));
        }
    }
    screen.say(if is_kept { format!("{name} keeps the contract") } else { format!("{name} breaks the contract") });
}

fn from(origin: &Origin) -> String {
    match origin {
        Origin::Bundled => "bundled".to_owned(),
        Origin::Dropped(path) => text::path(path),
    }
}
