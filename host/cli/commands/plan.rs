//! `vpo plan diff`: which files two profiles, or two versions of a plugin, would treat differently, and how.

use std::ops::ControlFlow;
use std::path::PathBuf;

use clap::Subcommand;
use vpo::library::{Library, PlannedFile};
use vpo::settings::Layer;

use super::{apply, choose};
use crate::args::Global;
use crate::layers;
use crate::render::comparison::Comparison;
use crate::render::{Exit, Mistake, Screen};

/// Compare what profiles would change
#[derive(clap::Args)]
pub struct PlanArgs {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    Diff(DiffArgs),
}

/// Show which files two profiles would treat differently, and how
#[derive(clap::Args)]
#[command(after_help = "Examples:
  vpo plan diff --profile kids --against kids-new            what the new profile would change in the treatment of files
  vpo plan diff --profile kids --against kids-new /media/a   only below a folder
  vpo plan diff --profile kids --with tracks=new.wasm        what another version of a plugin would change")]
struct DiffArgs {
    /// Profile to compare with the one of --profile; with --with it may be left out, and is the same
    #[arg(long, value_name = "NAME", required_unless_present = "with")]
    against: Option<String>,
    /// Plugin that takes the place of a policy on the other side; may be repeated
    #[arg(long, value_name = "POLICY=FILE", value_parser = replacement)]
    with: Vec<(String, PathBuf)>,
    /// Files and folders to compare [default: the library folders of the profile, else all that is known]
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
}

fn replacement(written: &str) -> Result<(String, PathBuf), String> {
    match written.split_once('=') {
        Some((policy, file)) if !policy.is_empty() && !file.is_empty() => Ok((policy.to_owned(), PathBuf::from(file))),
        _ => Err("write a policy of the profile and a file, such as tracks=new.wasm".to_owned()),
    }
}

pub fn run(args: &PlanArgs, global: &Global, library: &Library, screen: &Screen) -> Result<Exit, Mistake> {
    let Verb::Diff(args) = &args.verb;
    let choices = choose::prepared(global, library, &Layer::default())?;
    let [ours] = &choices[..] else {
        return Err(Mistake::misused("ONE_PROFILE", "two profiles are compared: one --profile and one --against"));
    };
    let other = args.against.as_deref().or(ours.profile.name.as_deref());
    let theirs = library.choose_ready_with(other, layers::flags(global, library)?, &args.with)?;
    let replaced: String =
        args.with.iter().map(|(policy, file)| format!(" with {policy}={}", file.display())).collect();
    let names = [ours.profile.label().to_owned(), format!("{}{replaced}", theirs.profile.label())];

    let mut comparison = Comparison::begin(names, screen).map_err(|cause| apply::untold(&cause))?;
    let mut told = Ok(());
    let done = library.plan_by_all(&[ours, &theirs], &args.paths, |plans| {
        let [ours, theirs]: [PlannedFile; 2] = plans.try_into().expect("two choices give two plans");
        told = comparison.add(&ours, &theirs);
        if told.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    });
    done.map_err(|failure| apply::no_plan(&failure))?;
    told.and_then(|()| comparison.finish()).map_err(|cause| apply::untold(&cause))?;
    Ok(Exit::Fine)
}
