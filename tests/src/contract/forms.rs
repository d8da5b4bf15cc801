//! What plugins are compiled against, and whether a later form of the contract still is what they were compiled for.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::Contract;

impl Contract {
    /// What plugins are compiled against: for each type, function and world its form on one line, without comments.
    pub fn forms(&self) -> BTreeMap<String, String> {
        let mut forms = BTreeMap::new();
        for (interface, id) in self.interfaces() {
            let interface_of = &self.resolve.interfaces[id];
            for (name, ty) in &interface_of.types {
                forms.insert(
                    format!("{interface}.{name}"),
                    self.definition(&self.resolve.types[*ty], ", ", |_| String::new()),
                );
            }
            for (name, function) in &interface_of.functions {
                forms.insert(format!("{interface}.{name}"), self.signature(function));
            }
        }
        for (name, id) in self.worlds() {
            forms.insert(format!("world {name}"), self.world(id).join(", "));
        }
        forms
    }

    /// The same as text, one line each.
    pub fn normal_form(&self) -> String {
        let mut text = format!("{}\n", self.version());
        for (name, form) in self.forms() {
            writeln!(text, "{name} = {form}").expect("a String takes all");
        }
        text
    }
}

/// What a later form of the contract breaks of a released one: what is gone, what has another form, and functions of an
/// interface that plugins have already without them.
pub fn broken(released: &str, now: &Contract) -> Vec<String> {
    let forms = now.forms();
    let released: BTreeMap<&str, &str> = released.lines().skip(1).filter_map(|line| line.split_once(" = ")).collect();
    let changed = released.iter().filter_map(|(name, form)| match forms.get(*name) {
        // A name for a type of another interface may go; what it means stands there.
        None if form.starts_with("type ") && form.contains('.') => None,
        None => Some(format!("{name} is gone")),
        Some(now) if now != form => Some(format!("{name} was\n    {form}\nand is\n    {now}")),
        Some(_) => None,
    });
    let interface = |name: &str| name.split_once('.').map(|(interface, _)| interface.to_owned());
    let interfaces: BTreeSet<_> = released.keys().filter_map(|name| interface(name)).collect();
    let added = forms.iter().filter(|(name, form)| form.contains(": func(") && !released.contains_key(name.as_str()));
    let added = added.filter(|(name, _)| interface(name).is_some_and(|of| interfaces.contains(&of)));
    changed.chain(added.map(|(name, _)| format!("{name} is new in an interface that is not"))).collect()
}
