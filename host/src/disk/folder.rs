//! An open folder: its entries, and what `stat` says of each, with no path walked and nothing allocated for an entry.

use std::ffi::{CStr, OsStr};
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, RawDir, openat, statat};

use super::{Ground, Observation};

/// Bytes of entries that the system is asked for at once; what it fills without being asked twice for a usual folder.
const BUFFER: usize = 64 * 1024;

/// A folder that is open for reading.
pub struct Folder(OwnedFd);

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryKind {
    File,
    Folder,
    Link,
    /// Sockets, pipes, devices.
    Other,
    /// The filesystem does not say it in the folder.
    Untold,
}

/// The entries of a folder, in the order of the filesystem. Made to be filled again for the next folder.
pub struct Entries {
    /// Names, each with a zero behind it.
    names: Vec<u8>,
    entries: Vec<(u32, EntryKind)>,
    buffer: Vec<MaybeUninit<u8>>,
}

impl Default for Entries {
    fn default() -> Self {
        Self { names: Vec::new(), entries: Vec::new(), buffer: vec![MaybeUninit::uninit(); BUFFER] }
    }
}

impl Folder {
    /// Opens a folder; a symbolic link to one is followed.
    pub fn open(path: &Path) -> io::Result<Self> {
        Ok(Self(openat(CWD, path, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?))
    }

    /// What the folder stands on.
    pub fn ground(&self) -> io::Result<Ground> {
        Ground::of_open(&self.0)
    }

    /// Lists all entries but `.` and `..`; after an error the list is not to be used.
    pub fn list(&self, entries: &mut Entries) -> io::Result<()> {
        entries.names.clear();
        entries.entries.clear();
        let mut listed = RawDir::new(&self.0, &mut entries.buffer);
        while let Some(entry) = listed.next() {
            let entry = entry?;
            let name = entry.file_name();
            if matches!(name.to_bytes(), b"." | b"..") {
                continue;
            }
            let start = u32::try_from(entries.names.len()).map_err(|_| io::Error::from(io::ErrorKind::OutOfMemory))?;
            entries.names.extend_from_slice(name.to_bytes_with_nul());
            entries.entries.push((start, EntryKind::of(entry.file_type())));
        }
        Ok(())
    }

    /// What an entry is and what `stat` says of it, through a symbolic link if asked.
    pub fn observe(&self, name: &CStr, follow: bool) -> io::Result<(EntryKind, Observation)> {
        let flags = if follow { AtFlags::empty() } else { AtFlags::SYMLINK_NOFOLLOW };
        let stat = statat(&self.0, name, flags)?;
        Ok((EntryKind::of(FileType::from_raw_mode(stat.st_mode)), Observation::of_stat(&stat)))
    }
}

impl EntryKind {
    fn of(kind: FileType) -> Self {
        match kind {
            FileType::RegularFile => Self::File,
            FileType::Directory => Self::Folder,
            FileType::Symlink => Self::Link,
            FileType::Unknown => Self::Untold,
            _ => Self::Other,
        }
    }
}

impl Entries {
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = (&CStr, EntryKind)> {
        self.entries.iter().map(|(start, kind)| {
            let name = CStr::from_bytes_until_nul(&self.names[*start as usize..]).expect("every name ends with a zero");
            (name, *kind)
        })
    }

    /// Whether there is an entry of this name.
    pub fn has(&self, name: &str) -> bool {
        self.iter().any(|(entry, _)| entry.to_bytes() == name.as_bytes())
    }
}

/// The name of an entry, as paths have it.
pub fn os_name(name: &CStr) -> &OsStr {
    OsStr::from_bytes(name.to_bytes())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_folder_tells_what_its_entries_are() {
        let place = tempfile::tempdir().unwrap();
        fs::write(place.path().join("film.mkv"), b"12345").unwrap();
        fs::create_dir(place.path().join("box")).unwrap();
        symlink("film.mkv", place.path().join("link")).unwrap();
        let folder = Folder::open(place.path()).unwrap();
        let mut entries = Entries::default();

        folder.list(&mut entries).unwrap();

        let found: BTreeMap<_, _> = entries.iter().map(|(name, kind)| (name.to_str().unwrap(), kind)).collect();
        let expected = [("box", EntryKind::Folder), ("film.mkv", EntryKind::File), ("link", EntryKind::Link)];
        assert_eq!(found, expected.into());
        assert!(entries.has("box") && !entries.has("bo"));
    }

    #[test]
    fn an_observation_is_that_of_the_path() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("film.mkv");
        fs::write(&path, b"12345").unwrap();
        symlink("film.mkv", place.path().join("link")).unwrap();
        let folder = Folder::open(place.path()).unwrap();

        let expected = Observation::of(&fs::metadata(&path).unwrap());

        assert_eq!(folder.observe(c"film.mkv", false).unwrap(), (EntryKind::File, expected));
        assert_eq!(folder.observe(c"link", true).unwrap(), (EntryKind::File, expected));
        assert_eq!(folder.observe(c"link", false).unwrap().0, EntryKind::Link);
    }

    #[test]
    fn a_folder_larger_than_the_buffer_is_listed_whole() {
        let place = tempfile::tempdir().unwrap();
        for number in 0..3_000 {
            fs::write(place.path().join(format!("a film with quite a long name {number}.mkv")), b"").unwrap();
        }
        let mut entries = Entries::default();

        Folder::open(place.path()).unwrap().list(&mut entries).unwrap();

        assert_eq!(entries.iter().count(), 3_000);
    }
}
