//! A plugin as a profile names it, and what the profile lets it do.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use super::OptionNodes;
use crate::kdl_read::{Base, Mistakes, Node, Place, Scalar, Text};
use crate::settings::{Origin, Source};

/// How a profile names a plugin.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum PluginName {
    /// A bundled one, or a file in a plugin folder without its `.wasm`.
    Named(String),
    /// A file; relative paths have been resolved against the folder of the profile.
    File(PathBuf),
}

impl PluginName {
    /// What has a slash or ends in `.wasm` is a path.
    fn is_path(written: &str) -> bool {
        written.contains('/') || written.ends_with(".wasm")
    }
}

impl fmt::Display for PluginName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Named(name) => f.write_str(name),
            Self::File(path) => write!(f, "{}", path.display()),
        }
    }
}

/// A plugin with the options that a profile gives it.
#[derive(Debug, Clone, PartialEq)]
pub struct PluginUse {
    pub plugin: PluginName,
    /// As it was written; what the plugin is called in tasks and on the command line.
    pub written: String,
    pub options: OptionNodes,
    pub source: Source,
}

impl PluginUse {
    /// Whether it goes by this name, in the profile or by itself.
    pub fn is_called(&self, name: &str) -> bool {
        self.written == name || self.plugin.to_string() == name
    }

    /// Where the plugin is named.
    pub fn place(&self) -> &Place {
        &self.options.place
    }

    /// A plugin that a flag names, without options. Relative paths start in the folder of `base`.
    pub fn from_flag(flag: &str, written: &str, base: &Base) -> Result<Self, Mistakes> {
        let text = Text { name: flag.to_owned(), content: written.to_owned() };
        let place = Place::new(&Arc::new(text), 0, written.len());
        let mut mistakes = Mistakes::default();
        let plugin = plugin_name(written, &place, base, &mut mistakes);
        mistakes.into_result()?;
        Ok(Self {
            plugin: plugin.expect("without a mistake there is a name"),
            written: written.to_owned(),
            options: OptionNodes::none(place),
            source: Source::CommandLine { flag: flag.to_owned() },
        })
    }

    /// Reads `detect`, `introspect` and `policy`: one name or several, and a block of options when it is one.
    pub(super) fn read(node: Node, origin: &Origin, mistakes: &mut Mistakes) -> Vec<Self> {
        node.no_properties(mistakes);
        node.no_annotations(mistakes);

        let names = read_names(node, mistakes);
        if let (true, Some(child), true) = (names.len() > 1, node.children().next(), node.has_block()) {
            let what = format!("a block of options belongs to one plugin, and \"{}\" names several", node.name());
            mistakes.expected(&child.place(), what, "one node for each plugin with options");
            return Vec::new();
        }
        let mut uses = Vec::new();
        for (plugin, written, place) in names {
            let source = origin.at(place.line());
            let options = OptionNodes::read(node, place, mistakes);
            uses.push(Self { plugin, written, options, source });
        }
        uses
    }
}

/// A program that a profile lets a plugin run.
#[derive(Debug, Clone, PartialEq)]
pub struct Grant {
    pub plugin: PluginName,
    pub tool: String,
    pub source: Source,
    pub place: Place,
}

/// The plugins that a node names in its arguments.
pub(super) fn read_names(node: Node, mistakes: &mut Mistakes) -> Vec<(PluginName, String, Place)> {
    let mut names = Vec::new();
    for (written, place) in node.several::<String>(mistakes) {
        if let Some(plugin) = plugin_name(&written, &place, node.base(), mistakes) {
            names.push((plugin, written, place));
        }
    }
    names
}

fn plugin_name(written: &str, place: &Place, base: &Base, mistakes: &mut Mistakes) -> Option<PluginName> {
    if written.is_empty() {
        mistakes.expected(place, "an empty text names no plugin", "the name of a plugin, or a path to one");
        return None;
    }
    if !PluginName::is_path(written) {
        return Some(PluginName::Named(written.to_owned()));
    }
    let value = kdl::KdlValue::String(written.to_owned());
    match PathBuf::read(&value, base) {
        Ok(path) => Some(PluginName::File(path)),
        Err(wrong) => {
            wrong.tell(place, &value, PathBuf::expected(), mistakes);
            None
        }
    }
}
