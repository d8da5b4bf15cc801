//! What can go wrong with plugins: with the file of one, and with a call into one.

use std::path::PathBuf;
use std::time::Duration;

use thiserror::Error;

/// A plugin that cannot be used at all.
#[derive(Debug, Error)]
pub enum PluginError {
    #[error("there is no plugin {name:?}")]
    NotFound {
        name: String,
        /// Names that there are.
        known: Vec<String>,
    },
    #[error("this vpo was built without its bundled plugins")]
    NoBundled,
    #[error("plugin {plugin} could not be read from {path}")]
    Unreadable {
        plugin: String,
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    #[error("plugin {plugin} is not a component: {what}")]
    NotAComponent { plugin: String, what: String },
    #[error("plugin {plugin} was built for {built_for}, this vpo speaks {spoken}")]
    WrongVersion { plugin: String, built_for: String, spoken: &'static str },
    #[error("plugin {plugin} exports no detector, introspector or policy of vpo:plugin")]
    NoKind { plugin: String },
    #[error("plugin {plugin} is no {wanted}; it is a {has}")]
    WrongKind { plugin: String, wanted: &'static str, has: String },
    #[error("plugin {plugin} imports {import}, which vpo does not give to a {kind}")]
    RefusedImport { plugin: String, import: String, kind: &'static str },
    #[error("plugin {plugin} needs the program {program:?}, which the profile does not grant to it")]
    NotGranted { plugin: String, program: String },
    #[error("plugin {plugin} has changed since it was trusted")]
    Changed { plugin: String, trusted: String, found: String },
    #[error("the lock file {path} could not be used")]
    Lock {
        path: PathBuf,
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    #[error("plugin {plugin} could not be compiled")]
    Compile {
        plugin: String,
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    #[error("plugin {plugin} is not compiled: {what}")]
    TooHeavy { plugin: String, what: String },
    #[error("plugin {plugin} does not fit the contract {contract}")]
    Misfit {
        plugin: String,
        contract: &'static str,
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    #[error("plugin {plugin} describes itself wrongly: {what}")]
    BadDescription { plugin: String, what: String },
    #[error("the plugin engine could not be started")]
    Engine(#[source] Box<dyn std::error::Error + Send + Sync>),
    #[error(transparent)]
    Call(#[from] CallError),
}

impl PluginError {
    pub(super) fn engine(error: wasmtime::Error) -> Self {
        Self::Engine(error.into())
    }

    /// The same as the failure of a call, where the plugin is made ready by the first one.
    pub fn of_call(self, plugin: &str) -> CallError {
        match self {
            Self::Call(error) => error,
            error => CallError { plugin: plugin.to_owned(), fault: Fault::Unusable(error.to_string()) },
        }
    }
}

/// A call that gave no answer. It costs the item it was made for, not the job.
#[derive(Debug, Clone, Error)]
#[error("plugin {plugin} {fault}")]
pub struct CallError {
    pub plugin: String,
    pub fault: Fault,
}

/// Why a call gave no answer.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Fault {
    #[error("took longer than {0:?}")]
    TimedOut(Duration),
    #[error("wanted more memory than {} MiB", .0 >> 20)]
    OutOfMemory(usize),
    #[error("overflowed its stack")]
    StackOverflow,
    #[error("handed over more than {} MiB", .0 >> 20)]
    TooMuchData(usize),
    #[error("kept the file that it was lent for one call")]
    KeptFile,
    #[error("crashed: {0}")]
    Trapped(String),
    #[error("does not fit the contract: {0}")]
    Misfit(String),
    #[error("cannot be called: {0}")]
    Unusable(String),
    #[error("gave a wrong answer: {0}")]
    BadAnswer(String),
    #[error("is not asked any more: {times} times in a row it took longer than {limit:?}")]
    GivenUp { times: u32, limit: Duration },
}
