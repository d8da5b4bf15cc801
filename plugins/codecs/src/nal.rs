//! Network abstraction layer units of H.264 and HEVC: where they begin, and what their bytes are.

/// Takes out the bytes that keep a start code from appearing inside a unit (emulation prevention).
pub fn unescaped(unit: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(unit.len());
    let mut zeros = 0;
    for &byte in unit {
        if zeros >= 2 && byte == 3 {
            zeros = 0;
            continue;
        }
        zeros = if byte == 0 { zeros + 1 } else { 0 };
        bytes.push(byte);
    }
    bytes
}

/// Splits a byte stream (ITU-T H.264 Annex B) into its units.
pub fn in_byte_stream(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = after_start_code(bytes);
    std::iter::from_fn(move || {
        let current = rest?;
        let end = current.windows(3).position(|three| three == [0, 0, 1] || three == [0, 0, 0]);
        let unit = &current[..end.unwrap_or(current.len())];
        rest = end.and_then(|end| after_start_code(&current[end..]));
        Some(unit)
    })
}

fn after_start_code(bytes: &[u8]) -> Option<&[u8]> {
    let at = bytes.windows(3).position(|three| three == [0, 0, 1])?;
    bytes.get(at + 3..)
}

/// Splits a sample whose units each stand behind their length of one to four bytes.
pub fn with_lengths(bytes: &[u8], length_size: usize) -> impl Iterator<Item = &[u8]> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let (length, after) = rest.split_at_checked(length_size.clamp(1, 4))?;
        let length = length.iter().fold(0usize, |sum, &byte| sum << 8 | usize::from(byte));
        let unit = &after[..length.min(after.len())];
        rest = &after[unit.len()..];
        if unit.is_empty() && rest.is_empty() { None } else { Some(unit) }
    })
}

/// Takes a piece that stands behind its length of two bytes.
pub fn take_counted<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (length, after) = rest.split_at_checked(2)?;
    let (unit, after) = after.split_at_checked(usize::from(u16::from_be_bytes([length[0], length[1]])))?;
    *rest = after;
    Some(unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_three_after_two_zeros_is_taken_out() {
        assert_eq!(unescaped(&[1, 0, 0, 3, 1, 0, 0, 3, 0, 0, 3]), [1, 0, 0, 1, 0, 0, 0, 0]);
        assert_eq!(unescaped(&[0, 3, 0, 0, 2]), [0, 3, 0, 0, 2]);
    }

    #[test]
    fn a_byte_stream_is_split_at_start_codes_of_either_length() {
        let units: Vec<_> = in_byte_stream(&[9, 0, 0, 0, 1, 7, 8, 0, 0, 1, 5, 0, 0, 0, 1, 6]).collect();

        assert_eq!(units, [&[7, 8][..], &[5], &[6]]);
    }

    #[test]
    fn a_length_beyond_the_sample_is_clipped() {
        let units: Vec<_> = with_lengths(&[0, 2, 7, 8, 0, 9, 5], 2).collect();

        assert_eq!(units, [&[7, 8][..], &[5]]);
    }
}
