//! Chunks of a RIFF file: four letters, a size, and that many bytes, padded to an even place.

use vpo_reading::{Media, Pages, ReadError};

/// Four letters.
pub type FourCc = [u8; 4];

/// More chunks than this in one list are not a header.
const MOST_CHUNKS: usize = 2048;

/// One chunk, clipped to the list it stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chunk {
    pub id: FourCc,
    /// What kind of list it is, when it is one.
    pub kind: Option<FourCc>,
    /// Where its content begins; for a list, behind its kind.
    pub start: u64,
    pub end: u64,
    /// It says that it is longer than what it stands in.
    pub is_cut: bool,
}

impl Chunk {
    pub fn size(&self) -> u64 {
        self.end.saturating_sub(self.start)
    }

    pub fn is_list(&self, kind: &FourCc) -> bool {
        self.kind.as_ref() == Some(kind)
    }
}

/// Reads the chunks between two places, in order. Contents are hopped over, not read.
pub fn chunks<M: Media + ?Sized>(pages: &mut Pages<'_, M>, start: u64, end: u64) -> Result<Vec<Chunk>, ReadError> {
    let mut chunks = Vec::new();
    let mut at = start;
    while chunks.len() < MOST_CHUNKS {
        let Some(chunk) = chunk(pages, at, end)? else { break };
        // A chunk in an odd place is padded to an even one, counted from the start of the list, which is even itself.
        at = chunk.end.saturating_add(chunk.size() % 2);
        chunks.push(chunk);
    }
    Ok(chunks)
}

/// Reads the head of the chunk at a place; `None` when none fits there.
pub fn chunk<M: Media + ?Sized>(pages: &mut Pages<'_, M>, at: u64, end: u64) -> Result<Option<Chunk>, ReadError> {
    if at.saturating_add(8) > end {
        return Ok(None);
    }
    let head = pages.bytes(at, 12)?;
    let &[a, b, c, d, s0, s1, s2, s3, ref rest @ ..] = head.as_slice() else { return Ok(None) };
    let id = [a, b, c, d];
    if id == [0; 4] {
        return Ok(None);
    }
    let content = at.saturating_add(8);
    let claimed = content.saturating_add(u64::from(u32::from_le_bytes([s0, s1, s2, s3])));
    let kind = match (&id, rest) {
        (b"LIST" | b"RIFF", &[a, b, c, d]) => Some([a, b, c, d]),
        _ => None,
    };
    let start = if kind.is_some() { content.saturating_add(4) } else { content };
    let end = claimed.min(end).max(start.min(end));
    Ok(Some(Chunk { id, kind, start, end, is_cut: claimed > end }))
}
