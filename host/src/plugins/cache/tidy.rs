//! Removes compiled code that nothing has used for long, so that the cache does not grow with every build of a plugin.
//!
//! Nobody can know which components lie where, because the cache serves every home of a user. So use decides: what was
//! loaded is marked, once a day, by its modification time. It is looked through when something new was written.

use std::io;
use std::time::{Duration, SystemTime};

use rustix::fs::{AtFlags, Dir, FileType, Timespec, Timestamps, UTIME_OMIT};

use super::Folder;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Code that was not loaded for so long goes.
const UNUSED_MAX: Duration = Duration::from_secs(60 * 24 * 60 * 60);

/// Bytes that all code together may have; beyond them, what was used longest ago goes first.
const ROOM: u64 = 1 << 30;

/// Marks code as used now, when that was not done today.
pub(super) fn mark_used(file: &std::fs::File, modified: SystemTime, now: SystemTime) {
    if now.duration_since(modified).is_ok_and(|age| age > DAY)
        && let Ok(since) = now.duration_since(SystemTime::UNIX_EPOCH)
    {
        let leave = Timespec { tv_sec: 0, tv_nsec: UTIME_OMIT };
        let now = Timespec { tv_sec: since.as_secs() as i64, tv_nsec: since.subsec_nanos().into() };
        // A mark that cannot be made costs compiling once more, some day.
        let _ = rustix::fs::futimens(file, &Timestamps { last_access: leave, last_modification: now });
    }
}

/// Removes what was not used for long, what is too much, and what a process that was killed left half-written. Only names
/// that this cache gives are touched, and never the code that was just written.
pub(super) fn tidy(folder: &Folder, written: &str, now: SystemTime, room: u64) -> io::Result<()> {
    let mut kept = Vec::new();
    for entry in Dir::read_from(&folder.0)? {
        let entry = entry?;
        let Ok(name) = entry.file_name().to_str() else { continue };
        let Some(kind) = Kind::of(name) else { continue };
        let Ok(found) = rustix::fs::statat(&folder.0, name, AtFlags::SYMLINK_NOFOLLOW) else { continue };
        if FileType::from_raw_mode(found.st_mode) != FileType::RegularFile || name == written {
            continue;
        }
        let modified = SystemTime::UNIX_EPOCH + Duration::from_secs(found.st_mtime.max(0) as u64);
        let age = now.duration_since(modified).unwrap_or_default();
        match kind {
            Kind::Kept => kept.push((age, found.st_size as u64, name.to_owned())),
            Kind::Unfinished if age > DAY => remove(folder, name),
            Kind::Unfinished => {}
        }
    }
    kept.sort();
    let mut taken = 0;
    for (age, size, name) in kept {
        taken += size;
        if age > UNUSED_MAX || taken > room {
            remove(folder, &name);
        }
    }
    Ok(())
}

/// Tidies as is always done.
pub(super) fn tidy_after(folder: &Folder, written: &str) {
    if let Err(cause) = tidy(folder, written, SystemTime::now(), ROOM) {
        tracing::debug!(%cause, "old compiled code stays");
    }
}

fn remove(folder: &Folder, name: &str) {
    let removed = rustix::fs::unlinkat(&folder.0, name, AtFlags::empty());
    tracing::debug!(name, ?removed, "compiled code that nothing uses goes");
}

/// What a name of this cache stands for.
enum Kind {
    Kept,
    Unfinished,
}

impl Kind {
    /// `<64 digits>-<16 digits>.cwasm` or `<64 digits>.said`, and the same with `.<32 digits>.new` while it is written.
    fn of(name: &str) -> Option<Self> {
        let are_digits = |text: &str, count| text.len() == count && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let (digest, rest) = name.split_at_checked(64)?;
        let rest = match rest.strip_prefix(".said") {
            Some(rest) => rest,
            None => {
                let (depends_on, rest) = rest.strip_prefix('-')?.split_at_checked(16)?;
                are_digits(depends_on, 16).then(|| rest.strip_prefix(".cwasm"))??
            }
        };
        if !are_digits(digest, 64) {
            return None;
        }
        if rest.is_empty() {
            return Some(Self::Kept);
        }
        let unfinished = rest.strip_prefix('.')?.strip_suffix(".new")?;
        are_digits(unfinished, 32).then_some(Self::Unfinished)
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File};

    use super::*;

    fn now() -> SystemTime {
        SystemTime::UNIX_EPOCH + DAY * 10_000
    }

    fn code(number: u8) -> String {
        format!("{:064x}-{:016x}.cwasm", number, 7)
    }

    /// Writes files of a thousand bytes that were used so many days ago, and says which are left when it was tidied.
    fn left(files: &[(&str, u32)], room: u64) -> Vec<String> {
        let place = tempfile::tempdir().unwrap();
        for (name, days) in files {
            fs::write(place.path().join(name), [0; 1000]).unwrap();
            let file = File::options().write(true).open(place.path().join(name)).unwrap();
            file.set_modified(now() - DAY * *days).unwrap();
        }
        tidy(&Folder::open(place.path()).unwrap(), &code(0), now(), room).unwrap();
        let mut left: Vec<String> = fs::read_dir(place.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        left.sort();
        left
    }

    #[test]
    fn code_that_was_not_used_for_long_goes() {
        assert_eq!(left(&[(&code(1), 59), (&code(2), 61), (&code(0), 99)], ROOM), [code(0), code(1)]);
    }

    #[test]
    fn when_there_is_too_much_what_was_used_longest_ago_goes_first() {
        assert_eq!(left(&[(&code(1), 3), (&code(2), 1), (&code(3), 2)], 2500), [code(2), code(3)]);
    }

    #[test]
    fn only_names_of_the_cache_are_touched() {
        let half = format!("{}.{:032x}.new", code(5), 1);
        let said = format!("{:064x}.said", 6);
        let strange = ["code.cwasm", "notes.txt", &format!("{}.old", code(4)), "7.said"];
        let ours = [(half.as_str(), 999), (said.as_str(), 999)];
        let files: Vec<(&str, u32)> = strange.iter().map(|name| (*name, 999)).chain(ours).collect();

        let left = left(&files, 0);

        assert_eq!(left.len(), strange.len(), "{left:?}");
        assert!(!left.contains(&half) && !left.contains(&said));
    }

    #[test]
    fn use_is_marked_once_a_day() {
        let place = tempfile::tempdir().unwrap();
        let file = File::create(place.path().join("a")).unwrap();
        for (age, is_marked) in [(DAY / 24, false), (DAY * 2, true)] {
            let before = now() - age;
            file.set_modified(before).unwrap();

            mark_used(&file, before, now());

            assert_eq!(file.metadata().unwrap().modified().unwrap() == now(), is_marked);
        }
    }
}
