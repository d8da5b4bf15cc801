//! Options from the text of a profile, as the host would hand them over.

use kdl::{KdlDocument, KdlNode, KdlValue};

use crate::Plugin;
use crate::about::{OptionSpec, ValueKind, ValueSpec};
use crate::options::{describe, match_specs};
use crate::types::{Entry, Node, Problem, Value};

/// Reads the block of a plugin. Languages become canonical where the specifications of `P` say that they are languages.
///
/// # Panics
///
/// When the text is not KDL.
pub fn options<P: Plugin>(text: &str) -> Vec<Node> {
    let mut nodes = nodes(text);
    canonicalise(&describe::<P::Options>(), &mut nodes);
    nodes
}

/// Reads KDL as it stands.
pub(super) fn nodes(text: &str) -> Vec<Node> {
    let mut nodes = Vec::new();
    flatten(&document(text), None, &mut nodes);
    nodes
}

fn document(text: &str) -> KdlDocument {
    text.parse().unwrap_or_else(|mistake| panic!("not KDL: {mistake:?}\n{text}"))
}

/// Reads the block of `policy "NAME" { … }` in a part of a profile, when it is this plugin's.
pub(super) fn block_of_policy<P: Plugin>(text: &str) -> Option<Vec<Node>> {
    let document: KdlDocument = text.parse().ok()?;
    let policy = document.nodes().iter().find(|node| {
        let name = node.entries().first().map(|entry| entry.value());
        node.name().value() == "policy" && name == Some(&KdlValue::String(P::NAME.to_owned()))
    })?;
    let mut nodes = Vec::new();
    if let Some(block) = policy.children() {
        flatten(block, None, &mut nodes);
    }
    canonicalise(&describe::<P::Options>(), &mut nodes);
    Some(nodes)
}

/// Reads a document: its nodes at the top, and the block of the one of this name as the options of a plugin.
pub(super) fn block<P: Plugin>(text: &str, name: &str) -> (Vec<Node>, Vec<Node>) {
    let (mut top, mut inside) = (Vec::new(), Vec::new());
    for node in document(text).nodes() {
        top.push(flat(node, None));
        if let Some(children) = node.children().filter(|_| node.name().value() == name) {
            flatten(children, None, &mut inside);
        }
    }
    canonicalise(&describe::<P::Options>(), &mut inside);
    (top, inside)
}

/// Everything that is wrong with the block of a plugin, as messages.
pub fn problems<P: Plugin>(text: &str) -> Vec<String> {
    let problems: Vec<Problem> = crate::plugin::check::<P>(&options::<P>(text));
    problems.into_iter().map(|problem| problem.message).collect()
}

fn flatten(document: &KdlDocument, parent: Option<u32>, nodes: &mut Vec<Node>) {
    for node in document.nodes() {
        let index = u32::try_from(nodes.len()).expect("a test has fewer nodes than that");
        nodes.push(flat(node, parent));
        if let Some(children) = node.children() {
            flatten(children, Some(index), nodes);
        }
    }
}

/// One node without its children.
fn flat(node: &KdlNode, parent: Option<u32>) -> Node {
    let mut flat = Node { name: node.name().value().to_owned(), parent, arguments: Vec::new(), properties: Vec::new() };
    for entry in node.entries() {
        let value = value(entry.value());
        match entry.name() {
            Some(name) => flat.properties.push(Entry { name: name.value().to_owned(), value }),
            None => flat.arguments.push(value),
        }
    }
    flat
}

fn value(value: &KdlValue) -> Value {
    match value {
        KdlValue::String(text) => Value::Text(text.clone()),
        KdlValue::Integer(number) => Value::Integer(i64::try_from(*number).expect("a test has no such number")),
        KdlValue::Float(number) => Value::Decimal(*number),
        KdlValue::Bool(value) => Value::Boolean(*value),
        KdlValue::Null => Value::Null,
    }
}

fn canonicalise(specs: &[OptionSpec], nodes: &mut [Node]) {
    let matched = match_specs(specs, nodes, &mut Vec::new());
    for (node, spec) in nodes.iter_mut().zip(matched) {
        let Some(spec) = spec.map(|spec| &specs[spec]) else { continue };
        for (place, value) in node.arguments.iter_mut().enumerate() {
            canonical_value(spec.arguments.get(place).or(spec.arguments.last()), value);
        }
        for property in &mut node.properties {
            canonical_value(spec.properties.iter().find(|known| known.name == property.name), &mut property.value);
        }
    }
}

fn canonical_value(spec: Option<&ValueSpec>, value: &mut Value) {
    if spec.is_some_and(|spec| spec.kind == ValueKind::Language) {
        if let Value::Text(text) = value {
            *text = canonical_language(text);
        }
    }
}

/// A language as vpo hands it to plugins; what is none stays as it is.
pub(super) fn canonical_language(text: &str) -> String {
    let Ok(mut locale) = text.parse::<icu_locale::Locale>() else { return text.to_owned() };
    icu_locale::LocaleCanonicalizer::new_extended().canonicalize(&mut locale);
    locale.to_string()
}
