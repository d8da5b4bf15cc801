//! Where things are: the only reader of the environment and of the home folder.

use std::env;
use std::ffi::OsString;
use std::path::PathBuf;

use vpo::disk::path_text;
use vpo::kdl_read::Base;
use vpo::library::{Asked, Library, Places};
use vpo::settings::{self, Layer, LogFilter, LogFormat, Sourced};

use crate::args::Global;
use crate::render::{Mistake, Surroundings};

/// Opens the library's door on the places that the command line, the environment and the defaults give.
pub fn library(global: &Global) -> Result<Library, Mistake> {
    let user_home = env::home_dir().filter(|home| home.is_absolute());
    let home = match (&global.home, env::var_os("VPO_HOME"), &user_home) {
        (Some(home), _, _) => home.clone(),
        (None, Some(home), _) if !home.is_empty() => PathBuf::from(home),
        (None, _, Some(user_home)) => user_home.join(".vpo"),
        (None, _, None) => {
            return Err(Mistake::misused("NO_HOME", "there is no home folder").hint("name one with --home or VPO_HOME"));
        }
    };
    let working = env::current_dir().map_err(|cause| {
        Mistake::misused("NO_WORKING_FOLDER", "the working folder cannot be read").caused_by(&cause)
    })?;
    let home = working.join(home);
    let cache = env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .filter(|path| path.is_absolute())
        .or_else(|| user_home.as_ref().map(|home| home.join(".cache")))
        .unwrap_or_else(|| home.join("cache"))
        .join("vpo");
    let mut profile_folders: Vec<PathBuf> = global.profile_dir.iter().map(|folder| working.join(folder)).collect();
    profile_folders.push(home.join("profiles"));
    profile_folders.push(working.join("profiles"));
    let asked = global.asked.clone().unwrap_or_else(|| Asked {
        argv: env::args_os().map(|argument| path_text::write(argument.as_ref())).collect(),
        again: None,
    });
    let places = Places {
        config: global.config.as_ref().map_or_else(|| home.join("config.kdl"), |config| working.join(config)),
        database: home.join("library.db"),
        plugin_folders: vec![home.join("plugins"), working.join("plugins")],
        cache,
        profile_folders,
        search_path: env::var_os("PATH"),
        user_home,
        working,
        home,
    };
    Ok(Library::new(places).asked(asked))
}

/// The same door with the database where the settings say it is, for commands that need nothing else of them.
pub fn with_database(library: Library, global: &Global) -> Result<Library, Mistake> {
    if global.set.is_empty() && global.config.is_none() && !library.places().config.exists() {
        return Ok(library);
    }
    let settings = library.base_settings(flags(global, &library)?)?;
    Ok(library.at_database(settings.database.path.value.clone()))
}

/// What the command line says of the settings; the strongest layer.
pub fn flags(global: &Global, library: &Library) -> Result<Layer, Mistake> {
    let places = library.places();
    let base = Base { folder: places.working.clone(), home: places.user_home.clone() };
    let mut layer = Layer::default();
    for written in &global.set {
        let set = settings::set(written, base.clone()).map_err(|mistakes| {
            Mistake::in_text("SETTING_MISTAKEN", "a setting of the command line is mistaken", &mistakes)
        })?;
        layer = set.over(layer);
    }
    if let Some(level) = &global.log_level {
        let filter = LogFilter::parse(level).ok_or_else(|| {
            Mistake::misused("SETTING_MISTAKEN", format!("{level:?} is no level of the log"))
                .hint("levels are off, error, warn, info, debug and trace, alone or as in info,vpo::scan=debug")
        })?;
        layer.logging.level = Some(Sourced::flag(filter, "--log-level"));
    }
    if let Some(file) = &global.log_file {
        layer.logging.file = Some(Sourced::flag(Some(places.working.join(file)), "--log-file"));
    }
    if global.log_json {
        layer.logging.format = Some(Sourced::flag(LogFormat::Json, "--log-json"));
    }
    Ok(layer)
}

/// What the environment says of who reads what the program tells.
pub fn surroundings() -> Surroundings {
    let columns = env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    Surroundings {
        columns: columns.filter(|columns| *columns > 0),
        no_color: env::var_os("NO_COLOR").is_some_and(|wish| !wish.is_empty()),
        is_dumb: env::var_os("TERM").is_some_and(|terminal| terminal == "dumb"),
    }
}

/// The places and profiles that stand on the command line that a shell wants completed. It cannot be parsed, because it is
/// not finished.
pub fn words_being_completed() -> Global {
    let words: Vec<OsString> = env::args_os().skip_while(|word| word != "--").skip(1).collect();
    let mut global = Global::default();
    for (index, word) in words.iter().enumerate() {
        let Some(word) = word.to_str() else { continue };
        let (flag, value) = match word.split_once('=') {
            Some((flag, value)) => (flag, Some(OsString::from(value))),
            None => (word, words.get(index + 1).cloned()),
        };
        let Some(value) = value.filter(|value| !value.is_empty()) else { continue };
        match flag {
            "--home" => global.home = Some(value.into()),
            "--profile-dir" => global.profile_dir = Some(value.into()),
            "--config" => global.config = Some(value.into()),
            "--profile" | "-p" => global.profile.extend(value.into_string()),
            _ => {}
        }
    }
    global
}
