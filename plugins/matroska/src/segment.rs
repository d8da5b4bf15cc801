//! Finds where the parts of a segment lie, reading as little as possible.
//!
//! Parts in front of the first cluster are met one after the other. From there the SeekHead leads on, each target being
//! checked. Without a sound SeekHead, the end of the file is looked at, then clusters are hopped over, header by header and only
//! so many; for a segment whose tracks are still missing, many more.

use vpo_plugin_sdk::introspector::Failure;
use vpo_reading::ReadError;

use crate::{
    document::Document,
    ebml::{self, Element, File, Header, Walk},
    ids,
    notes::Notes,
    seek,
};

/// Hops over clusters when only optional parts may be missing, and when the tracks are.
const FEW_HOPS: u32 = 8;
const MANY_HOPS: u32 = 4000;
/// Parts that are met before giving up: a sound file has about ten.
const MOST_PARTS: u32 = 2000;
/// How far the next part is looked for behind damage.
const RESYNC: usize = 64 << 10;
/// Places behind damage that are tried.
const MOST_CANDIDATES: usize = 32;
/// Parts of one kind that may repeat.
const MOST_REPEATED: usize = 16;

/// Where the parts of a segment lie.
#[derive(Debug, Default)]
pub struct Parts {
    pub info: Option<Element>,
    pub tracks: Option<Element>,
    pub chapters: Option<Element>,
    pub attachments: Option<Element>,
    pub tags: Vec<Element>,
    pub first_cluster: Option<Element>,
    seek_heads: Vec<Element>,
    /// Kinds of parts that a SeekHead has at a wrong place.
    pub misplaced: Vec<u32>,
}

impl Parts {
    /// Records a part; of those that must not repeat, the first one counts.
    pub fn record(&mut self, part: Element) {
        let slot = match part.id {
            ids::INFO => &mut self.info,
            ids::TRACKS => &mut self.tracks,
            ids::CHAPTERS => &mut self.chapters,
            ids::ATTACHMENTS => &mut self.attachments,
            ids::CLUSTER => &mut self.first_cluster,
            ids::TAGS | ids::SEEK_HEAD => {
                let parts = if part.id == ids::TAGS { &mut self.tags } else { &mut self.seek_heads };
                if parts.len() < MOST_REPEATED && parts.iter().all(|known| known.at != part.at) {
                    parts.push(part);
                }
                return;
            }
            _ => return,
        };
        slot.get_or_insert(part);
    }

    /// Whether a part of this kind that must not repeat, or the very part at this place, is recorded.
    pub fn knows(&self, id: u32, at: u64) -> bool {
        match id {
            ids::INFO => self.info.is_some(),
            ids::TRACKS => self.tracks.is_some(),
            ids::CHAPTERS => self.chapters.is_some(),
            ids::ATTACHMENTS => self.attachments.is_some(),
            ids::TAGS => self.tags.iter().any(|known| known.at == at),
            ids::SEEK_HEAD => self.seek_heads.iter().any(|known| known.at == at),
            _ => false,
        }
    }

    pub fn seek_heads(&self) -> &[Element] {
        &self.seek_heads
    }

    /// Whether there is a part of this kind.
    fn has(&self, id: u32) -> bool {
        match id {
            ids::TAGS => !self.tags.is_empty(),
            ids::SEEK_HEAD => !self.seek_heads.is_empty(),
            // What may not repeat is known wherever it lies.
            id => self.knows(id, 0),
        }
    }
}

/// Finds the segment that follows an EBML header.
pub fn find_segment(file: &mut File<'_>, document: &Document, notes: &mut Notes) -> Result<Element, Failure> {
    let mut at = document.end;
    for _ in 0..MOST_PARTS {
        match ebml::header(file, at, file.size())? {
            Header::Element(found) if found.id == ids::SEGMENT => return Ok(sized(file, found)),
            Header::Element(other) if matches!(other.id, ids::VOID | ids::CRC_32) && !other.is_cut() => at = other.end,
            Header::Ended => {
                return Err(Failure::Truncated(format!("truncated before Segment at byte {}", file.size())));
            }
            Header::Element(_) | Header::Invalid => {
                let found = resync(file, at, file.size(), |id| id == ids::SEGMENT)?;
                let Some(found) = found else { return Err(document.failure_without("Segment")) };
                notes.warn(format!("{} unknown bytes before Segment", found - at));
                at = found;
            }
        }
    }
    Err(document.failure_without("Segment"))
}

/// A segment of no size was never finished; it goes on to the end of the file.
fn sized(file: &File<'_>, segment: Element) -> Element {
    match segment.claimed {
        Some(0) => Element { claimed: None, end: file.size(), ..segment },
        _ => segment,
    }
}

/// Finds the parts of a segment, and tells of those that its SeekHead has and that are nowhere.
pub fn find_parts(file: &mut File<'_>, segment: &Element, notes: &mut Notes) -> Result<Parts, Failure> {
    let parts = search_parts(file, segment, notes)?;
    if let Some(id) = parts.misplaced.iter().find(|id| !parts.has(**id)) {
        notes.missing(format!("no {} where the SeekHead says, nor elsewhere", ids::name_of(*id)));
    }
    Ok(parts)
}

