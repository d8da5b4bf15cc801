//! Dates and times as Matroska writes them.

/// Seconds from the Unix epoch to 2001-01-01, where dates of Matroska count from.
const EPOCH: i64 = 978_307_200;
const DAY: i64 = 86_400;

/// Writes a date, which counts nanoseconds from 2001, as RFC 3339 in UTC to the second.
pub fn of_matroska_date(ns: i64) -> String {
    let seconds = ns.div_euclid(1_000_000_000) + EPOCH;
    let (days, rest) = (seconds.div_euclid(DAY), seconds.rem_euclid(DAY));
    let (year, month, day) = civil(days);
    format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z", rest / 3600, rest / 60 % 60, rest % 60)
}

/// Year, month and day of a count of days since 1970-01-01 in the Gregorian calendar, by eras of 400 years.
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    // Months count from March, so that the leap day comes last.
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    (era * 400 + year_of_era + i64::from(month <= 2), month, day)
}

/// Reads a duration as statistics tags write it, `HH:MM:SS.nnnnnnnnn`, in nanoseconds.
pub fn of_duration_tag(text: &str) -> Option<u64> {
    let (clock, fraction) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
    let mut parts = clock.split(':').map(|part| part.parse::<u64>().ok());
    let (hours, minutes, seconds) = (parts.next()??, parts.next()??, parts.next()??);
    if parts.next().is_some() || minutes > 59 || seconds > 59 || fraction.len() > 9 {
        return None;
    }
    let nanoseconds: u64 = format!("{fraction:0<9}").parse().ok()?;
    hours.checked_mul(3600)?.checked_add(minutes * 60 + seconds)?.checked_mul(1_000_000_000)?.checked_add(nanoseconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_written_as_the_calendar_has_them() {
        assert_eq!(of_matroska_date(0), "2001-01-01T00:00:00Z");
        assert_eq!(of_matroska_date(-1), "2000-12-31T23:59:59Z");
        assert_eq!(of_matroska_date((1_709_164_800 - EPOCH) * 1_000_000_000), "2024-02-29T00:00:00Z");
        assert!(of_matroska_date(i64::MAX).starts_with("2293-"));
        assert!(of_matroska_date(i64::MIN).starts_with("1708-"));
    }

    #[test]
    fn durations_are_read_to_the_nanosecond() {
        assert_eq!(of_duration_tag("00:00:01.071000000"), Some(1_071_000_000));
        assert_eq!(of_duration_tag("100:00:00"), Some(360_000_000_000_000));
        assert_eq!(of_duration_tag("00:00:01,5"), None);
        assert_eq!(of_duration_tag("99999999999999999999:00:00"), None);
        assert_eq!(of_duration_tag("18446744073709551615:00:00"), None);
        assert_eq!(of_duration_tag("00:00:00.-00000001"), None);
    }
}
