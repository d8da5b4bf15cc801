//! What a folder stands on: its device, and whether it is where a filesystem is mounted.

use std::fs;
use std::io;
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use rustix::fs::{AtFlags, CWD, Statx, StatxAttributes, StatxFlags, makedev, statx};

/// Where a folder is in the tree of mounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ground {
    pub device: u64,
    pub inode: u64,
    /// It is the top of what is mounted there; a bind mount of a folder of the same disk, too.
    pub is_mount: bool,
}

impl Ground {
    /// Looks at the folder of a path; a symbolic link to one is followed.
    pub fn of(path: &Path) -> io::Result<Self> {
        let said = statx(CWD, path, AtFlags::empty(), StatxFlags::INO)?;
        Ok(Self { is_mount: is_mount(&said).unwrap_or_else(|| differs_from_above(path, device(&said))), ..told(&said) })
    }

    /// Looks at an open folder. Kernels before 5.8 do not tell mounts.
    pub(super) fn of_open(folder: impl AsFd) -> io::Result<Self> {
        Ok(told(&statx(folder, c"", AtFlags::EMPTY_PATH, StatxFlags::INO)?))
    }
}

/// Names the filesystem of a path where it has a name that stays (ext4, btrfs, tmpfs while it is mounted); else it is zero.
pub fn filesystem_id(path: &Path) -> io::Result<u64> {
    Ok(rustix::fs::statvfs(path)?.f_fsid)
}

fn told(said: &Statx) -> Ground {
    Ground { device: device(said), inode: said.stx_ino, is_mount: is_mount(said).unwrap_or(false) }
}

fn device(said: &Statx) -> u64 {
    makedev(said.stx_dev_major, said.stx_dev_minor)
}

fn is_mount(said: &Statx) -> Option<bool> {
    let can_tell = said.stx_attributes_mask.contains(StatxAttributes::MOUNT_ROOT);
    can_tell.then(|| said.stx_attributes.contains(StatxAttributes::MOUNT_ROOT))
}

/// The top of a mounted filesystem is on another device than the folder above it, or has none above it.
fn differs_from_above(path: &Path, device: u64) -> bool {
    match path.parent().map(fs::metadata) {
        Some(Ok(above)) => above.dev() != device,
        Some(Err(_)) => false,
        None => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::Folder;

    #[test]
    fn the_top_of_the_tree_is_a_mount_and_a_new_folder_is_none() {
        let place = tempfile::tempdir().unwrap();
        let folder = fs::metadata(place.path()).unwrap();

        let found = Ground::of(place.path()).unwrap();

        assert_eq!(found, Ground { device: folder.dev(), inode: folder.ino(), is_mount: false });
        assert_eq!(Folder::open(place.path()).unwrap().ground().unwrap(), found);
        assert!(Ground::of(Path::new("/proc")).unwrap().is_mount);
    }
}
