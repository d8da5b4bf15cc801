//! What a person wrote for a plugin: a flat list of nodes in document order, as the contract wants it, each with its place.

use crate::kdl_read::{Mistakes, Node, Place, to_value};
use crate::media::{Entry, Value};

/// The block of options of one plugin.
#[derive(Debug, Clone, PartialEq)]
pub struct OptionNodes {
    pub nodes: Vec<OptionNode>,
    /// Where the plugin was named: what is missing from the block is told of here.
    pub place: Place,
}

/// One option: a KDL node.
#[derive(Debug, Clone, PartialEq)]
pub struct OptionNode {
    pub name: String,
    /// Index of the node that this one stands in; absent at the top.
    pub parent: Option<u32>,
    pub arguments: Vec<Value>,
    pub properties: Vec<Entry>,
    /// The node's name in the text.
    pub place: Place,
    /// One for each argument that was written; arguments filled in by default come after them and have none.
    pub argument_places: Vec<Place>,
    /// The same for properties.
    pub property_places: Vec<Place>,
}

impl OptionNodes {
    /// A plugin without options.
    pub fn none(place: Place) -> Self {
        Self { nodes: Vec::new(), place }
    }

    /// Reads everything in the block of a node.
    pub fn read(block: Node, place: Place, mistakes: &mut Mistakes) -> Self {
        let mut options = Self::none(place);
        options.gather(block, None, mistakes);
        options
    }

    /// Where the node with an index stands; the plugin's name for one that is not there.
    pub fn place_of(&self, index: Option<u32>) -> &Place {
        let node = index.and_then(|index| self.nodes.get(index as usize));
        node.map_or(&self.place, |node| &node.place)
    }

    /// Notes what a plugin says of its options: a message and the index of the node that is wrong.
    pub fn add_problems(&self, problems: impl IntoIterator<Item = (Option<u32>, String)>, mistakes: &mut Mistakes) {
        for (index, message) in problems {
            mistakes.add(self.place_of(index), message);
        }
    }

    fn gather(&mut self, block: Node, parent: Option<u32>, mistakes: &mut Mistakes) {
        for child in block.children() {
            child.no_annotations(mistakes);
            let index = u32::try_from(self.nodes.len()).expect("a profile has fewer nodes");
            self.nodes.push(option_node(child, parent, mistakes));
            self.gather(child, Some(index), mistakes);
        }
    }
}

fn option_node(node: Node, parent: Option<u32>, mistakes: &mut Mistakes) -> OptionNode {
    let mut option = OptionNode {
        name: node.name().to_owned(),
        parent,
        arguments: Vec::new(),
        properties: Vec::new(),
        place: node.place(),
        argument_places: Vec::new(),
        property_places: Vec::new(),
    };
    for item in node.arguments() {
        match to_value(item.value) {
            Some(value) => {
                option.arguments.push(value);
                option.argument_places.push(item.place);
            }
            None => mistakes.add(&item.place, "this number is too large"),
        }
    }
    for (name, item) in node.properties() {
        match to_value(item.value) {
            Some(_) if option.properties.iter().any(|property| property.name == name) => {
                mistakes.add(&item.place, format!("\"{name}\" stands here twice"));
            }
            Some(value) => {
                option.properties.push(Entry { name: name.to_owned(), value });
                option.property_places.push(item.place);
            }
            None => mistakes.add(&item.place, "this number is too large"),
        }
    }
    option
}
