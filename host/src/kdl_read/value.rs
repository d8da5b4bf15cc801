//! From KDL values to Rust ones.

use std::path::{Path, PathBuf};

use kdl::KdlValue;

use crate::media::{Value, text::visible};

use super::{Item, Mistake, Mistakes, Place, nearest};

/// What paths in a text stand on.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Base {
    /// The folder that relative paths start in: that of the file they are written in.
    pub folder: PathBuf,
    /// What `~` stands for; a path with `~` is a mistake when this is not known.
    pub home: Option<PathBuf>,
}

impl Base {
    /// Makes a written path absolute as far as the folder is. Nothing but a leading `~` is expanded.
    pub fn resolve(&self, written: &str) -> Result<PathBuf, Wrong> {
        let path = match written.strip_prefix('~') {
            None => self.folder.join(written),
            Some("") => self.home()?.to_owned(),
            Some(rest) => match rest.strip_prefix('/') {
                Some(rest) => self.home()?.join(rest),
                None => return Err(Wrong::because("only ~/ is expanded, not the homes of others")),
            },
        };
        Ok(path.components().collect())
    }

    fn home(&self) -> Result<&Path, Wrong> {
        self.home.as_deref().ok_or_else(|| Wrong::because("the home folder that ~ stands for is not known"))
    }
}

/// Why a value could not be taken.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Wrong {
    /// A reason, when the value has the right type and is wrong all the same.
    because: Option<String>,
    nearest: Option<String>,
}

impl Wrong {
    /// A value of another type than expected.
    pub fn kind() -> Self {
        Self::default()
    }

    pub fn because(reason: impl Into<String>) -> Self {
        Self { because: Some(reason.into()), nearest: None }
    }

    /// A text that is none of the words allowed.
    pub fn word<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        Self {
            because: Some(format!("\"{written}\" is not known here")),
            nearest: nearest(written, known).map(str::to_owned),
        }
    }

    /// Notes this reason, or the type of the value where there is none, as a mistake.
    pub fn tell(self, place: &Place, value: &KdlValue, expected: String, mistakes: &mut Mistakes) {
        let what = self.because.unwrap_or_else(|| format!("{} is {}", shown(value), kind_of(value)));
        mistakes.push(Mistake { place: place.clone(), what, expected: Some(expected), nearest: self.nearest });
    }
}

fn shown(value: &KdlValue) -> String {
    match value {
        KdlValue::String(text) => format!("\"{text}\""),
        other => other.to_string(),
    }
}

fn kind_of(value: &KdlValue) -> &'static str {
    match value {
        KdlValue::String(_) => "a text",
        KdlValue::Integer(_) => "a whole number",
        KdlValue::Float(_) => "a decimal number",
        KdlValue::Bool(_) => "a yes or no",
        KdlValue::Null => "nothing",
    }
}

/// What one KDL value can be read as.
pub trait Scalar: Sized {
    /// What a person is told to write, such as `a whole number`.
    fn expected() -> String;
    fn read(value: &KdlValue, base: &Base) -> Result<Self, Wrong>;
}

/// What the values of one setting can be read as: a scalar, or a [`List`].
pub trait Readable: Sized {
    /// Reads all values that were written; `place` is what a missing value is told of.
    fn read_all(values: &[Item], place: &Place, base: &Base, mistakes: &mut Mistakes) -> Option<Self>;
}

impl<T: Scalar> Readable for T {
    fn read_all(values: &[Item], place: &Place, base: &Base, mistakes: &mut Mistakes) -> Option<Self> {
        let [first, further @ ..] = values else {
            mistakes.expected(place, "no value", T::expected());
            return None;
        };
        for item in further {
            mistakes.expected(&item.place, "only one value is taken", T::expected());
        }
        first.read(base, mistakes)
    }
}

/// Several values of one kind, written one after the other.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct List<T>(pub Vec<T>);

impl<T: Scalar> Readable for List<T> {
    fn read_all(values: &[Item], _: &Place, base: &Base, mistakes: &mut Mistakes) -> Option<Self> {
        Some(Self(values.iter().filter_map(|item| item.read(base, mistakes)).collect()))
    }
}

impl Scalar for bool {
    fn expected() -> String {
        "#true or #false".to_owned()
    }

    fn read(value: &KdlValue, _: &Base) -> Result<Self, Wrong> {
        match value {
            KdlValue::Bool(value) => Ok(*value),
            KdlValue::String(text) => {
                let nearest = match text.to_lowercase().as_str() {
                    "true" | "yes" | "on" => Some("#true".to_owned()),
                    "false" | "no" | "off" => Some("#false".to_owned()),
                    _ => None,
                };
                Err(Wrong { because: None, nearest })
            }
            _ => Err(Wrong::kind()),
        }
    }
}

