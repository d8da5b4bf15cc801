//! What a policy exports, and the types of its calls.
#![allow(missing_docs)]

wit_bindgen::generate!({
    path: "../../../../wit",
    world: "policy-plugin",
    pub_export_macro: true,
    export_macro_name: "export_policy",
    default_bindings_module: "vpo_plugin_sdk::policy",
    additional_derives: [PartialEq],
    with: {
        "vpo:plugin/types@0.1.0": vpo_bindings_shared::types,
        "vpo:plugin/log@0.1.0": vpo_bindings_shared::log,
        "vpo:plugin/about@0.1.0": vpo_bindings_shared::about,
        "vpo:plugin/facts@0.1.0": vpo_bindings_shared::facts,
    },
    generate_all,
});

pub use exports::vpo::plugin::manifest::Guest as Manifest;
pub use exports::vpo::plugin::policy::*;
