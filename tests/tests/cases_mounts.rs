//! Disks that come and go under a scan: inside a root, as a root, and others in their place.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use rustix::mount::{MountFlags, mount_remount};
use vpo_tests::{Home, Mounted, film, snapshot, stand_in};

/// A film on the disk of the root, and two on a disk that is mounted inside; scanned once, and the disk taken away.
fn without_its_disk() -> Option<Home> {
    let home = Home::new();
    home.put("Heat.mkv", &film("heat"));
    fs::create_dir(home.films("disk")).unwrap();
    let disk = Mounted::disk(&home.films("disk"))?;
    home.put("disk/Alien.mkv", &film("alien"));
    home.put("disk/old/Brazil.mkv", &film("brazil"));
    assert_eq!(home.scan(&[]).summary()[0], 3);
    drop(disk);
    Some(home)
}

#[test]
fn case_10_films_on_a_disk_inside_a_root_keep_their_state_while_it_is_gone() {
    let Some(home) = without_its_disk() else { return };
    fs::write(home.films("disk/README"), "mount the disk here").unwrap();

    for options in [&[][..], &["--full"], &["--prune"]] {
        let gone = home.scan(options);

        assert_eq!((gone.exit, gone.summary()[5]), (0, 0), "{gone}");
        assert_eq!((home.missing(), home.file_rows().len()), (0, 3));
    }
    snapshot!(home.vpo(["scan", "[films]"]));
    let accepted = home.scan(&["--accept-missing"]);
    assert_eq!(accepted.summary()[5], 2, "a person may say that it is meant: {accepted}");
    assert!(!home.scan(&[]).stdout.contains("unreadable"), "then the disk is forgotten");
}

#[test]
fn case_10_so_they_do_when_the_folder_of_the_disk_is_gone_as_well() {
    let Some(home) = without_its_disk() else { return };
    fs::remove_dir(home.films("disk")).unwrap();

    let gone = home.scan(&[]);

    assert_eq!(gone.summary()[5], 0, "{gone}");
    assert_eq!(home.missing(), 0);
}

#[test]
fn case_12_films_of_a_disk_that_is_mounted_elsewhere_now_have_moved() {
    for keeps_folder in [true, false] {
        let home = Home::new();
        home.put("Heat.mkv", &film("heat"));
        home.put("../disk/Alien.mkv", &film("alien"));
        home.put("../disk/old/Brazil.mkv", &film("other"));
        let (before, after) = (home.films("before"), home.films("after"));
        fs::create_dir(&before).unwrap();
        fs::create_dir(&after).unwrap();
        let Some(disk) = Mounted::bind(&home.folder().join("disk"), &before) else { return };
        assert_eq!(home.scan(&[]).summary()[0], 3);
        let id = home.file_id("Alien.mkv");
        drop(disk);
        if !keeps_folder {
            fs::remove_dir(&before).unwrap();
        }
        let Some(disk) = Mounted::bind(&home.folder().join("disk"), &after) else { return };

        let foreseen = home.scan(&["--dry-run"]);
        let moved = home.scan(&[]);

        assert_eq!(moved.summary(), [3, 1, 0, 0, 2, 0, 0], "{moved}");
        assert_eq!(foreseen.summary(), moved.summary(), "{foreseen}");
        assert_eq!((home.file_id("Alien.mkv"), home.file_rows().len()), (id, 3));
        let again = home.scan(&[]);
        assert_eq!(again.summary(), [3, 3, 0, 0, 0, 0, 0], "{again}");
        assert!(!again.stdout.contains("unreadable"), "the place before is forgotten: {again}");
        drop(disk);
    }
}

#[test]
fn case_10_a_bind_mount_that_is_gone_is_offline_though_a_file_lies_beneath() {
    let home = Home::new();
    home.put("Heat.mkv", &film("heat"));
    let (films, root) = (home.films(""), home.folder().join("root"));
    fs::create_dir(&root).unwrap();
    fs::write(root.join("README"), "mount the disk here").unwrap();
    let Some(bound) = Mounted::bind(&films, &root) else { return };
    home.vpo([Path::new("scan"), &root]).exits(0);
    drop(bound);

    let offline = home.vpo([Path::new("scan"), &root]);

    assert_eq!(offline.exit, 2, "{offline}");
    assert_eq!(home.missing(), 0);
}

#[test]
fn case_10_another_disk_in_the_place_of_a_root_waits_for_a_person() {
    let home = Home::new();
    let Some(disk) = Mounted::disk(&home.films("")) else { return };
    home.put("Heat.mkv", &film("heat"));
    home.scan(&[]).exits(0);
    drop(disk);
    let Some(_other) = Mounted::disk(&home.films("")) else { return };
    home.put("Alien.mkv", &film("alien"));

    for _ in 0..2 {
        let held = home.scan(&[]);

        assert_eq!((held.exit, home.missing()), (3, 0), "{held}");
    }
    let accepted = home.scan(&["--accept-missing"]);
    assert_eq!((accepted.exit, accepted.summary()[5]), (0, 1), "{accepted}");
}

