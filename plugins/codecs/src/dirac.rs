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
