//! Takes numbers and pieces out of a slice, checked.

use vpo_plugin_sdk::introspector::Failure;

/// The slice ends before what was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{wanted} bytes wanted at byte {at}, {left} left")]
pub struct Short {
    /// Where reading stood, counted from the base of the cursor.
    pub at: u64,
    pub wanted: u64,
    pub left: u64,
}

impl From<Short> for Failure {
    fn from(short: Short) -> Self {
        Failure::Malformed(format!("a structure ends too early at byte {}", short.at))
    }
}

/// A place in a slice that moves forward.
#[derive(Debug, Clone)]
pub struct Cursor<'a> {
    bytes: &'a [u8],
    base: u64,
    at: usize,
}

macro_rules! numbers {
    ($($be:ident $le:ident $number:ty;)*) => {$(
        pub fn $be(&mut self) -> Result<$number, Short> {
            Ok(<$number>::from_be_bytes(self.array()?))
        }

        pub fn $le(&mut self) -> Result<$number, Short> {
            Ok(<$number>::from_le_bytes(self.array()?))
        }
    )*};
}

impl<'a> Cursor<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self::based(bytes, 0)
    }

    /// A cursor over bytes that stand at `base` in the file, so that [`Self::position`] and errors name file offsets.
    pub fn based(bytes: &'a [u8], base: u64) -> Self {
        Self { bytes, base, at: 0 }
    }

    /// Where the next byte stands, counted from the base.
    pub fn position(&self) -> u64 {
        self.base.saturating_add(self.at as u64)
    }

    pub fn left(&self) -> usize {
        self.bytes.len() - self.at
    }

    pub fn is_empty(&self) -> bool {
        self.left() == 0
    }

    /// Everything that is left, without moving.
    pub fn rest(&self) -> &'a [u8] {
        &self.bytes[self.at..]
    }

    pub fn take(&mut self, length: usize) -> Result<&'a [u8], Short> {
        match self.rest().get(..length) {
            Some(taken) => {
                self.at += length;
                Ok(taken)
            }
            None => Err(Short { at: self.position(), wanted: length as u64, left: self.left() as u64 }),
        }
    }

    pub fn skip(&mut self, length: usize) -> Result<(), Short> {
        self.take(length).map(drop)
    }

    /// A cursor over the next `length` bytes, which this one steps over.
    pub fn inner(&mut self, length: usize) -> Result<Cursor<'a>, Short> {
        let base = self.position();
        Ok(Cursor::based(self.take(length)?, base))
    }

    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], Short> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N)?);
        Ok(array)
    }

    pub fn u8(&mut self) -> Result<u8, Short> {
        Ok(self.array::<1>()?[0])
    }

    pub fn i8(&mut self) -> Result<i8, Short> {
        Ok(i8::from_be_bytes(self.array()?))
    }

    pub fn u24_be(&mut self) -> Result<u32, Short> {
        let [a, b, c] = self.array()?;
        Ok(u32::from_be_bytes([0, a, b, c]))
    }

    pub fn u24_le(&mut self) -> Result<u32, Short> {
        let [a, b, c] = self.array()?;
        Ok(u32::from_le_bytes([a, b, c, 0]))
    }

    numbers! {
        u16_be u16_le u16;
        i16_be i16_le i16;
        u32_be u32_le u32;
        i32_be i32_le i32;
        u64_be u64_le u64;
        i64_be i64_le i64;
        f32_be f32_le f32;
        f64_be f64_le f64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_out_in_both_orders() {
        let mut cursor = Cursor::new(&[1, 2, 3, 1, 2, 3, 0, 1, 1, 0]);

        assert_eq!(cursor.u24_be(), Ok(0x01_02_03));
        assert_eq!(cursor.u24_le(), Ok(0x03_02_01));
        assert_eq!(cursor.u16_be(), Ok(1));
        assert_eq!(cursor.u16_le(), Ok(1));
        assert!(cursor.is_empty());
    }

    #[test]
    fn a_number_that_does_not_fit_is_an_error_that_names_the_place() {
        let mut cursor = Cursor::based(&[1, 2, 3], 100);
        cursor.skip(1).unwrap();

        assert_eq!(cursor.u32_be(), Err(Short { at: 101, wanted: 4, left: 2 }));
        assert_eq!(cursor.take(usize::MAX), Err(Short { at: 101, wanted: u64::MAX, left: 2 }));
        assert_eq!(cursor.u16_be(), Ok(0x0203));
    }

    #[test]
    fn an_inner_cursor_keeps_to_its_bytes_and_knows_its_place() {
        let mut cursor = Cursor::based(&[0, 1, 2, 3], 10);
        cursor.skip(1).unwrap();

        let mut inner = cursor.inner(2).unwrap();

        assert_eq!(inner.position(), 11);
        assert_eq!(inner.u16_be(), Ok(0x0102));
        assert!(inner.u8().is_err());
        assert_eq!(cursor.u8(), Ok(3));
    }
}
