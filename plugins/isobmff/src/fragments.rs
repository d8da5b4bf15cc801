//! Fragmented files: how long they last, and how long their samples do (ISO/IEC 14496-12 §8.8, §8.16).
//!
//! The film's duration is what `mehd` says, else what `sidx` sums up to when it is about the whole film, else where the last
//! fragment ends. The last fragment is found through the index at the end of the file (`mfra`), or by hopping when there are
//! few, or near the end of the file, where it is looked for in about as many bytes as the first ones take.

use std::collections::BTreeMap;

use vpo_plugin_sdk::introspector::Failure;
use vpo_reading::{Cursor, Media, Short};

use crate::{
    boxes::{Source, Span, in_slice},
    chapters::nanoseconds,
    rate::Durations,
};

/// What reading of a file may cost in all when fragments are hopped over before its end is looked at.
const FEW_CALLS: u32 = 17;
const FEW_BYTES: u64 = 46 << 10;
/// Fragments that are hopped over when the end shows none.
const MOST_HOPS: usize = 256;
/// Bytes of the end of a file in which its last fragment is looked for.
const TAIL: std::ops::RangeInclusive<u64> = 16 << 10..=2 << 20;
/// Bytes of `sidx` that are read: nearly three hours in fragments of two seconds and a half.
const MOST_INDEX: usize = 48 << 10;
const MOST_MOOF: usize = 64 << 10;
/// Most fragments of two seconds describe themselves in so many bytes.
const USUAL_MOOF: usize = 2048;

/// The identifier of `tfxd`.
const TIME_OF_SMOOTH_STREAMING: [u8; 16] =
    [0x6d, 0x1d, 0x9b, 0x05, 0x42, 0xd5, 0x44, 0xe6, 0x80, 0xe2, 0x14, 0x1d, 0xaf, 0xf7, 0x57, 0xb2];

/// What `mvex` says.
#[derive(Debug, Clone, Default)]
pub struct Extends {
    /// Duration of the whole film in ticks of the film.
    pub duration: Option<u64>,
    /// Duration of a sample in ticks of the track, unless a fragment says otherwise.
    pub sample_durations: BTreeMap<u32, u32>,
}

/// Reads `mvex`.
pub fn read_extends<M: Media + ?Sized>(source: &mut Source<'_, M>, mvex: Span) -> Result<Extends, Failure> {
    let mut extends = Extends::default();
    for (kind, content) in in_slice(&source.content(mvex, 16 << 10)?) {
        let mut cursor = Cursor::new(content);
        let mut read = || {
            let version = cursor.u8()?;
            cursor.skip(3)?;
            match &kind {
                b"mehd" if version == 1 => extends.duration = Some(cursor.u64_be()?),
                b"mehd" => extends.duration = Some(cursor.u32_be()?.into()),
                b"trex" => {
                    let track = cursor.u32_be()?;
                    cursor.skip(4)?;
                    extends.sample_durations.insert(track, cursor.u32_be()?);
                }
                _ => {}
            }
            Ok::<_, Short>(())
        };
        // A cut box says nothing; the next one is read.
        let _ = read();
    }
    extends.duration = extends.duration.filter(|&duration| duration > 0);
    Ok(extends)
}

/// Sums up `sidx`: the nanoseconds at which what it refers to begins, and those that it lasts. `None` when that is not the rest of the film: some writers put an
/// index before each fragment.
pub fn read_index<M: Media + ?Sized>(source: &mut Source<'_, M>, sidx: Span) -> Result<Option<(u64, u64)>, Failure> {
    let content = source.content(sidx, MOST_INDEX)?;
    let mut cursor = Cursor::new(&content);
    let mut read = || {
        let version = cursor.u8()?;
        cursor.skip(3 + 4)?;
        let timescale = cursor.u32_be()?;
        let (start, first_offset) = match version {
            0 => (cursor.u32_be()?.into(), cursor.u32_be()?.into()),
            _ => (cursor.u64_be()?, cursor.u64_be()?),
        };
        cursor.skip(2)?;
        let (mut ticks, mut end) = (0u64, sidx.end.saturating_add(first_offset));
        for _ in 0..cursor.u16_be()? {
            // The topmost bit tells media from a further index.
            end = end.saturating_add((cursor.u32_be()? & 0x7fff_ffff).into());
            ticks = ticks.saturating_add(cursor.u32_be()?.into());
            cursor.skip(4)?;
        }
        Ok::<_, Short>((start, ticks, timescale, end))
    };
    // What stands behind the last fragment is short.
    let size = source.size();
    let is_whole = |end: u64| end.saturating_add((size / 50).max(4 << 10)) >= size;
    Ok(read()
        .ok()
        .filter(|&(_, ticks, timescale, end)| ticks > 0 && timescale > 0 && is_whole(end))
        .map(|(start, ticks, scale, _)| (nanoseconds(start, scale), nanoseconds(ticks, scale))))
}

