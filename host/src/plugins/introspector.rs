//! Calling an introspector: one open file in, facts out.

use std::borrow::Cow;
use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use thiserror::Error;
use wasmtime::Store;
use wasmtime::component::{Instance, Resource};

use super::anatomy::Kind;
use super::bindings::introspector::{ToolIntrospectorPlugin, exports::vpo::plugin::introspector as wit};
use super::bindings::types::Node;
use super::error::{CallError, Fault, PluginError};
use super::facts;
use super::plugin::{Origin, Plugin};
use super::reason;
use super::source::{OpenMedia, ReadCost};
use super::state::State;
use super::tool_grant::ToolGrant;
use super::worker::{Worker, World};
use crate::media::{Facts, Stranger, text};

/// Extensions, patterns or programs that an introspector may claim; ffprobe's has forty.
const CLAIMS_MAX: usize = 1000;

/// What the files of an introspector look like.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// Lower-case, without dot.
    pub extensions: Vec<String>,
    /// Bytes at an offset.
    pub magic: Vec<(u64, Vec<u8>)>,
    /// Programs that it runs.
    pub tools: Vec<String>,
}

/// Why a file gave no facts.
#[derive(Debug, Clone, Error)]
pub enum Unread {
    #[error("not a media file that {0} knows")]
    NotMine(String),
    /// No introspector took it; what it is instead, where that is plain to see.
    #[error("not a media file{}", .0.map_or_else(|| " of a kind that vpo reads".to_owned(), |what| format!(": {what}")))]
    NoMedia(Option<Stranger>),
    #[error("{}", led_by("malformed", .0))]
    Malformed(String),
    #[error("{}", led_by("unsupported", .0))]
    Unsupported(String),
    #[error("{}", led_by("truncated", .0))]
    Truncated(String),
    #[error("{}", led_by("unreadable", .0))]
    Unreadable(String),
    #[error(transparent)]
    Call(#[from] CallError),
}

/// Puts the kind of a failure in front of what the plugin says, unless it says so itself: `truncated in Tracks at byte 9`.
fn led_by<'a>(kind: &str, said: &'a str) -> Cow<'a, str> {
    if said.starts_with(kind) { Cow::Borrowed(said) } else { Cow::Owned(format!("{kind}: {said}")) }
}

impl World for ToolIntrospectorPlugin {
    fn bind(store: &mut Store<State>, instance: &Instance) -> wasmtime::Result<Self> {
        ToolIntrospectorPlugin::new(store, instance)
    }
}

impl Plugin {
    /// What the files of this introspector look like. It is asked when that is not known from before.
    pub fn claims(self: &Arc<Self>) -> Result<Claims, PluginError> {
        if let Some(claims) = self.answers.claims() {
            return Ok(claims);
        }
        let claims = Introspector::new(self, Vec::new(), None)?.claim()?;
        self.answers.learn_claims(&claims);
        Ok(claims)
    }
}

/// An introspector on one thread.
pub struct Introspector {
    worker: Worker<ToolIntrospectorPlugin>,
    plugin: Arc<Plugin>,
    options: Vec<Node>,
}

impl Introspector {
    pub(super) fn new(
        plugin: &Arc<Plugin>,
        options: Vec<Node>,
        tools: Option<Arc<ToolGrant>>,
    ) -> Result<Self, PluginError> {
        let pre = plugin.link(Kind::Introspector)?;
        Ok(Self { worker: Worker::new(plugin.clone(), pre, tools), plugin: plugin.clone(), options })
    }

    pub fn plugin(&self) -> &Arc<Plugin> {
        &self.plugin
    }

    /// Asks what the files of this introspector look like.
    pub fn claim(&mut self) -> Result<Claims, CallError> {
        let claims = self
            .worker
            .call(self.plugin.limits.describe_time, |world, store| world.vpo_plugin_introspector().call_claim(store))?;
        for (what, count) in [
            ("extensions", claims.extensions.len()),
            ("patterns", claims.magic.len()),
            ("programs", claims.tools.len()),
        ] {
            if count > CLAIMS_MAX {
                let fault = Fault::BadAnswer(format!("it claims {count} {what}"));
                return Err(CallError { plugin: self.plugin.name.to_string(), fault });
            }
        }
        Ok(Claims {
            extensions: claims.extensions.iter().map(|extension| text::capped(extension, 32).to_lowercase()).collect(),
            magic: claims.magic.into_iter().map(|magic| (magic.offset, magic.bytes)).collect(),
            tools: claims.tools.iter().map(|tool| text::visible(text::capped(tool, 64)).into_owned()).collect(),
        })
    }

    /// Reads facts from an open file of a known size. The path is for granted programs only.
    pub fn read(&mut self, file: &Arc<File>, size: u64, path: PathBuf) -> (Result<Facts, Unread>, ReadCost) {
        if self.plugin.origin != Origin::Bundled {
            // What a stranger's introspector read in one file cannot turn up in the facts of the next.
            self.worker.forget_instance();
        }
        let mut cost = ReadCost::default();
        let cost_of = std::cell::Cell::new(cost);
        let options = &self.options;
        let answer = self.worker.call(self.plugin.limits.read_time, |world, store| {
            let media = OpenMedia { file: file.clone(), size, path: path.clone() };
            let own = store.data_mut().table.push(media)?;
            let borrowed = Resource::new_borrow(own.rep());
            let answer = world.vpo_plugin_introspector().call_read(&mut *store, options, borrowed);
            cost_of.set(store.data().cost);
            store.data_mut().table.delete(own)?;
            answer
        });
        cost.clone_from(&cost_of.get());
        (self.judge(answer), cost)
    }

    fn judge(&self, answer: Result<Result<wit::Facts, wit::Failure>, CallError>) -> Result<Facts, Unread> {
        let said = |message: String| text::visible(text::capped(&message, 500)).into_owned();
        match answer? {
            Ok(facts) => {
                let mut facts = facts::from_guest(facts).map_err(|what| CallError {
                    plugin: self.plugin.name.to_string(),
                    fault: Fault::BadAnswer(said(what)),
                })?;
                reason::keep_within(&mut facts);
                Ok(facts)
            }
            Err(wit::Failure::NotMine) => Err(Unread::NotMine(self.plugin.name.to_string())),
            Err(wit::Failure::Malformed(what)) => Err(Unread::Malformed(said(what))),
            Err(wit::Failure::Unsupported(what)) => Err(Unread::Unsupported(said(what))),
            Err(wit::Failure::Truncated(what)) => Err(Unread::Truncated(said(what))),
            Err(wit::Failure::Unreadable(what)) => Err(Unread::Unreadable(said(what))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kind_of_a_failure_is_said_once() {
        assert_eq!(Unread::Truncated("truncated in Tracks".to_owned()).to_string(), "truncated in Tracks");
        assert_eq!(Unread::Truncated("at byte 9".to_owned()).to_string(), "truncated: at byte 9");
    }
}
