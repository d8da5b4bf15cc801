//! Keeps what was read, and decides how much to read at once.
//!
//! A miss reads a window that starts where the miss is, not at a multiple of a page: headers begin anywhere, and a window that
//! begins with them holds most of them. Windows that follow one another grow, so that a long header costs few calls and a
//! lone element at the end of a file few bytes. A healthy file stays below 64 KiB in 20 calls this way.

use std::{borrow::Cow, collections::BTreeMap};

use crate::{Media, ReadError};

/// What one file may cost, and how it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the first window at a place.
    pub window: u32,
    /// Bytes up to which windows grow while reading goes straight on.
    pub widest: u32,
    /// Calls of `read_at` before reading is refused.
    pub calls: u32,
    /// Bytes before reading is refused.
    pub bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { window: 4 << 10, widest: 16 << 10, calls: 4096, bytes: 8 << 20 }
    }
}

/// A cached view of a file.
pub struct Pages<'a, M: Media + ?Sized> {
    media: &'a M,
    size: u64,
    limits: Limits,
    /// What was read, by offset; windows never overlap.
    windows: BTreeMap<u64, Vec<u8>>,
    cached: u64,
    calls: u32,
    bytes: u64,
    /// Where the latest window ended and how wide the next one is if it begins there.
    next: (u64, u32),
}

/// More than this is not kept: everything is forgotten and begun anew.
const KEPT: u64 = 2 << 20;
/// What the host hands out at once.
const LARGEST_CALL: u64 = 1 << 20;

impl<'a, M: Media + ?Sized> Pages<'a, M> {
    pub fn new(media: &'a M) -> Self {
        Self::with(media, Limits::default())
    }

    pub fn with(media: &'a M, limits: Limits) -> Self {
        let (windows, next) = (BTreeMap::new(), (u64::MAX, limits.window));
        Self { media, size: media.size(), limits, windows, cached: 0, calls: 0, bytes: 0, next }
    }

    /// Bytes in the file.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Sets how many bytes the first window at a place has from now on, and returns how many it had.
    pub fn set_window(&mut self, window: u32) -> u32 {
        std::mem::replace(&mut self.limits.window, window)
    }

    /// Calls of `read_at` so far.
    pub fn calls(&self) -> u32 {
        self.calls
    }

    /// Bytes read from the file so far.
    pub fn bytes_read(&self) -> u64 {
        self.bytes
    }

    /// Returns `length` bytes from an offset, fewer only where the file ends; what lies behind them is read along.
    pub fn bytes(&mut self, offset: u64, length: usize) -> Result<Vec<u8>, ReadError> {
        self.collect(offset, length, true)
    }

