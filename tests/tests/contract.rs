//! The contract with plugins: what was released stays, its page is current, and what was built against it still works.

use std::fs;
use std::path::Path;

use vpo_tests::contract::{Contract, broken};
use vpo_tests::{Home, film, workspace};

fn released() -> Vec<(String, String)> {
    let folder = workspace().join("tests/fixtures");
    let mut released: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "txt"))
        .map(|path| (path.file_stem().unwrap().to_string_lossy().into_owned(), fs::read_to_string(path).unwrap()))
        .filter(|(name, _)| name.starts_with("contract-"))
        .collect();
    released.sort();
    assert!(!released.is_empty());
    released
}

/// The contract with one text in one file replaced, as somebody might change it.
fn changed(file: &str, from: &str, to: &str) -> Contract {
    let folder = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(workspace().join("wit")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.extension().is_none_or(|extension| extension != "wit") {
            continue;
        }
        let mut text = fs::read_to_string(&path).unwrap();
        if name == file {
            assert!(text.contains(from), "{from} is not in {file}");
            text = text.replacen(from, to, 1);
        }
        fs::write(folder.path().join(name), text).unwrap();
    }
    Contract::read(folder.path())
}

#[test]
fn what_was_released_is_only_added_to() {
    let now = Contract::read(&workspace().join("wit"));

    for (name, form) in released() {
        let broken = broken(&form, &now);
        assert!(broken.is_empty(), "plugins built for {name} would break:\n{}", broken.join("\n"));
    }
}

#[test]
fn a_change_that_would_break_plugins_is_told_by_name() {
    let (_, form) = released().pop().unwrap();
    for (file, from, to, expected) in [
        ("policy.wit", "file-name: string,", "file-name: string,\n        folder: string,", "policy.context was"),
        ("policy.wit", "remove-chapters,", "remove-chapters,\n        remove-tags,", "policy.action was"),
        ("facts.wit", "codec-id: string,", "", "facts.track was"),
        (
            "facts.wit",
            "enum colour-range { limited, full }",
            "enum colour-range { full, limited }",
            "facts.colour-range was",
        ),
        ("types.wit", "integer(s64)", "integer(s32)", "types.value was"),
        ("types.wit", "describe: func() -> description;", "", "manifest.describe is gone"),
        (
            "introspector.wit",
            "read-at: func(offset: u64, length: u32)",
            "read-at: func(offset: u64, length: u64)",
            "source.[method]media.read-at was",
        ),
        ("worlds.wit", "    export policy;", "", "world policy-plugin was"),
        (
            "types.wit",
            "describe: func() -> description;",
            "describe: func() -> description;\n    forget: func();",
            "manifest.forget is new",
        ),
    ] {
        let broken = broken(&form, &changed(file, from, to));
        assert!(broken.iter().any(|one| one.starts_with(expected)), "{expected}: {broken:?}");
    }
}

#[test]
fn an_addition_or_a_comment_breaks_nothing() {
    let (_, form) = released().pop().unwrap();
    for (file, from, to) in [
        ("types.wit", "/// A scalar, as KDL knows them.", "/// A value."),
        ("types.wit", "interface log {", "interface clock { now: func() -> u64; }\n\ninterface log {"),
        ("worlds.wit", "world policy-plugin {", "world other { import log; }\n\nworld policy-plugin {"),
    ] {
        let broken = broken(&form, &changed(file, from, to));
        assert!(broken.is_empty(), "{from}: {broken:?}");
    }
}

#[test]
fn the_page_of_the_contract_is_current() {
    let written = fs::read_to_string(workspace().join("docs/contract.md")).unwrap();

    assert!(written == Contract::read(&workspace().join("wit")).page(), "run `make contract`");
}

/// The component was built when 0.1.0 was released and is never built again.
#[test]
fn a_component_built_against_a_released_contract_goes_on_working() {
    let kept = workspace().join("tests/fixtures/policy-0.1.0.wasm");
    let home = Home::new();
    home.put("Alien.mkv", &film("alien"));
    let library = home.films("").display().to_string();
    home.write(
        "profiles/test.kdl",
        format!("library {library:?}\npolicy \"old\" {{\n    word \"alien\" instead=\"visitor\"\n}}\n"),
    );
    home.drop_plugin("old.wasm", Path::new(&kept));
    home.vpo(["scan", "--profile", "test"]).exits(0);

    let plan = home.vpo(["apply", "--profile", "test", "--dry-run"]).exits(0);
    let apply = home.vpo(["apply", "--profile", "test", "--yes"]).exits(0);

    assert!(plan.stdout.contains("\"alien\" is a scary word."), "{plan}");
    assert!(apply.stdout.contains("1 changed"), "{apply}");
    let facts = home.vpo(["inspect", "[films]/Alien.mkv", "--json"]).exits(0);
    assert!(facts.json()["title"].as_str().unwrap().contains("visitor"), "{facts}");
    home.vpo(["plugins", "check", "old", "--profile", "test"]).exits(0);
}
