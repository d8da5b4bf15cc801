//! What kind of filesystem a folder is on, and what may be believed of it.

use std::io;
use std::path::Path;

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
        Ok(Self::from_magic(found.f_type as u32))
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
