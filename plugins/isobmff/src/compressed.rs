//! Compressed headers, as old QuickTime could write them: a `moov` that holds nothing but `cmov`.

use vpo_plugin_sdk::introspector::Failure;
use vpo_reading::Media;

use crate::boxes::{self, Source, Span, find_in_slice};

/// Bytes that are unpacked, and bytes of what is packed; the headers of a film of hours fit.
const MOST_PACKED: u64 = 1 << 20;
const MOST_UNPACKED: usize = 8 << 20;

/// Unpacks the headers; `None` where they are not packed.
///
/// # Errors
///
/// [`Failure::Unsupported`] for a method other than zlib, [`Failure::Malformed`] for what cannot be unpacked.
pub fn unpack<M: Media + ?Sized>(source: &mut Source<'_, M>, moov: Span) -> Result<Option<Vec<u8>>, Failure> {
    let mut at = moov.content;
    let Some(packed) = source.child(&mut at, moov.end)?.filter(|first| first.kind == *b"cmov") else { return Ok(None) };
    if packed.length() > MOST_PACKED {
        return Err(Failure::Unsupported("compressed headers of more than a mebibyte (cmov)".to_owned()));
    }
    let content = source.content(packed, MOST_PACKED as usize)?;
    let method = find_in_slice(&content, b"dcom").and_then(|method| method.get(..4));
    if method != Some(b"zlib") {
        return Err(Failure::Unsupported("headers compressed by an unknown method (cmov)".to_owned()));
    }
    // Its size when unpacked comes first.
    let zipped = find_in_slice(&content, b"cmvd").and_then(|data| data.get(4..)).unwrap_or_default();
    miniz_oxide::inflate::decompress_to_vec_zlib_with_limit(zipped, MOST_UNPACKED)
        .map(Some)
        .map_err(|_| Failure::Malformed(format!("the compressed headers at byte {} cannot be unpacked", packed.start)))
}

/// Finds the `moov` in what was unpacked.
pub fn moov(unpacked: &[u8]) -> Result<Span, Failure> {
    let found = Source::new(unpacked).box_at(0, unpacked.len() as u64)?;
    found
        .filter(|found| found.kind == *b"moov")
        .ok_or_else(|| boxes::truncated("the compressed headers", unpacked.len() as u64))
}
