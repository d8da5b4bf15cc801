//! How long a film lasts whose Info does not say: live recordings, and files whose writer was interrupted.
//!
//! The end of the file is searched backwards for a cluster from which everything up to the end is sound; its last blocks say
//! when they are shown. A cluster that begins farther away than reading may cost is not found, and the length stays unknown.

use std::collections::BTreeMap;

use vpo_codecs::credible;
use vpo_reading::ReadError;

use crate::{
    ebml::{self, Element, File, Header, Walk},
    frames::Block,
    ids,
};

/// What reading of a file may cost in all when its end is looked for.
const MOST_CALLS: u32 = 20;
const MOST_BYTES: u64 = 63 << 10;
/// Bytes that are read before the end of the file at first, and beyond them each time that there was no cluster.
const STEP: u64 = 8 << 10;
/// The longest number.
const NUMBER: usize = 8;
/// Places at the end of a file that look like a cluster and are tried, each of which is gone over to the end.
const MOST_CANDIDATES: usize = 64;
/// Children of a cluster in front of its timestamp.
const MOST_CHILDREN: usize = 4;

/// What is known of the film beside its blocks.
pub struct Known {
    /// Nanoseconds of one tick.
    pub scale: u64,
    /// Nanoseconds of a frame by the number of the track; absent where they are not stated.
    pub frame_ns: BTreeMap<u64, Option<u64>>,
}

/// Measures from the first cluster to the end of the last block, in nanoseconds.
pub fn measure(
    file: &mut File<'_>,
    segment: &Element,
    first_cluster: &Element,
    known: &Known,
) -> Result<Option<u64>, ReadError> {
    let Some(end) = find_end(file, segment.end, first_cluster.at, known)? else { return Ok(None) };
    let Some(begin) = timestamp(file, first_cluster)? else { return Ok(None) };
    Ok(end.checked_sub(begin.saturating_mul(known.scale)).and_then(credible::duration))
}

/// Finds when the last block ends, searching from the end of the segment on.
fn find_end(file: &mut File<'_>, end: u64, begin: u64, known: &Known) -> Result<Option<u64>, ReadError> {
    let mut from = end;
    let mut candidates = 0;
    loop {
        let next = from.saturating_sub(STEP).max(begin);
        let is_cheap = file.calls() < MOST_CALLS && file.bytes_read() + (from - next) <= MOST_BYTES;
        if next == from || !is_cheap || candidates >= MOST_CANDIDATES {
            return Ok(None);
        }
        from = next;
        // What was read before is kept.
        let tail = file.glance(from, (end - from) as usize)?;
        let clusters = tail.windows(4).enumerate().filter(|(_, four)| *four == ids::CLUSTER.to_be_bytes());
        for (place, _) in clusters.take(MOST_CANDIDATES) {
            candidates += 1;
            if let Some(found) = end_of_blocks(&tail, place, known) {
                return Ok(Some(found));
            }
        }
    }
}

/// Goes over everything from a cluster to the end, whatever stands in what, and returns when the last block ends; `None` where
/// something is not what should be there, because the id stood there by chance.
fn end_of_blocks(tail: &[u8], cluster: usize, known: &Known) -> Option<u64> {
    let mut at = cluster;
    let mut time = None;
    let mut last = None;
    // Start and length of the latest block, whose stated length would follow it.
    let mut latest = None;
    let ends = |(start, length): (u64, u64)| start.saturating_add(length);
    while at < tail.len() {
        let element = match ebml::parse_header(&tail[at..], at as u64, tail.len() as u64) {
            Header::Element(element) if !element.is_cut() || element.id == ids::CLUSTER => element,
            // The file was cut here, which what came before does not mind.
            Header::Element(element) if is_known(element.id) => break,
            Header::Ended => break,
            Header::Element(_) | Header::Invalid => return None,
        };
        let content = tail.get(element.body as usize..element.end as usize)?;
        at = element.end as usize;
        match element.id {
            ids::CLUSTER | ids::BLOCK_GROUP => {
                at = element.body as usize;
                time = time.filter(|_| element.id == ids::BLOCK_GROUP);
            }
            ids::TIMESTAMP => time = Some(number(content)?),
            ids::SIMPLE_BLOCK | ids::BLOCK => {
                last = last.max(latest.map(ends));
                latest = Some(block(content, time?, known)?);
            }
            ids::BLOCK_DURATION => {
                let ticks = number(content)?;
                latest = latest.map(|(start, _)| (start, ticks.saturating_mul(known.scale)));
            }
            ids::EBML | ids::SEGMENT => break,
            id if is_known(id) => {}
            _ => return None,
        }
    }
    last.max(latest.map(ends))
}

