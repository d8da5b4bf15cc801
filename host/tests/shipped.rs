//! The profiles that ship, and every block of KDL in the documentation, read and checked as any other.

use std::fs;
use std::path::{Path, PathBuf};

use vpo::kdl_read::Mistakes;
use vpo::library::{ChoiceError, Library, Places};
use vpo::plan::ActionKind;
use vpo::profile::{self, Profile, ProfileError, Search};
use vpo::settings::{self, Layer};

fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("host/ is in the project").to_owned()
}

/// A library whose profiles are those that ship and those in a folder of the test.
fn library(folder: &Path) -> Library {
    let user_home = Some(folder.join("user"));
    Library::new(Places {
        home: folder.to_owned(),
        user_home,
        working: folder.to_owned(),
        config: folder.join("config.kdl"),
        database: folder.join("library.db"),
        profile_folders: vec![folder.join("profiles"), project().join("profiles")],
        plugin_folders: Vec::new(),
        cache: project().join("target/cache"),
        search_path: None,
    })
}

/// Whether the plugins are built in; without them options cannot be checked.
fn plugins_are_built(library: &Library) -> bool {
    let is_built = library.plugins().list().iter().any(|found| found.name == "tracks");
    if !is_built {
        eprintln!("options are not checked: run `make plugins` first");
    }
    is_built
}

/// Reads a profile, and checks its plugins where they are built in.
fn mistakes_of(library: &Library, name: &str) -> Mistakes {
    let read = if plugins_are_built(library) {
        library.choose_ready(Some(name), Layer::default())
    } else {
        library.choose(Some(name), Layer::default())
    };
    match read {
        Ok(_) => Mistakes::default(),
        Err(ChoiceError::Profile(ProfileError::Mistaken { mistakes, .. })) => mistakes,
        Err(other) => panic!("{name}: {other}"),
    }
}

#[test]
fn every_profile_that_ships_is_right_with_its_options() {
    let folder = tempfile::tempdir().unwrap();
    let library = library(folder.path());

    let names: Vec<String> = library.search().list().into_iter().map(|found| found.name).collect();

    assert_eq!(names, ["anime", "kids", "movies", "tv"]);
    for name in names {
        assert_eq!(mistakes_of(&library, &name).to_string(), "", "{name}");
        let profile = Profile::load(&library.search(), &name, None).unwrap();
        assert!(profile.description.is_some(), "{name} says what it is for");
        assert!(!profile.tasks.is_empty(), "{name} has a task");
        assert_eq!(profile.roots.len(), 1, "{name} names one folder, which the demo replaces by its own");
    }
}

#[test]
fn anime_is_tv_with_a_tracks_policy_of_its_own() {
    let search = Search { folders: vec![project().join("profiles")] };
    let anime = Profile::load(&search, "anime", None).unwrap();
    let tv = Profile::load(&search, "tv", None).unwrap();

    assert_eq!(anime.inherited, ["tv"]);
    let names = |profile: &Profile| profile.policies.iter().map(|one| one.written.clone()).collect::<Vec<_>>();
    assert_eq!(names(&anime), names(&tv));
    assert_ne!(anime.policies[1].options, tv.policies[1].options);
    assert_eq!(anime.settings.scan.breaker_minimum.as_ref().map(|one| one.value), Some(60));
    let allowed: Vec<&str> = anime.allow.iter().map(|one| one.step.as_str()).collect();
    assert_eq!(allowed, ["convert-container", "remove-track", "reorder", "remove-attachment"]);
}

#[test]
fn the_profile_that_new_ones_begin_as_is_right() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("profiles")).unwrap();
    fs::copy(project().join("host/cli/commands/new-profile.kdl"), folder.path().join("profiles/new.kdl")).unwrap();

    assert_eq!(mistakes_of(&library(folder.path()), "new").to_string(), "");
}

