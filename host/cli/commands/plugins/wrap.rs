//! `vpo plugins wrap`: a component out of the core module that a C compiler leaves.

use std::fs;
use std::path::PathBuf;

use serde_json::json;
use vpo::media::text;
use vpo::plugins::{WrapError, wrap};

use crate::render::{Exit, Mistake, Screen};

#[derive(clap::Args)]
pub struct WrapArgs {
    /// The core module, linked with the type object of its world
    #[arg(value_name = "MODULE")]
    module: PathBuf,
    /// Where the component goes
    #[arg(long, short, value_name = "FILE")]
    output: PathBuf,
}

pub fn run(args: &WrapArgs, screen: &Screen) -> Result<Exit, Mistake> {
    let name = text::path(&args.module);
    let module = fs::read(&args.module)
        .map_err(|cause| Mistake::misused("MODULE_UNREADABLE", format!("could not read {name}")).caused_by(&cause))?;
    let component = wrap(&module).map_err(|error| {
        let hint = match &error {
            WrapError::Already => "it can be used as it is: vpo plugins check",
            WrapError::NotAModule => "compile for wasm32 first, as the Makefile of `vpo plugins new --lang c` does",
            WrapError::Imports(_) => {
                "a plugin has no files, clock or environment; leave out what of the C library needs them"
            }
            WrapError::Unfit(_) => "link the _component_type.o of its world, and export every function of its header",
        };
        Mistake::misused("MODULE_UNFIT", format!("could not make a component of {name}")).caused_by(&error).hint(hint)
    })?;
    fs::write(&args.output, &component).map_err(|cause| {
        Mistake::misused("NOT_WRITTEN", format!("could not write {}", text::path(&args.output))).caused_by(&cause)
    })?;
    if screen.json {
        screen.answer(&json!({ "schema": 1, "component": args.output.to_string_lossy(), "size": component.len() }));
    } else {
        screen.say(format!("{}: {} bytes", text::path(&args.output), component.len()));
    }
    Ok(Exit::Fine)
}
