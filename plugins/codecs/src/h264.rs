//! H.264 (ITU-T H.264, ISO/IEC 14496-10): `avcC` (ISO/IEC 14496-15 §5.3.3) and sequence parameter sets.

mod fields;

use crate::{
    Picture,
    bits::Bits,
    colour, level_of_tenths, nal,
    picture::{SHAPES, rate, ratio},
};
use fields::{Fields, Order};

const SLICE: u8 = 1;
const SLICE_OF_KEY_FRAME: u8 = 5;
const SUPPLEMENTAL: u8 = 6;
const SEQUENCE_PARAMETER_SET: u8 = 7;
const PICTURE_PARAMETER_SET: u8 = 8;

/// Reads the decoder configuration record: the content of `avcC`, the CodecPrivate of `V_MPEG4/ISO/AVC`.
pub fn configuration(record: &[u8]) -> Option<Picture> {
    let &[1, profile, constraints, level, _lengths, sets, ..] = record else { return None };
    let mut rest = record.get(6..)?;
    let header =
        Picture { profile: profile_name(profile, constraints), level: Some(level_name(level)), ..Picture::default() };
    for _ in 0..sets & 0x1f {
        let Some(unit) = nal::take_counted(&mut rest) else { break };
        if let Some(picture) = parameter_set(unit) {
            return Some(picture.or(header));
        }
    }
    Some(header)
}

/// Reads what a byte stream with start codes says: a sequence parameter set, and whether its pictures are fields.
pub fn byte_stream(bytes: &[u8]) -> Option<Picture> {
    in_units(nal::in_byte_stream(bytes), None)
}

/// Reads what a sample says whose units stand behind their lengths.
pub fn sample(bytes: &[u8], length_size: usize) -> Option<Picture> {
    in_units(nal::with_lengths(bytes, length_size), None)
}

/// Like [`sample`], for one that goes with a decoder configuration record, whose parameter set says how to read it.
pub fn sample_of(record: &[u8], bytes: &[u8]) -> Option<Picture> {
    let &[_, _, _, _, _, sets, ref rest @ ..] = record else { return None };
    let mut rest = rest;
    let mut sequence = None;
    for _ in 0..sets & 0x1f {
        let Some(unit) = nal::take_counted(&mut rest) else { break };
        sequence = sequence.or_else(|| read_set(unit));
    }
    if let (Some((_, fields)), Some((&count, after))) = (&mut sequence, rest.split_first()) {
        rest = after;
        for _ in 0..count {
            let Some(unit) = nal::take_counted(&mut rest) else { break };
            fields.take_parameters(unit);
        }
    }
    in_units(nal::with_lengths(bytes, length_size(record)?), sequence)
}

/// Bytes of the lengths in a sample, as `avcC` states them.
pub fn length_size(record: &[u8]) -> Option<usize> {
    record.get(4).map(|byte| usize::from(byte & 3) + 1)
}

/// Reads a sequence parameter set, from its unit header on (§7.3.2.1.1).
pub fn parameter_set(unit: &[u8]) -> Option<Picture> {
    read_set(unit).map(|(picture, _)| picture)
}

/// Goes through units until it is known whether pictures are fields.
fn in_units<'a>(units: impl Iterator<Item = &'a [u8]>, known: Option<(Picture, Fields)>) -> Option<Picture> {
    let mut found = known;
    for unit in units {
        let kind = unit.first().map(|byte| byte & 0x1f);
        match (kind, &mut found) {
            (Some(SEQUENCE_PARAMETER_SET), None) => found = read_set(unit),
            (Some(SUPPLEMENTAL), Some((picture, fields))) if picture.interlaced.is_none() => {
                picture.interlaced = fields.in_message(unit);
            }
            (Some(PICTURE_PARAMETER_SET), Some((_, fields))) => fields.take_parameters(unit),
            (Some(slice @ (SLICE | SLICE_OF_KEY_FRAME)), Some((picture, fields))) => {
                if picture.interlaced.is_none() {
                    picture.interlaced = fields.in_slice(unit, slice == SLICE_OF_KEY_FRAME);
                }
                break;
            }
            _ => {}
        }
    }
    found.map(|(picture, _)| picture)
}

