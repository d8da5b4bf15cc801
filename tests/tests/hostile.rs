//! Plugins that mean harm, in the real program: each trick has a named outcome, bounded memory, and the run goes on.
//!
//! Tricks are options of the unruly plugins under `hostile/`. What no compiler would write is in `hostile_components.rs`.

use std::fs;
use std::path::PathBuf;

use vpo_tests::{Guest, assert_contained, component, film, home_to_misuse};

/// What a trick comes to.
struct Trick {
    how: &'static str,
    /// Limits that make the test short.
    limits: &'static str,
    exit: i32,
    /// What is said of it.
    said: &'static str,
}

const fn trick(how: &'static str, exit: i32, said: &'static str) -> Trick {
    Trick { how, limits: "", exit, said }
}

const fn slow(how: &'static str, exit: i32, said: &'static str) -> Trick {
    let limits = "limits { evaluate-time \"500ms\"; read-time \"500ms\"; detect-time \"500ms\" }\n";
    Trick { how, limits, exit, said }
}

fn hostile(name: &str) -> PathBuf {
    component("hostile", name)
}

#[test]
fn case_52_an_unruly_policy_fails_its_file_by_its_name_and_the_other_file_has_its_plan() {
    for Trick { how, limits, exit, said } in [
        slow("loop", 1, "took longer than 500ms"),
        trick("memory", 1, "wanted more memory than 64 MiB"),
        trick("grow", 1, "wanted more memory than 64 MiB"),
        trick("panic", 1, "not today"),
        trick("stack", 1, "overflowed its stack"),
        trick("steps", 1, "wanted more memory than 64 MiB"),
        trick("text", 1, "handed over more than 16 MiB"),
        trick("long-title", 1, "a text of 1048576 bytes"),
        trick("unknown-track", 1, "track 999"),
        trick("other-tracks", 1, "track"),
        trick("twice", 1, "order"),
        trick("escape", 1, "outside"),
        trick("restless", 1, "rest"),
        trick("inputs", 0, "many"),
        trick("escapes", 0, "␛]0;owned␇Title"),
        trick("chatter", 0, ""),
        trick("moody", 0, ""),
        trick("well", 0, ""),
    ] {
        let home = home_to_misuse();
        home.write_profile(&format!(
            "policy \"unruly-policy\" {{ behave {how:?} to=\"Bad\" }}\n\
                 allow \"remove-track\" \"reorder\" \"move-file\"\n{limits}"
        ));
        home.drop_plugin("unruly-policy.wasm", &hostile("unruly-policy"));
        home.vpo(["scan", "--profile", "test"]).exits(0);

        let plan = home.vpo(["apply", "--profile", "test", "--dry-run"]);

        assert_contained(how, &plan);
        let all = format!("{}{}", plan.stdout, plan.stderr);
        assert_eq!(plan.exit, exit, "{how}: {plan}");
        assert!(all.contains(said), "{how}: {plan}");
        assert!(exit == 0 || (all.contains("unruly-policy") && all.contains("Bad.mkv")), "{how}: {plan}");
        assert!(plan.stdout.contains("well behaved"), "{how} held up the other file: {plan}");
    }
}

#[test]
fn case_52_a_moody_policy_is_caught_before_anything_is_changed() {
    let home = home_to_misuse();
    home.write_profile("policy \"unruly-policy\" { behave \"moody\" }");
    home.drop_plugin("unruly-policy.wasm", &hostile("unruly-policy"));
    home.vpo(["scan", "--profile", "test"]).exits(0);
    let before = fs::read(home.films("Bad.mkv")).unwrap();

    let apply = home.vpo(["apply", "--profile", "test", "--yes"]);
    let check = home.vpo(["plugins", "check", "unruly-policy", "--profile", "test"]);

    assert_contained("moody", &apply);
    assert_eq!(apply.exit, 1, "{apply}");
    assert!(before == fs::read(home.films("Bad.mkv")).unwrap(), "{apply}");
    assert_eq!(check.exit, 1, "{check}");
    assert!(check.stdout.contains("broken  it is deterministic"), "{check}");
}

