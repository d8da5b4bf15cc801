//! Paths as text that gives the same path back: in saved plans, in the history, in answers for programs.
//!
//! Names are bytes, and JSON holds text. What is UTF-8 stands as it is; any other byte is written as U+0000, which no path
//! can hold, and two hex digits.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Deserializer, Serializer};

const MARK: char = '\0';

/// Writes a path; [`read`] gives it back.
pub fn write(path: &Path) -> String {
    let mut text = String::with_capacity(path.as_os_str().len());
    for chunk in path.as_os_str().as_bytes().utf8_chunks() {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            text.push(MARK);
            text.push_str(&format!("{byte:02x}"));
        }
    }
    text
}

/// Reads what [`write()`] wrote. A mark without two digits behind it stays as it is, and names no file.
pub fn read(text: &str) -> PathBuf {
    let mut parts = text.split(MARK);
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let digits = part.get(..2).filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                bytes.extend_from_slice(&part.as_bytes()[2..]);
            }
            None => {
                bytes.push(0);
                bytes.extend_from_slice(part.as_bytes());
            }
        }
    }
    PathBuf::from(OsString::from_vec(bytes))
}

pub fn serialize<S: Serializer>(path: &Path, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&write(path))
}

pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<PathBuf, D::Error> {
    Ok(read(&String::deserialize(from)?))
}

/// The same for a path that may be absent.
pub mod optional {
    use std::path::PathBuf;

    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(path: &Option<PathBuf>, to: S) -> Result<S::Ok, S::Error> {
        match path {
            Some(path) => super::serialize(path, to),
            None => to.serialize_none(),
        }
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<PathBuf>, D::Error> {
        Ok(Option::<String>::deserialize(from)?.map(|text| super::read(&text)))
    }
}

/// The same for several paths, to be told only.
pub mod list {
    use std::path::PathBuf;

    use serde::Serializer;

    pub fn serialize<S: Serializer>(paths: &[PathBuf], to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(paths.iter().map(|path| super::write(path)))
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;

    use super::*;

    #[test]
    fn every_path_comes_back_as_it_was() {
        let names: [&[u8]; 7] =
            [b"/films/Heat.mkv", b"/a\xff\xfe b", b"\xc3", b"", "/日本\u{202e}".as_bytes(), b"/a\\xff", b"/\xffff"];
        for name in names {
            let path = Path::new(OsStr::from_bytes(name));

            assert_eq!(read(&write(path)), path);
        }
    }

    #[test]
    fn what_is_text_stands_as_it_is() {
        assert_eq!(write(Path::new("/films/ünï \n.mkv")), "/films/ünï \n.mkv");
        assert_eq!(write(Path::new(OsStr::from_bytes(b"a\xff"))), "a\0ff");
    }

    #[test]
    fn a_mark_without_digits_names_no_file() {
        assert_eq!(read("a\0").as_os_str().as_bytes(), b"a\0");
        assert_eq!(read("a\0ü1").as_os_str().as_bytes(), "a\0ü1".as_bytes());
    }
}
