//! Disks that are mounted for real, which only root can do; tests are skipped elsewhere.

use std::ffi::CString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;

use rustix::mount::{MountFlags, UnmountFlags, mount, mount_bind, unmount};

/// Something that is mounted until it is dropped.
pub struct Mounted(PathBuf);

impl Mounted {
    /// Mounts an empty disk in memory. `None` where that is not allowed.
    pub fn disk(place: &Path) -> Option<Self> {
        Self::in_memory(place, MountFlags::empty(), None)
    }

    /// Mounts one with so much room.
    pub fn small_disk(place: &Path, kilobytes: u64) -> Option<Self> {
        Self::in_memory(place, MountFlags::empty(), Some(kilobytes))
    }

    /// Mounts one that cannot be written.
    pub fn read_only_disk(place: &Path) -> Option<Self> {
        Self::in_memory(place, MountFlags::RDONLY, None)
    }

    /// Shows a folder at another place, too.
    pub fn bind(folder: &Path, place: &Path) -> Option<Self> {
        Self::told(place, mount_bind(folder, place).is_ok())
    }

    /// Mounts an image of a FAT filesystem through FUSE.
    pub fn fat(image: &Path, place: &Path) -> Option<Self> {
        let mut command = Command::new("fusefat");
        command.args(["-o", "rw+"]).arg(image).arg(place).stdout(Stdio::null()).stderr(Stdio::null());
        let is_mounted = command.spawn().is_ok_and(|mut serving| {
            while !is_mount(place) && serving.try_wait().expect("it can be waited for").is_none() {
                thread::yield_now();
            }
            is_mount(place)
        });
        Self::told(place, is_mounted)
    }

    fn in_memory(place: &Path, flags: MountFlags, kilobytes: Option<u64>) -> Option<Self> {
        let size = kilobytes.map(|size| CString::new(format!("size={size}k")).expect("digits"));
        Self::told(place, mount("tmpfs", place, "tmpfs", flags, size.as_deref()).is_ok())
    }

    fn told(place: &Path, is_mounted: bool) -> Option<Self> {
        if !is_mounted {
            eprintln!("skipped: nothing can be mounted here");
        }
        is_mounted.then(|| Self(place.to_owned()))
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        unmount(&self.0, UnmountFlags::empty()).expect("nobody uses it");
    }
}

fn is_mount(place: &Path) -> bool {
    let mounts = fs::read_to_string("/proc/self/mountinfo").expect("the system tells what is mounted");
    mounts.lines().any(|line| line.split(' ').nth(4).is_some_and(|at| Path::new(at) == place))
}
