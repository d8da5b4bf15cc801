//! Languages as policies compare them: canonical tags against ranges.
//!
//! The host makes every tag canonical, those of the facts and those of options of the kind `language`, so that comparing
//! is all that is left: basic filtering of RFC 4647 §3.3.1.

use std::fmt;

use crate::about::ValueKind;
use crate::options::Scalar;
use crate::types::Value;

/// The tag of a language that nobody stated.
pub const UNDETERMINED: &str = "und";

/// A language that the user asked for; `pt` stands for `pt-BR` too, `pt-BR` for itself.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Language(String);

impl Language {
    /// A range from its canonical tag.
    pub fn new(tag: &str) -> Self {
        Self(tag.to_owned())
    }

    /// The canonical tag.
    pub fn tag(&self) -> &str {
        &self.0
    }

    /// Whether a track of this tag is in the language.
    pub fn matches(&self, tag: &str) -> bool {
        matches(&self.0, tag)
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Scalar for Language {
    const KIND: ValueKind = ValueKind::Language;

    fn from_value(value: &Value) -> Result<Self, String> {
        match value {
            Value::Text(tag) if !tag.is_empty() => Ok(Self(tag.clone())),
            _ => Err("must be a language".into()),
        }
    }

    fn to_value(&self) -> Value {
        Value::Text(self.0.clone())
    }
}

/// Whether a tag falls in a range: equal, or longer by whole subtags, ignoring case.
pub fn matches(range: &str, tag: &str) -> bool {
    let (range, tag) = (range.as_bytes(), tag.as_bytes());
    range == b"*"
        || tag.len() >= range.len()
            && tag[..range.len()].eq_ignore_ascii_case(range)
            && (tag.len() == range.len() || tag[range.len()] == b'-')
}

/// The place of the first range that a tag falls in: smaller is liked better.
pub fn preference(ranges: &[Language], tag: &str) -> Option<usize> {
    ranges.iter().position(|range| range.matches(tag))
}

/// The first subtag: `pt` of `pt-BR`.
pub fn primary(tag: &str) -> &str {
    tag.split('-').next().unwrap_or(tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_covers_its_regional_forms_and_not_the_other_way_round() {
        assert!(matches("pt", "pt-BR"));
        assert!(matches("pt-BR", "pt-br"));
        assert!(!matches("pt-BR", "pt"));
    }

    #[test]
    fn a_language_does_not_cover_another_that_begins_with_the_same_letters() {
        assert!(!matches("en", "enm"));
        assert!(!matches("en", "e"));
    }
}
