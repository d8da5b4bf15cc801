//! Settings with a unit or a small grammar of their own.

use std::{fmt, num::NonZeroUsize, thread, time::Duration};

use kdl::KdlValue;
use serde_json::{Value, json};

use super::setting::Setting;
use crate::kdl_read::{Base, List, Scalar, Wrong};
use crate::media::language;

/// A number of bytes: `"10MiB"`, `"2GB"`, or a bare number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ByteSize(pub u64);

const SIZES: &[(&str, u64)] = &[
    ("", 1),
    ("B", 1),
    ("KB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("TB", 1_000_000_000_000),
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("TiB", 1 << 40),
];

impl ByteSize {
    pub fn parse(text: &str) -> Option<Self> {
        let (number, unit) = split_unit(text)?;
        let (_, factor) = SIZES.iter().find(|(name, _)| name.eq_ignore_ascii_case(unit))?;
        number.checked_mul(*factor).map(Self)
    }

    pub fn bytes(self) -> u64 {
        self.0
    }
}

impl fmt::Display for ByteSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let exact = |(_, factor): &&(&str, u64)| self.0 != 0 && self.0.is_multiple_of(*factor);
        let (unit, factor) = SIZES[1..].iter().filter(exact).max_by_key(|(_, factor)| factor).unwrap_or(&("B", 1));
        write!(f, "{}{unit}", self.0 / factor)
    }
}

impl Scalar for ByteSize {
    fn expected() -> String {
        "a size such as \"10MiB\", or a number of bytes".to_owned()
    }

    fn read(value: &KdlValue, _: &Base) -> Result<Self, Wrong> {
        match value {
            KdlValue::Integer(bytes) => {
                u64::try_from(*bytes).map(Self).map_err(|_| Wrong::because(format!("{bytes} is no number of bytes")))
            }
            KdlValue::String(text) => {
                Self::parse(text).ok_or_else(|| Wrong::because(format!("\"{text}\" is not a size")))
            }
            _ => Err(Wrong::kind()),
        }
    }
}

impl Setting for ByteSize {
    fn kdl(&self) -> String {
        format!("\"{self}\"")
    }

    fn json(&self) -> Value {
        json!(self.0)
    }
}

const TIMES: &[(&str, u64)] =
    &[("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000), ("w", 604_800_000)];

/// Reads `500ms`, `2s`, `10m`, `12h`, `30d`, `1w`.
pub fn parse_duration(text: &str) -> Option<Duration> {
    let (number, unit) = split_unit(text)?;
    let (_, factor) = TIMES.iter().find(|(name, _)| *name == unit)?;
    number.checked_mul(*factor).map(Duration::from_millis)
}

/// Writes a duration in the largest unit that is exact, down to milliseconds.
pub fn format_duration(duration: Duration) -> String {
    let milliseconds = duration.as_millis();
    let exact = |(_, factor): &&(&str, u64)| milliseconds.is_multiple_of(u128::from(*factor));
    match TIMES.iter().take(5).rev().find(exact) {
        Some((unit, factor)) if milliseconds > 0 => format!("{}{unit}", milliseconds / u128::from(*factor)),
        _ => "0s".to_owned(),
    }
}

/// A whole number and the letters after it.
fn split_unit(text: &str) -> Option<(u64, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    Some((number.parse().ok()?, unit.trim_start()))
}

impl Scalar for Duration {
    fn expected() -> String {
        "a time such as \"500ms\", \"2s\", \"10m\", \"12h\" or \"30d\"".to_owned()
    }

    fn read(value: &KdlValue, _: &Base) -> Result<Self, Wrong> {
        match value {
            KdlValue::String(text) => {
                parse_duration(text).ok_or_else(|| Wrong::because(format!("\"{text}\" is not a time")))
            }
            KdlValue::Integer(number) => Err(Wrong::because(format!("{number} has no unit"))),
            _ => Err(Wrong::kind()),
        }
    }
}

impl Setting for Duration {
    fn kdl(&self) -> String {
        format!("\"{}\"", format_duration(*self))
    }

    /// Seconds.
    fn json(&self) -> Value {
        json!(self.as_secs_f64())
    }
}

/// A number of threads, or as many as suit the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Threads {
    Auto,
    Exactly(NonZeroUsize),
}

impl Threads {
    /// More than this helps no disk.
    const MOST: usize = 256;

    pub fn count(self) -> usize {
        match self {
            Self::Exactly(count) => count.get(),
            Self::Auto => thread::available_parallelism().map_or(1, NonZeroUsize::get).min(Self::MOST),
        }
    }

    /// Reads what stands on the command line: `auto` or a number.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "auto" => Some(Self::Auto),
            number => Self::exactly(number.parse().ok()?),
        }
    }

    fn exactly(count: usize) -> Option<Self> {
        NonZeroUsize::new(count).filter(|count| count.get() <= Self::MOST).map(Self::Exactly)
    }
}

impl Scalar for Threads {
    fn expected() -> String {
        format!("\"auto\" or a number from 1 to {}", Self::MOST)
    }

    fn read(value: &KdlValue, _: &Base) -> Result<Self, Wrong> {
        match value {
            KdlValue::String(text) if text == "auto" => Ok(Self::Auto),
            KdlValue::Integer(count) => usize::try_from(*count)
                .ok()
                .and_then(Self::exactly)
                .ok_or_else(|| Wrong::because(format!("{count} threads are not possible"))),
            _ => Err(Wrong::kind()),
        }
    }
}