impl Scalar for String {
    fn expected() -> String {
        "a text".to_owned()
    }

    fn read(value: &KdlValue, _: &Base) -> Result<Self, Wrong> {
        value.as_string().map(str::to_owned).ok_or_else(Wrong::kind)
    }
}

impl Scalar for PathBuf {
    fn expected() -> String {
        "a path".to_owned()
    }

    fn read(value: &KdlValue, base: &Base) -> Result<Self, Wrong> {
        match value.as_string().ok_or_else(Wrong::kind)? {
            "" => Err(Wrong::because("an empty text is no path")),
            written => base.resolve(written),
        }
    }
}

impl<T: Scalar> Scalar for Option<T> {
    fn expected() -> String {
        format!("{}, or #null for none", T::expected())
    }

    fn read(value: &KdlValue, base: &Base) -> Result<Self, Wrong> {
        if value.is_null() { Ok(None) } else { T::read(value, base).map(Some) }
    }
}

macro_rules! whole_numbers {
    ($($number:ty),*) => {$(
        impl Scalar for $number {
            fn expected() -> String {
                "a whole number".to_owned()
            }

            fn read(value: &KdlValue, _: &Base) -> Result<Self, Wrong> {
                let written = value.as_integer().ok_or_else(Wrong::kind)?;
                Self::try_from(written).map_err(|_| {
                    Wrong::because(format!("{written} is not between {} and {}", <$number>::MIN, <$number>::MAX))
                })
            }
        }
    )*};
}

whole_numbers!(u8, u16, u32, u64, i64);

/// A closed set of words, such as `keep` and `none`.
pub trait Words: Sized + Copy + PartialEq + 'static {
    const WORDS: &'static [(&'static str, Self)];

    fn word(self) -> &'static str {
        let found = Self::WORDS.iter().find(|(_, value)| *value == self);
        found.expect("every value has a word").0
    }

    fn find(word: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(known, _)| *known == word).map(|(_, value)| *value)
    }

    fn expected_word() -> String {
        format!("one of {}", quoted_list(Self::WORDS.iter().map(|(word, _)| *word)))
    }

    fn read_word(value: &KdlValue) -> Result<Self, Wrong> {
        let written = value.as_string().ok_or_else(Wrong::kind)?;
        Self::find(written).ok_or_else(|| Wrong::word(written, Self::WORDS.iter().map(|(word, _)| *word)))
    }
}

/// Words as they would be written: `"keep", "none"`.
pub fn quoted_list<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    words.into_iter().map(quoted).collect::<Vec<_>>().join(", ")
}

/// A text as KDL writes it, always in quotes and on one line.
pub fn quoted(text: &str) -> String {
    let mut written = String::with_capacity(text.len() + 2);
    written.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => written.extend(['\\', c]),
            '\n' => written.push_str("\\n"),
            '\t' => written.push_str("\\t"),
            c if visible(c.encode_utf8(&mut [0; 4])).len() == c.len_utf8() => written.push(c),
            c => written.push_str(&format!("\\u{{{:x}}}", c as u32)),
        }
    }
    written.push('"');
    written
}

/// A value of the contract as KDL writes it.
pub fn written(value: &Value) -> String {
    match value {
        Value::Null => "#null".to_owned(),
        Value::Boolean(value) => format!("#{value}"),
        Value::Integer(number) => number.to_string(),
        Value::Decimal(number) => KdlValue::Float(*number).to_string(),
        Value::Text(text) => quoted(text),
    }
}

/// The value as the contract with the plugins knows it; `None` for a number that does not fit.
pub fn to_value(value: &KdlValue) -> Option<Value> {
    Some(match value {
        KdlValue::String(text) => Value::Text(text.clone()),
        KdlValue::Integer(number) => Value::Integer(i64::try_from(*number).ok()?),
        KdlValue::Float(number) => Value::Decimal(*number),
        KdlValue::Bool(value) => Value::Boolean(*value),
        KdlValue::Null => Value::Null,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_written_so_that_it_reads_the_same_and_harms_no_terminal() {
        for text in ["plain", "a \"b\" \\ c", "two\nlines\t", "\u{1b}[31m", "\u{202e}gpj", "日本"] {
            let written = quoted(text);
            let document = kdl::KdlDocument::parse_v2(&format!("x {written}")).unwrap();

            assert_eq!(document.get_arg("x").unwrap().as_string(), Some(text));
            assert_eq!(visible(&written), written);
        }
    }
}
