//! `vpo plan diff`: which files two profiles would treat differently, and how.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Subcommand;
use serde_json::json;
use vpo::library::{Choice, Library, PlannedFile};
use vpo::settings::Layer;

use super::{apply, choose};
use crate::args::Global;
use crate::layers;
use crate::render::{Exit, Mistake, Screen, plan as shown};

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
  vpo plan diff --profile kids --against kids-new /media/a   only below a folder")]
struct DiffArgs {
    /// Profile to compare with the one of --profile
    #[arg(long, value_name = "NAME")]
    against: String,
    /// Files and folders to compare [default: the library folders of the profile, else all that is known]
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
}

pub fn run(args: &PlanArgs, global: &Global, library: &Library, screen: &Screen) -> Result<Exit, Mistake> {
    let Verb::Diff(args) = &args.verb;
    let choices = choose::prepared(global, library, &Layer::default())?;
    let [ours] = &choices[..] else {
        return Err(Mistake::misused("ONE_PROFILE", "two profiles are compared: one --profile and one --against"));
    };
    let theirs = library.choose_ready(Some(&args.against), layers::flags(global, library)?)?;
    let paths: Vec<PathBuf> = match &args.paths[..] {
        [] => ours.profile.roots.iter().map(|root| root.value.clone()).collect(),
        named => named.to_vec(),
    };

    let before = planned(library, ours, &paths)?;
    let after = planned(library, &theirs, &paths)?;
    let mut differing = Vec::new();
    for (path, ours) in &before {
        let Some(theirs) = after.get(path) else { continue };
        if !ours.plan.actions().eq(theirs.plan.actions()) || ours.refused != theirs.refused {
            differing.push((path, ours, theirs));
        }
    }

    if screen.json {
        let rows: Vec<_> = differing
            .iter()
            .map(|(path, ours, theirs)| {
                let side = |planned: &PlannedFile| json!({ "steps": planned.plan.steps, "refused": planned.refused });
                json!({ "file": path.to_string_lossy(), "profile": side(ours), "against": side(theirs) })
            })
            .collect();
        screen.answer(&rows);
        return Ok(Exit::Fine);
    }
    let (ours, theirs) = (ours.profile.label(), theirs.profile.label());
    screen.say(format!("{} of {} files would be treated differently", differing.len(), before.len()));
    if !differing.is_empty() {
        screen.say(format!("  - only with {ours}\n  + only with {theirs}"));
    }
    for (path, ours, theirs) in differing {
        shown::show_difference(path, ours, theirs, screen);
    }
    Ok(Exit::Fine)
}

fn planned(library: &Library, choice: &Choice, paths: &[PathBuf]) -> Result<BTreeMap<PathBuf, PlannedFile>, Mistake> {
    let mut all = BTreeMap::new();
    library
        .plan(choice, paths, |planned| {
            all.insert(planned.file.clone(), planned);
        })
        .map_err(|failure| apply::no_plan(&failure))?;
    Ok(all)
}
