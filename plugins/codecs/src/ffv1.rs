//! FFV1 (RFC 9043): what its parameters say, which are coded by the range coder that codes everything of it.

use crate::Picture;

/// States that the bits of one number are coded by, and how all of them begin.
const STATES: usize = 32;
const EVEN: u8 = 128;
/// Numbers that a custom table of transitions has.
const TRANSITIONS: usize = 255;
/// The coder with such a table.
const CUSTOM_CODER: u32 = 2;

/// Reads the configuration record (§4.3), which versions from 3 on have.
pub fn configuration(record: &[u8]) -> Option<Picture> {
    // A checksum ends it.
    let coded = record.get(..record.len().checked_sub(4)?)?;
    parameters(&mut Coder::new(coded)?, [EVEN; STATES], |version| version >= 2)
}

/// Reads the first key frame of versions 0 and 1, which begin with the parameters.
pub fn key_frame(frame: &[u8]) -> Option<Picture> {
    let mut coder = Coder::new(frame)?;
    if !coder.bit(&mut { EVEN }) {
        return None;
    }
    parameters(&mut coder, [EVEN; STATES], |version| version < 2)
}

/// Reads parameters as far as the depth (§4.2).
fn parameters(coder: &mut Coder<'_>, mut states: [u8; STATES], is_right: fn(u32) -> bool) -> Option<Picture> {
    let version = coder.number(&mut states, false)?;
    if version > 4 || !is_right(version) {
        return None;
    }
    if version >= 3 {
        let _minor_version = coder.number(&mut states, false)?;
    }
    if coder.number(&mut states, false)? >= CUSTOM_CODER {
        for _ in 0..TRANSITIONS {
            coder.number(&mut states, true)?;
        }
    }
    let _colour_space = coder.number(&mut states, false)?;
    let depth = if version >= 1 { coder.number(&mut states, false)? } else { 8 };
    if coder.is_out {
        return None;
    }
    let depth = u8::try_from(depth.max(8)).ok().filter(|depth| *depth <= 16);
    Some(Picture { bit_depth: Some(depth?), ..Picture::default() })
}

/// The range coder (§3.8.1), as far as reading a few numbers needs it.
struct Coder<'a> {
    rest: &'a [u8],
    low: u32,
    range: u32,
    after_one: [u8; 256],
    /// More was read than there is.
    is_out: bool,
}

impl<'a> Coder<'a> {
    fn new(bytes: &'a [u8]) -> Option<Self> {
        let (&[high, low], rest) = bytes.split_first_chunk()?;
        let low = u32::from(u16::from_be_bytes([high, low])).min(0xff00);
        Some(Self { rest, low, range: 0xff00, after_one: states_after_one(), is_out: false })
    }

    fn bit(&mut self, state: &mut u8) -> bool {
        let share = (self.range * u32::from(*state)) >> 8;
        self.range -= share;
        let bit = self.low >= self.range;
        if bit {
            self.low -= self.range;
            self.range = share;
            *state = self.after_one[usize::from(*state)];
        } else {
            // The table for zeros is that for ones turned around.
            *state = self.after_one[usize::from(state.wrapping_neg())].wrapping_neg();
        }
        if self.range < 0x100 {
            self.range <<= 8;
            self.low <<= 8;
            match self.rest.split_first() {
                Some((&byte, rest)) => (self.low, self.rest) = (self.low + u32::from(byte), rest),
                None => self.is_out = true,
            }
        }
        bit
    }

    /// Reads a number: its length in unary, then its bits (§3.8.1.2). The sign does not matter here.
    fn number(&mut self, states: &mut [u8; STATES], is_signed: bool) -> Option<u32> {
        if self.is_out {
            return None;
        }
        if self.bit(&mut states[0]) {
            return Some(0);
        }
        let mut length = 0;
        while self.bit(&mut states[1 + length.min(9)]) {
            length += 1;
            if length > 31 || self.is_out {
                return None;
            }
        }
        let mut number = 1u32;
        for place in (0..length).rev() {
            number = number << 1 | u32::from(self.bit(&mut states[22 + place.min(9)]));
        }
        if is_signed {
            self.bit(&mut states[11 + length.min(10)]);
        }
        Some(number)
    }
}

