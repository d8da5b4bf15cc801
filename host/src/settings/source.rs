//! Where a value comes from.

use std::{fmt, ops::Deref};

use serde::Serialize;

/// Who chose a value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "from", rename_all = "kebab-case")]
pub enum Source {
    /// Built in; the line is that of `defaults.kdl`, or absent for what stands on no page.
    Default {
        #[serde(skip_serializing_if = "Option::is_none")]
        line: Option<usize>,
    },
    Config {
        file: String,
        line: usize,
    },
    Profile {
        name: String,
        file: String,
        line: usize,
    },
    CommandLine {
        flag: String,
    },
    /// Promised by a saved plan, which is carried out as it was read.
    Plan {
        file: String,
    },
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default { .. } => write!(f, "built-in default"),
            Self::Config { file, line } => write!(f, "{file}:{line}"),
            Self::Profile { file, line, .. } => write!(f, "{file}:{line}"),
            Self::CommandLine { flag } => write!(f, "{flag}"),
            Self::Plan { file } => write!(f, "promised by {file}"),
        }
    }
}

/// The text that is being read: with a line it becomes a [`Source`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    Default,
    Config { file: String },
    Profile { name: String, file: String },
    CommandLine { flag: String },
}

impl Origin {
    /// Lines count from one.
    pub fn at(&self, line: usize) -> Source {
        match self {
            Self::Default => Source::Default { line: Some(line) },
            Self::Config { file } => Source::Config { file: file.clone(), line },
            Self::CommandLine { flag } => Source::CommandLine { flag: flag.clone() },
            Self::Profile { name, file } => Source::Profile { name: name.clone(), file: file.clone(), line },
        }
    }
}

/// A value that knows who chose it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Sourced<T> {
    pub value: T,
    pub source: Source,
}

impl<T> Sourced<T> {
    pub fn new(value: T, source: Source) -> Self {
        Self { value, source }
    }

    /// A value that a flag gave.
    pub fn flag(value: T, flag: &str) -> Self {
        Self { value, source: Source::CommandLine { flag: flag.to_owned() } }
    }
}

impl<T> Deref for Sourced<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}
