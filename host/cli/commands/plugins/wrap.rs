//! `vpo plugins wrap`: a plugin out of what a compiler leaves.

use std::fs;
use std::path::PathBuf;

use serde_json::json;
use vpo::disk::path_text;
use vpo::media::text;
use vpo::plugins::{WrapError, wrap};

use crate::render::{Exit, Mistake, Screen};

#[derive(clap::Args)]
pub struct WrapArgs {
    /// A core module linked with the type object of its world, or a component that keeps the file it is lent
    #[arg(value_name = "BUILT")]
    built: PathBuf,
    /// Where the component goes; may be the same file
    #[arg(long, short, value_name = "FILE")]
    output: PathBuf,
}

pub fn run(args: &WrapArgs, screen: &Screen) -> Result<Exit, Mistake> {
    let name = text::path(&args.built);
    let built = fs::read(&args.built)
        .map_err(|cause| Mistake::misused("MODULE_UNREADABLE", format!("could not read {name}")).caused_by(&cause))?;
    let component = wrap(&name, &built).map_err(|error| {
        let hint = match &error {
            WrapError::Already => "it can be used as it is: vpo plugins check",
            WrapError::Damaged(_) => "build it again",
            WrapError::NotAModule => {
                "compile for wasm32 first, as the Makefile that `vpo plugins new --lang c` writes does"
            }
            WrapError::Imports(_) => {
                "a plugin has no files, clock or environment; leave out what of the C library needs them"
            }
            WrapError::Unfit(_) => "link the _component_type.o of its world, and export every function of its header",
        };
        Mistake::misused("MODULE_UNFIT", format!("could not make a plugin of {name}")).caused_by(&error).hint(hint)
    })?;
    fs::write(&args.output, &component).map_err(|cause| {
        Mistake::misused("NOT_WRITTEN", format!("could not write {}", text::path(&args.output))).caused_by(&cause)
    })?;
    if screen.json {
        screen.answer(&json!({ "schema": 1, "component": path_text::write(&args.output), "size": component.len() }));
    } else {
        screen.say(format!("{}: {} bytes", text::path(&args.output), component.len()));
    }
    Ok(Exit::Fine)
}
