//! Opening a film to read it: never waiting for a pipe, and nothing that is no file.

use std::fmt;
use std::fs::{self, File, FileType, OpenOptions};
use std::io;
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::Path;

use rustix::fs::OFlags;

/// What to do with a name that is a symbolic link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Links {
    Follow,
    Refuse,
}

/// What lies where a file was expected; the cause in the error of [`open_file`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotAFile {
    Folder,
    Pipe,
    Socket,
    Device,
}

impl NotAFile {
    fn of(found: FileType) -> Option<Self> {
        Some(match found {
            found if found.is_dir() => Self::Folder,
            found if found.is_fifo() => Self::Pipe,
            found if found.is_socket() => Self::Socket,
            found if found.is_block_device() || found.is_char_device() => Self::Device,
            _ => return None,
        })
    }

    /// Finds out whether that is why a file could not be opened.
    pub fn in_error(error: &io::Error) -> Option<Self> {
        error.get_ref()?.downcast_ref().copied()
    }
}

impl fmt::Display for NotAFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Folder => "it is a folder",
            Self::Pipe => "it is a pipe, not a file",
            Self::Socket => "it is a socket, not a file",
            Self::Device => "it is a device, not a file",
        })
    }
}

impl std::error::Error for NotAFile {}

/// Opens a plain file for reading.
pub fn open_file(path: &Path, links: Links) -> io::Result<File> {
    // Of a pipe that nobody writes to, opening would wait for ever.
    let mut flags = OFlags::NONBLOCK;
    if links == Links::Refuse {
        flags |= OFlags::NOFOLLOW;
    }
    let file = OpenOptions::new().read(true).custom_flags(flags.bits() as i32).open(path).map_err(|cause| {
        // A socket cannot be opened at all, and the system's reason does not say so.
        let is_socket = fs::metadata(path).is_ok_and(|found| found.file_type().is_socket());
        if is_socket { io::Error::other(NotAFile::Socket) } else { cause }
    })?;
    match NotAFile::of(file.metadata()?.file_type()) {
        Some(other) => Err(io::Error::other(other)),
        None => Ok(file),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixListener;

    use super::*;

    #[test]
    fn what_is_no_file_is_named_and_never_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let mode = rustix::fs::Mode::RWXU;
        rustix::fs::mknodat(rustix::fs::CWD, at("pipe"), rustix::fs::FileType::Fifo, mode, 0).unwrap();
        symlink(at("pipe"), at("link to a pipe")).unwrap();
        let _listening = UnixListener::bind(at("socket")).unwrap();
        let what = |path: &Path| NotAFile::in_error(&open_file(path, Links::Follow).unwrap_err());

        assert_eq!(what(folder.path()), Some(NotAFile::Folder));
        assert_eq!(what(&at("pipe")), Some(NotAFile::Pipe));
        assert_eq!(what(&at("link to a pipe")), Some(NotAFile::Pipe));
        assert_eq!(what(&at("socket")), Some(NotAFile::Socket));
        assert_eq!(what(Path::new("/dev/null")), Some(NotAFile::Device));
        assert_eq!(what(&at("nothing")), None);
    }

    #[test]
    fn links_are_followed_only_when_that_is_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("file"), folder.path().join("link"));
        fs::write(&file, "film").unwrap();
        symlink(&file, &link).unwrap();

        assert!(open_file(&file, Links::Refuse).is_ok());
        assert!(open_file(&link, Links::Follow).is_ok());
        assert!(open_file(&link, Links::Refuse).is_err());
    }
}
