//! Makes the plugins of a profile ready: they are there, they load, and their options are what they take.
//!
//! Everything wrong is gathered as mistakes in the profile, before any work.

use std::error::Error;

use super::Library;
use crate::kdl_read::{Mistake, Mistakes, nearest, quoted, quoted_list};
use crate::media::Value;
use crate::plugins::manifest::{self, Description};
use crate::plugins::{Anatomy, Found, Kind, Node, PluginError, types};
use crate::profile::{
    GRANTABLE_TOOLS, OptionNodes, OptionSpec, PluginName, PluginUse, Profile, ProfileError, ValueKind, ValueSpec,
};

impl Library {
    /// Checks every plugin that a profile names, and the options of each. In the profile that comes back the options are
    /// as the plugins get them: languages canonical, defaults filled in.
    pub fn prepare(&self, mut profile: Profile) -> Result<Profile, ProfileError> {
        let mut mistakes = Mistakes::default();
        self.prepare_plugins(&mut profile, &mut mistakes);
        profile.without(mistakes)
    }

    pub(super) fn prepare_plugins(&self, profile: &mut Profile, mistakes: &mut Mistakes) {
        self.prepare_use(&mut profile.detect, Kind::Detector, mistakes);
        let mut introspectors = std::mem::take(&mut profile.introspect);
        for introspector in &mut introspectors {
            self.prepare_use(introspector, Kind::Introspector, mistakes);
            self.check_grants(introspector, &profile.tools_of(&introspector.plugin), mistakes);
        }
        profile.introspect = introspectors;
        for policy in &mut profile.policies {
            self.prepare_use(policy, Kind::Policy, mistakes);
        }
    }

    fn prepare_use(&self, used: &mut PluginUse, kind: Kind, mistakes: &mut Mistakes) {
        let plugin = match self.plugins().load(&used.plugin.to_string()) {
            Ok(plugin) => plugin,
            Err(PluginError::NotFound { name, .. }) => {
                // Only those that would do here.
                let error = PluginError::NotFound { name, known: self.plugins_of(kind) };
                return mistakes.push(plugin_mistake(used, &error));
            }
            Err(error) => return mistakes.push(plugin_mistake(used, &error)),
        };
        if !plugin.anatomy.kinds.contains(&kind) {
            let has: Vec<String> = plugin.anatomy.kinds.iter().map(|kind| with_article(*kind)).collect();
            let what = format!("the plugin {} is no {}; it is {}", used.written, kind.name(), has.join(" and "));
            return mistakes.expected(used.place(), what, format!("one of {}", self.plugins_of(kind).join(", ")));
        }
        let described = match plugin.describe() {
            Ok(description) => specs(&description),
            Err(error) => return mistakes.push(plugin_mistake(used, &error)),
        };
        let mut found = Mistakes::default();
        let checked = used.options.checked(&plugin.name, &described, &mut found);
        if found.is_empty() {
            // The plugin is asked only about options of the shape that it described.
            match plugin.check(&options_of(&checked)) {
                Ok(problems) => {
                    let problems = problems.into_iter().map(|problem| (problem.node, problem.message));
                    used.options.add_problems(problems, &mut found);
                }
                Err(error) => found.push(plugin_mistake(used, &error)),
            }
        }
        mistakes.append(found);
        used.options = checked;
    }

    /// The names of all plugins of a kind, as they say it themselves in their type; none is started.
    fn plugins_of(&self, kind: Kind) -> Vec<String> {
        let is_one = |found: &Found| {
            let bytes = self.plugins().bytes(found).ok();
            let anatomy = bytes.and_then(|bytes| Anatomy::read(&found.name, &bytes).ok());
            anatomy.is_some_and(|anatomy| anatomy.kinds.contains(&kind))
        };
        self.plugins().list().into_iter().filter(is_one).map(|found| found.name).collect()
    }

