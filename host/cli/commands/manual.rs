//! `vpo manual`: the manual pages, for whoever packages the program.

use std::fs;
use std::path::PathBuf;

use clap::CommandFactory;

use crate::args::Args;
use crate::render::{Exit, Mistake, Screen};

/// Write the manual pages, one for each command
#[derive(clap::Args)]
#[command(hide = true)]
pub struct ManualArgs {
    /// Folder to write them into
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

pub fn run(args: &ManualArgs, screen: &Screen) -> Result<Exit, Mistake> {
    let written = fs::create_dir_all(&args.out).and_then(|()| clap_mangen::generate_to(Args::command(), &args.out));
    written.map_err(|cause| {
        let folder = vpo::media::text::path(&args.out);
        Mistake::misused("MANUAL_UNWRITABLE", format!("{folder} cannot be written")).caused_by(&cause)
    })?;
    screen.tell(format!("The manual pages are in {}", vpo::media::text::path(&args.out)));
    Ok(Exit::Fine)
}
