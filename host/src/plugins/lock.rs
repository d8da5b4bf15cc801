//! Which dropped-in plugins are trusted: `plugins.lock.kdl` in the vpo home, one line for each file.
//!
//! Trust belongs to the digest of the bytes, never to the place. The first use of a file records its digest; when other
//! bytes are found at the same place later, they are refused until the user trusts them.

use std::fmt::Write as _;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};

use super::error::PluginError;
use crate::kdl_read::{Base, Document, Mistakes};

/// The first lines of the file.
const HEADING: &str = "// Plugins that were dropped in, each with the BLAKE3 digest of the bytes that are trusted.
// vpo writes this file; `vpo plugins trust NAME` accepts a plugin that has changed.

";

/// The lock file of one vpo home.
#[derive(Debug, Clone)]
pub struct Lock {
    path: PathBuf,
}

/// One trusted file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trusted {
    pub name: String,
    pub path: String,
    /// Hexadecimal.
    pub digest: String,
}

impl Lock {
    pub fn new(path: PathBuf) -> Self {
        Self { path }
    }

    /// Lets a plugin be used when its bytes are trusted, or when nothing is known of its place yet; then they are
    /// trusted from now on.
    pub fn admit(&self, name: &str, place: &Path, digest: &blake3::Hash) -> Result<(), PluginError> {
        let (digest, place) = (digest.to_hex(), settled(place));
        let trusted = self.read()?;
        if trusted.iter().any(|known| known.digest == *digest.as_str()) {
            return Ok(());
        }
        match trusted.into_iter().find(|known| known.path == place) {
            Some(known) => {
                Err(PluginError::Changed { plugin: name.to_owned(), trusted: known.digest, found: digest.to_string() })
            }
            None => self.put(Trusted { name: name.to_owned(), path: place, digest: digest.to_string() }),
        }
    }

    /// Trusts the bytes that are at a place now; returns what was trusted there before.
    pub fn trust(&self, name: &str, place: &Path, digest: &blake3::Hash) -> Result<Option<Trusted>, PluginError> {
        let place = settled(place);
        let before = self.read()?.into_iter().find(|known| known.path == place);
        self.put(Trusted { name: name.to_owned(), path: place, digest: digest.to_hex().to_string() })?;
        Ok(before)
    }

    /// Everything that is trusted, in the order of the file.
    pub fn read(&self) -> Result<Vec<Trusted>, PluginError> {
        let content = match fs::read_to_string(&self.path) {
            Ok(content) => content,
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(cause) => return Err(self.error(cause)),
        };
        parse(&self.path, content).map_err(|mistakes| {
            let said = mistakes.iter().map(|mistake| mistake.what.clone()).collect::<Vec<_>>().join("; ");
            self.error(io::Error::other(said))
        })
    }

    /// Adds a file, or replaces what is trusted at its place; one process at a time, by rename.
    fn put(&self, new: Trusted) -> Result<(), PluginError> {
        self.put_unlocked(new).map_err(|cause| match cause {
            Failed::Io(cause) => self.error(cause),
            Failed::Plugin(error) => error,
        })
    }

    fn put_unlocked(&self, new: Trusted) -> Result<(), Failed> {
        if let Some(folder) = self.path.parent() {
            fs::create_dir_all(folder)?;
        }
        let guard = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(self.path.with_extension("kdl.guard"))?;
        flock(&guard, FlockOperation::LockExclusive).map_err(io::Error::from)?;
        let mut trusted = self.read().map_err(Failed::Plugin)?;
        match trusted.iter_mut().find(|known| known.path == new.path) {
            Some(known) => *known = new,
            None => trusted.push(new),
        }
        let beside = self.path.with_extension("kdl.new");
        let mut file = File::create(&beside)?;
        file.write_all(written(&trusted).as_bytes())?;
        file.sync_all()?;
        fs::rename(&beside, &self.path)?;
        Ok(())
    }

    fn error(&self, source: io::Error) -> PluginError {
        PluginError::Lock { path: self.path.clone(), source: source.into() }
    }
}

