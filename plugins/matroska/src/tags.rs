//! Tags: texts about the whole file or about tracks, some of them in each other.

use vpo_reading::ReadError;

use crate::{
    ebml::{self, Element, File, Walk},
    ids,
    language::{self, Written},
};

/// Nesting that is followed.
const DEEPEST: u32 = 8;
/// Tags that are read.
const MOST_TAGS: usize = 5000;
/// Text that is read in all, so that nesting cannot multiply it.
const MOST_TEXT: usize = 1 << 20;
/// Targets of one tag that are looked at.
const MOST_TARGETS: usize = 500;
/// The level that is meant when none is stated: the film, the episode, the album.
const WHOLE: u64 = 50;

/// One text.
#[derive(Debug, Clone, PartialEq)]
pub struct Tag {
    pub about: About,
    /// With the names of the tags it stands in: `ARTIST/SORT_WITH`.
    pub name: String,
    pub value: String,
    pub language: Option<String>,
}

impl Tag {
    /// The TrackUID of the track that it is about.
    pub fn track(&self) -> Option<u64> {
        match self.about {
            About::File => None,
            About::Track(uid) => Some(uid),
        }
    }
}

/// What a tag is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    File,
    /// The track of this TrackUID.
    Track(u64),
}

/// The tags of a file, and whether there are more.
#[derive(Debug, Default)]
pub struct Tags {
    pub tags: Vec<Tag>,
    pub is_cut: bool,
    text: usize,
}

/// Reads one Tags element after those that were read before.
pub fn read(file: &mut File<'_>, element: &Element, mut read: Tags) -> Result<Tags, ReadError> {
    let mut walk = Walk::inside(element);
    while let Some(child) = walk.next(file)? {
        if child.id == ids::TAG {
            read_tag(file, &child, &mut read)?;
        }
    }
    read.is_cut |= walk.damage.is_some();
    Ok(read)
}

fn read_tag(file: &mut File<'_>, tag: &Element, read: &mut Tags) -> Result<(), ReadError> {
    let mut targets = Targets::default();
    // The texts may stand in front of what they are about.
    let mut walk = Walk::inside(tag);
    while let Some(child) = walk.next(file)? {
        if child.id == ids::TARGETS {
            targets = read_targets(file, &child)?;
        }
    }
    let about = targets.about();
    if about.is_empty() {
        return Ok(());
    }
    let mut texts = Texts { read, about, prefix: targets.prefix(), depth: 0 };
    let mut walk = Walk::inside(tag);
    while let Some(child) = walk.next(file)? {
        if child.id == ids::SIMPLE_TAG {
            texts.read(file, &child)?;
        }
    }
    Ok(())
}

/// What a Tag is about, as the file says it.
#[derive(Debug, Default)]
struct Targets {
    level: Option<u64>,
    level_name: Option<String>,
    tracks: Vec<u64>,
    /// About an edition, a chapter or an attachment, for which facts have no place.
    is_elsewhere: bool,
}

impl Targets {
    fn about(&self) -> Vec<About> {
        match self.tracks.as_slice() {
            [] if self.is_elsewhere => Vec::new(),
            [] => vec![About::File],
            tracks => tracks.iter().map(|uid| About::Track(*uid)).collect(),
        }
    }

    /// What tells a tag of the season from one of the episode.
    fn prefix(&self) -> String {
        match (self.level.unwrap_or(WHOLE), &self.level_name) {
            (WHOLE, _) => String::new(),
            (_, _) if !self.tracks.is_empty() => String::new(),
            (_, Some(name)) => format!("{name}/"),
            (level, None) => format!("{level}/"),
        }
    }
}

fn read_targets(file: &mut File<'_>, element: &Element) -> Result<Targets, ReadError> {
    let mut targets = Targets::default();
    let mut walk = Walk::inside(element);
    while let Some(child) = walk.next(file)? {
        match child.id {
            ids::TARGET_TYPE_VALUE => targets.level = ebml::unsigned(file, &child)?,
            ids::TARGET_TYPE => targets.level_name = ebml::text(file, &child)?,
            ids::TAG_TRACK_UID if targets.tracks.len() < MOST_TARGETS => {
                // Zero means all tracks, which is the file.
                targets.tracks.extend(ebml::unsigned(file, &child)?.filter(|uid| *uid != 0));
            }
            ids::TAG_EDITION_UID | ids::TAG_CHAPTER_UID | ids::TAG_ATTACHMENT_UID => {
                targets.is_elsewhere |= ebml::unsigned(file, &child)?.is_some_and(|uid| uid != 0);
            }
            _ => {}
        }
    }
    Ok(targets)
}

/// Reads texts and the texts in them.
struct Texts<'a> {
    read: &'a mut Tags,
    about: Vec<About>,
    prefix: String,
    depth: u32,
}

impl Texts<'_> {
    fn read(&mut self, file: &mut File<'_>, element: &Element) -> Result<(), ReadError> {
        if self.depth > DEEPEST || self.read.text > MOST_TEXT {
            self.read.is_cut = true;
            return Ok(());
        }
        let (mut name, mut value) = (None, None);
        let mut written = Written::default();
        let mut nested = Vec::new();
        let mut walk = Walk::inside(element);
        while let Some(child) = walk.next(file)? {
            match child.id {
                ids::TAG_NAME => name = ebml::text(file, &child)?,
                ids::TAG_STRING => value = Some(ebml::text(file, &child)?.unwrap_or_default()),
                ids::TAG_LANGUAGE => written.legacy = ebml::text(file, &child)?,
                ids::TAG_LANGUAGE_BCP47 => written.bcp47 = ebml::text(file, &child)?,
                ids::SIMPLE_TAG if nested.len() < MOST_TAGS => nested.push(child),
                _ => {}
            }
        }
        let name = format!("{}{}", self.prefix, name.unwrap_or_default());
        if let Some(value) = value {
            // `und` says no more than silence.
            let language = language::of(&written).original.filter(|language| language != "und");
            self.keep(&name, &value, language.as_deref());
        }
        self.read.text = self.read.text.saturating_add(name.len());
        let outer = std::mem::replace(&mut self.prefix, format!("{name}/"));
        self.depth += 1;
        for child in nested {
            self.read(file, &child)?;
        }
        self.depth -= 1;
        self.prefix = outer;
        Ok(())
    }

    fn keep(&mut self, name: &str, value: &str, language: Option<&str>) {
        for about in &self.about {
            self.read.text = self.read.text.saturating_add(name.len() + value.len());
            if self.read.tags.len() >= MOST_TAGS || self.read.text > MOST_TEXT {
                self.read.is_cut = true;
                return;
            }
            self.read.tags.push(Tag {
                about: *about,
                name: name.to_owned(),
                value: value.to_owned(),
                language: language.map(str::to_owned),
            });
        }
    }
}
