//! A disk with oddities: a folder, mounted again at another place as FAT, a network or a failing disk would show it.
//!
//! It speaks the protocol of `/dev/fuse` itself, so that the kernel tells the program under test what it would tell of a
//! real one. It can be read only, and only root can mount it. Numbers in the code below are those of `linux/fuse.h`.

use std::ffi::{CString, OsStr, OsString};
use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

use rustix::mount::{MountFlags, UnmountFlags, mount, unmount};

/// In what the disk is odd; may be changed while it is mounted.
#[derive(Debug, Clone, Default)]
pub struct Oddities {
    /// All modification times are told this much later.
    pub later_by_seconds: i64,
    /// Times are told in steps of this many seconds; zero is to the nanosecond.
    pub time_step: i64,
    /// Inodes are told with other numbers, and change times with others.
    pub renumbered_by: u64,
    /// Folders do not tell which of their entries are folders.
    pub is_silent_about_kinds: bool,
    /// Names, without their folder, that cannot be looked at, and what the system says of it.
    pub failing: Vec<(OsString, i32)>,
    /// Folders whose list breaks off after its first entry.
    pub breaking_off: Vec<OsString>,
}

/// An odd disk, mounted until it is dropped.
pub struct OddDisk {
    place: PathBuf,
    oddities: Arc<Mutex<Oddities>>,
    serving: Option<JoinHandle<()>>,
}

impl OddDisk {
    /// Shows a folder at another place. `kind` is what the system calls the filesystem: `fat`, `sshfs`. `None` where
    /// nothing can be mounted.
    pub fn mount(folder: &Path, place: &Path, kind: &str, oddities: Oddities) -> Option<Self> {
        let oddities = Arc::new(Mutex::new(oddities));
        let mounted = OpenOptions::new().read(true).write(true).open("/dev/fuse").and_then(|device| {
            let options = format!("fd={},rootmode=40000,user_id=0,group_id=0,allow_other", device.as_raw_fd());
            let options = CString::new(options).expect("no zero in it");
            let flags = MountFlags::NOSUID | MountFlags::NODEV | MountFlags::RDONLY;
            mount("odd disk", place, format!("fuse.{kind}").as_str(), flags, options.as_c_str())?;
            Ok(device)
        });
        let device = mounted.inspect_err(|cause| eprintln!("skipped: nothing can be mounted here: {cause}")).ok()?;
        let mut server = Server { device, nodes: vec![folder.to_owned()], oddities: oddities.clone() };
        let serving = thread::spawn(move || server.run());
        Some(Self { place: place.to_owned(), oddities, serving: Some(serving) })
    }

    /// Lets the disk be odd in other ways from now on.
    pub fn change(&self, change: impl FnOnce(&mut Oddities)) {
        change(&mut self.oddities.lock().expect("nobody panics while changing"));
    }
}

impl Drop for OddDisk {
    fn drop(&mut self) {
        unmount(&self.place, UnmountFlags::DETACH).expect("it was mounted");
        if let Some(serving) = self.serving.take() {
            serving.join().expect("the server ends with the mount");
        }
    }
}

/// Answers the kernel.
struct Server {
    device: File,
    /// Paths by the numbers that the kernel has for them, from one.
    nodes: Vec<PathBuf>,
    oddities: Arc<Mutex<Oddities>>,
}

/// Room for the largest request.
const REQUEST: usize = 1 << 20;
const HEADER: usize = 40;

const LOOKUP: u32 = 1;
const FORGET: u32 = 2;
const GETATTR: u32 = 3;
const OPEN: u32 = 14;
const READ: u32 = 15;
const STATFS: u32 = 17;
const RELEASE: u32 = 18;
const FLUSH: u32 = 25;
const INIT: u32 = 26;
const OPENDIR: u32 = 27;
const READDIR: u32 = 28;
const RELEASEDIR: u32 = 29;
const INTERRUPT: u32 = 36;
const BATCH_FORGET: u32 = 42;

const NOT_SUPPORTED: i32 = 38;

impl Server {
    fn run(&mut self) {
        let mut request = vec![0; REQUEST];
        // Reading fails when the disk is unmounted.
        while let Ok(length) = self.device.read(&mut request) {
            let asked = &request[..length];
            let (call, unique, node) = (u32_at(asked, 4), u64_at(asked, 8), u64_at(asked, 16));
            if matches!(call, FORGET | BATCH_FORGET | INTERRUPT) {
                continue;
            }
            let answer = self.answer(call, node, &asked[HEADER..]);
            let (error, body) = match answer {
                Ok(body) => (0, body),
                Err(cause) => (-cause.raw_os_error().unwrap_or(5), Vec::new()),
            };
            let mut reply = Reply::default();
            reply.u32(16 + body.len() as u32).u32(error as u32).u64(unique);
            reply.0.extend(body);
            // Who asked may have gone.
            let _ = self.device.write(&reply.0);
        }
    }

