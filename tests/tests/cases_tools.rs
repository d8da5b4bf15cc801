//! A tool that fails in the middle of an apply: what the program says of it, and what is on the disk afterwards.

use std::fs;
use std::path::PathBuf;

use vpo_tests::bench::all_names;
use vpo_tests::{Home, film, stand_in};

const WITHOUT_JAPANESE: &str = r#"
policy "tracks" { audio "eng"; }
allow "remove-track"
"#;
const RETITLED: &str = r#"
policy "rules" {
    rule "title" { then { set-title "A title that is longer than what was there"; }; }
}
"#;

/// What a tool may do instead of its work on one film, and what is said of it. `$real` is the tool, `$work` its file.
const WAYS: [(&str, &str); 8] = [
    ("$real \"$@\"; kill -9 $$", "failed (ended by signal 9): "),
    ("echo 'Error: the moon is full' >&2; exit 2", "failed (exit code 2): Error: the moon is full"),
    ("$real \"$@\"; exit 2", "failed (exit code 2): "),
    ("$real \"$@\"; truncate -s -2000 \"$work\"", "the file does not end where it says it does"),
    (": > \"$work\"", "made nothing that can be read"),
    ("cp \"$HEAT\" \"$work\"", "made something else than what was planned: "),
    ("trap '' XFSZ; ulimit -f 8; $real \"$@\"", "failed (exit code 2): "),
    ("exec tail -f /dev/null", "did not finish within 1 s"),
];

/// A home with two films of which the tool spoils the first, in the given way.
fn home(profile: &str, tool: &str, way: &str) -> (Home, PathBuf) {
    let home = Home::new();
    home.put("heat/Heat.mkv", &film("heat"));
    home.put("alien/Alien.mkv", &film("alien"));
    home.write("profiles/kids.kdl", profile);
    home.vpo(["scan", "[films]"]).exits(0);
    let script = [
        "case \"$*\" in */heat/*) ;; *) exec \"$real\" \"$@\";; esac".to_owned(),
        format!("HEAT={}", home.films("heat/Heat.mkv").display()),
        way.to_owned(),
    ];
    let wrapper = stand_in(home.folder(), tool, &script.join("\n"));
    (home, wrapper)
}

fn assert_only_heat_fails(profile: &str, tool: &str, (way, said): (&str, &str)) {
    let what = format!("{tool}: {way}");
    let (home, wrapper) = home(profile, tool, way);
    let before = fs::read(home.films("heat/Heat.mkv")).unwrap();
    let arguments = ["apply", "-p", "kids", "--yes", "--json", "--set", "apply.stall=1s", "--set"];

    let path = format!("tools.{tool}={}", wrapper.display());
    let done = home.vpo(arguments.into_iter().chain([path.as_str()])).exits(1).json();

    let job = home.vpo(["jobs", "show", done["job"].as_str().unwrap(), "--json"]).exits(0).json();
    assert_eq!((&done["summary"]["edited"], &done["summary"]["failed"]), (&1.into(), &1.into()), "{what}: {done}");
    let failed = done["files"].as_array().unwrap().iter().find(|file| file["outcome"] == "failed").unwrap();
    assert!(failed["file"].as_str().unwrap().ends_with("Heat.mkv"), "{what}: {failed}");
    assert!(failed["reason"].as_str().unwrap().contains(said), "{what}: {failed}");
    assert!(!failed["reason"].as_str().unwrap().contains("#GUI#"), "{what}: {failed}");
    assert_eq!(job["status"], "completed", "{what}: {job}");
    assert!(fs::read(home.films("heat/Heat.mkv")).unwrap() == before, "{what}: the original was changed");
    assert_eq!(all_names(&home.films("heat")), ["Heat.mkv"], "{what}");
    assert_ne!(fs::read(home.films("alien/Alien.mkv")).unwrap(), fs::read(film("alien")).unwrap(), "{what}");
    // With a sound tool the film is brought in line, as if nothing had been.
    home.vpo(["apply", "-p", "kids", "--yes"]).exits(0);
    assert_eq!(home.vpo(["apply", "-p", "kids", "--json"]).exits(0).json()["summary"]["to_change"], 0, "{what}");
}

#[test]
fn case_45_a_remux_whose_tool_fails_leaves_the_original_and_others_proceed() {
    for way in WAYS {
        assert_only_heat_fails(WITHOUT_JAPANESE, "mkvmerge", way);
    }
}

#[test]
fn case_45_an_edit_whose_tool_fails_leaves_the_original_and_others_proceed() {
    for way in WAYS {
        assert_only_heat_fails(RETITLED, "mkvpropedit", way);
    }
}

#[test]
fn a_copy_that_lacks_something_replaces_no_original_that_is_not_kept() {
    let warning = "The block will be skipped.";
    let way = format!("$real \"$@\"; echo '#GUI#warning {warning}'; exit 1");
    let (home, wrapper) = home(WITHOUT_JAPANESE, "mkvmerge", &way);
    let before = fs::read(home.films("heat/Heat.mkv")).unwrap();
    let path = format!("tools.mkvmerge={}", wrapper.display());
    let apply = ["apply", "-p", "kids", "--yes", "--json", "--set", &path];

    let refused = home.vpo(apply).exits(1).json();
    let left = fs::read(home.films("heat/Heat.mkv")).unwrap();
    let kept = home.vpo(apply.into_iter().chain(["--set", "apply.backup=keep"])).exits(0).json();

    let failed = refused["files"].as_array().unwrap().iter().find(|file| file["outcome"] == "failed").unwrap();
    assert!(failed["reason"].as_str().unwrap().contains(warning), "{failed}");
    assert!(left == before, "the original was changed");
    assert!(kept["files"][0]["warnings"][0].as_str().unwrap().contains(warning), "{kept}");
    assert_eq!(all_names(&home.films("heat")), [".Heat.mkv.vpo-original", "Heat.mkv"]);
}
