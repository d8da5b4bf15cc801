//! Times: of this place and rounded for people, exact and UTC for programs; and what people write when they mean one.

use chrono::{DateTime, Days, Local, NaiveDate, NaiveDateTime, SecondsFormat, TimeZone, Utc};

/// Exact, for programs.
pub fn utc(ns: i64) -> String {
    DateTime::<Utc>::from_timestamp_nanos(ns).to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// For people, on the clock of this place.
pub fn local(ns: i64) -> String {
    DateTime::<Utc>::from_timestamp_nanos(ns).with_timezone(&Local).format("%Y-%m-%d %H:%M:%S").to_string()
}

/// A length of time with two units at most: `350 ms`, `4.2 s`, `3 min 20 s`, `2 h 5 min`.
pub fn took(ns: i64) -> String {
    let ms = ns.max(0) / 1_000_000;
    let s = ms / 1000;
    match s {
        0 => format!("{ms} ms"),
        1..60 => format!("{}.{} s", s, ms % 1000 / 100),
        60..3600 => format!("{} min {} s", s / 60, s % 60),
        _ => format!("{} h {} min", s / 3600, s / 60 % 60),
    }
}

/// A moment that a person names: an age (`90m`, `1d`, `1w`), a date, or a date with a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// When it begins.
    pub begin_ns: i64,
    /// When it has passed; differs for a date, which is a whole day.
    pub end_ns: i64,
}

impl Moment {
    /// Reads a moment; ages count back from now, dates are of this place unless they say otherwise.
    pub fn parse(text: &str) -> Result<Self, String> {
        Self::parse_at(text, Utc::now())
    }

    fn parse_at(text: &str, now: DateTime<Utc>) -> Result<Self, String> {
        let text = text.trim();
        if let Some(age) = age(text) {
            return at(now.checked_sub_signed(age).ok_or("that is too long ago")?);
        }
        if let Ok(date) = NaiveDate::parse_from_str(text, "%Y-%m-%d") {
            let midnight = |date: NaiveDate| {
                let naive = date.and_hms_opt(0, 0, 0).expect("every day has a midnight on the clock");
                // A clock set forward at midnight has none; the day then begins an hour later.
                Local.from_local_datetime(&naive).earliest().map_or_else(|| naive.and_utc(), |time| time.to_utc())
            };
            let begin = at(midnight(date))?;
            let end = at(midnight(date.checked_add_days(Days::new(1)).ok_or("there is no such day")?))?;
            return Ok(Self { begin_ns: begin.begin_ns, end_ns: end.begin_ns });
        }
        if let Ok(time) = DateTime::parse_from_rfc3339(text) {
            return at(time.to_utc());
        }
        for format in ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%d %H:%M"] {
            if let Ok(naive) = NaiveDateTime::parse_from_str(text, format) {
                let local = Local.from_local_datetime(&naive).earliest().ok_or("the clock here skipped that time")?;
                return at(local.to_utc());
            }
        }
        Err("write an age such as 90m, 12h, 1d or 2w, a date such as 2026-03-01, or 2026-03-01T18:30".to_owned())
    }
}

fn at(time: DateTime<Utc>) -> Result<Moment, String> {
    let ns = time.timestamp_nanos_opt().ok_or("that time is too far away")?;
    Ok(Moment { begin_ns: ns, end_ns: ns })
}

/// Reads `90m`, `12h`, `1d`, `2w`, `30s`.
pub fn age(text: &str) -> Option<chrono::TimeDelta> {
    let unit = text.chars().next_back()?;
    let count: i64 = text[..text.len() - unit.len_utf8()].trim().parse().ok().filter(|count| *count >= 0)?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        'd' => 86_400,
        'w' => 604_800,
        _ => return None,
    };
    chrono::TimeDelta::try_seconds(count.checked_mul(seconds)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(text: &str) -> Moment {
        Moment::parse_at(text, DateTime::from_timestamp_nanos(0)).unwrap()
    }

    #[test]
    fn ages_count_back_from_now() {
        let second = 1_000_000_000;

        assert_eq!(moment("90m").begin_ns, -5400 * second);
        assert_eq!(moment("1d").begin_ns, -86_400 * second);
        assert_eq!(moment("1w").begin_ns, -7 * 86_400 * second);
    }

    #[test]
    fn a_date_is_a_whole_day_and_a_time_is_not() {
        let day = moment("2026-03-01");
        let hour = moment("2026-03-01T18:30:00Z");

        assert!(day.end_ns > day.begin_ns);
        assert_eq!(utc(hour.begin_ns), "2026-03-01T18:30:00Z");
        assert_eq!(hour.begin_ns, hour.end_ns);
    }

    #[test]
    fn nonsense_is_refused_with_what_would_do() {
        for text in ["", "yesterday", "1y", "-1d", "99999999999999999w", "2026-02-30", "é", "1µ"] {
            assert!(Moment::parse_at(text, DateTime::from_timestamp_nanos(0)).is_err(), "{text}");
        }
    }

    #[test]
    fn lengths_of_time_have_two_units_at_most() {
        let s = 1_000_000_000;

        assert_eq!(
            [took(350_000_000), took(4 * s + s / 4), took(200 * s), took(7500 * s)],
            ["350 ms", "4.2 s", "3 min 20 s", "2 h 5 min"]
        );
    }
}