/// Start and length of a block in nanoseconds; `None` where its track is none of this film, or the start before everything.
fn block(content: &[u8], cluster: u64, known: &Known) -> Option<(u64, u64)> {
    let block = Block::parse(content)?;
    let frame_ns = known.frame_ns.get(&block.track)?.unwrap_or_default();
    let start = cluster.checked_add_signed(block.time.into())?.saturating_mul(known.scale);
    Some((start, frame_ns.saturating_mul(block.frames.into())))
}

fn is_known(id: u32) -> bool {
    ids::is_top(id) || ids::is_in_cluster(id) || ids::is_in_block_group(id) || matches!(id, ids::VOID | ids::CRC_32)
}

fn number(bytes: &[u8]) -> Option<u64> {
    (bytes.len() <= NUMBER).then(|| bytes.iter().fold(0, |value, byte| value << 8 | u64::from(*byte)))
}

/// Reads when a cluster begins, in ticks.
fn timestamp(file: &mut File<'_>, cluster: &Element) -> Result<Option<u64>, ReadError> {
    let mut walk = Walk::inside(cluster);
    for _ in 0..MOST_CHILDREN {
        match walk.next(file)? {
            Some(child) if child.id == ids::TIMESTAMP => return ebml::unsigned(file, &child),
            Some(_) => {}
            None => break,
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLUSTER: [u8; 5] = [0x1F, 0x43, 0xB6, 0x75, 0xFF];

    fn known() -> Known {
        Known { scale: 1_000_000, frame_ns: [(1, Some(40_000_000)), (2, None)].into() }
    }

    fn ends(parts: &[&[u8]]) -> Option<u64> {
        end_of_blocks(&parts.concat(), 0, &known()).map(|end| end / 1_000_000)
    }

    #[test]
    fn the_last_block_ends_after_the_length_that_is_stated_nearest() {
        let time = [0xE7, 0x82, 0x03, 0xE8];
        let simple = [0xA3, 0x85, 0x81, 0, 100, 0x80, 7];
        let laced = [0xA3, 0x86, 0x81, 0, 100, 0x84, 2, 7];
        let other_track = [0xA3, 0x85, 0x82, 0xFF, 0xFF, 0x80, 7];
        let group = [0xA0, 0x8B, 0xA1, 0x85, 0x81, 0, 100, 0, 7, 0x9B, 0x82, 0x01, 0xF4];

        assert_eq!(ends(&[&CLUSTER, &time, &simple]), Some(1140));
        assert_eq!(ends(&[&CLUSTER, &time, &laced]), Some(1220));
        assert_eq!(ends(&[&CLUSTER, &time, &other_track]), Some(999));
        assert_eq!(ends(&[&CLUSTER, &time, &group, &other_track]), Some(1600));
        assert_eq!(ends(&[&CLUSTER, &time]), None);
    }

    #[test]
    fn a_cut_costs_the_block_that_it_goes_through() {
        let time = [0xE7, 0x82, 0x03, 0xE8];
        let first = [0xA3, 0x85, 0x81, 0, 0, 0x80, 7];
        let second = [0xA3, 0x85, 0x81, 0, 100, 0x80, 7];

        for left in 0..second.len() {
            assert_eq!(ends(&[&CLUSTER, &time, &first, &second[..left]]), Some(1040), "{left}");
        }
    }

    #[test]
    fn what_is_no_cluster_is_not_taken_for_one() {
        let time = [0xE7, 0x82, 0x03, 0xE8];
        let strange_track = [0xA3, 0x85, 0x87, 0, 0, 0x80, 7];
        let block = [0xA3, 0x85, 0x81, 0, 0, 0x80, 7];

        assert_eq!(ends(&[&CLUSTER, &block]), None, "no timestamp");
        assert_eq!(ends(&[&CLUSTER, &time, &strange_track]), None);
        assert_eq!(ends(&[&CLUSTER, &time, &block, &[0x00, 0x81, 9]]), None, "no element");
        assert_eq!(ends(&[&CLUSTER, &time, &block, &[0xB0, 0x81, 9]]), None, "a width");
        assert_eq!(ends(&[&CLUSTER, &time, &block, &CLUSTER, &block]), None, "a second one without timestamp");
    }
}
