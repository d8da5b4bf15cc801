//! What a plugin says of itself: name, version and the specifications of its options.

use std::sync::Arc;

use wasmtime::Store;
use wasmtime::component::Instance;

use super::anatomy::Kind;
use super::bindings::manifest::Manifest;
use super::bindings::{about, types};
use super::description;
use super::error::PluginError;
use super::plugin::Plugin;
use super::state::State;
use super::worker::{Worker, World};
use crate::media::text;

pub use about::{Description, OptionSpec, ValueKind, ValueSpec};
pub use types::Problem;

impl World for Manifest {
    fn bind(store: &mut Store<State>, instance: &Instance) -> wasmtime::Result<Self> {
        Self::new(store, instance)
    }
}

impl Plugin {
    /// What the plugin says that it is. It is asked when that is not known from before; a description that makes no sense
    /// is refused.
    pub fn describe(self: &Arc<Self>) -> Result<Description, PluginError> {
        if let Some(said) = self.answers.description() {
            return Ok(said);
        }
        let said = self.describe_again(1)?.remove(0);
        self.answers.learn_description(&said);
        Ok(said)
    }

    /// Asks a fresh instance several times what the plugin is.
    pub fn describe_again(self: &Arc<Self>, times: usize) -> Result<Vec<Description>, PluginError> {
        let mut worker = self.any_worker()?;
        let mut answers = Vec::with_capacity(times);
        for _ in 0..times {
            let call = |world: &Manifest, store: &mut _| world.vpo_plugin_manifest().call_describe(store);
            let said = worker.call(self.limits.describe_time, call)?;
            answers.push(
                description::checked(said)
                    .map_err(|what| PluginError::BadDescription { plugin: self.name.to_string(), what })?,
            );
        }
        Ok(answers)
    }

    /// Asks the plugin what is wrong with its options, beyond what their specifications say; unless it is known from before
    /// that nothing is.
    pub fn check(self: &Arc<Self>, options: &[types::Node]) -> Result<Vec<Problem>, PluginError> {
        if self.answers.are_fine(options) {
            return Ok(Vec::new());
        }
        let mut worker = self.any_worker()?;
        let problems = worker
            .call(self.limits.describe_time, |world, store| world.vpo_plugin_manifest().call_check(store, options))?;
        if problems.is_empty() {
            self.answers.learn_fine(options);
        }
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
}
