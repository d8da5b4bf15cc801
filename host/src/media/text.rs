//! Text that strangers wrote: titles in files, names on disks, messages of plugins.
//!
//! Facts keep it as it is, so that nothing is changed in a file by accident; whatever shows it passes through
//! [`visible`], so that it cannot move a cursor, forge a line or turn the reading direction.

use std::borrow::Cow;
use std::path::Path;

/// Makes control characters, direction overrides and characters without a shape visible: `\n` becomes `␊`, U+202E becomes
/// `⟨U+202E⟩`.
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(|c| is_hidden(c) || is_joiner(c)) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    let mut before = None;
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        let after = rest.clone().next();
        match c {
            c if is_joiner(c) && joins(before, after) => shown.push(c),
            c if is_joiner(c) => shown.push_str(&format!("⟨U+{:04X}⟩", c as u32)),
            '\0'..='\x1f' => shown.push(char::from_u32(0x2400 + c as u32).expect("control pictures are characters")),
            '\x7f' => shown.push('\u{2421}'),
            c if is_hidden(c) => shown.push_str(&format!("⟨U+{:04X}⟩", c as u32)),
            c => shown.push(c),
        }
        before = Some(c);
    }
    Cow::Owned(shown)
}

/// Whether a character would act on a terminal or a reader instead of being seen, or not be seen at all: C0, C1, Bidi_Control
/// (UAX #9), and what has neither shape nor width.
pub fn is_hidden(c: char) -> bool {
    let acts = matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}');
    let is_unseen = matches!(
        c,
        '\u{ad}' | '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180e}' | '\u{200b}'
            | '\u{2060}'..='\u{2065}' | '\u{206a}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}'
    );
    c.is_control() || acts || is_unseen
}

/// Characters that emoji are put together with, and that several scripts need between letters.
fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}')
}

/// Whether a joiner has something to join on both sides. Latin letters never are.
fn joins(before: Option<char>, after: Option<char>) -> bool {
    let can_be =
        |c: Option<char>| c.is_some_and(|c| !c.is_ascii() && !c.is_whitespace() && !is_hidden(c) && !is_joiner(c));
    can_be(before) && can_be(after)
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
    fn what_has_no_shape_is_shown_and_what_joins_is_left() {
        assert_eq!(visible("a\u{200b}b\u{feff}"), "a⟨U+200B⟩b⟨U+FEFF⟩");
        assert_eq!(visible("He\u{200d}at\u{200c}"), "He⟨U+200D⟩at⟨U+200C⟩");
        assert_eq!(visible("\u{200d}\u{200d}"), "⟨U+200D⟩⟨U+200D⟩");
        for whole in ["👨\u{200d}👩\u{200d}👧", "❤\u{fe0f}\u{200d}🔥", "می\u{200c}خواهم"] {
            assert_eq!(visible(whole), whole);
        }
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