    /// Notes programs that an introspector runs and the profile does not let it run. Whatever else is wrong with the
    /// plugin has been told already.
    fn check_grants(&self, used: &PluginUse, granted: &[String], mistakes: &mut Mistakes) {
        let name = used.plugin.to_string();
        let Ok(plugin) = self.plugins().load(&name) else { return };
        if !plugin.anatomy.imports_tool() {
            return;
        }
        let Ok(claims) = plugin.claims() else { return };
        for program in claims.tools.into_iter().filter(|program| !granted.contains(program)) {
            let written = quoted(&used.written);
            let expected = match GRANTABLE_TOOLS.contains(&program.as_str()) {
                true => format!("a line such as: grant {written} tool={}", quoted(&program)),
                false => format!("a plugin that runs nothing but {}", quoted_list(GRANTABLE_TOOLS)),
            };
            let error = PluginError::NotGranted { plugin: plugin.name.to_string(), program };
            mistakes.expected(used.place(), error.to_string(), expected);
        }
    }
}

fn with_article(kind: Kind) -> String {
    let article = if kind == Kind::Introspector { "an" } else { "a" };
    format!("{article} {}", kind.name())
}

/// A plugin that cannot be used, as a mistake where the profile names it.
fn plugin_mistake(used: &PluginUse, error: &PluginError) -> Mistake {
    let mut what = error.to_string();
    let mut cause = error.source();
    while let Some(source) = cause {
        what = format!("{what}: {source}");
        cause = source.source();
    }
    let (expected, nearest) = match (error, &used.plugin) {
        (PluginError::NotFound { name, known }, PluginName::Named(_)) => (
            Some(format!("one of {}, or a path to a .wasm file", known.join(", "))),
            nearest(name, known.iter().map(String::as_str)).map(str::to_owned),
        ),
        _ => (None, None),
    };
    Mistake { place: used.place().clone(), what, expected, nearest }
}

/// Options as the plugin gets them.
pub fn options_of(options: &OptionNodes) -> Vec<Node> {
    let node = |node: &crate::profile::OptionNode| Node {
        name: node.name.clone(),
        parent: node.parent,
        arguments: node.arguments.iter().map(guest_value).collect(),
        properties: node
            .properties
            .iter()
            .map(|property| types::Entry { name: property.name.clone(), value: guest_value(&property.value) })
            .collect(),
    };
    options.nodes.iter().map(node).collect()
}

fn guest_value(value: &Value) -> types::Value {
    match value {
        Value::Null => types::Value::Null,
        Value::Boolean(value) => types::Value::Boolean(*value),
        Value::Integer(number) => types::Value::Integer(*number),
        Value::Decimal(number) => types::Value::Decimal(*number),
        Value::Text(text) => types::Value::Text(text.clone()),
    }
}

fn host_value(value: &types::Value) -> Value {
    match value {
        types::Value::Null => Value::Null,
        types::Value::Boolean(value) => Value::Boolean(*value),
        types::Value::Integer(number) => Value::Integer(*number),
        types::Value::Decimal(number) => Value::Decimal(*number),
        types::Value::Text(text) => Value::Text(text.clone()),
    }
}

/// The options that a plugin says it takes.
pub fn specs(description: &Description) -> Vec<OptionSpec> {
    let option = |option: &manifest::OptionSpec| OptionSpec {
        name: option.name.clone(),
        parent: option.parent,
        children_of: option.children_of,
        required: option.required,
        repeats: option.repeats,
        arguments: option.arguments.iter().map(value_spec).collect(),
        properties: option.properties.iter().map(value_spec).collect(),
        summary: option.summary.clone(),
    };
    description.options.iter().map(option).collect()
}

fn value_spec(value: &manifest::ValueSpec) -> ValueSpec {
    ValueSpec {
        name: value.name.clone(),
        kind: match value.kind {
            manifest::ValueKind::Boolean => ValueKind::Boolean,
            manifest::ValueKind::Integer => ValueKind::Integer,
            manifest::ValueKind::Decimal => ValueKind::Decimal,
            manifest::ValueKind::Text => ValueKind::Text,
            manifest::ValueKind::Language => ValueKind::Language,
            manifest::ValueKind::Any => ValueKind::Any,
        },
        choices: value.choices.clone(),
        required: value.required,
        repeats: value.repeats,
        default: value.default.as_ref().map(host_value),
        summary: value.summary.clone(),
    }
}
