//! Reads numbers of any width, and Exp-Golomb codes, from the most significant bit on.

/// A place in a slice, in bits. After the end every read is `None`.
#[derive(Debug, Clone)]
pub struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Bits<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// Bits that are left.
    pub fn left(&self) -> usize {
        (self.bytes.len() * 8).saturating_sub(self.at)
    }

    /// Bits that were read.
    pub fn position(&self) -> usize {
        self.at
    }

    pub fn bit(&mut self) -> Option<bool> {
        let byte = self.bytes.get(self.at / 8)?;
        let bit = byte >> (7 - self.at % 8) & 1;
        self.at += 1;
        Some(bit == 1)
    }

    /// Reads up to 64 bits.
    pub fn number(&mut self, width: u32) -> Option<u64> {
        if width > 64 || self.left() < width as usize {
            return None;
        }
        let mut number = 0;
        for _ in 0..width {
            number = number << 1 | u64::from(self.bit()?);
        }
        Some(number)
    }

    pub fn u8(&mut self, width: u32) -> Option<u8> {
        u8::try_from(self.number(width)?).ok()
    }

    pub fn u16(&mut self, width: u32) -> Option<u16> {
        u16::try_from(self.number(width)?).ok()
    }

    pub fn u32(&mut self, width: u32) -> Option<u32> {
        u32::try_from(self.number(width)?).ok()
    }

    pub fn skip(&mut self, width: usize) -> Option<()> {
        if self.left() < width {
            return None;
        }
        self.at += width;
        Some(())
    }

    /// Moves to the next whole byte.
    pub fn align(&mut self) {
        self.at = self.at.div_ceil(8) * 8;
    }

    /// Reads `ue(v)`: an unsigned Exp-Golomb code.
    pub fn unsigned(&mut self) -> Option<u32> {
        let mut zeros = 0;
        while !self.bit()? {
            zeros += 1;
            if zeros > 31 {
                return None;
            }
        }
        let rest = self.u32(zeros)?;
        ((1u32 << zeros) - 1).checked_add(rest)
    }

    /// Steps over so many unsigned codes.
    pub fn skip_unsigned(&mut self, count: usize) -> Option<()> {
        (0..count).try_for_each(|_| self.unsigned().map(drop))
    }

    /// Reads `se(v)`: a signed Exp-Golomb code.
    pub fn signed(&mut self) -> Option<i32> {
        let code = i64::from(self.unsigned()?);
        let magnitude = (code + 1) / 2;
        i32::try_from(if code % 2 == 0 { -magnitude } else { magnitude }).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exp_golomb_codes_are_those_of_the_standard() {
        // 1 | 010 | 011 | 00100 | 00101 …
        let mut bits = Bits::new(&[0b1010_0110, 0b0100_0010, 0b1000_0000]);

        let codes: Vec<_> = (0..5).map(|_| bits.unsigned().unwrap()).collect();

        assert_eq!(codes, [0, 1, 2, 3, 4]);
    }

    #[test]
    fn signed_codes_alternate() {
        let mut bits = Bits::new(&[0b0100_1100, 0b1000_0101, 0b0000_0000]);

        assert_eq!(
            (bits.signed(), bits.signed(), bits.signed(), bits.signed()),
            (Some(1), Some(-1), Some(2), Some(-2))
        );
    }

    #[test]
    fn reading_over_the_end_is_none_and_moves_nothing() {
        let mut bits = Bits::new(&[0xff]);

        assert_eq!(bits.number(9), None);
        assert_eq!(bits.number(65), None);
        assert_eq!(bits.skip(usize::MAX), None);
        assert_eq!(bits.number(8), Some(0xff));
        assert_eq!(bits.bit(), None);
        assert_eq!(Bits::new(&[0; 16]).unsigned(), None);
    }
}
