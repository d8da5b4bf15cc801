//! What a plugin costs on this machine: compiling, loading, its first call and those after it.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::{detector, introspector, samples};
use crate::plugins::{Found, Kind, Plugin, PluginError, Plugins};

/// Calls that are measured, unless they take long.
const CALLS: u32 = 50;
const ENOUGH: Duration = Duration::from_millis(200);

/// What a plugin costs.
#[derive(Debug, Clone, Copy)]
pub struct Cost {
    /// Compiling it: once for each version of vpo and of the plugin.
    pub compile: Duration,
    /// Reading it and taking its code from the cache, at every start that uses it.
    pub load: Duration,
    /// A fresh instance and one call.
    pub first_call: Duration,
    /// A call in an instance that has been called before; the middle one of many.
    pub call: Duration,
    /// What such a call was about.
    pub asked: &'static str,
}

/// Loads a plugin as it is and measures it. Nothing is trusted or recorded for it.
pub(in crate::library) fn measured(plugins: &Plugins, found: &Found) -> Result<(Arc<Plugin>, Cost), PluginError> {
    let mut begun = Instant::now();
    let mut plugin = plugins.examine(found)?;
    let mut load = begun.elapsed();
    let (compile, is_new) = plugin.compiled_in()?;
    if is_new {
        begun = Instant::now();
        plugin = plugins.examine(found)?;
        load = begun.elapsed();
    }
    let begun = Instant::now();
    plugin.describe()?;
    let first_call = begun.elapsed();
    let (call, asked) = calls(&plugin)?;
    Ok((plugin, Cost { compile, load, first_call, call, asked }))
}

/// Asks what the first of its kinds is for. An answer that declines is an answer; one that fails took its time too.
fn calls(plugin: &Arc<Plugin>) -> Result<(Duration, &'static str), PluginError> {
    Ok(match plugin.anatomy.kinds.first() {
        Some(Kind::Detector) => {
            let mut asked = plugin.detector(Vec::new())?;
            let (scan, sightings) = detector::sample();
            (median(|| drop(asked.detect(&scan, &sightings))), "1,024 files")
        }
        Some(Kind::Introspector) => {
            let mut asked = plugin.introspector(Vec::new())?;
            let Some((file, size)) = introspector::sample() else { return Ok((Duration::ZERO, "nothing")) };
            (median(|| drop(asked.read(&file, size, PathBuf::new()))), "a text file")
        }
        Some(Kind::Policy) | None => {
            let mut asked = plugin.policy(Vec::new())?;
            let (name, facts) = samples::plain();
            let context = samples::context(name);
            (median(|| drop(asked.evaluate(&context, &facts))), "a film with three tracks")
        }
    })
}

fn median(mut call: impl FnMut()) -> Duration {
    call();
    let begun = Instant::now();
    let mut times = Vec::new();
    while times.is_empty() || (times.len() < CALLS as usize && begun.elapsed() < ENOUGH) {
        let begun = Instant::now();
        call();
        times.push(begun.elapsed());
    }
    times.sort();
    times[times.len() / 2]
}
