//! Whether a part of the segment is what its writer wrote: the CRC-32 that may stand first in it (RFC 8794, section 11.3.1).
//!
//! A flipped bit can make a track disappear without any other sign, and a plan would then lose it for good.

use vpo_reading::ReadError;

use crate::{
    ebml::{self, Element, File, Header},
    ids,
    notes::Notes,
    segment::Parts,
};

/// Content that is summed: what is usual for parts that facts come from. Longer ones are left alone, for what reading costs.
const MOST: u64 = 24 << 10;

/// Notes the parts whose content is not what their checksum says.
pub fn check(file: &mut File<'_>, parts: &Parts, notes: &mut Notes) -> Result<(), ReadError> {
    let single = [&parts.tracks, &parts.info, &parts.chapters].into_iter().flatten();
    for part in single.chain(&parts.tags).chain(parts.seek_heads()) {
        if is_wrong(file, part)? {
            notes.missing(format!("{} at byte {} does not agree with its checksum", ids::name_of(part.id), part.at));
        }
    }
    Ok(())
}

fn is_wrong(file: &mut File<'_>, part: &Element) -> Result<bool, ReadError> {
    if part.is_open() {
        return Ok(false);
    }
    let Header::Element(sum) = ebml::header(file, part.body, part.end)? else { return Ok(false) };
    let length = part.end - sum.end;
    if sum.id != ids::CRC_32 || sum.length() != 4 || length > MOST {
        return Ok(false);
    }
    let stated = file.bytes(sum.body, 4)?;
    let content = file.view(sum.end, length as usize)?;
    Ok(crc32fast::hash(&content).to_le_bytes() != *stated)
}
