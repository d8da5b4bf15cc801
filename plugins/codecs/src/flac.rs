//! FLAC (RFC 9639): the STREAMINFO block; and the identification header of Vorbis.

use crate::{Sound, bits::Bits, layout};

/// Reads STREAMINFO, however much stands before it: the marker `fLaC`, a block header, or nothing.
pub fn stream_info(bytes: &[u8]) -> Option<Sound> {
    let bytes = bytes.strip_prefix(b"fLaC").unwrap_or(bytes);
    // A block of kind 0 and 34 bytes; the flag of the last block may be set.
    let (block, others) = match bytes {
        [0x00, 0, 0, 34, block @ ..] => (block, block.get(34..)),
        [0x80, 0, 0, 34, block @ ..] => (block, None),
        block => (block, None),
    };
    let mut bits = Bits::new(block);
    bits.skip(16 + 16 + 24 + 24)?;
    let rate = bits.u32(20)?;
    let channels = bits.u32(3)? + 1;
    let depth = bits.u8(5)? + 1;
    let stated = others.and_then(stated_mask).filter(|mask| mask.count_ones() == channels);
    let usual = match channels {
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
        layout: Some(stated.and_then(layout::of_mask).unwrap_or(usual).to_owned()),
        sample_rate: Some(rate).filter(|&rate| rate > 0),
        bit_depth: Some(depth),
        ..Sound::default()
    })
}

/// Finds the speakers that a comment names where they are not the usual ones (RFC 9639 §8.6.2).
fn stated_mask(mut blocks: &[u8]) -> Option<u64> {
    const COMMENTS: u8 = 4;
    const NAME: &[u8] = b"WAVEFORMATEXTENSIBLE_CHANNEL_MASK=0x";

    loop {
        let &[kind, a, b, c, ref rest @ ..] = blocks else { return None };
        let length = u32::from_be_bytes([0, a, b, c]) as usize;
        let block = &rest[..length.min(rest.len())];
        if kind & 0x7f == COMMENTS {
            let at = block.windows(NAME.len()).position(|name| name.eq_ignore_ascii_case(NAME))?;
            let digits = block[at + NAME.len()..].iter().take_while(|digit| digit.is_ascii_hexdigit());
            let digits: String = digits.take(8).map(|&digit| char::from(digit)).collect();
            return u64::from_str_radix(&digits, 16).ok();
        }
        if kind & 0x80 != 0 {
            return None;
        }
        blocks = rest.get(length..)?;
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    /// STREAMINFO of six channels at 48 kHz with 16 bits.
    fn info() -> Vec<u8> {
        let mut block = vec![0; 34];
        block[10..14].copy_from_slice(&[0x0b, 0xb8, 0x0a, 0xf0]);
        block
    }

    #[test]
    fn speakers_are_the_usual_ones_unless_a_comment_names_others() {
        let comment = b"WAVEFORMATEXTENSIBLE_CHANNEL_MASK=0x3F";
        let padding = [&[1, 0, 0, 3][..], &[0; 3]].concat();
        let commented = [
            &[0, 0, 0, 34][..],
            &info(),
            &padding,
            &[0x84, 0, 0, 12 + comment.len() as u8],
            &[0, 0, 0, 0, 1, 0, 0, 0, comment.len() as u8, 0, 0, 0],
            comment,
            &[0],
        ]
        .concat();

        let plain = stream_info(&info()).unwrap();
        let stated = stream_info(&commented).unwrap();

        assert_eq!((plain.channels, plain.layout.as_deref()), (Some(6), Some("5.1(side)")));
        assert_eq!((stated.channels, stated.layout.as_deref()), (Some(6), Some("5.1")));
    }
}
