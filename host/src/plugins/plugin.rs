//! A plugin that is ready to be called: compiled, described, its kinds known.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use wasmtime::component::{Component, InstancePre};

use super::anatomy::{Anatomy, CONTRACT, Kind};
use super::bindings::about::Description;
use super::bindings::detector::DetectorPluginPre;
use super::bindings::introspector::ToolIntrospectorPluginPre;
use super::bindings::manifest::ManifestPre;
use super::bindings::policy::PolicyPre;
use super::bindings::types::Node;
use super::detector::Detector;
use super::error::PluginError;
use super::introspector::Introspector;
use super::limits::Limits;
use super::link;
use super::patience::Patience;
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
    /// What compiling it took on this machine, now or when that was done.
    pub compiled_in: Duration,
    /// It was compiled just now, not taken from the cache.
    pub is_new: bool,
    pub(super) component: Component,
    pub(super) limits: Arc<Limits>,
    pub(super) patience: Arc<Patience>,
    /// What it said of itself when it was asked first.
    pub(super) said: OnceLock<Description>,
}

impl Plugin {
    /// Makes a policy of it for one thread.
    pub fn policy(self: &Arc<Self>, options: Vec<Node>) -> Result<Policy, PluginError> {
        Policy::new(self, options)
    }

    /// Makes an introspector of it for one thread, without any program.
    pub fn introspector(self: &Arc<Self>, options: Vec<Node>) -> Result<Introspector, PluginError> {
        Introspector::new(self, options, None)
    }

    /// Makes a detector of it for one thread.
    pub fn detector(self: &Arc<Self>, options: Vec<Node>) -> Result<Detector, PluginError> {
        Detector::new(self, options)
    }

    /// Links the component for one of its kinds.
    pub(super) fn link(&self, kind: Kind) -> Result<InstancePre<State>, PluginError> {
        if !self.anatomy.kinds.contains(&kind) {
            let has = self.anatomy.kinds.iter().map(|kind| kind.name()).collect::<Vec<_>>().join(" and ");
            return Err(PluginError::WrongKind { plugin: self.name.to_string(), wanted: kind.name(), has });
        }
        let misfit = |source: wasmtime::Error| PluginError::Misfit {
            plugin: self.name.to_string(),
            contract: CONTRACT,
            source: source.into(),
        };
        let pre = link::linker(self.component.engine(), &self.component, &self.anatomy, kind)
            .and_then(|linker| linker.instantiate_pre(&self.component))
            .map_err(misfit)?;
        // Names say what is exported; whether the functions have the types of the contract is seen here.
        ManifestPre::new(pre.clone()).map_err(misfit)?;
        match kind {
            Kind::Detector => DetectorPluginPre::new(pre.clone()).map(drop),
            Kind::Introspector => ToolIntrospectorPluginPre::new(pre.clone()).map(drop),
            Kind::Policy => PolicyPre::new(pre.clone()).map(drop),
        }
        .map_err(misfit)?;
        Ok(pre)
    }
}

impl std::fmt::Debug for Plugin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Plugin").field("name", &self.name).field("origin", &self.origin).finish_non_exhaustive()
    }
}
