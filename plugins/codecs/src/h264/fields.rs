//! Whether pictures of H.264 are frames, or two fields that belong to different moments.
//!
//! A stream may be free to use fields and never do so. What a picture is stands in its timing message, in its slices, and in
//! how far apart its two fields are shown.

use crate::{bits::Bits, nal};

/// What of parameter sets is needed to tell fields from frames.
#[derive(Debug, Clone, Default)]
pub struct Fields {
    /// There are no fields at all.
    pub frames_only: bool,
    pub separate_planes: bool,
    pub frame_number_bits: u32,
    pub order: Order,
    /// Bits of the delays before the structure of a picture, in its timing message.
    pub delay_bits: usize,
    /// The timing message tells the structure of a picture.
    pub has_structure: bool,
    /// By number of the picture parameter set: whether slices tell how far apart the fields are shown.
    pub distances: Vec<(u32, bool)>,
}

/// How pictures are put into the order in which they are shown (§8.2.1).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Order {
    /// Each slice tells a number of so many bits.
    Counted { bits: u32 },
    /// In steps, from which slices may deviate; the second field so much behind the first.
    Stepped { may_deviate: bool, between_fields: i32 },
    /// As they are decoded.
    #[default]
    Decoded,
}

impl Order {
    /// Reads it where it stands in a sequence parameter set.
    pub fn read(bits: &mut Bits<'_>) -> Option<Self> {
        match bits.unsigned()? {
            0 => Some(Self::Counted { bits: bits.unsigned().filter(|&bits| bits <= 12)? + 4 }),
            1 => {
                let may_deviate = !bits.bit()?;
                bits.signed()?;
                let between_fields = bits.signed()?;
                for _ in 0..bits.unsigned().filter(|&count| count < 256)? {
                    bits.signed()?;
                }
                Some(Self::Stepped { may_deviate, between_fields })
            }
            _ => Some(Self::Decoded),
        }
    }
}

impl Fields {
    /// Takes a picture parameter set, from its unit header on (§7.3.2.2).
    pub fn take_parameters(&mut self, unit: &[u8]) {
        /// More sets than this do not come before a picture.
        const MOST: usize = 16;
        let read = || -> Option<(u32, bool)> {
            let bytes = nal::unescaped(unit.get(1..unit.len().min(16))?);
            let mut bits = Bits::new(&bytes);
            let number = bits.unsigned()?;
            let _sequence = bits.unsigned()?;
            bits.skip(1)?;
            Some((number, bits.bit()?))
        };
        if let Some(set) = read().filter(|_| self.distances.len() < MOST) {
            self.distances.push(set);
        }
    }

    /// Reads the structure of a picture from its timing message (annex D.1.3): true when it was meant as fields.
    pub fn in_message(&self, unit: &[u8]) -> Option<bool> {
        const PICTURE_TIMING: u8 = 1;
        if self.frames_only || !self.has_structure {
            return None;
        }
        let bytes = nal::unescaped(unit.get(1..unit.len().min(4096))?);
        let mut rest = bytes.as_slice();
        while let &[kind, length, ref after @ ..] = rest {
            // Longer messages than this are none of timing, and come behind it.
            if kind == 0xff || length == 0xff {
                return None;
            }
            let (payload, after) = after.split_at_checked(length.into())?;
            if kind == PICTURE_TIMING {
                let mut bits = Bits::new(payload);
                bits.skip(self.delay_bits)?;
                return Some((1..=6).contains(&bits.u8(4)?));
            }
            rest = after;
        }
        None
    }

    /// Reads the head of a slice (§7.3.3): true when it is of a field, or of a frame whose fields are shown one after the
    /// other; `None` where a parameter set is missing.
    pub fn in_slice(&self, unit: &[u8], is_key: bool) -> Option<bool> {
        if self.frames_only {
            return Some(false);
        }
        let bytes = nal::unescaped(unit.get(1..unit.len().min(64))?);
        let mut bits = Bits::new(&bytes);
        bits.skip_unsigned(2)?;
        let parameters = bits.unsigned()?;
        if self.separate_planes {
            bits.skip(2)?;
        }
        bits.skip(self.frame_number_bits as usize)?;
        if bits.bit()? {
            return Some(true);
        }
        if is_key {
            bits.skip_unsigned(1)?;
        }
        let (_, tells_distance) = *self.distances.iter().rev().find(|(number, _)| *number == parameters)?;
        let distance = match self.order {
            Order::Decoded => 0,
            Order::Counted { bits: width } if tells_distance => {
                bits.skip(width as usize)?;
                bits.signed()?
            }
            Order::Counted { .. } => 0,
            Order::Stepped { may_deviate, between_fields } => {
                let more = if may_deviate && tells_distance {
                    bits.signed()?;
                    bits.signed()?
                } else {
                    0
                };
                between_fields.checked_add(more)?
            }
        };
        Some(distance != 0)
    }
}

#[cfg(test)]
mod tests {
    use crate::h264::byte_stream;

    const START: [u8; 3] = [0, 0, 1];

    /// What the beginnings of parameter sets and of the first slice say.
    fn interlaced(sequence: &[u8], parameters: &[u8], slice: &[u8]) -> Option<bool> {
        byte_stream(&[&START, sequence, &START, parameters, &START, slice].concat()).unwrap().interlaced
    }

    /// Of x264, which was told to code frames as if they were interlaced.
    const FAKE: &[u8] =
        b"\x67\x64\x00\x1e\xac\xd9\x40\xa0\x61\xf3\xe0\x22\x00\x00\x03\x00\x02\x00\x00\x03\x00\x64\x1e\x2c\x5b\x2c";
    /// Of x264, which was told that the upper field comes first.
    const REAL: &[u8] =
        b"\x67\x64\x00\x1e\xac\xd9\x40\xa0\x63\xf3\xe0\x22\x00\x00\x03\x00\x02\x00\x00\x03\x00\x64\x3e\x28\x53\x2c";

    #[test]
    fn frames_that_might_be_fields_are_frames_when_both_are_shown_at_once() {
        let slice = b"\x65\x88\x82\x00\x23\xff\xda\xe3\x98\x5b\xd7\x57";

        assert_eq!(interlaced(FAKE, b"\x68\xef\x8f\xcb", slice), Some(false));
        assert_eq!(interlaced(FAKE, &[], slice), None);
    }

    #[test]
    fn frames_whose_fields_are_shown_one_after_the_other_are_interlaced() {
        let slice = b"\x65\x88\x82\x0b\x0d\xff\xcc\xd4\x46\x41\x1a\x4c";

        assert_eq!(interlaced(REAL, b"\x68\xfe\x8f\xcb", slice), Some(true));
    }
}
