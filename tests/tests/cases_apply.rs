//! Policies and apply on the real program: what a person sees, and what is on the disk afterwards.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::time::Duration;

use serde_json::Value;
use vpo_tests::bench::all_names;
use vpo_tests::{Home, Recipe, component, film, stand_in, varied};

const KEEP_ENGLISH: &str = r#"
policy "tracks" {
    audio "eng" fallback="keep-all"
    subtitle "eng"
    order "video" "audio-main" "audio-other" "subtitle-main"
    default audio="first" subtitle="none"
}
allow "remove-track" "reorder"
"#;

/// A scanned home with one film in English and Japanese, and a profile of this text.
fn home(profile: &str) -> Home {
    let home = Home::new();
    home.put("Heat.mkv", &film("heat"));
    home.write("profiles/kids.kdl", profile);
    home.vpo(["scan", "[films]"]).exits(0);
    home
}

fn languages(home: &Home, name: &str) -> Vec<String> {
    let facts = home.vpo(["inspect", "--json", &format!("[films]/{name}")]).exits(0).json();
    let tracks = facts["tracks"].as_array().unwrap();
    tracks
        .iter()
        .map(|track| format!("{} {}", track["type"].as_str().unwrap(), track["language"].as_str().unwrap()))
        .collect()
}

fn kinds(planned: &Value) -> Vec<&str> {
    planned["steps"].as_array().unwrap().iter().map(|step| step["kind"].as_str().unwrap()).collect()
}

#[test]
fn case_37_a_second_apply_does_nothing_and_leaves_the_time_alone() {
    let home = home(KEEP_ENGLISH);
    home.vpo(["apply", "-p", "kids", "--yes"]).exits(0);
    let after_first =
        (fs::read(home.films("Heat.mkv")).unwrap(), fs::metadata(home.films("Heat.mkv")).unwrap().ctime_nsec());

    let second = home.vpo(["apply", "-p", "kids", "--yes", "--json"]).exits(0).json();

    assert_eq!(second["summary"]["to_change"], 0);
    let now = (fs::read(home.films("Heat.mkv")).unwrap(), fs::metadata(home.films("Heat.mkv")).unwrap().ctime_nsec());
    assert!(now == after_first);
    let scan = home.vpo(["scan", "--json", "[films]"]).exits(0).json();
    assert_eq!(scan["summary"]["scanned"], 0, "what vpo writes itself is no change");
}

#[test]
fn case_38_keep_order_and_default_are_one_pass() {
    let home = home(KEEP_ENGLISH);

    let plan = home.vpo(["apply", "-p", "kids", "--dry-run", "--json"]).exits(0).json();
    let done = home.vpo(["apply", "-p", "kids", "--yes", "--json"]).exits(0).json();

    assert_eq!(plan["files"][0]["runs"].as_array().unwrap().len(), 1);
    assert_eq!(done["summary"]["edited"], 1);
    assert_eq!(languages(&home, "Heat.mkv"), ["video und", "audio en", "subtitle en"]);
    assert_eq!(all_names(&home.films("")), ["Heat.mkv"]);
}

#[test]
fn case_39_a_language_that_is_not_there_is_decided_by_the_fallback() {
    for (fallback, exit) in [("keep-all", 0), ("keep-first", 0), ("error", 1)] {
        let home =
            home(&format!("policy \"tracks\" {{ audio \"fra\" fallback=\"{fallback}\"; }}\nallow \"remove-track\"\n"));

        home.vpo(["apply", "-p", "kids", "--yes"]).exits(exit);

        let audio = languages(&home, "Heat.mkv").iter().filter(|track| track.starts_with("audio")).count();
        assert!(audio >= 1, "{fallback}");
    }
}

