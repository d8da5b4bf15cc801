//! What a policy promises: an answer that makes sense, the same whatever it was asked before, and rest on its outcome.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::samples::{self, context};
use super::{Finding, hint_for};
use crate::media::Facts;
use crate::plan::{Action, ActionKind, Context, Planner, Verdict};
use crate::plugins::{CallError, NoVerdict, Node, Plugin, PluginError, Policy};

const ANSWERS: &str = "it answers within its limits, with steps that make sense";
const IS_DETERMINISTIC: &str = "it is deterministic";
const RESTS: &str = "it comes to rest on its own outcome";

/// Asks a policy about sample facts: in a reused instance, again in it, in a fresh one, and about the outcome.
pub(super) fn findings(plugin: &Arc<Plugin>, options: &[Node]) -> Result<Vec<Finding>, PluginError> {
    let mut asked = Asked {
        policy: plugin.policy(options.to_vec())?,
        fresh: plugin.policy(options.to_vec())?,
        slowest: Duration::ZERO,
        failed: None,
        changed: None,
        restless: None,
    };
    let mut count = 0;
    for (name, facts) in samples::all() {
        asked.about(&name, &facts);
        count += 1;
        if asked.is_hopeless() {
            break;
        }
    }
    let seen = format!("{count} sample files");
    let (failed, hint) = match asked.failed {
        Some((what, hint)) => (Some(what), hint),
        None => (None, ""),
    };
    let timed = format!("{seen}, {:.2?} for the slowest", asked.slowest);
    Ok(vec![
        Finding::unless(failed, ANSWERS, &timed, hint),
        Finding::unless(
            asked.changed,
            IS_DETERMINISTIC,
            &seen,
            "keep nothing between calls: the same facts and options must give the same verdict",
        ),
        Finding::unless(
            asked.restless,
            RESTS,
            &seen,
            "look at the facts before each step, and leave out what they show already",
        ),
    ])
}

struct Asked {
    /// Its instance is kept from file to file, as in a run.
    policy: Policy,
    /// Gets a new instance for every question.
    fresh: Policy,
    slowest: Duration,
    failed: Option<(String, &'static str)>,
    changed: Option<String>,
    restless: Option<String>,
}

impl Asked {
    fn about(&mut self, name: &str, facts: &Facts) {
        let context = context(name);
        let begun = Instant::now();
        let first = answer(&mut self.policy, &context, facts);
        self.slowest = self.slowest.max(begun.elapsed());
        let first = match first {
            Ok(answer) => answer,
            Err(error) => return self.fails(name, &error),
        };
        if self.changed.is_none() {
            self.ask_again(name, &context, facts, &first);
        }
        let Some(verdict) = first.verdict else { return };
        // A policy does not know the folder of a file, so it may go on asking for the place where the file then is.
        let moves: Vec<Action> = verdict.steps.iter().map(|step| step.action.clone()).filter(is_move).collect();
        let mut planner = Planner::new(facts);
        if let Err(error) = planner.add("", verdict) {
            let hint = "name tracks by their id in the facts, and order every track that remains";
            self.failed.get_or_insert((format!("{name}: {error}"), hint));
            return;
        }
        match answer(&mut self.policy, &context, planner.facts()) {
            Ok(Answer { verdict: Some(again), .. }) => {
                let restless = again.steps.iter().find(|step| !moves.contains(&step.action));
                if let Some(step) = restless {
                    let kind = step.action.kind().name();
                    self.restless.get_or_insert(format!("{name}: on its own outcome it still asks for {kind}"));
                }
            }
            Ok(_) => {}
            Err(error) => self.fails(name, &error),
        }
    }

    /// The same question twice more: once to the instance that has answered it, once to a fresh one.
    fn ask_again(&mut self, name: &str, context: &Context, facts: &Facts, first: &Answer) {
        if answer(&mut self.policy, context, facts).ok().as_ref() != Some(first) {
            self.changed = Some(format!("{name}: asked a second time, it answered differently"));
            return;
        }
        self.fresh.forget_instance();
        if answer(&mut self.fresh, context, facts).ok().as_ref() != Some(first) {
            self.changed = Some(format!("{name}: a fresh instance answered differently"));
        }
    }

    fn fails(&mut self, name: &str, error: &CallError) {
        self.failed.get_or_insert((format!("{name}: {error}"), hint_for(&error.fault)));
    }

    /// Whether asking on would only take long.
    fn is_hopeless(&self) -> bool {
        self.failed.is_some() && self.slowest > Duration::from_secs(1)
    }
}

fn is_move(action: &Action) -> bool {
    action.kind() == ActionKind::MoveFile
}

/// What a policy answered: why it declined, or its verdict.
#[derive(PartialEq)]
struct Answer {
    declined: Option<String>,
    verdict: Option<Verdict>,
}

fn answer(policy: &mut Policy, context: &Context, facts: &Facts) -> Result<Answer, CallError> {
    match policy.evaluate(context, facts) {
        Ok(verdict) => Ok(Answer { declined: None, verdict: Some(verdict) }),
        Err(NoVerdict::Call(error)) => Err(error),
        Err(declined) => Ok(Answer { declined: Some(declined.to_string()), verdict: None }),
    }
}
