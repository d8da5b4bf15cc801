//! The one engine of a process, and the clock that its deadlines are measured by.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::OnceLock;
use std::thread;
use std::time::Duration;

use wasmtime::{Config, Engine};

use super::error::PluginError;

/// Native stack that a guest may use; threads that run guests need [`THREAD_STACK`].
const GUEST_STACK: usize = 1 << 20;

/// Stack of a thread that calls guests: the guest's and as much again for the host's own calls, with room.
pub const THREAD_STACK: usize = 4 << 20;

/// How often deadlines are looked at.
pub(super) const TICK: Duration = Duration::from_millis(10);

/// Returns the engine, made at the first call. Commands that call no plugin never get here.
pub(super) fn engine() -> Result<&'static Engine, PluginError> {
    static ENGINE: OnceLock<Engine> = OnceLock::new();

    if let Some(engine) = ENGINE.get() {
        return Ok(engine);
    }
    let engine = Engine::new(&config()).map_err(PluginError::engine)?;
    Ok(ENGINE.get_or_init(|| {
        start_ticker(&engine);
        engine
    }))
}

/// Names everything that compiled code depends on: the version of wasmtime, its settings and the processor.
pub(super) fn compatibility(engine: &Engine) -> u64 {
    let mut hasher = DefaultHasher::new();
    engine.precompile_compatibility_hash().hash(&mut hasher);
    hasher.finish()
}

fn config() -> Config {
    let mut config = Config::new();
    config
        .epoch_interruption(true)
        .concurrency_support(false)
        .gc_support(false)
        .wasm_threads(false)
        .wasm_memory64(false)
        .wasm_relaxed_simd(false)
        // The same bits on every machine, so that a verdict is the same everywhere.
        .cranelift_nan_canonicalization(true)
        .max_wasm_stack(GUEST_STACK);
    config
}

/// Counts time in ticks for as long as the engine lives.
fn start_ticker(engine: &Engine) {
    let engine = engine.weak();
    thread::Builder::new()
        .name("plugin-clock".to_owned())
        .spawn(move || {
            while let Some(engine) = engine.upgrade() {
                engine.increment_epoch();
                drop(engine);
                thread::sleep(TICK);
            }
        })
        .expect("a thread can be started at the first plugin call");
}
