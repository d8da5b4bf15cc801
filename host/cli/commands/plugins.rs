//! `vpo plugins`: what there is, what each is and may do, whether it keeps the contract, and whether it is trusted.

mod install;
mod new;
mod trial;
mod wrap;

use clap::Subcommand;
use serde_json::json;
use vpo::library::{Library, options_of};
use vpo::plugins::PluginError;
use vpo::settings::Layer;

use super::choose;
use crate::args::Global;
use crate::layers;
use crate::render::{Exit, Mistake, Screen, plugins as shown};

/// List, show, check and trust plugins, and write your own
#[derive(clap::Args)]
pub struct PluginsArgs {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// List the bundled plugins and those that were dropped in
    List,
    /// Show what a plugin is: imports, exports, options, size and cost
    Show(OneArgs),
    /// Check that a plugin keeps the contract; exit 1 when it does not
    #[command(after_help = "Examples:
  vpo plugins check ./my-policy.wasm            in CI, before it is released
  vpo plugins check my-policy --profile kids    with the options that a profile gives it")]
    Check(OneArgs),
    /// Trust a dropped-in plugin as it is now
    Trust(OneArgs),
    /// Begin a plugin of your own: a project that builds, tests and installs with one command each
    New(new::NewArgs),
    /// Ask a plugin about cases or media files, and show what it answers
    Try(trial::TryArgs),
    /// Put a plugin where profiles find it, and trust it as it is now
    Install(install::InstallArgs),
    /// Make a plugin of what a compiler leaves: a core module in C, an introspector in JavaScript
    Wrap(wrap::WrapArgs),
}

#[derive(clap::Args)]
struct OneArgs {
    /// A name, or the path of a .wasm file
    #[arg(value_name = "PLUGIN")]
    plugin: String,
}

pub fn run(args: &PluginsArgs, global: &Global, library: &Library, screen: &Screen) -> Result<Exit, Mistake> {
    match &args.verb {
        Verb::List => list(global, library, screen),
        Verb::Show(one) => show(&one.plugin, library, screen),
        Verb::Check(one) => check(&one.plugin, global, library, screen),
        Verb::Trust(one) => trust(&one.plugin, library, screen),
        Verb::New(args) => new::run(args, library, screen),
        Verb::Try(args) => trial::run(args, library, screen),
        Verb::Install(args) => install::run(args, library, screen),
        Verb::Wrap(args) => wrap::run(args, screen),
    }
}

fn list(global: &Global, library: &Library, screen: &Screen) -> Result<Exit, Mistake> {
    let settings = library.base_settings(layers::flags(global, library)?)?;
    let rows = library.plugin_rows(&settings.database.path).map_err(|error| Mistake::because("DATABASE", &error))?;
    shown::list(&rows, screen);
    Ok(Exit::Fine)
}

fn show(name: &str, library: &Library, screen: &Screen) -> Result<Exit, Mistake> {
    let report = library.plugin_report(name).map_err(|error| mistake_of(&error))?;
    shown::show(&report, screen);
    Ok(Exit::Fine)
}

fn check(name: &str, global: &Global, library: &Library, screen: &Screen) -> Result<Exit, Mistake> {
    let mut options = Vec::new();
    if !global.profile.is_empty() {
        for choice in choose::prepared(global, library, &Layer::default())? {
            let profile = &choice.profile;
            let used = std::iter::once(&profile.detect).chain(&profile.introspect).chain(&profile.policies);
            options.extend(used.filter(|used| used.written == name).map(|used| options_of(&used.options)));
        }
    }
    let options = options.into_iter().next().unwrap_or_default();
    let findings = library.check_plugin(name, &options).map_err(|error| mistake_of(&error))?;
    shown::check(name, &findings, screen);
    Ok(if findings.iter().all(|finding| finding.outcome.is_ok()) { Exit::Fine } else { Exit::SomeFailed })
}

fn trust(name: &str, library: &Library, screen: &Screen) -> Result<Exit, Mistake> {
    let (digest, before) = library.trust_plugin(name).map_err(|error| mistake_of(&error))?;
    if screen.json {
        screen.answer(&json!({ "schema": 1, "plugin": name, "digest": digest, "before": before }));
    } else {
        screen.say(match before {
            Some(before) => {
                format!("{name} is trusted as {}; before it was {}", &digest[..16], &before[..16.min(before.len())])
            }
            None => format!("{name} is trusted as {}", &digest[..16]),
        });
    }
    Ok(Exit::Fine)
}

/// Tells why a plugin cannot be used.
pub fn mistake_of(error: &PluginError) -> Mistake {
    let (code, hint) = match error {
        PluginError::NotFound { known, .. } => {
            ("PLUGIN_NOT_FOUND", format!("the plugins there are: {}", known.join(", ")))
        }
        PluginError::Changed { plugin, .. } => {
            ("PLUGIN_CHANGED", format!("if you changed it yourself: vpo plugins trust {plugin}"))
        }
        PluginError::NoBundled => ("PLUGIN_NOT_FOUND", "run `make plugins` and build again".to_owned()),
        _ => return Mistake::because("PLUGIN_UNUSABLE", error),
    };
    Mistake::because(code, error).hint(hint)
}
