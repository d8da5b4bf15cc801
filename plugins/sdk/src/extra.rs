//! What `extra` of facts and tracks can say that the host acts upon.

use crate::types::{Entry, Value};

const HOLDS_CHAPTERS: &str = "holds-chapters";

/// The file ends before it says it does. The host leaves such a film in its container and its tracks in their places: a copy
/// would pass for whole.
pub fn cut_short() -> Entry {
    Entry { name: "cut-short".to_owned(), value: Value::Boolean(true) }
}

/// Another film follows in the same file, of which these facts say nothing. The host does not copy such a file either.
pub fn another_follows() -> Entry {
    Entry { name: "another-follows".to_owned(), value: Value::Boolean(true) }
}

/// Of a track: it is nothing but the titles of the chapters that the facts have, as MP4 keeps them. It goes where they go, and
/// the host does not take it for content.
pub fn holds_chapters() -> Entry {
    Entry { name: HOLDS_CHAPTERS.to_owned(), value: Value::Boolean(true) }
}

/// Whether [`holds_chapters`] is said.
pub(crate) fn says_chapters(extra: &[Entry]) -> bool {
    extra.iter().any(|entry| entry.name == HOLDS_CHAPTERS && matches!(entry.value, Value::Boolean(true)))
}
