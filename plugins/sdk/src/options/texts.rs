//! Texts with a grammar of their own: patterns and comparisons.

use std::fmt;

use regex_lite::{Regex, RegexBuilder};

use super::Scalar;
use crate::about::ValueKind;
use crate::types::Value;

/// A text with `*` for any letters and `?` for any one letter, held against a whole text; or between slashes a regular
/// expression, found anywhere in a text: `/s\d\de\d\d/`. Case does not count.
#[derive(Debug, Clone)]
pub enum Pattern {
    Wildcards(String),
    Regex(Regex),
}

/// Memory of one compiled expression; `a{1000}{1000}` asks for more.
const REGEX_BYTES: usize = 1 << 20;

impl Pattern {
    /// A pattern of wildcards.
    pub fn new(pattern: &str) -> Self {
        Self::Wildcards(pattern.to_lowercase())
    }

    fn regex(expression: &str) -> Result<Self, String> {
        let built = RegexBuilder::new(expression).case_insensitive(true).size_limit(REGEX_BYTES).build();
        built.map(Self::Regex).map_err(|error| format!("is no regular expression: {error}"))
    }

    pub fn matches(&self, text: &str) -> bool {
        match self {
            Self::Wildcards(pattern) => wildcards_match(pattern, text),
            Self::Regex(regex) => regex.is_match(text),
        }
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Wildcards(a), Self::Wildcards(b)) => a == b,
            (Self::Regex(a), Self::Regex(b)) => a.as_str() == b.as_str(),
            _ => false,
        }
    }
}

impl Eq for Pattern {}

fn wildcards_match(pattern: &str, text: &str) -> bool {
    // Most patterns are plain words, and most texts plain ASCII.
    if !pattern.contains(['*', '?']) && pattern.is_ascii() {
        return pattern.eq_ignore_ascii_case(text);
    }
    let pattern: Vec<char> = pattern.chars().collect();
    let text: Vec<char> = text.chars().flat_map(char::to_lowercase).collect();
    let (mut p, mut t) = (0, 0);
    // Where the last star stood and what it has eaten, so that it can eat one more.
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        if p < pattern.len() && pattern[p] == '*' {
            star = Some((p, t));
            p += 1;
        } else if p < pattern.len() && (pattern[p] == '?' || pattern[p] == text[t]) {
            p += 1;
            t += 1;
        } else if let Some((star_p, star_t)) = star {
            star = Some((star_p, star_t + 1));
            p = star_p + 1;
            t = star_t + 1;
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|letter| *letter == '*')
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Wildcards(pattern) => f.write_str(pattern),
            Self::Regex(regex) => write!(f, "/{regex}/"),
        }
    }
}

impl Scalar for Pattern {
    const KIND: ValueKind = ValueKind::Text;

    fn from_value(value: &Value) -> Result<Self, String> {
        match value {
            Value::Text(text) if text.len() > 2 && text.starts_with('/') && text.ends_with('/') => {
                Self::regex(&text[1..text.len() - 1])
            }
            Value::Text(text) if !text.is_empty() => Ok(Self::new(text)),
            _ => Err("must be a text that is not empty".into()),
        }
    }

    fn to_value(&self) -> Value {
        Value::Text(self.to_string())
    }
}

/// What a number is compared with: `6`, `">=6"`, `"<2GiB"`, `"2..6"`.
///
/// Units: `k` `M` `G` `T` (thousands), `KiB` `MiB` `GiB` `TiB` and `KB` `MB` `GB` `TB` for sizes, `s` `min` `h` for times
/// in seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Comparison {
    Equal(f64),
    NotEqual(f64),
    Less(f64),
    LessOrEqual(f64),
    Greater(f64),
    GreaterOrEqual(f64),
    /// Both ends belong to it.
    Between(f64, f64),
}

