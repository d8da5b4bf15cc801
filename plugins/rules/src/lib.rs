//! The bundled policy `rules`: when something holds of a file, then do this, else that.
//!
//! Rules are looked at in the order they are written, each on what the rules before it made of the file. Rules that would
//! act again on their own outcome are refused by name.

mod actions;
mod check;
mod conditions;
mod options;

use vpo_plugin_sdk::draft::Draft;
use vpo_plugin_sdk::facts::Facts;
use vpo_plugin_sdk::outcome::outcome;
use vpo_plugin_sdk::policy::{Context, Failure, Verdict};
use vpo_plugin_sdk::reasons::{ReasonExt, because};
use vpo_plugin_sdk::types::Problem;
use vpo_plugin_sdk::{Plugin, Policy};

use actions::Asked;
pub use options::Rules;
use options::{Matching, Rule};

impl Plugin for Rules {
    const NAME: &'static str = "rules";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const SUMMARY: &'static str =
        "Sets flags, languages, titles and tags, removes tracks, warns, fails or skips, when something holds";
    type Options = Self;

    fn check(options: &Self) -> Vec<Problem> {
        check::check(options)
    }
}

impl Policy for Rules {
    fn evaluate(options: &Self, context: &Context, facts: &Facts) -> Result<Verdict, Failure> {
        let verdict = once(options, context, facts)?;
        if !verdict.steps.is_empty() {
            refuse_unrest(options, &once(options, context, &outcome(facts, &verdict))?)?;
        }
        Ok(verdict)
    }
}

fn once(options: &Rules, context: &Context, facts: &Facts) -> Result<Verdict, Failure> {
    let mut draft = Draft::new(facts);
    for rule in &options.rules {
        let holds = follow(rule, context, &mut draft)?;
        if draft.is_stopped() || holds && options.matching() == Matching::First {
            break;
        }
    }
    Ok(draft.finish())
}

/// Does what one rule asks for, and says whether its condition held.
fn follow(rule: &Rule, context: &Context, draft: &mut Draft<'_>) -> Result<bool, Failure> {
    let mut seen = Vec::new();
    let holds =
        rule.when.as_ref().is_none_or(|when| conditions::all_hold(&when.conditions, context, draft.facts(), &mut seen));
    let branch = if holds { Some(&rule.then) } else { rule.otherwise.as_ref() };
    match branch {
        Some(branch) => {
            for action in &branch.actions {
                actions::perform(action, &Asked { rule, holds, seen: &seen }, draft)?;
            }
        }
        None => {
            let mut reason =
                because(format!("The condition of the rule \"{}\" does not hold.", rule.name)).asked_by(rule.node);
            reason.inputs = seen;
            draft.leave_alone(None, reason);
        }
    }
    Ok(holds)
}

/// Refuses rules that have something to do on what they made of the file: they would change it again and again.
fn refuse_unrest(options: &Rules, again: &Verdict) -> Result<(), Failure> {
    let Some(step) = again.steps.first() else { return Ok(()) };
    let rule = options.rules.iter().rev().find(|rule| rule.node <= step.reason.node);
    let name = rule.map_or("", |rule| rule.name.as_str());
    Err(Failure::Refused(format!(
        "the rules do not come to rest: \"{name}\" would change the file again after all of them were followed"
    )))
}

vpo_plugin_sdk::policy_plugin!(Rules);
