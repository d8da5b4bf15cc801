//! The examples of a documentation page.

use std::collections::BTreeSet;

use super::written::{block_of_policy, nodes};
use crate::Plugin;
use crate::options::describe;
use crate::plugin::check;

/// Asserts that every example of this policy on a page is right, those fenced as `kdl wrong` are wrong, and every option
/// and property of the policy stands in an example. What can be asked of tracks needs one example for all policies.
///
/// # Panics
///
/// When one of it does not hold, saying which.
pub fn assert_examples<P: Plugin>(page: &str) {
    let specs = describe::<P::Options>();
    let mut options = BTreeSet::new();
    let mut properties = BTreeSet::new();
    for (fence, text) in fences(page) {
        if fence == "kdl" {
            properties.extend(nodes(&text).into_iter().flat_map(|node| node.properties).map(|property| property.name));
        }
        let Some(nodes) = block_of_policy::<P>(&text) else { continue };
        let problems = check::<P>(&nodes);
        match fence.as_str() {
            "kdl" => assert!(problems.is_empty(), "an example is wrong: {problems:?}\n{text}"),
            "kdl wrong" => assert!(!problems.is_empty(), "an example is meant to be wrong and is not:\n{text}"),
            other => panic!("an example is fenced as {other:?}:\n{text}"),
        }
        options.extend(nodes.into_iter().map(|node| node.name));
    }

    let missing: BTreeSet<String> =
        specs.iter().map(|spec| spec.name.clone()).filter(|name| !options.contains(name)).collect();
    assert!(missing.is_empty(), "no example of {} shows the options {missing:?}", P::NAME);
    let all = specs.iter().flat_map(|spec| &spec.properties).map(|property| property.name.clone());
    let missing: BTreeSet<String> = all.filter(|name| !properties.contains(name)).collect();
    assert!(missing.is_empty(), "no example shows the properties {missing:?} of {}", P::NAME);
}

/// The fenced blocks of a page with what stands behind the fence.
fn fences(page: &str) -> Vec<(String, String)> {
    let mut blocks = Vec::new();
    let mut open: Option<(String, String)> = None;
    for line in page.lines() {
        match (line.strip_prefix("```"), open.as_mut()) {
            (Some(fence), None) => open = Some((fence.trim().to_owned(), String::new())),
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (None, Some((_, text))) => {
                text.push_str(line);
                text.push('\n');
            }
            (None, None) => {}
        }
    }
    blocks
}
