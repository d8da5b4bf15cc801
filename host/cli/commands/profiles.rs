//! `vpo profiles`: which there are, what holds under one, whether one is right, and a new one.

use std::fs::{self, File};
use std::io::Write;
use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};
use serde_json::json;
use vpo::disk::path_text;
use vpo::library::Library;
use vpo::media::text::{self, visible};
use vpo::profile::{self, Found, Profile, ProfileError};
use vpo::settings::Layer;

use super::choose;
use crate::render::settings::{profile_json, profile_lines, settings_json, settings_lines};
use crate::render::{Exit, Mistake, Screen, mistakes, table};

/// List, show, check and begin profiles
#[derive(clap::Args)]
#[command(after_help = "Examples:
  vpo profiles list
  vpo profiles new films                write ~/.vpo/profiles/films.kdl, to be changed
  vpo profiles new kids                 begin with the one for children that comes with vpo
  vpo profiles check films              find every mistake in it
  vpo profiles show films               what holds under it, and where each value comes from")]
pub struct ProfilesArgs {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// List the profiles there are
    List,
    /// Show what holds under a profile, and where each value comes from
    Show {
        /// The profile
        name: String,
        /// Print the file as it is
        #[arg(long)]
        raw: bool,
    },
    /// Find every mistake in a profile: its words, its plugins and their options
    Check {
        /// The profiles to check [default: all]
        #[arg(value_name = "NAME")]
        names: Vec<String>,
    },
    /// Write a commented profile to begin with
    New {
        /// Its name: letters, digits, - and _
        name: String,
        /// Begin with a copy of one that comes with vpo [default: the one of that name, else plain]
        #[arg(long, value_enum)]
        like: Option<Model>,
    },
}

/// What a new profile begins as.
#[derive(Clone, Copy, ValueEnum)]
enum Model {
    Plain,
    Kids,
    Movies,
    Tv,
    Anime,
}

impl Model {
    fn content(self) -> &'static str {
        match self {
            Self::Plain => include_str!("new-profile.kdl"),
            Self::Kids => include_str!("../../../profiles/kids.kdl"),
            Self::Movies => include_str!("../../../profiles/movies.kdl"),
            Self::Tv => include_str!("../../../profiles/tv.kdl"),
            Self::Anime => include_str!("../../../profiles/anime.kdl"),
        }
    }

    /// The profile that this one inherits.
    fn parent(self) -> Option<(&'static str, Self)> {
        match self {
            Self::Anime => Some(("tv", Self::Tv)),
            Self::Plain | Self::Kids | Self::Movies | Self::Tv => None,
        }
    }
}

pub fn run(args: &ProfilesArgs, library: &Library, flags: Layer, screen: &Screen) -> Result<Exit, Mistake> {
    match &args.verb {
        Verb::List => list(library, screen),
        Verb::Show { name, raw: true } => raw(name, library, screen),
        Verb::Show { name, raw: false } => show(name, library, flags, screen),
        Verb::Check { names } => check(names, library, flags, screen),
        Verb::New { name, like } => {
            let named = || Model::from_str(name, false).unwrap_or(Model::Plain);
            begin(name, like.unwrap_or_else(named), library, screen)
        }
    }
}

fn list(library: &Library, screen: &Screen) -> Result<Exit, Mistake> {
    let found = library.search().list();
    let read: Vec<(Found, Result<Profile, ProfileError>)> = found
        .into_iter()
        .map(|one| {
            let profile = Profile::load(&library.search(), &one.name, library.places().user_home.as_deref());
            (one, profile)
        })
        .collect();
    if screen.json {
        let rows: Vec<_> = read.iter().map(|(found, read)| list_row(found, read)).collect();
        screen.answer(&rows);
    } else if read.is_empty() {
        screen.tell("There are no profiles yet. `vpo profiles new NAME` writes one.");
    } else {
        let rows = read.iter().map(|(found, read)| {
            let description = match read {
                Ok(profile) => profile.description.as_ref().map(|text| text.value.clone()).unwrap_or_default(),
                // Their number is not said: options of plugins are not looked at here.
                Err(ProfileError::Mistaken { .. }) => format!("(has mistakes: vpo profiles check {})", found.name),
                Err(error) => format!("({error})"),
            };
            [found.name.clone(), visible(&description).into_owned(), text::path(&found.path)]
        });
        screen.say(table::plain(["name", "description", "file"], rows, screen.color));
    }
    Ok(Exit::Fine)
}

fn list_row(found: &Found, read: &Result<Profile, ProfileError>) -> serde_json::Value {
    let profile = read.as_ref().ok();
    json!({
        "name": found.name,
        "description": profile.and_then(|profile| profile.description.as_deref()),
        "file": path_text::write(&found.path),
        "inherits": profile.map(|profile| &profile.inherited),
        "tasks": profile.map(|profile| profile.tasks.iter().map(|task| task.name.as_str()).collect::<Vec<_>>()),
        "error": read.as_ref().err().map(ToString::to_string),
    })
}

