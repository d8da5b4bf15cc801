//! Components: engine, cache, bindings, limits, calls. The only home of wasmtime.
//!
//! A plugin is found (`catalog`), read without being run (`anatomy`, `weight`), known from before (`answers`) or compiled and
//! taken from the cache (`cache`), linked to what its kind may have (`link`, `source`, `tool_grant`, `wasi`) and called through one instance on each thread
//! (`worker`). What crosses the border is checked on its way in (`facts`, `detector`, `introspector`,
//! `policy`, `manifest`), and lent on its way out (`lend`).

mod anatomy;
mod answers;
mod bindings;
mod bundled;
mod cache;
mod catalog;
mod description;
pub mod detector;
mod engine;
mod error;
mod facts;
mod give_back;
mod introspector;
mod lend;
mod limits;
mod link;
mod lock;
pub mod manifest;
mod patience;
mod plugin;
mod policy;
mod reason;
mod source;
mod state;
mod tool_grant;
mod wasi;
mod weight;
mod worker;
mod wrap;

pub use anatomy::{Anatomy, CONTRACT, Class, Kind};
pub use bindings::tool::{Failure as ToolFailure, Output as ToolOutput};
pub use bindings::types::{self, Node};
pub use catalog::{Found, Plugins};
pub use detector::Detector;
pub use engine::THREAD_STACK;
pub use error::{CallError, Fault, PluginError};
pub use introspector::{Claims, Introspector, Unread};
pub use limits::Limits;
pub use lock::{Lock, Trusted};
pub use plugin::{Origin, Plugin};
pub use policy::{NoVerdict, Policy};
pub use source::ReadCost;
pub use tool_grant::{RunTool, ToolGrant};
pub use wrap::{WrapError, wrap};
