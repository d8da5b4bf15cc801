//! What apply did is taken back: from the history, or by the original that was kept.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::MetadataExt;

use vpo_tests::bench::all_names;
use vpo_tests::{Home, KEEP_ENGLISH, came_through, film, stand_in};

const KEEP_ORIGINALS: &str = "\napply backup=\"keep\"\n";

/// The same, the film changed by a job that kept its original, and the id of the job.
fn changed(profile: &str) -> (Home, String) {
    let home = Home::to_change(&format!("{profile}{KEEP_ORIGINALS}"));
    let job = job_of(&home, &["apply", "-p", "kids", "--yes"]);
    (home, job)
}

/// Runs something that changes files; returns the id of the job.
fn job_of(home: &Home, command: &[&str]) -> String {
    let done = home.vpo(command.iter().chain(&["--json"])).exits(0).json();
    assert_ne!(done["summary"]["edited"], 0, "{done}");
    done["job"].as_str().unwrap().to_owned()
}

fn is_as_it_was(home: &Home, name: &str) -> bool {
    fs::read(home.films(name)).unwrap() == fs::read(film("heat")).unwrap()
}

#[test]
fn an_edit_is_taken_back_from_the_history() {
    let home = Home::to_change("policy \"tracks\" { default audio=\"none\" subtitle=\"first\"; }\n");
    let before = home.vpo(["inspect", "--json", "[films]/Heat.mkv"]).json();
    home.vpo(["apply", "-p", "kids"]).exits(0);
    assert_ne!(home.vpo(["inspect", "--json", "[films]/Heat.mkv"]).json()["tracks"], before["tracks"]);

    home.vpo(["undo", "[films]/Heat.mkv"]).exits(0);

    assert_eq!(home.vpo(["inspect", "--json", "[films]/Heat.mkv"]).json()["tracks"], before["tracks"]);
    home.vpo(["undo", "[films]/Heat.mkv"]).exits(2);
}

#[test]
fn an_original_that_was_kept_comes_back_byte_for_byte() {
    let home = Home::to_change(&format!("{KEEP_ENGLISH}\napply backup=\"keep\"\n"));
    let done = home.vpo(["apply", "-p", "kids", "--yes", "--json"]).exits(0).json();
    assert_eq!(all_names(&home.films("")), [".Heat.mkv.vpo-original", "Heat.mkv"]);

    home.vpo(["undo", &done["job"].as_str().unwrap()[..8]]).exits(0);

    assert!(fs::read(home.films("Heat.mkv")).unwrap() == fs::read(film("heat")).unwrap());
    assert_eq!(all_names(&home.films("")), ["Heat.mkv"]);
    let scan = home.vpo(["scan", "--json", "[films]"]).exits(0).json();
    assert_eq!(scan["summary"]["scanned"], 0);
}

#[test]
fn what_was_removed_for_good_cannot_be_taken_back() {
    let home = Home::to_change(KEEP_ENGLISH);
    home.vpo(["apply", "-p", "kids", "--yes"]).exits(0);
    let changed = fs::read(home.films("Heat.mkv")).unwrap();

    let undone = home.vpo(["undo", "--json", "[films]/Heat.mkv"]).exits(1).json();

    assert_eq!(undone["files"][0]["code"], "NOT_REVERSIBLE");
    assert!(fs::read(home.films("Heat.mkv")).unwrap() == changed);
}

#[test]
fn what_was_changed_twice_is_taken_back_twice() {
    let home = Home::to_change(&format!("{KEEP_ENGLISH}\napply backup=\"keep\"\n"));
    home.write("profiles/title.kdl", "policy \"rules\" { rule \"t\" { then { set-title \"Another\"; }; }; }\n");
    home.vpo(["apply", "-p", "kids", "--yes"]).exits(0);
    home.vpo(["apply", "-p", "title"]).exits(0);
    home.vpo(["apply", "-p", "title"]).exits(0);

    home.vpo(["undo", "[films]/Heat.mkv"]).exits(0);
    let once = home.vpo(["inspect", "--json", "[films]/Heat.mkv"]).json()["title"].clone();
    home.vpo(["undo", "[films]/Heat.mkv"]).exits(0);

    assert_eq!(once, "heat");
    assert!(fs::read(home.films("Heat.mkv")).unwrap() == fs::read(film("heat")).unwrap());
    assert_eq!(all_names(&home.films("")), ["Heat.mkv"]);
    home.vpo(["undo", "[films]/Heat.mkv"]).exits(2);
}

