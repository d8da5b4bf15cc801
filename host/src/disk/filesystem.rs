//! What kind of filesystem a folder is on, and what may be believed of it.

use std::fs;
use std::io;
use std::path::Path;

use rustix::fs::{major, minor};

/// Filesystems, told apart by what their `stat` is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FilesystemClass {
    /// ext4, xfs, btrfs, zfs, tmpfs and the like.
    Local,
    /// FAT and exFAT: times of two seconds, local time, no change time or inode worth the name.
    Fat,
    /// FUSE: whatever the program behind it makes of it.
    Fuse,
    /// NFS, SMB, 9p, Ceph: times and inodes come from a server.
    Network,
}

impl FilesystemClass {
    /// Looks up the filesystem of a path (`f_type` of statfs(2)).
    pub fn of(path: &Path) -> io::Result<Self> {
        let found = rustix::fs::statfs(path)?;
        // The kernel's numbers are 32 bits wide; some platforms hand them out sign-extended.
        #[allow(clippy::unnecessary_cast, reason = "the width differs between platforms")]
        let class = Self::from_magic(found.f_type as u32);
        let is_fat_by_fuse = || filesystem_type(path).is_some_and(|kind| serves_fat(&kind));
        Ok(if class == Self::Fuse && is_fat_by_fuse() { Self::Fat } else { class })
    }

    fn from_magic(magic: u32) -> Self {
        match magic {
            // MSDOS_SUPER_MAGIC, EXFAT_SUPER_MAGIC.
            0x4d44 | 0x2011_bab0 => Self::Fat,
            // FUSE_SUPER_MAGIC.
            0x6573_5546 => Self::Fuse,
            // NFS, SMB, CIFS, SMB2, 9p, Ceph, AFS, Coda.
            0x6969 | 0x517b | 0xff53_4d42 | 0xfe53_4d42 | 0x0102_1997 | 0x00c3_6400 | 0x5346_414f | 0x7375_7245 => {
                Self::Network
            }
            _ => Self::Local,
        }
    }

    /// All classes, in the order of their numbers.
    pub const ALL: [Self; 4] = [Self::Local, Self::Fat, Self::Fuse, Self::Network];

    pub fn name(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Fat => "fat",
            Self::Fuse => "fuse",
            Self::Network => "network",
        }
    }

    /// The smallest difference of time that two writes are sure to show, in nanoseconds. On local filesystems the kernel
    /// stamps with its tick, up to 10 ms.
    pub fn granularity_ns(self) -> u64 {
        match self {
            Self::Local => 10_000_000,
            Self::Fat => 2_000_000_000,
            Self::Fuse | Self::Network => 1_000_000_000,
        }
    }

    /// Whether inode numbers and change times stay what they are from one mount to the next.
    pub fn is_trusted(self) -> bool {
        self == Self::Local
    }
}

/// What the system calls the filesystem of a path, such as `ext4` or `fuse.sshfs`; `None` where it does not tell.
pub fn filesystem_type(path: &Path) -> Option<String> {
    let device = rustix::fs::stat(path).ok()?.st_dev;
    let mounts = fs::read_to_string("/proc/self/mountinfo").ok()?;
    type_of_mount(&mounts, (major(device), minor(device))).map(str::to_owned)
}

/// Whether the program behind a FUSE filesystem says that it serves FAT: the second word of its type, such as `fuse.fusefat`.
/// Of a disk that is mounted as `fuseblk` nobody says it, so that it stays FUSE, which is believed no more than FAT.
fn serves_fat(kind: &str) -> bool {
    kind.strip_prefix("fuse.").or(kind.strip_prefix("fuseblk.")).is_some_and(|served| served.contains("fat"))
}

/// Finds the type of the filesystem on a device, in the words of proc_pid_mountinfo(5).
fn type_of_mount(mounts: &str, (major, minor): (u32, u32)) -> Option<&str> {
    let device = format!("{major}:{minor}");
    mounts.lines().find_map(|line| {
        let (place, kind) = line.split_once(" - ")?;
        (place.split(' ').nth(2)? == device).then(|| kind.split(' ').next())?
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_type_of_a_mount_stands_after_the_hyphen() {
        let mounts = "27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw\n\
                      42 27 0:39 / /mnt/stick rw,nosuid - fuse.fusefat fusefat rw,user_id=0\n";

        assert_eq!(type_of_mount(mounts, (0, 39)), Some("fuse.fusefat"));
        assert_eq!(type_of_mount(mounts, (254, 0)), Some("ext4"));
        assert_eq!(type_of_mount(mounts, (0, 3)), None);
    }

    #[test]
    fn fat_is_what_says_so() {
        assert!(serves_fat("fuse.fusefat") && serves_fat("fuseblk.exfat"));
        assert!(!serves_fat("fuseblk") && !serves_fat("fuse.sshfs") && !serves_fat("vfat"));
    }
}
