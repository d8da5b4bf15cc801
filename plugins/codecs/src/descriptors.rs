//! MPEG-4 descriptors (ISO/IEC 14496-1 §7.2.6): the content of `esds`, and what it says of the codec.

/// An elementary stream as its descriptor states it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Elementary<'a> {
    /// `objectTypeIndication`: 0x40 is MPEG-4 audio, 0x20 MPEG-4 visual.
    pub object_type: u8,
    /// Bits per second; 0 when not stated.
    pub max_bit_rate: u32,
    /// Bits per second; 0 when not stated.
    pub average_bit_rate: u32,
    /// Decoder specific information: AudioSpecificConfig, headers of MPEG-4 visual.
    pub specific: &'a [u8],
}

const STREAM: u8 = 3;
const DECODER_CONFIGURATION: u8 = 4;
const DECODER_SPECIFIC: u8 = 5;

/// Reads an elementary stream descriptor; `esds` holds it behind its version and flags.
pub fn elementary(bytes: &[u8]) -> Option<Elementary<'_>> {
    let mut rest = bytes;
    let (tag, mut content) = take(&mut rest)?;
    // Some files hold the decoder configuration without the descriptor around it.
    if tag == STREAM {
        let flags = *content.get(2)?;
        let mut skip = 3;
        if flags & 0x80 != 0 {
            skip += 2;
        }
        if flags & 0x40 != 0 {
            skip += 1 + usize::from(*content.get(skip)?);
        }
        if flags & 0x20 != 0 {
            skip += 2;
        }
        content = content.get(skip..)?;
        let (tag, inner) = take(&mut content)?;
        (tag == DECODER_CONFIGURATION).then_some(())?;
        content = inner;
    } else if tag != DECODER_CONFIGURATION {
        return None;
    }
    let &[object_type, _, _, _, _, m0, m1, m2, m3, a0, a1, a2, a3, ref rest @ ..] = content else { return None };
    let mut rest = rest;
    let specific = match take(&mut rest) {
        Some((DECODER_SPECIFIC, specific)) => specific,
        _ => &[],
    };
    Some(Elementary {
        object_type,
        max_bit_rate: u32::from_be_bytes([m0, m1, m2, m3]),
        average_bit_rate: u32::from_be_bytes([a0, a1, a2, a3]),
        specific,
    })
}

/// Takes one descriptor; a length beyond the end is clipped.
fn take<'a>(rest: &mut &'a [u8]) -> Option<(u8, &'a [u8])> {
    let (&tag, mut after) = rest.split_first()?;
    let mut length = 0usize;
    for _ in 0..4 {
        let (&byte, next) = after.split_first()?;
        after = next;
        length = length << 7 | usize::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            break;
        }
    }
    let (content, after) = after.split_at(length.min(after.len()));
    *rest = after;
    Some((tag, content))
}

impl Elementary<'_> {
    /// Normal name of the codec (the table of mp4ra.org); `None` for what has none.
    pub fn codec(&self) -> Option<&'static str> {
        Some(match self.object_type {
            0x08 => "mov_text",
            0x20 => "mpeg4",
            0x21 => "h264",
            0x23 => "hevc",
            0x40 | 0x66..=0x68 => "aac",
            0x60..=0x65 => "mpeg2video",
            0x69 | 0x6b => "mp3",
            0x6a => "mpeg1video",
            0x6c => "mjpeg",
            0x6d => "png",
            0x6e => "jpeg2000",
            0xa3 => "vc1",
            0xa4 => "dirac",
            0xa5 => "ac3",
            0xa6 => "eac3",
            0xa9..=0xac => "dts",
            0xad => "opus",
            0xb1 => "vp9",
            0xc1 => "flac",
            0xdd => "vorbis",
            0xd1 => "evrc",
            0xe0 => "dvd_subtitle",
            0xe1 => "qcelp",
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_one_and_of_four_bytes_are_read_alike() {
        let short = [3, 22, 0, 1, 0, 4, 17, 0x40, 0x15, 0, 0, 0, 0, 1, 0xf4, 0, 0, 1, 0xf4, 0, 5, 2, 0x12, 0x10];
        let mut long = vec![3, 0x80, 0x80, 0x80, 22];
        long.extend(&short[2..]);

        for bytes in [&short[..], &long] {
            let found = elementary(bytes).unwrap();
            assert_eq!((found.codec(), found.specific), (Some("aac"), &[0x12, 0x10][..]));
            assert_eq!((found.max_bit_rate, found.average_bit_rate), (128_000, 128_000));
        }
    }

    #[test]
    fn a_cut_descriptor_is_none() {
        assert_eq!(elementary(&[3, 22, 0, 1, 0, 4, 17, 0x40]), None);
        assert_eq!(elementary(&[]), None);
    }
}
