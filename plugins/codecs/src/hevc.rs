//! HEVC (ITU-T H.265): `hvcC` (ISO/IEC 14496-15 §8.3.3), sequence parameter sets, and supplemental information.

use vpo_plugin_sdk::facts::ColourRange;

use crate::{
    Picture,
    bits::Bits,
    colour,
    h264::{read_colour, read_pixel_aspect},
    nal,
    picture::rate,
};

const SEQUENCE_PARAMETER_SET: u8 = 33;
const SUPPLEMENTAL_BEFORE: u8 = 39;
const SUPPLEMENTAL_AFTER: u8 = 40;

const USER_DATA_T35: u32 = 4;
const MASTERING_DISPLAY: u32 = 137;
const CONTENT_LIGHT: u32 = 144;
const ALTERNATIVE_TRANSFER: u32 = 147;

/// Reads the decoder configuration record: the content of `hvcC`, the CodecPrivate of `V_MPEGH/ISO/HEVC`.
pub fn configuration(record: &[u8]) -> Option<Picture> {
    let header = record.get(..23)?;
    if header[0] > 1 {
        return None;
    }
    let mut found = Picture::default();
    let mut rest = record.get(23..)?;
    'arrays: for _ in 0..header[22] {
        let Some((array, after)) = rest.split_at_checked(3) else { break };
        rest = after;
        for _ in 0..u16::from_be_bytes([array[1], array[2]]) {
            let Some(unit) = nal::take_counted(&mut rest) else { break 'arrays };
            read_unit(unit, &mut found);
        }
    }
    Some(found.or(Picture {
        profile: profile_name(header[1] & 0x1f),
        level: Some(level_name(header[12])),
        bit_depth: Some((header[17] & 7) + 8),
        ..Picture::default()
    }))
}

/// Reads what a byte stream with start codes says: parameter sets and supplemental information.
pub fn byte_stream(bytes: &[u8]) -> Picture {
    let mut found = Picture::default();
    nal::in_byte_stream(bytes).for_each(|unit| read_unit(unit, &mut found));
    found
}

/// Reads what a sample says whose units stand behind their lengths.
pub fn sample(bytes: &[u8], length_size: usize) -> Picture {
    let mut found = Picture::default();
    nal::with_lengths(bytes, length_size).for_each(|unit| read_unit(unit, &mut found));
    found
}

/// Bytes of the lengths in a sample, as `hvcC` states them.
pub fn length_size(record: &[u8]) -> Option<usize> {
    record.get(21).map(|byte| usize::from(byte & 3) + 1)
}

fn read_unit(unit: &[u8], found: &mut Picture) {
    match unit.first().map(|byte| byte >> 1 & 0x3f) {
        Some(SEQUENCE_PARAMETER_SET) if found.size.is_none() => {
            if let Some(picture) = parameter_set(unit) {
                *found = picture.or(found.clone());
            }
        }
        Some(SUPPLEMENTAL_BEFORE | SUPPLEMENTAL_AFTER) => read_supplemental(unit, found),
        _ => {}
    }
}

/// Reads a sequence parameter set, from its unit header on (§7.3.2.2).
pub fn parameter_set(unit: &[u8]) -> Option<Picture> {
    if unit.first()? >> 1 & 0x3f != SEQUENCE_PARAMETER_SET {
        return None;
    }
    let bytes = nal::unescaped(unit.get(2..unit.len().min(4096))?);
    let mut bits = Bits::new(&bytes);
    bits.skip(4)?;
    let sub_layers = bits.u32(3)?;
    bits.skip(1)?;
    let mut picture = read_profile_and_level(&mut bits, sub_layers)?;
    let _id = bits.unsigned()?;
    let chroma = bits.unsigned().filter(|&chroma| chroma <= 3)?;
    let separate_planes = chroma == 3 && bits.bit()?;
    let (mut width, mut height) = (bits.unsigned()?, bits.unsigned()?);
    if bits.bit()? {
        let (left, right, top, bottom) = (bits.unsigned()?, bits.unsigned()?, bits.unsigned()?, bits.unsigned()?);
        let (across, down) = match (separate_planes, chroma) {
            (false, 1) => (2, 2),
            (false, 2) => (2, 1),
            _ => (1, 1),
        };
        width = width.checked_sub(left.checked_add(right)?.checked_mul(across)?)?;
        height = height.checked_sub(top.checked_add(bottom)?.checked_mul(down)?)?;
    }
    picture.size = Some((width, height)).filter(|&(width, height)| width > 0 && height > 0);
    picture.bit_depth = u8::try_from(bits.unsigned().filter(|&depth| depth <= 8)? + 8).ok();
    // A broken end of the set does not spoil its beginning.
    let _ = read_rest(&mut bits, sub_layers, &mut picture);
    // Where nothing is said, the range is limited (annex E.3.1).
    picture.colour.range = picture.colour.range.or(Some(ColourRange::Limited));
    Some(picture)
}

fn read_profile_and_level(bits: &mut Bits<'_>, sub_layers: u32) -> Option<Picture> {
    bits.skip(3)?;
    let profile = bits.u8(5)?;
    bits.skip(32)?;
    let progressive = bits.bit()?;
    let interlaced = bits.bit()?;
    bits.skip(46)?;
    let level = bits.u8(8)?;
    let mut present = [(false, false); 8];
    for layer in present.iter_mut().take(sub_layers as usize) {
        *layer = (bits.bit()?, bits.bit()?);
    }
    if sub_layers > 0 {
        bits.skip(2 * (8 - sub_layers as usize))?;
    }
    for (profile, level) in present {
        bits.skip(if profile { 88 } else { 0 } + if level { 8 } else { 0 })?;
    }
    Some(Picture {
        profile: profile_name(profile),
        level: Some(level_name(level)),
        interlaced: match (progressive, interlaced) {
            (true, false) => Some(false),
            (false, true) => Some(true),
            _ => None,
        },
        ..Picture::default()
    })
}

