//! Texts with a grammar of their own: patterns and comparisons.

use std::fmt;

use super::Scalar;
use crate::about::ValueKind;
use crate::types::Value;

/// A text with `*` for any letters and `?` for any one letter, held against a whole text, ignoring case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern(String);

impl Pattern {
    pub fn new(pattern: &str) -> Self {
        Self(pattern.to_lowercase())
    }

    pub fn matches(&self, text: &str) -> bool {
        let pattern: Vec<char> = self.0.chars().collect();
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
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Scalar for Pattern {
    const KIND: ValueKind = ValueKind::Text;

    fn from_value(value: &Value) -> Result<Self, String> {
        match value {
            Value::Text(text) if !text.is_empty() => Ok(Self::new(text)),
            _ => Err("must be a text that is not empty".into()),
        }
    }

    fn to_value(&self) -> Value {
        Value::Text(self.0.clone())
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
    fn a_pattern_holds_for_the_whole_text_and_ignores_case() {
        assert!(Pattern::new("*commentary*").matches("Director's Commentary (2004)"));
        assert!(Pattern::new("s??e??*").matches("S01E02 - Pilot"));
        assert!(!Pattern::new("commentary").matches("Commentary track"));
        assert!(Pattern::new("*a*a*").matches("banana") && !Pattern::new("*a*b*").matches("banana"));
        assert!(Pattern::new("*").matches("") && !Pattern::new("?").matches(""));
        assert!(Pattern::new("ÜBER*").matches("über alles"));
    }
}
