//! `vpo doctor`: what vpo can rely on here, and what it cannot.

use serde_json::json;
use vpo::disk::path_text;
use vpo::library::{Examination, Library, RootHealth};
use vpo::media::text;

use crate::args::Global;
use crate::layers;
use crate::render::plan::of;
use crate::render::{Exit, Mistake, Screen, mistake, time};

/// Look at programs, database, roots and profiles; exit 1 when something is wrong
#[derive(clap::Args)]
pub struct DoctorArgs {}

pub fn run(_: &DoctorArgs, global: &Global, library: &Library, screen: &Screen) -> Result<Exit, Mistake> {
    let settings = library.base_settings(layers::flags(global, library)?)?;
    let found = library.examine(&settings).map_err(|error| Mistake::because("DATABASE", &error))?;
    if screen.json {
        screen.answer(&answer(&found))
    } else {
        show(&found, screen)
    }
    Ok(if is_well(&found) { Exit::Fine } else { Exit::SomeFailed })
}

fn is_well(found: &Examination) -> bool {
    found.programs.iter().all(|program| program.version.is_ok())
        && found.database.trouble.is_none()
        && !found.database.is_on_network
        && found.roots.iter().all(|root| root.filesystem.is_ok())
        && found.profiles.iter().all(|(_, read)| read.is_ok())
}

fn show(found: &Examination, screen: &Screen) {
    screen.say("Programs");
    for program in &found.programs {
        let name = program.tool.name();
        screen.say(match (&program.path, &program.version) {
            (Some(path), Ok(version)) => format!("  ok     {name} {version} at {}", text::path(path)),
            (_, Err(why)) => format!("  wrong  {why}"),
            (None, Ok(_)) => format!("  wrong  {name} is not installed"),
        });
    }
    let database = &found.database;
    screen.say(format!("Database {}", text::path(&database.path)));
    screen.say(match &database.trouble {
        Some(trouble) => format!("  wrong  it is damaged: {trouble}"),
        None => format!("  ok     {} recorded", of(database.files, "file", "files")),
    });
    if database.is_on_network {
        screen.say("  wrong  it lies on a network filesystem, where locks cannot be relied on");
    }
    screen.say("Roots");
    if found.roots.is_empty() {
        screen.say("  none yet; scan a folder");
    }
    for root in &found.roots {
        show_root(root, screen);
    }
    screen.say("Profiles");
    for (name, read) in &found.profiles {
        screen.say(match read {
            Ok(()) => format!("  ok     {name}"),
            Err(error) => format!("  wrong  {name}: {}; see `vpo profiles check {name}`", mistake::with_causes(error)),
        });
    }
}

fn show_root(root: &RootHealth, screen: &Screen) {
    let path = text::path(&root.recorded.path);
    match &root.filesystem {
        Err(why) => {
            let kept = of(root.files, "file there keeps its state", "files there keep their state");
            screen.say(format!("  wrong  {path}: offline ({why}); {kept}"));
        }
        Ok(class) => {
            let trust =
                if class.is_trusted() { "inode and ctime are trusted" } else { "inode and ctime are not trusted" };
            let mount = if root.recorded.is_mount { ", a mount" } else { "" };
            let kind =
                root.filesystem_type.as_ref().map(|kind| format!(" ({})", text::visible(kind))).unwrap_or_default();
            screen.say(format!("  ok     {path}: {}{kind}{mount}, {trust}", class.name()));
            let last = root.recorded.last_complete_scan_ns.map_or("never".to_owned(), time::local);
            let files = of(root.files, "file", "files");
            screen.say(format!("         {files}, {} missing; last complete scan {last}", root.missing));
        }
    }
}

fn answer(found: &Examination) -> serde_json::Value {
    json!({
        "schema": 1,
        "well": is_well(found),
        "programs": found.programs.iter().map(|program| json!({
            "name": program.tool.name(),
            "path": program.path,
            "version": program.version.as_ref().ok(),
            "error": program.version.as_ref().err(),
        })).collect::<Vec<_>>(),
        "database": {
            "path": found.database.path,
            "files": found.database.files,
            "error": found.database.trouble,
            "on_network": found.database.is_on_network,
        },
        "roots": found.roots.iter().map(|root| json!({
            "path": path_text::write(&root.recorded.path),
            "filesystem": root.filesystem.as_ref().map(|class| class.name()).ok(),
            "filesystem_type": root.filesystem_type,
            "error": root.filesystem.as_ref().err(),
            "mount": root.recorded.is_mount,
            "trusted": root.filesystem.as_ref().is_ok_and(|class| class.is_trusted()),
            "files": root.files,
            "missing": root.missing,
            "last_complete_scan": root.recorded.last_complete_scan_ns.map(time::utc),
        })).collect::<Vec<_>>(),
        "profiles": found.profiles.iter().map(|(name, read)| json!({
            "name": name,
            "error": read.as_ref().err().map(|error| mistake::with_causes(error)),
        })).collect::<Vec<_>>(),
    })
}
