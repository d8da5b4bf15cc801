//! Dirac and VC-2 (SMPTE ST 2042-1 §10 and §11): sequence headers.

use vpo_plugin_sdk::facts::{Colour, ColourRange, Ratio};

use crate::{Picture, bits::Bits, colour, picture::ratio};

/// Begins what carries data; the next byte says which.
const PARSE_INFO: [u8; 4] = *b"BBCD";
const SEQUENCE_HEADER: u8 = 0;
/// Bytes of its head: prefix, code, and the distances to the next and the previous one.
const PARSE_INFO_LENGTH: usize = 13;

/// What a format is when nothing else is said: size, and the numbers of rate, shape, range and colours in their tables.
struct Base {
    size: (u32, u32),
    interlaced: bool,
    rate: u32,
    shape: u32,
    range: u32,
    colours: u32,
}

/// The formats that have a number (annex B).
const BASES: [Base; 21] = [
    base((640, 480), false, 1, 1, 1, 0),
    base((176, 120), false, 9, 2, 1, 1),
    base((176, 144), false, 10, 3, 1, 2),
    base((352, 240), false, 9, 2, 1, 1),
    base((352, 288), false, 10, 3, 1, 2),
    base((704, 480), false, 9, 2, 1, 1),
    base((704, 576), false, 10, 3, 1, 2),
    base((720, 480), true, 4, 2, 3, 1),
    base((720, 576), true, 3, 3, 3, 2),
    base((1280, 720), false, 7, 1, 3, 3),
    base((1280, 720), false, 6, 1, 3, 3),
    base((1920, 1080), true, 4, 1, 3, 3),
    base((1920, 1080), true, 3, 1, 3, 3),
    base((1920, 1080), false, 7, 1, 3, 3),
    base((1920, 1080), false, 6, 1, 3, 3),
    base((2048, 1080), false, 2, 1, 4, 4),
    base((4096, 2160), false, 2, 1, 4, 4),
    base((3840, 2160), false, 7, 1, 3, 3),
    base((3840, 2160), false, 6, 1, 3, 3),
    base((7680, 4320), false, 7, 1, 3, 3),
    base((7680, 4320), false, 6, 1, 3, 3),
];

const fn base(size: (u32, u32), interlaced: bool, rate: u32, shape: u32, range: u32, colours: u32) -> Base {
    Base { size, interlaced, rate, shape, range, colours }
}

/// Finds and reads the first sequence header of an elementary stream.
pub fn sequence(bytes: &[u8]) -> Option<Picture> {
    let is_head = |five: &[u8]| five[..4] == PARSE_INFO && five[4] == SEQUENCE_HEADER;
    let start = bytes.windows(5).position(is_head)? + PARSE_INFO_LENGTH;
    let mut bits = Bits::new(bytes.get(start..)?);
    let _version = (number(&mut bits)?, number(&mut bits)?);
    let (profile, level) = (number(&mut bits)?, number(&mut bits)?);
    let base = BASES.get(number(&mut bits)? as usize)?;
    let mut size = base.size;
    if bits.bit()? {
        size = (number(&mut bits)?, number(&mut bits)?);
    }
    if bits.bit()? {
        let _chroma = number(&mut bits)?;
    }
    let interlaced = if bits.bit()? { number(&mut bits)? == 1 } else { base.interlaced };
    let frame_rate = listed(&mut bits, base.rate, rate)?;
    let pixel_aspect = listed(&mut bits, base.shape, shape)?;
    if bits.bit()? {
        // The clean area is not what is coded.
        for _ in 0..4 {
            number(&mut bits)?;
        }
    }
    let (range, depth) = range(&mut bits, base.range)?;
    Some(Picture {
        profile: Some(profile.to_string()),
        level: Some(level.to_string()),
        size: Some(size).filter(|&(width, height)| width > 0 && height > 0),
        pixel_aspect,
        frame_rate,
        interlaced: Some(interlaced),
        bit_depth: depth,
        colour: colours(&mut bits, base.colours, range)?,
        ..Picture::default()
    })
    .filter(|picture| picture.size.is_some())
}

/// Reads a fraction that stands in a table, or in full where its number is 0.
fn listed(bits: &mut Bits<'_>, base: u32, table: fn(u32) -> Option<Ratio>) -> Option<Option<Ratio>> {
    if !bits.bit()? {
        return Some(table(base));
    }
    match number(bits)? {
        0 => Some(ratio(number(bits)?.into(), number(bits)?.into())),
        index => Some(table(index)),
    }
}

