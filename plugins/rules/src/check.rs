//! Rules that cannot mean what they say.

use vpo_plugin_sdk::types::Problem;

use crate::options::{Action, Actions, Condition, Conditions, FileTest, Matching, Rules};

pub fn check(options: &Rules) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut say = |node: Option<u32>, message: &str| problems.push(Problem { node, message: message.to_owned() });
    let last = options.rules.len().saturating_sub(1);
    for (place, rule) in options.rules.iter().enumerate() {
        if rule.name.trim().is_empty() {
            say(rule.node, "a rule needs a name");
        }
        if options.rules[..place].iter().any(|other| other.name == rule.name) {
            say(rule.node, "another rule has this name already");
        }
        if rule.when.is_none() {
            if let Some(otherwise) = &rule.otherwise {
                say(otherwise.node, "a rule without `when` always holds, so its `else` is never followed");
            }
        }
        if options.matching() == Matching::First && place < last {
            if let Some(otherwise) = &rule.otherwise {
                say(otherwise.node, "with `match \"first\"` only the last rule can have an `else`");
            }
            if rule.when.is_none() {
                say(rule.node, "it always holds, so the rules after it are never looked at");
            }
        }
        if let Some(when) = &rule.when {
            check_conditions(when, "when", &mut say);
        }
        check_actions(&rule.then, &mut say);
        if let Some(otherwise) = &rule.otherwise {
            check_actions(otherwise, &mut say);
        }
    }
    problems
}

fn check_conditions(conditions: &Conditions, name: &str, say: &mut impl FnMut(Option<u32>, &str)) {
    match (name, conditions.conditions.len()) {
        (_, 0) => say(conditions.node, &format!("`{name}` has no condition inside")),
        ("not", 2..) => say(conditions.node, "`not` takes one condition; put several into `all` or `any`"),
        _ => {}
    }
    for condition in &conditions.conditions {
        match condition {
            Condition::All(inner) => check_conditions(inner, "all", say),
            Condition::Any(inner) => check_conditions(inner, "any", say),
            Condition::Not(inner) => check_conditions(inner, "not", say),
            Condition::File(file) if says_nothing(file) => say(file.node, "`file` says nothing; write what to look at"),
            _ => {}
        }
    }
}

fn says_nothing(file: &FileTest) -> bool {
    [&file.container, &file.brand, &file.name, &file.title, &file.muxing_application, &file.writing_application]
        .iter()
        .all(|text| text.is_none())
        && [file.size, file.duration, file.tracks, file.chapters, file.attachments, file.warnings]
            .iter()
            .all(Option::is_none)
        && file.partial.is_none()
}

fn check_actions(actions: &Actions, say: &mut impl FnMut(Option<u32>, &str)) {
    if actions.actions.is_empty() {
        say(actions.node, "there is nothing to do inside");
    }
    for action in &actions.actions {
        match action {
            Action::SetTitle(set) if set.wanted.as_deref() == Some("") => {
                say(set.node, "an empty title is no title; leave it out to remove the title");
            }
            Action::SetTrackTitle(set) if set.wanted.as_deref() == Some("") => {
                say(set.node, "an empty title is no title; leave it out to remove the title");
            }
            Action::SetTag(set) if set.value.as_deref() == Some("") => {
                say(set.node, "an empty value is no value; leave it out to remove the tag");
            }
            Action::SetTag(set) if set.name.trim() != set.name || set.name.is_empty() || set.name.contains('=') => {
                say(set.node, "this is no name that a tag can have");
            }
            _ => {}
        }
    }
}
