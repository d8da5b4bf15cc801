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
use render::{Exit, Mistake, Screen, mistake};

fn main() -> ExitCode {
    complete::answer();
    let args = Args::parse();
    let screen = Screen::new(&args.global, &layers::surroundings());
    let exit = commands::run(&args, &screen).unwrap_or_else(|mistake| {
        mistake::show(&mistake, &screen);
        mistake.exit
    });
    told(exit, &screen).into()
}

/// How the program ends when what it had to say may not have been written.
fn told(exit: Exit, screen: &Screen) -> Exit {
    let Some(cause) = screen.unsaid() else { return exit };
    mistake::show(&Mistake::untold(cause), screen);
    exit.max(Exit::Fatal)
}
