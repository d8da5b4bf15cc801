//! HuffYUV and FFVHUFF: the four bytes in front of their tables, which AVI, Matroska and QuickTime keep beside the samples.

use crate::Picture;

/// Reads the beginning of the private data.
pub fn configuration(private: &[u8]) -> Option<Picture> {
    const VERSION_2: u8 = 0;

    let &[_predictor, layout, flags, version, ..] = private else { return None };
    let bit_depth = match version {
        // The second byte counts all bits of a pixel, of which each component has eight.
        VERSION_2 => 8,
        _ => (layout >> 4) + 1,
    };
    let interlaced = match flags >> 4 & 3 {
        1 => Some(true),
        2 => Some(false),
        _ => None,
    };
    Some(Picture { bit_depth: Some(bit_depth).filter(|depth| *depth >= 8), interlaced, ..Picture::default() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn later_versions_state_the_depth_of_a_component() {
        let told = |bytes: &[u8]| configuration(bytes).map(|picture| (picture.bit_depth, picture.interlaced));

        assert_eq!(told(&[0, 12, 0x20, 0, 0x14]), Some((Some(8), Some(false))));
        assert_eq!(told(&[0, 0x90, 0x12, 1]), Some((Some(10), Some(true))));
        assert_eq!(told(&[0, 0xf0, 0, 1]), Some((Some(16), None)));
        assert_eq!(told(&[0, 0x10, 0, 1]), Some((None, None)));
        assert_eq!(told(&[0, 12, 0x20]), None);
    }
}