#[test]
fn case_42_a_film_that_has_the_new_name_already_is_not_replaced() {
    let home = Home::new();
    home.put("Heat.mp4", &Recipe::new("heat").remuxed("mp4"));
    home.put("Heat.mkv", &film("other"));
    home.write("profiles/kids.kdl", "policy \"container\" { to \"mkv\"; }\nallow \"convert-container\"\n");
    home.vpo(["scan", "[films]"]).exits(0);
    let before = ["Heat.mkv", "Heat.mp4"].map(|name| fs::read(home.films(name)).unwrap());

    let done = home.vpo(["apply", "-p", "kids", "--yes", "--json", "[films]/Heat.mp4"]).exits(1).json();

    assert_eq!(done["files"][0]["code"], "TARGET_EXISTS", "{done}");
    assert!(["Heat.mkv", "Heat.mp4"].map(|name| fs::read(home.films(name)).unwrap()) == before);
    assert_eq!(all_names(&home.films("")), ["Heat.mkv", "Heat.mp4"]);
}

#[test]
fn case_44_a_file_that_changed_since_the_scan_is_refused_and_others_proceed() {
    let home = home(KEEP_ENGLISH);
    home.put("Alien.mkv", &film("alien"));
    home.vpo(["scan", "[films]"]).exits(0);
    fs::copy(film("other"), home.films("Heat.mkv")).unwrap();
    let replaced = fs::read(home.films("Heat.mkv")).unwrap();

    let done = home.vpo(["apply", "-p", "kids", "--yes", "--json"]).exits(1).json();

    assert_eq!((&done["summary"]["edited"], &done["summary"]["failed"]), (&Value::from(1), &Value::from(1)));
    let failed = done["files"].as_array().unwrap().iter().find(|file| file["outcome"] == "failed").unwrap();
    assert_eq!(failed["code"], "STALE");
    assert!(fs::read(home.films("Heat.mkv")).unwrap() == replaced);
}

#[test]
fn case_44_a_read_only_folder_leaves_the_original_as_it_was() {
    let mut home = Home::new();
    if !home.give_up_power() {
        eprintln!("skipped: the program cannot be run as a user without power here");
        return;
    }
    home.put("Heat.mkv", &film("heat"));
    home.write("profiles/kids.kdl", KEEP_ENGLISH);
    home.vpo(["scan", "[films]"]).exits(0);
    let before = fs::read(home.films("Heat.mkv")).unwrap();
    fs::set_permissions(home.films(""), PermissionsExt::from_mode(0o555)).unwrap();

    let done = home.vpo(["apply", "-p", "kids", "--yes", "--json"]);
    fs::set_permissions(home.films(""), PermissionsExt::from_mode(0o755)).unwrap();

    assert_eq!(done.exits(1).json()["summary"]["failed"], 1);
    assert!(fs::read(home.films("Heat.mkv")).unwrap() == before);
    assert_eq!(all_names(&home.films("")), ["Heat.mkv"]);
}

#[test]
fn case_46_killed_at_any_moment_the_next_start_settles_it() {
    let whole = home(KEEP_ENGLISH);
    whole.vpo(["apply", "-p", "kids", "--yes"]).exits(0);
    let expected = languages(&whole, "Heat.mkv");
    for milliseconds in (0..400).step_by(25) {
        let home = home(KEEP_ENGLISH);
        let original = fs::read(home.films("Heat.mkv")).unwrap();
        let mut running = home.start(["apply", "-p", "kids", "--yes"]);
        // The moment is what is being tried out; whatever it hits must hold.
        std::thread::park_timeout(Duration::from_millis(milliseconds));
        let _ = running.kill();
        running.wait().unwrap();

        home.vpo(["scan", "[films]"]).exits(0);

        assert_eq!(all_names(&home.films("")), ["Heat.mkv"], "after {milliseconds} ms");
        let is_original = fs::read(home.films("Heat.mkv")).unwrap() == original;
        assert!(is_original || languages(&home, "Heat.mkv") == expected, "after {milliseconds} ms");
        let unfinished = home.vpo(["jobs", "list", "--status", "running", "--json"]).exits(0).json();
        assert_eq!(unfinished.as_array().unwrap().len(), 0, "after {milliseconds} ms");
    }
}

