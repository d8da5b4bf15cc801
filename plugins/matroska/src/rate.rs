//! Frame rates as exact fractions.

use vpo_plugin_sdk::facts::Ratio;

const SECOND: u64 = 1_000_000_000;
/// Whole rates whose neighbours by 1000/1001 exist, and those that have none.
const WHOLE: std::ops::RangeInclusive<u64> = 1..=300;

/// Returns the rate of frames that last this many nanoseconds.
///
/// A duration is rounded to a nanosecond, by some writers to a microsecond; the rate is the whole number, or the whole number
/// by 1000/1001, that such rounding explains.
pub fn of_frame_duration(ns: u64) -> Option<Ratio> {
    if ns == 0 {
        return None;
    }
    let nearest = (SECOND + ns / 2) / ns;
    let candidates = [(nearest, 1), (nearest.saturating_mul(1000), 1001), ((nearest + 1).saturating_mul(1000), 1001)];
    let snapped = candidates.into_iter().find(|(numerator, denominator)| {
        let exact = (SECOND as f64) * (*denominator as f64) / (*numerator as f64);
        let whole = numerator / if *denominator == 1 { 1 } else { 1000 };
        // 1000/1001 differs by one in a thousand; rounding to a microsecond by one in ten thousand at most.
        WHOLE.contains(&whole) && ((ns as f64) - exact).abs() <= (exact * 5e-5).max(1.0)
    });
    let (numerator, denominator) = snapped.unwrap_or((SECOND, ns));
    let divisor = greatest_common_divisor(numerator, denominator);
    Some(Ratio {
        numerator: u32::try_from(numerator / divisor).ok()?,
        denominator: u32::try_from(denominator / divisor).ok()?,
    })
}

fn greatest_common_divisor(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(ns: u64) -> (u32, u32) {
        let rate = of_frame_duration(ns).unwrap();
        (rate.numerator, rate.denominator)
    }

    #[test]
    fn rounded_durations_become_the_rates_they_were() {
        assert_eq!(rate(41_708_333), (24000, 1001));
        assert_eq!(rate(41_708_000), (24000, 1001));
        assert_eq!(rate(41_666_667), (24, 1));
        assert_eq!(rate(40_000_000), (25, 1));
        assert_eq!(rate(33_366_666), (30000, 1001));
        assert_eq!(rate(33_366_700), (30000, 1001));
        assert_eq!(rate(33_333_333), (30, 1));
        assert_eq!(rate(16_683_333), (60000, 1001));
        assert_eq!(rate(8_333_333), (120, 1));
    }

    #[test]
    fn other_durations_stay_what_they_are() {
        assert_eq!(rate(42_000_000), (500, 21));
        assert_eq!(rate(1_000_000), (1000, 1));
        assert_eq!(rate(2_000_000_000), (1, 2));
        assert_eq!(of_frame_duration(0), None);
        assert_eq!(of_frame_duration(u64::MAX), None);
    }
}
