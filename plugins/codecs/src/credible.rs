//! Which numbers of a file a reader takes over. What lies beyond was written by mistake or is damage; another place of the file
//! may say it better. The host has narrower limits for what any reader tells.

use std::ops::RangeInclusive;

use vpo_plugin_sdk::facts::Ratio;

/// Nanoseconds that a film lasts: a year at most.
pub const DURATION_NS: RangeInclusive<u64> = 1..=366 * 86_400 * 1_000_000_000;
/// Pictures per second.
pub const FRAME_RATE: RangeInclusive<f64> = 0.001..=10_000.0;
/// Pixels of the longer side of a picture, however it is stretched.
const LONGEST_SIDE: u64 = 1 << 18;

/// Loudspeakers of a sound.
const MOST_CHANNELS: u64 = 512;

/// Returns how long a film or a track lasts, if it may.
pub fn duration(nanoseconds: u64) -> Option<u64> {
    Some(nanoseconds).filter(|nanoseconds| DURATION_NS.contains(nanoseconds))
}

/// Returns how many pictures a second has, if it may.
pub fn frame_rate(rate: Ratio) -> Option<Ratio> {
    let pictures = f64::from(rate.numerator) / f64::from(rate.denominator);
    Some(rate).filter(|_| FRAME_RATE.contains(&pictures))
}

/// Returns the side of a picture, zero where it is none.
pub fn side(pixels: u64) -> u32 {
    u32::try_from(pixels).ok().filter(|_| pixels <= LONGEST_SIDE).unwrap_or(0)
}

/// Returns how many channels a sound has, zero where it has none.
pub fn channels(stated: u64) -> u32 {
    u32::try_from(stated).ok().filter(|_| stated <= MOST_CHANNELS).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absurd_numbers_are_not_believed() {
        let rate = |numerator, denominator| frame_rate(Ratio { numerator, denominator });

        assert_eq!([duration(0), duration(1), duration(u64::MAX)], [None, Some(1), None]);
        assert_eq!([rate(500_000_000, 1), rate(0, 1), rate(25, 0)], [None, None, None]);
        assert_eq!(rate(24_000, 1001), Some(Ratio { numerator: 24_000, denominator: 1001 }));
        assert_eq!([channels(64), channels(8193), channels(u64::MAX)], [64, 0, 0]);
        assert_eq!([side(7680), side(33_554_848), side(u64::MAX)], [7680, 0, 0]);
    }
}
