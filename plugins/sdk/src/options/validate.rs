//! Holds options against their specifications, as the host does before it calls a plugin.
//!
//! A plugin that is called by another host, or a test, gets the same answers.

use std::collections::BTreeSet;

use crate::about::{OptionSpec, ValueKind, ValueSpec};
use crate::types::{Node, Problem, Value};

/// Finds every node, value and count that the specifications do not allow.
pub fn validate(specs: &[OptionSpec], nodes: &[Node]) -> Vec<Problem> {
    let mut problems = Vec::new();
    let matched = match_specs(specs, nodes, &mut problems);
    for (index, (node, spec)) in nodes.iter().zip(&matched).enumerate() {
        if let Some(spec) = spec {
            values(&specs[*spec], node, index, &mut problems);
        }
    }
    counts(specs, nodes, &matched, &mut problems);
    problems
}

/// Finds the specification of each node.
pub(crate) fn match_specs(specs: &[OptionSpec], nodes: &[Node], problems: &mut Vec<Problem>) -> Vec<Option<usize>> {
    let mut matched: Vec<Option<usize>> = Vec::with_capacity(nodes.len());
    for (index, node) in nodes.iter().enumerate() {
        let spec = match node.parent.map(|parent| matched.get(parent as usize).copied().flatten()) {
            // The parent is unknown itself; one message is enough.
            Some(None) => None,
            Some(parent) => find(specs, parent, node, index, problems),
            None => find(specs, None, node, index, problems),
        };
        matched.push(spec);
    }
    matched
}

fn problem(problems: &mut Vec<Problem>, node: Option<usize>, message: String) {
    problems.push(Problem { node: node.and_then(|node| u32::try_from(node).ok()), message });
}

/// The options that may stand in another, its own and those it takes over.
fn allowed(specs: &[OptionSpec], parent: Option<usize>) -> Vec<usize> {
    let mut owners = BTreeSet::from([parent]);
    let mut next = parent;
    while let Some(owner) = next {
        next = specs[owner].children_of.map(|other| other as usize).filter(|other| owners.insert(Some(*other)));
    }
    (0..specs.len()).filter(|&index| owners.contains(&specs[index].parent.map(|parent| parent as usize))).collect()
}

fn find(
    specs: &[OptionSpec],
    parent: Option<usize>,
    node: &Node,
    index: usize,
    problems: &mut Vec<Problem>,
) -> Option<usize> {
    let allowed = allowed(specs, parent);
    let found = allowed.iter().copied().find(|&option| specs[option].name == node.name);
    if found.is_none() {
        let known: Vec<_> = allowed.iter().map(|&option| format!("`{}`", specs[option].name)).collect();
        let message = if known.is_empty() {
            format!("`{}` is not known here; nothing stands inside", node.name)
        } else {
            format!("`{}` is not known here; known are {}", node.name, known.join(", "))
        };
        problem(problems, Some(index), message);
    }
    found
}

fn values(spec: &OptionSpec, node: &Node, index: usize, problems: &mut Vec<Problem>) {
    for (place, value) in node.arguments.iter().enumerate() {
        let last = spec.arguments.last().filter(|last| last.repeats);
        match spec.arguments.get(place).or(last) {
            Some(expected) => one_value("the value", expected, value, index, problems),
            None => problem(problems, Some(index), format!("`{}` takes fewer values", node.name)),
        }
    }
    for missing in spec.arguments.iter().skip(node.arguments.len()).filter(|value| value.required) {
        problem(problems, Some(index), format!("`{}` needs {}", node.name, missing.name));
    }
    for property in &node.properties {
        match spec.properties.iter().find(|expected| expected.name == property.name) {
            Some(expected) => one_value(&property.name, expected, &property.value, index, problems),
            None => {
                let known: Vec<_> = spec.properties.iter().map(|known| format!("`{}`", known.name)).collect();
                let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
                problem(problems, Some(index), format!("`{}` has no `{}`; known: {known}", node.name, property.name));
            }
        }
    }
    for missing in spec
        .properties
        .iter()
        .filter(|expected| expected.required && !node.properties.iter().any(|property| property.name == expected.name))
    {
        problem(problems, Some(index), format!("`{}` needs `{}`", node.name, missing.name));
    }
}

fn one_value(name: &str, expected: &ValueSpec, value: &Value, index: usize, problems: &mut Vec<Problem>) {
    let fits = match (expected.kind, value) {
        (ValueKind::Any, _)
        | (ValueKind::Boolean, Value::Boolean(_))
        | (ValueKind::Integer, Value::Integer(_))
        | (ValueKind::Decimal, Value::Decimal(_) | Value::Integer(_))
        | (ValueKind::Text | ValueKind::Language, Value::Text(_)) => true,
        (ValueKind::Boolean | ValueKind::Integer | ValueKind::Decimal | ValueKind::Text | ValueKind::Language, _) => {
            false
        }
    };
    if !fits {
        let wanted = match expected.kind {
            ValueKind::Boolean => "#true or #false",
            ValueKind::Integer => "a whole number",
            ValueKind::Decimal => "a number",
            ValueKind::Text => "a text",
            ValueKind::Language => "a language",
            ValueKind::Any => "a value",
        };
        return problem(problems, Some(index), format!("{name} must be {wanted}"));
    }
    if let Value::Text(text) = value {
        if !expected.choices.is_empty() && !expected.choices.contains(text) {
            let choices: Vec<_> = expected.choices.iter().map(|choice| format!("\"{choice}\"")).collect();
            problem(problems, Some(index), format!("{name} must be one of {}", choices.join(", ")));
        }
    }
}

/// Options that are missing, or are there more often than they may be.
fn counts(specs: &[OptionSpec], nodes: &[Node], matched: &[Option<usize>], problems: &mut Vec<Problem>) {
    let blocks = std::iter::once((None, None))
        .chain(matched.iter().enumerate().filter_map(|(node, spec)| spec.map(|spec| (Some(node), Some(spec)))));
    for (node, spec) in blocks {
        for option in allowed(specs, spec) {
            let here: Vec<usize> = (0..nodes.len())
                .filter(|&child| nodes[child].parent.map(|parent| parent as usize) == node)
                .filter(|&child| matched[child] == Some(option))
                .collect();
            let name = &specs[option].name;
            if specs[option].required && here.is_empty() {
                problem(problems, node, format!("`{name}` is missing"));
            }
            if !specs[option].repeats {
                for again in here.iter().skip(1) {
                    problem(problems, Some(*again), format!("`{name}` can stand here once only"));
                }
            }
        }
    }
}