impl Setting for Threads {
    fn kdl(&self) -> String {
        match self {
            Self::Auto => "\"auto\"".to_owned(),
            Self::Exactly(count) => count.to_string(),
        }
    }

    fn json(&self) -> Value {
        match self {
            Self::Auto => json!("auto"),
            Self::Exactly(count) => json!(count.get()),
        }
    }
}

/// A share in hundredths, from 0 to 100.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Percent(pub u8);

impl Scalar for Percent {
    fn expected() -> String {
        "a number from 0 to 100".to_owned()
    }

    fn read(value: &KdlValue, _: &Base) -> Result<Self, Wrong> {
        match value.as_integer().ok_or_else(Wrong::kind)? {
            share @ 0..=100 => Ok(Self(share as u8)),
            share if share < 0 => Err(Wrong::because(format!("{share} is less than 0"))),
            share => Err(Wrong::because(format!("{share} is more than 100"))),
        }
    }
}

impl Setting for Percent {
    fn kdl(&self) -> String {
        self.0.to_string()
    }

    fn json(&self) -> Value {
        json!(self.0)
    }
}

/// The numbers of a version of an external program, compared one by one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(pub Vec<u32>);

impl Version {
    /// Reads `74`, `5.1` or `5.1.8`.
    pub fn parse(text: &str) -> Option<Self> {
        text.split('.').map(|number| number.parse().ok()).collect::<Option<Vec<u32>>>().map(Self)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let numbers: Vec<String> = self.0.iter().map(u32::to_string).collect();
        write!(f, "{}", numbers.join("."))
    }
}

impl Scalar for Version {
    fn expected() -> String {
        "a version such as \"5.1\"".to_owned()
    }

    fn read(value: &KdlValue, _: &Base) -> Result<Self, Wrong> {
        let text = value.as_string().ok_or_else(Wrong::kind)?;
        Self::parse(text).ok_or_else(|| Wrong::because(format!("\"{text}\" is not a version")))
    }
}

impl Setting for Version {
    fn kdl(&self) -> String {
        format!("\"{self}\"")
    }

    fn json(&self) -> Value {
        json!(self.to_string())
    }
}

/// Canonical BCP 47 tags, whatever way they were written.
pub type Languages = List<LanguageTag>;

/// One canonical BCP 47 tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LanguageTag(pub String);

impl Scalar for LanguageTag {
    fn expected() -> String {
        "a language such as \"en\", \"eng\" or \"pt-BR\"".to_owned()
    }

    fn read(value: &KdlValue, _: &Base) -> Result<Self, Wrong> {
        let text = value.as_string().ok_or_else(Wrong::kind)?;
        language::canonical(text).map(Self).ok_or_else(|| Wrong::because(format!("\"{text}\" is no language")))
    }
}

impl Setting for LanguageTag {
    fn kdl(&self) -> String {
        format!("\"{}\"", self.0)
    }

    fn json(&self) -> Value {
        json!(self.0)
    }
}

/// Which events are logged: a level, or levels for parts, as `tracing` filters are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogFilter(pub String);

impl LogFilter {
    const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];

    /// Reads `info` or `info,vpo::scan=debug`.
    pub fn parse(text: &str) -> Option<Self> {
        let is_level = |level: &str| Self::LEVELS.contains(&level);
        let is_directive = |one: &str| match one.split_once('=') {
            None => is_level(one),
            Some((part, level)) => !part.is_empty() && is_level(level),
        };
        text.split(',').all(is_directive).then(|| Self(text.to_owned()))
    }
}

impl Scalar for LogFilter {
    fn expected() -> String {
        "error, warn, info, debug or trace, or a filter such as \"info,vpo::scan=debug\"".to_owned()
    }

    fn read(value: &KdlValue, _: &Base) -> Result<Self, Wrong> {
        let text = value.as_string().ok_or_else(Wrong::kind)?;
        Self::parse(text).ok_or_else(|| Wrong::word(text, Self::LEVELS))
    }
}

impl Setting for LogFilter {
    fn kdl(&self) -> String {
        format!("\"{}\"", self.0)
    }

    fn json(&self) -> Value {
        json!(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_units_of_both_kinds() {
        assert_eq!(ByteSize::parse("10MiB"), Some(ByteSize(10 << 20)));
        assert_eq!(ByteSize::parse("2 gb"), Some(ByteSize(2_000_000_000)));
        assert_eq!(ByteSize::parse("512"), Some(ByteSize(512)));
        assert_eq!(ByteSize::parse("10 parsecs"), None);
        assert_eq!(ByteSize::parse("99999999999TiB"), None);
        assert_eq!(ByteSize::parse("-1MiB"), None);
    }

    #[test]
    fn sizes_and_times_are_written_as_they_are_read() {
        for text in ["10MiB", "2GB", "1000001B", "0B"] {
            assert_eq!(ByteSize::parse(text).unwrap().to_string(), text);
        }
        for text in ["500ms", "2s", "90m", "12h", "30d", "0s"] {
            assert_eq!(format_duration(parse_duration(text).unwrap()), text);
        }
    }

    #[test]
    fn versions_compare_by_number_not_by_letter() {
        assert!(Version::parse("10.0") > Version::parse("9.9.9"));
        assert_eq!(Version::parse("n5.1"), None);
    }

    #[test]
    fn log_filters_are_levels_with_or_without_a_part() {
        assert!(LogFilter::parse("info,vpo::scan=debug").is_some());
        assert!(LogFilter::parse("loud").is_none());
        assert!(LogFilter::parse("=debug").is_none());
    }
}
