//! Languages: whatever a file says, one canonical BCP 47 tag, with the original text kept beside it.
//!
//! ISO 639-1, 639-2/B and 639-2/T codes, and tags with script and region, become the tag that CLDR calls canonical: `ger`,
//! `deu`, `DE` and `de` are all `de`.

use std::cell::OnceCell;

use icu_locale::{Locale, LocaleCanonicalizer};
use serde::{Deserialize, Serialize};

use super::language_names;

/// The tag for a language that nobody stated.
pub const UNDETERMINED: &str = "und";

/// A language as it is compared, and as it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Language {
    /// Canonical BCP 47 tag, `und` when undetermined.
    pub tag: String,
    /// The text in the file; absent when the file says nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub original: Option<String>,
}

impl Language {
    /// The language of a track whose file says nothing of it.
    pub fn undetermined() -> Self {
        Self { tag: UNDETERMINED.to_owned(), original: None }
    }

    /// Reads what a file says. Nonsense is undetermined, never an error; the original is kept.
    pub fn from_file(original: &str) -> Self {
        let tag = canonical(original).or_else(|| canonical(language_names::code_of(original)?));
        Self { tag: tag.unwrap_or_else(|| UNDETERMINED.to_owned()), original: Some(original.to_owned()) }
    }
}

/// Returns the canonical tag for a code or tag, `None` for what is neither.
pub fn canonical(text: &str) -> Option<String> {
    thread_local! {
        static CANONICALIZER: OnceCell<LocaleCanonicalizer> = const { OnceCell::new() };
    }

    let cleaned = text.trim_matches(|c: char| c == '\0' || c.is_whitespace()).replace('_', "-").to_lowercase();
    let text = alias(&cleaned).or(extended(&cleaned)).unwrap_or(&cleaned);
    let mut locale: Locale = text.parse().ok()?;
    // Grandfathered private words such as `english` parse as a five-letter language; no registered one is that long.
    if locale.id.language.as_str().len() > 3 {
        return None;
    }
    CANONICALIZER.with(|cell| cell.get_or_init(LocaleCanonicalizer::new_extended).canonicalize(&mut locale));
    Some(locale.to_string())
}

/// What a language and its extended subtag (`zh-yue`) are canonically: the extended one alone (RFC 5646 §4.5).
fn extended(text: &str) -> Option<&str> {
    let is_code = |part: &str, lengths: std::ops::RangeInclusive<usize>| {
        lengths.contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_lowercase())
    };
    let (language, rest) = text.split_once('-')?;
    let extension = rest.split('-').next()?;
    (is_code(language, 2..=3) && is_code(extension, 3..=3)).then_some(rest)
}

/// Codes that people write and no registry has.
fn alias(text: &str) -> Option<&'static str> {
    Some(match text {
        // OpenSubtitles' code for Brazilian Portuguese.
        "pob" | "ptb" => "pt-br",
        "" => return None,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_extended_language_is_the_language_that_extends() {
        let tags = ["zh-yue", "zh-cmn-Hant-TW", "sgn-ase", "ger-AT", "zh-Hans"].map(|text| canonical(text).unwrap());

        assert_eq!(tags, ["yue", "zh-Hant-TW", "ase", "de-AT", "zh-Hans"]);
    }

    #[test]
    fn a_file_may_name_its_language_in_english_and_a_profile_may_not() {
        let tags = ["English", "German [Deutsch]", "klingonisch"].map(|text| Language::from_file(text).tag);

        assert_eq!(tags, ["en", "de", "und"]);
        assert_eq!(canonical("english"), None);
    }
}
