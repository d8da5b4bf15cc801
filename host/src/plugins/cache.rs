//! Compiled components, kept per user: `<digest of the component>-<what the code depends on>.cwasm`; and beside them what
//! components said of themselves, `<digest of the component>.said`.
//!
//! Loading compiled code is trusting it, so it is only taken from a folder and a file that are this user's alone, and
//! only when the seal at its end fits: a keyed hash of the code, and of the time it took to compile it, under the digest of
//! the component. What was said is sealed in the same way. Files are written beside and renamed, so that two processes that compile at once leave one whole file.
//! What nothing uses goes; see `tidy`.

mod tidy;

use std::fs::{DirBuilder, File};
use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime};

use rustix::fs::{AtFlags, Mode, OFlags};
use wasmtime::Engine;
use wasmtime::component::Component;

use super::engine;

/// Counts changes in how files are laid out, so that those of an earlier vpo are not taken for damaged ones.
const LAYOUT: u64 = 1;

/// What stands behind the code: the nanoseconds that compiling took.
const TIME: usize = size_of::<u64>();

/// What stands at the end of every file.
const SEAL: usize = blake3::OUT_LEN;

/// A component that is ready, and what that cost.
pub(super) struct Compiled {
    pub component: Component,
    /// What compiling took, now or when it was done.
    pub compiled_in: Duration,
    /// It was compiled by this call.
    pub is_new: bool,
}

/// What the content of a file is for, and what its seal is made with, so that none is taken for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Content {
    Code,
    Answers,
}

impl Content {
    fn context(self) -> &'static str {
        match self {
            Self::Code => "vpo compiled component with its time",
            Self::Answers => "vpo answers of a component",
        }
    }
}

/// Loads a component's code from the cache, or compiles it and keeps the code.
///
/// A cache that cannot be used costs time, not the job: it is said in the log, once.
pub(super) fn load(engine: &Engine, folder: &Path, digest: &blake3::Hash, bytes: &[u8]) -> wasmtime::Result<Compiled> {
    let name = format!("{}-{:016x}.cwasm", digest.to_hex(), engine::compatibility(engine).wrapping_add(LAYOUT));
    let opened = Folder::open(folder).inspect_err(|cause| complain(folder, cause)).ok();
    let kept = opened.as_ref().map_or(Ok(None), |folder| folder.read(&name, Content::Code, digest));
    if let Some((code, compiled_in)) =
        kept.inspect_err(|cause| complain(folder, cause)).unwrap_or_default().as_deref().and_then(with_time)
    {
        // SAFETY: the code was written by `write` below in a folder and a file that only this user can write, and
        // its seal shows that it is whole and belongs to this component; wasmtime checks version and settings.
        match unsafe { Component::deserialize(engine, code) } {
            Ok(component) => return Ok(Compiled { component, compiled_in, is_new: false }),
            Err(cause) => tracing::debug!(name, %cause, "compiled code does not fit; compiling again"),
        }
    }
    let begun = Instant::now();
    let component = Component::new(engine, bytes)?;
    let compiled_in = begun.elapsed();
    if let Some(opened) = opened {
        let time = u64::try_from(compiled_in.as_nanos()).unwrap_or(u64::MAX).to_le_bytes();
        match opened.write(&name, Content::Code, digest, &[&component.serialize()?, &time]) {
            Ok(()) => tidy::tidy_after(&opened, &name),
            Err(cause) => complain(folder, &cause),
        }
    }
    Ok(Compiled { component, compiled_in, is_new: true })
}

/// Takes the time that compiling took from the end of the code.
fn with_time(kept: &[u8]) -> Option<(&[u8], Duration)> {
    let (code, time) = kept.split_last_chunk::<TIME>()?;
    Some((code, Duration::from_nanos(u64::from_le_bytes(*time))))
}

/// What the component of a digest said of itself, when that was kept.
pub(super) fn answers(folder: &Path, digest: &blake3::Hash) -> Option<Vec<u8>> {
    let opened = Folder::open(folder).ok()?;
    opened.read(&name_of_answers(digest), Content::Answers, digest).ok()?
}