fn read_set(unit: &[u8]) -> Option<(Picture, Fields)> {
    if unit.first()? & 0x1f != SEQUENCE_PARAMETER_SET {
        return None;
    }
    let bytes = nal::unescaped(unit.get(1..)?.get(..unit.len().min(1024) - 1)?);
    let mut bits = Bits::new(&bytes);
    let profile = bits.u8(8)?;
    let constraints = bits.u8(8)?;
    let level = bits.u8(8)?;
    let _id = bits.unsigned()?;
    let format = Format::read(&mut bits, profile)?;
    let frame_number_bits = bits.unsigned().filter(|&bits| bits <= 12)? + 4;
    let order = Order::read(&mut bits)?;
    let _references = bits.unsigned()?;
    let _gaps = bits.bit()?;
    let width = bits.unsigned()?.checked_add(1)?.checked_mul(16)?;
    let units_high = bits.unsigned()?.checked_add(1)?.checked_mul(16)?;
    let frames_only = bits.bit()?;
    let height = if frames_only { units_high } else { units_high.checked_mul(2)? };
    if !frames_only {
        bits.skip(1)?;
    }
    let _direct = bits.bit()?;
    let (cropped_width, cropped_height) = crop(&mut bits, &format, frames_only)?;
    let mut picture = Picture {
        profile: profile_name(profile, constraints),
        level: Some(match level {
            11 if matches!(profile, 66 | 77 | 88) && constraints & 0x10 != 0 => "1b".to_owned(),
            level => level_name(level),
        }),
        size: Some((
            width.checked_sub(cropped_width).filter(|&width| width > 0)?,
            height.checked_sub(cropped_height).filter(|&height| height > 0)?,
        )),
        interlaced: frames_only.then_some(false),
        bit_depth: Some(format.bit_depth),
        ..Picture::default()
    };
    let mut fields =
        Fields { frames_only, separate_planes: format.separate_planes, frame_number_bits, order, ..Fields::default() };
    // A broken end of the set does not spoil its beginning.
    if bits.bit() == Some(true) {
        let _ = usability(&mut bits, &mut picture, &mut fields);
    }
    Some((picture, fields))
}

struct Format {
    chroma: u32,
    separate_planes: bool,
    bit_depth: u8,
}

impl Format {
    fn read(bits: &mut Bits<'_>, profile: u8) -> Option<Self> {
        if !matches!(profile, 100 | 110 | 122 | 244 | 44 | 83 | 86 | 118 | 128 | 138 | 139 | 134 | 135) {
            return Some(Self { chroma: 1, separate_planes: false, bit_depth: 8 });
        }
        let chroma = bits.unsigned().filter(|&chroma| chroma <= 3)?;
        let separate_planes = chroma == 3 && bits.bit()?;
        let bit_depth = u8::try_from(bits.unsigned().filter(|&depth| depth <= 6)? + 8).ok()?;
        let _chroma_depth = bits.unsigned()?;
        let _lossless = bits.bit()?;
        if bits.bit()? {
            for list in 0..if chroma == 3 { 12 } else { 8 } {
                if bits.bit()? {
                    skip_scaling_list(bits, if list < 6 { 16 } else { 64 })?;
                }
            }
        }
        Some(Self { chroma, separate_planes, bit_depth })
    }
}

fn skip_scaling_list(bits: &mut Bits<'_>, length: u32) -> Option<()> {
    let (mut last, mut next) = (8i32, 8i32);
    for _ in 0..length {
        if next != 0 {
            next = last.checked_add(bits.signed()?)?.rem_euclid(256);
        }
        last = if next == 0 { last } else { next };
    }
    Some(())
}

/// Returns by how many pixels the picture is narrower and lower than its blocks.
fn crop(bits: &mut Bits<'_>, format: &Format, frames_only: bool) -> Option<(u32, u32)> {
    if !bits.bit()? {
        return Some((0, 0));
    }
    let (left, right, top, bottom) = (bits.unsigned()?, bits.unsigned()?, bits.unsigned()?, bits.unsigned()?);
    let (across, down) = match (format.separate_planes, format.chroma) {
        (false, 1) => (2, 2),
        (false, 2) => (2, 1),
        _ => (1, 1),
    };
    let down = if frames_only { down } else { down * 2 };
    Some((left.checked_add(right)?.checked_mul(across)?, top.checked_add(bottom)?.checked_mul(down)?))
}

