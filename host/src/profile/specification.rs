//! Checks what a person wrote for a plugin against what the plugin says of its options.
//!
//! The types mirror the interface `about` of the contract. The checked options are what the plugin gets: languages are
//! canonical, whole numbers are decimals where decimals are wanted, and defaults are filled in.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::{OptionNode, OptionNodes};
use crate::kdl_read::{Mistake, Mistakes, Place, nearest, quoted_list, written};
use crate::media::{Entry, Value, language};

/// Options that a profile may give to one plugin, those inside others included.
const NODES_MAX: usize = 5000;

/// What kind of value an option takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ValueKind {
    Boolean,
    Integer,
    Decimal,
    Text,
    /// Reaches the plugin as a canonical BCP 47 tag.
    Language,
    Any,
}

/// A positional value or a property of an option.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ValueSpec {
    pub name: String,
    pub kind: ValueKind,
    /// When not empty, the only texts that are allowed.
    pub choices: Vec<String>,
    pub required: bool,
    /// Only the last argument may repeat.
    pub repeats: bool,
    pub default: Option<Value>,
    pub summary: String,
}

/// One option: a node that may stand in the block of a plugin.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OptionSpec {
    pub name: String,
    /// Index of the option that this one stands in; absent at the top.
    pub parent: Option<u32>,
    /// Index of an option whose children this one takes too.
    pub children_of: Option<u32>,
    pub required: bool,
    pub repeats: bool,
    pub arguments: Vec<ValueSpec>,
    pub properties: Vec<ValueSpec>,
    pub summary: String,
}

impl OptionNodes {
    /// Checks the options of the plugin `plugin` and returns them as the plugin gets them. What is returned is of use only
    /// when no mistake was added.
    pub fn checked(&self, plugin: &str, specs: &[OptionSpec], mistakes: &mut Mistakes) -> OptionNodes {
        let mut checked = self.clone();
        if checked.nodes.len() > NODES_MAX {
            let what = format!("{} options for {plugin}, and {NODES_MAX} are taken", checked.nodes.len());
            mistakes.add(&self.place, what);
            return checked;
        }
        Check { plugin, specs, mistakes }.block(&mut checked, None, None);
        checked
    }
}

struct Check<'a> {
    plugin: &'a str,
    specs: &'a [OptionSpec],
    mistakes: &'a mut Mistakes,
}

impl<'a> Check<'a> {
    /// Checks the children of one node, and theirs.
    fn block(&mut self, options: &mut OptionNodes, parent: Option<u32>, spec: Option<u32>) {
        let allowed = self.allowed_in(spec);
        let children: Vec<usize> =
            (0..options.nodes.len()).filter(|&index| options.nodes[index].parent == parent).collect();
        let mut seen = HashSet::new();
        for index in children {
            let node = &mut options.nodes[index];
            let Some(found) = allowed.iter().copied().find(|&one| self.spec(one).name == node.name) else {
                self.unknown_option(node, spec, &allowed);
                continue;
            };
            if !seen.insert(found) && !self.spec(found).repeats {
                self.mistakes.add(&node.place, format!("\"{}\" may stand here only once", node.name));
            }
            self.node(node, found);
            self.block(options, Some(index as u32), Some(found));
        }
        let place = options.place_of(parent);
        for missing in allowed.iter().filter(|one| !seen.contains(one)).map(|one| &self.specs[*one as usize]) {
            if missing.required {
                self.mistakes.expected(place, format!("\"{}\" is missing", missing.name), missing.summary.clone());
            }
        }
    }

