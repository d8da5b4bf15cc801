//! `vpo scan`: bring the records in line with what is on disk.

use std::path::PathBuf;

use vpo::library::Library;

use crate::render::{Exit, Mistake, Screen};

/// Find what changed on disk and record what is in it
#[derive(clap::Args)]
#[command(after_help = "Examples:
  vpo scan ~/Videos                 scan a folder with the built-in defaults
  vpo scan --profile kids           scan the folders that the profile names
  vpo scan --profile kids --dry-run say what would change, write nothing")]
pub struct ScanArgs {
    /// Folders to scan [default: the library folders of the profile]
    #[arg(value_name = "DIR")]
    pub folders: Vec<PathBuf>,
    /// Read every file again
    #[arg(long)]
    pub full: bool,
    /// Delete the records of files that are missing
    #[arg(long)]
    pub prune: bool,
    /// Compare the contents of every file with the recorded hash
    #[arg(long)]
    pub verify_hash: bool,
    /// Say what would change and write nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Proceed although many files are missing
    #[arg(long)]
    pub accept_missing: bool,
}

pub fn run(_args: &ScanArgs, _library: &Library, _screen: &Screen) -> Result<Exit, Mistake> {
    Ok(Exit::Fine)
}
