//! A Matroska file without its films: what an edit of the header needs, in a sparse file of the same length.
//!
//! mkvpropedit can fail after it has written, so it never gets the original. It edits a skeleton: a file with the same bytes
//! at the same places, but holes where the clusters are. What it changed there is the [`Patch`] for the original.

use std::collections::HashSet;
use std::fs::File;
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt};

const EBML: u32 = 0x1A45_DFA3;
const SEGMENT: u32 = 0x1853_8067;
const SEEK_HEAD: u32 = 0x114D_9B74;
const SEEK: u32 = 0x4DBB;
const SEEK_POSITION: u32 = 0x53AC;
const INFO: u32 = 0x1549_A966;
const TRACKS: u32 = 0x1654_AE6B;
const CLUSTER: u32 = 0x1F43_B675;

/// A header with more than this beside its clusters is edited in a copy of the whole file.
const MOST: u64 = 64 << 20;
/// What is kept of a cluster: its header, and enough to tell that it is one.
const CLUSTER_HEAD: u64 = 64;
/// Differing bytes closer than this are one write.
const GAP: usize = 32;

/// A run of bytes that is copied.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Region {
    offset: u64,
    bytes: Vec<u8>,
}

/// Bytes of the original that an edit of the header may touch.
#[derive(Debug)]
pub struct Skeleton {
    length: u64,
    /// In order, apart from each other.
    regions: Vec<Region>,
}

/// What is to be written where, and what stands there before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Patch {
    pub length_before: u64,
    pub length_after: u64,
    pub writes: Vec<Write>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Write {
    pub offset: u64,
    /// Shorter than `after` where the file grows, longer where it shrinks.
    pub before: Vec<u8>,
    pub after: Vec<u8>,
}

/// What would be lost by a copy without anybody noticing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HiddenLoss {
    #[error("its last {missing} bytes are missing")]
    Cut { missing: u64 },
    #[error("another film begins in it at byte {at}")]
    Another { at: u64 },
}

impl Skeleton {
    /// Takes the skeleton of a file; `None` when the file is not of the kind that it can be told of.
    pub fn of(file: &File) -> io::Result<Option<Self>> {
        let length = file.metadata()?.len();
        let mut walk = Walk { file, length, spans: Vec::new(), found: HashSet::new() };
        if walk.spans()?.is_none() || ![INFO, TRACKS].iter().all(|id| walk.found.contains(id)) {
            return Ok(None);
        }
        let spans = joined(walk.spans);
        if spans.iter().map(|(from, to)| to - from).sum::<u64>() > MOST {
            return Ok(None);
        }
        let mut regions = Vec::with_capacity(spans.len());
        for (from, to) in spans {
            let mut bytes = vec![0; (to - from) as usize];
            file.read_exact_at(&mut bytes, from)?;
            regions.push(Region { offset: from, bytes });
        }
        Ok(Some(Self { length, regions }))
    }

    /// Bytes of it.
    pub fn size(&self) -> u64 {
        self.regions.iter().map(|region| region.bytes.len() as u64).sum()
    }

    /// Writes the skeleton into an empty file. Returns whether the filesystem left the holes empty.
    pub fn write(&self, file: &File) -> io::Result<bool> {
        file.set_len(self.length)?;
        for region in &self.regions {
            file.write_all_at(&region.bytes, region.offset)?;
        }
        Ok(file.metadata()?.blocks() * 512 <= self.size() + self.regions.len() as u64 * (64 << 10) + (1 << 20))
    }

    /// Reads what an edit made of the skeleton. `None` when something was written outside of what is known, or the file
    /// was cut into it.
    pub fn patch(&self, edited: &File) -> io::Result<Option<Patch>> {
        let length_after = edited.metadata()?.len();
        if !self.holes_are_empty(edited, length_after)? {
            return Ok(None);
        }
        let mut writes = Vec::new();
        for region in &self.regions {
            let end = region.offset + region.bytes.len() as u64;
            let kept = end.min(length_after).saturating_sub(region.offset) as usize;
            let mut after = vec![0; kept];
            edited.read_exact_at(&mut after, region.offset)?;
            differing(region, &after, &mut writes);
        }
        if length_after > self.length {
            let mut after = vec![0; (length_after - self.length) as usize];
            edited.read_exact_at(&mut after, self.length)?;
            writes.push(Write { offset: self.length, before: Vec::new(), after });
        }
        if length_after < self.length {
            let Some(before) = self.known(length_after, self.length) else { return Ok(None) };
            writes.push(Write { offset: length_after, before, after: Vec::new() });
        }
        Ok(Some(Patch { length_before: self.length, length_after, writes }))
    }

    /// Whether everything outside of the regions is still nothing.
    fn holes_are_empty(&self, edited: &File, length: u64) -> io::Result<bool> {
        let mut from = 0;
        let ends = self.regions.iter().map(|region| (region.offset, region.offset + region.bytes.len() as u64));
        for (start, end) in ends.chain([(self.length, u64::MAX)]) {
            if !is_empty(edited, from, start.min(length))? {
                return Ok(false);
            }
            from = end;
        }
        // More than a header can grow by is no edit of a header.
        Ok(length.saturating_sub(self.length) <= MOST)
    }