/// Keeps what the component of a digest said of itself. Where that cannot be, it is asked again next time, and the code,
/// which cannot be kept either, is what is complained about.
pub(super) fn keep_answers(folder: &Path, digest: &blake3::Hash, answers: &[u8]) {
    let written = Folder::open(folder)
        .and_then(|opened| opened.write(&name_of_answers(digest), Content::Answers, digest, &[answers]));
    if let Err(cause) = written {
        tracing::debug!(?folder, %cause, "what a plugin said of itself is not kept");
    }
}

fn name_of_answers(digest: &blake3::Hash) -> String {
    format!("{}.said", digest.to_hex())
}

/// Says that the cache is of no use; once, however many plugins would have used it.
fn complain(folder: &Path, cause: &io::Error) {
    static SAID: AtomicBool = AtomicBool::new(false);
    if !SAID.swap(true, Ordering::Relaxed) {
        tracing::warn!(?folder, %cause, "compiled plugins are not kept, and are compiled again at every start");
    }
}

/// The open folder of the cache, known to be this user's alone. Files are reached through it and not by their path, so
/// that nobody can put another folder in its place meanwhile.
struct Folder(OwnedFd);

impl Folder {
    /// Makes the folder where there is none; refuses links and what others may write to.
    fn open(path: &Path) -> io::Result<Self> {
        DirBuilder::new().recursive(true).mode(0o700).create(path)?;
        let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let folder = rustix::fs::open(path, flags, Mode::empty()).map_err(|cause| match cause {
            rustix::io::Errno::LOOP | rustix::io::Errno::NOTDIR => io::Error::other("the folder is no folder"),
            cause => cause.into(),
        })?;
        let found = rustix::fs::fstat(&folder)?;
        check_private(found.st_uid, found.st_mode, "folder")?;
        Ok(Self(folder))
    }

    /// Reads what is before a seal that fits; a file whose seal does not fit is deleted.
    fn read(&self, name: &str, content: Content, digest: &blake3::Hash) -> io::Result<Option<Vec<u8>>> {
        // Not waited for: what lies there may be a pipe.
        let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let mut file = match rustix::fs::openat(&self.0, name, flags, Mode::empty()) {
            Ok(file) => File::from(file),
            Err(rustix::io::Errno::NOENT) => return Ok(None),
            Err(_) => return self.forget(name),
        };
        let found = file.metadata()?;
        if !found.is_file() || found.nlink() != 1 || check_private(found.uid(), found.mode(), "file").is_err() {
            return self.forget(name);
        }
        let mut kept = Vec::with_capacity(found.len() as usize);
        file.read_to_end(&mut kept)?;
        let Some((sealed, seal_found)) = kept.split_last_chunk::<SEAL>() else { return self.forget(name) };
        if seal(content, digest, &[sealed]) != *seal_found {
            return self.forget(name);
        }
        kept.truncate(kept.len() - SEAL);
        tidy::mark_used(&file, found.modified()?, SystemTime::now());
        Ok(Some(kept))
    }

    fn forget(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        tracing::warn!(name, "what was kept of a plugin was damaged or not ours; it is made again");
        match rustix::fs::unlinkat(&self.0, name, AtFlags::empty()) {
            Ok(()) => Ok(None),
            Err(rustix::io::Errno::ISDIR) => Err(io::Error::other(format!("{name} is a folder"))),
            Err(cause) => Err(cause.into()),
        }
    }

    fn write(&self, name: &str, content: Content, digest: &blake3::Hash, parts: &[&[u8]]) -> io::Result<()> {
        let beside = format!("{name}.{}.new", uuid::Uuid::new_v4().simple());
        let written = self
            .write_new(&beside, parts, &seal(content, digest, parts))
            .and_then(|()| Ok(rustix::fs::renameat(&self.0, &beside, &self.0, name)?));
        if written.is_err() {
            let _ = rustix::fs::unlinkat(&self.0, &beside, AtFlags::empty());
        }
        written
    }

