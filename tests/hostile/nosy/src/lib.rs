//! A policy that would like to reach the network. The host must say no before it compiles it.
#![allow(missing_docs)]

wit_bindgen::generate!({
    path: "../../../wit",
    inline: "
        package vpo:nosy;
        world nosy {
            import wasi:sockets/tcp-create-socket@0.3.0;
            export vpo:plugin/manifest@0.1.0;
            export vpo:plugin/policy@0.1.0;
        }
        package wasi:sockets@0.3.0 {
            interface tcp-create-socket {
                create-tcp-socket: func(family: u8) -> u32;
            }
        }
    ",
    world: "vpo:nosy/nosy",
    generate_all,
});

use exports::vpo::plugin::manifest::{Description, Guest as Manifest, Node, Problem};
use exports::vpo::plugin::policy::{Context, Facts, Failure, Guest as Policy, Verdict};

/// The plugin.
pub struct Nosy;

impl Manifest for Nosy {
    fn describe() -> Description {
        Description {
            name: "nosy".into(),
            version: "0.1.0".into(),
            summary: "Tells somebody.".into(),
            licence: "MIT".into(),
            options: vec![],
        }
    }

    fn check(_: Vec<Node>) -> Vec<Problem> {
        vec![]
    }
}

impl Policy for Nosy {
    fn evaluate(_: Vec<Node>, _: Context, _: Facts) -> Result<Verdict, Failure> {
        let socket = wasi::sockets::tcp_create_socket::create_tcp_socket(4);
        Err(Failure::Unsupported(format!("listening on {socket}")))
    }
}

#[cfg(target_family = "wasm")]
export!(Nosy);
