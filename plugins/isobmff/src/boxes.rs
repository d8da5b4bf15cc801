//! Boxes: the pieces that a file of this family is made of (ISO/IEC 14496-12 §4.2).
//!
//! Every size is clipped to the box around it and to the file, so that nothing is read outside, whatever the file says.

use vpo_plugin_sdk::introspector::Failure;
use vpo_reading::{Media, Pages, ReadError};

/// Four characters that name a box, a codec or a brand.
pub type FourCc = [u8; 4];

/// One box: where it is, not what it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    pub kind: FourCc,
    /// Where its header begins.
    pub start: u64,
    /// Where its content begins.
    pub content: u64,
    /// Where it ends, clipped to what is around it.
    pub end: u64,
    /// Where it says that it ends.
    pub claimed: u64,
    /// It says that it goes on behind what is around it.
    pub is_cut: bool,
}

impl Span {
    /// Bytes of content.
    pub fn length(&self) -> u64 {
        self.end.saturating_sub(self.content)
    }
}

/// A file being read, and what was odd about it.
pub struct Source<'a, M: Media + ?Sized> {
    pub pages: Pages<'a, M>,
    pub warnings: Vec<String>,
    /// Why facts are not whole.
    pub partial: Option<String>,
    /// A box reaches beyond the end of the file.
    pub is_cut: bool,
}

/// Oddities beyond this many are not listed.
const MOST_WARNINGS: usize = 16;

impl<'a, M: Media + ?Sized> Source<'a, M> {
    pub fn new(media: &'a M) -> Self {
        Self { pages: Pages::new(media), warnings: Vec::new(), partial: None, is_cut: false }
    }

    pub fn size(&self) -> u64 {
        self.pages.size()
    }

    pub fn warn(&mut self, warning: String) {
        if self.warnings.len() < MOST_WARNINGS && !self.warnings.contains(&warning) {
            self.warnings.push(warning);
        }
    }

    /// Something is missing; the first reason is kept, further ones become warnings.
    pub fn missing(&mut self, reason: String) {
        match self.partial {
            None => self.partial = Some(reason),
            Some(_) => self.warn(reason),
        }
    }

    /// Reads the box at a place; `None` when there is none before `end`, or its size makes no sense.
    pub fn box_at(&mut self, at: u64, end: u64) -> Result<Option<Span>, ReadError> {
        let header = self.pages.bytes(at, header_room(at, end))?;
        Ok(span(&header, at, end))
    }

    /// Like [`Self::box_at`], for boxes that stand far apart.
    pub fn distant_box_at(&mut self, at: u64, end: u64) -> Result<Option<Span>, ReadError> {
        let header = self.pages.glance(at, header_room(at, end))?;
        Ok(span(&header, at, end))
    }

    /// Takes the next child of a box and moves `at` behind it.
    pub fn child(&mut self, at: &mut u64, end: u64) -> Result<Option<Span>, ReadError> {
        let found = self.box_at(*at, end)?;
        if let Some(found) = found {
            *at = found.end;
        }
        Ok(found)
    }

    /// Finds the first child of a kind.
    pub fn find(&mut self, kind: &FourCc, parent: Span) -> Result<Option<Span>, ReadError> {
        let mut at = parent.content;
        while let Some(child) = self.child(&mut at, parent.end)? {
            if child.kind == *kind {
                return Ok(Some(child));
            }
        }
        Ok(None)
    }

    /// Reads the content of a box, at most so many bytes of it.
    pub fn content(&mut self, span: Span, most: usize) -> Result<Vec<u8>, ReadError> {
        self.pages.bytes(span.content, usize::try_from(span.length()).unwrap_or(usize::MAX).min(most))
    }
}

fn header_room(at: u64, end: u64) -> usize {
    end.saturating_sub(at).min(16) as usize
}

