//! What a plugin is written with: the bindings to `vpo:plugin`, as plain Rust types, and one export macro for each kind.
//!
//! The same code builds natively, where the types are ordinary values: that is how plugins are tested.

pub use vpo_bindings_shared::{about, facts, log, source, tool, types};

pub use vpo_bindings_detector as detector;
pub use vpo_bindings_introspector as introspector;
pub use vpo_bindings_policy as policy;

pub use vpo_bindings_detector::export_detector;
pub use vpo_bindings_introspector::export_introspector;
pub use vpo_bindings_policy::export_policy;
