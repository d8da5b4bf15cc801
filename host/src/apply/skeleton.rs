//! A Matroska file without its films: what an edit of the header needs, in a sparse file of the same length.
//!
//! mkvpropedit can fail after it has written, so it never gets the original. It edits a skeleton: a file with the same bytes
//! at the same places, but holes where the clusters are. What it changed there is the [`Patch`] for the original.

use std::fs::File;
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt};

use super::outline;
use super::patch::{Patch, Write};

/// A header with more than this beside its clusters is edited in a copy of the whole file.
const MOST: u64 = 64 << 20;
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

impl Skeleton {
    /// Takes the skeleton of a file; `None` when the file is not of the kind that it can be told of.
    pub fn of(file: &File) -> io::Result<Option<Self>> {
        let length = file.metadata()?.len();
        let Some(spans) = outline::spans(file)? else { return Ok(None) };
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