    /// Like [`Self::bytes`], but without copying when one window has them all: for the many small headers of a format.
    pub fn view(&mut self, offset: u64, length: usize) -> Result<Cow<'_, [u8]>, ReadError> {
        if self.kept_from(offset).is_none_or(|kept| kept.len() < length) {
            return self.bytes(offset, length).map(Cow::Owned);
        }
        let kept = self.kept_from(offset).unwrap_or_default();
        Ok(Cow::Borrowed(&kept[..length.min(kept.len())]))
    }

    /// Like [`Self::bytes`], but reads not a byte more than asked for: for hopping from one distant place to the next.
    pub fn glance(&mut self, offset: u64, length: usize) -> Result<Vec<u8>, ReadError> {
        self.collect(offset, length, false)
    }

    /// Like [`Self::bytes`], but fewer bytes than asked for are an error.
    pub fn exactly(&mut self, offset: u64, length: usize) -> Result<Vec<u8>, ReadError> {
        let wanted = offset.saturating_add(length as u64);
        if wanted > self.size {
            return Err(ReadError::Ended { size: self.size, wanted });
        }
        let bytes = self.bytes(offset, length)?;
        if bytes.len() < length {
            return Err(ReadError::Ended { size: offset.saturating_add(bytes.len() as u64), wanted });
        }
        Ok(bytes)
    }

    fn collect(&mut self, offset: u64, length: usize, ahead: bool) -> Result<Vec<u8>, ReadError> {
        let end = offset.saturating_add(length as u64).min(self.size);
        let left = end.saturating_sub(offset);
        // Refused before anything is allocated: the length often comes from the file.
        if left > self.limits.bytes {
            return Err(ReadError::BudgetSpent);
        }
        let mut collected = Vec::with_capacity(left as usize);
        let mut at = offset;
        while at < end {
            match self.kept_from(at) {
                Some(kept) => {
                    let taken = kept.len().min((end - at) as usize);
                    collected.extend_from_slice(&kept[..taken]);
                    at += taken as u64;
                }
                None => {
                    self.forget_glances(at, end);
                    if self.fetch(at, end - at, ahead)? == 0 {
                        // Shorter than it said: it shrank while being read.
                        break;
                    }
                }
            }
        }
        Ok(collected)
    }

    /// Forgets the little that is kept in the midst of what is read now: a call costs more than a few bytes read twice.
    fn forget_glances(&mut self, from: u64, end: u64) {
        const LITTLE: usize = 512;
        let inside = self
            .windows
            .range(from..end)
            .filter(|(start, bytes)| bytes.len() <= LITTLE && start.saturating_add(bytes.len() as u64) < end);
        for start in inside.map(|(start, _)| *start).collect::<Vec<_>>() {
            let forgotten = self.windows.remove(&start).unwrap_or_default();
            self.cached = self.cached.saturating_sub(forgotten.len() as u64);
        }
    }

    /// Returns what is kept from exactly this offset on.
    fn kept_from(&self, offset: u64) -> Option<&[u8]> {
        let (start, bytes) = self.windows.range(..=offset).next_back()?;
        bytes.get((offset - start) as usize..).filter(|bytes| !bytes.is_empty())
    }

    /// Reads a window at an offset that is not kept, and returns how many bytes it has.
    fn fetch(&mut self, offset: u64, wanted: u64, ahead: bool) -> Result<u64, ReadError> {
        let width = self.width(offset, wanted, ahead);
        if self.calls >= self.limits.calls || self.bytes.saturating_add(width) > self.limits.bytes {
            return Err(ReadError::BudgetSpent);
        }
        if self.cached > KEPT {
            self.windows.clear();
            self.cached = 0;
        }
        let bytes = self.media.read_at(offset, width as u32)?;
        let read = bytes.len() as u64;
        self.calls += 1;
        self.bytes += read;
        self.cached += read;
        if ahead {
            let follows = offset == self.next.0;
            let wider =
                if follows { self.next.1.saturating_mul(2).min(self.limits.widest) } else { self.limits.window };
            self.next = (offset.saturating_add(read), wider);
        }
        if read > 0 {
            self.windows.insert(offset, bytes);
        }
        Ok(read)
    }

    /// Decides how many bytes to read: never over the end of the file or into what is kept.
    fn width(&self, offset: u64, wanted: u64, ahead: bool) -> u64 {
        let window = match ahead {
            true if offset == self.next.0 => u64::from(self.next.1),
            true => u64::from(self.limits.window),
            false => 0,
        };
        let kept = self.windows.range(offset..).next().map_or(u64::MAX, |(start, _)| *start);
        let most = self.size.min(kept).saturating_sub(offset);
        window.max(wanted).min(most).min(LARGEST_CALL)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Counted;

    fn numbered(length: usize) -> Vec<u8> {
        (0..length).map(|at| (at % 251) as u8).collect()
    }

    #[test]
    fn reading_byte_by_byte_costs_few_calls() {
        let media = Counted::new(numbered(60_000));
        let mut pages = Pages::new(&media);

        for at in 0..40_000 {
            assert_eq!(pages.bytes(at, 1).unwrap(), [(at % 251) as u8]);
        }

        assert!(media.calls() <= 5, "{} calls", media.calls());
        assert!(media.bytes() <= 56 << 10, "{} bytes", media.bytes());
    }

    #[test]
    fn a_glance_reads_what_is_asked_for_and_no_more() {
        let media = Counted::new(numbered(60_000));
        let mut pages = Pages::new(&media);

        pages.glance(30_000, 12).unwrap();
        pages.glance(30_004, 8).unwrap();

        assert_eq!((media.calls(), media.bytes()), (1, 12));
    }

    #[test]
    fn what_was_glanced_at_splits_no_later_read() {
        let media = Counted::new(numbered(60_000));
        let mut pages = Pages::new(&media);

        pages.glance(20_000, 300).unwrap();
        pages.glance(22_000, 300).unwrap();
        let read = pages.glance(19_000, 12_000).unwrap();

        assert_eq!(read, numbered(60_000)[19_000..31_000]);
        assert_eq!((media.calls(), media.bytes()), (3, 12_600));
    }

    #[test]
    fn a_smaller_window_holds_until_it_is_set_back() {
        let media = Counted::new(numbered(60_000));
        let mut pages = Pages::new(&media);

        let before = pages.set_window(100);
        pages.bytes(1000, 1).unwrap();
        pages.set_window(before);
        pages.bytes(9000, 1).unwrap();

        assert_eq!(media.bytes(), 100 + (4 << 10));
    }

    #[test]
    fn the_end_of_the_file_clips_and_is_an_error_where_all_is_needed() {
        let media = numbered(10);
        let mut pages = Pages::new(&media);

        assert_eq!(pages.bytes(8, 100).unwrap(), [8, 9]);
        assert_eq!(pages.bytes(u64::MAX, 100).unwrap(), []);
        assert_eq!(pages.exactly(8, 3), Err(ReadError::Ended { size: 10, wanted: 11 }));
        assert_eq!(pages.exactly(u64::MAX, 3), Err(ReadError::Ended { size: 10, wanted: u64::MAX }));
    }

    #[test]
    fn a_claim_of_a_huge_size_is_refused_before_anything_is_read() {
        struct Endless;
        impl Media for Endless {
            fn size(&self) -> u64 {
                u64::MAX
            }
            fn read_at(&self, _: u64, length: u32) -> Result<Vec<u8>, ReadError> {
                Ok(vec![0; length as usize])
            }
        }
        let media = Counted::new(Endless);
        let mut pages = Pages::new(&media);

        assert_eq!(pages.bytes(0, usize::MAX), Err(ReadError::BudgetSpent));
        assert_eq!(media.calls(), 0);
    }

    #[test]
    fn calls_and_bytes_are_capped() {
        let media = numbered(60_000);
        let limits = Limits { calls: 3, bytes: 10_000, ..Limits::default() };

        let mut pages = Pages::with(&media, limits);
        let answers: Vec<_> = (0..4).map(|hop| pages.glance(hop * 1000, 1).is_ok()).collect();
        let mut wide = Pages::with(&media, limits);

        assert_eq!(answers, [true, true, true, false]);
        assert_eq!(wide.bytes(0, 10_001), Err(ReadError::BudgetSpent));
    }

    #[test]
    fn a_file_that_is_shorter_than_it_says_ends_where_it_ends() {
        struct Shrunk;
        impl Media for Shrunk {
            fn size(&self) -> u64 {
                100
            }
            fn read_at(&self, offset: u64, length: u32) -> Result<Vec<u8>, ReadError> {
                numbered(50).read_at(offset, length)
            }
        }
        let mut pages = Pages::new(&Shrunk);

        assert_eq!(pages.bytes(40, 20).unwrap().len(), 10);
        assert_eq!(pages.exactly(40, 20), Err(ReadError::Ended { size: 50, wanted: 60 }));
    }

    proptest! {
        #[test]
        fn whatever_the_order_of_reads_the_bytes_are_those_of_the_file(
            reads in prop::collection::vec((0u64..70_000, 0usize..9_000, any::<bool>()), 1..40),
        ) {
            let media = numbered(65_000);
            let mut pages = Pages::new(&media);

            for (offset, length, ahead) in reads {
                let read = if ahead { pages.bytes(offset, length) } else { pages.glance(offset, length) };
                let viewed = pages.view(offset, length).unwrap().into_owned();
                prop_assert_eq!(read.as_ref().unwrap(), &viewed);
                let start = (offset as usize).min(media.len());
                let end = (start + length).min(media.len());
                prop_assert_eq!(read.unwrap(), &media[start..end]);
            }
        }
    }
}