    fn answer(&mut self, call: u32, node: u64, asked: &[u8]) -> io::Result<Vec<u8>> {
        let mut reply = Reply::default();
        match call {
            INIT => {
                // Version 7.31; reads ahead of nothing, no flags.
                reply.u32(7).u32(31).u32(0).u32(0).u32(0).u32(4096).u32(1);
                reply.0.resize(64, 0);
            }
            LOOKUP => {
                let name = OsStr::from_bytes(asked.split(|byte| *byte == 0).next().unwrap_or_default());
                let path = self.path(node)?.join(name);
                let found = self.look(&path)?;
                let number = self.number(path);
                // Nothing of it may be remembered.
                reply.u64(number).u64(0).u64(0).u64(0).u64(0);
                self.attributes(&found, &mut reply);
            }
            GETATTR => {
                let found = self.look(&self.path(node)?)?;
                reply.u64(0).u64(0);
                self.attributes(&found, &mut reply);
            }
            OPEN | OPENDIR => {
                reply.u64(0).u64(0);
            }
            READ => {
                let mut bytes = vec![0; u32_at(asked, 16) as usize];
                let length = File::open(self.path(node)?)?.read_at(&mut bytes, u64_at(asked, 8))?;
                bytes.truncate(length);
                return Ok(bytes);
            }
            READDIR => return self.list(node, u64_at(asked, 8), u32_at(asked, 16) as usize),
            STATFS => reply.0.resize(80, 0),
            RELEASE | RELEASEDIR | FLUSH => {}
            _ => return Err(io::Error::from_raw_os_error(NOT_SUPPORTED)),
        }
        Ok(reply.0)
    }

    /// Lists as many entries from a place on as there is room for.
    fn list(&self, node: u64, from: u64, room: usize) -> io::Result<Vec<u8>> {
        let folder = self.path(node)?;
        let oddities = self.oddities.lock().expect("nobody panics while changing");
        let breaks_off = folder.file_name().is_some_and(|name| oddities.breaking_off.iter().any(|odd| odd == name));
        if breaks_off && from > 0 {
            return Err(io::Error::from_raw_os_error(5));
        }
        let mut names: Vec<_> = fs::read_dir(&folder)?.collect::<io::Result<_>>()?;
        names.sort_by_key(fs::DirEntry::file_name);
        let mut reply = Reply::default();
        for (place, entry) in names.iter().enumerate().skip(from as usize) {
            let name = entry.file_name().into_vec();
            if reply.0.len() + 24 + name.len().next_multiple_of(8) > room || (breaks_off && place > 0) {
                break;
            }
            let found = entry.metadata()?;
            let kind = if oddities.is_silent_about_kinds { 0 } else { found.mode() >> 12 };
            reply.u64(found.ino() + oddities.renumbered_by).u64(place as u64 + 1).u32(name.len() as u32).u32(kind);
            reply.0.extend(&name);
            reply.0.resize(reply.0.len().next_multiple_of(8), 0);
        }
        Ok(reply.0)
    }

    fn look(&self, path: &Path) -> io::Result<Metadata> {
        let oddities = self.oddities.lock().expect("nobody panics while changing");
        match oddities.failing.iter().find(|(name, _)| path.file_name() == Some(name)) {
            Some((_, error)) => Err(io::Error::from_raw_os_error(*error)),
            None => fs::symlink_metadata(path),
        }
    }

    fn attributes(&self, found: &Metadata, reply: &mut Reply) {
        let oddities = self.oddities.lock().expect("nobody panics while changing");
        let step =
            |seconds: i64| seconds - if oddities.time_step > 0 { seconds.rem_euclid(oddities.time_step) } else { 0 };
        let part = |nanoseconds: i64| if oddities.time_step > 0 { 0 } else { nanoseconds as u32 };
        let changed = found.ctime() + oddities.renumbered_by as i64;
        reply.u64(found.ino() + oddities.renumbered_by).u64(found.size()).u64(found.blocks());
        reply
            .u64(found.atime() as u64)
            .u64(step(found.mtime() + oddities.later_by_seconds) as u64)
            .u64(step(changed) as u64);
        reply.u32(0).u32(part(found.mtime_nsec())).u32(part(found.ctime_nsec()));
        reply.u32(found.mode()).u32(found.nlink() as u32).u32(found.uid()).u32(found.gid()).u32(0).u32(4096).u32(0);
    }

    fn path(&self, node: u64) -> io::Result<PathBuf> {
        self.nodes.get(node as usize - 1).cloned().ok_or_else(|| io::Error::from_raw_os_error(116))
    }

    fn number(&mut self, path: PathBuf) -> u64 {
        let place = self.nodes.iter().position(|known| *known == path).unwrap_or_else(|| {
            self.nodes.push(path);
            self.nodes.len() - 1
        });
        place as u64 + 1
    }
}

/// An answer in the making.
#[derive(Default)]
struct Reply(Vec<u8>);

impl Reply {
    fn u32(&mut self, number: u32) -> &mut Self {
        self.0.extend(number.to_ne_bytes());
        self
    }

    fn u64(&mut self, number: u64) -> &mut Self {
        self.0.extend(number.to_ne_bytes());
        self
    }
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_ne_bytes(bytes[at..at + 4].try_into().expect("four bytes"))
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from_ne_bytes(bytes[at..at + 8].try_into().expect("eight bytes"))
}