/// What one `moof` says of one track.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Run {
    pub track: u32,
    /// Where it begins, in ticks of the track.
    pub start: Option<u64>,
    /// How long its samples last, in ticks of the track.
    pub durations: Durations,
    /// Where its first sample lies in the file, and how long it is at most.
    pub sample: Option<Sample>,
}

impl Run {
    /// Where it ends, in ticks of the track. Sound that is to be skipped begins before zero.
    pub fn end(&self, start: u64) -> u64 {
        start.cast_signed().saturating_add_unsigned(self.durations.total()).max(0).unsigned_abs()
    }
}

/// Where a sample lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sample {
    pub offset: u64,
    pub size: u32,
}

/// Reads a `moof`.
pub fn read_fragment<M: Media + ?Sized>(
    source: &mut Source<'_, M>,
    moof: Span,
    extends: &Extends,
) -> Result<Vec<Run>, Failure> {
    let content = source.content(moof, MOST_MOOF)?;
    let tracks = in_slice(&content).filter(|(kind, _)| kind == b"traf");
    Ok(tracks.map(|(_, content)| run(content, moof.start, extends)).collect())
}

fn run(traf: &[u8], moof: u64, extends: &Extends) -> Run {
    let mut run = Run::default();
    let (mut common, mut common_size) = (0, u32::MAX);
    // Samples lie where the header says, else so far from their `moof`.
    let mut base = moof;
    for (kind, content) in in_slice(traf) {
        let mut cursor = Cursor::new(content);
        let mut read = || {
            let version = cursor.u8()?;
            let flags = cursor.u24_be()?;
            match &kind {
                b"tfhd" => {
                    run.track = cursor.u32_be()?;
                    common = extends.sample_durations.get(&run.track).copied().unwrap_or(0);
                    if flags & 1 != 0 {
                        base = cursor.u64_be()?;
                    }
                    cursor.skip(if flags & 2 != 0 { 4 } else { 0 })?;
                    if flags & 8 != 0 {
                        common = cursor.u32_be()?;
                    }
                    if flags & 0x10 != 0 {
                        common_size = cursor.u32_be()?;
                    }
                }
                b"tfdt" => run.start = Some(if version == 1 { cursor.u64_be()? } else { cursor.u32_be()?.into() }),
                // Smooth Streaming knows no `tfdt` but says as much.
                b"uuid" if content.starts_with(&TIME_OF_SMOOTH_STREAMING) => {
                    let mut cursor = Cursor::new(content.get(TIME_OF_SMOOTH_STREAMING.len()..).unwrap_or_default());
                    let version = cursor.u8()?;
                    cursor.skip(3)?;
                    run.start = Some(if version == 1 { cursor.u64_be()? } else { cursor.u32_be()?.into() });
                }
                b"trun" => {
                    let samples = cursor.u32_be()?;
                    let ahead = if flags & 1 != 0 { cursor.u32_be()? } else { 0 };
                    cursor.skip(if flags & 4 != 0 { 4 } else { 0 })?;
                    let has_durations = flags & 0x100 != 0;
                    let has_sizes = flags & 0x200 != 0;
                    if !has_durations {
                        run.durations.add(samples, common);
                    }
                    let others = (flags >> 10 & 3).count_ones() as usize * 4;
                    for _ in 0..samples {
                        if has_durations {
                            run.durations.add(1, cursor.u32_be()?);
                        }
                        let size = if has_sizes { cursor.u32_be()? } else { common_size };
                        let offset = base.checked_add_signed(i64::from(ahead.cast_signed()));
                        run.sample = run.sample.or(offset.map(|offset| Sample { offset, size }));
                        if !has_durations {
                            break;
                        }
                        cursor.skip(others)?;
                    }
                }
                _ => {}
            }
            Ok::<_, Short>(())
        };
        let _ = read();
    }
    run
}

