//! Codecs whose every picture stands alone: JPEG, JPEG 2000, PNG, ProRes, VC-3 (DNxHD), CineForm. What a frame begins with
//! tells all.

use vpo_plugin_sdk::facts::ColourRange;

use crate::{Picture, bits::Bits, colour};

/// Markers of a JPEG that are passed before its frame header.
const MOST_MARKERS: usize = 64;
/// The matrix of BT.601, which JFIF is always coded by.
const BT_601: u16 = 5;

/// Reads the frame header of a JPEG (ISO/IEC 10918-1 §B.2.2).
pub fn jpeg(bytes: &[u8]) -> Option<Picture> {
    let mut rest = bytes.strip_prefix(&[0xff, 0xd8])?;
    let mut interlaced = None;
    for _ in 0..MOST_MARKERS {
        let &[0xff, marker, ref behind @ ..] = rest else { return None };
        if matches!(marker, 0xff | 0x01 | 0xd0..=0xd7) {
            rest = &rest[if marker == 0xff { 1 } else { 2 }..];
            continue;
        }
        let length = usize::from(u16::from_be_bytes([*behind.first()?, *behind.get(1)?]));
        let content = behind.get(2..)?;
        match marker {
            // Which field it is, in AVI.
            0xe0 if content.starts_with(b"AVI1") && content.get(4).is_some_and(|polarity| *polarity != 0) => {
                interlaced = Some(true);
            }
            0xc0..=0xc3 | 0xf7 => return Some(Picture { interlaced, ..jpeg_frame(marker, content)? }),
            0xd9 | 0xda => return None,
            _ => {}
        }
        rest = behind.get(length..)?;
    }
    None
}

fn jpeg_frame(marker: u8, content: &[u8]) -> Option<Picture> {
    let &[depth, _, _, _, _, components, ..] = content else { return None };
    let profile = match marker {
        0xc0 => "Baseline",
        0xc1 => "Sequential",
        0xc2 => "Progressive",
        0xc3 => "Lossless",
        _ => "JPEG LS",
    };
    let colour = match (components, marker) {
        (3, 0xc0..=0xc2) => colour::of_code_points(2, 2, BT_601, Some(ColourRange::Full)),
        _ => colour::unknown(),
    };
    Some(Picture { profile: Some(profile.to_owned()), bit_depth: Some(depth), colour, ..Picture::default() })
}

/// Reads the size segment of a JPEG 2000 codestream (ISO/IEC 15444-1 §A.5.1), which may stand in boxes.
pub fn jpeg_2000(bytes: &[u8]) -> Option<Picture> {
    const START: [u8; 4] = [0xff, 0x4f, 0xff, 0x51];
    let at = bytes.windows(4).take(256).position(|four| four == START)?;
    // Behind the length: capabilities, eight sizes of four bytes, the count of components, the depth of the first.
    let &[_, _, high, low, ref rest @ ..] = bytes.get(at + 4..)? else { return None };
    let depth = (rest.get(32 + 2)? & 0x7f) + 1;
    let profile = match u16::from_be_bytes([high, low]) {
        1 => "JPEG 2000 codestream restriction 0".to_owned(),
        2 => "JPEG 2000 codestream restriction 1".to_owned(),
        3 => "JPEG 2000 digital cinema 2K".to_owned(),
        4 => "JPEG 2000 digital cinema 4K".to_owned(),
        other => other.to_string(),
    };
    Some(Picture { profile: Some(profile), bit_depth: Some(depth).filter(|depth| *depth <= 16), ..Picture::default() })
}

/// Reads the header of a PNG (RFC 2083 §4.1.1).
pub fn png(bytes: &[u8]) -> Option<Picture> {
    const START: &[u8; 16] = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR";
    const PALETTE: u8 = 3;
    let &[_, _, _, _, _, _, _, _, depth, kind, ..] = bytes.strip_prefix(START)? else { return None };
    // The colours of a palette have eight bits, however few it takes to count them.
    let depth = if kind == PALETTE { 8 } else { depth };
    Some(Picture { bit_depth: Some(depth).filter(|depth| matches!(depth, 1 | 2 | 4 | 8 | 16)), ..Picture::default() })
}

/// Reads the header of a frame of CineForm (SMPTE ST 2073-1 §8): pairs of a tag and its value.
pub fn cineform(bytes: &[u8]) -> Option<Picture> {
    /// What a frame begins with.
    const START: [u8; 4] = [0, 1, 0, 9];
    const PRECISION: [u8; 2] = [0, 70];
    const MOST_TAGS: usize = 64;
    if !bytes.starts_with(&START) {
        return None;
    }
    let mut pairs = bytes.chunks_exact(4).take(MOST_TAGS);
    let depth = pairs.find(|pair| pair[..2] == PRECISION)?[3];
    Some(Picture { bit_depth: Some(depth).filter(|depth| (8..=16).contains(depth)), ..Picture::default() })
}