#[test]
fn fat_is_known_as_fat_and_its_films_are_not_read_again_after_it_was_away() {
    let home = Home::new();
    let Some(image) = stick(&home) else { return };
    let Some(stick) = Mounted::fat(&image, &home.films("")) else { return };
    write(&home, "heat");
    write(&home, "alien");
    home.scan(&[]).exits(0);
    drop(stick);
    let Some(_stick) = Mounted::fat(&image, &home.films("")) else { return };

    let again = home.scan(&[]);

    assert_eq!(again.summary(), [2, 2, 0, 0, 0, 0, 0], "{again}");
    assert_eq!(home.vpo(["doctor", "--json"]).json()["roots"][0]["filesystem"], "fat");
}

/// Writes a film without the permissions that a copy would want to keep.
fn write(home: &Home, name: &'static str) -> PathBuf {
    let path = home.films(format!("{name}.mkv"));
    fs::write(&path, fs::read(film(name)).unwrap()).unwrap();
    path
}

/// An image with an empty FAT filesystem. `None` where none can be made.
fn stick(home: &Home) -> Option<PathBuf> {
    let image = home.folder().join("stick.img");
    let made = fs::File::create(&image)
        .and_then(|file| file.set_len(16 << 20))
        .and_then(|()| Command::new("mkfs.vfat").arg(&image).stdout(Stdio::null()).stderr(Stdio::null()).status());
    let is_made = made.is_ok_and(|status| status.success());
    if !is_made {
        eprintln!("skipped: mkfs.vfat is not installed");
    }
    is_made.then_some(image)
}

#[test]
fn a_read_only_disk_is_foreseen_and_leaves_no_story_of_an_interruption() {
    let home = Home::new();
    let Some(disk) = Mounted::disk(&home.films("")) else { return };
    home.put("Heat.mkv", &film("heat"));
    home.write("profiles/kids.kdl", "policy \"tracks\" { audio \"eng\"; }\nallow \"remove-track\"\n");
    home.vpo(["scan", "[films]"]).exits(0);
    let apply = |options: &[&str]| home.vpo(["apply", "-p", "kids", "--yes"].iter().chain(options));
    mount_remount(home.films(""), MountFlags::RDONLY, "").unwrap();

    let foreseen = apply(&["--dry-run"]);
    let failed = apply(&[]);
    mount_remount(home.films(""), MountFlags::empty(), "").unwrap();
    let unmounted = home.folder().join("other");
    fs::create_dir(&unmounted).unwrap();
    fs::copy(film("alien"), unmounted.join("Alien.mkv")).unwrap();
    home.vpo(["scan", "other"]).exits(0);
    drop(disk);
    let later = apply(&[]);

    assert_eq!((foreseen.exit, failed.exit), (1, 1), "{foreseen}\n{failed}");
    let disk_of = format!("the disk of {} is read-only", home.films("").to_string_lossy().trim_end_matches('/'));
    assert!(foreseen.stdout.contains(&disk_of) && failed.stderr.contains(&disk_of), "{foreseen}\n{failed}");
    assert!(!later.stderr.contains("interrupted"), "{later}");
    assert!(later.stdout.contains("1 changed"), "{later}");
}

#[test]
fn an_interrupted_change_waits_for_its_disk_and_is_settled_when_it_is_back() {
    let home = Home::new();
    let disk = home.folder().join("disk");
    fs::create_dir(&disk).unwrap();
    let Some(mounted) = Mounted::bind(&disk, &home.films("")) else { return };
    home.put("Heat.mkv", &film("heat"));
    fs::create_dir(home.folder().join("other")).unwrap();
    fs::copy(film("alien"), home.folder().join("other/Alien.mkv")).unwrap();
    home.write("profiles/kids.kdl", "policy \"tracks\" { audio \"eng\"; }\nallow \"remove-track\"\n");
    home.vpo(["scan", "[films]", "other"]).exits(0);
    let deadly = stand_in(home.folder(), "mkvmerge", "kill -9 $PPID");
    let set = format!("tools.mkvmerge={}", deadly.display());
    home.vpo(["apply", "-p", "kids", "--yes", "--set", &set, "[films]"]).exits(128 + 9);
    let open = || home.database().query_row("SELECT count(*) FROM intents", [], |row| row.get::<_, i64>(0)).unwrap();

    drop(mounted);
    let without = home.vpo(["apply", "-p", "kids", "--yes", "other"]).exits(0);
    let (while_away, mounted) = (open(), Mounted::bind(&disk, &home.films("")));
    let with = home.vpo(["apply", "-p", "kids", "--yes", "[films]"]).exits(0);
    drop(mounted);

    assert!(without.stderr.contains("it waits for its disk"), "{without}");
    assert!(with.stderr.contains("the original is there as it was"), "{with}");
    assert_eq!((while_away, open()), (1, 0));
}
