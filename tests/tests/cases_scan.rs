//! What a scan notices: files that are new, changed, touched, gone, back, damaged.

use std::fs::{self, File, FileTimes};
use std::io::{Seek, SeekFrom, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::{Duration, SystemTime};

use rusqlite::Connection;
use vpo_tests::{Home, film, large_film, snapshot, with_other_title};

/// A home with three films and a text file, scanned once.
fn scanned() -> Home {
    let home = three_films();
    home.scan(&[]).exits(0);
    home
}

fn three_films() -> Home {
    let home = Home::new();
    home.put("Heat.mkv", &film("heat"));
    home.put("Alien.mkv", &film("alien"));
    home.put("old/Brazil.mkv", &film("brazil"));
    fs::write(home.films("notes.txt"), "not a film").unwrap();
    home
}

fn modified(path: &Path) -> SystemTime {
    fs::metadata(path).unwrap().modified().unwrap()
}

fn set_modified(path: &Path, time: SystemTime) {
    File::options().append(true).open(path).unwrap().set_times(FileTimes::new().set_modified(time)).unwrap();
}

/// Writes over a byte and puts the modification time back.
fn damage(path: &Path, at: u64) {
    let time = modified(path);
    let before = fs::read(path).unwrap()[at as usize];
    let mut file = File::options().write(true).open(path).unwrap();
    file.seek(SeekFrom::Start(at)).unwrap();
    file.write_all(&[!before]).unwrap();
    set_modified(path, time);
}

#[test]
fn case_01_a_first_scan_adds_every_film() {
    let home = three_films();

    let first = home.scan(&[]);

    assert_eq!(first.exit, 0, "{first}");
    assert_eq!(first.summary(), [3, 0, 3, 3, 0, 0, 0]);
    snapshot!("json", first);
    let jobs = home.vpo(["jobs", "list", "--json"]).json();
    let jobs = jobs.as_array().unwrap();
    assert_eq!(jobs.len(), 1);
    assert_eq!((jobs[0]["type"].as_str(), jobs[0]["status"].as_str()), (Some("scan"), Some("completed")));
}

#[test]
fn case_01_a_scan_says_in_words_what_it_found() {
    let home = three_films();

    snapshot!(home.vpo(["scan", "[films]"]));
}

#[test]
fn case_02_a_second_scan_reads_and_writes_nothing() {
    let home = scanned();
    let before = home.file_rows();

    let second = home.scan(&[]);

    assert_eq!(second.summary(), [3, 3, 0, 0, 0, 0, 0], "{second}");
    assert_eq!(home.file_rows(), before);
}

#[test]
fn case_02_a_folder_whose_packed_rows_are_damaged_is_packed_again() {
    let home = scanned();
    let packed = |home: &Home| -> Vec<Vec<u8>> {
        let database = home.database();
        let mut rows = database.prepare("SELECT files FROM listings ORDER BY folder_id").unwrap();
        rows.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
    };
    let (rows, sound) = (home.file_rows(), packed(&home));
    let damage = "UPDATE listings SET files = CAST(x'00' || substr(files, 2) AS BLOB)";
    assert_eq!(Connection::open(home.own().join("library.db")).unwrap().execute(damage, []).unwrap(), 2);

    let second = home.scan(&[]);

    assert_eq!(second.summary(), [3, 3, 0, 0, 0, 0, 0], "{second}");
    assert_eq!((home.file_rows(), packed(&home)), (rows, sound));
}

#[test]
fn case_03_a_film_whose_time_moved_is_read_again() {
    let home = scanned();
    let heat = home.films("Heat.mkv");
    let moves: [fn(SystemTime) -> SystemTime; 3] = [
        |time| time + Duration::from_secs(60),
        |time| time - Duration::from_secs(7200),
        |time| time + Duration::from_nanos(100),
    ];

    for moved in moves {
        set_modified(&heat, moved(modified(&heat)));

        let again = home.scan(&[]);

        assert_eq!(again.summary(), [3, 2, 1, 0, 0, 0, 0], "{again}");
    }
}

#[test]
fn case_04_a_film_that_grew_is_read_again_whatever_its_time_says() {
    let home = scanned();
    let heat = home.films("Heat.mkv");
    let time = modified(&heat);
    File::options().append(true).open(&heat).unwrap().write_all(&[0]).unwrap();
    set_modified(&heat, time);

    let again = home.scan(&[]);

    assert_eq!(again.summary()[..4], [3, 2, 1, 0], "{again}");
}

#[test]
fn case_04_an_edit_in_place_is_noticed_when_its_time_was_put_back() {
    let home = scanned();
    let heat = home.films("Heat.mkv");
    let time = modified(&heat);
    fs::write(&heat, with_other_title(&heat)).unwrap();
    set_modified(&heat, time);

    let again = home.scan(&[]);

    assert_eq!(again.summary()[..4], [3, 2, 1, 0], "{again}");
}

#[test]
fn case_05_a_film_replaced_under_its_name_is_noticed() {
    let home = scanned();
    let heat = home.films("Heat.mkv");
    let other = home.films("other.part");
    fs::write(&other, with_other_title(&heat)).unwrap();
    set_modified(&other, modified(&heat));
    fs::rename(&other, &heat).unwrap();

    let again = home.scan(&[]);

    assert_eq!(again.summary()[..4], [3, 2, 1, 0], "{again}");
}

#[test]
fn case_05_permissions_alone_do_not_have_a_film_read() {
    let home = scanned();
    fs::set_permissions(home.films("Heat.mkv"), fs::Permissions::from_mode(0o600)).unwrap();

    let again = home.scan(&[]);

    assert_eq!(again.summary(), [3, 3, 0, 0, 0, 0, 0], "{again}");
    let before = home.file_rows();
    home.scan(&[]).exits(0);
    assert_eq!(home.file_rows(), before, "the new observation was recorded");
}

#[test]
fn case_06_an_added_film_is_added() {
    let home = scanned();
    home.put("Stalker.mkv", &film("stalker"));

    let again = home.scan(&[]);

    assert_eq!(again.summary(), [4, 3, 1, 1, 0, 0, 0], "{again}");
}

#[test]
fn case_06_a_deleted_file_comes_back_with_its_id() {
    let home = scanned();
    let (heat, aside) = (home.films("Heat.mkv"), home.folder().join("aside.mkv"));
    let id = home.file_id("Heat.mkv").unwrap();
    fs::rename(&heat, &aside).unwrap();

    let gone = home.scan(&[]);

    assert_eq!(gone.summary(), [2, 2, 0, 0, 0, 1, 0], "{gone}");
    assert_eq!(home.file_id("Heat.mkv"), Some(id), "it is marked, not forgotten");
    let still_gone = home.scan(&[]);
    assert_eq!(still_gone.summary()[5], 0, "it is not removed twice: {still_gone}");

    fs::copy(&aside, &heat).unwrap();
    set_modified(&heat, modified(&aside));
    let back = home.scan(&[]);

    assert_eq!(back.exit, 0, "{back}");
    assert_eq!(back.summary()[..2], [3, 3], "its bytes are known: {back}");
    assert_eq!(home.file_id("Heat.mkv"), Some(id));
    let missing: i64 = home
        .database()
        .query_row("SELECT count(*) FROM files WHERE missing_since_ns IS NOT NULL", [], |row| row.get(0))
        .unwrap();
    assert_eq!(missing, 0);
}

#[test]
fn case_07_a_full_scan_reads_every_film() {
    let home = scanned();

    let full = home.scan(&["--full"]);

    assert_eq!(full.summary(), [3, 0, 3, 0, 0, 0, 0], "{full}");
}

#[test]
fn case_06_what_is_back_is_there_again_whatever_notices_changes() {
    for detector in ["detect \"stat\"", "detect \"content\"", "detect \"content\" { compare \"full\"; }"] {
        let home = Home::new();
        home.put("Heat.mkv", &film("heat"));
        home.put("shelf/Alien.mkv", &film("alien"));
        let library = home.films("").display().to_string();
        home.write("profiles/mine.kdl", format!("library {library:?}\n{detector}\n"));
        let scan = |options: &[&str]| home.vpo(["scan", "-p", "mine"].iter().chain(options));
        scan(&[]).exits(0);
        let (shelf, aside) = (home.films("shelf"), home.folder().join("aside"));
        // Of what is moved with its folder, nothing that `stat` says is another.
        fs::rename(&shelf, &aside).unwrap();
        scan(&[]).exits(0);
        fs::rename(&aside, &shelf).unwrap();

        let back = scan(&["--verbose"]);

        assert!(back.stdout.contains("returned") && back.stdout.contains("Alien.mkv"), "{detector}: {back}");
        let story = home.vpo(["history", "[films]/shelf/Alien.mkv"]);
        assert!(story.stdout.contains("missing") && story.stdout.contains("returned"), "{detector}: {story}");
        let before = home.file_rows();
        assert_eq!(scan(&["--json"]).summary(), [2, 2, 0, 0, 0, 0, 0], "{detector}");
        assert_eq!(home.file_rows(), before, "{detector}: nothing is written of what is as it was");
    }
}

#[test]
fn case_07_what_a_full_scan_finds_as_it_was_is_no_change() {
    let home = scanned();
    let heat = home.films("Heat.mkv");
    set_modified(&heat, modified(&heat) + Duration::from_secs(60));
    let foreseen = home.vpo(["scan", "--full", "--dry-run", "--verbose", "[films]"]);
    assert_eq!(foreseen.stdout.matches("scanned   ").count(), 2, "{foreseen}");
    assert_eq!(foreseen.stdout.matches("changed   ").count(), 1, "{foreseen}");

    let full = home.vpo(["scan", "--full", "--verbose", "[films]"]);

    let told = |what: &str, name: &str| full.stdout.lines().any(|line| line.starts_with(what) && line.contains(name));
    assert!(told("changed", "Heat.mkv"), "{full}");
    assert!(told("scanned", "Alien.mkv") && told("scanned", "Brazil.mkv"), "{full}");
    let story = home.vpo(["history", "[films]/Alien.mkv"]);
    assert!(!story.stdout.contains("changed"), "{story}");
}

#[test]
fn r1_what_an_older_reader_found_is_read_again() {
    let home = scanned();
    let older = "UPDATE files SET reader = 'matroska 0.0.1' WHERE name = CAST('Heat.mkv' AS BLOB)";
    assert_eq!(Connection::open(home.own().join("library.db")).unwrap().execute(older, []).unwrap(), 1);

    let again = home.scan(&[]);

    assert_eq!(again.summary(), [3, 2, 1, 0, 0, 0, 0], "{again}");
    assert_eq!(home.scan(&[]).summary(), [3, 3, 0, 0, 0, 0, 0]);
}

#[test]
fn case_07_pruning_forgets_missing_films_of_the_scanned_roots_only() {
    let home = scanned();
    let other = home.folder().join("other");
    fs::create_dir(&other).unwrap();
    for name in ["Kept.mkv", "Lost.mkv"] {
        fs::copy(film("stalker"), other.join(name)).unwrap();
    }
    home.vpo([Path::new("scan"), &other]).exits(0);
    fs::remove_file(other.join("Lost.mkv")).unwrap();
    home.vpo([Path::new("scan"), &other]).exits(0);
    fs::remove_file(home.films("Heat.mkv")).unwrap();

    let pruned = home.scan(&["--prune"]);

    assert_eq!(pruned.exit, 0, "{pruned}");
    assert_eq!(home.file_id("Heat.mkv"), None);
    assert!(home.file_id("Alien.mkv").is_some());
    assert!(home.file_id("Lost.mkv").is_some(), "another root is not touched");
}

#[test]
fn case_07_a_dry_run_says_what_would_change_and_writes_nothing() {
    let home = scanned();
    home.put("Stalker.mkv", &film("stalker"));
    fs::remove_file(home.films("Heat.mkv")).unwrap();
    set_modified(&home.films("Alien.mkv"), SystemTime::UNIX_EPOCH);
    let before = home.file_rows();

    let dry = home.scan(&["--dry-run"]);

    assert_eq!(dry.exit, 0, "{dry}");
    assert_eq!(dry.summary(), [3, 1, 2, 1, 0, 1, 0], "{dry}");
    assert_eq!(home.file_rows(), before);
    snapshot!("words", home.vpo(["scan", "--dry-run", "[films]"]));
    let (again, dry) = (home.scan(&[]), dry.summary());
    assert_eq!(again.summary(), dry, "the scan does what the dry run said");
}

#[test]
fn case_08_verifying_finds_a_damaged_byte() {
    let home = Home::new();
    let noise = home.put("Noise.mkv", &large_film());
    home.put("Heat.mkv", &film("heat"));
    home.scan(&[]).exits(0);
    let sound = home.scan(&["--verify-hash"]);
    assert_eq!(sound.exit, 0, "{sound}");
    let middle = fs::metadata(&noise).unwrap().len() / 2;
    damage(&noise, middle);

    let verified = home.scan(&["--verify-hash"]);

    assert_eq!(verified.exit, 1, "{verified}");
    snapshot!("words", home.vpo(["scan", "--verify-hash", "[films]"]));
}

#[test]
fn case_08_verifying_finds_damage_where_no_sample_looks() {
    let home = Home::new();
    let noise = home.put("Noise.mkv", &large_film());
    home.scan(&["--verify-hash"]).exits(0);
    home.scan(&["--verify-hash"]).exits(0);
    let quarter = fs::metadata(&noise).unwrap().len() / 4;
    damage(&noise, quarter);

    let verified = home.scan(&["--verify-hash"]);

    assert_eq!(verified.exit, 1, "{verified}");
    let again = home.scan(&["--verify-hash"]);
    assert_eq!(again.exit, 1, "the old hash was kept: {again}");
}
