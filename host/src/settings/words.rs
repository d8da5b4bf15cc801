//! Settings that are one of a few words.

use kdl::KdlValue;
use serde::{Deserialize, Serialize};

use super::setting::Setting;
use crate::kdl_read::{Base, Scalar, Words, Wrong};

macro_rules! words {
    ($($(#[$about:meta])* $name:ident { $($(#[$case_about:meta])* $case:ident = $word:literal),* $(,)? })*) => {$(
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$case_about])* #[serde(rename = $word)] $case),*
        }

        impl Words for $name {
            const WORDS: &'static [(&'static str, Self)] = &[$(($word, Self::$case)),*];
        }

        impl Scalar for $name {
            fn expected() -> String {
                Self::expected_word()
            }

            fn read(value: &KdlValue, _: &Base) -> Result<Self, Wrong> {
                Self::read_word(value)
            }
        }

        impl Setting for $name {
            fn kdl(&self) -> String {
                format!("\"{}\"", self.word())
            }

            fn json(&self) -> serde_json::Value {
                self.word().into()
            }
        }
    )*};
}

words! {
    /// What becomes of the original after a change.
    Backup {
        /// It is kept beside the file.
        Keep = "keep",
        None = "none",
    }

    /// What is done with a file that has more than one hard link.
    Hardlinks {
        Skip = "skip",
        /// The changed file is on its own afterwards; the other names keep the original.
        Break = "break",
        /// Edited in place, under all its names.
        Allow = "allow",
    }

    /// The modification time of a changed file.
    Mtime {
        Preserve = "preserve",
        Now = "now",
    }

    /// What a line of the log looks like.
    LogFormat {
        Text = "text",
        /// One JSON object a line.
        Json = "json",
    }
}