    fn known(&self, from: u64, to: u64) -> Option<Vec<u8>> {
        let region = self
            .regions
            .iter()
            .find(|region| region.offset <= from && to <= region.offset + region.bytes.len() as u64)?;
        Some(region.bytes[(from - region.offset) as usize..(to - region.offset) as usize].to_vec())
    }
}

impl Patch {
    /// The bytes that are to be overwritten stand where they are expected.
    pub fn fits(&self, file: &File) -> io::Result<bool> {
        if file.metadata()?.len() != self.length_before {
            return Ok(false);
        }
        for write in &self.writes {
            let mut found = vec![0; write.before.len()];
            file.read_exact_at(&mut found, write.offset)?;
            if found != write.before {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Carries the patch out; not before what stood there was written down elsewhere, and that stays until the file was
    /// synchronised.
    pub fn apply(&self, file: &File) -> io::Result<()> {
        for write in &self.writes {
            file.write_all_at(&write.after, write.offset)?;
        }
        if self.length_after < self.length_before {
            file.set_len(self.length_after)?;
        }
        Ok(())
    }

    /// Puts everything back, however much of the patch was carried out.
    pub fn undo(&self, file: &File) -> io::Result<()> {
        for write in &self.writes {
            file.write_all_at(&write.before, write.offset)?;
        }
        file.set_len(self.length_before)?;
        file.sync_all()
    }

    pub fn bytes(&self) -> u64 {
        self.writes.iter().map(|write| write.after.len() as u64).sum()
    }
}

/// Whether a Matroska file ends exactly where it says: one that was cut, or not written to its end, does not.
pub fn is_whole(file: &File) -> io::Result<bool> {
    let length = file.metadata()?.len();
    let walk = Walk { file, length, spans: Vec::new(), found: HashSet::new() };
    let Some(start) = walk.element(0)?.filter(|head| head.id == EBML).and_then(|head| head.end) else {
        return Ok(false);
    };
    let segment = walk.element(start)?.filter(|segment| segment.id == SEGMENT);
    Ok(segment.is_some_and(|segment| segment.end == Some(length)))
}

/// What a copy of a Matroska file would silently be without: the end that was cut off, or a document behind the first.
pub fn hidden_loss(file: &File) -> io::Result<Option<HiddenLoss>> {
    let length = file.metadata()?.len();
    let walk = Walk { file, length, spans: Vec::new(), found: HashSet::new() };
    let Some(start) = walk.element(0)?.filter(|head| head.id == EBML).and_then(|head| head.end) else {
        return Ok(None);
    };
    // A live recording does not say how long it is; nothing is concluded then.
    let Some(end) = walk.element(start)?.filter(|found| found.id == SEGMENT).and_then(|found| found.end) else {
        return Ok(None);
    };
    if end > length {
        return Ok(Some(HiddenLoss::Cut { missing: end - length }));
    }
    let another = end < length && walk.element(end)?.is_some_and(|next| next.id == EBML);
    Ok(another.then_some(HiddenLoss::Another { at: end }))
}

/// Finds the places of all elements of a segment that are no clusters.
struct Walk<'a> {
    file: &'a File,
    length: u64,
    /// From and to.
    spans: Vec<(u64, u64)>,
    /// Ids of the elements that were found.
    found: HashSet<u32>,
}

/// The start of an element.
struct Element {
    id: u32,
    content: u64,
    /// `None` when its size is not stated.
    end: Option<u64>,
}

impl Walk<'_> {
    fn spans(&mut self) -> io::Result<Option<()>> {
        let Some(head) = self.element(0)?.filter(|element| element.id == EBML) else { return Ok(None) };
        let Some(start) = head.end else { return Ok(None) };
        let Some(segment) = self.element(start)?.filter(|element| element.id == SEGMENT) else { return Ok(None) };
        if segment.end != Some(self.length) {
            return Ok(None);
        }
        self.spans.push((0, segment.content));

        let mut heads = Vec::new();
        let Some(first_cluster) = self.walk(segment.content, &mut heads)? else { return Ok(Some(())) };

        let mut seen = HashSet::new();
        let mut last = first_cluster;
        while let Some((from, to)) = heads.pop() {
            for position in self.seek_head(from, to)? {
                let Some(at) = segment.content.checked_add(position) else { return Ok(None) };
                if at < self.length && seen.insert(at) && at > first_cluster {
                    let Some(element) = self.element(at)? else { return Ok(None) };
                    if element.id == CLUSTER {
                        continue;
                    }
                    let Some(end) = element.end.filter(|end| *end <= self.length) else { return Ok(None) };
                    self.spans.push((at, end));
                    self.found.insert(element.id);
                    if element.id == SEEK_HEAD {
                        heads.push((element.content, end));
                    }
                    last = last.max(at);
                }
            }
        }
        if last > first_cluster {
            // What comes after the last thing that is known about: voids, mostly.
            self.walk(last, &mut Vec::new())?;
        }
        Ok(Some(()))
    }

    /// Takes elements one after the other up to a cluster, whose place is returned, or to the end of the file.
    fn walk(&mut self, from: u64, heads: &mut Vec<(u64, u64)>) -> io::Result<Option<u64>> {
        let mut at = from;
        while at < self.length {
            let Some(element) = self.element(at)? else { break };
            if element.id == CLUSTER {
                self.spans.push((at, self.length.min(at + CLUSTER_HEAD)));
                return Ok(Some(at));
            }
            let Some(end) = element.end.filter(|end| *end <= self.length) else { break };
            self.spans.push((at, end));
            self.found.insert(element.id);
            if element.id == SEEK_HEAD {
                heads.push((element.content, end));
            }
            at = end;
        }
        Ok(None)
    }

    fn seek_head(&self, from: u64, to: u64) -> io::Result<Vec<u64>> {
        let mut positions = Vec::new();
        let mut at = from;
        while at < to {
            let Some(seek) = self.element(at)? else { break };
            let Some(end) = seek.end else { break };
            if seek.id == SEEK {
                let mut inner = seek.content;
                let mut target = None;
                while inner < end {
                    let Some(part) = self.element(inner)? else { break };
                    let Some(part_end) = part.end else { break };
                    if part.id == SEEK_POSITION && part_end - part.content <= 8 {
                        target = Some(self.number(part.content, part_end)?);
                    }
                    inner = part_end;
                }
                positions.extend(target);
            }
            at = end;
        }
        Ok(positions)
    }

    fn number(&self, from: u64, to: u64) -> io::Result<u64> {
        let mut bytes = [0; 8];
        let length = (to - from) as usize;
        self.file.read_exact_at(&mut bytes[8 - length..], from)?;
        Ok(u64::from_be_bytes(bytes))
    }

    /// Reads the start of an element; `None` for what is none.
    fn element(&self, at: u64) -> io::Result<Option<Element>> {
        let mut head = [0; 12];
        let mut length = 0;
        while length < head.len() {
            match self.file.read_at(&mut head[length..], at + length as u64)? {
                0 => break,
                count => length += count,
            }
        }
        let head = &head[..length];
        let id_length = head.first().map_or(9, |byte| byte.leading_zeros() as usize + 1);
        if id_length > 4 || head.len() <= id_length {
            return Ok(None);
        }
        let id = head[..id_length].iter().fold(0, |id, byte| id << 8 | u32::from(*byte));
        let size_length = head[id_length].leading_zeros() as usize + 1;
        let Some(size_bytes) = head.get(id_length..id_length + size_length).filter(|_| size_length <= 8) else {
            return Ok(None);
        };
        let all_ones = (1u64 << (7 * size_length)) - 1;
        let size = size_bytes.iter().fold(0, |size, byte| size << 8 | u64::from(*byte)) & all_ones;
        let content = at + (id_length + size_length) as u64;
        let end = if size == all_ones { None } else { content.checked_add(size) };
        Ok(Some(Element { id, content, end }))
    }
}

/// Sorts spans and joins those that touch.
fn joined(mut spans: Vec<(u64, u64)>) -> Vec<(u64, u64)> {
    spans.sort_unstable();
    let mut joined: Vec<(u64, u64)> = Vec::new();
    for (from, to) in spans {
        match joined.last_mut() {
            Some(last) if from <= last.1 => last.1 = last.1.max(to),
            _ => joined.push((from, to)),
        }
    }
    joined
}

/// Collects the runs of bytes in which a region differs from what it was.
fn differing(region: &Region, after: &[u8], writes: &mut Vec<Write>) {
    let before = &region.bytes[..after.len()];
    let mut place = 0;
    while let Some(start) = (place..after.len()).find(|i| before[*i] != after[*i]) {
        let mut end = start + 1;
        let mut i = end;
        while i < after.len() && i < end + GAP {
            if before[i] != after[i] {
                end = i + 1;
            }
            i += 1;
        }
        writes.push(Write {
            offset: region.offset + start as u64,
            before: before[start..end].to_vec(),
            after: after[start..end].to_vec(),
        });
        place = end;
    }
}

/// Whether a range holds nothing but zeros, skipping what the filesystem knows to be holes.
fn is_empty(file: &File, from: u64, to: u64) -> io::Result<bool> {
    use rustix::fs::{SeekFrom, seek};
    let mut at = from;
    let mut buffer = vec![0; 64 << 10];
    while at < to {
        at = match seek(file, SeekFrom::Data(at)) {
            Ok(data) => data,
            // Nothing but holes up to the end.
            Err(rustix::io::Errno::NXIO) => return Ok(true),
            Err(error) => return Err(error.into()),
        };
        if at >= to {
            return Ok(true);
        }
        let count = buffer.len().min((to - at) as usize);
        file.read_exact_at(&mut buffer[..count], at)?;
        if buffer[..count].iter().any(|byte| *byte != 0) {
            return Ok(false);
        }
        at += count as u64;
    }
    Ok(true)
}
