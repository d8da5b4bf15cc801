//! A thread that says that a job is alive, and listens for the wish that it should end.
//!
//! It has a connection of its own that waits for nobody: a beat that finds the database locked is left out, and asking
//! costs readers and the writer nothing.

use std::thread::{self, JoinHandle};
use std::time::Duration;

use crossbeam_channel::{RecvTimeoutError, Sender, bounded};
use tracing::{debug, warn};

use super::Cancellation;
use crate::store::{Clock, Store, StoreError, jobs};

/// How often the heart beats, and how often it listens.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    pub listen: Duration,
    /// Every this many times of listening; sooner at first, so that a job that dies young shows how long it lived.
    pub beat_every: u32,
}

impl Default for Pace {
    fn default() -> Self {
        Self { listen: Duration::from_millis(200), beat_every: 25 }
    }
}

/// Beats until it is dropped.
pub(super) struct Heartbeat {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Heartbeat {
    pub(super) fn start(
        store: &Store,
        clock: &Clock,
        job: &str,
        cancel: &Cancellation,
        pace: Pace,
    ) -> Result<Self, StoreError> {
        let mut writer = store.writer_waiting(Duration::ZERO)?;
        let (stop, stopped) = bounded::<()>(0);
        let (clock, job, cancel) = (clock.clone(), job.to_owned(), cancel.clone());
        let beat = move || {
            let (mut rounds, mut due) = (0, 1);
            while let Err(RecvTimeoutError::Timeout) = stopped.recv_timeout(pace.listen) {
                match jobs::is_cancel_requested(&writer, &job) {
                    Ok(true) if !cancel.is_requested() => {
                        debug!(job, "asked to end");
                        cancel.request();
                    }
                    Ok(_) => {}
                    Err(error) => debug!(job, error = %error, "could not ask whether to end"),
                }
                rounds += 1;
                if rounds < due {
                    continue;
                }
                match writer.transaction(|db| jobs::beat(db, &job, clock.now_ns())) {
                    Err(error) if error.is_busy() => continue,
                    Err(error) => warn!(job, error = %error, "the heartbeat could not be recorded"),
                    Ok(()) => {}
                }
                (rounds, due) = (0, (due * 2).min(pace.beat_every));
            }
        };
        let thread = thread::Builder::new().name("heartbeat".to_owned()).spawn(beat).ok();
        Ok(Self { stop: Some(stop), thread })
    }
}

impl Drop for Heartbeat {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