/// Reads the video usability information (annex E.1.1).
fn usability(bits: &mut Bits<'_>, picture: &mut Picture, fields: &mut Fields) -> Option<()> {
    if bits.bit()? {
        picture.pixel_aspect = read_pixel_aspect(bits)?;
    }
    if bits.bit()? {
        bits.bit()?;
    }
    if bits.bit()? {
        picture.colour = read_colour(bits)?;
    }
    if bits.bit()? {
        bits.skip_unsigned(2)?;
    }
    if bits.bit()? {
        let (units, scale) = (bits.number(32)?, bits.number(32)?);
        // A tick is a field.
        picture.frame_rate = rate(scale, units * 2);
        bits.bit()?;
    }
    let mut delay_bits = None;
    for _ in 0..2 {
        if bits.bit()? {
            delay_bits = Some(read_delay_bits(bits)?);
        }
    }
    if delay_bits.is_some() {
        bits.bit()?;
    }
    fields.delay_bits = delay_bits.unwrap_or(0);
    fields.has_structure = bits.bit()?;
    Some(())
}

/// Reads the parameters of a hypothetical decoder (annex E.1.2); returns the bits of both delays.
fn read_delay_bits(bits: &mut Bits<'_>) -> Option<usize> {
    let schedules = bits.unsigned().filter(|&count| count < 32)? + 1;
    bits.skip(8)?;
    for _ in 0..schedules {
        bits.skip_unsigned(2)?;
        bits.bit()?;
    }
    bits.skip(5)?;
    let delays = bits.u8(5)? + bits.u8(5)? + 2;
    bits.skip(5)?;
    Some(delays.into())
}

/// Reads an aspect ratio as H.264 and HEVC write it (table E-1).
pub(crate) fn read_pixel_aspect(bits: &mut Bits<'_>) -> Option<Option<vpo_plugin_sdk::facts::Ratio>> {
    let (across, down) = match bits.u8(8)? {
        255 => (bits.number(16)?, bits.number(16)?),
        index => SHAPES.get(usize::from(index)).copied().unwrap_or((0, 0)),
    };
    Some(ratio(across, down))
}

/// Reads range and code points as H.264 and HEVC write them.
pub(crate) fn read_colour(bits: &mut Bits<'_>) -> Option<vpo_plugin_sdk::facts::Colour> {
    bits.skip(3)?;
    let range = Some(colour::range(bits.bit()?));
    if !bits.bit()? {
        return Some(colour::of_code_points(2, 2, 2, range));
    }
    Some(colour::of_code_points(bits.u16(8)?, bits.u16(8)?, bits.u16(8)?, range))
}

fn level_name(level: u8) -> String {
    match level {
        9 => "1b".to_owned(),
        level => level_of_tenths(level.into()),
    }
}

/// Names a profile from `profile_idc` and the byte of constraint flags.
fn profile_name(profile: u8, constraints: u8) -> Option<String> {
    let (second, fourth) = (constraints & 0x40 != 0, constraints & 0x10 != 0);
    let name = match (profile, second, fourth) {
        (66, true, _) => "Constrained Baseline",
        (66, false, _) => "Baseline",
        (77, ..) => "Main",
        (88, ..) => "Extended",
        (100, ..) => "High",
        (110, _, false) => "High 10",
        (110, _, true) => "High 10 Intra",
        (122, _, false) => "High 4:2:2",
        (122, _, true) => "High 4:2:2 Intra",
        (144, ..) => "High 4:4:4",
        (244, _, false) => "High 4:4:4 Predictive",
        (244, _, true) => "High 4:4:4 Intra",
        (44, ..) => "CAVLC 4:4:4",
        (118, ..) => "Multiview High",
        (128, ..) => "Stereo High",
        _ => return None,
    };
    Some(name.to_owned())
}
