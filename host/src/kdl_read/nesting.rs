//! How deep blocks and comments of a text lie in each other, counted before it is parsed.
//!
//! The parser goes down by calls, and every call takes a part of the stack; a text of some thousand braces would take all
//! of it. Strings are not looked into here: a text that opens a hundred braces in strings is no profile either.

/// Blocks in blocks; conditions of rules, the deepest there are, take a dozen.
pub(super) const DEPTH_MAX: usize = 64;

/// Finds the byte at which blocks or comments lie deeper than is taken.
pub(super) fn too_deep(text: &str) -> Option<usize> {
    let (mut blocks, mut comments) = (0_usize, 0_usize);
    let bytes = text.as_bytes();
    let mut place = 0;
    while let Some(byte) = bytes.get(place) {
        let mut length = 1;
        match (byte, bytes.get(place + 1)) {
            (b'{', _) => blocks += 1,
            (b'}', _) => blocks = blocks.saturating_sub(1),
            (b'/', Some(b'*')) => (comments, length) = (comments + 1, 2),
            (b'*', Some(b'/')) => (comments, length) = (comments.saturating_sub(1), 2),
            _ => {}
        }
        if blocks > DEPTH_MAX || comments > DEPTH_MAX {
            return Some(place);
        }
        place += length;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_brace_too_many_is_found_and_braces_that_are_closed_do_not_count() {
        let shallow = "a { b { c; }; }\n".repeat(1000);
        let deep = "a {".repeat(DEPTH_MAX + 1);

        assert_eq!(too_deep(&shallow), None);
        assert_eq!(too_deep(&deep), Some(deep.len() - 1));
        assert_eq!(too_deep(&"/*".repeat(DEPTH_MAX)), None);
        assert!(too_deep(&"/*".repeat(DEPTH_MAX + 1)).is_some());
    }
}
