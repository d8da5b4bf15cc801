//! What one plugin may cost, and the limiter that remembers what it refused.

use std::time::Duration;

use wasmtime::{ResourceLimiter, Result};

/// Bounds for every call into a component.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of linear memory of one instance, all its memories together.
    pub memory: usize,
    /// Time of `describe`, `check` and `claim`.
    pub describe_time: Duration,
    /// Time of one batch of a detector.
    pub detect_time: Duration,
    /// Time of reading one file, time in `read-at` and tools not counted.
    pub read_time: Duration,
    /// Time of evaluating one file.
    pub evaluate_time: Duration,
    /// `read-at` calls for one file.
    pub read_calls: u32,
    /// Bytes that may be read of one file.
    pub read_bytes: u64,
    /// Bytes that one call may hand over, its answer included (wasmtime's hostcall fuel).
    pub handed_over: usize,
    /// Log lines of one call.
    pub log_lines: u32,
    /// Calls after which an instance is replaced, so that nothing can pile up in it.
    pub calls_per_instance: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            memory: 64 << 20,
            describe_time: Duration::from_secs(2),
            detect_time: Duration::from_secs(2),
            read_time: Duration::from_secs(10),
            evaluate_time: Duration::from_secs(2),
            read_calls: 20_000,
            read_bytes: 64 << 20,
            handed_over: 16 << 20,
            log_lines: 100,
            calls_per_instance: 10_000,
        }
    }
}

/// Table elements that one instance may have, all its tables together; toolchains use a few thousand.
const TABLE_ELEMENTS: usize = 100_000;

/// Holds a store to its limits and remembers a refusal, because the guest only traps on it.
#[derive(Debug)]
pub struct Limiter {
    memory: usize,
    /// Bytes of all memories together.
    pub(super) memory_held: usize,
    table_elements: usize,
    pub(super) refused_memory: bool,
}

impl Limiter {
    pub fn new(limits: &Limits) -> Self {
        Self { memory: limits.memory, memory_held: 0, table_elements: 0, refused_memory: false }
    }
}

impl ResourceLimiter for Limiter {
    fn memory_growing(&mut self, current: usize, desired: usize, _maximum: Option<usize>) -> Result<bool> {
        let held = self.memory_held.saturating_add(desired.saturating_sub(current));
        let fits = held <= self.memory;
        self.refused_memory |= !fits;
        if fits {
            self.memory_held = held;
        }
        Ok(fits)
    }

    fn table_growing(&mut self, current: usize, desired: usize, _maximum: Option<usize>) -> Result<bool> {
        let elements = self.table_elements.saturating_add(desired.saturating_sub(current));
        let fits = elements <= TABLE_ELEMENTS;
        if fits {
            self.table_elements = elements;
        }
        Ok(fits)
    }

    fn instances(&self) -> usize {
        64
    }

    fn tables(&self) -> usize {
        64
    }

    fn memories(&self) -> usize {
        4
    }
}
