//! How a value of a setting is shown to people and to programs.

use std::path::PathBuf;

use serde::Serialize;
use serde_json::{Value, json};

use super::Source;
use crate::disk::path_text;
use crate::kdl_read::{List, Readable, Scalar, quoted};

/// A type that a setting can have.
pub trait Setting: Readable + Clone {
    /// The value as it would be written in KDL.
    fn kdl(&self) -> String;
    /// The value as programs read it: exact and in base units.
    fn json(&self) -> Value;
}

/// One setting as lists show it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    pub section: &'static str,
    pub name: String,
    /// As it would be written in KDL.
    pub kdl: String,
    pub value: Value,
    pub source: Source,
}

impl Setting for bool {
    fn kdl(&self) -> String {
        format!("#{self}")
    }

    fn json(&self) -> Value {
        json!(self)
    }
}

impl Setting for u32 {
    fn kdl(&self) -> String {
        self.to_string()
    }

    fn json(&self) -> Value {
        json!(self)
    }
}

impl Setting for u64 {
    fn kdl(&self) -> String {
        self.to_string()
    }

    fn json(&self) -> Value {
        json!(self)
    }
}

impl Setting for String {
    fn kdl(&self) -> String {
        quoted(self)
    }

    fn json(&self) -> Value {
        json!(self)
    }
}

impl Setting for PathBuf {
    fn kdl(&self) -> String {
        quoted(&self.to_string_lossy())
    }

    fn json(&self) -> Value {
        json!(path_text::write(self))
    }
}

impl<T: Setting + Scalar> Setting for Option<T> {
    fn kdl(&self) -> String {
        self.as_ref().map_or_else(|| "#null".to_owned(), Setting::kdl)
    }

    fn json(&self) -> Value {
        self.as_ref().map_or(Value::Null, Setting::json)
    }
}

impl<T: Setting + Scalar> Setting for List<T> {
    fn kdl(&self) -> String {
        self.0.iter().map(Setting::kdl).collect::<Vec<_>>().join(" ")
    }

    fn json(&self) -> Value {
        self.0.iter().map(Setting::json).collect()
    }
}
