//! Steps with their reasons, what a plan does to facts (pure), and the invariants no plan may break.
//!
//! Policies answer with a [`Verdict`] each; a [`Planner`] makes one [`Plan`] of them; [`Plan::check`] refuses what may not be
//! done; [`Plan::applied_to`] says what the file will be, and [`differences`] whether it became that.

mod action;
mod check;
mod compose;
pub mod container;
mod difference;
mod effect;
mod step;

#[cfg(test)]
pub(crate) mod arbitrary;
#[cfg(test)]
mod tests;

pub use action::{Action, ActionKind, TrackFlag};
pub use check::{Grants, Refusal, Safeguards};
pub use compose::{Plan, Planner};
pub use difference::{differences, is_written_by_tools, shortened};
pub use effect::{StepError, StepMistake};
pub use step::{Context, LeftAlone, Reason, Step, Verdict, Warning};