fn search_parts(file: &mut File<'_>, segment: &Element, notes: &mut Notes) -> Result<Parts, Failure> {
    let mut parts = Parts::default();
    let mut search = Search { at: segment.body, end: segment.end, hops: 0, cluster_is_open: false };
    let mut led = false;
    let mut met = 0;
    loop {
        match search.next(file, &mut parts, notes)? {
            Met::Part => {}
            Met::Cluster if !led => {
                // In front of the first cluster lie the parts of nearly every file, or a SeekHead that leads to them.
                led = true;
                let is_sound = seek::follow(file, segment, &mut parts, notes)?;
                let is_complete = is_sound || seek::look_at_end(file, segment, &mut parts)?;
                if parts.tracks.is_some() && is_complete {
                    return Ok(parts);
                }
            }
            Met::Cluster => {}
            Met::End => {
                if !led {
                    seek::follow(file, segment, &mut parts, notes)?;
                }
                return Ok(parts);
            }
        }
        met += 1;
        let most_hops = if parts.tracks.is_some() { FEW_HOPS } else { MANY_HOPS };
        if search.hops >= most_hops || met >= MOST_PARTS + MANY_HOPS {
            notes.missing(format!("no index, and what lies behind byte {} was not looked for", search.at));
            return Ok(parts);
        }
    }
}

/// A search from one part of the segment to the next.
struct Search {
    at: u64,
    end: u64,
    /// Headers of clusters, and of their blocks, that were read only to get behind them.
    hops: u32,
    /// The latest cluster has no stated size: its children are passed one by one.
    cluster_is_open: bool,
}

enum Met {
    Part,
    Cluster,
    End,
}

impl Search {
    fn next(&mut self, file: &mut File<'_>, parts: &mut Parts, notes: &mut Notes) -> Result<Met, Failure> {
        if self.at >= self.end {
            return Ok(Met::End);
        }
        let found = match parts.first_cluster {
            None => ebml::header(file, self.at, self.end)?,
            // Blocks follow, of which nothing but the header is wanted.
            Some(_) => ebml::glance(file, self.at, self.end)?,
        };
        match found {
            Header::Element(top) if matches!(top.id, ids::EBML | ids::SEGMENT) => {
                notes.another_follows(top.at);
                Ok(Met::End)
            }
            Header::Element(cluster) if cluster.id == ids::CLUSTER => {
                self.cluster_is_open = cluster.claimed.is_none();
                self.at = if self.cluster_is_open { cluster.body } else { cluster.end };
                self.hops += 1;
                parts.record(cluster);
                Ok(Met::Cluster)
            }
            Header::Element(part) if ids::is_part(part.id) => {
                self.at = if part.is_open() { true_end(file, &part)? } else { part.end };
                parts.record(Element { end: self.at, ..part });
                Ok(Met::Part)
            }
            Header::Element(child) if self.cluster_is_open && ids::is_in_cluster(child.id) && !child.is_cut() => {
                self.at = child.end;
                self.hops += 1;
                Ok(Met::Cluster)
            }
            Header::Element(other) if matches!(other.id, ids::VOID | ids::CRC_32) && !other.is_cut() => {
                self.at = other.end;
                Ok(Met::Part)
            }
            Header::Ended => Ok(Met::End),
            Header::Element(_) | Header::Invalid => self.pass_damage(file, notes),
        }
    }

    fn pass_damage(&mut self, file: &mut File<'_>, notes: &mut Notes) -> Result<Met, Failure> {
        match resync(file, self.at, self.end, ids::is_part)? {
            Some(next) => {
                notes.missing(format!("damaged at byte {}; reading goes on at byte {next}", self.at));
                self.at = next;
                Ok(Met::Part)
            }
            None => {
                notes.missing(format!("damaged at byte {}", self.at));
                Ok(Met::End)
            }
        }
    }
}

/// Finds where a part ends that does not say so, or that claims more than there is.
fn true_end(file: &mut File<'_>, part: &Element) -> Result<u64, ReadError> {
    let mut walk = Walk::inside(part);
    while walk.next(file)?.is_some() {}
    Ok(walk.position())
}

/// Finds the next element of the wanted kind behind damage, best one that something sound follows.
fn resync(file: &mut File<'_>, from: u64, limit: u64, wanted: fn(u32) -> bool) -> Result<Option<u64>, ReadError> {
    let bytes = file.bytes(from, RESYNC)?;
    let mut first = None;
    let mut begin = 0;
    for _ in 0..MOST_CANDIDATES {
        let rest = bytes.get(begin..).unwrap_or_default();
        let Some(candidate) = find_in(rest, from + begin as u64, limit, wanted) else { break };
        if is_followed(file, &candidate, limit)? {
            return Ok(Some(candidate.at));
        }
        first = first.or(Some(candidate.at));
        begin = (candidate.at - from) as usize + 1;
    }
    Ok(first)
}

/// Whether an element ends where the next one begins, or everything does.
fn is_followed(file: &mut File<'_>, element: &Element, limit: u64) -> Result<bool, ReadError> {
    if element.claimed.is_none() || element.end >= limit.min(file.size()) {
        return Ok(matches!(element.id, ids::CLUSTER | ids::SEGMENT) || element.claimed.is_some());
    }
    Ok(match ebml::glance(file, element.end, limit)? {
        Header::Element(next) => ids::is_top(next.id) || next.id == ids::VOID,
        Header::Invalid | Header::Ended => false,
    })
}

/// Finds the first element of the wanted kind, all of which have ids of four bytes, whose size is possible.
pub fn find_in(bytes: &[u8], at: u64, limit: u64, wanted: fn(u32) -> bool) -> Option<Element> {
    bytes.windows(4).enumerate().find_map(|(place, id)| {
        let id = u32::from_be_bytes([id[0], id[1], id[2], id[3]]);
        if !wanted(id) {
            return None;
        }
        match ebml::parse_header(&bytes[place..], at.saturating_add(place as u64), limit) {
            Header::Element(element) if !element.is_cut() || id == ids::SEGMENT => Some(element),
            _ => None,
        }
    })
}
