//! What a detector exports, and the types of its calls.
#![allow(missing_docs)]

wit_bindgen::generate!({
    path: "../../../../wit",
    world: "detector-plugin",
    pub_export_macro: true,
    export_macro_name: "export_detector",
    default_bindings_module: "vpo_plugin_sdk::detector",
    additional_derives: [PartialEq],
    with: {
        "vpo:plugin/types@0.1.0": vpo_bindings_shared::types,
        "vpo:plugin/log@0.1.0": vpo_bindings_shared::log,
        "vpo:plugin/about@0.1.0": vpo_bindings_shared::about,
    },
    generate_all,
});

pub use exports::vpo::plugin::detector::*;
pub use exports::vpo::plugin::manifest::Guest as Manifest;