#[test]
fn a_change_from_outside_ends_the_way_back() {
    let home = Home::to_change("policy \"tracks\" { default audio=\"none\"; }\n");
    home.vpo(["apply", "-p", "kids"]).exits(0);
    fs::copy(film("other"), home.films("Heat.mkv")).unwrap();

    let unscanned = home.vpo(["undo", "--json", "[films]/Heat.mkv"]).exits(1).json();
    home.vpo(["scan", "[films]"]).exits(0);
    let scanned = home.vpo(["undo", "[films]/Heat.mkv"]).exits(2);

    assert_eq!(unscanned["files"][0]["code"], "STALE");
    assert!(scanned.stderr.contains("nothing was changed"), "{scanned}");
    assert!(scanned.stderr.contains("from outside"), "{scanned}");
    assert!(fs::read(home.films("Heat.mkv")).unwrap() == fs::read(film("other")).unwrap());
}

#[test]
fn an_original_comes_back_under_the_name_that_its_owner_gave_the_film() {
    let home = Home::to_change(&format!("{KEEP_ENGLISH}\napply backup=\"keep\"\n"));
    home.vpo(["apply", "-p", "kids", "--yes"]).exits(0);
    fs::rename(home.films("Heat.mkv"), home.films("Heat (1995).mkv")).unwrap();
    home.vpo(["scan", "[films]"]).exits(0);

    let done = home.vpo(["undo", "--json", "[films]/Heat (1995).mkv"]).exits(0).json();

    assert_eq!(all_names(&home.films("")), ["Heat (1995).mkv"]);
    assert!(fs::read(home.films("Heat (1995).mkv")).unwrap() == fs::read(film("heat")).unwrap());
    assert_eq!(done["summary"]["bytes"], 0, "a second name is no copy");
}

#[test]
fn an_undo_that_is_interrupted_leaves_the_rest_for_later() {
    let home = Home::to_change("policy \"tracks\" { default audio=\"none\"; }\n");
    for name in ["A.mkv", "B.mkv", "C.mkv"] {
        home.put(name, &film(if name == "B.mkv" { "alien" } else { "other" }));
    }
    home.vpo(["scan", "[films]"]).exits(0);
    let job = home.vpo(["apply", "-p", "kids", "--json"]).exits(0).json()["job"].as_str().unwrap().to_owned();
    let interrupt = "case $2 in *.work) kill -INT $PPID;; esac\nexec \"$real\" \"$@\"";
    let tool = stand_in(home.folder(), "mkvpropedit", interrupt);

    let set = format!("tools.mkvpropedit={}", tool.display());
    let stopped = home.vpo(["undo", "--json", "--set", &set, &job]).exits(130).json();
    let rest = home.vpo(["undo", "--json", &job]).exits(0).json();

    let cancelled = stopped["summary"]["cancelled"].as_u64().unwrap();
    assert!(cancelled >= 3, "{stopped}");
    assert_eq!(rest["summary"]["edited"], cancelled, "{rest}");
    assert_eq!(home.languages("Heat.mkv").len(), 4);
    assert_eq!(all_names(&home.films("")), ["A.mkv", "B.mkv", "C.mkv", "Heat.mkv"]);
}

#[test]
fn a_job_is_not_taken_back_from_under_a_later_one_which_is_named() {
    let (home, first) = changed(KEEP_ENGLISH);
    home.write("profiles/title.kdl", "policy \"rules\" { rule \"t\" { then { set-title \"Another\"; }; }; }\n");
    let later = job_of(&home, &["apply", "-p", "title"]);

    let refused = home.vpo(["undo", "--json", &first]).exits(1).json();
    assert_eq!(refused["files"][0]["code"], "LATER_CHANGE");
    let reason = refused["files"][0]["reason"].as_str().unwrap();
    assert!(reason.contains("set-title") && reason.contains(&format!("vpo undo {}", &later[..8])), "{reason}");
    home.vpo(["undo", &later]).exits(0);
    home.vpo(["undo", &first]).exits(0);

    assert!(is_as_it_was(&home, "Heat.mkv"));
    assert!(home.vpo(["undo", &first]).exits(2).stderr.contains("was taken back already"));
}

