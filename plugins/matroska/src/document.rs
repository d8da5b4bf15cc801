//! The EBML header: what kind of document this is, and whether it is one at all.

use vpo_plugin_sdk::introspector::Failure;
use vpo_reading::ReadError;

use crate::{
    ebml::{self, Damage, Element, File, Header, Walk},
    ids,
    notes::Notes,
};

/// How far from the start of the file the header may stand: some writers leave junk in front of it.
const FARTHEST: usize = 8 << 10;
/// The EBML version that is understood.
const READ_VERSION: u64 = 1;

/// The four bytes that begin an EBML document.
pub const MAGIC: [u8; 4] = ids::EBML.to_be_bytes();

/// What follows the header.
const SEGMENT: [u8; 4] = ids::SEGMENT.to_be_bytes();

/// An EBML header.
#[derive(Debug)]
pub struct Document {
    /// `matroska`, `webm`, or nothing, which a few old writers left out. Anything else is another kind of document, or damage.
    pub doc_type: Option<String>,
    /// Offset behind the header.
    pub end: u64,
}

impl Document {
    /// Why a document without segment or tracks is not read.
    pub fn failure_without(&self, part: &str) -> Failure {
        match self.doc_type.as_deref() {
            None | Some("matroska" | "webm") => Failure::Malformed(format!("no {part}")),
            Some(other) => Failure::Unsupported(format!("an EBML document of type {other:?}")),
        }
    }
}

/// Finds and reads the header of a Matroska or WebM document.
pub fn read(file: &mut File<'_>, notes: &mut Notes) -> Result<Document, Failure> {
    let Some(at) = find(file)? else { return Err(Failure::NotMine) };
    let Header::Element(header) = ebml::header(file, at, file.size())? else {
        return Err(if at == 0 { truncated(file.size()) } else { Failure::NotMine });
    };
    let document = read_header(file, &header, notes)?;
    if at > 0 {
        // Four bytes may stand anywhere by chance; a whole header does not.
        if document.doc_type.is_none() {
            return Err(Failure::NotMine);
        }
        notes.warn(format!("{at} unknown bytes before the EBML header"));
    }
    match document.doc_type.as_deref() {
        Some("matroska" | "webm") => {}
        // Whether it is one nevertheless, its segment will show.
        Some(other) => notes.warn(format!("the EBML header names the document type {other:?}")),
        None => notes.warn("the EBML header names no document type"),
    }
    Ok(document)
}

fn truncated(at: u64) -> Failure {
    Failure::Truncated(format!("truncated in the EBML header at byte {at}"))
}

/// Returns where the magic stands, looked for only near the start.
fn find(file: &mut File<'_>) -> Result<Option<u64>, ReadError> {
    let is_magic = |four: &[u8]| four == MAGIC;
    if is_magic(&file.view(0, MAGIC.len())?) {
        return Ok(Some(0));
    }
    Ok(file.view(0, FARTHEST)?.windows(MAGIC.len()).position(is_magic).map(|at| at as u64))
}

fn read_header(file: &mut File<'_>, header: &Element, notes: &mut Notes) -> Result<Document, Failure> {
    let mut doc_type = None;
    let mut walk = Walk::inside(header);
    while let Some(child) = walk.next(file)? {
        match child.id {
            ids::DOC_TYPE => doc_type = ebml::text(file, &child)?,
            ids::EBML_READ_VERSION if ebml::unsigned(file, &child)?.is_some_and(|version| version > READ_VERSION) => {
                return Err(Failure::Unsupported("a newer version of EBML".to_owned()));
            }
            _ => {}
        }
    }
    match walk.damage {
        Some(Damage::Ended(at)) => return Err(truncated(at)),
        Some(Damage::Invalid(at)) if doc_type.is_none() => {
            let damage = format!("damaged in the EBML header at byte {at}");
            // A segment right behind it can be no accident.
            if header.is_open() || *file.view(header.end, SEGMENT.len())? != SEGMENT {
                return Err(Failure::Malformed(damage));
            }
            notes.warn(damage);
        }
        _ if header.is_cut() && !walk.was_stopped() => return Err(truncated(file.size())),
        _ => {}
    }
    let end = if header.is_open() { walk.position() } else { header.end };
    Ok(Document { doc_type, end })
}
