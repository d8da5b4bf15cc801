//! The bundled policy `tracks`: which tracks stay, in which order, under which language and flags.
//!
//! Languages are corrected first and flags and titles cleared, so that everything after judges tracks by what they will be;
//! then tracks and attachments go, then what stays is ordered, then players are told what to choose. Every operation
//! happens only when its option is written.

mod attachments;
mod check;
mod classes;
mod clear;
mod defaults;
mod keep;
mod languages;
mod options;

use vpo_plugin_sdk::draft::Draft;
use vpo_plugin_sdk::facts::Facts;
use vpo_plugin_sdk::policy::{Context, Failure, Verdict};
use vpo_plugin_sdk::types::Problem;
use vpo_plugin_sdk::{Plugin, Policy};

pub use options::Tracks;

impl Plugin for Tracks {
    const NAME: &'static str = "tracks";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const SUMMARY: &'static str = "Keeps, orders and flags tracks by language, kind and role";
    type Options = Self;

    fn check(options: &Self) -> Vec<Problem> {
        check::check(options)
    }
}

impl Policy for Tracks {
    fn evaluate(options: &Self, _: &Context, facts: &Facts) -> Result<Verdict, Failure> {
        let mut draft = Draft::new(facts);

        languages::set(options, &mut draft)?;
        clear::clear(options, &mut draft);
        keep::keep(options, &mut draft)?;
        attachments::keep(options, &mut draft);
        defaults::set_forced(options, &mut draft);
        classes::order(options, &mut draft);
        defaults::set(options, &mut draft);

        let verdict = draft.finish();
        match &facts.partial {
            Some(why) if !verdict.steps.is_empty() => {
                Err(Failure::Unsupported(format!("what is known of the file is not complete: {why}")))
            }
            _ => Ok(verdict),
        }
    }
}

vpo_plugin_sdk::policy_plugin!(Tracks);