fn raw(name: &str, library: &Library, screen: &Screen) -> Result<Exit, Mistake> {
    let path = library.search().find(name)?;
    let content = fs::read_to_string(&path).map_err(|source| ProfileError::Unreadable { path, source })?;
    screen.say(content.trim_end_matches('\n'));
    Ok(Exit::Fine)
}

fn show(name: &str, library: &Library, flags: Layer, screen: &Screen) -> Result<Exit, Mistake> {
    let choice = library.choose(Some(name), flags)?;
    if screen.json {
        let mut answer = profile_json(&choice.profile);
        answer["schema"] = json!(1);
        answer["settings"] = settings_json(&choice.settings);
        screen.answer(&answer);
    } else {
        screen.say(profile_lines(&choice.profile).join("\n"));
        screen.say("");
        screen.say(settings_lines(&choice.settings).join("\n"));
    }
    Ok(Exit::Fine)
}

/// What became of checking one profile.
struct Checked {
    name: String,
    found: Result<Vec<String>, Mistake>,
}

fn check(names: &[String], library: &Library, flags: Layer, screen: &Screen) -> Result<Exit, Mistake> {
    let names: Vec<String> = match names {
        [] => library.search().list().into_iter().map(|found| found.name).collect(),
        named => named.to_vec(),
    };
    // Whoever names one profile wants its mistakes as the answer.
    if let [name] = names.as_slice() {
        let warnings = check_one(name, library, flags)?;
        tell_checked(&[Checked { name: name.clone(), found: Ok(warnings) }], screen);
        return Ok(Exit::Fine);
    }
    let checked: Vec<Checked> =
        names.into_iter().map(|name| Checked { found: check_one(&name, library, flags.clone()), name }).collect();
    tell_checked(&checked, screen);
    Ok(if checked.iter().all(|one| one.found.is_ok()) { Exit::Fine } else { Exit::Fatal })
}

/// Everything that can be known before any work; what is odd but may be meant comes back as warnings.
fn check_one(name: &str, library: &Library, flags: Layer) -> Result<Vec<String>, Mistake> {
    let choice = library.choose_ready(Some(name), flags)?;
    choose::steps_possible(&choice, library)?;
    Ok(library.warnings(&choice))
}

fn tell_checked(checked: &[Checked], screen: &Screen) {
    if screen.json {
        let row = |one: &Checked| match &one.found {
            Ok(warnings) => json!({ "profile": one.name, "valid": true, "warnings": warnings }),
            Err(mistake) => json!({
                "profile": one.name, "valid": false, "code": mistake.code, "message": mistake.message,
                "details": mistake.details,
            }),
        };
        let rows: Vec<_> = checked.iter().map(row).collect();
        screen.answer(&rows);
        return;
    }
    for one in checked {
        match &one.found {
            Ok(warnings) => {
                screen.say(format!("{}: no mistakes", one.name));
                for warning in warnings {
                    screen.tell(format!("  warning: {warning}"));
                }
            }
            Err(mistake) => {
                screen.say(format!("{}: {}", one.name, mistake.message));
                if let Some(slips) = &mistake.slips {
                    screen.say(mistakes::draw(slips, screen.color));
                }
            }
        }
    }
}

fn begin(name: &str, like: Model, library: &Library, screen: &Screen) -> Result<Exit, Mistake> {
    if !profile::is_name(name) {
        return Err(ProfileError::BadName { name: name.to_owned() }.into());
    }
    let path = write_new(name, like, library)?;
    if let Some((parent, model)) = like.parent()
        && name != parent
        && library.search().find(parent).is_err()
    {
        let path = write_new(parent, model, library)?;
        screen.tell(format!("{} is written as well: {name} inherits it.", text::path(&path)));
    }
    if screen.json {
        screen.answer(&json!({ "schema": 1, "profile": name, "file": path_text::write(&path) }));
    } else {
        screen.say(text::path(&path));
        screen.tell(format!("Change it to what you want, then: vpo profiles check {name}"));
    }
    Ok(Exit::Fine)
}

/// Writes a profile that is not there yet.
fn write_new(name: &str, like: Model, library: &Library) -> Result<PathBuf, Mistake> {
    let folder = library.places().home.join("profiles");
    let path = folder.join(format!("{name}.kdl"));
    let failed = |cause: std::io::Error| {
        let path = text::path(&path);
        match cause.kind() {
            std::io::ErrorKind::AlreadyExists => {
                Mistake::misused("PROFILE_EXISTS", format!("there is a profile {name:?} already")).hint(path)
            }
            _ => Mistake::misused("PROFILE_UNWRITABLE", format!("{path} cannot be written")).caused_by(&cause),
        }
    };
    fs::create_dir_all(&folder).map_err(failed)?;
    let mut file = File::create_new(&path).map_err(failed)?;
    file.write_all(like.content().as_bytes()).map_err(failed)?;
    Ok(path)
}
