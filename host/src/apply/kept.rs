//! Originals that are kept: how they are called, and how they are known again wherever their film has gone since.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::intent::Story;
use super::{ApplyError, records};
use crate::disk::replace::longest_name;
use crate::disk::{self, Links, NotAFile, Observation};

/// What the name of every kept original has at its end, but for a number.
const MARK: &str = ".vpo-original";

/// An original that was kept and is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    pub path: PathBuf,
    pub bytes: u64,
}

/// Hidden, beside the file, and without the extension of a film.
pub(super) fn free_name(original: &Path) -> PathBuf {
    // Room for a number, should the name be taken.
    const SPARE: usize = 4;

    let mut name = original.file_name().unwrap_or_default().as_bytes().to_vec();
    let longest = longest_name(original.parent().unwrap_or(Path::new("/")));
    name.truncate(longest.saturating_sub(1 + MARK.len() + SPARE));
    let name = [b".", &name[..], MARK.as_bytes()].concat();
    let named = |count: u32| {
        let number = if count == 0 { String::new() } else { format!(".{count}") };
        original.with_file_name(OsStr::from_bytes(&[&name[..], number.as_bytes()].concat()))
    };
    (0..).map(named).find(|path| fs::symlink_metadata(path).is_err()).expect("there are more numbers than files")
}

/// The name of the film that a kept original was, or the beginning of a very long one; `None` for any other file.
pub fn film_of(name: &OsStr) -> Option<&OsStr> {
    let name = name.as_bytes().strip_prefix(b".")?;
    let at = name.windows(MARK.len()).rposition(|part| part == MARK.as_bytes())?;
    let number = &name[at + MARK.len()..];
    let is_number = |number: &[u8]| !number.is_empty() && number.iter().all(u8::is_ascii_digit);
    let is_end = number.is_empty() || number.strip_prefix(b".").is_some_and(is_number);
    (is_end && at > 0).then(|| OsStr::from_bytes(&name[..at]))
}

/// Finds the original that was kept, at the first of these places where it is. Another file under its name is not taken
/// for it.
pub fn find(recorded: &Path, places: impl IntoIterator<Item = PathBuf>, story: &Story) -> Result<Kept, ApplyError> {
    let mut other = None;
    for path in places {
        match look(&path) {
            Ok(Some((observation, sample))) if is_it(story, &observation, &sample) => {
                return Ok(Kept { path, bytes: observation.size });
            }
            Ok(None) => {}
            Ok(Some(_)) => other = other.or(Some(ApplyError::BackupDiffers { kept: path })),
            Err(error) => other = other.or_else(|| Some(ApplyError::file("read", path)(error))),
        }
    }
    Err(other.unwrap_or_else(|| ApplyError::BackupGone { kept: recorded.to_owned() }))
}

/// Whether a file is the original of a change, byte for byte as far as a sample tells.
pub fn is_original(path: &Path, story: &Story) -> io::Result<bool> {
    Ok(look(path)?.is_some_and(|(observation, sample)| is_it(story, &observation, &sample)))
}

/// What tells a file from others; `None` when there is none of this name.
fn look(path: &Path) -> io::Result<Option<(Observation, [u8; 32])>> {
    let file = match disk::open_file(path, Links::Refuse) {
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        Err(error) if NotAFile::in_error(&error).is_some() => return Ok(None),
        other => other?,
    };
    let observation = Observation::of(&file.metadata()?);
    let sample = disk::hash::sample(&file, observation.size)?;
    Ok(Some((observation, sample)))
}

/// Whether a file is the original of a change. The sample tells; where none was taken, size and time have to.
fn is_it(story: &Story, observation: &Observation, sample: &[u8; 32]) -> bool {
    let found = &story.found;
    found.size == observation.size
        && match &story.original_sample {
            Some(recorded) => *recorded == records::hex(sample),
            None => found.mtime_ns == observation.mtime_ns,
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kept_original_tells_whose_it_was() {
        let film = |name: &'static str| film_of(OsStr::new(name)).and_then(OsStr::to_str);

        assert_eq!(film(".Heat.mkv.vpo-original"), Some("Heat.mkv"));
        assert_eq!(film(".Heat.mkv.vpo-original.12"), Some("Heat.mkv"));
        assert_eq!(film(".a.vpo-original.mkv.vpo-original"), Some("a.vpo-original.mkv"));
        for other in
            ["Heat.mkv.vpo-original", ".Heat.mkv", ".vpo-original", ".Heat.mkv.vpo-original.", ".a.vpo-original.x"]
        {
            assert_eq!(film(other), None, "{other}");
        }
    }

    #[test]
    fn what_is_kept_has_a_name_that_tells_whose_it_was_and_is_free() {
        let folder = tempfile::tempdir().unwrap();
        let film = folder.path().join("Heat.mkv");

        let first = free_name(&film);
        fs::write(&first, "").unwrap();
        let second = free_name(&film);

        assert_ne!(first, second);
        for kept in [first, second] {
            assert_eq!(film_of(kept.file_name().unwrap()), film.file_name());
        }
    }
}
