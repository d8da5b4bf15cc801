//! Chapters: editions of nested atoms.

use vpo_plugin_sdk::facts::Chapter;
use vpo_reading::ReadError;

use crate::{
    ebml::{self, Element, File, Walk},
    ids,
    language::{self, Written},
};

/// Nesting that is followed.
const DEEPEST: u32 = 16;
/// Chapters that are read.
pub const MOST_CHAPTERS: usize = 5000;

/// The chapters of a file, and whether they are all.
#[derive(Debug, Default)]
pub struct Chapters {
    pub chapters: Vec<Chapter>,
    /// Editions whose chapters players play in their order, whatever the order of the film is.
    pub ordered: Vec<u32>,
    /// They end too early.
    pub is_cut: bool,
    /// There are more, or deeper ones, than are read.
    pub has_more: bool,
}

/// Reads the chapters in file order, each atom before the ones in it.
pub fn read(file: &mut File<'_>, element: &Element) -> Result<Chapters, ReadError> {
    let mut read = Chapters::default();
    let mut walk = Walk::inside(element);
    let mut edition = 0;
    while let Some(child) = walk.next(file)? {
        if child.id == ids::EDITION_ENTRY {
            read_edition(file, &child, edition, &mut read)?;
            edition += 1;
        }
    }
    read.is_cut |= walk.damage.is_some();
    Ok(read)
}

fn read_edition(file: &mut File<'_>, element: &Element, edition: u32, read: &mut Chapters) -> Result<(), ReadError> {
    let first = read.chapters.len();
    let mut hidden = false;
    let mut walk = Walk::inside(element);
    while let Some(child) = walk.next(file)? {
        match child.id {
            ids::EDITION_FLAG_ORDERED if ebml::flag(file, &child)? == Some(true) => read.ordered.push(edition),
            ids::EDITION_FLAG_HIDDEN => hidden = ebml::flag(file, &child)?.unwrap_or(false),
            ids::CHAPTER_ATOM => read_atom(file, &child, edition, 0, read)?,
            _ => {}
        }
    }
    if hidden {
        read.chapters[first..].iter_mut().for_each(|chapter| chapter.hidden = true);
    }
    Ok(())
}

fn read_atom(
    file: &mut File<'_>,
    element: &Element,
    edition: u32,
    depth: u32,
    read: &mut Chapters,
) -> Result<(), ReadError> {
    if read.chapters.len() >= MOST_CHAPTERS || depth > DEEPEST {
        read.has_more = true;
        return Ok(());
    }
    let place = read.chapters.len();
    let language = language::of(&Written { default: Some("eng"), ..Written::default() });
    let empty = Chapter { start_ns: 0, end_ns: None, title: None, language, hidden: false, depth, edition };
    read.chapters.push(empty);
    let mut is_shown = false;
    let mut walk = Walk::inside(element);
    while let Some(child) = walk.next(file)? {
        match child.id {
            ids::CHAPTER_TIME_START => read.chapters[place].start_ns = ebml::unsigned(file, &child)?.unwrap_or(0),
            ids::CHAPTER_TIME_END => read.chapters[place].end_ns = ebml::unsigned(file, &child)?,
            ids::CHAPTER_FLAG_HIDDEN => read.chapters[place].hidden = ebml::flag(file, &child)?.unwrap_or(false),
            // A title in several languages: the first one, which players show by default.
            ids::CHAPTER_DISPLAY if !is_shown => {
                is_shown = true;
                read_display(file, &child, &mut read.chapters[place])?;
            }
            ids::CHAPTER_ATOM => read_atom(file, &child, edition, depth + 1, read)?,
            _ => {}
        }
    }
    Ok(())
}

fn read_display(file: &mut File<'_>, display: &Element, chapter: &mut Chapter) -> Result<(), ReadError> {
    let mut written = Written { default: Some("eng"), ..Written::default() };
    let mut walk = Walk::inside(display);
    while let Some(child) = walk.next(file)? {
        match child.id {
            ids::CHAP_STRING => chapter.title = ebml::text(file, &child)?,
            // Both may repeat, for a title that is the same in several languages: the first one stands for all.
            ids::CHAP_LANGUAGE if written.legacy.is_none() => written.legacy = ebml::text(file, &child)?,
            ids::CHAP_LANGUAGE_BCP47 if written.bcp47.is_none() => written.bcp47 = ebml::text(file, &child)?,
            _ => {}
        }
    }
    chapter.language = language::of(&written);
    Ok(())
}
