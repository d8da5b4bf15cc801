//! Whether a plugin keeps the contract: everything that can be found out about it without a library to risk.
//!
//! What its kind promises is asked of real instances under the real limits: `policy`, `introspector` and `detector` each
//! know their promises. A promise that is broken comes with what to do about it.

pub(super) mod cost;
mod detector;
mod introspector;
mod policy;
mod samples;

use std::sync::Arc;

use super::Library;
use crate::plugins::manifest::Description;
use crate::plugins::{Anatomy, CONTRACT, Fault, Kind, Node, Plugin, PluginError};

/// One promise of the contract, and whether the plugin keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub promise: &'static str,
    /// What was seen when it is kept; what broke when it is not.
    pub outcome: Result<String, String>,
    /// What the author of the plugin can do about it.
    pub hint: Option<&'static str>,
}

impl Finding {
    fn kept(promise: &'static str, seen: impl Into<String>) -> Self {
        Self { promise, outcome: Ok(seen.into()), hint: None }
    }

    fn broken(promise: &'static str, how: impl Into<String>, hint: &'static str) -> Self {
        Self { promise, outcome: Err(how.into()), hint: Some(hint) }
    }

    /// Kept as far as was seen, unless something broke.
    fn unless(broken: Option<String>, promise: &'static str, seen: &str, hint: &'static str) -> Self {
        match broken {
            Some(how) => Self::broken(promise, how, hint),
            None => Self::kept(promise, seen),
        }
    }
}

const IS_COMPONENT: &str = "it is a component for this contract";
const IS_PURE: &str = "it imports only what its kind may have";
const FITS: &str = "its functions have the types of the contract";
const DESCRIBES: &str = "it describes itself, the same way every time";
const TAKES_OPTIONS: &str = "it accepts its options";

const NOT_FITTING: &str = "generate its bindings from the wit/ folder of this vpo, without changes";

impl Library {
    /// Checks whether a plugin keeps the contract. What cannot be read is an error; all else is a finding.
    pub fn check_plugin(&self, name: &str, options: &[Node]) -> Result<Vec<Finding>, PluginError> {
        let found = self.found(name)?;
        let bytes = self.plugins().bytes(&found)?;
        let anatomy = match Anatomy::read(&found.name, &bytes) {
            Ok(anatomy) => anatomy,
            Err(error) => return Ok(vec![refused(&error)]),
        };
        let kinds: Vec<&str> = anatomy.kinds.iter().map(|kind| kind.name()).collect();
        let mut findings = vec![
            Finding::kept(IS_COMPONENT, format!("{}, {CONTRACT}", kinds.join(" and "))),
            Finding::kept(IS_PURE, anatomy.class.to_string()),
        ];
        let described = self.plugins().examine(&found).and_then(|plugin| {
            let answers = plugin.describe_again(2)?;
            Ok((plugin, answers))
        });
        let (plugin, answers) = match described {
            Ok(described) => described,
            Err(error) => {
                findings.push(unusable(&error));
                return Ok(findings);
            }
        };
        findings.push(Finding::kept(FITS, "every export"));
        let Some(description) = same(&answers) else {
            findings.push(Finding::broken(
                DESCRIBES,
                "asked twice, it said different things",
                "describe must not depend on earlier calls: return constants",
            ));
            return Ok(findings);
        };
        findings.push(Finding::kept(DESCRIBES, format!("{} {}", description.name, description.version)));
        findings.push(accepts(&plugin, description, options)?);
        for kind in plugin.anatomy.kinds.clone() {
            findings.extend(match kind {
                Kind::Policy => policy::findings(&plugin, options)?,
                Kind::Introspector => introspector::findings(&plugin, options)?,
                Kind::Detector => detector::findings(&plugin, options)?,
            });
        }
        Ok(findings)
    }
}

/// The answer, when all are the same.
fn same(answers: &[Description]) -> Option<&Description> {
    let first = answers.first()?;
    answers.iter().all(|answer| format!("{answer:?}") == format!("{first:?}")).then_some(first)
}

