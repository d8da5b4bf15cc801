//! A policy built for a version of the contract that does not exist yet.
#![allow(missing_docs)]

wit_bindgen::generate!({
    inline: "
        package vpo:plugin@0.9.0;
        interface manifest {
            describe: func() -> string;
        }
        interface policy {
            evaluate: func(facts: string) -> string;
        }
        world tomorrow {
            export manifest;
            export policy;
        }
    ",
});

use exports::vpo::plugin::{manifest, policy};

/// The plugin.
pub struct FromTomorrow;

impl manifest::Guest for FromTomorrow {
    fn describe() -> String {
        "from-tomorrow".into()
    }
}

impl policy::Guest for FromTomorrow {
    fn evaluate(facts: String) -> String {
        facts
    }
}

#[cfg(target_family = "wasm")]
export!(FromTomorrow);
