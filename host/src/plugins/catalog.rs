//! Which plugins there are and how one gets ready: bundled by name, dropped in by name or path.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Instant;

use super::anatomy::{Anatomy, COMPONENT_MAX};
use super::answers::Remembered;
use super::bindings::types::Node;
use super::bundled;
use super::detector::Detector;
use super::error::PluginError;
use super::limits::Limits;
use super::lock::Lock;
use super::patience::Patience;
use super::plugin::{Origin, Plugin};
use super::policy::Policy;
use crate::disk::{self, Links, NotAFile};

/// The plugins that a library can use. Loading one compiles it at most once in a process.
pub struct Plugins {
    folders: Vec<PathBuf>,
    cache: PathBuf,
    lock: Lock,
    loaded: Mutex<Loaded>,
    /// By which calls are measured.
    clock: fn() -> Instant,
}

/// The plugins that are ready, under the limits that hold now.
#[derive(Default)]
struct Loaded {
    limits: Arc<Limits>,
    plugins: HashMap<String, Arc<Plugin>>,
}

/// A plugin as it was found, not yet compiled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub name: String,
    pub origin: Origin,
}

impl Plugins {
    /// Names where plugins are; touches nothing.
    pub fn new(folders: Vec<PathBuf>, cache: PathBuf, lock: Lock, limits: Limits) -> Self {
        let loaded = Mutex::new(Loaded { limits: Arc::new(limits), plugins: HashMap::new() });
        Self { folders, cache: cache.join("plugins"), lock, loaded, clock: Instant::now }
    }

    /// Measures calls by another clock.
    #[cfg(test)]
    pub(super) fn with_clock(self, clock: fn() -> Instant) -> Self {
        Self { clock, ..self }
    }

    /// Sets the limits of plugins that are loaded from now on; those that are in use keep theirs.
    pub fn set_limits(&self, limits: Limits) {
        let mut loaded = self.loaded.lock().expect("loading does not panic");
        if *loaded.limits != limits {
            *loaded = Loaded { limits: Arc::new(limits), plugins: HashMap::new() };
        }
    }

    /// Which dropped-in plugins are trusted.
    pub fn lock(&self) -> &Lock {
        &self.lock
    }

    /// Lists all plugins: the bundled ones, then those in the plugin folders.
    pub fn list(&self) -> Vec<Found> {
        let mut found: Vec<Found> = bundled::BUNDLED
            .iter()
            .map(|(name, _)| Found { name: (*name).to_owned(), origin: Origin::Bundled })
            .collect();
        for folder in &self.folders {
            let mut files: Vec<PathBuf> = fs::read_dir(folder)
                .into_iter()
                .flatten()
                .filter_map(|entry| Some(entry.ok()?.path()))
                .filter(|path| path.extension().is_some_and(|extension| extension == "wasm"))
                .collect();
            files.sort();
            found.extend(files.into_iter().map(|path| Found { name: stem(&path), origin: Origin::Dropped(path) }));
        }
        found
    }

    /// Finds a plugin by a bundled name, by the name of a file in a plugin folder, or by a path ending in `.wasm`.
    ///
    /// A dropped-in file never replaces a bundled plugin of the same name; it can be named by its path.
    pub fn find(&self, name: &str) -> Result<Found, PluginError> {
        if name.ends_with(".wasm") || name.contains('/') {
            return Ok(Found { name: stem(Path::new(name)), origin: Origin::Dropped(PathBuf::from(name)) });
        }
        if bundled::find(name).is_some() {
            return Ok(Found { name: name.to_owned(), origin: Origin::Bundled });
        }
        for folder in &self.folders {
            let path = folder.join(format!("{name}.wasm"));
            if path.is_file() {
                return Ok(Found { name: name.to_owned(), origin: Origin::Dropped(path) });
            }
        }
        if bundled::BUNDLED.is_empty() {
            return Err(PluginError::NoBundled);
        }
        let known = self.list().into_iter().map(|found| found.name).collect();
        Err(PluginError::NotFound { name: name.to_owned(), known })
    }

