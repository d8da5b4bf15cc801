//! Putting a finished file in the place of another: it looks the same from outside, and a crash leaves one or the other.

use std::fs::{self, File, Metadata};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, fchown};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use rustix::fs::{CWD, RenameFlags, XattrFlags};
use rustix::io::Errno;

/// What a work file is to be called: hidden, and without the extension of a film.
pub fn hidden_beside(path: &Path, folder: Option<&Path>, word: &str, kind: &str) -> PathBuf {
    let folder = folder.or(path.parent()).unwrap_or(Path::new(""));
    folder.join(format!(".vpo-{word}.{kind}"))
}

/// Gives a file a name that must be free.
///
/// # Errors
///
/// [`io::ErrorKind::AlreadyExists`] when it is not; nothing is changed then.
pub fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    match rustix::fs::renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        // Filesystems that do not know the flag, such as NFS and many of FUSE: a hard link never replaces anything.
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {
            fs::hard_link(from, to)?;
            fs::remove_file(from)
        }
        other => Ok(other?),
    }
}

/// Bytes that a name in a folder may have; what most filesystems allow, where this one does not tell.
pub fn longest_name(folder: &Path) -> usize {
    let told = rustix::fs::statvfs(folder).ok().and_then(|found| usize::try_from(found.f_namemax).ok());
    told.filter(|longest| *longest > 0).unwrap_or(255)
}

/// Makes the names in a folder last through a power cut.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    match File::open(folder)?.sync_all() {
        // Some network filesystems cannot.
        Err(error) if error.kind() == io::ErrorKind::InvalidInput => Ok(()),
        other => other,
    }
}

/// Makes a new file look like the one it replaces: owner, mode, extended attributes (access lists among them) and, if
/// wanted, the modification time. What the system does not let a user set is left out and named.
pub fn carry_over(from: &File, to: &File, keep_mtime: bool) -> io::Result<Vec<&'static str>> {
    let model = from.metadata()?;
    let mut left_out = Vec::new();

    let made = to.metadata()?;
    if (made.uid(), made.gid()) != (model.uid(), model.gid())
        && fchown(to, Some(model.uid()), Some(model.gid())).is_err()
    {
        // The group alone is often allowed.
        if fchown(to, None, Some(model.gid())).is_err() {
            left_out.push("group");
        }
        left_out.push("owner");
    }
    to.set_permissions(model.permissions())?;
    if copy_attributes(from, to).is_err() {
        left_out.push("extended attributes");
    }
    if keep_mtime {
        set_mtime(to, &model)?;
    }
    Ok(left_out)
}

/// Sets the modification time to that of `model`.
pub fn set_mtime(file: &File, model: &Metadata) -> io::Result<()> {
    file.set_times(fs::FileTimes::new().set_modified(modified(model)?))
}

fn modified(model: &Metadata) -> io::Result<SystemTime> {
    model.modified()
}

fn copy_attributes(from: &File, to: &File) -> io::Result<()> {
    let mut names = Vec::with_capacity(64 << 10);
    let mut value = Vec::with_capacity(64 << 10);
    match rustix::fs::flistxattr(from, rustix::buffer::spare_capacity(&mut names)) {
        Ok(_) => {}
        Err(Errno::NOTSUP) => return Ok(()),
        Err(error) => return Err(error.into()),
    }
    let mut refused = None;
    for name in names.split(|byte| *byte == 0).filter(|name| !name.is_empty()) {
        let name = Path::new(std::ffi::OsStr::from_bytes(name));
        value.clear();
        let copied = rustix::fs::fgetxattr(from, name, rustix::buffer::spare_capacity(&mut value))
            .and_then(|_| rustix::fs::fsetxattr(to, name, &value, XattrFlags::empty()));
        if let Err(error) = copied {
            refused = Some(error);
        }
    }
    refused.map_or(Ok(()), |error| Err(error.into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_name_that_is_taken_is_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let (new, old) = (folder.path().join("new"), folder.path().join("old"));
        fs::write(&new, "new").unwrap();
        fs::write(&old, "old").unwrap();

        let refused = rename_new(&new, &old).unwrap_err();

        assert_eq!(refused.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read(&old).unwrap(), b"old");
        assert_eq!(fs::read(&new).unwrap(), b"new");
    }

    #[test]
    fn a_new_file_looks_like_the_one_it_replaces() {
        let folder = tempfile::tempdir().unwrap();
        let (old, new) = (folder.path().join("old"), folder.path().join("new"));
        fs::write(&old, "old").unwrap();
        fs::write(&new, "new").unwrap();
        let old = File::open(&old).unwrap();
        old.set_permissions(PermissionsExt::from_mode(0o640)).unwrap();
        old.set_modified(SystemTime::UNIX_EPOCH + std::time::Duration::new(1_000_000, 123_456_789)).unwrap();
        let has_attributes = rustix::fs::fsetxattr(&old, "user.note", b"seen", XattrFlags::empty()).is_ok();
        let new = fs::OpenOptions::new().write(true).read(true).open(&new).unwrap();

        carry_over(&old, &new, true).unwrap();

        let (old, made) = (old.metadata().unwrap(), new.metadata().unwrap());
        assert_eq!(made.mode(), old.mode());
        assert_eq!(made.modified().unwrap(), old.modified().unwrap());
        if has_attributes {
            let mut value = Vec::with_capacity(16);
            rustix::fs::fgetxattr(&new, "user.note", rustix::buffer::spare_capacity(&mut value)).unwrap();
            assert_eq!(value, b"seen");
        }
    }
}
