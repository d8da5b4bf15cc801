//! MPEG audio layers I to III (ISO/IEC 11172-3, 13818-3): frame headers.

use crate::Sound;

/// Reads the header of a frame.
pub fn frame(bytes: &[u8]) -> Option<Sound> {
    let header = Header::read(bytes)?;
    Some(Sound {
        codec: Some(["mp1", "mp2", "mp3"][header.layer - 1]),
        channels: Some(if header.is_mono { 1 } else { 2 }),
        layout: Some(if header.is_mono { "mono" } else { "stereo" }.to_owned()),
        sample_rate: Some(header.sample_rate),
        bit_rate: Some(header.bit_rate).filter(|&rate| rate > 0),
        ..Sound::default()
    })
}

/// Bytes of a frame with its header; `None` where none begins, and where its rate is free.
pub fn frame_length(bytes: &[u8]) -> Option<usize> {
    let header = Header::read(bytes).filter(|header| header.bit_rate > 0)?;
    let slot = if header.layer == 1 { 4 } else { 1 };
    let padding = u64::from(header.is_padded);
    let slots = header.samples() / 8 * header.bit_rate / u64::from(header.sample_rate) / slot + padding;
    usize::try_from(slots * slot).ok()
}

/// Samples of a frame; `None` where none begins.
pub fn frame_samples(bytes: &[u8]) -> Option<u64> {
    Header::read(bytes).map(|header| header.samples())
}

/// What the four bytes of a header say.
struct Header {
    /// I to III.
    layer: usize,
    /// How often the rates of version 1 are halved.
    halvings: u32,
    /// Zero where it is free.
    bit_rate: u64,
    sample_rate: u32,
    is_padded: bool,
    is_mono: bool,
}

impl Header {
    fn samples(&self) -> u64 {
        match self.layer {
            1 => 384,
            3 if self.halvings > 0 => 576,
            _ => 1152,
        }
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        const VERSION_1: [[u64; 15]; 3] = [
            [0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
            [0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
            [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
        ];
        const VERSION_2: [[u64; 15]; 2] = [
            [0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
            [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
        ];
        let &[0xff, second, third, fourth, ..] = bytes else { return None };
        if second & 0xe0 != 0xe0 {
            return None;
        }
        let halvings = match second >> 3 & 3 {
            0 => 2,
            2 => 1,
            3 => 0,
            _ => return None,
        };
        let layer = 3 - usize::from((second >> 1 & 3).checked_sub(1)?);
        let bit_rate = match halvings {
            0 => VERSION_1[layer - 1].get(usize::from(third >> 4)),
            _ => VERSION_2[usize::from(layer > 1)].get(usize::from(third >> 4)),
        };
        Some(Self {
            layer,
            halvings,
            bit_rate: bit_rate? * 1000,
            sample_rate: [44_100u32, 48_000, 32_000].get(usize::from(third >> 2 & 3))? >> halvings,
            is_padded: third & 2 != 0,
            is_mono: fourth >> 6 == 3,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layers_versions_and_modes_are_told_apart() {
        let third = frame(&[0xff, 0xfb, 0x90, 0x64]).unwrap();
        let second = frame(&[0xff, 0xf5, 0x84, 0xc0]).unwrap();

        assert_eq!((third.codec, third.sample_rate, third.channels), (Some("mp3"), Some(44_100), Some(2)));
        assert_eq!(third.bit_rate, Some(128_000));
        assert_eq!((second.codec, second.sample_rate, second.channels), (Some("mp2"), Some(24_000), Some(1)));
        assert_eq!(frame(&[0xff, 0xe0, 0, 0]), None);
        assert_eq!(frame(&[0xff, 0xfb, 0xf0, 0]), None);
    }

    #[test]
    fn a_frame_is_as_long_as_its_rate_and_padding_make_it() {
        assert_eq!(frame_length(&[0xff, 0xfb, 0x90, 0x64]), Some(417));
        assert_eq!(frame_length(&[0xff, 0xfb, 0x92, 0x64]), Some(418));
        assert_eq!(frame_length(&[0xff, 0xfd, 0xc4, 0x00]), Some(768));
        assert_eq!(frame_length(&[0xff, 0xf3, 0x84, 0xc0]), Some(192));
        assert_eq!(frame_length(&[0xff, 0xfb, 0x00, 0x64]), None);
    }
}
