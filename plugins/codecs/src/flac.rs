//! FLAC (RFC 9639): the STREAMINFO block; and the identification header of Vorbis.

use crate::{Sound, bits::Bits, layout};

/// Reads STREAMINFO, however much stands before it: the marker `fLaC`, a block header, or nothing.
pub fn stream_info(bytes: &[u8]) -> Option<Sound> {
    let bytes = bytes.strip_prefix(b"fLaC").unwrap_or(bytes);
    // A block of kind 0 and 34 bytes; the flag of the last block may be set.
    let block = match bytes {
        [0x00 | 0x80, 0, 0, 34, block @ ..] => block,
        block => block,
    };
    let mut bits = Bits::new(block);
    bits.skip(16 + 16 + 24 + 24)?;
    let rate = bits.u32(20)?;
    let channels = bits.u32(3)? + 1;
    let depth = bits.u8(5)? + 1;
    let layout = match channels {
        1 => "mono",
        2 => "stereo",
        3 => "3.0",
        4 => "quad",
        5 => "5.0(side)",
        6 => "5.1(side)",
        7 => "6.1",
        _ => "7.1",
    };
    Some(Sound {
        codec: Some("flac"),
        channels: Some(channels),
        layout: Some(layout.to_owned()),
        sample_rate: Some(rate).filter(|&rate| rate > 0),
        bit_depth: Some(depth),
        ..Sound::default()
    })
}

/// Reads the identification header of Vorbis; the CodecPrivate of `A_VORBIS` holds it behind the lengths of three packets.
pub fn vorbis(bytes: &[u8]) -> Option<Sound> {
    let head = &bytes[..bytes.len().min(600)];
    let at = head.windows(7).position(|seven| seven == b"\x01vorbis")?;
    let &[_, _, _, _, channels, r0, r1, r2, r3, ref rest @ ..] = bytes.get(at + 7..)? else { return None };
    let rate = u32::from_le_bytes([r0, r1, r2, r3]);
    // The nominal rate stands behind the largest one.
    let nominal = rest.get(4..8).and_then(|four| four.try_into().ok()).map(i32::from_le_bytes);
    let channels = u32::from(channels);
    Some(Sound {
        codec: Some("vorbis"),
        channels: Some(channels).filter(|&channels| channels > 0),
        layout: layout::of_vorbis_order(channels).map(str::to_owned),
        sample_rate: Some(rate).filter(|&rate| rate > 0),
        bit_rate: nominal.and_then(|rate| u64::try_from(rate).ok()).filter(|&rate| rate > 0),
        ..Sound::default()
    })
}
