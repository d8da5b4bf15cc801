//! MPEG-1 and MPEG-2 video (ISO/IEC 13818-2): sequence headers.

use vpo_plugin_sdk::facts::{Colour, ColourRange};

use crate::{Picture, bits::Bits, colour, picture::ratio};

const SEQUENCE: [u8; 4] = [0, 0, 1, 0xb3];
const EXTENSION: [u8; 4] = [0, 0, 1, 0xb5];

/// What a sequence header turned out to be.
#[derive(Debug, Clone, PartialEq)]
pub struct Sequence {
    pub picture: Picture,
    /// Without an extension it is MPEG-1.
    pub is_mpeg2: bool,
}

impl Sequence {
    /// Normal name of the codec.
    pub fn codec(&self) -> &'static str {
        if self.is_mpeg2 { "mpeg2video" } else { "mpeg1video" }
    }
}

/// Finds and reads the first sequence header of an elementary stream, with its extensions.
pub fn sequence(bytes: &[u8]) -> Option<Sequence> {
    let start = find(bytes, SEQUENCE)? + 4;
    let mut bits = Bits::new(bytes.get(start..)?);
    let (width, height) = (bits.u32(12)?, bits.u32(12)?);
    let aspect = bits.u8(4)?;
    let rate = bits.u8(4)?;
    let mut sequence = Sequence {
        picture: Picture {
            size: Some((width, height)),
            frame_rate: frame_rate(rate, 1, 1),
            interlaced: Some(false),
            bit_depth: Some(8),
            colour: Colour { range: Some(ColourRange::Limited), ..colour::unknown() },
            ..Picture::default()
        },
        is_mpeg2: false,
    };
    let mut at = start;
    while let Some(found) = bytes.get(at..).and_then(|rest| find(rest, [0, 0, 1, 0xb5])) {
        let payload = &bytes[at + found + EXTENSION.len()..];
        match payload.first().map(|byte| byte >> 4) {
            Some(1) => read_extension(payload, rate, (width, height), &mut sequence),
            Some(2) => read_display_extension(payload, &mut sequence.picture),
            _ => None,
        };
        at += found + EXTENSION.len();
    }
    let (width, height) = sequence.picture.size.filter(|&(width, height)| width > 0 && height > 0)?;
    sequence.picture.pixel_aspect = match aspect {
        1 => ratio(1, 1),
        // MPEG-2 states the shape of the screen, MPEG-1 of the pixel.
        2 if sequence.is_mpeg2 => ratio(u64::from(height) * 4, u64::from(width) * 3),
        3 if sequence.is_mpeg2 => ratio(u64::from(height) * 16, u64::from(width) * 9),
        4 if sequence.is_mpeg2 => ratio(u64::from(height) * 221, u64::from(width) * 100),
        _ => None,
    };
    Some(sequence)
}

fn find(bytes: &[u8], code: [u8; 4]) -> Option<usize> {
    bytes.windows(4).position(|four| four == code)
}

fn read_extension(payload: &[u8], rate: u8, size: (u32, u32), sequence: &mut Sequence) -> Option<()> {
    let mut bits = Bits::new(payload);
    bits.skip(4)?;
    let (is_escape, profile, level) = (bits.bit()?, bits.u8(3)?, bits.u8(4)?);
    let progressive = bits.bit()?;
    bits.skip(2)?;
    let (width, height) = (bits.u32(2)?, bits.u32(2)?);
    bits.skip(12 + 1 + 8 + 1)?;
    let (numerator, denominator) = (bits.u32(2)? + 1, bits.u32(5)? + 1);
    sequence.is_mpeg2 = true;
    let picture = &mut sequence.picture;
    picture.size = Some((width << 12 | size.0, height << 12 | size.1));
    picture.frame_rate = frame_rate(rate, numerator.into(), denominator.into());
    picture.interlaced = Some(!progressive);
    picture.profile = profile_name(is_escape, profile, level);
    picture.level = level_name(level).filter(|_| !is_escape);
    Some(())
}

fn read_display_extension(payload: &[u8], picture: &mut Picture) -> Option<()> {
    let mut bits = Bits::new(payload);
    bits.skip(7)?;
    if bits.bit()? {
        picture.colour = colour::of_code_points(bits.u16(8)?, bits.u16(8)?, bits.u16(8)?, Some(ColourRange::Limited));
    }
    Some(())
}

fn frame_rate(code: u8, numerator: u64, denominator: u64) -> Option<vpo_plugin_sdk::facts::Ratio> {
    let (frames, seconds) = match code {
        1 => (24_000, 1001),
        2 => (24, 1),
        3 => (25, 1),
        4 => (30_000, 1001),
        5 => (30, 1),
        6 => (50, 1),
        7 => (60_000, 1001),
        8 => (60, 1),
        _ => return None,
    };
    ratio(frames * numerator, seconds * denominator)
}

fn profile_name(is_escape: bool, profile: u8, level: u8) -> Option<String> {
    let name = match (is_escape, profile) {
        (true, _) if matches!(level, 0b0010 | 0b0101) => "4:2:2",
        (false, 1) => "High",
        (false, 2) => "Spatially Scalable",
        (false, 3) => "SNR Scalable",
        (false, 4) => "Main",
        (false, 5) => "Simple",
        _ => return None,
    };
    Some(name.to_owned())
}

fn level_name(level: u8) -> Option<String> {
    let name = match level {
        4 => "High",
        6 => "High 1440",
        8 => "Main",
        10 => "Low",
        _ => return None,
    };
    Some(name.to_owned())
}