#[test]
fn a_kept_original_is_found_beside_its_film_when_their_folder_was_renamed() {
    let home = Home::new();
    home.put("Heat/Heat.mkv", &film("heat"));
    home.write("profiles/kids.kdl", format!("{KEEP_ENGLISH}{KEEP_ORIGINALS}"));
    home.vpo(["scan", "[films]"]).exits(0);
    home.vpo(["apply", "-p", "kids", "--yes"]).exits(0);
    fs::rename(home.films("Heat"), home.films("Heat (1995)")).unwrap();
    home.vpo(["scan", "[films]"]).exits(0);

    home.vpo(["undo", "[films]/Heat (1995)/Heat.mkv"]).exits(0);

    assert!(is_as_it_was(&home, "Heat (1995)/Heat.mkv"));
    assert_eq!(all_names(&home.films("Heat (1995)")), ["Heat.mkv"]);
}

#[test]
fn a_kept_original_is_found_in_a_folder_that_the_film_has_left() {
    let home = Home::new();
    for name in ["new/Heat.mkv", "new/Other.mkv"] {
        home.put(name, &film(if name == "new/Heat.mkv" { "heat" } else { "other" }));
    }
    home.write("profiles/kids.kdl", format!("{KEEP_ENGLISH}{KEEP_ORIGINALS}"));
    home.vpo(["scan", "[films]"]).exits(0);
    home.vpo(["apply", "-p", "kids", "--yes", "[films]/new/Heat.mkv"]).exits(0);
    fs::create_dir(home.films("seen")).unwrap();
    fs::rename(home.films("new/Heat.mkv"), home.films("seen/Heat.mkv")).unwrap();
    fs::rename(home.films("new"), home.films("newest")).unwrap();
    home.vpo(["scan", "[films]"]).exits(0);

    home.vpo(["undo", "[films]/seen/Heat.mkv"]).exits(0);

    assert!(is_as_it_was(&home, "seen/Heat.mkv"));
    assert_eq!(all_names(&home.films("newest")), ["Other.mkv"]);
}

#[test]
fn another_file_under_the_name_of_a_kept_original_is_not_taken_for_it() {
    let (home, _) = changed(KEEP_ENGLISH);
    let edited = fs::read(home.films("Heat.mkv")).unwrap();
    let kept = home.films(".Heat.mkv.vpo-original");
    let mut bytes = fs::read(&kept).unwrap();
    bytes[40_000..41_000].iter_mut().for_each(|byte| *byte ^= 0xff);

    fs::write(&kept, bytes).unwrap();
    let damaged = home.vpo(["undo", "--json", "[films]/Heat.mkv"]).exits(1).json();
    fs::copy(film("other"), &kept).unwrap();
    let other = home.vpo(["undo", "--json", "[films]/Heat.mkv"]).exits(1).json();
    fs::remove_file(&kept).unwrap();
    let gone = home.vpo(["undo", "--json", "[films]/Heat.mkv"]).exits(1).json();

    let differs = "is not what it was";
    for (refused, says) in [(&damaged, differs), (&other, differs), (&gone, "is no longer there")] {
        assert_eq!(refused["files"][0]["code"], "NOT_REVERSIBLE");
        assert!(refused["files"][0]["reason"].as_str().unwrap().contains(says), "{refused}");
    }
    assert!(fs::read(home.films("Heat.mkv")).unwrap() == edited);
}

#[test]
fn what_vpo_moved_is_moved_back_and_what_its_owner_moved_stays_where_it_is() {
    let home = Home::new();
    let source = vpo_tests::Recipe::new("heat").remuxed("mp4");
    home.put("new/Heat.mp4", &source);
    home.write(
        "profiles/kids.kdl",
        format!("policy \"container\" {{ to \"mkv\"; }}\nallow \"convert-container\"\n{KEEP_ORIGINALS}"),
    );
    home.vpo(["scan", "[films]"]).exits(0);
    home.vpo(["apply", "-p", "kids", "--yes"]).exits(0);
    assert_eq!(all_names(&home.films("new")), [".Heat.mp4.vpo-original", "Heat.mkv"]);
    fs::create_dir(home.films("seen")).unwrap();
    fs::rename(home.films("new/Heat.mkv"), home.films("seen/Heat (1995).mkv")).unwrap();
    home.put("new/Heat.mp4", &film("other"));
    home.vpo(["scan", "[films]"]).exits(0);

    home.vpo(["undo", "[films]/seen/Heat (1995).mkv"]).exits(0);

    assert!(fs::read(home.films("seen/Heat (1995).mp4")).unwrap() == fs::read(source).unwrap());
    assert_eq!(all_names(&home.films("seen")), ["Heat (1995).mp4"]);
    assert!(fs::read(home.films("new/Heat.mp4")).unwrap() == fs::read(film("other")).unwrap());
}

