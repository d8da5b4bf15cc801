//! What `extra` of facts can say that the host acts upon.

use crate::types::{Entry, Value};

/// The file ends before it says it does. The host leaves such a film in its container and its tracks in their places: a copy
/// would pass for whole.
pub fn cut_short() -> Entry {
    Entry { name: "cut-short".to_owned(), value: Value::Boolean(true) }
}

/// Another film follows in the same file, of which these facts say nothing. The host does not copy such a file either.
pub fn another_follows() -> Entry {
    Entry { name: "another-follows".to_owned(), value: Value::Boolean(true) }
}