#[test]
fn case_47_mode_and_time_are_those_of_the_original() {
    let home = home(KEEP_ENGLISH);
    fs::set_permissions(home.films("Heat.mkv"), PermissionsExt::from_mode(0o640)).unwrap();
    let before = fs::metadata(home.films("Heat.mkv")).unwrap();

    home.vpo(["apply", "-p", "kids", "--yes"]).exits(0);

    let after = fs::metadata(home.films("Heat.mkv")).unwrap();
    assert_ne!(after.size(), before.size());
    assert_eq!((after.mode(), after.uid(), after.gid()), (before.mode(), before.uid(), before.gid()));
    assert_eq!((after.mtime(), after.mtime_nsec()), (before.mtime(), before.mtime_nsec()));
}

#[test]
fn case_47_a_hard_linked_file_is_skipped_with_the_reason() {
    let home = home(KEEP_ENGLISH);
    fs::hard_link(home.films("Heat.mkv"), home.folder().join("other.mkv")).unwrap();

    let done = home.vpo(["apply", "-p", "kids", "--yes", "--json"]).exits(0).json();

    assert_eq!(done["summary"]["skipped"], 1, "{done}");
    assert_eq!(done["files"][0]["code"], "HARD_LINKED");
    assert!(fs::read(home.films("Heat.mkv")).unwrap() == fs::read(film("heat")).unwrap());
}

#[test]
fn case_48_a_step_that_is_not_allowed_is_refused_by_policy_and_step() {
    let home = home("policy \"tracks\" { audio \"eng\"; }\n");

    let plan = home.vpo(["apply", "-p", "kids", "--dry-run", "--json"]).exits(1).json();
    home.vpo(["apply", "-p", "kids", "--yes"]).exits(1);

    let refused = &plan["files"][0]["refused"];
    assert_eq!(refused["code"], "NOT_ALLOWED");
    let message = refused["message"].as_str().unwrap();
    assert!(["kids", "tracks", "remove-track"].iter().all(|word| message.contains(word)), "{message}");
    assert!(fs::read(home.films("Heat.mkv")).unwrap() == fs::read(film("heat")).unwrap());
}

#[test]
fn case_49_a_policy_that_never_comes_to_rest_is_refused_with_both_plans() {
    for (way, code) in [("restless", "NOT_CONVERGENT"), ("moody", "NONDETERMINISTIC")] {
        let home = Home::new();
        home.put("Heat.mkv", &film("heat"));
        home.drop_plugin("unruly-policy.wasm", &component("hostile", "unruly-policy"));
        home.write("profiles/kids.kdl", format!("policy \"unruly-policy\" {{ behave \"{way}\"; }}\n"));
        home.vpo(["scan", "[films]"]).exits(0);

        let plan = home.vpo(["apply", "-p", "kids", "--dry-run", "--json"]).json();
        let shown = home.vpo(["apply", "-p", "kids", "--dry-run"]).stdout;
        let done = home.vpo(["apply", "-p", "kids", "--yes", "--json"]).json();

        let refused = &plan["files"][0]["refused"];
        if way == "restless" {
            assert_eq!(refused["code"], code, "{plan}");
            assert_eq!(kinds(&plan["files"][0]), ["set-title"]);
            assert_eq!(refused["then"][0]["title"], "tac", "{plan}");
            assert!(shown.contains("to \"tic\"") && shown.contains("to \"tac\""), "{shown}");
        }
        let code = done["files"].as_array().and_then(|files| files.first()).map(|file| file["code"].clone());
        assert!(code.is_none() || code != Some(Value::Null), "{way}: {done}");
        assert!(fs::read(home.films("Heat.mkv")).unwrap() == fs::read(film("heat")).unwrap(), "{way}");
    }
}