#[test]
fn case_52_a_plugin_that_talks_without_end_is_heard_for_a_hundred_lines_of_each_call() {
    let home = home_to_misuse();
    home.write_profile("policy \"unruly-policy\" { behave \"chatter\" }");
    home.drop_plugin("unruly-policy.wasm", &hostile("unruly-policy"));
    home.vpo(["scan", "--profile", "test"]).exits(0);
    let log = home.folder().join("log").display().to_string();

    let plan =
        home.vpo(["apply", "--profile", "test", "--dry-run", "--log-level", "info", "--log-file", &log]).exits(0);

    assert_contained("chatter", &plan);
    let log = fs::read_to_string(log).unwrap();
    assert!(log.lines().count() < 300, "{} lines", log.lines().count());
    assert!(log.contains("logs too much") && !log.contains('\u{1b}'), "{log}");
}

#[test]
fn case_52_a_policy_that_always_hangs_is_not_asked_about_a_whole_library() {
    let home = home_to_misuse();
    (0..30).for_each(|number| drop(home.put(format!("{number}.mkv"), &film("alien"))));
    home.write_profile("policy \"unruly-policy\" { behave \"loop\" }\nlimits { evaluate-time \"100ms\" }");
    home.drop_plugin("unruly-policy.wasm", &hostile("unruly-policy"));
    home.vpo(["scan", "--profile", "test"]).exits(0);

    let plan = home.vpo(["apply", "--profile", "test", "--dry-run"]);

    assert_contained("loop", &plan);
    assert_eq!(plan.exit, 1, "{plan}");
    let all = format!("{}{}", plan.stdout, plan.stderr);
    assert!(all.contains("is not asked any more"), "{plan}");
    assert!(
        all.matches("took longer than 100ms").count() < 12 + all.matches("is not asked any more").count(),
        "{plan}"
    );
}

#[test]
fn case_52_an_unruly_introspector_fails_its_file_and_the_scan_goes_on() {
    for Trick { how, limits, exit, said } in [
        slow("loop", 1, "took longer than 500ms"),
        slow("sip", 1, "took longer than 500ms"),
        trick("memory", 1, "wanted more memory than 64 MiB"),
        trick("panic", 1, "not today"),
        trick("stack", 1, "overflowed its stack"),
        trick("glutton", 1, "had enough"),
        trick("tags", 1, "tags"),
        trick("stray-tag", 1, "track 999"),
        trick("other-tracks", 1, "the track at 0 has the id 7"),
        trick("text", 0, ""),
        trick("escapes", 0, ""),
        trick("chatter", 0, ""),
        trick("well", 0, ""),
    ] {
        let home = home_to_misuse();
        fs::write(home.films("Bad.mkv"), b"not a film").unwrap();
        home.write_profile(&format!(
            "introspect \"unruly-introspector\" {{ behave {how:?} below=100 }}\nintrospect \"matroska\"\n{limits}"
        ));
        home.drop_plugin("unruly-introspector.wasm", &hostile("unruly-introspector"));

        let scan = home.vpo(["scan", "--profile", "test"]);

        assert_contained(how, &scan);
        assert_eq!(scan.exit, exit, "{how}: {scan}");
        let all = format!("{}{}", scan.stdout, scan.stderr);
        assert!(all.contains(said), "{how}: {scan}");
        assert!(exit == 0 || all.contains("Bad.mkv"), "{how}: {scan}");
        let good = home.vpo(["inspect", "[films]/Alien.mkv", "--json"]).exits(0);
        assert_eq!(good.json()["container"], "matroska", "{how}: {good}");
        assert_contained(how, &home.vpo(["inspect", "--profile", "test", "[films]/Bad.mkv"]));
    }
}

