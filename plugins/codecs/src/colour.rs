//! Colour: code points of ISO/IEC 23091-2, static metadata, and what they make of the dynamic range.

use vpo_plugin_sdk::facts::{Colour, ColourRange, DolbyVision, DynamicRange, Mastering};

/// Transfer characteristics: SMPTE ST 2084 (PQ).
pub const PQ: u16 = 16;
/// Transfer characteristics: ARIB STD-B67 (HLG).
pub const HLG: u16 = 18;
/// Transfer characteristics: BT.2020 with ten bits.
const BT_2020: u16 = 14;
/// "Unspecified" in all three tables.
const UNSPECIFIED: u16 = 2;

/// A colour of which nothing is said.
pub fn unknown() -> Colour {
    Colour {
        primaries: None,
        transfer: None,
        matrix: None,
        range: None,
        mastering: None,
        max_content_light: None,
        max_frame_light: None,
    }
}

/// Code points as they stand in a header. "Unspecified" is nothing said; 0 is reserved, except that the matrix 0 is RGB.
pub fn of_code_points(primaries: u16, transfer: u16, matrix: u16, range: Option<ColourRange>) -> Colour {
    let said = |code: u16| (code != UNSPECIFIED).then_some(code);
    Colour {
        primaries: said(primaries).filter(|&code| code != 0),
        transfer: said(transfer).filter(|&code| code != 0),
        matrix: said(matrix),
        range,
        ..unknown()
    }
}

/// Reads the flag that most headers keep the range in.
pub fn range(full: bool) -> ColourRange {
    if full { ColourRange::Full } else { ColourRange::Limited }
}

/// Fills what one source leaves open from another.
pub fn or(colour: Colour, other: Colour) -> Colour {
    Colour {
        primaries: colour.primaries.or(other.primaries),
        transfer: colour.transfer.or(other.transfer),
        matrix: colour.matrix.or(other.matrix),
        range: colour.range.or(other.range),
        mastering: colour.mastering.or(other.mastering),
        max_content_light: colour.max_content_light.or(other.max_content_light),
        max_frame_light: colour.max_frame_light.or(other.max_frame_light),
    }
}

/// What a picture is shown by: decoders go by what the codec says of itself, and the container fills what it leaves open.
pub fn shown(codec: Colour, container: Colour) -> Colour {
    // HLG may pass for BT.2020 before screens that do not know it.
    let is_hlg = codec.transfer == Some(BT_2020) && container.transfer == Some(HLG);
    Colour { transfer: if is_hlg { Some(HLG) } else { codec.transfer.or(container.transfer) }, ..or(codec, container) }
}

/// Reads mastering display metadata as HEVC SEI 137 and the `mdcv` box keep it: green, blue, red, white in 1/50000, then the
/// most and the least luminance in 1/10000 cd/m².
pub fn mastering(payload: &[u8]) -> Option<Mastering> {
    let payload: &[u8; 24] = payload.get(..24)?.try_into().ok()?;
    let point = |at: usize| {
        let part = |at: usize| f64::from(u16::from_be_bytes([payload[at], payload[at + 1]])) / 50_000.0;
        (part(at), part(at + 2))
    };
    let luminance = |at: usize| {
        f64::from(u32::from_be_bytes([payload[at], payload[at + 1], payload[at + 2], payload[at + 3]])) / 10_000.0
    };
    Some(Mastering {
        green: point(0),
        blue: point(4),
        red: point(8),
        white: point(12),
        luminance_max: luminance(16),
        luminance_min: luminance(20),
    })
}

/// Reads the content light level as HEVC SEI 144 and the `clli` box keep it: most of a pixel, most of a frame's average.
pub fn content_light(payload: &[u8]) -> Option<(u32, u32)> {
    let payload: &[u8; 4] = payload.get(..4)?.try_into().ok()?;
    let number = |at: usize| u32::from(u16::from_be_bytes([payload[at], payload[at + 1]]));
    Some((number(0), number(2)))
}

/// Recognises HDR10+ in user data registered by ITU-T T.35, from the country code on (CTA-861-H annex S).
pub fn is_hdr10_plus(user_data: &[u8]) -> bool {
    // United States, Samsung, the first of its kinds, application 4.
    user_data.starts_with(&[0xb5, 0x00, 0x3c, 0x00, 0x01, 0x04])
}

/// Names the dynamic range. Dolby Vision comes before what its base layer would be without it.
pub fn dynamic_range(colour: &Colour, dolby_vision: Option<DolbyVision>, has_hdr10_plus: bool) -> DynamicRange {
    match (dolby_vision, colour.transfer) {
        (Some(dolby_vision), _) => DynamicRange::DolbyVision(dolby_vision),
        (None, Some(PQ)) if has_hdr10_plus => DynamicRange::Hdr10Plus,
        (None, Some(PQ)) => DynamicRange::Hdr10,
        (None, Some(HLG)) => DynamicRange::Hlg,
        _ => DynamicRange::Sdr,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dolby_vision_wins_and_hdr10_plus_needs_pq() {
        let pq = of_code_points(9, PQ, 9, None);
        let hlg = of_code_points(9, HLG, 9, None);
        let dolby = DolbyVision { profile: 8, level: 6, compatibility: 1 };

        assert_eq!(dynamic_range(&pq, Some(dolby), true), DynamicRange::DolbyVision(dolby));
        assert_eq!(dynamic_range(&pq, None, true), DynamicRange::Hdr10Plus);
        assert_eq!(dynamic_range(&pq, None, false), DynamicRange::Hdr10);
        assert_eq!(dynamic_range(&hlg, None, true), DynamicRange::Hlg);
        assert_eq!(dynamic_range(&unknown(), None, true), DynamicRange::Sdr);
    }

    #[test]
    fn what_the_codec_says_is_shown_but_for_hlg_in_disguise() {
        let sdr = of_code_points(1, 1, 1, None);
        let hdr = of_code_points(9, PQ, 9, Some(ColourRange::Limited));
        let hlg = of_code_points(9, HLG, 9, None);

        assert_eq!(shown(hdr, sdr), hdr);
        assert_eq!(shown(sdr, hdr).range, Some(ColourRange::Limited));
        assert_eq!(shown(of_code_points(9, BT_2020, 9, None), hlg), hlg);
        assert_eq!(shown(unknown(), hlg), hlg);
    }

    #[test]
    fn unspecified_says_nothing_but_rgb_does() {
        let colour = of_code_points(2, 2, 0, None);

        assert_eq!((colour.primaries, colour.transfer, colour.matrix), (None, None, Some(0)));
    }
}
