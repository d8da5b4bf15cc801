//! Who reads a file: the first introspector of the profile that claims it and does not say that it is not its own.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::media::{Facts, Stranger};
use crate::plugins::{
    CallError, Claims, Introspector, Node, Plugin, PluginError, Plugins, ReadCost, ToolGrant, Unread,
};

/// Bytes at the start of a file that magic patterns are looked for in.
const HEAD: usize = 1024;

/// An introspector as a profile names it.
#[derive(Clone)]
pub struct ReaderChoice {
    /// Bundled name, name of a dropped-in file, or path.
    pub plugin: String,
    pub options: Vec<Node>,
    /// The programs that the profile lets it run.
    pub tools: Option<Arc<ToolGrant>>,
}

/// The introspectors of a profile in order, with what they claim. Shared by all threads.
pub struct ReaderSet {
    readers: Vec<ReaderKind>,
}

struct ReaderKind {
    plugin: Arc<Plugin>,
    choice: ReaderChoice,
    claims: Claims,
    /// `name version`, recorded with the facts.
    identity: Arc<str>,
}

impl ReaderSet {
    /// Loads the introspectors and learns what they claim.
    pub fn load(plugins: &Plugins, choices: &[ReaderChoice]) -> Result<Self, PluginError> {
        let mut readers = Vec::with_capacity(choices.len());
        for choice in choices {
            let plugin = plugins.load(&choice.plugin)?;
            let description = plugin.describe()?;
            readers.push(ReaderKind {
                claims: plugin.claims()?,
                identity: format!("{} {}", description.name, description.version).into(),
                plugin,
                choice: choice.clone(),
            });
        }
        Ok(Self { readers })
    }

    /// The extensions that any of them claims, lower-case and without dot.
    pub fn extensions(&self) -> impl Iterator<Item = &str> {
        self.readers.iter().flat_map(|reader| reader.claims.extensions.iter().map(String::as_str))
    }

    /// Whether facts of this reader would be read in the same way now.
    pub fn is_current(&self, identity: &str) -> bool {
        self.readers.iter().any(|reader| &*reader.identity == identity)
    }

    /// Makes the readers of one thread. Each is made ready when the first file comes that it claims.
    pub fn on_this_thread(self: &Arc<Self>) -> Readers {
        Readers { introspectors: self.readers.iter().map(|_| None).collect(), set: self.clone() }
    }
}

/// The introspectors of one thread.
pub struct Readers {
    set: Arc<ReaderSet>,
    introspectors: Vec<Option<Introspector>>,
}

/// What reading a file gave.
pub struct Reading {
    pub facts: Result<Facts, Unread>,
    /// Who read it, as `name version`; the last one asked when nobody could.
    pub reader: Option<Arc<str>>,
    pub cost: ReadCost,
}

impl Reading {
    /// The same, or what the file is instead of a film.
    fn unless_stranger(self, stranger: Option<Stranger>) -> Self {
        match stranger {
            Some(stranger) => Self { facts: Err(Unread::NoMedia(Some(stranger))), ..self },
            None => self,
        }
    }
}

impl Readers {
    /// Reads an open file of a known size. The path decides by its extension who is asked first.
    pub fn read(&mut self, file: &Arc<File>, size: u64, path: &Path) -> Reading {
        let extension = path.extension().map(|extension| extension.to_string_lossy().to_lowercase());
        let mut head = None;
        let mut last = None;
        for (kind, ready) in self.set.readers.iter().zip(&mut self.introspectors) {
            let by_name = extension.as_ref().is_some_and(|extension| kind.claims.extensions.contains(extension));
            if !by_name && !has_magic(&kind.claims, head.get_or_insert_with(|| head_of(file))) {
                continue;
            }
            let (facts, cost) = match kind.ready(ready) {
                Ok(introspector) => introspector.read(file, size, PathBuf::from(path)),
                Err(error) => (Err(Unread::Call(error)), ReadCost::default()),
            };
            let reading = Reading { facts, reader: Some(kind.identity.clone()), cost };
            match &reading.facts {
                Err(Unread::NotMine(_)) => last = Some(reading),
                // Whoever believes a name tells a text that it is a broken film.
                Err(Unread::Malformed(_) | Unread::Truncated(_)) if by_name => {
                    let head = head.get_or_insert_with(|| head_of(file));
                    let stranger = Stranger::of(head).filter(|_| !has_magic(&kind.claims, head));
                    return reading.unless_stranger(stranger.filter(|stranger| !stranger.is_film()));
                }
                _ => return reading,
            }
        }
        let stranger = Stranger::of(head.get_or_insert_with(|| head_of(file)));
        let (reader, cost) = last.map(|reading| (reading.reader, reading.cost)).unwrap_or_default();
        Reading { facts: Err(Unread::NoMedia(stranger)), reader, cost }
    }
}

impl ReaderKind {
    /// The introspector of this kind on this thread, made now when there is none.
    fn ready<'a>(&self, introspector: &'a mut Option<Introspector>) -> Result<&'a mut Introspector, CallError> {
        if introspector.is_none() {
            let ReaderChoice { options, tools, .. } = &self.choice;
            let made = self.plugin.granted_introspector(options.clone(), tools.clone());
            *introspector = Some(made.map_err(|error| error.of_call(&self.plugin.name))?);
        }
        Ok(introspector.as_mut().expect("it was made above"))
    }
}

fn head_of(file: &File) -> Vec<u8> {
    let mut head = vec![0; HEAD];
    let length = file.read_at(&mut head, 0).unwrap_or(0);
    head.truncate(length);
    head
}

fn has_magic(claims: &Claims, head: &[u8]) -> bool {
    claims.magic.iter().any(|(offset, bytes)| {
        usize::try_from(*offset)
            .ok()
            .and_then(|offset| head.get(offset..offset.checked_add(bytes.len())?))
            .is_some_and(|found| found == &bytes[..] && !bytes.is_empty())
    })
}
