//! Disks that tell less, or something else, than a local one: FAT, what is behind FUSE, and disks that fail in the middle.
//!
//! They are mounted for real, by root only; elsewhere the cases are skipped.

use std::ffi::OsString;
use std::fs::{self, File, FileTimes};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use vpo_tests::{Home, OddDisk, Oddities, film, with_other_title};

const HOUR: i64 = 3600;

/// What FAT shows of times.
fn fat() -> Oddities {
    Oddities { time_step: 2, ..Oddities::default() }
}

/// A home in which the disk is a folder aside, with two films on it.
fn with_disk() -> (Home, PathBuf) {
    let home = Home::new();
    let disk = home.folder().join("disk");
    for (name, title) in [("disk/Heat.mkv", "heat"), ("disk/old/Alien.mkv", "alien")] {
        let path = home.put(format!("../{name}"), &film(title));
        // Nearly two seconds more than FAT tells.
        let time = SystemTime::UNIX_EPOCH + Duration::new(1_600_000_001, 700_000_000);
        File::options().append(true).open(path).unwrap().set_times(FileTimes::new().set_modified(time)).unwrap();
    }
    (home, disk)
}

fn later(path: &Path, by: Duration) {
    let file = File::options().append(true).open(path).unwrap();
    let time = file.metadata().unwrap().modified().unwrap();
    file.set_modified(time + by).unwrap();
}

#[test]
fn r4_an_hour_more_or_less_on_fat_is_the_clock_and_not_the_film() {
    let (home, folder) = with_disk();
    let Some(disk) = OddDisk::mount(&folder, &home.films(""), "fat", fat()) else { return };
    assert_eq!(home.scan(&[]).summary(), [2, 0, 2, 2, 0, 0, 0]);
    assert_eq!(home.vpo(["doctor", "--json"]).json()["roots"][0]["filesystem"], "fat");

    for by in [HOUR, 0, -HOUR] {
        disk.change(|odd| odd.later_by_seconds = by);

        let shifted = home.scan(&[]);

        assert_eq!(shifted.summary(), [2, 2, 0, 0, 0, 0, 0], "{by}: {shifted}");
        let before = home.file_rows();
        assert_eq!(home.scan(&[]).summary()[1], 2);
        assert_eq!(home.file_rows(), before, "{by}: the new time is recorded");
    }
    disk.change(|odd| odd.later_by_seconds = -HOUR / 2);
    assert_eq!(home.scan(&[]).summary(), [2, 0, 2, 0, 0, 0, 0], "half an hour is no zone");
}

#[test]
fn r4_so_it_is_behind_fuse_where_nobody_tells_whether_it_is_fat() {
    let (home, folder) = with_disk();
    let Some(disk) = OddDisk::mount(&folder, &home.films(""), "blk", Oddities::default()) else { return };
    home.scan(&[]).exits(0);
    let doctor = home.vpo(["doctor"]);
    assert!(doctor.stdout.contains("fuse (fuse.blk), a mount, inode and ctime are not trusted"), "{doctor}");

    disk.change(|odd| odd.later_by_seconds = HOUR);

    assert_eq!(home.scan(&[]).summary(), [2, 2, 0, 0, 0, 0, 0]);
}

#[test]
fn r4_a_film_that_was_written_to_within_the_hour_is_read_all_the_same() {
    let (home, folder) = with_disk();
    let Some(disk) = OddDisk::mount(&folder, &home.films(""), "fat", fat()) else { return };
    home.scan(&[]).exits(0);
    let heat = folder.join("Heat.mkv");
    let time = fs::metadata(&heat).unwrap().modified().unwrap();
    fs::write(&heat, with_other_title(&heat)).unwrap();
    File::options().append(true).open(&heat).unwrap().set_modified(time).unwrap();
    disk.change(|odd| odd.later_by_seconds = HOUR);

    let shifted = home.scan(&[]);

    assert_eq!(shifted.summary(), [2, 1, 1, 0, 0, 0, 0], "{shifted}");
}

