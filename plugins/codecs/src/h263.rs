//! H.263: the header of a picture (ITU-T H.263 §5.1), for the shape of its pixels, which no container states.

use vpo_plugin_sdk::facts::Ratio;

use crate::{Picture, bits::Bits, picture::ratio};

/// What the pixels of pictures of the usual sizes have.
const USUAL_SHAPE: u8 = 2;

/// Reads the header of the picture that stands at the beginning.
pub fn picture(bytes: &[u8]) -> Option<Picture> {
    const START: u32 = 0x20;
    const EXTENDED: u8 = 7;
    const CUSTOM: u8 = 6;

    let mut bits = Bits::new(bytes);
    if bits.u32(22)? != START {
        return None;
    }
    // The time; two fixed bits and three flags for whoever shows it.
    bits.skip(8 + 2 + 3)?;
    let mut format = bits.u8(3)?;
    if format == EXTENDED {
        const WITH_FORMAT: u8 = 1;
        if bits.u8(3)? != WITH_FORMAT {
            return None;
        }
        format = bits.u8(3)?;
        bits.skip(15 + 9)?;
        if bits.bit()? {
            bits.skip(2)?;
        }
    }
    let size = match format {
        1 => (128, 96),
        2 => (176, 144),
        3 => (352, 288),
        4 => (704, 576),
        5 => (1408, 1152),
        CUSTOM => return custom(&mut bits),
        _ => return None,
    };
    Some(Picture { size: Some(size), pixel_aspect: shape(USUAL_SHAPE), ..Picture::default() })
}

/// Reads shape and size of a picture that is none of the usual ones (§5.1.5).
fn custom(bits: &mut Bits<'_>) -> Option<Picture> {
    const STATED: u8 = 15;
    let code = bits.u8(4)?;
    let width = (bits.u32(9)? + 1) * 4;
    bits.skip(1)?;
    let height = bits.u32(9)? * 4;
    let pixel_aspect = if code == STATED { ratio(bits.number(8)?, bits.number(8)?) } else { shape(code) };
    Some(Picture { size: Some((width, height)).filter(|_| height > 0), pixel_aspect, ..Picture::default() })
}

fn shape(code: u8) -> Option<Ratio> {
    match code {
        1 => ratio(1, 1),
        2 => ratio(12, 11),
        3 => ratio(10, 11),
        4 => ratio(16, 11),
        5 => ratio(40, 33),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bytes of bits that are written as zeros and ones, with spaces between.
    fn bytes(bits: &str) -> Vec<u8> {
        let bits: Vec<u8> = bits.bytes().filter(|bit| *bit != b' ').map(|bit| bit - b'0').collect();
        bits.chunks(8).map(|eight| eight.iter().fold(0, |byte, bit| byte << 1 | bit) << (8 - eight.len())).collect()
    }

    const START: &str = "0000000000000000100000 00000001 10000";

    #[test]
    fn usual_and_custom_pictures_have_size_and_shape() {
        let usual = picture(&bytes(&format!("{START} 010 0000"))).unwrap();
        let custom = format!("{START} 111 001 110 000000000000000 000000000 0 0011 001001111 1 000011110 0000");
        let custom = picture(&bytes(&custom)).unwrap();

        assert_eq!((usual.size, usual.pixel_aspect), (Some((176, 144)), ratio(12, 11)));
        assert_eq!((custom.size, custom.pixel_aspect), (Some((320, 120)), ratio(10, 11)));
    }

    #[test]
    fn what_is_cut_or_refers_to_another_picture_says_nothing() {
        let whole = bytes(&format!("{START} 111 001 110 000000000000000 000000000 0 0011 001001111 1 000011110"));

        for length in 0..whole.len() - 1 {
            assert_eq!(picture(&whole[..length]), None, "{length}");
        }
        assert_eq!(picture(&bytes(&format!("{START} 111 000 110 0000000000000000000000000000"))), None);
    }
}
