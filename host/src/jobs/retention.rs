//! Old jobs and old stories go, a little at a time, when scan and apply begin.

use std::time::Duration;

use tracing::info;

use super::{Processes, recovery};
use crate::store::{Clock, Store, StoreError, history, jobs};

/// How much one transaction deletes, so that nobody waits long for it.
const JOBS_AT_ONCE: usize = 500;
const ROWS_AT_ONCE: usize = 20_000;

/// How much one start deletes; what is left goes at the next.
const TRANSACTIONS: usize = 10;

/// How long finished jobs and the stories of files are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    pub jobs: Duration,
    /// `None` keeps them for ever.
    pub history: Option<Duration>,
}

impl Default for Retention {
    fn default() -> Self {
        Self { jobs: Duration::from_secs(30 * 86_400), history: None }
    }
}

impl Retention {
    pub fn days(jobs: u32, history: Option<u32>) -> Self {
        let days = |count: u32| Duration::from_secs(u64::from(count) * 86_400);
        Self { jobs: days(jobs), history: history.map(days) }
    }
}

/// Closes jobs of dead processes and deletes what is older than it should be kept; returns how many jobs went.
pub fn keep_house(store: &Store, clock: &Clock, retention: Retention) -> Result<usize, StoreError> {
    let now_ns = clock.now_ns();
    let mut writer = store.writer()?;
    writer.transaction(|db| recovery::settle(db, &Processes::of_system(), now_ns))?;
    let mut deleted = 0;
    for _ in 0..TRANSACTIONS {
        let round = writer.transaction(|db| delete_some_jobs(db, before(now_ns, retention.jobs)))?;
        deleted += round.0;
        if !round.1 {
            break;
        }
    }
    if let Some(history) = retention.history {
        for _ in 0..TRANSACTIONS {
            let gone = writer.transaction(|db| history::delete_before(db, before(now_ns, history), ROWS_AT_ONCE))?;
            if gone < ROWS_AT_ONCE {
                break;
            }
        }
    }
    if deleted > 0 {
        info!(jobs = deleted, days = retention.jobs.as_secs() / 86_400, "old jobs deleted");
    }
    Ok(deleted)
}

/// Deletes all finished jobs from before a time, however many; for those who ask for it.
pub fn purge(store: &Store, before_ns: i64) -> Result<usize, StoreError> {
    let mut writer = store.writer()?;
    let mut deleted = 0;
    loop {
        let (gone, more) = writer.transaction(|db| delete_some_jobs(db, before_ns))?;
        deleted += gone;
        if !more {
            return Ok(deleted);
        }
    }
}

fn delete_some_jobs(db: &crate::store::Db, before_ns: i64) -> Result<(usize, bool), StoreError> {
    let gone = jobs::delete_finished(db, before_ns, JOBS_AT_ONCE, ROWS_AT_ONCE)?;
    Ok((gone.jobs, gone.more))
}

fn before(now_ns: i64, age: Duration) -> i64 {
    now_ns.saturating_sub(i64::try_from(age.as_nanos()).unwrap_or(i64::MAX))
}
