//! MPEG-4 part 2 video (ISO/IEC 14496-2): visual object sequence and video object layer headers.

use vpo_plugin_sdk::facts::Colour;

use crate::{Picture, bits::Bits, colour, picture::ratio};

/// Reads the headers that `esds`, CodecPrivate or the beginning of a stream hold.
pub fn headers(bytes: &[u8]) -> Option<Picture> {
    let mut picture = Picture::default();
    let mut found = false;
    for at in 0..bytes.len().min(4096).saturating_sub(4) {
        let (code, payload) = bytes[at..].split_at(4);
        match code {
            [0, 0, 1, 0xb0] => {
                let (profile, level) = (payload[0] >> 4, payload[0] & 0xf);
                picture.profile = profile_name(profile);
                // Simple profile has a level 0b, which is written 8.
                picture.level = Some(if (profile, level) == (0, 8) { 0 } else { level }.to_string());
                found = true;
            }
            [0, 0, 1, 0xb5] => {
                if let Some(colour) = object_colour(payload) {
                    picture.colour = colour;
                }
            }
            [0, 0, 1, 0x20..=0x2f] if picture.size.is_none() => {
                if let Some(layer) = layer(payload) {
                    picture = layer.or(picture);
                    found = true;
                }
            }
            _ => {}
        }
    }
    found.then_some(picture)
}

/// Reads the colour that a visual object states (§6.2.2).
fn object_colour(payload: &[u8]) -> Option<Colour> {
    const VIDEO: u8 = 1;
    let mut bits = Bits::new(payload);
    if bits.bit()? {
        bits.skip(7)?;
    }
    if bits.u8(4)? != VIDEO || !bits.bit()? {
        return None;
    }
    bits.skip(3)?;
    let range = Some(colour::range(bits.bit()?));
    match bits.bit()? {
        true => Some(colour::of_code_points(bits.u16(8)?, bits.u16(8)?, bits.u16(8)?, range)),
        false => Some(colour::of_code_points(2, 2, 2, range)),
    }
}

/// Reads a video object layer (§6.2.3).
fn layer(payload: &[u8]) -> Option<Picture> {
    let mut bits = Bits::new(payload);
    bits.skip(1)?;
    let _kind = bits.u8(8)?;
    if bits.bit()? {
        bits.skip(7)?;
    }
    let pixel_aspect = match bits.u8(4)? {
        1 => ratio(1, 1),
        2 => ratio(12, 11),
        3 => ratio(10, 11),
        4 => ratio(16, 11),
        5 => ratio(40, 33),
        15 => ratio(bits.number(8)?, bits.number(8)?),
        _ => None,
    };
    if bits.bit()? {
        bits.skip(3)?;
        if bits.bit()? {
            bits.skip(79)?;
        }
    }
    const RECTANGULAR: u8 = 0;
    if bits.u8(2)? != RECTANGULAR {
        return None;
    }
    bits.skip(1)?;
    let resolution = bits.u32(16)?;
    bits.skip(1)?;
    let mut frame_rate = None;
    if bits.bit()? {
        let width = 32 - resolution.saturating_sub(1).leading_zeros();
        let increment = bits.number(width.max(1))?;
        frame_rate = ratio(resolution.into(), increment);
    }
    bits.skip(1)?;
    let width = bits.u32(13)?;
    bits.skip(1)?;
    let height = bits.u32(13)?;
    bits.skip(1)?;
    let interlaced = bits.bit()?;
    Some(Picture {
        size: Some((width, height)).filter(|&(width, height)| width > 0 && height > 0),
        pixel_aspect,
        frame_rate,
        interlaced: Some(interlaced),
        bit_depth: Some(8),
        ..Picture::default()
    })
}

fn profile_name(profile: u8) -> Option<String> {
    const NAMES: [&str; 16] = [
        "Simple Profile",
        "Simple Scalable Profile",
        "Core Profile",
        "Main Profile",
        "N-bit Profile",
        "Scalable Texture Profile",
        "Simple Face Animation Profile",
        "Basic Animated Texture Profile",
        "Hybrid Profile",
        "Advanced Real Time Simple Profile",
        "Code Scalable Profile",
        "Advanced Coding Profile",
        "Advanced Core Profile",
        "Advanced Scalable Texture Profile",
        "Simple Studio Profile",
        "Advanced Simple Profile",
    ];
    NAMES.get(usize::from(profile)).map(|name| (*name).to_owned())
}
