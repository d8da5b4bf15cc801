//! Reads options from the flat list of nodes.

use std::cell::{Cell, RefCell};

use super::{OneOf, Options, Scalar};
use crate::types::{Node, Problem, Value};

/// One node, or the block of the plugin, while it is read.
pub struct Reader<'a> {
    nodes: &'a [Node],
    /// Absent for the block of the plugin itself.
    node: Option<u32>,
    next_argument: Cell<usize>,
    problems: RefCell<Vec<Problem>>,
}

/// A scalar with what it is called in messages.
pub struct Found<'a> {
    name: &'a str,
    value: &'a Value,
}

impl<'a> Reader<'a> {
    pub(super) fn new(nodes: &'a [Node]) -> Self {
        Self { nodes, node: None, next_argument: Cell::new(0), problems: RefCell::default() }
    }

    pub(super) fn into_problems(self) -> Vec<Problem> {
        self.problems.into_inner()
    }

    /// The index of the node, absent for the block of the plugin.
    pub fn node(&self) -> Option<u32> {
        self.node
    }

    /// The name of the node; empty for the block of the plugin.
    pub fn name(&self) -> &'a str {
        self.here().map_or("", |node| node.name.as_str())
    }

    /// Says that something is wrong with this node.
    pub fn problem(&self, message: String) {
        self.problems.borrow_mut().push(Problem { node: self.node, message });
    }

    /// The first argument that was not taken yet.
    pub fn next_argument(&self) -> Option<Found<'a>> {
        let value = self.here()?.arguments.get(self.next_argument.get())?;
        self.next_argument.set(self.next_argument.get() + 1);
        Some(Found { name: "the value", value })
    }

    /// A property by its name. Of several, the last counts, as in KDL.
    pub fn property(&self, name: &str) -> Option<Found<'a>> {
        let entry = self.here()?.properties.iter().rev().find(|entry| entry.name == name)?;
        Some(Found { name: &entry.name, value: &entry.value })
    }

    /// Reads a value that may be absent. The outer `None` means that it is wrong.
    pub fn optional<T: Scalar>(&self, found: Option<Found<'_>>) -> Option<Option<T>> {
        let Some(found) = found else { return Some(None) };
        match T::from_value(found.value) {
            Ok(value) => Some(Some(value)),
            Err(expected) => {
                self.problem(format!("{} {expected}", found.name));
                None
            }
        }
    }

    /// Reads a value that must be there.
    pub fn required<T: Scalar>(&self, found: Option<Found<'_>>, name: &str) -> Option<T> {
        let value = self.optional(found)?;
        if value.is_none() {
            self.problem(format!("{name} is missing"));
        }
        value
    }

    /// Reads all arguments that were not taken yet.
    pub fn arguments<T: Scalar>(&self) -> Option<Vec<T>> {
        let mut values = Some(Vec::new());
        while let Some(found) = self.next_argument() {
            let value = self.required::<T>(Some(found), "a value");
            values = values.zip(value).map(|(mut values, value)| {
                values.push(value);
                values
            });
        }
        values
    }

    /// Reads one child node that may be absent.
    pub fn optional_child<T: Options>(&self, name: &str) -> Option<Option<T>> {
        let mut found = self.children::<T>(name)?;
        if found.len() > 1 {
            self.problem(format!("`{name}` can stand here once only"));
            return None;
        }
        Some(found.pop())
    }

    /// Reads one child node that must be there.
    pub fn required_child<T: Options>(&self, name: &str) -> Option<T> {
        let child = self.optional_child(name)?;
        if child.is_none() {
            self.problem(format!("`{name}` is missing"));
        }
        child
    }

    /// Reads every child node of one name.
    pub fn children<T: Options>(&self, name: &str) -> Option<Vec<T>> {
        self.each(|node| node.name == name, T::read)
    }

    /// Reads every child node that is one of several.
    pub fn any_of<T: OneOf>(&self) -> Option<Vec<T>> {
        self.each(|node| T::is_named(&node.name), T::read)
    }

    fn each<T>(&self, wanted: impl Fn(&Node) -> bool, read: impl Fn(&Reader<'a>) -> Option<T>) -> Option<Vec<T>> {
        let mut all = Some(Vec::new());
        for (index, node) in self.nodes.iter().enumerate() {
            if node.parent != self.node || !wanted(node) {
                continue;
            }
            let child = Reader { node: u32::try_from(index).ok(), ..Reader::new(self.nodes) };
            let value = read(&child);
            self.problems.borrow_mut().extend(child.into_problems());
            all = all.zip(value).map(|(mut all, value)| {
                all.push(value);
                all
            });
        }
        all
    }

    fn here(&self) -> Option<&'a Node> {
        self.nodes.get(self.node? as usize)
    }
}