#[test]
fn case_52_an_unruly_detector_fails_by_its_name_and_new_files_are_read() {
    for Trick { how, limits, exit, said } in [
        slow("loop", 1, "took longer than 500ms"),
        trick("panic", 1, "not today"),
        trick("short", 1, "0 standings for 1 sightings"),
        trick("long", 1, "standings for"),
        trick("text", 1, "handed over more than 16 MiB"),
        trick("undecided", 0, ""),
        trick("well", 0, ""),
    ] {
        let home = home_to_misuse();
        home.write_profile("");
        home.vpo(["scan", "--profile", "test"]).exits(0);
        home.put("New.mkv", &film("alien"));
        home.write_profile(&format!("detect \"unruly-detector\" {{ behave {how:?} }}\n{limits}"));
        home.drop_plugin("unruly-detector.wasm", &hostile("unruly-detector"));

        let scan = home.vpo(["scan", "--profile", "test"]);

        assert_contained(how, &scan);
        assert_eq!(scan.exit, exit, "{how}: {scan}");
        assert!(scan.stderr.contains(said), "{how}: {scan}");
        assert!(exit == 0 || scan.stderr.contains("unruly-detector"), "{how}: {scan}");
        assert!(home.file_id("New.mkv").is_some(), "{how}: {scan}");
    }
}

#[test]
fn case_52_a_detector_that_hangs_does_not_hang_once_for_every_file() {
    let home = home_to_misuse();
    (0..200).for_each(|number| drop(home.put(format!("{number}.mkv"), &film("alien"))));
    home.write_profile("");
    home.vpo(["scan", "--profile", "test"]).exits(0);
    home.write_profile("detect \"unruly-detector\" { behave \"loop\" }\nlimits { detect-time \"100ms\" }");
    home.drop_plugin("unruly-detector.wasm", &hostile("unruly-detector"));

    let scan = home.vpo(["scan", "--profile", "test"]);

    assert_contained("loop", &scan);
    assert_eq!(scan.exit, 1, "{scan}");
    assert!(scan.stderr.contains("is not asked any more"), "{scan}");
}

#[test]
fn options_that_are_a_bomb_are_refused() {
    let home = home_to_misuse();
    home.drop_plugin("unruly-policy.wasm", &hostile("unruly-policy"));
    for (how, options) in [
        ("ten thousand nodes", "word \"a\"\n".repeat(10_000)),
        ("deep nodes", format!("{}{}", "a {".repeat(2000), "}".repeat(2000))),
        ("comments in comments", "/*".repeat(100_000)),
        ("blocks that are never closed", "a {".repeat(60)),
        ("a long text", format!("behave {:?}", "x".repeat(4 << 20))),
        ("a large number", "behave 1e400".to_owned()),
    ] {
        home.write_profile(&format!("policy \"unruly-policy\" {{\n{options}\n}}"));

        let scan = home.vpo(["scan", "--profile", "test"]);

        assert_eq!(scan.exit, 2, "{how}: {}", &scan.stderr[..2000.min(scan.stderr.len())]);
        assert_contained(how, &scan);
    }
}

#[test]
fn what_lies_in_the_plugins_folder_and_is_no_file_holds_nothing_up() {
    let home = home_to_misuse();
    fs::create_dir_all(home.own().join("plugins/folder.wasm")).unwrap();
    let pipe = home.own().join("plugins/pipe.wasm");
    let mode = rustix::fs::Mode::from_raw_mode(0o600);
    rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, mode, 0).unwrap();
    std::os::unix::fs::symlink("/dev/zero", home.own().join("plugins/zero.wasm")).unwrap();
    std::os::unix::fs::symlink("nowhere", home.own().join("plugins/dangling.wasm")).unwrap();
    home.write("plugins/\u{1b}[31mred\n.wasm", Guest::default().build());

    let list = home.vpo(["plugins", "list"]).exits(0);

    assert_contained("the folder", &list);
    for name in ["folder", "pipe", "zero", "dangling"] {
        let line = list.stdout.lines().find(|line| line.starts_with(name)).unwrap_or_else(|| panic!("{name}: {list}"));
        assert!(line.contains("unusable"), "{line}");
    }
    for name in ["pipe", "zero"] {
        let check = home.vpo(["plugins", "check", name]);
        assert!(check.exit == 1 || check.exit == 2, "{check}");
    }
}