/// How a sign makes a comparison of a number.
type Sign = (&'static str, fn(f64) -> Comparison);

impl Comparison {
    pub fn holds(&self, number: f64) -> bool {
        match *self {
            Self::Equal(other) => number == other,
            Self::NotEqual(other) => number != other,
            Self::Less(other) => number < other,
            Self::LessOrEqual(other) => number <= other,
            Self::Greater(other) => number > other,
            Self::GreaterOrEqual(other) => number >= other,
            Self::Between(low, high) => low <= number && number <= high,
        }
    }

    fn parse(text: &str) -> Option<Self> {
        Self::parse_with(text, number)
    }

    fn parse_with(text: &str, number: fn(&str) -> Option<f64>) -> Option<Self> {
        let text = text.trim();
        if let Some((low, high)) = text.split_once("..") {
            return Some(Self::Between(number(low)?, number(high)?)).filter(|_| number(low) <= number(high));
        }
        // Longer signs first, because `<` begins `<=`.
        let signs: [Sign; 7] = [
            ("<=", Self::LessOrEqual),
            (">=", Self::GreaterOrEqual),
            ("!=", Self::NotEqual),
            ("==", Self::Equal),
            ("=", Self::Equal),
            ("<", Self::Less),
            (">", Self::Greater),
        ];
        for (sign, make) in signs {
            if let Some(rest) = text.strip_prefix(sign) {
                return number(rest).map(make);
            }
        }
        number(text).map(Self::Equal)
    }
}

fn number(text: &str) -> Option<f64> {
    let text = text.trim();
    let end =
        text.find(|letter: char| !letter.is_ascii_digit() && letter != '.' && letter != '-').unwrap_or(text.len());
    let (digits, unit) = text.split_at(end);
    let number: f64 = digits.parse().ok()?;
    let factor = match unit.trim() {
        "" | "s" => 1.0,
        "k" | "KB" => 1e3,
        "M" | "MB" => 1e6,
        "G" | "GB" => 1e9,
        "T" | "TB" => 1e12,
        "KiB" => 1024.0,
        "MiB" => 1024.0 * 1024.0,
        "GiB" => 1024.0 * 1024.0 * 1024.0,
        "TiB" => 1024.0 * 1024.0 * 1024.0 * 1024.0,
        "min" => 60.0,
        "h" => 3600.0,
        _ => return None,
    };
    Some(number * factor)
}

impl Scalar for Comparison {
    const KIND: ValueKind = ValueKind::Any;

    fn from_value(value: &Value) -> Result<Self, String> {
        match value {
            Value::Integer(number) => Some(Self::Equal(*number as f64)),
            Value::Decimal(number) => Some(Self::Equal(*number)),
            Value::Text(text) => Self::parse(text),
            Value::Null | Value::Boolean(_) => None,
        }
        .ok_or_else(|| "must be a number, or a comparison such as \">=6\", \"<2GiB\" or \"2..6\"".into())
    }

    fn to_value(&self) -> Value {
        Value::Text(match *self {
            Self::Equal(other) => format!("{other}"),
            Self::NotEqual(other) => format!("!={other}"),
            Self::Less(other) => format!("<{other}"),
            Self::LessOrEqual(other) => format!("<={other}"),
            Self::Greater(other) => format!(">{other}"),
            Self::GreaterOrEqual(other) => format!(">={other}"),
            Self::Between(low, high) => format!("{low}..{high}"),
        })
    }
}

/// What the size of a picture is compared with, by the names people use: `"1080p"`, `">=720p"`, `"<4k"`, `"720p..1080p"`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Resolution(Comparison);

/// The sizes that have names, by their rows.
const RESOLUTIONS: [(&str, u32); 10] = [
    ("240p", 240),
    ("360p", 360),
    ("480p", 480),
    ("576p", 576),
    ("720p", 720),
    ("1080p", 1080),
    ("1440p", 1440),
    ("2160p", 2160),
    ("4k", 2160),
    ("4320p", 4320),
];

impl Resolution {
    pub fn holds(&self, width: u32, height: u32) -> bool {
        self.0.holds(f64::from(rows_of(width, height)))
    }

    /// The name of the smallest size that a picture fits into.
    pub fn name_of(width: u32, height: u32) -> String {
        format!("{}p", rows_of(width, height))
    }
}

/// The rows of the smallest named size that a picture fits into: 1920×800 is 1080p with its black bars cut off.
fn rows_of(width: u32, height: u32) -> u32 {
    let (long, short) = (width.max(height), width.min(height));
    let rows = short.max(u32::try_from(u64::from(long) * 9 / 16).unwrap_or(u32::MAX));
    // Codecs round up to blocks: 1088 rows are 1080.
    let fits = |known: u32| rows <= known + known / 50;
    RESOLUTIONS.iter().map(|(_, known)| *known).find(|known| fits(*known)).unwrap_or(rows)
}

impl Scalar for Resolution {
    const KIND: ValueKind = ValueKind::Text;

    fn from_value(value: &Value) -> Result<Self, String> {
        let rows = |text: &str| match text.trim().to_lowercase().as_str() {
            "8k" => Some(4320.0),
            text => RESOLUTIONS.iter().find(|(name, _)| *name == text).map(|(_, rows)| f64::from(*rows)),
        };
        match value {
            Value::Text(text) => Comparison::parse_with(text, rows).map(Self),
            _ => None,
        }
        .ok_or_else(|| "must be a size such as \"1080p\", \">=720p\", \"<4k\" or \"720p..1080p\"".into())
    }

    fn to_value(&self) -> Value {
        self.0.to_value()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(comparison: &str, number: f64) -> bool {
        Comparison::parse(comparison).unwrap().holds(number)
    }

    #[test]
    fn a_comparison_reads_its_sign_and_its_unit() {
        assert!(holds(">=6", 6.0) && !holds(">6", 6.0));
        assert!(holds("<2GiB", 2e9) && !holds("<2 GB", 2e9));
        assert!(holds("2..6", 2.0) && holds("2..6", 6.0) && !holds("2..6", 7.0));
        assert!(holds("1.5h", 5400.0) && holds("!=1", 2.0) && holds("640k", 640_000.0));
    }

    #[test]
    fn what_is_no_comparison_is_refused() {
        for text in ["", "many", ">=", "6..2", "3 apples", "..", "1.2.3"] {
            assert_eq!(Comparison::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_pattern_between_slashes_is_a_regular_expression_found_anywhere() {
        let pattern = |text: &str| Pattern::from_value(&Value::Text(text.to_owned()));
        assert!(pattern("/s\\d\\de\\d\\d/").unwrap().matches("Show.S01E02.mkv"));
        assert!(pattern("/^(director|audio) comm/").unwrap().matches("Director Commentary"));
        assert!(!pattern("/^comm/").unwrap().matches("Director Commentary"));
        assert!(pattern("/").unwrap().matches("/"));
        for wrong in ["/(/", "/a{1000}{1000}{1000}/"] {
            assert!(pattern(wrong).unwrap_err().contains("is no regular expression"), "{wrong}");
        }
    }

    #[test]
    fn a_size_has_the_name_of_the_smallest_one_that_it_fits_into() {
        for (width, height, name) in [
            (1920, 1080, "1080p"),
            (1920, 800, "1080p"),
            (1920, 1088, "1080p"),
            (1080, 1920, "1080p"),
            (1440, 1080, "1080p"),
            (1280, 534, "720p"),
            (720, 576, "576p"),
            (720, 480, "480p"),
            (3840, 1600, "2160p"),
            (7680, 4320, "4320p"),
            (20000, 20000, "20000p"),
        ] {
            assert_eq!(Resolution::name_of(width, height), name, "{width}×{height}");
        }
        let resolution = |text: &str| Resolution::from_value(&Value::Text(text.to_owned()));
        assert!(resolution(">=720p").unwrap().holds(1920, 800) && !resolution(">1080p").unwrap().holds(1920, 800));
        assert!(resolution("4K").unwrap().holds(3840, 2160) && resolution("480p..576p").unwrap().holds(720, 576));
        assert!(resolution("1080").is_err() && resolution("huge").is_err());
    }

    #[test]
    fn a_pattern_holds_for_the_whole_text_and_ignores_case() {
        assert!(Pattern::new("*commentary*").matches("Director's Commentary (2004)"));
        assert!(Pattern::new("s??e??*").matches("S01E02 - Pilot"));
        assert!(!Pattern::new("commentary").matches("Commentary track"));
        assert!(Pattern::new("*a*a*").matches("banana") && !Pattern::new("*a*b*").matches("banana"));
        assert!(Pattern::new("*").matches("") && !Pattern::new("?").matches(""));
        assert!(Pattern::new("ÜBER*").matches("über alles"));
    }
}
