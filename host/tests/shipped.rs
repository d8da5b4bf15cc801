//! The profiles that ship, and those in the documentation, read as any other.

use std::path::{Path, PathBuf};

use vpo::plan::ActionKind;
use vpo::profile::{self, Profile, Search};

fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ is in the project").to_owned()
}

/// The profiles that ship.
fn shipped() -> Search {
    Search { folders: vec![project().join("profiles")] }
}

#[test]
fn every_profile_that_ships_reads_without_a_mistake() {
    let found = shipped().list();

    let names: Vec<&str> = found.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["anime", "kids", "movies", "tv"]);
    for name in names {
        let profile = Profile::load(&shipped(), name, None).unwrap_or_else(|error| panic!("{name}: {error:?}"));
        assert!(profile.description.is_some(), "{name} says what it is for");
        assert!(!profile.tasks.is_empty(), "{name} has a task");
        assert_eq!(profile.roots.len(), 1, "{name} names one folder, which the demo replaces by its own");
    }
}

#[test]
fn anime_is_tv_with_a_policy_of_its_own() {
    let anime = Profile::load(&shipped(), "anime", None).unwrap();

    assert_eq!(anime.inherited, ["tv"]);
    assert_eq!(anime.policies.len(), 1);
    assert_eq!(anime.settings.scan.breaker_minimum.as_ref().map(|one| one.value), Some(60));
    let allowed: Vec<&str> = anime.allow.iter().map(|one| one.value.as_str()).collect();
    assert_eq!(allowed, ["remove-track", "reorder", "remove-attachment"]);
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
