//! What a introspector exports, and the types of its calls.
//!
//! The world with the `tool` import serves every introspector: an import that is not called does not reach the component.
#![allow(missing_docs)]

wit_bindgen::generate!({
    path: "../../../../wit",
    world: "tool-introspector-plugin",
    pub_export_macro: true,
    export_macro_name: "export_introspector",
    default_bindings_module: "vpo_plugin_sdk::introspector",
    additional_derives: [PartialEq],
    with: {
        "vpo:plugin/types@0.1.0": vpo_bindings_shared::types,
        "vpo:plugin/log@0.1.0": vpo_bindings_shared::log,
        "vpo:plugin/about@0.1.0": vpo_bindings_shared::about,
        "vpo:plugin/facts@0.1.0": vpo_bindings_shared::facts,
        "vpo:plugin/source@0.1.0": vpo_bindings_shared::source,
        "vpo:plugin/tool@0.1.0": vpo_bindings_shared::tool,
    },
    generate_all,
});

pub use exports::vpo::plugin::introspector::*;
pub use exports::vpo::plugin::manifest::Guest as Manifest;