/// Reads a frame header of ProRes (SMPTE RDD 36 §5.1).
pub fn prores(bytes: &[u8]) -> Option<Picture> {
    let header = bytes.get(8..)?;
    if bytes.get(4..8)? != b"icpf" || header.len() < 18 {
        return None;
    }
    let &[flags, _, primaries, transfer, matrix] = header.get(12..17)? else { return None };
    let interlaced = match flags >> 2 & 3 {
        0 => Some(false),
        1 | 2 => Some(true),
        _ => None,
    };
    // Zero means as much as two here.
    let stated = |code: u8| if code == 0 { 2 } else { u16::from(code) };
    let colour =
        colour::of_code_points(stated(primaries), stated(transfer), stated(matrix), Some(ColourRange::Limited));
    Some(Picture { interlaced, colour, ..Picture::default() })
}

/// Reads a frame header of VC-3 (SMPTE ST 2019-1), known as DNxHD and DNxHR.
pub fn vc3(bytes: &[u8]) -> Option<Picture> {
    let id = u32::from_be_bytes(bytes.get(40..44)?.try_into().ok()?);
    let profile = match id {
        1270 => "DNXHR 444",
        1271 => "DNXHR HQX",
        1272 => "DNXHR HQ",
        1273 => "DNXHR SQ",
        1274 => "DNXHR LB",
        1235..=1260 => "DNXHD",
        _ => return None,
    };
    let bit_depth = match bytes.get(33)? >> 5 {
        1 => Some(8),
        2 => Some(10),
        3 => Some(12),
        _ => None,
    };
    // RGB is marked as of no matrix; DNxHD knows but one.
    let matrix = match (id, bytes.get(44)? >> 1 & 3) {
        (..1270, _) | (_, 0) => Some(1),
        (_, 1) => Some(9),
        (_, 2) => Some(10),
        _ => None,
    };
    let colour =
        matrix.map_or_else(colour::unknown, |matrix| colour::of_code_points(2, 2, matrix, Some(ColourRange::Limited)));
    Some(Picture { profile: Some(profile.to_owned()), bit_depth, colour, ..Picture::default() })
}

/// Reads the identification header of Theora (Theora I §6.2), alone or as the first of packed headers.
pub fn theora(bytes: &[u8]) -> Option<Picture> {
    const MAGIC: &[u8; 7] = b"\x80theora";
    let at = bytes.windows(MAGIC.len()).take(16).position(|seven| seven == MAGIC)?;
    let mut bits = Bits::new(bytes.get(at + MAGIC.len()..)?);
    // Version, and the size in blocks of sixteen.
    bits.skip(24 + 32)?;
    let size = (bits.u32(24)?, bits.u32(24)?);
    bits.skip(16)?;
    let frame_rate = crate::picture::ratio(bits.number(32)?, bits.number(32)?);
    let pixel_aspect = crate::picture::ratio(bits.number(24)?, bits.number(24)?);
    Some(Picture {
        size: Some(size).filter(|(width, height)| *width > 0 && *height > 0),
        frame_rate,
        pixel_aspect,
        bit_depth: Some(8),
        ..Picture::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_jpeg_tells_its_kind_and_depth_behind_other_segments() {
        let frame = [0xff, 0xc2, 0, 17, 8, 0, 120, 0, 160, 3];
        let bytes = [&[0xff, 0xd8, 0xff, 0xe0, 0, 7][..], b"AVI1", &[1], &frame].concat();

        let picture = jpeg(&bytes).unwrap();

        assert_eq!((picture.profile.as_deref(), picture.bit_depth), (Some("Progressive"), Some(8)));
        assert_eq!((picture.interlaced, picture.colour.range), (Some(true), Some(ColourRange::Full)));
    }

    #[test]
    fn depths_are_those_of_colours() {
        let png = |depth, kind| {
            let header = [&b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x40\0\0\0\x40"[..], &[depth, kind]].concat();
            png(&header).unwrap().bit_depth
        };
        let film = cineform(&[0, 1, 0, 9, 0, 84, 0, 3, 0, 70, 0, 12]).unwrap();

        assert_eq!([png(16, 2), png(4, 3), png(7, 2)], [Some(16), Some(8), None]);
        assert_eq!(film.bit_depth, Some(12));
    }

    #[test]
    fn cut_headers_say_nothing() {
        type Read = fn(&[u8]) -> Option<Picture>;
        let frames: [(Read, &[u8]); 7] = [
            (jpeg, &[0xff, 0xd8, 0xff, 0xc0, 0, 17, 8]),
            (jpeg_2000, &[0xff, 0x4f, 0xff, 0x51, 0, 47]),
            (prores, b"\0\0\x01\0icpf\0\x94\0\0"),
            (vc3, &[0; 43]),
            (png, b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x40\0\0\0\x40\x08"),
            (cineform, &[0, 1, 0, 9, 0, 2, 0, 3, 0, 70, 0]),
            (theora, b"\x80theora\x03\x02\x01\0"),
        ];

        for (read, bytes) in frames {
            for length in 0..=bytes.len() {
                assert_eq!(read(&bytes[..length]), None);
            }
        }
    }
}
