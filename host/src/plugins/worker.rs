//! One instance of a component on one thread: reused, replaced after enough calls, after growing and after any trap.

use std::sync::Arc;
use std::time::Duration;

use wasmtime::component::{Instance, InstancePre};
use wasmtime::{Store, Trap, UpdateDeadline};

use super::engine::TICK;
use super::error::{CallError, Fault};
use super::plugin::Plugin;
use super::state::State;
use super::tool_grant::ToolGrant;
use crate::media::text;

/// The generated bindings of one world, as far as a worker needs them.
pub(super) trait World: Sized {
    /// Finds the functions of the world, with the types that they have in the contract.
    fn bind(store: &mut Store<State>, instance: &Instance) -> wasmtime::Result<Self>;
}

/// Calls one component from one thread.
pub(super) struct Worker<W> {
    plugin: Arc<Plugin>,
    pre: InstancePre<State>,
    tools: Option<Arc<ToolGrant>>,
    live: Option<Live<W>>,
}

struct Live<W> {
    store: Store<State>,
    world: W,
    calls: u32,
}

impl<W: World> Worker<W> {
    pub(super) fn new(plugin: Arc<Plugin>, pre: InstancePre<State>, tools: Option<Arc<ToolGrant>>) -> Self {
        Self { plugin, pre, tools, live: None }
    }

    /// Lets the next call run in a fresh instance.
    pub(super) fn forget_instance(&mut self) {
        self.live = None;
    }

    /// Makes a call. One that traps in a reused instance is tried once more in a fresh one, because what traps may have
    /// been left by an earlier call; then it fails by name.
    pub(super) fn call<R>(
        &mut self,
        deadline: Duration,
        call: impl Fn(&W, &mut Store<State>) -> wasmtime::Result<R>,
    ) -> Result<R, CallError> {
        let _span = tracing::debug_span!("plugin", plugin = %self.plugin.name).entered();
        let name = &self.plugin.name;
        let failed = |fault| CallError { plugin: name.to_string(), fault };
        self.plugin.patience.holds(deadline).map_err(failed)?;
        let begun = self.plugin.patience.now();
        loop {
            let mut live = match self.live.take() {
                Some(live) => live,
                None => self.instantiate(deadline)?,
            };
            begin(&mut live.store, deadline);
            match call(&live.world, &mut live.store) {
                Ok(answer) => {
                    live.calls += 1;
                    let took = (self.plugin.patience.now() - begun).saturating_sub(live.store.data().spent_outside);
                    self.plugin.patience.answered(name, took, deadline);
                    if !self.is_worn(&live) {
                        self.live = Some(live);
                    }
                    return Ok(answer);
                }
                Err(cause) => {
                    let fault = self.fault(&cause, &live.store, deadline);
                    tracing::debug!(plugin = %self.plugin.name, %fault, detail = ?cause, "a call into a plugin failed");
                    if live.calls == 0 {
                        self.plugin.patience.failed(&fault);
                        return Err(failed(fault));
                    }
                }
            }
        }
    }

    fn instantiate(&self, deadline: Duration) -> Result<Live<W>, CallError> {
        let plugin = &self.plugin;
        let state = State::new(plugin, self.tools.clone());
        let mut store = Store::new(self.pre.engine(), state);
        store.limiter(|state| &mut state.limiter);
        store.epoch_deadline_callback(|mut store| {
            let outside = std::mem::take(&mut store.data_mut().outside);
            Ok(match ticks(outside) {
                0 => UpdateDeadline::Interrupt,
                ticks => UpdateDeadline::Continue(ticks),
            })
        });
        begin(&mut store, deadline);
        let bound = match self.pre.instantiate(&mut store) {
            Ok(instance) => {
                W::bind(&mut store, &instance).map_err(|cause| Fault::Misfit(shown(&cause.root_cause().to_string())))
            }
            Err(cause) => Err(self.fault(&cause, &store, deadline)),
        };
        match bound {
            Ok(world) => Ok(Live { store, world, calls: 0 }),
            Err(fault) => {
                plugin.patience.failed(&fault);
                Err(CallError { plugin: plugin.name.to_string(), fault })
            }
        }
    }

    /// Whether an instance has served long enough, or holds so much memory that the next call might not find any.
    fn is_worn(&self, live: &Live<W>) -> bool {
        let limits = &self.plugin.limits;
        live.calls >= limits.calls_per_instance || live.store.data().limiter.memory_held > limits.memory / 2
    }

    fn fault(&self, cause: &wasmtime::Error, store: &Store<State>, deadline: Duration) -> Fault {
        let limits = &self.plugin.limits;
        if store.data().limiter.refused_memory {
            return Fault::OutOfMemory(limits.memory);
        }
        match cause.downcast_ref::<Trap>() {
            Some(Trap::Interrupt) => return Fault::TimedOut(deadline),
            Some(Trap::StackOverflow) => return Fault::StackOverflow,
            _ => {}
        }
        let said = cause.root_cause().to_string();
        if said.contains("fuel") {
            return Fault::TooMuchData(limits.handed_over);
        }
        if said.starts_with("borrow handles still remain") {
            return Fault::KeptFile;
        }
        let stderr = String::from_utf8_lossy(&store.data().stderr);
        let stderr = stderr.trim();
        let said = if stderr.is_empty() { said } else { stderr.to_owned() };
        Fault::Trapped(shown(&said))
    }
}

/// What a guest or wasmtime said, as people may see it.
fn shown(said: &str) -> String {
    text::visible(text::capped(said, 500)).into_owned()
}

/// Sets the counters and the deadline of a call.
fn begin(store: &mut Store<State>, deadline: Duration) {
    store.data_mut().begin_call();
    let fuel = store.data().limits.handed_over;
    store.set_hostcall_fuel(fuel);
    store.set_epoch_deadline(ticks(deadline) + 1);
}

fn ticks(time: Duration) -> u64 {
    (time.as_nanos() / TICK.as_nanos()) as u64
}