/// The state that follows each state after a one (§3.8.1.3).
fn states_after_one() -> [u8; 256] {
    const ONE: i64 = 1 << 32;
    const FACTOR: i64 = 214_748_364;
    const MOST: i64 = 256 - 8;

    let toward_one = |share: i64| share + (((ONE - share) * FACTOR + ONE / 2) >> 32);
    let rounded = |share: i64| (256 * share + ONE / 2) >> 32;
    let mut table = [0u8; 256];
    let (mut last, mut share) = (0i64, ONE / 2);
    for _ in 0..128 {
        let state = rounded(share).max(last + 1);
        if (1..256).contains(&last) && state <= MOST {
            table[last as usize] = state as u8;
        }
        share = toward_one(share);
        last = state;
    }
    for state in 256 - MOST..=MOST {
        if table[state as usize] == 0 {
            let next = rounded(toward_one((state * ONE + 128) >> 8));
            table[state as usize] = next.max(state + 1).min(MOST) as u8;
        }
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What ffmpeg 5.1 writes for yuv422p10 (a configuration record) and yuv422p (version 1, in the first frame).
    const RECORD: [u8; 160] = [
        0x56, 0x06, 0x1e, 0x2f, 0xfd, 0xb8, 0x46, 0xd7, 0x70, 0x97, 0x30, 0x01, 0x86, 0x01, 0xee, 0xe1, 0x1c, 0xe6,
        0xbd, 0x45, 0x4d, 0xb5, 0x38, 0x27, 0x74, 0xd8, 0x2e, 0x10, 0x7d, 0x75, 0xc5, 0xaa, 0xe3, 0x3d, 0x60, 0x2c,
        0xd8, 0x86, 0x83, 0xfe, 0x5b, 0x47, 0xb1, 0x0f, 0xc5, 0x5e, 0xf1, 0x7b, 0xff, 0x81, 0x78, 0xb5, 0x7d, 0xc1,
        0x21, 0x22, 0x21, 0xbe, 0x19, 0xc6, 0x51, 0xd9, 0x31, 0x0f, 0x08, 0xb6, 0x7f, 0x7a, 0xb2, 0xc9, 0xdc, 0xca,
        0x59, 0x9e, 0xc7, 0xdd, 0xfd, 0xe3, 0x33, 0x07, 0xc7, 0x87, 0xdd, 0xee, 0x74, 0x87, 0xe2, 0x65, 0xc4, 0xfb,
        0xfc, 0xd4, 0xc0, 0x1c, 0xcd, 0x25, 0xe4, 0x68, 0x4a, 0xd7, 0x0e, 0xdf, 0x1a, 0x52, 0x35, 0xbe, 0x56, 0x67,
        0xfe, 0x30, 0x6f, 0xbe, 0x96, 0xc5, 0x60, 0x02, 0x38, 0x4c, 0x2e, 0x17, 0xc2, 0x33, 0x4d, 0x3d, 0x63, 0xa0,
        0x79, 0xd1, 0x30, 0x0a, 0x50, 0x48, 0x9d, 0xba, 0xb4, 0x6d, 0xdf, 0x20, 0x4c, 0xe3, 0x65, 0xa7, 0xa2, 0x21,
        0x9d, 0xe7, 0x99, 0x32, 0x1b, 0xdd, 0xca, 0x49, 0x7c, 0xa2, 0xf1, 0x79, 0xa7, 0x4a, 0x26, 0x5a,
    ];
    const FRAME: [u8; 24] = [
        0x9a, 0xed, 0x01, 0x5a, 0x40, 0xd2, 0x72, 0x48, 0x45, 0x45, 0xad, 0x54, 0xc6, 0xa5, 0xc9, 0xad, 0x4b, 0x78,
        0xf1, 0x89, 0x00, 0x04, 0x3c, 0xaf,
    ];

    #[test]
    fn the_depth_is_read_from_either_place() {
        let depth = |picture: Option<Picture>| picture.and_then(|picture| picture.bit_depth);

        assert_eq!(depth(configuration(&RECORD)), Some(10));
        assert_eq!(depth(key_frame(&FRAME)), Some(8));
    }

    #[test]
    fn noise_and_what_is_cut_off_end() {
        for length in 0..64u8 {
            let noise: Vec<u8> = (0..length).map(|at| at.wrapping_mul(167).wrapping_add(length)).collect();
            configuration(&noise);
            key_frame(&noise);
        }
        assert_eq!(configuration(&[]), None);
        assert_eq!(key_frame(&[0]), None);
    }
}
