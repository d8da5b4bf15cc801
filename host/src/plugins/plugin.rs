//! A plugin that is ready to be called: its kinds known, and its code at hand when the first call needs it.

use std::borrow::Cow;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use wasmtime::component::InstancePre;

use super::anatomy::{Anatomy, CONTRACT, Kind};
use super::answers::Remembered;
use super::bindings::detector::DetectorPluginPre;
use super::bindings::introspector::ToolIntrospectorPluginPre;
use super::bindings::manifest::ManifestPre;
use super::bindings::policy::PolicyPre;
use super::bindings::types::Node;
use super::cache::{self, Compiled};
use super::detector::Detector;
use super::engine;
use super::error::PluginError;
use super::introspector::Introspector;
use super::limits::Limits;
use super::link;
use super::patience::Patience;
use super::policy::Policy;
use super::state::State;
use super::tool_grant::ToolGrant;

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
    /// What it is compiled from, until it is.
    pub(super) bytes: Mutex<Option<Cow<'static, [u8]>>>,
    pub(super) compiled: OnceLock<Compiled>,
    /// Where compiled code is kept.
    pub(super) cache: PathBuf,
    pub(super) limits: Arc<Limits>,
    pub(super) patience: Arc<Patience>,
    /// What it said of itself, now or when it was asked before.
    pub(super) answers: Remembered,
    /// Itself with what each of its kinds is linked to, made when that kind is first asked for.
    pub(super) linked: [OnceLock<InstancePre<State>>; Kind::COUNT],
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

    /// The same with the programs that a profile grants to it.
    pub fn granted_introspector(
        self: &Arc<Self>,
        options: Vec<Node>,
        tools: Option<Arc<ToolGrant>>,
    ) -> Result<Introspector, PluginError> {
        Introspector::new(self, options, tools)
    }

    /// Makes a detector of it for one thread.
    pub fn detector(self: &Arc<Self>, options: Vec<Node>) -> Result<Detector, PluginError> {
        Detector::new(self, options)
    }

    /// What compiling it took on this machine, now or when that was done, and whether it was done just now.
    pub fn compiled_in(&self) -> Result<(Duration, bool), PluginError> {
        self.compiled().map(|compiled| (compiled.compiled_in, compiled.is_new))
    }

    /// The code, taken from the cache or compiled at the first call.
    pub(super) fn compiled(&self) -> Result<&Compiled, PluginError> {
        if let Some(compiled) = self.compiled.get() {
            return Ok(compiled);
        }
        // Whoever comes second waits, and finds it done.
        let mut bytes = self.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(uncompiled) = bytes.as_deref() {
            let compiled = cache::load(engine::engine()?, &self.cache, &self.digest, uncompiled)
                .map_err(|source| PluginError::Compile { plugin: self.name.to_string(), source: source.into() })?;
            let _ = self.compiled.set(compiled);
            *bytes = None;
        }
        Ok(self.compiled.get().expect("the bytes are let go of when it is compiled"))
    }

    /// The component linked for one of its kinds; every thread and every call shares one.
    pub(super) fn link(&self, kind: Kind) -> Result<InstancePre<State>, PluginError> {
        let linked = &self.linked[kind as usize];
        if let Some(pre) = linked.get() {
            return Ok(pre.clone());
        }
        let pre = self.link_anew(kind)?;
        Ok(linked.get_or_init(|| pre).clone())
    }

    fn link_anew(&self, kind: Kind) -> Result<InstancePre<State>, PluginError> {
        if !self.anatomy.kinds.contains(&kind) {
            let has = self.anatomy.kinds.iter().map(|kind| kind.name()).collect::<Vec<_>>().join(" and ");
            return Err(PluginError::WrongKind { plugin: self.name.to_string(), wanted: kind.name(), has });
        }
        let misfit = |source: wasmtime::Error| PluginError::Misfit {
            plugin: self.name.to_string(),
            contract: CONTRACT,
            source: source.into(),
        };
        let component = &self.compiled()?.component;
        let pre = link::linker(component.engine(), component, &self.anatomy, kind)
            .and_then(|linker| linker.instantiate_pre(component))
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