    fn spec(&self, index: u32) -> &'a OptionSpec {
        &self.specs[index as usize]
    }

    /// The options that may stand in another one, or at the top.
    fn allowed_in(&self, spec: Option<u32>) -> Vec<u32> {
        let mut allowed = Vec::new();
        let mut visited = HashSet::new();
        let mut next = Some(spec);
        while let Some(holder) = next.filter(|holder| visited.insert(*holder)) {
            let stands_in = |index: &u32| self.spec(*index).parent == holder;
            allowed.extend((0..self.specs.len() as u32).filter(stands_in));
            next = holder
                .and_then(|index| self.spec(index).children_of)
                .filter(|index| (*index as usize) < self.specs.len())
                .map(Some);
        }
        allowed
    }

    fn unknown_option(&mut self, node: &OptionNode, holder: Option<u32>, allowed: &[u32]) {
        let inside = match holder {
            Some(holder) => format!("\"{}\" of {}", self.spec(holder).name, self.plugin),
            None => format!("the plugin {}", self.plugin),
        };
        let known: Vec<&str> = allowed.iter().map(|&one| self.specs[one as usize].name.as_str()).collect();
        let what = format!("{inside} has no option \"{}\"", node.name);
        self.unknown(&node.place, what, &node.name, &known);
    }

    fn unknown(&mut self, place: &Place, what: String, word: &str, known: &[&str]) {
        let expected = match known {
            [] => None,
            [only] => Some(format!("\"{only}\"")),
            _ => Some(format!("one of {}", known.join(", "))),
        };
        let nearest = nearest(word, known.iter().copied()).map(str::to_owned);
        self.mistakes.push(Mistake { place: place.clone(), what, expected, nearest });
    }

    fn node(&mut self, node: &mut OptionNode, spec: u32) {
        let spec = &self.specs[spec as usize];
        self.arguments(node, spec);
        self.properties(node, spec);
    }

    fn arguments(&mut self, node: &mut OptionNode, spec: &OptionSpec) {
        let last = spec.arguments.last();
        for (index, value) in node.arguments.iter_mut().enumerate() {
            let place = &node.argument_places[index];
            let takes = spec.arguments.get(index).or_else(|| last.filter(|last| last.repeats));
            match takes {
                Some(takes) => self.value(value, place, takes),
                None => {
                    let most = match spec.arguments.len() {
                        0 => format!("\"{}\" takes no value of its own", node.name),
                        1 => format!("\"{}\" takes one value", node.name),
                        many => format!("\"{}\" takes {many} values", node.name),
                    };
                    self.mistakes.add(place, most);
                }
            }
        }
        for takes in spec.arguments.iter().skip(node.arguments.len()) {
            match &takes.default {
                // A later argument cannot be given without the ones before it.
                Some(default) => node.arguments.push(default.clone()),
                None if takes.required => {
                    let what = format!("\"{}\" needs a value: {}", node.name, takes.name);
                    self.mistakes.expected(&node.place, what, expected(takes));
                    break;
                }
                None => break,
            }
        }
    }

    fn properties(&mut self, node: &mut OptionNode, spec: &OptionSpec) {
        for (property, place) in node.properties.iter_mut().zip(&node.property_places) {
            match spec.properties.iter().find(|takes| takes.name == property.name) {
                Some(takes) => self.value(&mut property.value, place, takes),
                None => {
                    let known: Vec<&str> = spec.properties.iter().map(|takes| takes.name.as_str()).collect();
                    let what = format!("\"{}\" has no property \"{}\"", node.name, property.name);
                    self.unknown(place, what, &property.name, &known);
                }
            }
        }
        for takes in &spec.properties {
            if node.properties.iter().any(|property| property.name == takes.name) {
                continue;
            }
            if let Some(default) = &takes.default {
                node.properties.push(Entry { name: takes.name.clone(), value: default.clone() });
            } else if takes.required {
                let what = format!("\"{}\" needs the property \"{}\"", node.name, takes.name);
                self.mistakes.expected(&node.place, what, expected(takes));
            }
        }
    }

    /// Checks one value and brings it into the form that the plugin gets.
    fn value(&mut self, value: &mut Value, place: &Place, takes: &ValueSpec) {
        let fits = match (takes.kind, &*value) {
            (ValueKind::Any, _)
            | (ValueKind::Boolean, Value::Boolean(_))
            | (ValueKind::Integer, Value::Integer(_))
            | (ValueKind::Decimal, Value::Decimal(_))
            | (ValueKind::Text | ValueKind::Language, Value::Text(_)) => true,
            (ValueKind::Decimal, Value::Integer(number)) => {
                *value = Value::Decimal(*number as f64);
                true
            }
            _ => false,
        };
        if !fits {
            let what = format!("{} is {}", written(value), kind_of(value));
            let nearest = meant_keyword(takes.kind, value);
            self.mistakes.push(Mistake { place: place.clone(), what, expected: Some(expected(takes)), nearest });
            return;
        }
        let Value::Text(text) = &*value else { return };
        if !takes.choices.is_empty() && takes.choices.contains(text) {
            // A choice of a language option, such as "any", stays as it is.
            return;
        }
        if takes.kind == ValueKind::Language {
            match language::canonical(text) {
                Some(tag) => *value = Value::Text(tag),
                None => self.mistakes.expected(place, format!("\"{text}\" is no language"), expected(takes)),
            }
        } else if !takes.choices.is_empty() {
            let choices: Vec<&str> = takes.choices.iter().map(String::as_str).collect();
            let what = format!("\"{text}\" is not known here");
            self.unknown(place, what, text, &choices);
        }
    }
}

/// What a person should have written.
fn expected(takes: &ValueSpec) -> String {
    const LANGUAGE: &str = "a language such as \"en\", \"eng\" or \"pt-BR\"";
    match takes.kind {
        ValueKind::Language if !takes.choices.is_empty() => {
            format!("{LANGUAGE}, or one of {}", quoted_list(takes.choices.iter().map(String::as_str)))
        }
        _ if !takes.choices.is_empty() => {
            format!("one of {}", quoted_list(takes.choices.iter().map(String::as_str)))
        }
        ValueKind::Boolean => "#true or #false".to_owned(),
        ValueKind::Integer => "a whole number".to_owned(),
        ValueKind::Decimal => "a number".to_owned(),
        ValueKind::Text => "a text".to_owned(),
        ValueKind::Language => LANGUAGE.to_owned(),
        ValueKind::Any => "a value".to_owned(),
    }
}

fn meant_keyword(kind: ValueKind, value: &Value) -> Option<String> {
    match (kind, value) {
        (ValueKind::Boolean, Value::Text(text)) => match text.to_lowercase().as_str() {
            "true" | "yes" | "on" => Some("#true".to_owned()),
            "false" | "no" | "off" => Some("#false".to_owned()),
            _ => None,
        },
        _ => None,
    }
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Boolean(_) => "a yes or no",
        Value::Integer(_) => "a whole number",
        Value::Decimal(_) => "a decimal number",
        Value::Text(_) => "a text",
    }
}
