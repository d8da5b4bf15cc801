//! Tasks: what `vpo run NAME` runs, as a sequence of parts.

use crate::kdl_read::{List, Mistakes, Node, Place, Section};
use crate::settings::{Origin, Source};

use super::is_name;

/// A named sequence of work.
#[derive(Debug, Clone, PartialEq)]
pub struct Task {
    pub name: String,
    /// Go on with the next part when one fails.
    pub keep_going: bool,
    pub parts: Vec<Part>,
    pub source: Source,
    pub place: Place,
}

/// One part of a task.
#[derive(Debug, Clone, PartialEq)]
pub enum Part {
    Scan {
        full: bool,
        prune: bool,
        verify_hash: bool,
        accept_missing: bool,
    },
    Apply {
        /// The policies to follow, as they are named in the profile; none means all of them.
        policies: Vec<(String, Place)>,
    },
}

impl Part {
    pub fn verb(&self) -> &'static str {
        match self {
            Self::Scan { .. } => "scan",
            Self::Apply { .. } => "apply",
        }
    }
}

const VERBS: [&str; 2] = ["scan", "apply"];

impl Task {
    /// Reads `task "nightly" keep-going=#true { scan prune=#true; apply }`.
    pub(super) fn read(node: Node, origin: &Origin, mistakes: &mut Mistakes) -> Option<Self> {
        node.no_annotations(mistakes);
        let mut keep_going = false;
        for (name, item) in node.properties() {
            match name {
                "keep-going" => keep_going = item.read(node.base(), mistakes).unwrap_or_default(),
                other => mistakes.unknown(&item.place, "property", other, ["keep-going"]),
            }
        }
        let name = node.only::<String>(mistakes);
        let mut parts = Vec::new();
        for child in node.children() {
            match child.name() {
                "scan" => parts.push(read_scan(child, mistakes)),
                "apply" => parts.push(read_apply(child, mistakes)),
                other => mistakes.unknown(&child.place(), "part of a task", other, VERBS),
            }
        }
        if node.children().next().is_none() {
            mistakes.expected(&node.place(), "this task does nothing", "a block such as { scan; apply; }");
        }
        let (name, place) = name?;
        if VERBS.contains(&name.as_str()) {
            mistakes.add(&place, format!("\"{name}\" is what every profile can run; a task needs another name"));
        } else if !is_name(&name) {
            mistakes.expected(&place, format!("\"{name}\" is no name of a task"), "letters, digits, - and _");
        }
        Some(Self { name, keep_going, parts, source: origin.at(node.place().line()), place })
    }
}

fn read_scan(node: Node, mistakes: &mut Mistakes) -> Part {
    node.no_arguments(mistakes);
    let mut section = Section::open(node);
    let mut flag = |name| section.setting::<bool>(name, mistakes).is_some_and(|(value, _)| value);
    let part = Part::Scan {
        full: flag("full"),
        prune: flag("prune"),
        verify_hash: flag("verify-hash"),
        accept_missing: flag("accept-missing"),
    };
    section.close(mistakes);
    part
}

fn read_apply(node: Node, mistakes: &mut Mistakes) -> Part {
    node.no_arguments(mistakes);
    let mut section = Section::open(node);
    let policies = section
        .setting::<List<String>>("policy", mistakes)
        .map(|(policies, place)| policies.0.into_iter().map(|policy| (policy, place.clone())).collect());
    section.close(mistakes);
    Part::Apply { policies: policies.unwrap_or_default() }
}
