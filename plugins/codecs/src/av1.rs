//! AV1: `av1C` (AV1 in ISOBMFF §2.3) and sequence header OBUs (AV1 specification §5.5).

use vpo_plugin_sdk::facts::{Colour, Ratio};

use crate::{Picture, bits::Bits, colour, picture::ratio};

const SEQUENCE_HEADER: u8 = 1;
const METADATA: u8 = 5;

const CONTENT_LIGHT: u64 = 1;
const MASTERING_DISPLAY: u64 = 2;
const ITU_T_T35: u64 = 4;

/// Reads the configuration record: the content of `av1C`, the CodecPrivate of `V_AV1`.
pub fn configuration(record: &[u8]) -> Option<Picture> {
    let &[0x81, first, second, _, ref units @ ..] = record else { return None };
    let profile = first >> 5;
    let depth = match (second & 0x40 != 0, second & 0x20 != 0) {
        (true, true) if profile == 2 => 12,
        (true, _) => 10,
        _ => 8,
    };
    let header = Picture {
        profile: profile_name(profile),
        level: level_name(first & 0x1f),
        bit_depth: Some(depth),
        interlaced: Some(false),
        ..Picture::default()
    };
    Some(self::units(units).or(header))
}

/// Reads what the open bitstream units of a record or a sample say.
pub fn units(bytes: &[u8]) -> Picture {
    let mut found = Picture::default();
    let mut rest = bytes;
    while let Some((kind, payload)) = take_unit(&mut rest) {
        match kind {
            SEQUENCE_HEADER => {
                if let Some(picture) = sequence_header(payload) {
                    found = picture.or(found);
                }
            }
            METADATA => read_metadata(payload, &mut found),
            _ => {}
        }
    }
    found
}

fn take_unit<'a>(rest: &mut &'a [u8]) -> Option<(u8, &'a [u8])> {
    let (&header, after) = rest.split_first()?;
    *rest = after;
    if header & 4 != 0 {
        *rest = rest.get(1..)?;
    }
    let length = if header & 2 != 0 { take_leb128(rest)? } else { rest.len() as u64 };
    let length = usize::try_from(length).unwrap_or(usize::MAX).min(rest.len());
    let (payload, after) = rest.split_at(length);
    *rest = after;
    Some((header >> 3 & 0xf, payload))
}

