//! `vpo inspect`: what is in a file, read now, without a database.

use std::path::PathBuf;

use vpo::library::Library;

use crate::render::{Exit, Mistake, Screen};

/// Show what is in a file
#[derive(clap::Args)]
pub struct InspectArgs {
    /// Files to read
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
}

pub fn run(_args: &InspectArgs, _library: &Library, _screen: &Screen) -> Result<Exit, Mistake> {
    Ok(Exit::Fine)
}
