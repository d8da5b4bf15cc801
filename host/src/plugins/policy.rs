//! Calling a policy: facts in, a verdict out.

use std::sync::Arc;

use thiserror::Error;
use wasmtime::Store;
use wasmtime::component::InstancePre;

use super::anatomy::Kind;
use super::bindings::policy::{PolicyPlugin, exports::vpo::plugin::policy as wit};
use super::bindings::types::Node;
use super::error::{CallError, Fault, PluginError};
use super::facts;
use super::plugin::Plugin;
use super::state::State;
use super::worker::{Worker, World};
use crate::media::{Facts, text};
use crate::plan::{Action, Context, LeftAlone, Reason, Step, TrackFlag, Verdict, Warning};

/// Steps, reasons or warnings of one verdict; no honest policy comes near.
const LIST_MAX: usize = 10_000;

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

impl World for PolicyPlugin {
    fn instantiate(pre: &InstancePre<State>, store: &mut Store<State>) -> wasmtime::Result<Self> {
        let instance = pre.instantiate(&mut *store)?;
        PolicyPlugin::new(store, &instance)
    }
}

/// A policy on one thread.
pub struct Policy {
    worker: Worker<PolicyPlugin>,
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
        let (options, facts) = (&self.options, facts::to_guest(facts));
        let context = wit::Context {
            today: context.today.clone(),
            file_name: context.file_name.clone(),
            size: context.size,
            allowed: context.allowed.clone(),
            tools: context.tools.clone(),
            extra: facts::entries_to_guest(&context.extra),
        };
        let answer = self.worker.call(self.plugin.limits.evaluate_time, |world, store| {
            world.vpo_plugin_policy().call_evaluate(store, options, &context, &facts)
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
            extra: facts::entries_from_guest(verdict.extra),
        })
    }
}

fn reason(reason: wit::Reason) -> Reason {
    Reason { text: shown(&reason.text), node: reason.node, inputs: facts::entries_from_guest(reason.inputs) }
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
            extra: facts::entries_from_guest(transcode.extra),
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
