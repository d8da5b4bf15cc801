//! What a store of wasmtime carries for the host: limits, the open file, the log's voice.

use std::sync::Arc;
use std::time::Duration;

use wasmtime::component::ResourceTable;

use super::bindings::{about, facts, log, tool, types};
use super::limits::{Limiter, Limits};
use super::patience::Patience;
use super::plugin::Plugin;
use super::source::{OpenMedia, ReadCost};
use super::tool_grant::ToolGrant;
use crate::media::text;

/// Bytes of one log message of a guest.
const LOG_TEXT_MAX: usize = 4096;

/// Bytes of the value of one field of it.
const LOG_FIELD_MAX: usize = 1024;

/// Bytes of a guest's standard error that are kept for error messages.
const STDERR_MAX: usize = 1024;

pub struct State {
    pub(super) plugin: Arc<str>,
    patience: Arc<Patience>,
    pub(super) limits: Arc<Limits>,
    pub(super) limiter: Limiter,
    pub(super) table: ResourceTable,
    pub(super) tools: Option<Arc<ToolGrant>>,
    pub(super) cost: ReadCost,
    /// Time spent outside the guest since its deadline was set; it does not count.
    pub(super) outside: Duration,
    /// The same of the whole call.
    pub(super) spent_outside: Duration,
    /// The end of what the guest wrote to its standard error.
    pub(super) stderr: Vec<u8>,
    /// Bytes of deterministic randomness handed out; see `wasi`.
    pub(super) random: blake3::OutputReader,
    log_lines: u32,
}

impl State {
    pub(super) fn new(plugin: &Plugin, tools: Option<Arc<ToolGrant>>) -> Self {
        let mut table = ResourceTable::new();
        table.set_max_capacity(64);
        Self {
            plugin: plugin.name.clone(),
            patience: plugin.patience.clone(),
            limiter: Limiter::new(&plugin.limits),
            limits: plugin.limits.clone(),
            table,
            tools,
            cost: ReadCost::default(),
            outside: Duration::ZERO,
            spent_outside: Duration::ZERO,
            stderr: Vec::new(),
            random: blake3::Hasher::new_derive_key("vpo plugin randomness")
                .update(plugin.digest.as_bytes())
                .finalize_xof(),
            log_lines: 0,
        }
    }

    /// Sets the counters of a call to zero.
    pub(super) fn begin_call(&mut self) {
        self.cost = ReadCost::default();
        self.outside = Duration::ZERO;
        self.spent_outside = Duration::ZERO;
        self.stderr.clear();
        self.log_lines = 0;
    }

    /// Notes time that the guest waited for the host.
    pub(super) fn waited(&mut self, time: Duration) {
        self.outside += time;
        self.spent_outside += time;
    }

    /// Keeps the end of what a guest writes to standard error.
    pub(super) fn write_stderr(&mut self, bytes: &[u8]) {
        self.stderr.extend_from_slice(bytes);
        let excess = self.stderr.len().saturating_sub(STDERR_MAX);
        self.stderr.drain(..excess);
    }
}

impl types::Host for State {}
impl about::Host for State {}
impl facts::Host for State {}

impl log::Host for State {
    fn write(&mut self, level: log::Level, message: String, fields: Vec<types::Entry>) -> wasmtime::Result<()> {
        self.log_lines += 1;
        if self.log_lines == self.limits.log_lines + 1 {
            tracing::warn!(plugin = %self.plugin, "the plugin logs too much; the rest of this call is left out");
        }
        if self.log_lines > self.limits.log_lines || !self.patience.takes_log_line(&self.plugin) {
            return Ok(());
        }
        if level == log::Level::Error {
            // A panic's text reaches the host only this way where there is no standard error.
            self.write_stderr(message.as_bytes());
        }
        let message = text::visible(text::capped(&message, LOG_TEXT_MAX));
        let mut said = String::new();
        for field in fields.iter().take(32) {
            let value = match &field.value {
                types::Value::Null => "null".to_owned(),
                types::Value::Boolean(value) => value.to_string(),
                types::Value::Integer(value) => value.to_string(),
                types::Value::Decimal(value) => value.to_string(),
                types::Value::Text(value) => text::visible(text::capped(value, LOG_FIELD_MAX)).into_owned(),
            };
            said.push_str(&format!("{}={value:?} ", text::visible(text::capped(&field.name, 64))));
        }
        let (plugin, said) = (&*self.plugin, said.trim_end());
        match level {
            log::Level::Debug => tracing::debug!(target: "vpo::plugin", plugin, said, "{message}"),
            log::Level::Info => tracing::info!(target: "vpo::plugin", plugin, said, "{message}"),
            log::Level::Warn => tracing::warn!(target: "vpo::plugin", plugin, said, "{message}"),
            log::Level::Error => tracing::error!(target: "vpo::plugin", plugin, said, "{message}"),
        }
        Ok(())
    }
}

impl tool::Host for State {
    fn run(
        &mut self,
        program: String,
        arguments: Vec<String>,
        media: wasmtime::component::Resource<OpenMedia>,
    ) -> wasmtime::Result<Result<tool::Output, tool::Failure>> {
        let Some(grant) = self.tools.clone() else {
            return Ok(Err(tool::Failure::NotGranted));
        };
        let path = self.table.get(&media)?.path.clone();
        let begun = std::time::Instant::now();
        let answer = grant.run(&program, &arguments, &path);
        self.waited(begun.elapsed());
        Ok(answer)
    }
}
