//! Frame rates as exact fractions.

use vpo_plugin_sdk::facts::Ratio;

const SECOND: u64 = 1_000_000_000;
/// Rates that are whole numbers, or whole numbers by 1000/1001.
const WHOLE: std::ops::RangeInclusive<u64> = 1..=1000;

/// Returns the rate of frames that last this many nanoseconds.
///
/// A duration is rounded to a nanosecond, by some writers to a microsecond; the rate is the whole number, or the whole number
/// by 1000/1001, that such rounding explains, else the simplest fraction that rounding to a nanosecond does.
pub fn of_frame_duration(ns: u64) -> Option<Ratio> {
    if ns == 0 {
        return None;
    }
    let nearest = (SECOND + ns / 2) / ns;
    let candidates = [(nearest, 1), (nearest * 1000, 1001), ((nearest + 1) * 1000, 1001)];
    let snapped = candidates.into_iter().find(|(numerator, denominator)| {
        let exact = (SECOND as f64) * (*denominator as f64) / (*numerator as f64);
        let whole = numerator / if *denominator == 1 { 1 } else { 1000 };
        // 1000/1001 differs by one in a thousand; rounding to a microsecond by one in ten thousand at most.
        WHOLE.contains(&whole) && ((ns as f64) - exact).abs() <= (exact * 5e-5).max(1.0)
    });
    let (numerator, denominator) = snapped.unwrap_or_else(|| simplest(ns));
    Some(Ratio { numerator: u32::try_from(numerator).ok()?, denominator: u32::try_from(denominator).ok()? })
        .filter(|rate| rate.numerator > 0)
}

/// The first convergent of the continued fraction of the rate whose frames last this long, to the nanosecond.
fn simplest(ns: u64) -> (u64, u64) {
    let (mut left, mut right) = (SECOND, ns);
    let (mut before, mut convergent) = ((0u128, 1u128), (1u128, 0u128));
    while right != 0 {
        let whole = u128::from(left / right);
        (left, right) = (right, left % right);
        let next = (whole * convergent.0 + before.0, whole * convergent.1 + before.1);
        (before, convergent) = (convergent, next);
        let (numerator, denominator) = convergent;
        let lasts = u128::from(SECOND) * denominator;
        if numerator > 0 && lasts.abs_diff(u128::from(ns) * numerator) <= numerator {
            break;
        }
    }
    // Convergents never exceed the fraction itself.
    (u64::try_from(convergent.0).unwrap_or(SECOND), u64::try_from(convergent.1).unwrap_or(ns))
}

/// Returns the rate that the FrameRate element of old writers states.
pub fn of_frame_rate(rate: f64) -> Option<Ratio> {
    let ns = (SECOND as f64 / rate).round();
    // What is no number, no rate or absurd fails here.
    (1.0..=1e12).contains(&ns).then(|| of_frame_duration(ns as u64)).flatten()
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
        assert_eq!(rate(1_666_667), (600, 1));
        assert_eq!(rate(33_426_183), (359, 12));
        assert_eq!(rate(2_000_000_000), (1, 2));
        assert_eq!(of_frame_duration(0), None);
        assert_eq!(of_frame_duration(u64::MAX), None);
    }

    #[test]
    fn every_duration_has_a_rate_or_none() {
        for shift in 0..64 {
            for ns in [1u64 << shift, (1 << shift) - 1, (1 << shift) + 1] {
                of_frame_duration(ns);
            }
        }
        assert_eq!(of_frame_duration(1), Some(Ratio { numerator: 1_000_000_000, denominator: 1 }));
    }

    #[test]
    fn a_stated_rate_is_a_rate_when_it_makes_sense() {
        assert_eq!(of_frame_rate(23.976), Some(Ratio { numerator: 24000, denominator: 1001 }));
        assert_eq!(of_frame_rate(0.5), Some(Ratio { numerator: 1, denominator: 2 }));
        assert_eq!([of_frame_rate(0.0), of_frame_rate(-1.0), of_frame_rate(f64::NAN)], [None, None, None]);
    }
}
