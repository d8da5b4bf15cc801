//! The program: reads the command line, opens the library's door, runs one command, tells how it went.

mod args;
mod commands;
mod complete;
mod interrupt;
mod layers;
mod logging;
mod render;

use std::process::ExitCode;

use clap::Parser;

use args::Args;
use render::{Screen, mistake};

fn main() -> ExitCode {
    complete::answer();
    let args = Args::parse();
    let screen = Screen::new(&args.global);
    match commands::run(&args, &screen) {
        Ok(exit) => exit.into(),
        Err(mistake) => {
            mistake::show(&mistake, &screen);
            mistake.exit.into()
        }
    }
}
