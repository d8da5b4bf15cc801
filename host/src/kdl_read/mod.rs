//! Typed reading of KDL, so that a person is told every mistake of a file at once, each with its place and a suggestion.
//!
//! [`Document`] is a parsed text that knows its name; [`Node`] hands out values with their [`Place`]; [`Section`] reads
//! settings that may stand as properties or as children. Nothing here fails early: what is wrong goes into [`Mistakes`]
//! and reading goes on. Rendering for people is left to the program.

mod mistakes;
mod nesting;
mod node;
mod place;
mod section;
mod value;

pub use mistakes::{Mistake, Mistakes, nearest};
pub use node::{Document, Item, Node};
pub use place::{Place, Text};
pub use section::Section;
pub use value::{Base, List, Readable, Scalar, Words, Wrong, quoted, quoted_list, to_value, written};