fn rate(index: u32) -> Option<Ratio> {
    let (pictures, seconds) = match index {
        1 => (24_000, 1001),
        2 => (24, 1),
        3 => (25, 1),
        4 => (30_000, 1001),
        5 => (30, 1),
        6 => (50, 1),
        7 => (60_000, 1001),
        8 => (60, 1),
        9 => (15_000, 1001),
        10 => (25, 2),
        11 => (48, 1),
        _ => return None,
    };
    ratio(pictures, seconds)
}

fn shape(index: u32) -> Option<Ratio> {
    let (across, down) = match index {
        1 => (1, 1),
        2 => (10, 11),
        3 => (12, 11),
        4 => (40, 33),
        5 => (16, 11),
        6 => (4, 3),
        _ => return None,
    };
    ratio(across, down)
}

/// Reads what values samples have, and in how many bits.
fn range(bits: &mut Bits<'_>, base: u32) -> Option<(Option<ColourRange>, Option<u8>)> {
    let index = if bits.bit()? { number(bits)? } else { base };
    Some(match index {
        0 => {
            let (offset, excursion) = (number(bits)?, number(bits)?);
            let _chroma = (number(bits)?, number(bits)?);
            let depth = u8::try_from(u32::BITS - excursion.leading_zeros()).ok();
            (Some(colour::range(offset == 0)), depth.filter(|depth| (1..=16).contains(depth)))
        }
        1 => (Some(ColourRange::Full), Some(8)),
        2 => (Some(ColourRange::Limited), Some(8)),
        3 => (Some(ColourRange::Limited), Some(10)),
        4 => (Some(ColourRange::Limited), Some(12)),
        5 => (Some(ColourRange::Full), Some(10)),
        6 => (Some(ColourRange::Full), Some(12)),
        7 => (Some(ColourRange::Limited), Some(16)),
        8 => (Some(ColourRange::Full), Some(16)),
        _ => (None, None),
    })
}

/// Reads primaries, matrix and transfer, by one number or by one each.
fn colours(bits: &mut Bits<'_>, base: u32, range: Option<ColourRange>) -> Option<Colour> {
    const BT709: u16 = 1;
    const UNKNOWN: u16 = 2;
    let index = if bits.bit()? { number(bits)? } else { base };
    let (mut primaries, mut matrix, mut transfer) = match index {
        1 => (6, 6, BT709),
        2 => (5, 5, BT709),
        0 | 3 => (BT709, BT709, BT709),
        4 => (12, UNKNOWN, UNKNOWN),
        _ => (UNKNOWN, UNKNOWN, UNKNOWN),
    };
    if index == 0 {
        let one = |index: u32, codes: [u16; 4]| codes.get(index as usize).copied().unwrap_or(UNKNOWN);
        if bits.bit()? {
            primaries = one(number(bits)?, [BT709, 6, 5, 12]);
        }
        if bits.bit()? {
            matrix = one(number(bits)?, [BT709, 5, 8, 0]);
        }
        if bits.bit()? {
            transfer = one(number(bits)?, [BT709, UNKNOWN, 8, UNKNOWN]);
        }
    }
    Some(colour::of_code_points(primaries, transfer, matrix, range))
}

