//! Gathers the specifications of options.

use std::any::TypeId;

use super::{Options, Scalar};
use crate::about::{OptionSpec, ValueSpec};
use crate::types::Value;

/// The arguments and properties of one node.
#[derive(Default)]
pub struct Values {
    pub arguments: Vec<ValueSpec>,
    pub properties: Vec<ValueSpec>,
}

/// The specifications of all nodes, in the flat form of the contract.
#[derive(Default)]
pub struct Specs {
    list: Vec<OptionSpec>,
    /// Types whose children are in the list already, so that conditions can stand inside conditions.
    described: Vec<(TypeId, u32)>,
}

impl Specs {
    /// Adds one node that may stand in `parent`.
    pub fn option<T: Options>(
        &mut self,
        parent: Option<u32>,
        name: &str,
        required: bool,
        repeats: bool,
        summary: &str,
    ) {
        let mut values = Values::default();
        T::describe_values(&mut values);
        let index = u32::try_from(self.list.len()).expect("a plugin has fewer options than that");
        let known = self.described.iter().find(|(type_id, _)| *type_id == TypeId::of::<T>()).map(|(_, index)| *index);
        self.list.push(OptionSpec {
            name: name.to_owned(),
            parent,
            children_of: known.filter(|_| T::HAS_CHILDREN),
            required,
            repeats,
            arguments: values.arguments,
            properties: values.properties,
            summary: summary.to_owned(),
        });
        if known.is_none() {
            self.described.push((TypeId::of::<T>(), index));
            T::describe_children(self, Some(index));
        }
    }

    /// The whole list; parents come before their children.
    pub fn into_list(self) -> Vec<OptionSpec> {
        self.list
    }
}

/// Specifies one argument or property.
pub fn value_spec<T: Scalar>(
    name: &str,
    required: bool,
    repeats: bool,
    default: Option<Value>,
    summary: &str,
) -> ValueSpec {
    ValueSpec {
        name: name.to_owned(),
        kind: T::KIND,
        choices: T::choices().iter().map(|&choice| choice.to_owned()).collect(),
        required,
        repeats,
        default,
        summary: summary.to_owned(),
    }
}
