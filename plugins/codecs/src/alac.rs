//! ALAC: the magic cookie, which MP4 and Matroska keep beside the samples.

use crate::{Sound, layout};

/// Reads the cookie (ALACSpecificConfig), without a box around it.
pub fn cookie(cookie: &[u8]) -> Option<Sound> {
    // The length of a frame and the version come first; three parameters of coding and two maxima between.
    let &[_, _, _, _, _, depth, _, _, _, channels, _, _, _, _, _, _, b0, b1, b2, b3, r0, r1, r2, r3, ..] = cookie
    else {
        return None;
    };
    let channels = u32::from(channels);
    let layout = match channels {
        3 => Some("3.0"),
        7 => Some("6.1(back)"),
        8 => Some("7.1(wide)"),
        channels => layout::of_count(channels),
    };
    let sample_rate = u32::from_be_bytes([r0, r1, r2, r3]);
    // Writers that do not know the mean put the rate of the plain samples there.
    let plain = u64::from(sample_rate) * u64::from(channels) * u64::from(depth);
    let bit_rate = u64::from(u32::from_be_bytes([b0, b1, b2, b3]));
    Some(Sound {
        codec: Some("alac"),
        channels: Some(channels).filter(|&channels| channels > 0),
        layout: layout.map(str::to_owned),
        sample_rate: Some(sample_rate).filter(|&rate| rate > 0),
        bit_depth: Some(depth).filter(|&depth| depth > 0),
        bit_rate: Some(bit_rate).filter(|&rate| rate > 0 && rate < plain),
        ..Sound::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_tells_depth_channels_and_rates() {
        let bytes = [0, 0, 16, 0, 0, 24, 40, 10, 14, 6, 0, 255, 0, 0, 0, 0, 0, 1, 0x77, 0, 0, 0, 0xbb, 0x80];

        let sound = cookie(&bytes).unwrap();

        assert_eq!((sound.bit_depth, sound.channels, sound.sample_rate), (Some(24), Some(6), Some(48_000)));
        assert_eq!((sound.layout.as_deref(), sound.bit_rate), (Some("5.1"), Some(96_000)));
        assert_eq!(cookie(&bytes[..23]), None);
    }

    #[test]
    fn the_rate_of_the_plain_samples_is_no_bit_rate() {
        let plain = 48_000u32 * 2 * 16;
        let mut bytes = [0, 0, 16, 0, 0, 16, 40, 10, 14, 2, 0, 255, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xbb, 0x80];
        bytes[16..20].copy_from_slice(&plain.to_be_bytes());

        assert_eq!(cookie(&bytes).unwrap().bit_rate, None);
    }
}
