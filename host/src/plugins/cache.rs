//! Compiled components, kept per user: `<digest of the component>-<what the code depends on>.cwasm`.
//!
//! Loading compiled code is trusting it, so it is only taken from a folder and a file that are this user's alone, and
//! only when the seal at its end fits: a keyed hash of the code under the digest of the component. Files are written
//! beside and renamed, so that two processes that compile at once leave one whole file.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use wasmtime::Engine;
use wasmtime::component::Component;

use super::engine;

/// Length of the seal at the end of a file.
const SEAL: usize = blake3::OUT_LEN;

/// Loads a component's code from the cache, or compiles it and keeps the code.
///
/// A cache that cannot be used costs time, not the job: it is said in the log.
pub(super) fn load(engine: &Engine, folder: &Path, digest: &blake3::Hash, bytes: &[u8]) -> wasmtime::Result<Component> {
    let path = folder.join(format!("{}-{:016x}.cwasm", digest.to_hex(), engine::compatibility(engine)));
    match open_folder(folder).and_then(|()| read(&path, digest)) {
        Ok(Some(code)) => {
            // SAFETY: the code was written by `write` below in a folder and a file that only this user can write, and
            // its seal shows that it is whole and belongs to this component; wasmtime checks version and settings.
            match unsafe { Component::deserialize(engine, &code) } {
                Ok(component) => return Ok(component),
                Err(cause) => tracing::debug!(?path, %cause, "compiled code does not fit; compiling again"),
            }
        }
        Ok(None) => {}
        Err(cause) => tracing::warn!(?path, %cause, "the cache of compiled plugins is not used"),
    }
    let component = Component::new(engine, bytes)?;
    if let Ok(()) = open_folder(folder)
        && let Err(cause) = write(&path, digest, &component.serialize()?)
    {
        tracing::warn!(?path, %cause, "compiled code could not be kept");
    }
    Ok(component)
}

/// Makes the folder, or checks that it is this user's alone.
fn open_folder(folder: &Path) -> io::Result<()> {
    match DirBuilder::new().recursive(true).mode(0o700).create(folder) {
        Ok(()) => {}
        Err(cause) if cause.kind() == io::ErrorKind::AlreadyExists => {}
        Err(cause) => return Err(cause),
    }
    let found = fs::symlink_metadata(folder)?;
    if !found.is_dir() {
        return Err(io::Error::other("the folder is no folder"));
    }
    check_private(found.uid(), found.mode(), "folder")
}

fn check_private(owner: u32, mode: u32, what: &str) -> io::Result<()> {
    if owner != rustix::process::geteuid().as_raw() {
        return Err(io::Error::other(format!("the {what} belongs to another user")));
    }
    if mode & 0o022 != 0 {
        return Err(io::Error::other(format!("others may write to the {what}")));
    }
    Ok(())
}

/// Reads code whose seal fits; a file that does not fit is deleted.
fn read(path: &Path, digest: &blake3::Hash) -> io::Result<Option<Vec<u8>>> {
    let no_follow = rustix::fs::OFlags::NOFOLLOW.bits() as i32;
    let mut file = match OpenOptions::new().read(true).custom_flags(no_follow).open(path) {
        Ok(file) => file,
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(_) => return forget(path),
    };
    let found = file.metadata()?;
    if !found.is_file() || found.nlink() != 1 || check_private(found.uid(), found.mode(), "file").is_err() {
        return forget(path);
    }
    let mut code = Vec::with_capacity(found.len() as usize);
    file.read_to_end(&mut code)?;
    let Some(end) = code.len().checked_sub(SEAL) else { return forget(path) };
    if seal(digest, &code[..end]) != code[end..] {
        return forget(path);
    }
    code.truncate(end);
    Ok(Some(code))
}

fn forget(path: &Path) -> io::Result<Option<Vec<u8>>> {
    tracing::warn!(?path, "compiled code was damaged or not ours; compiling again");
    fs::remove_file(path)?;
    Ok(None)
}

fn write(path: &Path, digest: &blake3::Hash, code: &[u8]) -> io::Result<()> {
    let beside: PathBuf = path.with_extension(format!("{}.new", uuid::Uuid::new_v4().simple()));
    let written = write_new(&beside, digest, code).and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        let _ = fs::remove_file(&beside);
    }
    written
}

fn write_new(path: &Path, digest: &blake3::Hash, code: &[u8]) -> io::Result<()> {
    let mut file: File = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(code)?;
    file.write_all(seal(digest, code).as_bytes())?;
    Ok(())
}

fn seal(digest: &blake3::Hash, code: &[u8]) -> blake3::Hash {
    let key = blake3::derive_key("vpo compiled component", digest.as_bytes());
    blake3::keyed_hash(&key, code)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest() -> blake3::Hash {
        blake3::hash(b"a component")
    }

    #[test]
    fn what_was_written_is_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.cwasm");

        write(&path, &digest(), b"code").unwrap();

        assert_eq!(read(&path, &digest()).unwrap().as_deref(), Some(&b"code"[..]));
    }

    #[test]
    fn swapped_truncated_and_changed_code_is_thrown_away() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.cwasm");
        for spoil in [
            (|bytes: &mut Vec<u8>| bytes[0] ^= 1) as fn(&mut Vec<u8>),
            |bytes| bytes.truncate(3),
            |bytes| bytes.clear(),
        ] {
            write(&path, &digest(), b"code").unwrap();
            let mut bytes = fs::read(&path).unwrap();
            spoil(&mut bytes);
            fs::write(&path, bytes).unwrap();

            assert_eq!(read(&path, &digest()).unwrap(), None);
            assert!(!path.exists());
        }
        write(&path, &blake3::hash(b"another component"), b"code").unwrap();
        assert_eq!(read(&path, &digest()).unwrap(), None);
    }

    #[test]
    fn links_and_files_that_others_may_write_are_not_trusted() {
        use std::os::unix::fs::{PermissionsExt, symlink};

        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.cwasm");
        let real = folder.path().join("real");
        write(&real, &digest(), b"code").unwrap();
        symlink(&real, &path).unwrap();
        assert_eq!(read(&path, &digest()).unwrap(), None);

        fs::hard_link(&real, &path).unwrap();
        assert_eq!(read(&path, &digest()).unwrap(), None);

        fs::set_permissions(&real, fs::Permissions::from_mode(0o666)).unwrap();
        assert_eq!(read(&real, &digest()).unwrap(), None);
    }

    #[test]
    fn a_folder_that_others_may_write_is_not_used() {
        use std::os::unix::fs::PermissionsExt;

        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777)).unwrap();

        assert!(open_folder(folder.path()).is_err());
    }
}
