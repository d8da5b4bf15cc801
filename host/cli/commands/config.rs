//! `vpo config`: every setting, and who chose it.

use clap::Subcommand;
use serde_json::json;
use vpo::disk::path_text;
use vpo::library::Library;
use vpo::media::text;
use vpo::settings::{DEFAULTS, Layer};

use crate::args::Global;
use crate::render::settings::{settings_json, settings_lines};
use crate::render::{Exit, Mistake, Screen};

/// Show the settings, and where each comes from
#[derive(clap::Args)]
#[command(after_help = "Examples:
  vpo config show                            every setting with its origin
  vpo config show --profile kids             the same under a profile
  vpo config show --set jobs.retention-days=7
  vpo config show --defaults                 the page that explains every setting
  $EDITOR \"$(vpo config path)\"               change them")]
pub struct ConfigArgs {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Show every setting with its value, and where the value comes from
    Show {
        /// Print the built-in defaults, with an explanation of each
        #[arg(long)]
        defaults: bool,
    },
    /// Show where the settings file is, whether it is there or not; under --json every place that vpo uses
    Path,
}

pub fn run(
    args: &ConfigArgs,
    library: &Library,
    global: &Global,
    flags: Layer,
    screen: &Screen,
) -> Result<Exit, Mistake> {
    match args.verb {
        Verb::Show { defaults: true } => screen.say(DEFAULTS.trim_end()),
        Verb::Show { defaults: false } => show(library, global, flags, screen)?,
        Verb::Path => path(library, screen),
    }
    Ok(Exit::Fine)
}

fn show(library: &Library, global: &Global, flags: Layer, screen: &Screen) -> Result<(), Mistake> {
    let profiles: Vec<Option<&str>> = match global.profile.as_slice() {
        [] => vec![None],
        named => named.iter().map(|name| Some(name.as_str())).collect(),
    };
    for profile in profiles {
        let choice = library.choose(profile, flags.clone())?;
        if screen.json {
            let settings = settings_json(&choice.settings);
            screen.answer(&json!({ "schema": 1, "profile": choice.profile.name, "settings": settings }));
        } else {
            screen.say(settings_lines(&choice.settings).join("\n"));
        }
    }
    Ok(())
}

fn path(library: &Library, screen: &Screen) {
    let places = library.places();
    if screen.json {
        screen.answer(&json!({
            "schema": 1,
            "config": path_text::write(&places.config),
            "home": path_text::write(&places.home),
            "profiles": places.profile_folders.iter().map(|folder| path_text::write(folder)).collect::<Vec<_>>(),
            "plugins": places.plugin_folders.iter().map(|folder| path_text::write(folder)).collect::<Vec<_>>(),
            "cache": path_text::write(&places.cache),
        }));
    } else {
        screen.say(text::path(&places.config));
    }
}