/// What is told of bytes that are not even compiled.
fn refused(error: &PluginError) -> Finding {
    let (promise, hint) = match error {
        PluginError::RefusedImport { .. } => (
            IS_PURE,
            "build for wasm32-unknown-unknown, or leave out what needs the import: a plugin has no files, clock or network",
        ),
        PluginError::WrongVersion { .. } => (IS_COMPONENT, "build it again with the wit/ folder of this vpo"),
        PluginError::NoKind { .. } => (
            IS_COMPONENT,
            "build it for one of the worlds detector-plugin, introspector-plugin and policy-plugin of wit/",
        ),
        PluginError::TooHeavy { .. } => (IS_COMPONENT, "make it smaller; generated code can often become a table"),
        _ => (IS_COMPONENT, "a component is what a build with wasm-component-ld or cargo-component leaves"),
    };
    Finding::broken(promise, error.to_string(), hint)
}

/// What is told of a component that cannot be asked anything.
fn unusable(error: &PluginError) -> Finding {
    match error {
        PluginError::Misfit { source, .. } => Finding::broken(FITS, format!("{error}: {source}"), NOT_FITTING),
        PluginError::Call(call) if matches!(call.fault, Fault::Misfit(_)) => {
            Finding::broken(FITS, call.to_string(), NOT_FITTING)
        }
        PluginError::BadDescription { .. } => {
            Finding::broken(DESCRIBES, error.to_string(), "the interface about in wit/types.wit says what is allowed")
        }
        PluginError::Call(call) => Finding::broken(DESCRIBES, call.to_string(), hint_for(&call.fault)),
        error => {
            let cause = std::error::Error::source(error).map(|cause| format!(": {cause}")).unwrap_or_default();
            Finding::broken(IS_COMPONENT, format!("{error}{cause}"), "its code is not valid WebAssembly for this vpo")
        }
    }
}

fn accepts(plugin: &Arc<Plugin>, description: &Description, options: &[Node]) -> Result<Finding, PluginError> {
    let described = format!("{} options described", description.options.len());
    let required: Vec<String> = description
        .options
        .iter()
        .filter(|option| option.required && option.parent.is_none())
        .map(|option| format!("`{}`", option.name))
        .collect();
    let problems = match plugin.check(options) {
        Ok(problems) => problems,
        Err(PluginError::Call(call)) => {
            return Ok(Finding::broken(TAKES_OPTIONS, call.to_string(), hint_for(&call.fault)));
        }
        Err(error) => return Err(error),
    };
    Ok(match problems.first() {
        None => Finding::kept(TAKES_OPTIONS, described),
        // A plugin that cannot do without options is not broken for refusing none.
        Some(_) if options.is_empty() && !required.is_empty() => Finding::kept(
            TAKES_OPTIONS,
            format!("{described}; it needs {}, so name a profile to check more", required.join(", ")),
        ),
        Some(problem) => Finding::broken(
            TAKES_OPTIONS,
            problem.message.clone(),
            "give it options that it accepts with --profile, or mark what it cannot do without as required",
        ),
    })
}

/// What an author can do about a call that failed.
fn hint_for(fault: &Fault) -> &'static str {
    match fault {
        Fault::TimedOut(_) | Fault::GivenUp { .. } => {
            "look for a loop that does not end, or work that grows with the square"
        }
        Fault::OutOfMemory(_) => "keep less in memory at once; limits { memory } in a profile allows more",
        Fault::StackOverflow => "turn the recursion into a loop with a list of its own",
        Fault::TooMuchData(_) => "answer with less: a verdict has some dozens of steps",
        Fault::Misfit(_) | Fault::Unusable(_) => NOT_FITTING,
        Fault::KeptFile => "let go of it before `read` returns; in JavaScript: vpo plugins wrap FILE --output FILE",
        Fault::Trapped(_) => "a panic, a memory fault, or an answer that lacks what the contract wants",
        Fault::BadAnswer(_) => "the answer must be about the tracks and counts that were asked about",
    }
}

#[cfg(test)]
mod tests {
    use super::samples;

    #[test]
    fn samples_are_many_and_the_same_every_time() {
        let (first, again): (Vec<_>, Vec<_>) = (samples::all().collect(), samples::all().collect());

        assert!(first.len() > 200);
        assert_eq!(first, again);
        assert!(first.iter().any(|(_, facts)| facts.tracks.len() > 8));
    }
}