#[test]
fn a_job_that_is_forgotten_is_taken_back_from_the_history() {
    let (home, job) = changed(KEEP_ENGLISH);
    home.vpo(["jobs", "purge", "--older-than", "0s"]).exits(0);
    home.vpo(["jobs", "show", &job]).exits(2);

    home.vpo(["undo", &job[..8]]).exits(0);

    assert!(is_as_it_was(&home, "Heat.mkv"));
    assert!(home.vpo(["undo", "deadbeef"]).exits(2).stderr.contains("no job's id begins with"));
}

#[test]
fn a_dry_run_tells_of_each_file_what_would_be_put_back_and_what_cannot_be() {
    let home = Home::to_change("policy \"tracks\" { default audio=\"none\"; }\n");
    for name in ["Gone.mkv", "Kept.mkv"] {
        home.put(name, &film(if name == "Gone.mkv" { "alien" } else { "other" }));
    }
    home.vpo(["scan", "[films]"]).exits(0);
    let flags = job_of(&home, &["apply", "-p", "kids"]);
    home.write("profiles/keep.kdl", format!("{KEEP_ENGLISH}{KEEP_ORIGINALS}"));
    home.write("profiles/for-good.kdl", KEEP_ENGLISH);
    let kept = job_of(&home, &["apply", "-p", "keep", "--yes", "[films]/Kept.mkv"]);
    job_of(&home, &["apply", "-p", "for-good", "--yes", "[films]/Gone.mkv"]);
    let (rows, bytes) = (home.file_rows(), fs::read(home.films("Heat.mkv")).unwrap());

    let all = home.vpo(["undo", "--dry-run", "--json", &flags]).exits(1).json();
    let one = home.vpo(["undo", "--dry-run", "--json", &kept]).exits(0).json();
    let gone = home.vpo(["undo", "--dry-run", "[films]/Gone.mkv"]).exits(1);

    assert_eq!(all["summary"], serde_json::json!({ "to_undo": 1, "refused": 2 }), "{all}");
    let codes: Vec<_> = all["files"].as_array().unwrap().iter().map(|file| file["refused"]["code"].as_str()).collect();
    assert_eq!(codes, [Some("LATER_CHANGE"), None, Some("LATER_CHANGE")]);
    assert_eq!(all["files"][1]["steps"][0]["kind"], "set-flag");
    assert_eq!(all["files"][1]["runs"][0]["tool"], "mkvpropedit");
    let original = home.films(".Kept.mkv.vpo-original");
    assert_eq!(one["files"][0]["original"], original.to_str().unwrap());
    assert_eq!(one["files"][0]["original_size"], fs::metadata(original).unwrap().len());
    assert!(gone.stdout.contains("cannot be taken back: the original was not kept"), "{gone}");
    assert_eq!((home.file_rows(), fs::read(home.films("Heat.mkv")).unwrap()), (rows, bytes));
    assert_eq!(home.vpo(["undo", "--json", &kept]).exits(0).json()["summary"]["edited"], 1);
}

#[test]
fn of_a_film_that_is_gone_it_is_told_where_its_original_is() {
    let (home, _) = changed(KEEP_ENGLISH);
    fs::remove_file(home.films("Heat.mkv")).unwrap();

    let gone = home.vpo(["undo", "[films]/Heat.mkv"]).exits(1);

    assert!(gone.stderr.contains(".Heat.mkv.vpo-original; give it the name"), "{gone}");
    assert_eq!(all_names(&home.films("")), [".Heat.mkv.vpo-original"]);
}

