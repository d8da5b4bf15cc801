//! The command line, as clap reads it. Each verb's own arguments stand in its file under `commands/`.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

use crate::commands;

/// Keeps a video library the way its owner wants it
#[derive(Parser)]
#[command(name = "vpo", version, propagate_version = true, max_term_width = 100)]
#[command(
    after_help = "Exit codes: 0 all well; 1 some files failed; 2 fatal or misused; 3 needs review; 130 interrupted."
)]
pub struct Args {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

/// What every command understands.
#[derive(clap::Args, Clone, Debug, Default)]
#[command(next_help_heading = "Global options")]
pub struct Global {
    /// Profile to follow; several run one after the other
    #[arg(long, short = 'p', global = true, value_name = "NAME")]
    pub profile: Vec<String>,
    /// Folder of vpo's own files [default: $VPO_HOME, else ~/.vpo]
    #[arg(long, global = true, value_name = "DIR")]
    pub home: Option<PathBuf>,
    /// Settings file [default: config.kdl in the home]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Folder searched for profiles before all others
    #[arg(long, global = true, value_name = "DIR")]
    pub profile_dir: Option<PathBuf>,
    /// Any setting, such as jobs.retention-days=7; `vpo config show` lists them
    #[arg(long, global = true, value_name = "SETTING=VALUE")]
    pub set: Vec<String>,
    /// Least important level to log: error, warn, info, debug, trace, or a filter such as `info,vpo::scan=debug`
    #[arg(long, global = true, value_name = "LEVEL")]
    pub log_level: Option<String>,
    /// File to log to
    #[arg(long, global = true, value_name = "FILE")]
    pub log_file: Option<PathBuf>,
    /// Log one JSON object a line
    #[arg(long, global = true)]
    pub log_json: bool,
    /// Answer as JSON
    #[arg(long, global = true)]
    pub json: bool,
    /// When to use colours; by itself on a terminal, unless NO_COLOR is set or TERM is dumb
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    pub color: Color,
    /// Say nothing but the answer, and what went wrong
    #[arg(long, short = 'q', global = true)]
    pub quiet: bool,
    /// Say more, such as one line for each file
    #[arg(long, short = 'v', global = true)]
    pub verbose: bool,
    /// What is recorded as asked for, when it is not this command line.
    #[arg(skip)]
    pub asked: Option<vpo::library::Asked>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Color {
    #[default]
    Auto,
    Always,
    Never,
}

#[derive(Subcommand)]
pub enum Command {
    Run(commands::run::RunArgs),
    Scan(commands::scan::ScanArgs),
    Doctor(commands::doctor::DoctorArgs),
    Plugins(commands::plugins::PluginsArgs),
    Apply(commands::apply::ApplyArgs),
    Plan(commands::plan::PlanArgs),
    Explain(commands::explain::ExplainArgs),
    Undo(commands::undo::UndoArgs),
    Originals(commands::originals::OriginalsArgs),
    Inspect(commands::inspect::InspectArgs),
    Jobs(commands::jobs::JobsArgs),
    History(commands::history::HistoryArgs),
    Profiles(commands::profiles::ProfilesArgs),
    Config(commands::config::ConfigArgs),
    Completions(commands::completions::CompletionsArgs),
    Manual(commands::manual::ManualArgs),
}