fn take_leb128(rest: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for place in 0..8 {
        let (&byte, after) = rest.split_first()?;
        *rest = after;
        number |= u64::from(byte & 0x7f) << (7 * place);
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

/// Reads a sequence header (§5.5.1).
pub fn sequence_header(payload: &[u8]) -> Option<Picture> {
    let mut bits = Bits::new(payload);
    let profile = bits.u8(3)?;
    let _still = bits.bit()?;
    let reduced = bits.bit()?;
    let (level, frame_rate) = if reduced { (bits.u8(5)?, None) } else { read_operating_points(&mut bits)? };
    let (width_bits, height_bits) = (bits.u32(4)? + 1, bits.u32(4)? + 1);
    let size = (bits.u32(width_bits)?.checked_add(1)?, bits.u32(height_bits)?.checked_add(1)?);
    let mut picture = Picture {
        profile: profile_name(profile),
        level: level_name(level),
        size: Some(size),
        frame_rate,
        interlaced: Some(false),
        ..Picture::default()
    };
    if skip_tools(&mut bits, reduced).is_some()
        && let Some((depth, colour)) = read_colour(&mut bits, profile)
    {
        picture.bit_depth = Some(depth);
        picture.colour = colour;
    }
    Some(picture)
}

/// Reads timing and operating points; returns the level of the first point.
fn read_operating_points(bits: &mut Bits<'_>) -> Option<(u8, Option<Ratio>)> {
    let mut frame_rate = None;
    let mut delay_bits = None;
    if bits.bit()? {
        let (units, scale) = (bits.number(32)?, bits.number(32)?);
        if bits.bit()? {
            let ticks = u64::from(bits.unsigned()?) + 1;
            frame_rate = units.checked_mul(ticks).and_then(|units| ratio(scale, units));
        }
        if bits.bit()? {
            delay_bits = Some(bits.u32(5)? + 1);
            bits.skip(32 + 10)?;
        }
    }
    let initial_delays = bits.bit()?;
    let mut first = None;
    for _ in 0..=bits.u8(5)? {
        bits.skip(12)?;
        let level = bits.u8(5)?;
        if level > 7 {
            bits.skip(1)?;
        }
        if let Some(delay_bits) = delay_bits
            && bits.bit()?
        {
            bits.skip(2 * delay_bits as usize + 1)?;
        }
        if initial_delays && bits.bit()? {
            bits.skip(4)?;
        }
        first = first.or(Some(level));
    }
    Some((first?, frame_rate))
}

/// Steps over the coding tools, from frame numbers to restoration.
fn skip_tools(bits: &mut Bits<'_>, reduced: bool) -> Option<()> {
    if !reduced && bits.bit()? {
        bits.skip(7)?;
    }
    bits.skip(3)?;
    if !reduced {
        bits.skip(4)?;
        let order_hints = bits.bit()?;
        if order_hints {
            bits.skip(2)?;
        }
        let screen_content = if bits.bit()? { 2 } else { bits.u8(1)? };
        if screen_content > 0 && !bits.bit()? {
            bits.skip(1)?;
        }
        if order_hints {
            bits.skip(3)?;
        }
    }
    bits.skip(3)
}

/// Reads the colour configuration (§5.5.2).
fn read_colour(bits: &mut Bits<'_>, profile: u8) -> Option<(u8, Colour)> {
    let high = bits.bit()?;
    let depth = match (profile == 2 && high && bits.bit()?, high) {
        (true, _) => 12,
        (false, true) => 10,
        (false, false) => 8,
    };
    let monochrome = profile != 1 && bits.bit()?;
    let (primaries, transfer, matrix) =
        if bits.bit()? { (bits.u16(8)?, bits.u16(8)?, bits.u16(8)?) } else { (2, 2, 2) };
    // sRGB has no range bit: it is full.
    let full = (!monochrome && (primaries, transfer, matrix) == (1, 13, 0)) || bits.bit()?;
    Some((depth, colour::of_code_points(primaries, transfer, matrix, Some(colour::range(full)))))
}

fn read_metadata(payload: &[u8], found: &mut Picture) {
    let mut rest = payload;
    match take_leb128(&mut rest) {
        Some(CONTENT_LIGHT) => {
            if let Some((most, average)) = colour::content_light(rest) {
                found.colour.max_content_light = Some(most);
                found.colour.max_frame_light = Some(average);
            }
        }
        Some(MASTERING_DISPLAY) => found.colour.mastering = mastering(rest),
        Some(ITU_T_T35) => found.has_hdr10_plus |= colour::is_hdr10_plus(rest),
        _ => {}
    }
}

/// AV1 has its own scales (§6.7.4): chromaticities in 1/65536, red first; luminance in 1/256 and 1/16384.
fn mastering(payload: &[u8]) -> Option<vpo_plugin_sdk::facts::Mastering> {
    let mut bits = Bits::new(payload);
    let mut point = || Some((f64::from(bits.u32(16)?) / 65_536.0, f64::from(bits.u32(16)?) / 65_536.0));
    let (red, green, blue, white) = (point()?, point()?, point()?, point()?);
    Some(vpo_plugin_sdk::facts::Mastering {
        red,
        green,
        blue,
        white,
        luminance_max: f64::from(bits.u32(32)?) / 256.0,
        luminance_min: f64::from(bits.u32(32)?) / 16_384.0,
    })
}

fn profile_name(profile: u8) -> Option<String> {
    let name = match profile {
        0 => "Main",
        1 => "High",
        2 => "Professional",
        _ => return None,
    };
    Some(name.to_owned())
}

/// Level index 31 means "no limits", 24 and above are reserved.
fn level_name(index: u8) -> Option<String> {
    (index < 24).then(|| format!("{}.{}", 2 + index / 4, index % 4))
}