#[test]
fn of_a_disk_that_is_not_there_it_is_told_once() {
    let (home, job) = changed(KEEP_ENGLISH);
    fs::rename(home.films(""), home.folder().join("unmounted")).unwrap();

    for command in [["undo", "[films]/Heat.mkv"], ["undo", &job]] {
        let offline = home.vpo(command).exits(2);
        assert!(offline.stderr.contains("is offline"), "{offline}");
    }
    fs::rename(home.folder().join("unmounted"), home.films("")).unwrap();
    home.vpo(["undo", &job]).exits(0);
}

#[test]
fn a_dry_run_foresees_what_stands_in_the_way() {
    let home = Home::to_change("policy \"tracks\" { default audio=\"none\"; }\n");
    job_of(&home, &["apply", "-p", "kids"]);
    fs::hard_link(home.films("Heat.mkv"), home.folder().join("second-name")).unwrap();

    let linked = home.vpo(["undo", "--dry-run", "--json", "[films]/Heat.mkv"]).exits(1).json();
    fs::copy(film("other"), home.films("Heat.mkv")).unwrap();
    let stale = home.vpo(["undo", "--dry-run", "--json", "[films]/Heat.mkv"]).exits(1).json();

    assert_eq!(linked["files"][0]["refused"]["code"], "HARD_LINKED");
    assert_eq!(stale["files"][0]["refused"]["code"], "STALE");
}

#[test]
fn what_is_no_change_of_a_film_is_not_taken_for_one() {
    let (home, job) = changed(KEEP_ENGLISH);
    let undone = job_of(&home, &["undo", &job]);
    let scan = home.vpo(["scan", "--json", "[films]"]).exits(0).json()["job"].as_str().unwrap().to_owned();
    let nightly = format!("library \"{}\"\ntask \"nightly\" {{ scan; apply; }}\n", home.films("").display());
    home.write("profiles/night.kdl", format!("inherits \"kids\"\n{nightly}"));
    home.vpo(["run", "nightly", "-p", "night", "--yes"]).exits(0);
    let jobs = home.vpo(["jobs", "list", "--json"]).exits(0).json();
    let newest = |kind: &str| {
        let jobs = jobs.as_array().unwrap();
        jobs.iter().find(|job| job["type"] == kind).unwrap()["id"].as_str().unwrap().to_owned()
    };
    let part = &newest("apply")[..8];

    assert!(home.vpo(["undo", "[films]"]).exits(2).stderr.contains("is a folder"));
    assert!(home.vpo(["undo", &undone]).exits(2).stderr.contains("is itself an undo"));
    assert!(home.vpo(["undo", &scan]).exits(2).stderr.contains("changed nothing"));
    assert!(home.vpo(["undo", &newest("task")]).exits(2).stderr.contains(&format!("vpo undo {part}")));
}

#[test]
fn killed_anywhere_while_an_original_comes_back_the_next_start_settles_it() {
    let (mut is_through, mut moment, mut settled) = (false, 0, BTreeSet::new());
    while !is_through {
        moment += 1;
        let home = Home::to_change(&format!("{KEEP_ENGLISH}\napply backup=\"keep\"\n"));
        home.vpo(["apply", "-p", "kids", "--yes"]).exits(0);
        let edited = fs::read(home.films("Heat.mkv")).unwrap();
        let undo = home.command(["undo", "[films]/Heat.mkv"]);
        let Some(came_through) = came_through(&undo, moment) else { return };
        is_through = came_through;

        home.vpo(["scan", "[films]"]).exits(0);

        let film_now = fs::read(home.films("Heat.mkv")).unwrap();
        let original = fs::read(film("heat")).unwrap();
        let kept = home.films(".Heat.mkv.vpo-original");
        let is_original = film_now == original;
        match is_original {
            true => assert_eq!(all_names(&home.films("")), ["Heat.mkv"], "killed at change {moment}"),
            false => assert!(film_now == edited && fs::read(kept).unwrap() == original, "killed at change {moment}"),
        }
        let links = fs::metadata(home.films("Heat.mkv")).unwrap().nlink();
        assert_eq!(links, 1, "killed at change {moment}");
        settled.insert(is_original);
    }
    assert_eq!(settled.len(), 2, "it was killed {moment} times, and never before the original was back");
}
