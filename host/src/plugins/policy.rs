//! Calling a policy: facts in, a verdict out.

use std::sync::Arc;

use thiserror::Error;
use wasmtime::Store;
use wasmtime::component::Instance;

use super::anatomy::Kind;
use super::bindings::policy::vpo::plugin::types::{EntryResult, ValueResult};
use super::bindings::policy::{Policy as PolicyWorld, exports::vpo::plugin::policy as wit};
use super::bindings::types::Node;
use super::error::{CallError, Fault, PluginError};
use super::facts::cut;
use super::lend::Lists;
use super::plugin::Plugin;
use super::state::State;
use super::worker::{Worker, World};
use crate::media::{Entry, Facts, Value, text};
use crate::plan::{Action, Context, LeftAlone, Reason, Step, TrackFlag, Verdict, Warning};

/// Inputs of one reason, and other entries, that are kept.
const ENTRIES_MAX: usize = 1000;

/// Steps, reasons or warnings of one verdict; no honest policy comes near.
const LIST_MAX: usize = 10_000;

/// Bytes of a text that a step puts into a file.
const ACTION_TEXT_MAX: usize = 64 << 10;

/// Bytes of a reason or warning.
const TEXT_MAX: usize = 2000;

/// Why a policy gave no verdict.
#[derive(Debug, Clone, Error)]
pub enum NoVerdict {
    /// The policy says that the file must not be touched and that a person should look.
    #[error("{policy} refuses the file: {why}")]
    Refused { policy: String, why: String },
    #[error("{policy} cannot work on the file: {why}")]
    Unsupported { policy: String, why: String },
    #[error(transparent)]
    Call(#[from] CallError),
}

impl World for PolicyWorld {
    fn bind(store: &mut Store<State>, instance: &Instance) -> wasmtime::Result<Self> {
        PolicyWorld::new(store, instance)
    }
}

/// A policy on one thread.
pub struct Policy {
    worker: Worker<PolicyWorld>,
    plugin: Arc<Plugin>,
    options: Vec<Node>,
}

impl Policy {
    pub(super) fn new(plugin: &Arc<Plugin>, options: Vec<Node>) -> Result<Self, PluginError> {
        let pre = plugin.link(Kind::Policy)?;
        Ok(Self { worker: Worker::new(plugin.clone(), pre, None), plugin: plugin.clone(), options })
    }

    pub fn plugin(&self) -> &Arc<Plugin> {
        &self.plugin
    }

    /// Lets the next evaluation run in a fresh instance, to show that a verdict does not depend on earlier files.
    pub fn forget_instance(&mut self) {
        self.worker.forget_instance();
    }

    /// Evaluates one file.
    pub fn evaluate(&mut self, context: &Context, facts: &Facts) -> Result<Verdict, NoVerdict> {
        let lists = Lists::of(&self.options, context, facts);
        let (options, tracks) = (lists.options(&self.options), lists.tracks(facts));
        let answer = self.worker.call(self.plugin.limits.evaluate_time, |world, store| {
            let (context, facts) = (lists.context(context), lists.facts(facts, &tracks));
            world.vpo_plugin_policy().call_evaluate(store, &options, context, facts)
        })?;
        let policy = self.plugin.name.to_string();
        match answer {
            Ok(verdict) => self.verdict(verdict).map_err(NoVerdict::Call),
            Err(wit::Failure::Refused(why)) => Err(NoVerdict::Refused { policy, why: shown(&why) }),
            Err(wit::Failure::Unsupported(why)) => Err(NoVerdict::Unsupported { policy, why: shown(&why) }),
        }
    }

