//! `vpo plugins install`: a component where profiles find it, trusted as it is.

use std::path::PathBuf;

use serde_json::json;
use vpo::disk::path_text;
use vpo::library::{InstallError, Library};
use vpo::media::text;

use super::mistake_of;
use crate::render::{Exit, Mistake, Screen};

#[derive(clap::Args)]
pub struct InstallArgs {
    /// The component, NAME.wasm
    #[arg(value_name = "FILE")]
    component: PathBuf,
}

pub fn run(args: &InstallArgs, library: &Library, screen: &Screen) -> Result<Exit, Mistake> {
    let installed = library.install_plugin(&args.component).map_err(|error| match error {
        InstallError::Plugin(error) => mistake_of(&error),
        InstallError::Bundled(_) => Mistake::because("NAME_REFUSED", &error).hint("give the file another name"),
        error => Mistake::because("NOT_WRITTEN", &error),
    })?;
    if screen.json {
        screen.answer(&json!({
            "schema": 1,
            "plugin": installed.name,
            "path": path_text::write(&installed.path),
            "digest": installed.digest,
            "replaced": installed.replaced,
        }));
    } else {
        let what = if installed.replaced { "is installed in place of what was there" } else { "is installed" };
        screen.say(format!("{} {what}: {}", installed.name, text::path(&installed.path)));
    }
    Ok(Exit::Fine)
}