#[test]
fn r3_a_film_that_may_have_been_written_to_since_is_looked_at_again() {
    let (home, folder) = with_disk();
    let Some(_disk) = OddDisk::mount(&folder, &home.films(""), "fat", fat()) else { return };
    let heat = folder.join("Heat.mkv");
    // On a disk whose clock is ahead, any write until then may bear the time that is recorded.
    let ahead = SystemTime::now() + Duration::from_secs(HOUR as u64);
    File::options().append(true).open(&heat).unwrap().set_modified(ahead).unwrap();
    home.scan(&[]).exits(0);
    fs::write(&heat, with_other_title(&heat)).unwrap();
    File::options().append(true).open(&heat).unwrap().set_modified(ahead).unwrap();

    let again = home.scan(&[]);

    assert_eq!(again.summary(), [2, 1, 1, 0, 0, 0, 0], "{again}");
}

#[test]
fn r1_times_on_fat_come_in_steps_of_two_seconds() {
    let (home, folder) = with_disk();
    let Some(disk) = OddDisk::mount(&folder, &home.films(""), "fat", Oddities::default()) else { return };
    home.scan(&[]).exits(0);
    let before = home.file_rows();

    // A driver that tells what the last one rounded.
    disk.change(|odd| odd.time_step = 2);

    assert_eq!(home.scan(&[]).summary(), [2, 2, 0, 0, 0, 0, 0]);
    assert_eq!(home.file_rows(), before, "nothing has to be looked at");
    later(&folder.join("Heat.mkv"), Duration::from_secs(4));
    assert_eq!(home.scan(&[]).summary(), [2, 1, 1, 0, 0, 0, 0]);
}

#[test]
fn r1_a_fat_disk_inside_a_root_has_its_own_rules() {
    let (home, folder) = with_disk();
    let ours = [home.put("Ronin.mkv", &film("ronin")), home.put("box/Cube.mkv", &film("cube"))];
    fs::create_dir(home.films("box/stick")).unwrap();
    let Some(disk) = OddDisk::mount(&folder, &home.films("box/stick"), "fat", fat()) else { return };
    assert_eq!(home.scan(&[]).summary(), [4, 0, 4, 4, 0, 0, 0]);

    disk.change(|odd| (odd.later_by_seconds, odd.renumbered_by) = (HOUR, 7));
    assert_eq!(home.scan(&[]).summary(), [4, 4, 0, 0, 0, 0, 0], "the hour holds on the stick");

    ours.iter().for_each(|film| later(film, Duration::from_secs(HOUR as u64)));
    assert_eq!(home.scan(&[]).summary(), [4, 2, 2, 0, 0, 0, 0], "and not around it");
}

#[test]
fn r1_inodes_and_change_times_behind_fuse_are_not_believed() {
    let (home, folder) = with_disk();
    let disk = OddDisk::mount(&folder, &home.films(""), "sshfs", Oddities::default());
    let Some(disk) = disk else { return };
    home.scan(&[]).exits(0);
    let before = home.file_rows();
    let doctor = home.vpo(["doctor", "--json"]).json();
    assert_eq!((&doctor["roots"][0]["filesystem"], &doctor["roots"][0]["trusted"]), (&"fuse".into(), &false.into()));

    disk.change(|odd| odd.renumbered_by = 1_000_000);
    let again = home.scan(&[]);

    assert_eq!(again.summary(), [2, 2, 0, 0, 0, 0, 0], "{again}");
    assert_eq!(home.file_rows(), before, "nothing has to be looked at");
    later(&folder.join("Heat.mkv"), Duration::from_secs(1));
    assert_eq!(home.scan(&[]).summary(), [2, 1, 1, 0, 0, 0, 0]);
}

#[test]
fn r1_a_film_that_grew_is_read_again_where_only_its_size_tells() {
    let (home, folder) = with_disk();
    let Some(_disk) = OddDisk::mount(&folder, &home.films(""), "sshfs", Oddities::default()) else { return };
    home.scan(&[]).exits(0);
    let heat = folder.join("Heat.mkv");
    let time = fs::metadata(&heat).unwrap().modified().unwrap();
    let mut file = File::options().append(true).open(&heat).unwrap();
    file.write_all(&[0xec, 0x80]).unwrap();
    file.set_modified(time).unwrap();

    let again = home.scan(&[]);

    assert_eq!(again.summary(), [2, 1, 1, 0, 0, 0, 0], "{again}");
}

