//! The beginning of the first frame of the tracks whose private data tell too little.
//!
//! Blocks are passed one by one from the first cluster on, as long as reading stays cheap: what is not found is simply not told.

use std::collections::BTreeMap;

use vpo_reading::ReadError;

use crate::{
    ebml::{self, Element, File, Header},
    ids,
};

/// What reading of a file may cost in all when frames are looked for.
const MOST_CALLS: u32 = 18;
const MOST_BYTES: u64 = 56 << 10;
/// Read at each block: its headers, and all of a small one.
const GLANCE: usize = 256;
/// Elements that are passed; small ones cost no call.
const MOST_ELEMENTS: u32 = 200;

/// Beginnings of frames, by the number of their track.
pub type Starts = BTreeMap<u64, Vec<u8>>;

/// Finds the first frame of each track in `wanted`, which says how many bytes of it are enough.
pub fn first(file: &mut File<'_>, cluster: &Element, mut wanted: BTreeMap<u64, usize>) -> Result<Starts, ReadError> {
    let mut starts = Starts::new();
    let mut at = cluster.body;
    for _ in 0..MOST_ELEMENTS {
        let is_cheap = file.calls() < MOST_CALLS && file.bytes_read() < MOST_BYTES;
        if wanted.is_empty() || !is_cheap || at >= cluster.end {
            break;
        }
        let bytes = file.glance(at, GLANCE)?;
        let Header::Element(element) = ebml::parse_header(&bytes, at, cluster.end) else { break };
        at = match element.id {
            // Its first child is the block.
            ids::BLOCK_GROUP => element.body,
            ids::SIMPLE_BLOCK | ids::BLOCK => {
                let inside = bytes.get((element.body - at) as usize..).unwrap_or_default();
                if let Some(found) = Block::parse(inside).filter(|block| wanted.contains_key(&block.track)) {
                    let length = wanted.remove(&found.track).unwrap_or_default();
                    let body = element.body.saturating_add(found.frame as u64);
                    let left = element.end.saturating_sub(body).min(length as u64);
                    starts.insert(found.track, file.glance(body, left as usize)?);
                }
                element.end
            }
            _ => element.end,
        };
    }
    Ok(starts)
}

/// The header of a block (RFC 9559 §10).
#[derive(Debug, PartialEq, Eq)]
pub struct Block {
    pub track: u64,
    /// Ticks from the timestamp of its cluster on.
    pub time: i16,
    /// Frames that share the block.
    pub frames: u32,
    /// Offset of the first frame from the start of the block.
    frame: usize,
}

impl Block {
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let (track, length) = variable(bytes)?;
        let &[high, low, flags, ref rest @ ..] = bytes.get(length..)? else { return None };
        let laces = length + 3;
        let is_laced = flags >> 1 & 3 != 0;
        let frames = if is_laced { u32::from(*rest.first()?) + 1 } else { 1 };
        let frame = match flags >> 1 & 3 {
            0 => laces,
            1 => behind_xiph_lacing(bytes, laces)?,
            2 => laces + 1,
            _ => behind_ebml_lacing(bytes, laces)?,
        };
        Some(Self { track, time: i16::from_be_bytes([high, low]), frames, frame })
    }
}

/// Reads a number whose first byte tells its length; returns both.
fn variable(bytes: &[u8]) -> Option<(u64, usize)> {
    let first = *bytes.first()?;
    let length = first.leading_zeros() as usize + 1;
    let all = bytes.get(..length).filter(|_| length <= 8)?;
    let value = all.iter().fold(0u64, |value, byte| value << 8 | u64::from(*byte));
    Some((value & ((1u64 << (7 * length)) - 1), length))
}

/// Sizes are sums of bytes, of which 255 means that another one follows; the last frame has none.
fn behind_xiph_lacing(bytes: &[u8], laces: usize) -> Option<usize> {
    let mut at = laces + 1;
    for _ in 0..*bytes.get(laces)? {
        while *bytes.get(at)? == 255 {
            at += 1;
        }
        at += 1;
    }
    Some(at)
}

/// Sizes, then differences, are numbers of variable length; the last frame has none.
fn behind_ebml_lacing(bytes: &[u8], laces: usize) -> Option<usize> {
    let mut at = laces + 1;
    for _ in 0..*bytes.get(laces)? {
        at += variable(bytes.get(at..)?)?.1;
    }
    Some(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_frame_begins_behind_whatever_lacing_there_is() {
        let frame = |bytes: &[u8]| Block::parse(bytes).map(|block| (block.track, block.frame));

        assert_eq!(frame(&[0x81, 0, 0, 0x80, 9]), Some((1, 4)));
        assert_eq!(frame(&[0x40, 0x81, 0, 0, 0, 9]), Some((129, 5)));
        assert_eq!(frame(&[0x82, 0, 0, 0x02, 2, 255, 1, 7, 9]), Some((2, 8)));
        assert_eq!(frame(&[0x82, 0, 0, 0x04, 2, 9]), Some((2, 5)));
        assert_eq!(frame(&[0x82, 0, 0, 0x06, 2, 0x84, 0x40, 0x01, 9]), Some((2, 8)));
    }

    #[test]
    fn a_block_that_is_cut_off_in_its_header_is_none() {
        for bytes in [&[][..], &[0x00], &[0x81, 0, 0], &[0x82, 0, 0, 0x02], &[0x82, 0, 0, 0x02, 1, 255]] {
            assert_eq!(Block::parse(bytes), None, "{bytes:?}");
        }
    }
}
