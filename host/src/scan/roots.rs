//! Roots: which folders a scan is about, and whether each is still the folder that was recorded (R6).

use std::fmt;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use super::error::ScanError;
use super::request::ScanRequest;
use crate::disk::{self, FilesystemClass, Ground};
use crate::media::text;
use crate::store::roots::{self, Root};
use crate::store::{Db, StoreError, files, listings, mounts};

/// A root that is there and may be judged.
#[derive(Debug, Clone)]
pub struct OpenRoot {
    pub path: PathBuf,
    pub ground: Ground,
    pub filesystem: FilesystemClass,
    /// See [`Root::filesystem_id`].
    pub filesystem_id: u64,
    /// The path leads to another folder or another disk than at the last scan.
    pub is_another: bool,
    /// Nothing is at the path, and the user says that what was there is gone for good.
    pub is_gone: bool,
    /// Files that were recorded and not missing when the scan began.
    pub recorded: u64,
}

impl OpenRoot {
    /// What is recorded of this root when it has been scanned.
    pub fn record(&self, completed: Option<(i64, u64)>) -> Root {
        Root {
            path: self.path.clone(),
            device: self.ground.device,
            inode: self.ground.inode,
            filesystem: self.filesystem.name().to_owned(),
            filesystem_id: self.filesystem_id,
            is_mount: self.ground.is_mount,
            last_complete_scan_ns: completed.map(|(at, _)| at),
            last_file_count: completed.map(|(_, count)| count),
        }
    }

    /// Numbers of devices and of network filesystems come and go, so this is no more than a reason to look twice.
    fn differs_from(&self, known: &Root) -> bool {
        let is_elsewhere = (self.ground.device, self.ground.inode) != (known.device, known.inode);
        let has_other_name = known.filesystem_id != 0 && self.filesystem_id != known.filesystem_id;
        is_elsewhere || has_other_name
    }
}

/// Opens the roots of a request: absolute, each folder once, none below another.
pub fn open(db: &Db, request: &ScanRequest) -> Result<Vec<OpenRoot>, ScanError> {
    if request.folders.is_empty() {
        return Err(ScanError::NoFolder);
    }
    let mut paths = Vec::new();
    for folder in &request.folders {
        let named = lexical(&request.working.join(folder));
        paths.push(match fs::canonicalize(&named) {
            Ok(path) => path,
            Err(_) if request.mode.accept_missing && is_given_up(db, &named)? => named,
            Err(source) => return Err(unreachable(db, &named, source)?),
        });
    }
    paths.sort();
    // A folder sorts before all that is below it.
    paths.dedup_by(|below, above| below.starts_with(above.as_path()));
    paths.into_iter().map(|path| open_one(db, path, request.mode.accept_missing)).collect()
}

fn open_one(db: &Db, path: PathBuf, accept_missing: bool) -> Result<OpenRoot, ScanError> {
    if accept_missing && is_given_up(db, &path)? {
        return give_up(db, path);
    }
    let unreadable = |source| ScanError::Unreadable { path: path.clone(), source };
    let found = fs::metadata(&path).map_err(unreadable)?;
    if !found.is_dir() {
        return Err(match listings::count_below(db, &path)? {
            0 => ScanError::NotAFolder { path },
            _ => ScanError::Offline(Offline::root(&path, NO_FOLDER)),
        });
    }
    let is_empty = fs::read_dir(&path).map_err(unreadable)?.next().is_none();
    let known = roots::find(db, &path)?;
    let was_mount = was_mount(db, &path, known.as_ref())?;
    let mut root = OpenRoot {
        ground: Ground::of(&path).map_err(unreadable)?,
        filesystem: FilesystemClass::of(&path).map_err(unreadable)?,
        filesystem_id: disk::filesystem_id(&path).map_err(unreadable)?,
        is_another: false,
        is_gone: false,
        recorded: listings::count_below(db, &path)?,
        path,
    };
    root.is_another = known.is_some_and(|known| root.differs_from(&known));
    if root.recorded == 0 {
        return Ok(root);
    }
    match why_empty(is_empty).or_else(|| why_unmounted(was_mount, root.ground)) {
        Some(why) if !accept_missing => Err(ScanError::Offline(Offline::root(&root.path, why))),
        _ => Ok(root),
    }
}

