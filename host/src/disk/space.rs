//! Free space, and copies that stop when they are no longer wanted.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

/// Bytes that an unprivileged user can still write to the filesystem of a folder.
pub fn free_space(folder: &Path) -> io::Result<u64> {
    let found = rustix::fs::statvfs(folder)?;
    Ok(found.f_bavail.saturating_mul(found.f_frsize))
}

/// Bytes between two looks at whether a copy is still wanted.
const CHUNK: u64 = 64 << 20;

/// Copies all of a file, by reference where the filesystem can.
///
/// When `is_cancelled` says so, the answer is an error of kind [`io::ErrorKind::Interrupted`].
pub fn copy(from: &File, mut to: &File, is_cancelled: &dyn Fn() -> bool) -> io::Result<u64> {
    let mut copied = 0;
    loop {
        if is_cancelled() {
            return Err(io::ErrorKind::Interrupted.into());
        }
        match io::copy(&mut Read::take(from, CHUNK), &mut to)? {
            0 => {
                to.flush()?;
                return Ok(copied);
            }
            count => copied += count,
        }
    }
}
