//! Languages: three letters packed into fifteen bits, or a number of the classic Macintosh.

use vpo_plugin_sdk::facts::Language;

/// Nothing said: no language in the file.
pub fn undetermined() -> Language {
    Language { tag: "und".to_owned(), original: None }
}

/// A tag that stands in the file as text (`elng`).
pub fn of_text(text: &str) -> Option<Language> {
    let text = text.trim_matches(['\0', ' ']);
    (!text.is_empty()).then(|| Language { tag: text.to_owned(), original: Some(text.to_owned()) })
}

/// Reads the code of `mdhd`. Numbers below 0x400 are Macintosh languages, and mean something in QuickTime files only:
/// other writers leave a zero where they know nothing.
pub fn of_code(code: u16, is_quicktime: bool) -> Language {
    if code == 0x7fff {
        return undetermined();
    }
    let original = if code >= 0x400 {
        let letter = |shift: u32| char::from((code >> shift & 0x1f) as u8 + 0x60);
        let letters: String = [letter(10), letter(5), letter(0)].into_iter().collect();
        letters.bytes().all(|letter| letter.is_ascii_lowercase()).then_some(letters)
    } else if is_quicktime {
        MACINTOSH.get(usize::from(code)).filter(|name| !name.is_empty()).map(|name| (*name).to_owned())
    } else {
        None
    };
    original.map_or_else(undetermined, |original| Language { tag: original.clone(), original: Some(original) })
}

/// Language codes of QuickTime (QuickTime File Format, "Language Code Values") as ISO 639-2.
const MACINTOSH: [&str; 139] = [
    "eng", "fra", "deu", "ita", "nld", "swe", "spa", "dan", "por", "nor", "heb", "jpn", "ara", "fin", "ell", "isl",
    "mlt", "tur", "hrv", "zho", "urd", "hin", "tha", "kor", "lit", "pol", "hun", "est", "lav", "", "fao", "fas", "rus",
    "zho", "", "gle", "sqi", "ron", "ces", "slk", "slv", "yid", "srp", "mkd", "bul", "ukr", "bel", "uzb", "kaz", "aze",
    "aze", "hye", "kat", "ron", "kir", "tgk", "tuk", "mon", "mon", "pus", "kur", "kas", "snd", "bod", "nep", "san",
    "mar", "ben", "asm", "guj", "pan", "ori", "mal", "kan", "tam", "tel", "sin", "mya", "khm", "lao", "vie", "ind",
    "tgl", "msa", "msa", "amh", "tir", "orm", "som", "swa", "kin", "run", "nya", "mlg", "epo", "", "", "", "", "", "",
    "", "", "", "", "", "", "", "", "", "", "", "", "", "", "", "", "", "", "", "", "", "", "", "", "", "", "", "cym",
    "eus", "cat", "lat", "que", "grn", "aym", "tat", "uig", "dzo", "jav",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_unpacked() {
        assert_eq!(of_code(0x15c7, false).tag, "eng");
        assert_eq!(of_code(0x10b5, true).tag, "deu");
        assert_eq!(of_code(0x55c4, false).original.as_deref(), Some("und"));
    }

    #[test]
    fn a_zero_is_english_only_to_quicktime() {
        assert_eq!(of_code(0, true).tag, "eng");
        assert_eq!(of_code(0, false), undetermined());
        assert_eq!(of_code(0x7fff, true), undetermined());
        assert_eq!(of_code(128, true).tag, "cym");
        assert_eq!(of_code(138, true).tag, "jav");
        assert_eq!(of_code(139, true), undetermined());
    }

    #[test]
    fn what_is_no_letter_is_undetermined() {
        assert_eq!(of_code(0x7ffe, false), undetermined());
        assert_eq!(of_code(0x0401, false), undetermined());
    }
}
