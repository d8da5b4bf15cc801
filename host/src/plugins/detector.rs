//! Calling a detector: observations in batches, one standing each.

use std::sync::Arc;

use wasmtime::Store;
use wasmtime::component::Instance;

use super::anatomy::Kind;
use super::bindings::detector::{DetectorPlugin, exports::vpo::plugin::detector as wit};
use super::bindings::types::Node;
use super::error::{CallError, Fault, PluginError};
use super::plugin::Plugin;
use super::state::State;
use super::worker::{Worker, World};

pub use wit::{Comparison, Evidence, FilesystemClass, Observation, Scan, Sighting, Standing};

/// Sightings in one call: enough to make the call cheap, few enough for a slow guest to stay within its deadline.
pub const BATCH: usize = 1024;

impl World for DetectorPlugin {
    fn bind(store: &mut Store<State>, instance: &Instance) -> wasmtime::Result<Self> {
        DetectorPlugin::new(store, instance)
    }
}

/// A detector on one thread.
pub struct Detector {
    worker: Worker<DetectorPlugin>,
    plugin: Arc<Plugin>,
    options: Vec<Node>,
}

impl Detector {
    pub(super) fn new(plugin: &Arc<Plugin>, options: Vec<Node>) -> Result<Self, PluginError> {
        let pre = plugin.link(Kind::Detector)?;
        Ok(Self { worker: Worker::new(plugin.clone(), pre, None), plugin: plugin.clone(), options })
    }

    /// Returns one standing for each sighting, in order. A sighting on which the plugin fails gets an error of its own;
    /// the others are not held up by it.
    pub fn detect(&mut self, scan: &Scan, batch: &[Sighting]) -> Vec<Result<Standing, CallError>> {
        match self.call(scan, batch) {
            Ok(standings) => standings.into_iter().map(Ok).collect(),
            Err(error) if batch.len() <= 1 => batch.iter().map(|_| Err(error.clone())).collect(),
            Err(_) => {
                let (left, right) = batch.split_at(batch.len() / 2);
                let mut standings = self.detect(scan, left);
                standings.extend(self.detect(scan, right));
                standings
            }
        }
    }

    fn call(&mut self, scan: &Scan, batch: &[Sighting]) -> Result<Vec<Standing>, CallError> {
        let options = &self.options;
        let standings = self.worker.call(self.plugin.limits.detect_time, |world, store| {
            world.vpo_plugin_detector().call_detect(store, options, scan, batch)
        })?;
        if standings.len() != batch.len() {
            let what = format!("{} standings for {} sightings", standings.len(), batch.len());
            return Err(CallError { plugin: self.plugin.name.to_string(), fault: Fault::BadAnswer(what) });
        }
        Ok(standings)
    }
}
