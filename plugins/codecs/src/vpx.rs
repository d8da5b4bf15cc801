//! VP8 and VP9: `vpcC`, the CodecPrivate of `V_VP9`, and key frame headers.

use crate::{Picture, bits::Bits, colour};

/// Reads the VP codec configuration (VP Codec ISO Media File Format Binding §2.2), without version and flags.
pub fn configuration(record: &[u8]) -> Option<Picture> {
    let &[profile, level, depth_and_range, primaries, transfer, matrix, ..] = record else { return None };
    let range = Some(colour::range(depth_and_range & 1 == 1));
    Some(Picture {
        profile: vp9_profile(profile),
        level: level_name(level),
        bit_depth: Some(depth_and_range >> 4).filter(|depth| (8..=12).contains(depth)),
        interlaced: Some(false),
        colour: colour::of_code_points(primaries.into(), transfer.into(), matrix.into(), range),
        ..Picture::default()
    })
}

/// Reads the features that WebM keeps in the CodecPrivate of `V_VP9`: id, length, value.
pub fn webm_features(private: &[u8]) -> Option<Picture> {
    let mut picture = Picture { interlaced: Some(false), ..Picture::default() };
    let mut rest = private;
    while let &[id, 1, value, ref after @ ..] = rest {
        match id {
            1 => picture.profile = vp9_profile(value),
            2 => picture.level = level_name(value),
            3 => picture.bit_depth = Some(value).filter(|depth| (8..=12).contains(depth)),
            _ => {}
        }
        rest = after;
    }
    Some(picture).filter(|picture| picture.profile.is_some() || picture.bit_depth.is_some())
}

/// Reads the header of a VP9 key frame (VP9 bitstream §6.2).
pub fn vp9_key_frame(frame: &[u8]) -> Option<Picture> {
    let mut bits = Bits::new(frame);
    if bits.u8(2)? != 2 {
        return None;
    }
    let profile = bits.u8(1)? | bits.u8(1)? << 1;
    if profile == 3 {
        bits.skip(1)?;
    }
    let (shows_existing, is_inter) = (bits.bit()?, bits.bit()?);
    if shows_existing || is_inter {
        return None;
    }
    bits.skip(2)?;
    if bits.number(24)? != 0x49_83_42 {
        return None;
    }
    let bit_depth = match profile >= 2 {
        true if bits.bit()? => 12,
        true => 10,
        false => 8,
    };
    const RGB: u8 = 7;
    let space = bits.u8(3)?;
    let range = if space == RGB {
        if profile & 1 == 1 {
            bits.skip(1)?;
        }
        colour::range(true)
    } else {
        let range = colour::range(bits.bit()?);
        if profile & 1 == 1 {
            bits.skip(3)?;
        }
        range
    };
    let size = (bits.u32(16)? + 1, bits.u32(16)? + 1);
    // Colour spaces of VP9 name a matrix; primaries and transfer are left to the container.
    let matrix = match space {
        // BT.601, which decoders take for its 625 lines.
        1 => 5,
        2 => 1,
        3 => 6,
        4 => 7,
        5 => 9,
        RGB => 0,
        _ => 2,
    };
    Some(Picture {
        profile: vp9_profile(profile),
        size: Some(size),
        bit_depth: Some(bit_depth),
        interlaced: Some(false),
        colour: colour::of_code_points(2, 2, matrix, Some(range)),
        ..Picture::default()
    })
}

/// Reads the header of a VP8 key frame (RFC 6386 §9.1).
pub fn vp8_key_frame(frame: &[u8]) -> Option<Picture> {
    let &[tag, _, _, 0x9d, 0x01, 0x2a, w0, w1, h0, h1, ..] = frame else { return None };
    if tag & 1 != 0 {
        return None;
    }
    let side = |low, high| u32::from(u16::from_le_bytes([low, high]) & 0x3fff);
    Some(Picture {
        profile: Some((tag >> 1 & 7).to_string()),
        size: Some((side(w0, w1), side(h0, h1))).filter(|&(width, height)| width > 0 && height > 0),
        bit_depth: Some(8),
        interlaced: Some(false),
        ..Picture::default()
    })
}

fn vp9_profile(profile: u8) -> Option<String> {
    (profile < 4).then(|| format!("Profile {profile}"))
}

fn level_name(level: u8) -> Option<String> {
    (10..=62).contains(&level).then(|| crate::level_of_tenths(level.into()))
}