/// Reads on from the chroma bit depth to the usability information.
fn read_rest(bits: &mut Bits<'_>, sub_layers: u32, picture: &mut Picture) -> Option<()> {
    let _chroma_depth = bits.unsigned()?;
    let order_bits = bits.unsigned().filter(|&bits| bits <= 12)? + 4;
    let all_layers = bits.bit()?;
    for _ in if all_layers { 0 } else { sub_layers }..=sub_layers {
        bits.skip_unsigned(3)?;
    }
    bits.skip_unsigned(6)?;
    if bits.bit()? && bits.bit()? {
        skip_scaling_lists(bits)?;
    }
    bits.skip(2)?;
    if bits.bit()? {
        bits.skip(8)?;
        bits.skip_unsigned(2)?;
        bits.skip(1)?;
    }
    skip_reference_sets(bits)?;
    if bits.bit()? {
        for _ in 0..bits.unsigned().filter(|&count| count <= 32)? {
            bits.skip(order_bits as usize + 1)?;
        }
    }
    bits.skip(2)?;
    if bits.bit()? { read_usability(bits, picture) } else { Some(()) }
}

fn skip_scaling_lists(bits: &mut Bits<'_>) -> Option<()> {
    for size in 0..4 {
        for _ in 0..if size == 3 { 2 } else { 6 } {
            if !bits.bit()? {
                bits.unsigned()?;
            } else {
                if size > 1 {
                    bits.signed()?;
                }
                for _ in 0..64.min(1 << (4 + (size << 1))) {
                    bits.signed()?;
                }
            }
        }
    }
    Some(())
}

/// Steps over the short-term reference picture sets (§7.3.7); each may be told as a difference from the one before.
fn skip_reference_sets(bits: &mut Bits<'_>) -> Option<()> {
    let sets = bits.unsigned().filter(|&sets| sets <= 64)?;
    let mut pictures = 0u32;
    for set in 0..sets {
        if set > 0 && bits.bit()? {
            bits.skip(1)?;
            bits.unsigned()?;
            let mut kept = 0;
            for _ in 0..=pictures {
                let used = bits.bit()?;
                if used || bits.bit()? {
                    kept += 1;
                }
            }
            pictures = kept;
        } else {
            let (before, after) = (bits.unsigned()?, bits.unsigned()?);
            pictures = before.checked_add(after).filter(|&pictures| pictures <= 32)?;
            for _ in 0..pictures {
                bits.unsigned()?;
                bits.skip(1)?;
            }
        }
    }
    Some(())
}

/// Reads the video usability information (annex E.2.1).
fn read_usability(bits: &mut Bits<'_>, picture: &mut Picture) -> Option<()> {
    if bits.bit()? {
        picture.pixel_aspect = read_pixel_aspect(bits)?;
    }
    if bits.bit()? {
        bits.skip(1)?;
    }
    if bits.bit()? {
        picture.colour = colour::or(read_colour(bits)?, picture.colour);
    }
    if bits.bit()? {
        bits.skip_unsigned(2)?;
    }
    bits.skip(1)?;
    let fields = bits.bit()?;
    bits.skip(1)?;
    if fields {
        picture.interlaced = Some(true);
    }
    if bits.bit()? {
        bits.skip_unsigned(4)?;
    }
    if bits.bit()? {
        let (units, scale) = (bits.number(32)?, bits.number(32)?);
        picture.frame_rate = rate(scale, units * if fields { 2 } else { 1 });
    }
    Some(())
}

/// Reads the messages of a supplemental enhancement information unit (§7.3.5).
fn read_supplemental(unit: &[u8], found: &mut Picture) {
    let Some(unit) = unit.get(2..) else { return };
    let bytes = nal::unescaped(&unit[..unit.len().min(8192)]);
    let mut rest = bytes.as_slice();
    // What is left at the end is the stop bit.
    while rest.len() > 2 {
        let (Some(kind), Some(length)) = (take_extended(&mut rest), take_extended(&mut rest)) else { return };
        let payload = &rest[..(length as usize).min(rest.len())];
        rest = &rest[payload.len()..];
        match kind {
            MASTERING_DISPLAY => found.colour.mastering = colour::mastering(payload),
            CONTENT_LIGHT => {
                if let Some((most, average)) = colour::content_light(payload) {
                    found.colour.max_content_light = Some(most);
                    found.colour.max_frame_light = Some(average);
                }
            }
            USER_DATA_T35 => found.has_hdr10_plus |= colour::is_hdr10_plus(payload),
            // HLG that says it is BT.2020 to those who do not know better.
            ALTERNATIVE_TRANSFER => {
                if let Some(&transfer) = payload.first().filter(|&&transfer| u16::from(transfer) == colour::HLG) {
                    found.colour.transfer = Some(transfer.into());
                }
            }
            _ => {}
        }
    }
}

/// Takes a number of which every byte 255 means "and more".
fn take_extended(rest: &mut &[u8]) -> Option<u32> {
    let mut number = 0u32;
    loop {
        let (&byte, after) = rest.split_first()?;
        *rest = after;
        number = number.checked_add(byte.into())?;
        if byte != 0xff {
            return Some(number);
        }
    }
}

fn level_name(level: u8) -> String {
    crate::level_of_tenths(u32::from(level) / 3)
}

fn profile_name(profile: u8) -> Option<String> {
    let name = match profile {
        1 => "Main",
        2 => "Main 10",
        3 => "Main Still Picture",
        4 => "Rext",
        9 => "Scc",
        _ => return None,
    };
    Some(name.to_owned())
}