    fn verdict(&self, verdict: wit::Verdict) -> Result<Verdict, CallError> {
        let policy = self.plugin.name.to_string();
        for (what, count) in [
            ("steps", verdict.steps.len()),
            ("reasons for what was left alone", verdict.left_alone.len()),
            ("warnings", verdict.warnings.len()),
        ] {
            if count > LIST_MAX {
                return Err(CallError { plugin: policy, fault: Fault::BadAnswer(format!("{count} {what}")) });
            }
        }
        if let Some(what) = verdict.steps.iter().find_map(|step| too_long(&step.action)) {
            return Err(CallError { plugin: policy, fault: Fault::BadAnswer(what) });
        }
        Ok(Verdict {
            steps: verdict
                .steps
                .into_iter()
                .map(|step| Step { action: action(step.action), reason: reason(step.reason), policy: policy.clone() })
                .collect(),
            left_alone: verdict
                .left_alone
                .into_iter()
                .map(|left| LeftAlone { track: left.track, reason: reason(left.reason), policy: policy.clone() })
                .collect(),
            warnings: verdict
                .warnings
                .iter()
                .map(|warning| Warning { policy: policy.clone(), text: shown(warning) })
                .collect(),
            stop: verdict.stop.as_deref().map(shown),
            extra: entries(verdict.extra),
        })
    }
}

/// What of an action is longer than anything a file could be given.
fn too_long(action: &wit::Action) -> Option<String> {
    let texts: [Option<&String>; 2] = match action {
        wit::Action::SetLanguage(set) => [Some(&set.language), None],
        wit::Action::SetTrackTitle(set) => [set.title.as_ref(), None],
        wit::Action::SetTitle(title) => [title.as_ref(), None],
        wit::Action::SetTag(set) => [Some(&set.name), set.value.as_ref()],
        wit::Action::ConvertContainer(container) => [Some(container), None],
        wit::Action::TranscodeTrack(transcode) => [Some(&transcode.codec), None],
        wit::Action::MoveFile(path) => [Some(path), None],
        wit::Action::Reorder(tracks) if tracks.len() > LIST_MAX => {
            return Some(format!("an order of {} tracks", tracks.len()));
        }
        _ => [None, None],
    };
    let longest = texts.into_iter().flatten().map(String::len).max().unwrap_or_default();
    (longest > ACTION_TEXT_MAX).then(|| format!("a text of {longest} bytes in a step"))
}

fn reason(reason: wit::Reason) -> Reason {
    Reason { text: shown(&reason.text), node: reason.node, inputs: entries(reason.inputs) }
}

fn entries(entries: Vec<EntryResult>) -> Vec<Entry> {
    let value = |value| match value {
        ValueResult::Null => Value::Null,
        ValueResult::Boolean(value) => Value::Boolean(value),
        ValueResult::Integer(value) => Value::Integer(value),
        ValueResult::Decimal(value) if value.is_finite() => Value::Decimal(value),
        ValueResult::Decimal(_) => Value::Null,
        ValueResult::Text(value) => Value::Text(cut(value)),
    };
    let entries = entries.into_iter().take(ENTRIES_MAX);
    entries.map(|entry| Entry { name: cut(entry.name), value: value(entry.value) }).collect()
}

/// Text of a guest that people will read.
fn shown(said: &str) -> String {
    text::visible(text::capped(said, TEXT_MAX)).into_owned()
}

fn action(action: wit::Action) -> Action {
    match action {
        wit::Action::SetFlag(set) => Action::SetFlag { track: set.track, flag: track_flag(set.flag), value: set.value },
        wit::Action::SetLanguage(set) => Action::SetLanguage { track: set.track, language: set.language },
        wit::Action::SetTrackTitle(set) => Action::SetTrackTitle { track: set.track, title: set.title },
        wit::Action::SetTitle(title) => Action::SetTitle { title },
        wit::Action::SetTag(set) => Action::SetTag { name: set.name, value: set.value },
        wit::Action::Reorder(tracks) => Action::Reorder { tracks },
        wit::Action::RemoveTrack(track) => Action::RemoveTrack { track },
        wit::Action::RemoveAttachment(attachment) => Action::RemoveAttachment { attachment },
        wit::Action::RemoveChapters => Action::RemoveChapters,
        wit::Action::ConvertContainer(container) => Action::ConvertContainer { container },
        wit::Action::TranscodeTrack(transcode) => Action::TranscodeTrack {
            track: transcode.track,
            codec: transcode.codec,
            bit_rate: transcode.bit_rate,
            channels: transcode.channels,
            extra: entries(transcode.extra),
        },
        wit::Action::MoveFile(path) => Action::MoveFile { path },
    }
}

fn track_flag(flag: wit::TrackFlag) -> TrackFlag {
    match flag {
        wit::TrackFlag::Default => TrackFlag::Default,
        wit::TrackFlag::Forced => TrackFlag::Forced,
        wit::TrackFlag::Enabled => TrackFlag::Enabled,
        wit::TrackFlag::Original => TrackFlag::Original,
        wit::TrackFlag::Commentary => TrackFlag::Commentary,
        wit::TrackFlag::HearingImpaired => TrackFlag::HearingImpaired,
        wit::TrackFlag::VisualImpaired => TrackFlag::VisualImpaired,
        wit::TrackFlag::TextDescriptions => TrackFlag::TextDescriptions,
    }
}
