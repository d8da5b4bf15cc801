//! How long a plugin is put up with in one run: time-outs in a row end its use, a crowd of log lines its log, and slowness
//! is told once.
//!
//! Every call is within its limits by itself; a library has a million files.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use super::error::Fault;

/// Calls that may take too long one after the other.
const TIMEOUTS_IN_A_ROW: u32 = 5;

/// Log lines of all calls together; some thousands are as many as a person will read.
const LOG_LINES: u32 = 5000;

/// Calls after which a plugin is known to be slow.
const CALLS_TO_JUDGE: u64 = 10;

/// What one plugin has cost since the program began; shared by all threads.
#[derive(Debug)]
pub(super) struct Patience {
    clock: fn() -> Instant,
    timeouts: AtomicU32,
    calls: AtomicU64,
    micros: AtomicU64,
    is_called_slow: AtomicBool,
    log_lines: AtomicU32,
}

impl Default for Patience {
    fn default() -> Self {
        Self::by(Instant::now)
    }
}

impl Patience {
    /// Patience by a clock.
    pub(super) fn by(clock: fn() -> Instant) -> Self {
        Self {
            clock,
            timeouts: AtomicU32::default(),
            calls: AtomicU64::default(),
            micros: AtomicU64::default(),
            is_called_slow: AtomicBool::default(),
            log_lines: AtomicU32::default(),
        }
    }

    /// The time by which calls are measured.
    pub(super) fn now(&self) -> Instant {
        (self.clock)()
    }

    /// Fails when the plugin has taken too long too often.
    pub(super) fn holds(&self, limit: Duration) -> Result<(), Fault> {
        match self.timeouts.load(Relaxed) {
            times if times >= TIMEOUTS_IN_A_ROW => Err(Fault::GivenUp { times, limit }),
            _ => Ok(()),
        }
    }

    /// Notes a call that gave an answer. A plugin that spends much of its limit on every call is told of, once.
    pub(super) fn answered(&self, plugin: &str, took: Duration, limit: Duration) {
        if self.timeouts.load(Relaxed) != 0 {
            self.timeouts.store(0, Relaxed);
        }
        let micros = self.micros.fetch_add(took.as_micros() as u64, Relaxed) + took.as_micros() as u64;
        let calls = self.calls.fetch_add(1, Relaxed) + 1;
        let mean = Duration::from_micros(micros / calls);
        if calls >= CALLS_TO_JUDGE && mean > limit / 5 && !self.is_called_slow.swap(true, Relaxed) {
            tracing::warn!(
                plugin,
                ?mean,
                ?limit,
                "the plugin is slow: it is within its limit, and holds up every file"
            );
        }
    }

    /// Notes a call that gave none.
    pub(super) fn failed(&self, fault: &Fault) {
        if matches!(fault, Fault::TimedOut(_)) {
            self.timeouts.fetch_add(1, Relaxed);
        }
    }

    /// Takes one line of the plugin's log; the first one too many is told of.
    pub(super) fn takes_log_line(&self, plugin: &str) -> bool {
        let before = self.log_lines.load(Relaxed);
        if before > LOG_LINES {
            return false;
        }
        match self.log_lines.fetch_add(1, Relaxed) {
            lines if lines < LOG_LINES => true,
            LOG_LINES => {
                tracing::warn!(plugin, lines = LOG_LINES, "the plugin logs too much; from here on it is not heard");
                false
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use super::*;
    use crate::media::Facts;
    use crate::plan::Context;
    use crate::plugins::{Limits, Lock, Plugins};

    #[test]
    fn time_outs_in_a_row_are_too_much_and_an_answer_between_them_is_not() {
        let (patience, limit) = (Patience::default(), Duration::from_secs(2));
        let time_out = || patience.failed(&Fault::TimedOut(limit));

        (1..TIMEOUTS_IN_A_ROW).for_each(|_| time_out());
        patience.answered("slow", Duration::ZERO, limit);
        (1..TIMEOUTS_IN_A_ROW).for_each(|_| time_out());
        let before = patience.holds(limit);
        time_out();

        assert_eq!(before, Ok(()));
        assert_eq!(patience.holds(limit), Err(Fault::GivenUp { times: TIMEOUTS_IN_A_ROW, limit }));
    }

    #[test]
    fn a_plugin_that_spends_much_of_its_limit_is_told_of_and_a_quick_one_is_not() {
        let limit = Duration::from_secs(1);
        for (took, is_slow) in [(limit / 4, true), (limit / 6, false)] {
            let patience = Patience::default();
            let answer = || {
                patience.answered("one", took, limit);
                patience.is_called_slow.load(Relaxed)
            };

            let told: Vec<bool> = (0..CALLS_TO_JUDGE).map(|_| answer()).collect();

            assert_eq!(told.last(), Some(&is_slow));
            assert!(!told[..told.len() - 1].contains(&true), "a few calls say nothing");
        }
    }

    /// A clock on which a second has passed at every look.
    fn jumping() -> Instant {
        static START: LazyLock<Instant> = LazyLock::new(Instant::now);
        static LOOKS: AtomicU64 = AtomicU64::new(0);
        *START + Duration::from_secs(LOOKS.fetch_add(1, Relaxed))
    }

    fn standing() -> Instant {
        static START: LazyLock<Instant> = LazyLock::new(Instant::now);
        *START
    }

    #[test]
    fn calls_are_judged_by_what_they_took() {
        let place = tempfile::tempdir().unwrap();
        for (clock, is_slow) in [(jumping as fn() -> Instant, true), (standing, false)] {
            let lock = Lock::new(place.path().join("lock"));
            let plugins = Plugins::new(Vec::new(), place.path().to_owned(), lock, Limits::default()).with_clock(clock);
            let mut policy = plugins.policy("rules", Vec::new()).unwrap();

            for _ in 0..CALLS_TO_JUDGE {
                policy.evaluate(&Context::default(), &Facts::default()).unwrap();
            }

            assert_eq!(policy.plugin().patience.is_called_slow.load(Relaxed), is_slow);
        }
    }

    #[test]
    fn a_log_ends_after_some_thousand_lines() {
        let patience = Patience::default();

        let heard = (0..LOG_LINES + 100).filter(|_| patience.takes_log_line("chatty")).count();

        assert_eq!(heard, LOG_LINES as usize);
    }
}
