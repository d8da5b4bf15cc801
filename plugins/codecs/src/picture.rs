//! What a video codec header says.

use vpo_plugin_sdk::facts::{Colour, Ratio};

use crate::colour;

/// What a video codec header says; `None` where it does not.
#[derive(Debug, Clone, PartialEq)]
pub struct Picture {
    /// As ffmpeg names it: `High`, `Main 10`.
    pub profile: Option<String>,
    /// As the standard writes it: `4.1`.
    pub level: Option<String>,
    /// Width and height after cropping, in pixels.
    pub size: Option<(u32, u32)>,
    /// Width to height of one pixel.
    pub pixel_aspect: Option<Ratio>,
    /// Pictures (not fields) per second.
    pub frame_rate: Option<Ratio>,
    /// True when pictures may come as fields, false when they never do.
    pub interlaced: Option<bool>,
    /// Bits per luma sample.
    pub bit_depth: Option<u8>,
    pub colour: Colour,
    /// HDR10+ dynamic metadata (SMPTE ST 2094-40) was seen.
    pub has_hdr10_plus: bool,
}

impl Default for Picture {
    fn default() -> Self {
        Self {
            profile: None,
            level: None,
            size: None,
            pixel_aspect: None,
            frame_rate: None,
            interlaced: None,
            bit_depth: None,
            colour: colour::unknown(),
            has_hdr10_plus: false,
        }
    }
}

impl Picture {
    /// Width and height of pictures in a container that states this size: H.264 counts whole macroblocks, and some
    /// encoders leave it to the container to crop them.
    pub fn size_within(&self, codec: &str, stated: (u32, u32)) -> (u32, u32) {
        let Some(size) = self.size else { return stated };
        let crops = |stated: u32, coded: u32| stated <= coded && stated.div_ceil(16) == coded.div_ceil(16);
        let is_cropped = codec == "h264" && stated.0 > 0 && stated.1 > 0;
        if is_cropped && crops(stated.0, size.0) && crops(stated.1, size.1) { stated } else { size }
    }

    /// Fills what this header leaves open from another one of the same track.
    pub fn or(self, other: Self) -> Self {
        Self {
            profile: self.profile.or(other.profile),
            level: self.level.or(other.level),
            size: self.size.or(other.size),
            pixel_aspect: self.pixel_aspect.or(other.pixel_aspect),
            frame_rate: self.frame_rate.or(other.frame_rate),
            interlaced: self.interlaced.or(other.interlaced),
            bit_depth: self.bit_depth.or(other.bit_depth),
            colour: colour::or(self.colour, other.colour),
            has_hdr10_plus: self.has_hdr10_plus || other.has_hdr10_plus,
        }
    }
}

/// Reduces a fraction; `None` when either side is zero or too large.
pub(crate) fn ratio(numerator: u64, denominator: u64) -> Option<Ratio> {
    let divisor = gcd(numerator, denominator);
    if numerator == 0 || denominator == 0 {
        return None;
    }
    Some(Ratio {
        numerator: u32::try_from(numerator / divisor).ok()?,
        denominator: u32::try_from(denominator / divisor).ok()?,
    })
}

/// Pictures per second; `None` where a header states the ticks of a clock instead, as some encoders do.
pub(crate) fn rate(pictures: u64, seconds: u64) -> Option<Ratio> {
    const FASTEST: u64 = 1000;
    ratio(pictures, seconds).filter(|_| pictures / FASTEST <= seconds)
}

fn gcd(a: u64, b: u64) -> u64 {
    let (mut a, mut b) = (a, b);
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// Shapes of pixels by the number that H.264, HEVC (table E-1) and VC-1 have for them: across and down.
pub(crate) const SHAPES: [(u64, u64); 17] = [
    (0, 0),
    (1, 1),
    (12, 11),
    (10, 11),
    (16, 11),
    (40, 33),
    (24, 11),
    (20, 11),
    (32, 11),
    (80, 33),
    (18, 11),
    (15, 11),
    (64, 33),
    (160, 99),
    (4, 3),
    (3, 2),
    (2, 1),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_container_crops_whole_macroblocks() {
        let picture = Picture { size: Some((864, 480)), ..Picture::default() };

        assert_eq!(picture.size_within("h264", (854, 480)), (854, 480));
        assert_eq!(picture.size_within("h264", (848, 480)), (864, 480));
        assert_eq!(picture.size_within("h264", (1280, 720)), (864, 480));
        assert_eq!(picture.size_within("h264", (0, 0)), (864, 480));
        assert_eq!(picture.size_within("vp9", (854, 480)), (864, 480));
        assert_eq!(Picture::default().size_within("vp9", (854, 480)), (854, 480));
    }

    #[test]
    fn the_ticks_of_a_clock_are_no_pictures() {
        assert_eq!(rate(48_000, 2002), Some(Ratio { numerator: 24_000, denominator: 1001 }));
        assert_eq!(rate(1000, 1), Some(Ratio { numerator: 1000, denominator: 1 }));
        assert_eq!(rate(2_000_000, 2), None);
    }
}
