//! Where a scan looks: roots and their neighbours, folders that cannot be read, links, names.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use vpo_tests::{Home, Outcome, film, snapshot, with_other_title};

#[test]
fn case_09_a_neighbour_with_a_longer_name_is_not_touched() {
    let home = Home::new();
    let neighbours = ["movies", "movies2", "movies_x", "movies%"];
    for folder in neighbours {
        home.put(format!("{folder}/Heat.mkv"), &film("heat"));
        home.put(format!("{folder}/Alien.mkv"), &film("alien"));
        home.vpo(["scan", &format!("[films]/{folder}")]).exits(0);
    }
    fs::remove_file(home.films("movies/Heat.mkv")).unwrap();
    for folder in &neighbours[1..] {
        fs::remove_file(home.films(folder).join("Heat.mkv")).unwrap();
    }

    let scan = home.vpo(["scan", "--json", "--prune", "[films]/movies"]);

    assert_eq!(scan.summary()[5], 1, "{scan}");
    assert_eq!(home.missing(), 0, "the neighbours were not looked at");
    assert_eq!(home.file_rows().len(), 7);
}

#[test]
fn case_10_an_empty_root_is_offline_and_nothing_changes() {
    let home = Home::new();
    home.put("Heat.mkv", &film("heat"));
    home.scan(&[]).exits(0);
    let before = home.file_rows();
    fs::remove_file(home.films("Heat.mkv")).unwrap();

    for options in [&[][..], &["--full"], &["--prune"]] {
        let offline = home.scan(options);

        assert_eq!(offline.exit, 2, "{offline}");
        assert_eq!(home.file_rows(), before);
    }
    snapshot!(home.vpo(["scan", "[films]"]));
    let accepted = home.scan(&["--accept-missing"]);
    assert_eq!((accepted.exit, accepted.summary()[5]), (0, 1), "a person may say that it is meant: {accepted}");
}

#[test]
fn case_10_a_root_that_is_gone_is_offline_and_nothing_changes() {
    let home = Home::new();
    home.put("Heat.mkv", &film("heat"));
    home.scan(&[]).exits(0);
    let before = home.file_rows();
    fs::remove_dir_all(home.films("")).unwrap();

    for options in [&[][..], &["--full"], &["--prune"]] {
        let offline = home.scan(options);

        assert_eq!(offline.exit, 2, "{offline}");
        assert_eq!(home.file_rows(), before);
    }
    snapshot!(home.vpo(["scan", "[films]"]));
}

#[test]
fn case_10_a_root_that_is_gone_for_good_can_be_given_up() {
    let home = Home::new();
    home.put("old/sub/Heat.mkv", &film("heat"));
    home.put("kept/Alien.mkv", &film("alien"));
    home.vpo(["scan", "[films]/old", "[films]/kept"]).exits(0);
    let id = home.file_id("Heat.mkv").unwrap();
    fs::rename(home.films("old"), home.folder().join("elsewhere")).unwrap();
    home.vpo(["scan", "[films]/old"]).exits(2);

    let given_up = home.vpo(["scan", "--json", "--accept-missing", "[films]/old"]);

    assert_eq!((given_up.exit, given_up.summary()[5], home.missing()), (0, 1, 1), "{given_up}");
    let doctor = home.vpo(["doctor"]).exits(0);
    assert!(!doctor.stdout.contains("/old"), "{doctor}");
    fs::rename(home.folder().join("elsewhere"), home.films("old")).unwrap();
    home.vpo(["scan", "[films]/old"]).exits(0);
    assert_eq!((home.file_id("Heat.mkv"), home.missing()), (Some(id), 0), "what comes back is there again");
    fs::remove_dir_all(home.films("old")).unwrap();
    home.vpo(["scan", "--accept-missing", "[films]/old"]).exits(0);
    home.vpo(["scan", "--accept-missing", "--prune", "[films]/old"]).exits(0);
    assert_eq!((home.file_id("Heat.mkv"), home.file_rows().len()), (None, 1));
}

#[test]
fn case_10_a_root_that_is_no_folder_any_more_is_offline_and_nothing_changes() {
    let home = Home::new();
    home.put("Heat.mkv", &film("heat"));
    home.scan(&[]).exits(0);
    let before = home.file_rows();
    fs::rename(home.films(""), home.folder().join("aside")).unwrap();
    fs::write(home.folder().join("films"), "not a folder").unwrap();

    let offline = home.scan(&["--prune"]);

    assert_eq!((offline.exit, offline.json()["code"].as_str()), (2, Some("ROOT_OFFLINE")), "{offline}");
    assert_eq!(home.file_rows(), before);
}