/// Reads a number whose bits stand between bits that say whether there are more (annex A.4).
fn number(bits: &mut Bits<'_>) -> Option<u32> {
    let mut value = 1_u32;
    while !bits.bit()? {
        value = value.checked_mul(2)?.checked_add(u32::from(bits.bit()?))?;
    }
    Some(value - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What [`header`] is made of: a number, or a bit that says whether numbers follow.
    enum Part {
        Bit(bool),
        Number(u32),
    }
    use Part::{Bit, Number};

    /// One sequence header after its head.
    fn header(parts: &[Part]) -> Vec<u8> {
        let mut bits = Vec::new();
        for part in parts {
            match *part {
                Bit(bit) => bits.push(bit),
                Number(number) => {
                    let number = number + 1;
                    for place in (0..number.ilog2()).rev() {
                        bits.extend([false, number >> place & 1 == 1]);
                    }
                    bits.push(true);
                }
            }
        }
        let mut bytes = PARSE_INFO.to_vec();
        bytes.resize(PARSE_INFO_LENGTH, 0);
        bytes.extend(
            bits.chunks(8).map(|bits| (0..8).fold(0, |byte, at| byte << 1 | u8::from(bits.get(at) == Some(&true)))),
        );
        bytes
    }

    /// Version 2.0, profile 3, level 4, and the number of a base format.
    fn based_on(base: u32) -> Vec<Part> {
        vec![Number(2), Number(0), Number(3), Number(4), Number(base)]
    }

    /// So many parts, of eight, are said as in the base format.
    fn as_in_base(count: usize) -> impl Iterator<Item = Part> {
        (0..count).map(|_| Bit(false))
    }

    #[test]
    fn what_ffmpeg_writes_is_read_as_ffprobe_reads_it() {
        let bytes = b"BBCD\0\0\0\0\x18\0\0\0\0\x70\x87\0\x1a\x03\xbf\x44\x9c\x95\xff\xc0BBCD\x20";

        let picture = sequence(bytes).unwrap();

        assert_eq!((picture.profile.as_deref(), picture.level.as_deref()), (Some("3"), Some("3")));
        assert_eq!(picture.size, Some((64, 48)));
        assert_eq!((picture.frame_rate, picture.pixel_aspect), (ratio(25, 1), ratio(1, 1)));
        assert_eq!((picture.bit_depth, picture.interlaced), (Some(8), Some(false)));
        assert_eq!(picture.colour.range, Some(ColourRange::Limited));
    }

    #[test]
    fn a_base_format_says_everything() {
        let parts: Vec<Part> = based_on(8).into_iter().chain(as_in_base(8)).collect();

        let picture = sequence(&header(&parts)).unwrap();

        assert_eq!((picture.profile.as_deref(), picture.level.as_deref()), (Some("3"), Some("4")));
        assert_eq!((picture.size, picture.interlaced), (Some((720, 576)), Some(true)));
        assert_eq!((picture.frame_rate, picture.pixel_aspect), (ratio(25, 1), ratio(12, 11)));
        assert_eq!((picture.bit_depth, picture.colour.range), (Some(10), Some(ColourRange::Limited)));
    }

    #[test]
    fn each_part_of_the_base_format_can_be_said_otherwise() {
        let mut parts = based_on(0);
        parts.extend([Bit(true), Number(1000), Number(500)]);
        parts.extend([Bit(true), Number(0)]);
        parts.extend([Bit(true), Number(1)]);
        parts.extend([Bit(true), Number(0), Number(30), Number(7)]);
        parts.extend([Bit(true), Number(0), Number(3), Number(2)]);
        parts.extend([Bit(true), Number(1000), Number(400), Number(0), Number(50)]);
        parts.extend([Bit(true), Number(0), Number(64), Number(876), Number(512), Number(896)]);
        parts.extend([Bit(true), Number(0)]);
        parts.extend([Bit(true), Number(3), Bit(true), Number(2), Bit(true), Number(2)]);

        let picture = sequence(&header(&parts)).unwrap();

        assert_eq!((picture.size, picture.interlaced), (Some((1000, 500)), Some(true)));
        assert_eq!((picture.frame_rate, picture.pixel_aspect), (ratio(30, 7), ratio(3, 2)));
        assert_eq!((picture.bit_depth, picture.colour.range), (Some(10), Some(ColourRange::Limited)));
        assert_eq!(picture.colour, colour::of_code_points(12, 8, 8, Some(ColourRange::Limited)));
    }

    #[test]
    fn the_first_sequence_header_is_found_behind_other_data() {
        let parts: Vec<Part> = based_on(11).into_iter().chain(as_in_base(8)).collect();
        let mut bytes = b"BBCD\x20\0\0\0\x1b\0\0\0\0text of a muxer".to_vec();
        bytes.extend(header(&parts));

        assert_eq!(sequence(&bytes).unwrap().size, Some((1920, 1080)));
    }

    #[test]
    fn a_header_without_pictures_or_cut_short_tells_nothing() {
        let mut empty = based_on(0);
        empty.extend([Bit(true), Number(0), Number(500)]);
        empty.extend(as_in_base(7));
        let whole = header(&based_on(0).into_iter().chain(as_in_base(8)).collect::<Vec<_>>());

        assert_eq!(sequence(&header(&empty)), None);
        assert_eq!(sequence(&header(&based_on(BASES.len() as u32))), None);
        assert_eq!(sequence(&whole[..PARSE_INFO_LENGTH + 1]), None);
        assert_eq!(sequence(b"BBCD"), None);
    }

    #[test]
    fn a_number_that_is_too_large_is_no_number() {
        let mut bits = Bits::new(&[0b0101_0101; 20]);

        assert_eq!(number(&mut bits), None);
    }
}