/// Finds the last fragment through the index at the end of the file (`mfro`, `mfra`, `tfra`).
pub fn last_by_index<M: Media + ?Sized>(source: &mut Source<'_, M>) -> Result<Option<Span>, Failure> {
    let size = source.size();
    let tail = source.pages.glance(size.saturating_sub(16), 16)?;
    let &[_, _, _, _, b'm', b'f', b'r', b'o', _, _, _, _, s0, s1, s2, s3] = tail.as_slice() else { return Ok(None) };
    let length = u64::from(u32::from_be_bytes([s0, s1, s2, s3]));
    let Some(start) = size.checked_sub(length) else { return Ok(None) };
    let Some(mfra) = source.distant_box_at(start, size)?.filter(|found| found.kind == *b"mfra") else {
        return Ok(None);
    };
    let mut last = None;
    let mut at = mfra.content;
    while let Some(child) = source.distant_box_at(at, mfra.end)? {
        at = child.end;
        if child.kind == *b"tfra" {
            last = last.max(last_offset(source, child)?);
        }
    }
    let Some(offset) = last else { return Ok(None) };
    Ok(source.box_at(offset, size)?.filter(|found| found.kind == *b"moof"))
}

/// Returns the place of the fragment that the last entry of a `tfra` names.
fn last_offset<M: Media + ?Sized>(source: &mut Source<'_, M>, tfra: Span) -> Result<Option<u64>, Failure> {
    let head = source.pages.glance(tfra.content, 16.min(tfra.length()) as usize)?;
    let &[version, _, _, _, _, _, _, _, _, _, _, widths, c0, c1, c2, c3] = head.as_slice() else { return Ok(None) };
    let half = if version == 1 { 8 } else { 4 };
    let rest = (widths >> 4 & 3) + (widths >> 2 & 3) + (widths & 3) + 3;
    let entry = 2 * half + u64::from(rest);
    let Some(before) = u64::from(u32::from_be_bytes([c0, c1, c2, c3])).checked_sub(1) else { return Ok(None) };
    let at = tfra.content + 16 + before * entry + half;
    if at + half > tfra.end {
        return Ok(None);
    }
    let bytes = source.pages.glance(at, half as usize)?;
    Ok(Some(bytes.iter().fold(0, |sum, &byte| sum << 8 | u64::from(byte))))
}

/// Finds the last fragment where there is no index; `None` when it would cost too much.
pub fn last_without_index<M: Media + ?Sized>(source: &mut Source<'_, M>, first: Span) -> Result<Option<Span>, Failure> {
    let mut hops = Hops { at: first.end, last: first, is_done: false };
    let mut passed = 1;
    while !hops.is_done && source.pages.calls() < FEW_CALLS && source.pages.bytes_read() < FEW_BYTES {
        hops.go(source, 1)?;
        passed += 1;
    }
    if hops.is_done {
        return Ok(Some(hops.last));
    }
    let usual = hops.at.saturating_sub(first.start) / passed;
    if let Some(last) = last_near_end(source, hops.at, usual.saturating_mul(2))? {
        return Ok(Some(last));
    }
    hops.go(source, MOST_HOPS)?;
    Ok(hops.is_done.then_some(hops.last))
}

/// Goes from one fragment to the next.
struct Hops {
    at: u64,
    last: Span,
    /// There is none behind the last one.
    is_done: bool,
}

impl Hops {
    fn go<M: Media + ?Sized>(&mut self, source: &mut Source<'_, M>, hops: usize) -> Result<(), Failure> {
        let size = source.size();
        for _ in 0..hops {
            // The headers of a fragment and of its media data in one call, as long as they lie together.
            source.pages.glance(self.at, USUAL_MOOF)?;
            let Some(found) = source.distant_box_at(self.at, size)? else {
                self.is_done = true;
                return Ok(());
            };
            if found.kind == *b"moof" && !found.is_cut {
                self.last = found;
            }
            self.at = found.end;
            if found.kind == *b"moof" && self.at < size {
                // Only its size is wanted of what follows; the next call begins behind it.
                match source.distant_box_at(self.at, size)? {
                    Some(media) if media.kind == *b"mdat" => self.at = media.end,
                    Some(_) => {}
                    None => self.is_done = true,
                }
            }
        }
        Ok(())
    }
}