#[test]
fn case_11_a_folder_that_cannot_be_read_keeps_its_files() {
    let mut home = Home::new();
    home.put("Heat.mkv", &film("heat"));
    home.put("locked/Alien.mkv", &film("alien"));
    if !home.give_up_power() {
        return;
    }
    home.scan(&[]).exits(0);
    fs::set_permissions(home.films("locked"), fs::Permissions::from_mode(0o000)).unwrap();

    let locked = home.vpo(["scan", "[films]"]);
    let (rows, marked) = (home.file_rows().len(), home.missing());
    fs::set_permissions(home.films("locked"), fs::Permissions::from_mode(0o755)).unwrap();

    assert_eq!((rows, marked), (2, 0), "{locked}");
    snapshot!(locked);
    assert_eq!(home.scan(&[]).summary(), [2, 2, 0, 0, 0, 0, 0]);
}

#[test]
fn case_11_half_of_the_films_gone_waits_for_a_person() {
    let home = Home::new();
    for number in 0..44 {
        home.put(format!("film-{number:02}.mkv"), &film("heat"));
    }
    home.scan(&[]).exits(0);
    for number in 0..22 {
        fs::remove_file(home.films(format!("film-{number:02}.mkv"))).unwrap();
    }

    let held = home.vpo(["scan", "[films]"]);

    assert_eq!(held.exit, 3, "{held}");
    assert_eq!(home.missing(), 0);
    snapshot!(held);
    let accepted = home.scan(&["--accept-missing"]);
    assert_eq!((accepted.exit, accepted.summary()[5]), (0, 22), "{accepted}");
    assert_eq!(home.missing(), 22);
}

#[test]
fn case_11_missing_films_of_any_name_wait_for_a_person() {
    let home = Home::new();
    let name = |number: u8| OsStr::from_bytes(&[b"film-", &[0xe9, b'a' + number][..], b".mkv"].concat()).to_owned();
    for number in 0..24 {
        home.put(name(number), &film("heat"));
    }
    home.put("Alien.mkv", &film("alien"));
    home.scan(&[]).exits(0);
    (0..24).for_each(|number| fs::remove_file(home.films(name(number))).unwrap());

    for options in [&["--dry-run", "--json"][..], &["--json"], &[]] {
        let held = home.vpo(["scan", "[films]"].iter().chain(options));

        assert_eq!((held.exit, home.missing()), (3, 0), "{held}");
    }
}

#[test]
fn case_12_a_renamed_film_keeps_its_id() {
    let home = Home::new();
    home.put("Heat.mkv", &film("heat"));
    home.put("Alien.mkv", &film("alien"));
    home.scan(&[]).exits(0);
    let id = home.file_id("Heat.mkv").unwrap();
    fs::rename(home.films("Heat.mkv"), home.films("Heat (1995).mkv")).unwrap();

    let renamed = home.scan(&[]);

    assert_eq!(renamed.summary(), [2, 1, 0, 0, 1, 0, 0], "{renamed}");
    assert_eq!(home.file_id("Heat (1995).mkv"), Some(id));
    fs::create_dir(home.films("crime")).unwrap();
    fs::rename(home.films("Heat (1995).mkv"), home.films("crime/Heat.mkv")).unwrap();

    let moved = home.scan(&[]);

    assert_eq!(moved.summary(), [2, 1, 0, 0, 1, 0, 0], "{moved}");
    assert_eq!(home.file_id("Heat.mkv"), Some(id));
    for name in ["crime/Heat.mkv", "Heat (1995).mkv", "Heat.mkv"] {
        let story = home.vpo(["history", &format!("[films]/{name}")]).exits(0);
        assert_eq!(story.stdout.matches("  moved  ").count(), 2, "under every name it had: {story}");
    }
}

#[test]
fn case_12_a_dry_run_counts_moves_as_the_scan_does() {
    let home = Home::new();
    home.put("Heat.mkv", &film("heat"));
    home.put("Alien.mkv", &film("alien"));
    fs::hard_link(home.films("Alien.mkv"), home.films("Hitze.mkv")).unwrap();
    // Two that cannot be read, and that only their inodes tell from each other.
    fs::write(home.films("one.mkv"), "no film").unwrap();
    fs::write(home.films("two.mkv"), "no film").unwrap();
    home.scan(&[]).exits(1);
    let rename = |from: &str, to: &str| fs::rename(home.films(from), home.films(to)).unwrap();
    rename("one.mkv", "three.mkv");
    rename("Heat.mkv", "Heat (1995).mkv");
    // One of two names, of which the other stays.
    rename("Hitze.mkv", "Fuoco.mkv");
    // What a dry run does not read, it does not know to be broken.
    let counts = |outcome: &Outcome| {
        let [discovered, skipped, scanned, added, moved, removed, errors] = outcome.summary();
        [discovered, skipped, scanned + errors, added, moved, removed]
    };

    let foreseen = home.scan(&["--dry-run"]);
    let moved = home.scan(&[]);

    assert_eq!(counts(&moved), [5, 1, 2, 0, 3, 0], "{moved}");
    assert_eq!(counts(&foreseen), counts(&moved), "{foreseen}");
    rename("three.mkv", "four.mkv");
    rename("Heat (1995).mkv", "Heat.mkv");
    let foreseen = home.scan(&["--full", "--dry-run"]);
    let moved = home.scan(&["--full"]);
    assert_eq!(counts(&moved)[3..], [0, 2, 0], "{moved}");
    assert_eq!(counts(&foreseen), counts(&moved), "{foreseen} {moved}");
}