#[test]
fn r10_a_film_that_moved_behind_fuse_is_known_by_its_content() {
    let (home, folder) = with_disk();
    let Some(disk) = OddDisk::mount(&folder, &home.films(""), "sshfs", Oddities::default()) else { return };
    home.scan(&[]).exits(0);
    let id = home.file_id("Heat.mkv").unwrap();
    disk.change(|odd| odd.renumbered_by = 1_000_000);
    fs::rename(folder.join("Heat.mkv"), folder.join("old/Heat (1995).mkv")).unwrap();

    let moved = home.scan(&[]);

    assert_eq!(moved.summary(), [2, 1, 0, 0, 1, 0, 0], "{moved}");
    assert_eq!(home.file_id("Heat (1995).mkv"), Some(id));
}

#[test]
fn a_disk_that_does_not_tell_kinds_is_walked_all_the_same() {
    let (home, folder) = with_disk();
    let oddities = Oddities { is_silent_about_kinds: true, ..Oddities::default() };
    let Some(_disk) = OddDisk::mount(&folder, &home.films(""), "sshfs", oddities) else { return };

    assert_eq!(home.scan(&[]).summary(), [2, 0, 2, 2, 0, 0, 0]);
    assert_eq!(home.scan(&[]).summary(), [2, 2, 0, 0, 0, 0, 0]);
}

/// Errors that disks and networks give: input/output, not connected, stale handle.
const FAILURES: [i32; 3] = [5, 107, 116];

#[test]
fn r7_nothing_is_concluded_of_what_a_failing_disk_does_not_show() {
    let (home, folder) = with_disk();
    fs::copy(folder.join("old/Alien.mkv"), folder.join("old/Zodiac.mkv")).unwrap();
    let Some(disk) = OddDisk::mount(&folder, &home.films(""), "sshfs", Oddities::default()) else { return };
    assert_eq!(home.scan(&[]).summary()[0], 3);
    let before = home.file_rows();
    // Another one is really gone, but from a folder that could not be read whole.
    fs::remove_file(folder.join("old/Zodiac.mkv")).unwrap();

    for error in FAILURES {
        for name in ["old", "Alien.mkv"] {
            disk.change(|odd| odd.failing = vec![(OsString::from(name), error)]);

            for options in [&[][..], &["--prune"], &["--full", "--accept-missing"]] {
                let failing = home.scan(options);

                assert_eq!((failing.exit, failing.summary()[5]), (0, 0), "{failing}");
                assert!(failing.json()["unreadable"][0]["path"].as_str().unwrap().ends_with(name), "{failing}");
                assert_eq!((home.missing(), home.file_rows().len()), (0, before.len()), "{name}, {error}");
            }
        }
    }
    disk.change(|odd| (odd.failing, odd.breaking_off) = (Vec::new(), vec!["old".into()]));
    let broken_off = home.scan(&[]);
    assert_eq!((broken_off.exit, broken_off.summary()[5]), (0, 0), "{broken_off}");
    disk.change(|odd| odd.breaking_off.clear());
    assert_eq!(home.scan(&[]).summary()[5], 1, "once it can be read, it is concluded");
}

#[test]
fn r6_a_root_that_fails_is_no_empty_root() {
    let (home, folder) = with_disk();
    let Some(disk) = OddDisk::mount(&folder, &home.films(""), "sshfs", Oddities::default()) else { return };
    home.scan(&[]).exits(0);
    let before = home.file_rows();

    disk.change(|odd| odd.failing = vec![("disk".into(), 107)]);
    let failing = home.scan(&["--prune"]);

    assert_eq!(failing.exit, 2, "{failing}");
    disk.change(|odd| odd.failing.clear());
    assert_eq!(home.file_rows(), before);
}
