//! VC-1 advanced profile (SMPTE ST 421 §6.1): sequence headers.

use crate::{
    Picture,
    bits::Bits,
    picture::{SHAPES, ratio},
};

const SEQUENCE: [u8; 4] = [0, 0, 1, 0x0f];
const ADVANCED: u8 = 3;

/// Finds and reads the first sequence header of an elementary stream.
pub fn sequence(bytes: &[u8]) -> Option<Picture> {
    let start = bytes.windows(4).position(|four| four == SEQUENCE)? + 4;
    let mut bits = Bits::new(bytes.get(start..)?);
    if bits.u8(2)? != ADVANCED {
        return None;
    }
    let level = bits.u8(3)?;
    // Chroma, quantised frame and bit rate, postprocessing.
    bits.skip(2 + 3 + 5 + 1)?;
    let (width, height) = ((bits.u32(12)? + 1) * 2, (bits.u32(12)? + 1) * 2);
    bits.skip(1)?;
    let interlaced = bits.bit()?;
    bits.skip(1 + 1 + 1 + 1)?;
    let (pixel_aspect, frame_rate) = display(&mut bits).unwrap_or_default();
    Some(Picture {
        profile: Some("Advanced".to_owned()),
        level: Some(level.to_string()),
        size: Some((width, height)),
        pixel_aspect,
        frame_rate,
        interlaced: Some(interlaced),
        bit_depth: Some(8),
        ..Picture::default()
    })
}

type Ratio = vpo_plugin_sdk::facts::Ratio;

/// Reads shape and rate from the display extension.
fn display(bits: &mut Bits<'_>) -> Option<(Option<Ratio>, Option<Ratio>)> {
    const RATES: [u64; 7] = [24, 25, 30, 50, 60, 48, 72];
    if !bits.bit()? {
        return None;
    }
    bits.skip(14 + 14)?;
    let mut shape = None;
    if bits.bit()? {
        shape = match usize::from(bits.u8(4)?) {
            15 => ratio(bits.number(8)? + 1, bits.number(8)? + 1),
            // The table of H.264 without its last three.
            14 => None,
            index => SHAPES.get(index).and_then(|&(across, down)| ratio(across, down)),
        };
    }
    let mut rate = None;
    if bits.bit()? {
        rate = match bits.bit()? {
            true => ratio(bits.number(16)? + 1, 32),
            false => {
                let whole = RATES.get((bits.number(8)? as usize).checked_sub(1)?)?;
                let divisor = if bits.u8(4)? == 2 { 1001 } else { 1000 };
                ratio(whole * 1000, divisor)
            }
        };
    }
    Some((shape, rate))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sequence_header_tells_size_rate_and_fields() {
        // Advanced, level 3, 4:2:0, 1920 by 1080, interlaced, display extension with 24000/1001.
        let fields = [
            (3, 2),
            (3, 3),
            (1, 2),
            (0, 3),
            (0, 5),
            (0, 1),
            (959, 12),
            (539, 12),
            (0, 1),
            (1, 1),
            (0, 4),
            (1, 1),
            (1919, 14),
            (1079, 14),
            (1, 1),
            (1, 4),
            (1, 1),
            (0, 1),
            (1, 8),
            (2, 4),
        ];
        let digits: String = fields.iter().map(|&(value, width): &(u32, usize)| format!("{value:0width$b}")).collect();
        let mut bytes = vec![9, 9, 0, 0, 1, 0x0f];
        for byte in digits.as_bytes().chunks(8) {
            let text = format!("{:0<8}", std::str::from_utf8(byte).unwrap());
            bytes.push(u8::from_str_radix(&text, 2).unwrap());
        }

        let picture = sequence(&bytes).unwrap();

        assert_eq!(picture.size, Some((1920, 1080)));
        assert_eq!(picture.interlaced, Some(true));
        assert_eq!(picture.frame_rate, Some(Ratio { numerator: 24_000, denominator: 1001 }));
        assert_eq!(picture.pixel_aspect, Some(Ratio { numerator: 1, denominator: 1 }));
    }
}
