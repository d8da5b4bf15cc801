//! Where the elements of a Matroska file lie, clusters left out: a few reads whatever the size of the film.

use std::collections::HashSet;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

const EBML: u32 = 0x1A45_DFA3;
const SEGMENT: u32 = 0x1853_8067;
const SEEK_HEAD: u32 = 0x114D_9B74;
const SEEK: u32 = 0x4DBB;
const SEEK_POSITION: u32 = 0x53AC;
const INFO: u32 = 0x1549_A966;
const TRACKS: u32 = 0x1654_AE6B;
const CLUSTER: u32 = 0x1F43_B675;

/// What is kept of a cluster: its header, and enough to tell that it is one.
const CLUSTER_HEAD: u64 = 64;

/// Where a Matroska file says that it ends, and what comes there.
pub enum End {
    /// It is no Matroska file, or does not say how long it is.
    Unknown,
    /// At this byte, which may lie behind the end of the file.
    At(u64),
    /// At this byte, where another document begins.
    BeforeAnother(u64),
}

/// Returns where a Matroska file says that it ends.
pub fn end(file: &File) -> io::Result<End> {
    let walk = Walk::of(file)?;
    let Some(segment) = walk.segment()? else { return Ok(End::Unknown) };
    // A live recording does not say how long it is.
    let Some(end) = segment.end else { return Ok(End::Unknown) };
    let is_another = end < walk.length && walk.element(end)?.is_some_and(|next| next.id == EBML);
    Ok(if is_another { End::BeforeAnother(end) } else { End::At(end) })
}

/// Returns where everything lies that is no cluster, as from and to, in order and apart from each other. `None` when that
/// cannot be told without reading the whole file.
pub fn spans(file: &File) -> io::Result<Option<Vec<(u64, u64)>>> {
    let mut walk = Walk::of(file)?;
    let is_known = walk.spans()?.is_some() && [INFO, TRACKS].iter().all(|id| walk.found.contains(id));
    Ok(is_known.then(|| joined(walk.spans)))
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

impl<'a> Walk<'a> {
    fn of(file: &'a File) -> io::Result<Self> {
        Ok(Self { file, length: file.metadata()?.len(), spans: Vec::new(), found: HashSet::new() })
    }

    fn segment(&self) -> io::Result<Option<Element>> {
        let head = self.element(0)?.filter(|element| element.id == EBML);
        let Some(start) = head.and_then(|head| head.end) else { return Ok(None) };
        Ok(self.element(start)?.filter(|element| element.id == SEGMENT))
    }

    fn spans(&mut self) -> io::Result<Option<()>> {
        let Some(segment) = self.segment()? else { return Ok(None) };
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
