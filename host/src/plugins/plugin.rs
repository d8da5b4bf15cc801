//! A plugin that is ready to be called: compiled, described, its kinds known.

use std::path::PathBuf;
use std::sync::Arc;

use wasmtime::component::{Component, InstancePre};

use super::anatomy::{Anatomy, Kind};
use super::bindings::types::Node;
use super::error::PluginError;
use super::limits::Limits;
use super::link;
use super::policy::Policy;
use super::state::State;

/// Where a plugin came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Inside the program.
    Bundled,
    /// A file that a user dropped into a plugin folder or named by path.
    Dropped(PathBuf),
}

/// A compiled component. Cheap to share between threads; each thread calls it through a worker of its own.
pub struct Plugin {
    /// The name it was found by.
    pub name: Arc<str>,
    pub origin: Origin,
    /// BLAKE3 of the component: what trust and grants belong to.
    pub digest: blake3::Hash,
    pub anatomy: Anatomy,
    /// Bytes of the component.
    pub size: u64,
    pub(super) component: Component,
    pub(super) limits: Arc<Limits>,
}

impl Plugin {
    /// Makes a policy of it for one thread.
    pub fn policy(self: &Arc<Self>, options: Vec<Node>) -> Result<Policy, PluginError> {
        Policy::new(self, options)
    }

    /// Links the component for one of its kinds.
    pub(super) fn link(&self, kind: Kind) -> Result<InstancePre<State>, PluginError> {
        if !self.anatomy.kinds.contains(&kind) {
            let has = self.anatomy.kinds.iter().map(|kind| kind.name()).collect::<Vec<_>>().join(" and ");
            return Err(PluginError::WrongKind { plugin: self.name.to_string(), wanted: kind.name(), has });
        }
        let compile =
            |source: wasmtime::Error| PluginError::Compile { plugin: self.name.to_string(), source: source.into() };
        link::linker(self.component.engine(), &self.component, &self.anatomy, kind)
            .and_then(|linker| linker.instantiate_pre(&self.component))
            .map_err(compile)
    }
}

impl std::fmt::Debug for Plugin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Plugin").field("name", &self.name).field("origin", &self.origin).finish_non_exhaustive()
    }
}