    /// Makes a plugin ready to be called, for a profile that names it. The first use of a dropped-in one is recorded; one
    /// that has changed since is refused.
    pub fn load(&self, name: &str) -> Result<Arc<Plugin>, PluginError> {
        if let Some(plugin) = self.loaded.lock().expect("loading does not panic").plugins.get(name) {
            return Ok(plugin.clone());
        }
        let found = self.find(name)?;
        let bytes = self.bytes(&found)?;
        let anatomy = Anatomy::read(&found.name, &bytes)?;
        let digest = blake3::hash(&bytes);
        if let Origin::Dropped(path) = &found.origin {
            self.lock.admit(&found.name, path, &digest)?;
        }
        let answers = Remembered::of(&self.cache, &digest);
        let is_known = answers.description().is_some();
        let plugin = Arc::new(self.plugin(found, digest, bytes, anatomy, answers));
        if !is_known {
            // What cannot be compiled is told before any work.
            plugin.compiled()?;
        }
        self.loaded.lock().expect("loading does not panic").plugins.insert(name.to_owned(), plugin.clone());
        Ok(plugin)
    }

    /// Makes a detector for one thread.
    pub fn detector(&self, name: &str, options: Vec<Node>) -> Result<Detector, PluginError> {
        Detector::new(&self.load(name)?, options)
    }

    /// Makes a policy for one thread.
    pub fn policy(&self, name: &str, options: Vec<Node>) -> Result<Policy, PluginError> {
        Policy::new(&self.load(name)?, options)
    }

    /// Makes a plugin ready to be looked at, trusted or not; nothing is recorded.
    pub fn examine(&self, found: &Found) -> Result<Arc<Plugin>, PluginError> {
        let bytes = self.bytes(found)?;
        let anatomy = Anatomy::read(&found.name, &bytes)?;
        let digest = blake3::hash(&bytes);
        let plugin = self.plugin(found.clone(), digest, bytes, anatomy, Remembered::nothing());
        plugin.compiled()?;
        Ok(Arc::new(plugin))
    }

    /// The bytes of a plugin.
    pub fn bytes(&self, found: &Found) -> Result<Cow<'static, [u8]>, PluginError> {
        match &found.origin {
            Origin::Bundled => match bundled::find(&found.name) {
                Some(bytes) => Ok(Cow::Borrowed(bytes)),
                None => Err(PluginError::NoBundled),
            },
            Origin::Dropped(path) => read_component(&found.name, path).map(Cow::Owned),
        }
    }

    fn plugin(
        &self,
        found: Found,
        digest: blake3::Hash,
        bytes: Cow<'static, [u8]>,
        anatomy: Anatomy,
        answers: Remembered,
    ) -> Plugin {
        Plugin {
            name: found.name.into(),
            origin: found.origin,
            digest,
            anatomy,
            size: bytes.len() as u64,
            bytes: Mutex::new(Some(bytes)),
            compiled: OnceLock::new(),
            cache: self.cache.clone(),
            limits: self.loaded.lock().expect("loading does not panic").limits.clone(),
            patience: Arc::new(Patience::by(self.clock)),
            answers,
            linked: Default::default(),
        }
    }
}

fn stem(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

/// Reads a component's file, unless it is too large to be one.
fn read_component(name: &str, path: &Path) -> Result<Vec<u8>, PluginError> {
    let unreadable = |source| PluginError::Unreadable { plugin: name.to_owned(), path: path.to_owned(), source };
    let file = disk::open_file(path, Links::Follow).map_err(|cause| match NotAFile::in_error(&cause) {
        Some(other) => PluginError::NotAComponent { plugin: name.to_owned(), what: other.to_string() },
        None => unreadable(cause),
    })?;
    let mut bytes = Vec::new();
    file.take(COMPONENT_MAX + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > COMPONENT_MAX {
        let what = format!("it is larger than {} MiB", COMPONENT_MAX >> 20);
        return Err(PluginError::NotAComponent { plugin: name.to_owned(), what });
    }
    Ok(bytes)
}