/// A place as it is written down: the real path, where there is one.
fn settled(place: &Path) -> String {
    fs::canonicalize(place).unwrap_or_else(|_| place.to_owned()).to_string_lossy().into_owned()
}

enum Failed {
    Io(io::Error),
    Plugin(PluginError),
}

impl From<io::Error> for Failed {
    fn from(cause: io::Error) -> Self {
        Self::Io(cause)
    }
}

fn parse(path: &Path, content: String) -> Result<Vec<Trusted>, Mistakes> {
    let document = Document::parse(path.to_string_lossy(), content, Base::default())?;
    let mut mistakes = Mistakes::default();
    let mut trusted = Vec::new();
    for node in document.nodes() {
        if node.name() != "plugin" {
            mistakes.unknown(&node.place(), "word", node.name(), ["plugin"]);
            continue;
        }
        let Some((name, _)) = node.only::<String>(&mut mistakes) else { continue };
        let property = |wanted: &str, mistakes: &mut Mistakes| {
            let found = node.properties().find(|(name, _)| *name == wanted);
            match found {
                Some((_, item)) => item.read::<String>(node.base(), mistakes),
                None => {
                    mistakes.add(&node.place(), format!("{wanted} is missing"));
                    None
                }
            }
        };
        let (path, digest) = (property("path", &mut mistakes), property("digest", &mut mistakes));
        if let (Some(path), Some(digest)) = (path, digest) {
            trusted.push(Trusted { name, path, digest });
        }
    }
    mistakes.into_result().map(|()| trusted)
}

fn written(trusted: &[Trusted]) -> String {
    let mut content = HEADING.to_owned();
    for known in trusted {
        let [name, path, digest] = [&known.name, &known.path, &known.digest].map(|text| quoted(text));
        writeln!(content, "plugin {name} path={path} digest={digest}").expect("a String takes all");
    }
    content
}

/// Writes a text as KDL: always in quotation marks, whatever is in it escaped.
fn quoted(text: &str) -> String {
    let mut entry = kdl::KdlEntry::new(text);
    entry.autoformat();
    let written = entry.to_string();
    let written = written.trim();
    if written.starts_with('"') { written.to_owned() } else { format!("\"{written}\"") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_use_is_recorded_and_other_bytes_are_refused_until_they_are_trusted() {
        let home = tempfile::tempdir().unwrap();
        let lock = Lock::new(home.path().join("plugins.lock.kdl"));
        let (place, first, second) = (Path::new("/p/no \"scary\".wasm"), blake3::hash(b"1"), blake3::hash(b"2"));

        lock.admit("no-scary", place, &first).unwrap();
        lock.admit("no-scary", place, &first).unwrap();
        let refused = lock.admit("no-scary", place, &second).unwrap_err();
        let before = lock.trust("no-scary", place, &second).unwrap().unwrap();
        lock.admit("no-scary", place, &second).unwrap();

        assert!(matches!(refused, PluginError::Changed { .. }), "{refused}");
        assert_eq!(before.digest, first.to_hex().as_str());
        assert_eq!(lock.read().unwrap().len(), 1);
    }

    #[test]
    fn trusted_bytes_may_move() {
        let home = tempfile::tempdir().unwrap();
        let lock = Lock::new(home.path().join("plugins.lock.kdl"));
        let digest = blake3::hash(b"1");

        lock.admit("one", Path::new("/a/one.wasm"), &digest).unwrap();
        lock.admit("one", Path::new("/b/one.wasm"), &digest).unwrap();

        assert_eq!(lock.read().unwrap().len(), 1);
    }

    #[test]
    fn a_damaged_lock_file_admits_nothing() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("plugins.lock.kdl");
        fs::write(&path, "plugin \"one\" digest=\"0\"").unwrap();

        let refused = Lock::new(path).admit("one", Path::new("/a/one.wasm"), &blake3::hash(b"1"));

        assert!(matches!(refused, Err(PluginError::Lock { .. })));
    }
}
