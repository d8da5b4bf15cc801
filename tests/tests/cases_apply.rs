//! Apply on the real program: what a person sees, and what is on the disk afterwards.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use serde_json::Value;
use vpo_tests::bench::all_names;
use vpo_tests::{Home, KEEP_ENGLISH, Recipe, came_through, component, film, stand_in, varied};

#[test]
fn case_37_a_second_apply_does_nothing_and_leaves_the_time_alone() {
    let home = Home::to_change(KEEP_ENGLISH);
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
    let home = Home::to_change(KEEP_ENGLISH);

    let plan = home.vpo(["apply", "-p", "kids", "--dry-run", "--json"]).exits(0).json();
    let done = home.vpo(["apply", "-p", "kids", "--yes", "--json"]).exits(0).json();

    assert_eq!(plan["files"][0]["runs"].as_array().unwrap().len(), 1);
    assert_eq!(done["summary"]["edited"], 1);
    assert_eq!(home.languages("Heat.mkv"), ["video und", "audio en", "subtitle en"]);
    assert_eq!(all_names(&home.films("")), ["Heat.mkv"]);
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
    let home = Home::to_change(KEEP_ENGLISH);
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
fn case_46_killed_at_any_change_of_the_disk_the_next_start_settles_it() {
    let whole = Home::to_change(KEEP_ENGLISH);
    whole.vpo(["apply", "-p", "kids", "--yes"]).exits(0);
    let expected = whole.languages("Heat.mkv");
    let (mut is_through, mut moment, mut settled) = (false, 0, BTreeSet::new());
    while !is_through {
        moment += 1;
        let home = Home::to_change(KEEP_ENGLISH);
        let original = fs::read(home.films("Heat.mkv")).unwrap();
        let Some(came_through) = came_through(&home.command(["apply", "-p", "kids", "--yes"]), moment) else { return };
        is_through = came_through;

        home.vpo(["scan", "[films]"]).exits(0);

        assert_eq!(all_names(&home.films("")), ["Heat.mkv"], "killed at change {moment}");
        let is_original = fs::read(home.films("Heat.mkv")).unwrap() == original;
        assert!(is_original || home.languages("Heat.mkv") == expected, "killed at change {moment}");
        let unfinished = home.vpo(["jobs", "list", "--status", "running", "--json"]).exits(0).json();
        assert_eq!(unfinished.as_array().unwrap().len(), 0, "killed at change {moment}");
        settled.insert(is_original);
    }
    assert_eq!(settled.len(), 2, "it was killed {moment} times, and never before the outcome was there");
}

#[test]
fn case_47_mode_and_time_are_those_of_the_original() {
    let home = Home::to_change(KEEP_ENGLISH);
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
    let home = Home::to_change(KEEP_ENGLISH);
    fs::hard_link(home.films("Heat.mkv"), home.folder().join("other.mkv")).unwrap();

    let done = home.vpo(["apply", "-p", "kids", "--yes", "--json"]).exits(0).json();

    assert_eq!(done["summary"]["skipped"], 1, "{done}");
    assert_eq!(done["files"][0]["code"], "HARD_LINKED");
    assert!(fs::read(home.films("Heat.mkv")).unwrap() == fs::read(film("heat")).unwrap());
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

    assert_eq!(home.languages("Heat.mkv").len(), 4);
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
    let home = Home::to_change(KEEP_ENGLISH);
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
    let home = Home::to_change(KEEP_ENGLISH);
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
    assert_eq!(home.languages("Heat.mkv"), ["video und", "audio en", "subtitle en"]);
}

#[test]
fn a_film_that_is_replaced_while_its_tool_works_is_not_blamed_on_the_tool() {
    let home = Home::to_change(KEEP_ENGLISH);
    let (other, target) = (film("other"), home.films("Heat.mkv"));
    let replace = format!("cp {} {}; exit 2", other.display(), target.display());
    let tool = stand_in(home.folder(), "mkvmerge", &replace);

    let set = format!("tools.mkvmerge={}", tool.display());
    let done = home.vpo(["apply", "-p", "kids", "--yes", "--json", "--set", &set]).exits(1).json();

    assert_eq!(done["files"][0]["code"], "STALE", "{done}");
    assert!(fs::read(&target).unwrap() == fs::read(&other).unwrap());
}
