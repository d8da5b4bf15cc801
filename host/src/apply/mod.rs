//! A plan becomes a changed file, or nothing at all.
//!
//! facts → [`Plan`](crate::plan::Plan) → [`Checked`] → [`Executed`] (beside the original) → [`Verified`] → [`Committed`]. Each
//! is made from the one before and from nothing else. A crash at any point leaves the original or the verified outcome;
//! [`settle`] is what the next start does about the rest.

mod begin;
mod checked;
mod commit;
mod error;
mod execute;
mod in_place;
mod intent;
pub mod kept;
mod means;
mod obstacle;
mod outline;
mod patch;
pub mod records;
mod recover;
mod skeleton;
mod swap;
mod undo;
mod verify;
mod whole;
mod work;

use std::time::Instant;

pub use checked::{AskAgain, Checked, Subject, runs, target, without_idle_move};
pub use commit::Committed;
pub use error::{AnyError, ApplyError};
pub use execute::{Executed, Verified};
pub use intent::{Changed, Intent, Ledger, Seen, Stage, Story};
pub use kept::Kept;
pub use means::{Introspect, Manner, Means, Point, Watch};
pub use obstacle::Intended;
pub use records::Records;
pub use recover::{Outcome, Settled, settle};
pub use undo::place_back;
pub use whole::HiddenLoss;

/// Carries a checked plan out, from the first look at the file to its record.
pub fn carry_out(checked: Checked, means: &Means) -> Result<Committed, ApplyError> {
    let executed = timed(means, "working", || checked.execute(means))?;
    let verified = timed(means, "verifying", || executed.verify())?;
    timed(means, "committing", || verified.commit())
}

fn timed<T>(means: &Means, phase: &'static str, work: impl FnOnce() -> T) -> T {
    let begun = Instant::now();
    let done = work();
    means.watch.spent(phase, begun.elapsed());
    done
}
