//! What a plugin says of itself: name, version and the specifications of its options.

use std::sync::Arc;

use wasmtime::Store;
use wasmtime::component::InstancePre;

use super::anatomy::Kind;
use super::bindings::manifest::Manifest;
use super::bindings::{about, types};
use super::error::PluginError;
use super::plugin::Plugin;
use super::state::State;
use super::worker::{Worker, World};
use crate::media::text;

pub use about::{Description, OptionSpec, ValueKind, ValueSpec};
pub use types::Problem;

impl World for Manifest {
    fn instantiate(pre: &InstancePre<State>, store: &mut Store<State>) -> wasmtime::Result<Self> {
        let instance = pre.instantiate(&mut *store)?;
        Self::new(store, &instance)
    }
}

impl Plugin {
    /// Asks the plugin what it is. What it says is capped and made visible; a name that is none is refused.
    pub fn describe(self: &Arc<Self>) -> Result<Description, PluginError> {
        let mut worker = self.any_worker()?;
        let said =
            worker.call(self.limits.describe_time, |world, store| world.vpo_plugin_manifest().call_describe(store))?;
        self.checked(said)
    }

    /// Asks the plugin what is wrong with its options, beyond what their specifications say.
    pub fn check(self: &Arc<Self>, options: &[types::Node]) -> Result<Vec<Problem>, PluginError> {
        let mut worker = self.any_worker()?;
        let problems = worker
            .call(self.limits.describe_time, |world, store| world.vpo_plugin_manifest().call_check(store, options))?;
        Ok(problems
            .into_iter()
            .take(100)
            .map(|problem| Problem {
                node: problem.node.filter(|node| (*node as usize) < options.len()),
                message: text::visible(text::capped(&problem.message, 500)).into_owned(),
            })
            .collect())
    }

    fn any_worker(self: &Arc<Self>) -> Result<Worker<Manifest>, PluginError> {
        let kind = self.anatomy.kinds.first().copied().unwrap_or(Kind::Policy);
        Ok(Worker::new(self.clone(), self.link(kind)?, None))
    }

    fn checked(&self, said: Description) -> Result<Description, PluginError> {
        let wrong = |what: String| PluginError::BadDescription { plugin: self.name.to_string(), what };
        let is_name = |name: &str| {
            (1..=64).contains(&name.len())
                && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        };
        if !is_name(&said.name) {
            let name = text::visible(text::capped(&said.name, 64)).into_owned();
            return Err(wrong(format!("the name {name:?} is not made of lower-case letters, digits and -")));
        }
        if said.options.len() > 1000 {
            return Err(wrong(format!("{} options", said.options.len())));
        }
        for (index, option) in said.options.iter().enumerate() {
            let is_before = |other: Option<u32>| other.is_none_or(|other| (other as usize) < index);
            let exists = |other: Option<u32>| other.is_none_or(|other| (other as usize) < said.options.len());
            if !is_name(&option.name) || !is_before(option.parent) || !exists(option.children_of) {
                return Err(wrong(format!("option {index} has a wrong name or parent")));
            }
        }
        let line = |said: String, max| text::visible(text::capped(&said, max)).into_owned();
        Ok(Description {
            name: said.name,
            version: line(said.version, 64),
            summary: line(said.summary, 200),
            licence: line(said.licence, 100),
            options: said.options,
        })
    }
}
