//! A file with what the policies want of it and what they leave alone, each with the line of the profile that decided and
//! what was looked at.

use serde_json::{Value, json};
use vpo::kdl_read::written;
use vpo::library::{Choice, PlannedFile};
use vpo::media::text;
use vpo::plan::{LeftAlone, Reason};
use vpo::profile::{OptionNode, PluginName, Profile};

use super::plan::{steps_in_words, track_words};

/// One file in words, track by track.
pub fn in_words(planned: &PlannedFile, choice: &Choice) -> String {
    let mut words = format!("{}\n", text::path(&planned.file));
    if planned.is_in_line() {
        words.push_str("  is in line, nothing to change\n");
    }
    let rule = |policy: &str, reason: &Reason| rule_in_words(&choice.profile, policy, reason);
    steps_in_words(planned, &rule, &mut words);
    if !planned.plan.left_alone.is_empty() {
        words.push_str("  left as it is:\n");
    }
    for LeftAlone { track, reason, policy } in &planned.plan.left_alone {
        let what = match track {
            Some(id) => track_words(*id, &planned.facts),
            None => "the file".to_owned(),
        };
        words.push_str(&format!("  · {what}\n      {} [{policy}]\n", text::visible(&reason.text)));
        if let Some(rule) = rule(policy, reason) {
            words.push_str(&format!("      {rule}\n"));
        }
    }
    words.trim_end().to_owned()
}

/// The same for programs: the plan, in which every reason names its rule.
pub fn as_json(planned: &PlannedFile, choice: &Choice) -> Value {
    let mut plan = json!(planned);
    for list in ["steps", "left_alone"] {
        for said in plan[list].as_array_mut().into_iter().flatten() {
            let node = said["node"].as_u64().and_then(|node| usize::try_from(node).ok());
            let rule = said["policy"].as_str().zip(node).and_then(|(policy, node)| find(&choice.profile, policy, node));
            if let Some(rule) = rule {
                let (file, line) = (rule.place.file(), rule.place.line());
                said["rule"] = json!({ "file": file, "line": line, "kdl": as_written(rule) });
            }
        }
    }
    json!({ "schema": 1, "profile": choice.profile.name, "plan": plan })
}

/// `rule: audio "eng"  (films.kdl:4); looked at: language "fr"`.
fn rule_in_words(profile: &Profile, policy: &str, reason: &Reason) -> Option<String> {
    let mut words = Vec::new();
    if let Some(rule) = reason.node.and_then(|node| find(profile, policy, node as usize)) {
        words.push(format!("rule: {}  ({}:{})", as_written(rule), rule.place.file(), rule.place.line()));
    }
    if !reason.inputs.is_empty() {
        let inputs = reason.inputs.iter().map(|input| format!("{} {}", input.name, written(&input.value)));
        words.push(format!("looked at: {}", inputs.collect::<Vec<_>>().join(", ")));
    }
    (!words.is_empty()).then(|| text::visible(&words.join("; ")).into_owned())
}

/// The line that an option stands in, as the person wrote it.
fn as_written(rule: &OptionNode) -> &str {
    let line = rule.place.text().content.lines().nth(rule.place.line().saturating_sub(1)).unwrap_or(&rule.name);
    text::capped(line.trim().trim_end_matches('{').trim_end(), 200)
}

/// The option that a policy named, when the profile has that policy once.
fn find<'a>(profile: &'a Profile, policy: &str, node: usize) -> Option<&'a OptionNode> {
    let goes_by = |plugin: &PluginName| match plugin {
        PluginName::Named(name) => name == policy,
        PluginName::File(path) => path.file_stem().is_some_and(|stem| stem == policy),
    };
    let mut used = profile.policies.iter().filter(|used| goes_by(&used.plugin));
    match (used.next(), used.next()) {
        (Some(only), None) => only.options.nodes.get(node),
        _ => None,
    }
}