/// Whether a disk was mounted at a root, or at a folder that is a root now.
fn was_mount(db: &Db, path: &Path, known: Option<&Root>) -> Result<bool, StoreError> {
    Ok(known.is_some_and(|known| known.is_mount) || mounts::has(db, path)?)
}

fn why_empty(is_empty: bool) -> Option<&'static str> {
    is_empty.then_some("it is empty while files are recorded in it")
}

fn why_unmounted(was_mount: bool, now: Ground) -> Option<&'static str> {
    (was_mount && !now.is_mount).then_some("it was a mounted disk and is not now")
}

/// A part of the library that is not there now, while files of it are recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offline {
    pub path: PathBuf,
    /// Else it is a disk that was mounted inside a root.
    pub is_root: bool,
    pub why: &'static str,
}

impl Offline {
    fn root(path: &Path, why: &'static str) -> Self {
        Self { path: path.to_owned(), is_root: true, why }
    }
}

impl fmt::Display for Offline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = if self.is_root { "root" } else { "disk" };
        write!(f, "the {what} {} is offline: {}", text::path(&self.path), self.why)
    }
}

/// Which of these recorded roots, and of the disks that were mounted inside them, are offline.
pub fn offline<'a>(db: &Db, roots: impl IntoIterator<Item = &'a Path>) -> Result<Vec<Offline>, StoreError> {
    let mut found = Vec::new();
    for root in roots {
        let was_mount = was_mount(db, root, roots::find(db, root)?.as_ref())?;
        if let Some(why) = why_offline(root, was_mount) {
            found.push(Offline::root(root, why));
            continue;
        }
        for disk in mounts::below(db, root)?.into_iter().filter(|disk| disk != root) {
            let why = match Ground::of(&disk) {
                Ok(ground) => why_unmounted(true, ground),
                Err(_) => Some(NOT_THERE),
            };
            found.extend(why.map(|why| Offline { path: disk, is_root: false, why }));
        }
    }
    Ok(found)
}

const NOT_THERE: &str = "it is not there";

const NO_FOLDER: &str = "it is no folder any more";

/// Why a root of which files are recorded is offline, if it is.
fn why_offline(root: &Path, was_mount: bool) -> Option<&'static str> {
    let Ok(found) = fs::metadata(root) else { return Some(NOT_THERE) };
    if !found.is_dir() {
        return Some(NO_FOLDER);
    }
    let is_empty = fs::read_dir(root).is_ok_and(|mut inside| inside.next().is_none());
    why_empty(is_empty).or_else(|| Ground::of(root).ok().and_then(|ground| why_unmounted(was_mount, ground)))
}

/// Whether nothing is at a path below which something is recorded, so that `--accept-missing` can only mean that.
fn is_given_up(db: &Db, path: &Path) -> Result<bool, ScanError> {
    let is_there = !fs::symlink_metadata(path).is_err_and(|cause| cause.kind() == io::ErrorKind::NotFound);
    Ok(!is_there && (listings::count_below(db, path)? > 0 || !files::missing_below(db, path)?.is_empty()))
}

/// A root at whose path nothing is; it stands on the folder above.
fn give_up(db: &Db, path: PathBuf) -> Result<OpenRoot, ScanError> {
    let above = path.ancestors().find(|above| above.exists()).unwrap_or(Path::new("/"));
    let unreadable = |source| ScanError::Unreadable { path: above.to_owned(), source };
    Ok(OpenRoot {
        ground: Ground::of(above).map_err(unreadable)?,
        filesystem: FilesystemClass::of(above).map_err(unreadable)?,
        filesystem_id: 0,
        is_another: false,
        is_gone: true,
        recorded: listings::count_below(db, &path)?,
        path,
    })
}

/// A folder that cannot be reached is offline when files of it are recorded, else simply not there.
fn unreachable(db: &Db, path: &Path, source: io::Error) -> Result<ScanError, ScanError> {
    Ok(match listings::count_below(db, path)? {
        0 => ScanError::Unreadable { path: path.to_owned(), source },
        _ => ScanError::Offline(Offline::root(path, NOT_THERE)),
    })
}

/// Takes `.` and `..` out of a path without looking at the disk.
fn lexical(path: &Path) -> PathBuf {
    let mut clean = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                clean.pop();
            }
            other => clean.push(other),
        }
    }
    clean
}