#[test]
fn a_film_is_edited_and_moved_in_one_go_and_comes_back() {
    let home = Home::new();
    home.put("Heat.mkv", &film("heat"));
    home.drop_plugin("unruly-policy.wasm", &component("hostile", "unruly-policy"));
    home.write("profiles/kids.kdl", "policy \"unruly-policy\" { behave \"move\"; }\nallow \"move-file\"\n");
    home.vpo(["scan", "[films]"]).exits(0);

    home.vpo(["apply", "-p", "kids", "--yes"]).exits(0);

    assert_eq!(all_names(&home.films("")), ["elsewhere"]);
    let moved = home.vpo(["inspect", "--json", "[films]/elsewhere/Moved.mkv"]).exits(0).json();
    assert_eq!(moved["title"], "Moved");
    assert_eq!(home.vpo(["apply", "-p", "kids", "--json"]).exits(0).json()["summary"]["to_change"], 0);
    assert_eq!(home.vpo(["scan", "--json", "[films]"]).exits(0).json()["summary"]["scanned"], 0);

    home.vpo(["undo", "[films]/elsewhere/Moved.mkv"]).exits(0);

    assert_eq!(languages(&home, "Heat.mkv").len(), 4);
    assert_eq!(home.vpo(["inspect", "--json", "[films]/Heat.mkv"]).json()["title"], "heat");
}

#[test]
fn a_film_whose_end_is_missing_or_that_another_follows_is_not_copied() {
    for (name, says) in
        [("52_truncated_faststart.mp4", "ends before it says"), ("70_two_ebml_documents.mkv", "another film")]
    {
        let home = Home::new();
        let path = home.put(name, &varied().join(name));
        let to = if name.ends_with("mp4") { "mkv" } else { "mp4" };
        let profile = format!("policy \"container\" {{ to \"{to}\" incompatible=\"drop\"; }}\n");
        let allowed = "allow \"convert-container\" \"remove-track\" \"remove-attachment\"\n";
        home.write("profiles/kids.kdl", profile + allowed);
        home.vpo(["scan", "[films]"]).exits(0);

        let plan = home.vpo(["apply", "-p", "kids", "--dry-run", "--json"]).exits(1).json();
        let done = home.vpo(["apply", "-p", "kids", "--yes", "--json"]).exits(1).json();

        assert_eq!(plan["files"][0]["refused"]["code"], "DAMAGED", "{plan}");
        assert_eq!(done["files"][0]["code"], "DAMAGED", "{done}");
        assert!(done["files"][0]["reason"].as_str().unwrap().contains(says), "{done}");
        assert!(fs::read(&path).unwrap() == fs::read(varied().join(name)).unwrap());
        assert_eq!(all_names(&home.films("")), [name]);
    }
}

#[test]
fn what_was_cut_anywhere_is_foreseen_by_the_dry_run() {
    let home = Home::new();
    let films = [Recipe::new("cut").remuxed("mp4"), varied().join("58_xvid_2audio.avi"), film("cut")];
    for (film, percent) in films.iter().flat_map(|film| [50, 90, 99].map(|percent| (film, percent))) {
        let bytes = fs::read(film).unwrap();
        let extension = film.extension().unwrap().to_string_lossy().into_owned();
        fs::write(home.films(format!("{percent}.{extension}")), &bytes[..bytes.len() * percent / 100]).unwrap();
    }
    home.write(
        "profiles/kids.kdl",
        "policy \"tracks\" { audio \"eng\" \"und\"; order \"audio\"; }\npolicy \"container\" { to \"mkv\"; }\n\
         allow \"convert-container\" \"remove-track\" \"reorder\"\n",
    );
    home.vpo(["scan", "[films]"]);
    let before = all_names(&home.films(""));

    let plan = home.vpo(["apply", "-p", "kids", "--dry-run", "--json"]).exits(1).json();
    let done = home.vpo(["apply", "-p", "kids", "--yes", "--json"]).exits(1).json();

    assert_eq!((&plan["summary"]["to_change"], &done["summary"]["edited"]), (&0.into(), &0.into()), "{plan}");
    assert_eq!(all_names(&home.films("")), before);
}

