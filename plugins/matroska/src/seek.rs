//! Where the index of a segment leads, and what its end shows when there is none.

use vpo_reading::ReadError;

use crate::{
    ebml::{self, Element, File, Header, Walk},
    ids,
    notes::Notes,
    segment::{self, Parts},
};

/// Entries of a SeekHead that are followed; a sound one has less than ten.
const MOST_ENTRIES: usize = 64;
/// Bytes at the end of a file without index that are looked at for its last parts.
const TAIL: u64 = 8 << 10;

/// Follows the SeekHeads, each target being checked, and says whether they led to everything.
pub fn follow(file: &mut File<'_>, segment: &Element, parts: &mut Parts, notes: &mut Notes) -> Result<bool, ReadError> {
    let mut is_sound = !parts.seek_heads().is_empty();
    let mut next = 0;
    // One SeekHead may lead to another; each is read once, so a circle ends.
    while let Some(seek_head) = parts.seek_heads().get(next).copied() {
        next += 1;
        for (id, position) in entries(file, &seek_head)? {
            is_sound &= follow_one(file, segment, id, position, parts, notes)?;
        }
    }
    Ok(is_sound)
}

/// Follows one entry and says whether it told the truth.
fn follow_one(
    file: &mut File<'_>,
    segment: &Element,
    id: u32,
    position: u64,
    parts: &mut Parts,
    notes: &mut Notes,
) -> Result<bool, ReadError> {
    // Cues say where the pictures are, which is no fact; what was met on the way needs no looking up.
    let is_wanted = ids::is_part(id) && !matches!(id, ids::CUES | ids::CLUSTER);
    let at = segment.body.saturating_add(position);
    if !is_wanted || parts.knows(id, at) {
        return Ok(true);
    }
    if at >= segment.end && segment.is_cut() {
        notes.missing(format!("truncated at byte {}; {} would follow", file.size(), ids::name_of(id)));
        return Ok(true);
    }
    match ebml::header(file, at, segment.end)? {
        Header::Element(part) if part.id == id => {
            parts.record(part);
            Ok(true)
        }
        _ => {
            notes.warn(format!("the SeekHead is wrong about {}", ids::name_of(id)));
            parts.misplaced.push(id);
            Ok(false)
        }
    }
}

fn entries(file: &mut File<'_>, seek_head: &Element) -> Result<Vec<(u32, u64)>, ReadError> {
    let mut entries = Vec::new();
    let mut walk = Walk::inside(seek_head);
    while let Some(seek) = walk.next(file)? {
        if seek.id != ids::SEEK || entries.len() >= MOST_ENTRIES {
            continue;
        }
        let (mut id, mut position) = (None, None);
        let mut inner = Walk::inside(&seek);
        while let Some(child) = inner.next(file)? {
            match child.id {
                ids::SEEK_ID => id = ebml::unsigned(file, &child)?,
                ids::SEEK_POSITION => position = ebml::unsigned(file, &child)?,
                _ => {}
            }
        }
        if let (Some(id), Some(position)) = (id.and_then(|id| u32::try_from(id).ok()), position) {
            entries.push((id, position));
        }
    }
    Ok(entries)
}

/// Looks for parts whose chain ends exactly where the segment ends, and says whether there are any.
pub fn look_at_end(file: &mut File<'_>, segment: &Element, parts: &mut Parts) -> Result<bool, ReadError> {
    if segment.is_cut() {
        return Ok(false);
    }
    let from = segment.end.saturating_sub(TAIL).max(segment.body);
    let tail = file.bytes(from, (segment.end - from) as usize)?;
    let mut begin = 0;
    while let Some(first) = segment::find_in(&tail[begin..], from + begin as u64, segment.end, ids::is_part) {
        if let Some(chain) = chain(&tail, from, first, segment.end) {
            chain.into_iter().for_each(|part| parts.record(part));
            return Ok(true);
        }
        begin = (first.at - from) as usize + 1;
    }
    Ok(false)
}

/// Returns the elements from one to the end of the segment, if they end there.
fn chain(tail: &[u8], from: u64, first: Element, end: u64) -> Option<Vec<Element>> {
    let mut chain = vec![first];
    let mut at = first.end;
    while at < end {
        match ebml::parse_header(tail.get((at - from) as usize..).unwrap_or_default(), at, end) {
            Header::Element(next) if (ids::is_part(next.id) || next.id == ids::VOID) && !next.is_open() => {
                at = next.end;
                chain.push(next);
            }
            _ => return None,
        }
    }
    first.claimed.map(|_| chain)
}