#[test]
fn case_12_between_films_with_equal_bytes_no_guess_is_made() {
    let home = Home::new();
    for name in ["one.mkv", "two.mkv", "Alien.mkv"] {
        home.put(name, &film(if name == "Alien.mkv" { "alien" } else { "heat" }));
    }
    home.scan(&[]).exits(0);
    // Copies have inodes and times of their own, so that nothing tells which is which.
    for name in ["one.mkv", "two.mkv"] {
        home.put(format!("box/{name}"), &home.films(name));
        fs::remove_file(home.films(name)).unwrap();
    }

    let foreseen = home.scan(&["--dry-run"]);
    let moved = home.scan(&[]);

    assert_eq!(moved.summary(), [3, 1, 2, 2, 0, 2, 0], "{moved}");
    assert_eq!(foreseen.summary(), moved.summary(), "{foreseen}");
}

#[test]
fn case_12_a_film_that_moved_to_a_root_scanned_later_keeps_its_id() {
    let home = Home::new();
    for (name, title) in [("one/Heat.mkv", "heat"), ("one/Alien.mkv", "alien"), ("two/Brazil.mkv", "brazil")] {
        home.put(name, &film(title));
    }
    home.vpo(["scan", "[films]/one", "[films]/two"]).exits(0);
    let id = home.file_id("Heat.mkv").unwrap();
    fs::rename(home.films("one/Heat.mkv"), home.films("two/Heat.mkv")).unwrap();
    let one = home.vpo(["scan", "--json", "[films]/one"]);
    assert_eq!(one.summary()[5], 1, "{one}");

    let foreseen = home.vpo(["scan", "--json", "--dry-run", "[films]/two"]);
    let two = home.vpo(["scan", "--json", "[films]/two"]);

    assert_eq!(two.summary(), [2, 1, 0, 0, 1, 0, 0], "{two}");
    assert_eq!(foreseen.summary(), two.summary());
    assert_eq!((home.file_id("Heat.mkv"), home.missing()), (Some(id), 0));
}

#[test]
fn case_12_another_film_on_the_same_inode_is_not_taken_for_the_one_that_was_there() {
    let home = Home::new();
    let heat = home.put("Heat.mkv", &film("heat"));
    home.put("Alien.mkv", &film("alien"));
    home.scan(&[]).exits(0);
    let (id, time) = (home.file_id("Heat.mkv").unwrap(), fs::metadata(&heat).unwrap().modified().unwrap());
    let other = home.films("Other.mkv");
    fs::rename(&heat, &other).unwrap();
    fs::write(&other, with_other_title(&other)).unwrap();
    fs::File::options().append(true).open(&other).unwrap().set_modified(time).unwrap();

    let again = home.scan(&[]);

    assert_eq!(again.summary(), [2, 1, 1, 1, 0, 1, 0], "{again}");
    assert_ne!(home.file_id("Other.mkv"), Some(id));
}

#[test]
fn case_12_a_dry_run_foresees_a_move_to_another_disk() {
    let home = Home::new();
    let heat = home.put("Heat.mkv", &film("heat"));
    home.put("Alien.mkv", &film("alien"));
    home.scan(&[]).exits(0);
    // What is moved to another disk is a copy with an inode and times of its own.
    fs::create_dir(home.films("crime")).unwrap();
    fs::copy(&heat, home.films("crime/Heat.mkv")).unwrap();
    fs::remove_file(heat).unwrap();

    let foreseen = home.scan(&["--dry-run"]);

    assert_eq!(foreseen.summary(), [2, 1, 0, 0, 1, 0, 0], "{foreseen}");
    assert_eq!(home.scan(&[]).summary(), foreseen.summary(), "the scan does what the dry run said");
}