#[test]
fn two_films_that_would_get_one_name_are_told_before_anything_is_done() {
    let home = Home::new();
    home.put("A.mp4", &Recipe::new("heat").remuxed("mp4"));
    home.put("A.mov", &Recipe::new("other").remuxed("mov"));
    home.put("B.mp4", &Recipe::new("heat").remuxed("mp4"));
    home.put("B.mkv", &film("other"));
    home.write("profiles/kids.kdl", "policy \"container\" { to \"mkv\"; }\nallow \"convert-container\"\n");
    home.vpo(["scan", "[films]"]).exits(0);

    let plan = home.vpo(["apply", "-p", "kids", "--dry-run", "--json"]).exits(1).json();

    let told = plan["files"].as_array().unwrap().iter().map(|file| {
        let name = Path::new(file["file"].as_str().unwrap()).file_name().unwrap();
        (name.to_str().unwrap(), file["obstacle"]["code"].as_str())
    });
    let told: Vec<_> = told.collect();
    assert_eq!(told, [("A.mov", None), ("A.mp4", Some("TARGET_EXISTS")), ("B.mp4", Some("TARGET_EXISTS"))]);
}

#[test]
fn what_mkvmerge_does_not_read_comes_to_matroska_by_way_of_ffmpeg() {
    for name in ["61_ps.mpg", "62.wmv", "63.flv"] {
        let home = Home::new();
        home.put(name, &varied().join(name));
        home.write("profiles/kids.kdl", "policy \"container\" { to \"mkv\"; }\nallow \"convert-container\"\n");
        home.vpo(["scan", "[films]"]).exits(0);
        let stem = name.split('.').next().unwrap();
        let tracks = |name: &str| home.vpo(["inspect", "--json", &format!("[films]/{name}")]).json()["tracks"].clone();
        let codecs = |tracks: &Value| -> Vec<Value> {
            tracks.as_array().unwrap().iter().map(|track| track["codec"].clone()).collect()
        };
        let before = codecs(&tracks(name));

        home.vpo(["apply", "-p", "kids", "--yes"]).exits(0);

        assert_eq!(all_names(&home.films("")), [format!("{stem}.mkv")]);
        assert_eq!(codecs(&tracks(&format!("{stem}.mkv"))), before, "{name}");
    }
}

#[test]
fn what_a_tool_warned_of_is_told() {
    let home = home(KEEP_ENGLISH);
    let script = "$real \"$@\" || exit $?\nfor at in 1 2 3; do echo \"#GUI#warning the chunk at $at could not be read\"; done\nexit 1";
    let wrapper = stand_in(home.folder(), "mkvmerge", script);
    home.write("config.kdl", format!("tools {{ mkvmerge \"{}\"; }}\n", wrapper.display()));

    let done = home.vpo(["apply", "-p", "kids", "--yes", "--json"]).exits(0).json();
    let job = home.vpo(["jobs", "show", &done["job"].as_str().unwrap()[..8]]).exits(0).stdout;

    let warning = "mkvmerge warned: the chunk at 1 could not be read … and 2 more like it";
    assert_eq!(done["files"][0]["warnings"][0], warning, "{done}");
    assert!(job.contains(warning), "{job}");
}

#[test]
fn case_50_what_the_dry_run_shows_is_what_is_done() {
    let home = home(KEEP_ENGLISH);
    home.put("sub/Alien.mkv", &film("alien"));
    home.vpo(["scan", "[films]"]).exits(0);

    let plan = home.vpo(["apply", "-p", "kids", "--dry-run", "--json"]).exits(0).json();
    let untouched = fs::read(home.films("Heat.mkv")).unwrap() == fs::read(film("heat")).unwrap();
    home.vpo(["apply", "-p", "kids", "--yes"]).exits(0);

    assert!(untouched);
    let stories = plan["files"].as_array().unwrap();
    assert_eq!(stories.len(), 2);
    for planned in stories {
        let database = home.database();
        let name = Path::new(planned["file"].as_str().unwrap()).file_name().unwrap().to_string_lossy().into_owned();
        let detail: String = database
            .query_row(
                "SELECT detail FROM events WHERE file_id = ?1 AND kind = 'edited'",
                [home.file_id(&name)],
                |row| row.get(0),
            )
            .unwrap();
        let detail: Value = serde_json::from_str(&detail).unwrap();
        assert_eq!(detail["steps"], planned["steps"]);
    }
}

