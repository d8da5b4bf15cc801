//! Which of the two ways to write a language counts (RFC 9559 §5.1.4.1.20): the BCP 47 one, then the legacy one, then the
//! default of the element. Making tags canonical is left to the host.

use vpo_plugin_sdk::facts::Language;

/// What a file says of one language.
#[derive(Debug, Clone, Default)]
pub struct Written {
    pub legacy: Option<String>,
    pub bcp47: Option<String>,
    /// What the absence of both means.
    pub default: Option<&'static str>,
}

pub fn of(written: &Written) -> Language {
    let stated = written.bcp47.as_deref().filter(|tag| is_tag(tag)).or(written.legacy.as_deref());
    let tag = stated.or(written.default).unwrap_or("und").to_owned();
    Language { tag, original: stated.map(str::to_owned) }
}

/// Whether a text has the shape of a tag; garbage does not overrule the legacy element.
fn is_tag(text: &str) -> bool {
    let mut parts = text.split('-');
    let is_language = parts.next().is_some_and(|first| {
        let is_private = matches!(first, "x" | "i");
        (is_private || (2..=8).contains(&first.len())) && first.bytes().all(|byte| byte.is_ascii_alphabetic())
    });
    is_language
        && parts.all(|part| (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(legacy: Option<&str>, bcp47: Option<&str>) -> (String, Option<String>) {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        let language = of(&Written { legacy: owned(legacy), bcp47: owned(bcp47), default: Some("eng") });
        (language.tag, language.original)
    }

    fn both(tag: &str) -> (String, Option<String>) {
        (tag.to_owned(), Some(tag.to_owned()))
    }

    #[test]
    fn the_bcp47_element_counts_before_the_legacy_one() {
        assert_eq!(told(Some("chi"), Some("zh-Hant")), both("zh-Hant"));
        assert_eq!(told(None, Some("ja")), both("ja"));
        assert_eq!(told(Some("ger"), None), both("ger"));
    }

    #[test]
    fn a_language_that_is_not_written_is_the_default_without_original() {
        assert_eq!(told(None, None), ("eng".to_owned(), None));
    }

    #[test]
    fn garbage_does_not_overrule_the_legacy_language() {
        assert_eq!(told(Some("fre"), Some("\u{1}\u{2}?")), both("fre"));
        assert_eq!(told(Some("fre"), Some("-")), both("fre"));
    }
}
