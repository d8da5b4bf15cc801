//! The first bytes of each stream's first sample, for what only the codec's own header says.
//!
//! Samples stand in `movi`, named by the number of their stream: `00dc`, `01wb`. They are hopped over; each costs one
//! read, so looking ends after a few.

use vpo_plugin_sdk::introspector::Failure;
use vpo_reading::{Media, Pages, ReadError};

use crate::riff::{self, Chunk};

/// Hops through samples before what was not found stays unknown.
const MOST_HOPS: usize = 8;
/// Bytes of a sample that are looked at; headers come first.
const LOOKED_AT: u64 = 1024;

/// Returns the beginning of the first sample of each of the first `streams` streams, empty where none was found.
pub fn first<M: Media + ?Sized>(
    pages: &mut Pages<'_, M>,
    movie: &Chunk,
    streams: usize,
) -> Result<Vec<Vec<u8>>, Failure> {
    let mut found = vec![Vec::new(); streams];
    let mut at = movie.start;
    for _ in 0..MOST_HOPS {
        let chunk = match next(pages, at, movie.end) {
            Ok(Some(chunk)) => chunk,
            // Without samples the headers still stand.
            Ok(None) | Err(ReadError::BudgetSpent) => break,
            Err(other) => return Err(other.into()),
        };
        if chunk.is_list(b"rec ") {
            at = chunk.start;
            continue;
        }
        at = chunk.end.saturating_add(chunk.size() % 2);
        let Some(slot) = stream_number(&chunk).and_then(|number| found.get_mut(number)) else { continue };
        if slot.is_empty() {
            *slot = pages.glance(chunk.start, chunk.size().min(LOOKED_AT) as usize)?;
        }
        if found.iter().all(|sample| !sample.is_empty()) {
            break;
        }
    }
    Ok(found)
}

/// Reads the head of a chunk together with what would be looked at of its content.
fn next<M: Media + ?Sized>(pages: &mut Pages<'_, M>, at: u64, end: u64) -> Result<Option<Chunk>, ReadError> {
    pages.glance(at, LOOKED_AT as usize + 8)?;
    riff::chunk(pages, at, end)
}

fn stream_number(chunk: &Chunk) -> Option<usize> {
    let [tens, ones, ..] = chunk.id;
    let digit = |letter: u8| char::from(letter).to_digit(10);
    Some((digit(tens)? * 10 + digit(ones)?) as usize)
}