#[test]
fn without_a_terminal_removing_needs_a_yes_and_edits_do_not() {
    let removing = home(KEEP_ENGLISH);
    let editing = home("policy \"tracks\" { default audio=\"none\"; }\n");

    removing.vpo(["apply", "-p", "kids"]).exits(2);
    editing.vpo(["apply", "-p", "kids"]).exits(0);

    assert!(fs::read(removing.films("Heat.mkv")).unwrap() == fs::read(film("heat")).unwrap());
    assert!(fs::read(editing.films("Heat.mkv")).unwrap() != fs::read(film("heat")).unwrap());
}

#[test]
fn a_saved_plan_is_carried_out_later_and_stale_files_are_refused() {
    let home = home(KEEP_ENGLISH);
    home.put("Alien.mkv", &film("alien"));
    home.vpo(["scan", "[films]"]).exits(0);
    home.vpo(["apply", "-p", "kids", "-o", "plan.json"]).exits(0);
    fs::copy(film("other"), home.films("Alien.mkv")).unwrap();
    home.vpo(["scan", "[films]"]).exits(0);

    let done = home.vpo(["apply", "--plan", "plan.json", "--yes", "--json"]).exits(1).json();

    assert_eq!((&done["summary"]["edited"], &done["summary"]["failed"]), (&Value::from(1), &Value::from(1)), "{done}");
    assert_eq!(languages(&home, "Heat.mkv"), ["video und", "audio en", "subtitle en"]);
    assert!(fs::read(home.films("Alien.mkv")).unwrap() == fs::read(film("other")).unwrap());
}

#[test]
fn two_profiles_are_compared_file_by_file() {
    let home = home(KEEP_ENGLISH);
    home.write("profiles/new.kdl", KEEP_ENGLISH.replace("audio \"eng\"", "audio \"eng\" \"jpn\""));

    let differing = home.vpo(["plan", "diff", "-p", "kids", "--against", "new", "--json", "[films]"]).exits(0).json();
    let same = home.vpo(["plan", "diff", "-p", "kids", "--against", "kids", "--json", "[films]"]).exits(0).json();

    let differing = differing.as_array().unwrap();
    assert_eq!(differing.len(), 1);
    assert!(kinds(&differing[0]["profile"]).contains(&"remove-track"));
    assert!(!kinds(&differing[0]["against"]).contains(&"remove-track"));
    assert_eq!(same, Value::Array(Vec::new()));
}

#[test]
fn two_profiles_that_differ_in_what_they_say_are_told_apart() {
    let home = home(KEEP_ENGLISH);
    for word in ["one", "other"] {
        home.write(
            &format!("profiles/{word}.kdl"),
            format!("policy \"rules\" {{ rule \"r\" {{ then {{ warn \"{word}\"; }}; }}; }}"),
        );
    }

    let differing = home.vpo(["plan", "diff", "-p", "one", "--against", "other", "[films]"]).exits(0);

    for said in ["  - nothing to change", "  - warning: one [rules]", "  + warning: other [rules]"] {
        assert!(differing.stdout.contains(said), "no {said:?} in {differing}");
    }
}

#[test]
fn a_file_that_could_not_be_read_says_so_when_it_is_named() {
    let home = home(KEEP_ENGLISH);
    fs::write(home.films("Broken.mkv"), "this is no film").unwrap();
    home.vpo(["scan", "[films]"]).exits(1);

    for command in ["explain", "apply"] {
        let named = home.vpo([command, "-p", "kids", "[films]/Broken.mkv"]).exits(2);
        assert!(named.stderr.contains("was scanned, but could not be read: not a media file"), "{named}");
    }
}

