//! The generated bindings of `vpo:plugin@0.1.0`: the imports once, then one world for each kind over the same types.

pub mod shared {
    wasmtime::component::bindgen!({
        path: "../wit",
        inline: "
            package vpo:host;
            world shared {
                import vpo:plugin/log@0.1.0;
                import vpo:plugin/types@0.1.0;
                import vpo:plugin/about@0.1.0;
                import vpo:plugin/facts@0.1.0;
                import vpo:plugin/source@0.1.0;
                import vpo:plugin/tool@0.1.0;
            }
        ",
        world: "vpo:host/shared",
        with: { "vpo:plugin/source.media": crate::plugins::source::OpenMedia },
        imports: { default: trappable },
        // What a plugin says of itself is kept; see `answers`.
        additional_derives: [PartialEq, serde::Serialize, serde::Deserialize],
    });
}

pub mod detector {
    wasmtime::component::bindgen!({
        path: "../wit",
        world: "detector-plugin",
        with: {
            "vpo:plugin/types@0.1.0": super::shared::vpo::plugin::types,
            "vpo:plugin/log@0.1.0": super::shared::vpo::plugin::log,
            "vpo:plugin/about@0.1.0": super::shared::vpo::plugin::about,
        },
    });
}

pub mod introspector {
    wasmtime::component::bindgen!({
        path: "../wit",
        world: "tool-introspector-plugin",
        with: {
            "vpo:plugin/types@0.1.0": super::shared::vpo::plugin::types,
            "vpo:plugin/log@0.1.0": super::shared::vpo::plugin::log,
            "vpo:plugin/about@0.1.0": super::shared::vpo::plugin::about,
            "vpo:plugin/facts@0.1.0": super::shared::vpo::plugin::facts,
            "vpo:plugin/source@0.1.0": super::shared::vpo::plugin::source,
            "vpo:plugin/tool@0.1.0": super::shared::vpo::plugin::tool,
        },
    });
}

pub mod manifest {
    wasmtime::component::bindgen!({
        path: "../wit",
        inline: "
            package vpo:host;
            world manifest {
                export vpo:plugin/manifest@0.1.0;
            }
        ",
        world: "vpo:host/manifest",
        with: {
            "vpo:plugin/types@0.1.0": super::shared::vpo::plugin::types,
            "vpo:plugin/about@0.1.0": super::shared::vpo::plugin::about,
        },
    });
}

/// Types of its own: what goes to a policy is lent to it and not copied first, because it is asked about every file.
pub mod policy {
    wasmtime::component::bindgen!({
        path: "../wit",
        inline: "
            package vpo:host;
            world policy {
                export vpo:plugin/manifest@0.1.0;
                export vpo:plugin/policy@0.1.0;
            }
        ",
        world: "vpo:host/policy",
        ownership: Borrowing { duplicate_if_necessary: true },
    });
}

pub use shared::vpo::plugin::{about, facts, log, source, tool, types};