/// Understands the header of a box that begins at `at`.
fn span(header: &[u8], at: u64, end: u64) -> Option<Span> {
    let &[s0, s1, s2, s3, k0, k1, k2, k3, ref rest @ ..] = header else { return None };
    let (size, header) = match u32::from_be_bytes([s0, s1, s2, s3]) {
        // To the end of the file, or of what is around it.
        0 => (end.saturating_sub(at), 8),
        1 => (u64::from_be_bytes(rest.get(..8)?.try_into().ok()?), 16),
        size => (size.into(), 8),
    };
    if size < header {
        return None;
    }
    let claimed = at.saturating_add(size);
    Some(Span {
        kind: [k0, k1, k2, k3],
        start: at,
        content: at.saturating_add(header).min(end),
        end: claimed.min(end),
        claimed,
        is_cut: claimed > end,
    })
}

/// Walks the boxes of a slice, for what was read in one piece.
pub fn in_slice(bytes: &[u8]) -> impl Iterator<Item = (FourCc, &[u8])> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = bytes.get(at..)?;
        let found = span(&rest[..rest.len().min(16)], 0, rest.len() as u64)?;
        at += found.end as usize;
        Some((found.kind, &rest[found.content as usize..found.end as usize]))
    })
}

/// Finds the first box of a kind in a slice.
pub fn find_in_slice<'a>(bytes: &'a [u8], kind: &FourCc) -> Option<&'a [u8]> {
    in_slice(bytes).find(|(found, _)| found == kind).map(|(_, content)| content)
}

/// Shows four characters; what is not printable is shown as a number.
pub fn name(code: FourCc) -> String {
    if code.iter().all(|byte| (0x20..0x7f).contains(byte) || *byte == 0xa9) {
        code.iter().map(|&byte| char::from(byte)).collect()
    } else {
        format!("0x{:08x}", u32::from_be_bytes(code))
    }
}

/// The failure for headers that end before they should.
pub fn truncated(inside: &str, at: u64) -> Failure {
    Failure::Truncated(format!("truncated in {inside} at byte {at}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn boxed(kind: &FourCc, content: &[u8]) -> Vec<u8> {
        [&(content.len() as u32 + 8).to_be_bytes()[..], kind, content].concat()
    }

    #[test]
    fn sizes_of_thirty_two_and_sixty_four_bits_and_none_are_read() {
        let mut file = boxed(b"free", &[0; 4]);
        file.extend([0, 0, 0, 1, b'm', b'd', b'a', b't', 0, 0, 0, 0, 0, 0, 0, 20, 1, 2, 3, 4]);
        file.extend([0, 0, 0, 0, b'm', b'o', b'o', b'v', 9, 9]);
        let mut source = Source::new(&file);
        let (mut at, end) = (0, file.len() as u64);

        let boxes: Vec<_> = std::iter::from_fn(|| source.child(&mut at, end).unwrap()).collect();

        let found: Vec<_> = boxes.iter().map(|b| (name(b.kind), b.content, b.end, b.is_cut)).collect();
        assert_eq!(
            found,
            [("free".into(), 8, 12, false), ("mdat".into(), 28, 32, false), ("moov".into(), 40, 42, false)]
        );
    }

    #[test]
    fn a_size_beyond_the_end_is_clipped_and_one_below_the_header_is_no_box() {
        let huge = [0, 0, 0, 1, b'm', b'o', b'o', b'v', 255, 255, 255, 255, 255, 255, 255, 255, 0].to_vec();
        let tiny = [0, 0, 0, 7, b'm', b'o', b'o', b'v'].to_vec();

        let clipped = Source::new(&huge).box_at(0, 17).unwrap().unwrap();

        assert_eq!((clipped.content, clipped.end, clipped.is_cut), (16, 17, true));
        assert_eq!(Source::new(&tiny).box_at(0, 8).unwrap(), None);
    }

    #[test]
    fn a_slice_is_walked_to_its_last_whole_box() {
        let bytes = [boxed(b"pasp", &[1, 2]), boxed(b"colr", &[3]), vec![0, 0]].concat();

        let found: Vec<_> = in_slice(&bytes).collect();

        assert_eq!(found, [(*b"pasp", &[1, 2][..]), (*b"colr", &[3])]);
        assert_eq!(find_in_slice(&bytes, b"colr"), Some(&[3][..]));
    }
}
