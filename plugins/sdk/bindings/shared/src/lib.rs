//! The types that every kind of plugin shares, the log, and what introspectors import.
#![allow(missing_docs)]

wit_bindgen::generate!({
    path: "../../../../wit",
    inline: "
        package vpo:sdk;
        world shared {
            import vpo:plugin/log@0.1.0;
            import vpo:plugin/types@0.1.0;
            import vpo:plugin/about@0.1.0;
            import vpo:plugin/facts@0.1.0;
            import vpo:plugin/source@0.1.0;
            import vpo:plugin/tool@0.1.0;
        }
    ",
    world: "vpo:sdk/shared",
    additional_derives: [PartialEq],
    generate_all,
});

pub use vpo::plugin::{about, facts, log, source, tool, types};
