//! The time a file was made: seconds since 1904, as RFC 3339.

/// Seconds from the epoch of QuickTime (1904) to that of Unix.
const EPOCH: u64 = 2_082_844_800;
/// The year 10000.
const END: u64 = 253_402_300_800;

/// Shows a creation time; `None` for one that says nothing. Times too early for 1904 were counted from 1970.
pub fn creation(seconds: u64) -> Option<String> {
    if seconds == 0 {
        return None;
    }
    let unix = seconds.checked_sub(EPOCH).unwrap_or(seconds);
    if unix >= END {
        return None;
    }
    let (days, second) = (unix / 86_400, unix % 86_400);
    let (year, month, day) = date(days);
    Some(format!(
        "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}.000000Z",
        second / 3600,
        second / 60 % 60,
        second % 60
    ))
}

/// Year, month and day of a count of days since 1970 (Howard Hinnant's `civil_from_days`).
fn date(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let day_of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    (year, month, day_of_year - (153 * shifted + 2) / 5 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_counted_from_1904() {
        assert_eq!(creation(EPOCH + 1_709_210_096).as_deref(), Some("2024-02-29T12:34:56.000000Z"));
        assert_eq!(creation(EPOCH).as_deref(), Some("1970-01-01T00:00:00.000000Z"));
        assert_eq!(creation(0), None);
        assert_eq!(creation(u64::MAX), None);
    }
}