#[test]
fn case_13_two_names_of_one_film_are_read_once() {
    let home = Home::new();
    let heat = home.put("Heat.mkv", &film("heat"));
    fs::hard_link(&heat, home.films("Hitze.mkv")).unwrap();

    let linked = home.scan(&[]);

    let [discovered, _, scanned, added, ..] = linked.summary();
    assert_eq!((discovered, added), (2, 2), "{linked}");
    assert_eq!(scanned, 1, "{linked}");
    assert_eq!(home.scan(&[]).summary(), [2, 2, 0, 0, 0, 0, 0]);
}

#[test]
fn case_13_links_in_circles_and_into_nothing_are_no_errors() {
    let home = Home::new();
    home.put("deep/er/Heat.mkv", &film("heat"));
    symlink("..", home.films("deep/er/round")).unwrap();
    symlink("nowhere.mkv", home.films("dangling.mkv")).unwrap();

    let scan = home.scan(&[]);

    assert_eq!(scan.exit, 0, "{scan}");
    assert_eq!(scan.summary(), [1, 0, 1, 1, 0, 0, 0]);
}

#[test]
fn case_13_links_are_followed_when_asked_and_every_folder_is_walked_once() {
    let home = Home::new();
    home.put("real/Heat.mkv", &film("heat"));
    home.put("real/deep/Alien.mkv", &film("alien"));
    home.put("../outside/old/Brazil.mkv", &film("other"));
    fs::create_dir(home.films("a")).unwrap();
    let outside = home.folder().join("outside");
    for (target, link) in [
        (Path::new("../real"), "a/again"),
        (Path::new(".."), "a/up"),
        (Path::new("."), "real/deep/itself"),
        (&home.films("real/deep"), "absolute"),
        (&outside, "b/friend"),
        (&outside.join("old"), "c"),
        (&outside, "left out"),
        (Path::new("nowhere"), "dangling"),
    ] {
        let link = home.films(link);
        fs::create_dir_all(link.parent().unwrap()).unwrap();
        symlink(target, link).unwrap();
    }
    symlink(home.films(""), outside.join("back")).unwrap();
    home.write("config.kdl", "scan follow-symlinks=#true\n");

    let first = home.scan(&["--exclude", "left out"]);

    assert_eq!(first.summary(), [3, 0, 3, 3, 0, 0, 0], "{first}");
    let folders = |home: &Home| -> Vec<Vec<u8>> {
        let database = home.database();
        let query = "SELECT d.path FROM files f JOIN folders d ON d.id = f.folder_id ORDER BY d.path";
        let mut rows = database.prepare(query).unwrap();
        rows.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
    };
    let places =
        ["b/friend/old", "real", "real/deep"].map(|place| home.films(place).into_os_string().into_encoded_bytes());
    assert_eq!(folders(&home), places, "each at its own place, or at the first by name");
    for _ in 0..3 {
        assert_eq!(home.scan(&["--exclude", "left out"]).summary(), [3, 3, 0, 0, 0, 0, 0]);
    }
}

#[test]
fn case_14_one_folder_named_in_many_ways_is_one_folder() {
    let home = Home::new();
    home.put("Heat.mkv", &film("heat"));
    home.put("old/Brazil.mkv", &film("brazil"));
    home.scan(&[]).exits(0);

    for way in ["films", "./films", "films/", "[films]/", "[films]/../films", "films//", "[films]/old/.."] {
        let again = home.vpo(["scan", "--json", way]);

        assert_eq!(again.summary(), [2, 2, 0, 0, 0, 0, 0], "{again}");
    }
    let overlapping = home.vpo(["scan", "--json", "[films]", "[films]/old"]);
    assert_eq!(overlapping.exit, 0, "{overlapping}");
    assert_eq!(overlapping.summary()[..2], [2, 2], "{overlapping}");
    let below = home.vpo(["scan", "--json", "[films]/old"]);
    assert_eq!(below.summary(), [1, 1, 0, 0, 0, 0, 0], "{below}");
    assert_eq!(home.file_rows().len(), 2);
}

#[test]
fn case_15_any_name_is_a_name() {
    let names: [&[u8]; 6] = [
        b"UP.MKV",
        "ünïcödé.mkv".as_bytes(),
        "e\u{301}te\u{301}.mkv".as_bytes(),
        "🎬.mkv".as_bytes(),
        b"two\nlines.mkv",
        b"not \xff\xfe unicode.mkv",
    ];
    let home = Home::new();
    for name in names {
        home.put(Path::new(OsStr::from_bytes(name)), &film("heat"));
    }

    let first = home.vpo(["scan", "--verbose", "[films]"]);

    assert_eq!(first.exit, 0, "{first}");
    snapshot!(first.sorted());
    assert_eq!(home.scan(&[]).summary(), [6, 6, 0, 0, 0, 0, 0]);
}