    fn write_new(&self, name: &str, parts: &[&[u8]], seal: &blake3::Hash) -> io::Result<()> {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mode = Mode::RUSR | Mode::WUSR;
        let mut file = File::from(rustix::fs::openat(&self.0, name, flags, mode)?);
        parts.iter().try_for_each(|part| file.write_all(part))?;
        file.write_all(seal.as_bytes())
    }
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

fn seal(content: Content, digest: &blake3::Hash, parts: &[&[u8]]) -> blake3::Hash {
    let key = blake3::derive_key(content.context(), digest.as_bytes());
    let mut hasher = blake3::Hasher::new_keyed(&key);
    for part in parts {
        hasher.update(part);
    }
    hasher.finalize()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn digest() -> blake3::Hash {
        blake3::hash(b"a component")
    }

    fn keep(folder: &Folder, name: &str, code: &[u8]) {
        folder.write(name, Content::Code, &digest(), &[code]).unwrap();
    }

    fn read(folder: &Folder, name: &str) -> Option<Vec<u8>> {
        folder.read(name, Content::Code, &digest()).unwrap()
    }

    fn folder() -> (tempfile::TempDir, Folder) {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::open(place.path()).unwrap();
        (place, folder)
    }

    #[test]
    fn what_was_written_is_read_back() {
        let (_place, folder) = folder();

        keep(&folder, "a", b"code");

        assert_eq!(read(&folder, "a").as_deref(), Some(&b"code"[..]));
    }

    #[test]
    fn swapped_truncated_and_changed_code_is_thrown_away() {
        let (place, folder) = folder();
        let path = place.path().join("a");
        for spoil in [
            (|bytes: &mut Vec<u8>| bytes[0] ^= 1) as fn(&mut Vec<u8>),
            |bytes| bytes.truncate(3),
            |bytes| bytes.clear(),
            |bytes| bytes.push(0),
        ] {
            keep(&folder, "a", b"code");
            let mut bytes = fs::read(&path).unwrap();
            spoil(&mut bytes);
            fs::write(&path, bytes).unwrap();

            assert_eq!(read(&folder, "a"), None);
            assert!(!path.exists());
        }
        folder.write("a", Content::Code, &blake3::hash(b"another component"), &[b"code"]).unwrap();
        assert_eq!(read(&folder, "a"), None);
        folder.write("a", Content::Answers, &digest(), &[b"code"]).unwrap();
        assert_eq!(read(&folder, "a"), None, "what was said is never run");
    }

    #[test]
    fn links_and_files_that_others_may_write_are_not_trusted() {
        use std::os::unix::fs::{PermissionsExt, symlink};

        let (place, folder) = folder();
        let [path, real] = ["a", "real"].map(|name| place.path().join(name));
        keep(&folder, "real", b"code");
        symlink(&real, &path).unwrap();
        assert_eq!(read(&folder, "a"), None);

        fs::hard_link(&real, &path).unwrap();
        assert_eq!(read(&folder, "a"), None);

        fs::set_permissions(&real, fs::Permissions::from_mode(0o666)).unwrap();
        assert_eq!(read(&folder, "real"), None);
    }

    #[test]
    fn a_folder_that_others_may_write_or_that_is_a_link_is_not_used() {
        use std::os::unix::fs::{PermissionsExt, symlink};

        let place = tempfile::tempdir().unwrap();
        let [real, link] = ["real", "link"].map(|name| place.path().join(name));
        Folder::open(&real).unwrap();
        symlink(&real, &link).unwrap();

        let linked = Folder::open(&link).err().map(|cause| cause.to_string());
        fs::set_permissions(&real, fs::Permissions::from_mode(0o777)).unwrap();
        let open_to_all = Folder::open(&real).err().map(|cause| cause.to_string());

        assert_eq!(linked.as_deref(), Some("the folder is no folder"));
        assert_eq!(open_to_all.as_deref(), Some("others may write to the folder"));
    }

    #[test]
    fn a_folder_put_in_the_place_of_the_open_one_is_not_read() {
        let place = tempfile::tempdir().unwrap();
        let [ours, theirs, away] = ["ours", "theirs", "away"].map(|name| place.path().join(name));
        let folder = Folder::open(&ours).unwrap();
        keep(&Folder::open(&theirs).unwrap(), "a", b"evil");

        fs::rename(&ours, &away).unwrap();
        fs::rename(&theirs, &ours).unwrap();

        assert_eq!(read(&folder, "a"), None);
    }
}