#[test]
fn a_profile_can_name_every_kind_of_step() {
    let named = profile::GRANTABLE_STEPS.iter().chain(&profile::METADATA_STEPS);

    let mut named: Vec<&str> = named.copied().collect();
    named.sort_unstable();
    let mut steps: Vec<&str> = ActionKind::ALL.into_iter().map(ActionKind::name).collect();
    steps.sort_unstable();

    assert_eq!(named, steps);
    assert!(profile::METADATA_STEPS.iter().all(|step| ActionKind::from_name(step).unwrap().is_metadata_edit()));
}

/// A fenced block of KDL in a page.
#[derive(Debug)]
struct Block {
    /// `docs/profiles.md:12`.
    place: String,
    /// What stands behind `kdl`.
    mark: String,
    content: String,
}

/// Every block of KDL in a page; those in lists are indented.
fn blocks(path: &Path) -> Vec<Block> {
    let page = fs::read_to_string(path).unwrap();
    let name = path.strip_prefix(project()).unwrap().display().to_string();
    let mut blocks = Vec::new();
    let mut lines = page.lines().enumerate();
    while let Some((number, line)) = lines.next() {
        let Some(mark) = line.trim_start().strip_prefix("```kdl") else { continue };
        let content = lines.by_ref().map(|(_, line)| line).take_while(|line| line.trim_start() != "```");
        let content = content.map(|line| format!("{line}\n")).collect();
        blocks.push(Block { place: format!("{name}:{}", number + 1), mark: mark.trim().to_owned(), content });
    }
    blocks
}

fn documented() -> Vec<Block> {
    let mut pages = vec![project().join("README.md")];
    let docs = fs::read_dir(project().join("docs")).into_iter().flatten();
    pages
        .extend(docs.map(|entry| entry.unwrap().path()).filter(|path| path.extension().is_some_and(|one| one == "md")));
    pages.iter().filter(|page| page.is_file()).flat_map(|page| blocks(page)).collect()
}

#[test]
fn every_block_of_kdl_in_the_documentation_is_right_and_those_marked_wrong_are_not() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("profiles")).unwrap();
    let library = library(folder.path());
    let blocks = documented();
    assert!(blocks.iter().any(|block| block.mark == "wrong"), "the pages show mistakes");

    for (index, block) in blocks.iter().enumerate() {
        let name = format!("block-{index}");
        fs::write(folder.path().join(format!("profiles/{name}.kdl")), &block.content).unwrap();
        // Plugins of someone's own stand for any; their place is right, their file is not there.
        let of_their_own = |told: &str| told.contains(".wasm: No such file");
        let told: Vec<String> = match block.mark.as_str() {
            "config" => settings::config(&block.place, &block.content, Default::default())
                .err()
                .into_iter()
                .flatten()
                .map(|mistake| mistake.to_string())
                .collect(),
            _ => mistakes_of(&library, &name)
                .iter()
                .map(ToString::to_string)
                .filter(|told| !of_their_own(told))
                .collect(),
        };
        match block.mark.as_str() {
            "" | "config" => assert_eq!(told, Vec::<String>::new(), "{}", block.place),
            "wrong" => assert!(!told.is_empty(), "{} is not wrong", block.place),
            other => panic!("{}: nobody knows what \"kdl {other}\" is", block.place),
        }
    }
}

#[test]
fn the_page_that_counts_five_mistakes_shows_five() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("profiles")).unwrap();
    let library = library(folder.path());
    if !plugins_are_built(&library) {
        return;
    }
    let page = blocks(&project().join("docs/profiles.md"));
    let five = page.iter().find(|block| block.content.starts_with("descripton")).unwrap();
    fs::write(folder.path().join("profiles/films.kdl"), &five.content).unwrap();

    let lines: Vec<usize> = mistakes_of(&library, "films").iter().map(|mistake| mistake.place.line()).collect();

    assert_eq!(lines, [1, 2, 4, 5, 7]);
}
