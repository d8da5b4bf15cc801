//! Places in a KDL text: what a mistake points at, and what a value remembers of where it was written.

use std::{fmt, sync::Arc};

use serde::{Serialize, Serializer, ser::SerializeStruct};

/// A KDL text and what to call it.
#[derive(Debug, PartialEq, Eq)]
pub struct Text {
    /// Usually the path of the file, as it is shown to people.
    pub name: String,
    pub content: String,
}

/// A stretch of a KDL text.
#[derive(Clone, PartialEq, Eq)]
pub struct Place {
    text: Arc<Text>,
    offset: usize,
    length: usize,
}

impl Place {
    /// A stretch that is cut to what the text has, so that a wrong one can be shown all the same.
    pub fn new(text: &Arc<Text>, offset: usize, length: usize) -> Self {
        let offset = floor(&text.content, offset.min(text.content.len()));
        let end = floor(&text.content, offset.saturating_add(length).min(text.content.len()));
        Self { text: Arc::clone(text), offset, length: end - offset }
    }

    /// What the text is called.
    pub fn file(&self) -> &str {
        &self.text.name
    }

    pub fn text(&self) -> &Arc<Text> {
        &self.text
    }

    /// In bytes from the start of the text.
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// In bytes.
    pub fn length(&self) -> usize {
        self.length
    }

    /// Counted from one.
    pub fn line(&self) -> usize {
        self.before().matches('\n').count() + 1
    }

    /// Counted from one, in characters.
    pub fn column(&self) -> usize {
        self.before().rsplit('\n').next().map_or(0, |line| line.chars().count()) + 1
    }

    fn before(&self) -> &str {
        &self.text.content[..self.offset]
    }
}

/// The last boundary between characters at or before an offset.
fn floor(content: &str, offset: usize) -> usize {
    (0..=offset).rev().find(|&at| content.is_char_boundary(at)).unwrap_or(0)
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file(), self.line(), self.column())
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}+{}", self.length)
    }
}

impl Serialize for Place {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut place = serializer.serialize_struct("Place", 5)?;
        place.serialize_field("file", self.file())?;
        place.serialize_field("line", &self.line())?;
        place.serialize_field("column", &self.column())?;
        place.serialize_field("offset", &self.offset)?;
        place.serialize_field("length", &self.length)?;
        place.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_count_characters_from_one() {
        let text = Arc::new(Text { name: "kids.kdl".into(), content: "a\nü b\n".into() });

        let place = Place::new(&text, 5, 1);

        assert_eq!((place.line(), place.column()), (2, 3));
        assert_eq!(place.to_string(), "kids.kdl:2:3");
    }

    #[test]
    fn a_place_never_reaches_beyond_its_text_or_into_a_character() {
        let text = Arc::new(Text { name: "x".into(), content: "ü".into() });

        assert_eq!(Place::new(&text, 1, 99), Place::new(&text, 0, 2));
        assert_eq!(Place::new(&text, 99, 99).length(), 0);
    }
}