#[test]
fn a_file_is_explained_track_by_track() {
    let home = home(KEEP_ENGLISH);

    let explained = home.vpo(["explain", "-p", "kids", "--json", "[films]/Heat.mkv"]).exits(0).json();

    assert!(kinds(&explained["plan"]).contains(&"remove-track"));
    assert!(!explained["plan"]["left_alone"].as_array().unwrap().is_empty());
    home.vpo(["explain", "-p", "kids", "[films]/Unknown.mkv"]).exits(2);
}

#[test]
fn a_name_that_is_not_utf_8_or_as_long_as_can_be_goes_all_the_way_and_back() {
    let long = format!("{}.mkv", "x".repeat(251));
    for name in [OsStr::from_bytes(b"Heat \xff\xfe.mkv"), OsStr::new("-Heat\n\"'.mkv"), OsStr::new(&long)] {
        let home = Home::new();
        let path = home.put(Path::new(name), &film("heat"));
        home.write("profiles/kids.kdl", format!("{KEEP_ENGLISH}\napply backup=\"keep\"\n"));
        home.vpo(["scan", "[films]"]).exits(0);
        home.vpo(["apply", "-p", "kids", "-o", "plan.json"]).exits(0);

        let done = home.vpo(["apply", "--plan", "plan.json", "--yes", "--json"]).exits(0).json();

        assert_eq!(done["summary"]["edited"], 1, "{name:?}: {done}");
        assert_eq!(vpo::disk::path_text::read(done["files"][0]["file"].as_str().unwrap()), path);
        let backup = vpo::disk::path_text::read(done["files"][0]["backup"].as_str().unwrap());
        assert!(fs::read(backup).unwrap() == fs::read(film("heat")).unwrap(), "{name:?}");
        home.vpo([OsStr::new("undo"), path.as_os_str()]).exits(0);
        assert!(fs::read(&path).unwrap() == fs::read(film("heat")).unwrap(), "{name:?}");
        assert_eq!(all_names(&home.films("")).len(), 1, "{name:?}");
    }
}

#[test]
fn a_second_apply_on_the_same_films_is_refused_and_told_which_job_works_on_them() {
    let home = home(KEEP_ENGLISH);
    let gate = home.folder().join("gate");
    let slow = stand_in(home.folder(), "mkvmerge", &format!("cat {}; exec \"$real\" \"$@\"", gate.display()));
    rustix::fs::mknodat(rustix::fs::CWD, &gate, rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
    let tool = format!("tools.mkvmerge={}", slow.display());
    let first = home.start(["apply", "-p", "kids", "--yes", "--set", &tool]);
    // Opens when the tool of the first job does.
    let gate = fs::File::options().write(true).open(&gate).unwrap();

    let running = home.vpo(["jobs", "list", "--status", "running", "--json"]).exits(0).json();
    let second = home.vpo(["apply", "-p", "kids", "--yes", "--json"]).exits(2).json();
    let of_one_film = home.vpo(["apply", "-p", "kids", "--yes", "[films]/Heat.mkv"]).exits(2);
    drop(gate);
    let first = first.wait_with_output().unwrap();

    assert_eq!((&second["code"], &second["details"]["job"]), (&"ROOT_BUSY".into(), &running[0]["id"]), "{second}");
    assert!(of_one_film.stderr.contains("by another apply"), "{of_one_film}");
    assert!(first.status.success());
    assert_eq!(languages(&home, "Heat.mkv"), ["video und", "audio en", "subtitle en"]);
}

#[test]
fn a_film_that_is_replaced_while_its_tool_works_is_not_blamed_on_the_tool() {
    let home = home(KEEP_ENGLISH);
    let (other, target) = (film("other"), home.films("Heat.mkv"));
    let replace = format!("cp {} {}; exit 2", other.display(), target.display());
    let tool = stand_in(home.folder(), "mkvmerge", &replace);

    let set = format!("tools.mkvmerge={}", tool.display());
    let done = home.vpo(["apply", "-p", "kids", "--yes", "--json", "--set", &set]).exits(1).json();

    assert_eq!(done["files"][0]["code"], "STALE", "{done}");
    assert!(fs::read(&target).unwrap() == fs::read(&other).unwrap());
}
