//! Text that strangers wrote: titles in files, names on disks, messages of plugins.
//!
//! Facts keep it as it is, so that nothing is changed in a file by accident; whatever shows it passes through
//! [`visible`], so that it cannot move a cursor, forge a line or turn the reading direction.

use std::borrow::Cow;
use std::path::Path;

/// Makes control characters and direction overrides visible: `\n` becomes `␊`, U+202E becomes `⟨U+202E⟩`.
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '\0'..='\x1f' => shown.push(char::from_u32(0x2400 + c as u32).expect("control pictures are characters")),
            '\x7f' => shown.push('\u{2421}'),
            c if is_hidden(c) => shown.push_str(&format!("⟨U+{:04X}⟩", c as u32)),
            c => shown.push(c),
        }
    }
    Cow::Owned(shown)
}

/// Whether a character would act on a terminal or a reader instead of being seen: C0, C1 and Bidi_Control (UAX #9).
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
}

/// Cuts a text to a number of bytes, at a character's border.
pub fn capped(text: &str, max: usize) -> &str {
    &text[..text.floor_char_boundary(max)]
}

/// Shows a path: bytes that are not UTF-8 as `\xNN`, the rest made visible.
pub fn path(path: &Path) -> String {
    use std::os::unix::ffi::OsStrExt;

    let mut shown = String::new();
    for chunk in path.as_os_str().as_bytes().utf8_chunks() {
        shown.push_str(&visible(chunk.valid()));
        for byte in chunk.invalid() {
            shown.push_str(&format!("\\x{byte:02x}"));
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_acts_on_a_terminal_is_shown_instead() {
        assert_eq!(visible("plain – ünï"), "plain – ünï");
        assert_eq!(visible("a\nb\x1b[31m"), "a␊b␛[31m");
        assert_eq!(visible("\u{202e}gpj"), "⟨U+202E⟩gpj");
        assert_eq!(visible("\u{9b}1m"), "⟨U+009B⟩1m");
    }

    #[test]
    fn a_name_that_is_not_utf_8_is_shown_with_its_bytes() {
        use std::ffi::OsStr;
        use std::os::unix::ffi::OsStrExt;

        assert_eq!(path(Path::new(OsStr::from_bytes(b"a\xff\n.mkv"))), "a\\xff␊.mkv");
    }

    #[test]
    fn a_cut_never_splits_a_character() {
        assert_eq!(capped("aé", 2), "a");
        assert_eq!(capped("aé", 3), "aé");
    }
}
