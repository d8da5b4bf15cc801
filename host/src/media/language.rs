//! Languages: whatever a file says, one canonical BCP 47 tag, with the original text kept beside it.
//!
//! ISO 639-1, 639-2/B and 639-2/T codes, and tags with script and region, become the tag that CLDR calls canonical: `ger`,
//! `deu`, `DE` and `de` are all `de`.

use std::cell::OnceCell;

use icu_locale::{Locale, LocaleCanonicalizer};
use serde::{Deserialize, Serialize};

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
        Self {
            tag: canonical(original).unwrap_or_else(|| UNDETERMINED.to_owned()),
            original: Some(original.to_owned()),
        }
    }
}

/// Returns the canonical tag for a code or tag, `None` for what is neither.
pub fn canonical(text: &str) -> Option<String> {
    thread_local! {
        static CANONICALIZER: OnceCell<LocaleCanonicalizer> = const { OnceCell::new() };
    }

    let cleaned = text.trim_matches(|c: char| c == '\0' || c.is_whitespace()).replace('_', "-").to_lowercase();
    let mut locale: Locale = alias(&cleaned).unwrap_or(&cleaned).parse().ok()?;
    // Grandfathered private words such as `english` parse as a five-letter language; no registered one is that long.
    if locale.id.language.as_str().len() > 3 {
        return None;
    }
    CANONICALIZER.with(|cell| cell.get_or_init(LocaleCanonicalizer::new_extended).canonicalize(&mut locale));
    Some(locale.to_string())
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