/// Looks for the last fragment among the last bytes of the file, by its first two boxes.
fn last_near_end<M: Media + ?Sized>(
    source: &mut Source<'_, M>,
    behind: u64,
    length: u64,
) -> Result<Option<Span>, Failure> {
    let size = source.size();
    let from = size.saturating_sub(length.clamp(*TAIL.start(), *TAIL.end())).max(behind);
    let tail = source.pages.glance(from, (size - from) as usize)?;
    let candidates = tail.windows(16).enumerate().rev().filter(|(_, bytes)| {
        // `moof` begins with `mfhd`, which has sixteen bytes.
        bytes[4..8] == *b"moof" && bytes[8..] == *b"\0\0\0\x10mfhd"
    });
    for (place, _) in candidates {
        let found = source.distant_box_at(from + place as u64, size)?;
        if let Some(found) = found.filter(|found| !found.is_cut) {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn boxed(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
        [&(content.len() as u32 + 8).to_be_bytes()[..], kind, content].concat()
    }

    #[test]
    fn samples_last_as_their_run_their_fragment_or_their_film_says() {
        let extends = Extends { duration: None, sample_durations: BTreeMap::from([(7, 100)]) };
        let header = |flags: u8, rest: &[u8]| boxed(b"tfhd", &[&[0, 0, 0, flags, 0, 0, 0, 7], rest].concat());
        let time = boxed(b"tfdt", &[0, 0, 0, 0, 0, 0, 3, 232]);
        let plain = boxed(b"trun", &[0, 0, 0, 0, 0, 0, 0, 5]);
        let own = boxed(b"trun", &[0, 0, 1, 0, 0, 0, 0, 2, 0, 0, 0, 30, 0, 0, 0, 31]);

        let by_film = run(&[header(0, &[]), time.clone(), plain.clone()].concat(), 0, &extends);
        let by_fragment = run(&[header(8, &[0, 0, 0, 10]), plain].concat(), 0, &extends);
        let by_run = run(&[header(0, &[]), own].concat(), 0, &extends);

        assert_eq!((by_film.track, by_film.start), (7, Some(1000)));
        assert_eq!((by_film.durations.count(), by_film.durations.total()), (5, 500));
        assert_eq!((by_fragment.start, by_fragment.durations.total()), (None, 50));
        assert_eq!((by_run.durations.count(), by_run.durations.total()), (2, 61));
    }

    #[test]
    fn the_first_sample_lies_behind_its_fragment_or_where_the_header_says() {
        let extends = Extends::default();
        let header = |flags: u8, rest: &[u8]| boxed(b"tfhd", &[&[0, 0, 0, flags, 0, 0, 0, 7], rest].concat());
        // Two samples of 9 and 8 bytes, 100 bytes behind the base; then one of as many bytes as all have.
        let sized = boxed(b"trun", &[0, 0, 2, 1, 0, 0, 0, 2, 0, 0, 0, 100, 0, 0, 0, 9, 0, 0, 0, 8]);
        let alike = boxed(b"trun", &[0, 0, 0, 0, 0, 0, 0, 1]);

        let behind = run(&[header(0, &[]), sized, alike.clone()].concat(), 5000, &extends);
        let stated = run(&[header(0x11, &[0, 0, 0, 0, 0, 0, 0, 77, 0, 0, 0, 12]), alike].concat(), 5000, &extends);

        assert_eq!(behind.sample, Some(Sample { offset: 5100, size: 9 }));
        assert_eq!(stated.sample, Some(Sample { offset: 77, size: 12 }));
    }

    #[test]
    fn a_run_that_begins_before_zero_ends_behind_it() {
        let mut run = Run::default();
        run.durations.add(10, 100);

        assert_eq!((run.end(50), run.end(u64::MAX - 99), run.end(1 << 63)), (1050, 900, 0));
    }
}
