//! What a plugin of vpo is written with.
//!
//! Implement [`Plugin`] and one of [`Policy`], [`Introspector`] and [`Detector`], declare the options with
//! [`options`], and export the type with [`policy_plugin!`], [`introspector_plugin!`] or [`detector_plugin!`]. The same
//! code builds natively, where the types are ordinary values: that is how plugins are tested.
//!
//! The bindings to `vpo:plugin` themselves are here too, for whoever wants nothing between: the shared types in
//! [`types`], [`about`], [`facts`], [`log`], [`source`] and [`tool`], the kinds in [`detector`], [`introspector`] and
//! [`policy`], with the traits `Manifest` and `Guest` and one `export_…!` macro each.

// The derives name this crate by its full path, inside it too.
extern crate self as vpo_plugin_sdk;

pub mod draft;
pub mod extra;
pub mod languages;
pub mod logging;
pub mod memory;
pub mod options;
pub mod outcome;
pub mod plugin;
pub mod reasons;
pub mod select;
#[cfg(feature = "testing")]
pub mod testing;
pub mod tracks;

pub use plugin::{Detector, Introspector, Plugin, Policy};

pub use vpo_bindings_shared::{about, facts, log, source, tool, types};

pub use vpo_bindings_detector as detector;
pub use vpo_bindings_introspector as introspector;
pub use vpo_bindings_policy as policy;

pub use vpo_bindings_detector::export_detector;
pub use vpo_bindings_introspector::export_introspector;
pub use vpo_bindings_policy::export_policy;

/// Every plugin gets it; one that brings an allocator of its own leaves the feature `memory` out.
#[cfg(all(target_family = "wasm", feature = "memory"))]
#[global_allocator]
// SAFETY: the host gives a component one thread, and has no other to give.
static MEMORY: memory::Memory = unsafe { memory::Memory::new() };
