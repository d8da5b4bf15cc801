//! Plugins that somebody dropped in: the good and the broken. The harmful are in `hostile.rs`.

use std::fs;
use std::path::PathBuf;

use vpo_tests::{Home, Outcome, component, film, snapshot};

/// A home with a film, and a profile that has this in it.
fn home_with(profile: &str) -> Home {
    let home = Home::new();
    home.put("Alien.mkv", &film("alien"));
    write_profile(&home, profile);
    home
}

fn write_profile(home: &Home, profile: &str) {
    let library = home.films("").display().to_string();
    home.write("profiles/test.kdl", format!("library {library:?}\n{profile}\n"));
}

fn scan(home: &Home) -> Outcome {
    home.vpo(["scan", "--profile", "test", "--json"])
}

fn dry_run(home: &Home) -> Outcome {
    home.vpo(["apply", "--profile", "test", "--dry-run"])
}

fn hostile(name: &str) -> PathBuf {
    component("hostile", name)
}

/// Drops a component in as `odd.wasm` and asks for a scan with a profile that names it as its policy.
fn scan_with_odd(bytes: &[u8]) -> Outcome {
    let home = home_with("policy \"odd\"");
    home.write("plugins/odd.wasm", bytes);
    home.vpo(["scan", "--profile", "test"])
}

#[test]
fn case_51_a_dropped_in_policy_works_once_a_profile_names_it() {
    let home = home_with("policy \"no-scary-titles\" {\n    word \"alien\" instead=\"visitor\"\n}");
    home.drop_plugin("no-scary-titles.wasm", &hostile("no-scary-titles"));
    scan(&home).exits(0);

    let plan = dry_run(&home);

    assert_eq!(plan.exit, 0, "{plan}");
    snapshot!(plan);
}

#[test]
fn case_51_the_list_names_version_and_imports() {
    let home = Home::new();
    home.drop_plugin("no-scary-titles.wasm", &hostile("no-scary-titles"));

    let list = home.vpo(["plugins", "list"]).exits(0);
    let line = list.stdout.lines().find(|line| line.starts_with("no-scary-titles")).unwrap();
    for part in ["policy", "1.2.3", "pure", "no-scary-titles.wasm", "Takes scary words out of titles."] {
        assert!(line.contains(part), "{line}");
    }
    snapshot!(home.vpo(["plugins", "show", "no-scary-titles"]));
}

#[test]
fn case_52_escape_codes_of_a_policy_are_made_visible() {
    let home = home_with("policy \"unruly-policy\" { behave \"escapes\" }");
    home.drop_plugin("unruly-policy.wasm", &hostile("unruly-policy"));
    scan(&home).exits(0);

    let plan = dry_run(&home);

    assert!(!plan.stdout.contains('\u{1b}') && !plan.stdout.contains('\u{202e}'), "{plan}");
    snapshot!(plan);
}

#[test]
fn case_52_a_detector_that_never_decides_has_its_files_read() {
    let home = home_with("");
    scan(&home).exits(0);
    write_profile(&home, "detect \"unruly-detector\" { behave \"undecided\" }");
    home.drop_plugin("unruly-detector.wasm", &hostile("unruly-detector"));

    assert_eq!(scan(&home).summary(), [1, 0, 1, 0, 0, 0, 0]);
}

#[test]
fn case_53_what_is_no_component_of_ours_is_explained() {
    let sound = fs::read(hostile("no-scary-titles")).unwrap();

    snapshot!("core_module", scan_with_odd(b"\0asm\x01\0\0\0").exits(2));
    snapshot!("text_file", scan_with_odd(b"fn main() {}\n").exits(2));
    snapshot!("truncated", scan_with_odd(&sound[..sound.len() / 2]).exits(2));
    snapshot!("empty", scan_with_odd(b"").exits(2));
    snapshot!("from_tomorrow", scan_with_odd(&fs::read(hostile("from-tomorrow")).unwrap()).exits(2));
}

#[test]
fn case_54_a_plugin_that_changed_is_refused_until_it_is_trusted() {
    let home = home_with("policy \"no-scary-titles\" {\n    word \"alien\"\n}");
    let dropped = home.drop_plugin("no-scary-titles.wasm", &hostile("no-scary-titles"));
    scan(&home).exits(0);
    dry_run(&home).exits(0);
    // An empty custom section changes the digest and nothing else.
    let mut bytes = fs::read(&dropped).unwrap();
    bytes.extend([0, 2, 1, b'x']);
    fs::write(&dropped, bytes).unwrap();

    let refused = dry_run(&home);

    assert_eq!(refused.exit, 2, "{refused}");
    snapshot!(refused);
    home.vpo(["plugins", "trust", "no-scary-titles"]).exits(0);
    dry_run(&home).exits(0);
}

#[test]
fn case_54_a_policy_that_imports_sockets_is_refused_by_their_name() {
    let refused = scan_with_odd(&fs::read(hostile("nosy")).unwrap());

    assert_eq!(refused.exit, 2, "{refused}");
    assert!(refused.stderr.contains("wasi:sockets/tcp-create-socket"), "{refused}");
    snapshot!(refused);
}

#[test]
fn a_bundled_plugin_is_not_replaced_by_a_file_of_its_name() {
    let home = home_with("policy \"tracks\" {\n    audio \"eng\"\n}\nallow \"remove-track\"");
    home.drop_plugin("tracks.wasm", &hostile("from-tomorrow"));

    scan(&home).exits(0);
    let plan = home.vpo(["apply", "--profile", "test", "--dry-run", "--json"]);

    assert_eq!(plan.exit, 0, "{plan}");
    assert_eq!(plan.json()["files"][0]["steps"][0]["policy"], "tracks", "{plan}");
}
