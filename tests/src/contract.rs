//! The contract with plugins as data: every type, function and world of `wit/`, as [`forms`] that can be compared and as the
//! [`page`] of the documentation.

mod forms;
mod page;
mod words;

use std::path::Path;

use wit_parser::{InterfaceId, PackageId, Resolve, WorldId, WorldItem};

pub use forms::broken;

/// Values before what is made of them, what every plugin has before what one kind has.
const READ_FIRST: [&str; 10] =
    ["types", "log", "about", "manifest", "facts", "detector", "source", "tool", "introspector", "policy"];

/// The package `vpo:plugin`, parsed.
pub struct Contract {
    resolve: Resolve,
    package: PackageId,
}

impl Contract {
    /// Reads the package in a folder.
    pub fn read(folder: &Path) -> Self {
        let mut resolve = Resolve::default();
        let (package, _) = resolve.push_dir(folder).unwrap_or_else(|cause| panic!("{}: {cause:#}", folder.display()));
        Self { resolve, package }
    }

    /// `vpo:plugin@0.1.0`
    pub fn version(&self) -> String {
        self.resolve.packages[self.package].name.to_string()
    }

    /// The interfaces in the order in which they are best read; those that are not known here come last.
    fn interfaces(&self) -> Vec<(&str, InterfaceId)> {
        let package = &self.resolve.packages[self.package];
        let mut interfaces: Vec<_> = package.interfaces.iter().map(|(name, id)| (name.as_str(), *id)).collect();
        interfaces
            .sort_by_key(|(name, _)| (READ_FIRST.iter().position(|first| first == name).unwrap_or(usize::MAX), *name));
        interfaces
    }

    fn worlds(&self) -> impl Iterator<Item = (&str, WorldId)> {
        self.resolve.packages[self.package].worlds.iter().map(|(name, id)| (name.as_str(), *id))
    }

    /// Imports and exports of a world, without those that only bring types.
    fn world(&self, id: WorldId) -> Vec<String> {
        let world = &self.resolve.worlds[id];
        let named = |how: &str, (key, item): (&wit_parser::WorldKey, &WorldItem)| match item {
            WorldItem::Interface { id, .. } if self.resolve.interfaces[*id].functions.is_empty() => None,
            _ => Some(format!("{how} `{}`", self.resolve.name_world_key(key))),
        };
        let imports = world.imports.iter().filter_map(|one| named("imports", one));
        let mut all: Vec<String> =
            imports.chain(world.exports.iter().filter_map(|one| named("exports", one))).collect();
        // Imports first, and in an order that does not hang on where they are written.
        all.sort_by_key(|one| (one.starts_with("exports"), one.clone()));
        all
    }
}
