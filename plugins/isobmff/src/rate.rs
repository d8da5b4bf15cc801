//! Frame rates, from how long samples last.

use std::collections::BTreeMap;

use vpo_codecs::credible;
use vpo_plugin_sdk::facts::Ratio;

use crate::track::Times;

/// A rate this close to a usual one is the usual one: tables of milliseconds cannot say 30000/1001.
const CLOSE: f64 = 0.0004;

/// Returns the frame rate of a track with these sample durations; `None` when there is no telling.
pub fn of_times(times: &Times, timescale: u32) -> Option<Ratio> {
    let mut runs = times.runs.as_slice();
    // The last sample's duration is often made up.
    if let [rest @ .., (1, _)] = runs
        && !rest.is_empty()
        && !times.is_cut
    {
        runs = rest;
    }
    let mut durations = Durations::default();
    for &(count, ticks) in runs {
        durations.add(count, ticks);
    }
    durations.rate(timescale)
}

/// How often samples last so long.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Durations {
    counts: BTreeMap<u32, u64>,
}

/// Differing durations that are told apart; a film with more has no rate anyway.
const MOST_DURATIONS: usize = 1024;

impl Durations {
    pub fn add(&mut self, count: u32, ticks: u32) {
        if self.counts.len() < MOST_DURATIONS || self.counts.contains_key(&ticks) {
            let sum = self.counts.entry(ticks).or_default();
            *sum = sum.saturating_add(count.into());
        }
    }

    /// Samples.
    pub fn count(&self) -> u64 {
        self.counts.values().fold(0, |sum, &count| sum.saturating_add(count))
    }

    /// Ticks of all samples together.
    pub fn total(&self) -> u64 {
        self.counts.iter().fold(0, |sum, (&ticks, &count)| sum.saturating_add(count.saturating_mul(ticks.into())))
    }

    /// Returns the rate: that of nearly all samples when they are alike but for rounding, else the mean.
    pub fn rate(&self, timescale: u32) -> Option<Ratio> {
        let (&usual, _) = self.counts.iter().max_by_key(|(_, count)| **count)?;
        let is_alike = |ticks: u32| ticks.abs_diff(usual) <= (usual / 8).max(1);
        let alike = Self { counts: self.counts.clone().into_iter().filter(|(ticks, _)| is_alike(*ticks)).collect() };
        let meant = if alike.count().saturating_mul(10) >= self.count().saturating_mul(9) { &alike } else { self };
        of_run(meant.count(), meant.total(), timescale)
    }

    /// Adds all of another.
    pub fn extend(&mut self, other: &Self) {
        for (&ticks, &count) in &other.counts {
            self.add(u32::try_from(count).unwrap_or(u32::MAX), ticks);
        }
    }
}

/// Returns the rate at which so many samples last so many ticks.
fn of_run(samples: u64, ticks: u64, timescale: u32) -> Option<Ratio> {
    if samples == 0 || ticks == 0 || timescale == 0 {
        return None;
    }
    let exact = reduced(u128::from(samples) * u128::from(timescale), u128::from(ticks))?;
    let rate = f64::from(exact.numerator) / f64::from(exact.denominator);
    if !credible::FRAME_RATE.contains(&rate) {
        return None;
    }
    Some(usual(rate).unwrap_or(exact))
}

fn usual(rate: f64) -> Option<Ratio> {
    const USUAL: [(u32, u32); 15] = [
        (24_000, 1001),
        (24, 1),
        (25, 1),
        (30_000, 1001),
        (30, 1),
        (48_000, 1001),
        (48, 1),
        (50, 1),
        (60_000, 1001),
        (60, 1),
        (100, 1),
        (120_000, 1001),
        (120, 1),
        (15, 1),
        (12, 1),
    ];
    let ratio = |(numerator, denominator)| Ratio { numerator, denominator };
    USUAL.into_iter().find(|&(n, d)| (rate * f64::from(d) / f64::from(n) - 1.0).abs() < CLOSE).map(ratio)
}

/// Reduces a fraction until it fits.
fn reduced(numerator: u128, denominator: u128) -> Option<Ratio> {
    let (mut a, mut b) = (numerator, denominator);
    while b != 0 {
        (a, b) = (b, a % b);
    }
    let (mut numerator, mut denominator) = (numerator / a, denominator / a);
    while numerator > u128::from(u32::MAX) || denominator > u128::from(u32::MAX) {
        (numerator, denominator) = (numerator >> 1, denominator >> 1);
    }
    let ratio = Ratio { numerator: numerator as u32, denominator: denominator as u32 };
    (ratio.numerator > 0 && ratio.denominator > 0).then_some(ratio)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(runs: &[(u32, u32)], timescale: u32) -> Option<(u32, u32)> {
        let times = Times { runs: runs.to_vec(), is_cut: false };
        of_times(&times, timescale).map(|ratio| (ratio.numerator, ratio.denominator))
    }

    #[test]
    fn one_duration_is_the_rate() {
        assert_eq!(of(&[(96, 1001)], 24_000), Some((24_000, 1001)));
        assert_eq!(of(&[(96, 512)], 12_800), Some((25, 1)));
        assert_eq!(of(&[(10, 66)], 1000), Some((500, 33)));
    }

    #[test]
    fn rounded_times_are_the_usual_rate_and_an_odd_last_one_does_not_count() {
        assert_eq!(
            of(&[(1, 33), (1, 34), (1, 33), (1, 33), (1, 34), (1, 33), (1, 33), (1, 500)], 1000),
            Some((7000, 233))
        );
        assert_eq!(of(&[(1, 83), (30, 41), (70, 42), (1, 1)], 1000), Some((24_000, 1001)));
        assert_eq!(of(&[(2, 3753), (2, 3754)], 90_000), Some((24_000, 1001)));
        assert_eq!(of(&[(300, 1000), (1, 9000)], 30_000), Some((30, 1)));
    }

    #[test]
    fn nothing_or_nonsense_is_no_rate() {
        assert_eq!(of(&[], 1000), None);
        assert_eq!(of(&[(10, 0)], 1000), None);
        assert_eq!(of(&[(10, 10)], 0), None);
        assert_eq!(of(&[(u32::MAX, u32::MAX), (u32::MAX, u32::MAX), (u32::MAX, u32::MAX)], 1), None);
    }
}
