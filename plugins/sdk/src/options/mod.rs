//! Options, declared once: a Rust struct gives the specifications that the host checks profiles against, and the
//! reading of what a profile says.
//!
//! ```
//! use vpo_plugin_sdk::languages::Language;
//! use vpo_plugin_sdk::options::{Choice, Options};
//!
//! #[derive(Options)]
//! struct MyOptions {
//!     /// Which audio tracks stay.
//!     #[child]
//!     audio: Option<Audio>,
//! }
//!
//! /// `audio "eng" "jpn" fallback="keep-all"`
//! #[derive(Options)]
//! struct Audio {
//!     /// Languages to keep, best first.
//!     #[arguments]
//!     languages: Vec<Language>,
//!     /// What to do when no track is in one of them.
//!     #[property(default = Fallback::Error)]
//!     fallback: Fallback,
//!     /// Where it stands in the profile, for reasons.
//!     #[node]
//!     node: Option<u32>,
//! }
//!
//! #[derive(Choice, Clone, Copy, PartialEq)]
//! enum Fallback {
//!     Error,
//!     KeepAll,
//! }
//! ```
//!
//! | attribute | the field is | its type |
//! |---|---|---|
//! | `#[argument]` | the next argument of the node | a [`Scalar`], or `Option` of one |
//! | `#[arguments]` | all arguments that are left | `Vec` of a [`Scalar`] |
//! | `#[property]` | a property | a [`Scalar`], or `Option` of one |
//! | `#[child]` | one child node | an [`Options`] type, or `Option` of one |
//! | `#[children]` | every child node of one name | `Vec` of an [`Options`] type |
//! | `#[any_of]` | every child node that is one of several, in document order | `Vec` of a [`OneOf`] type |
//! | `#[flatten]` | values and children of the same node, declared elsewhere | an [`Options`] type |
//! | `#[node]` | the index of the node itself | `Option<u32>` |
//!
//! `name = "…"` inside an attribute gives another name than the field's in kebab-case, `default = …` a value for what is
//! not written, and `required` asks that a list be not empty. Doc comments become the summaries that users read.

mod read;
mod scalar;
mod specs;
mod texts;
mod validate;

pub use read::Reader;
pub use scalar::{Scalar, expected_one_of};
pub use specs::{Specs, Values, value_spec};
pub use texts::{Comparison, Pattern, Resolution};
#[cfg(feature = "testing")]
pub(crate) use validate::match_specs;
pub use validate::validate;
pub use vpo_plugin_sdk_derive::{Choice, OneOf, Options};

use crate::about::OptionSpec;
use crate::types::{Node, Problem};

/// One node, or the whole block of a plugin, as a Rust value. Derived.
pub trait Options: Sized + 'static {
    /// Whether other nodes may stand inside.
    const HAS_CHILDREN: bool;

    /// Adds the arguments and properties of the node.
    fn describe_values(values: &mut Values);

    /// Adds the nodes that may stand inside.
    fn describe_children(specs: &mut Specs, parent: Option<u32>);

    /// Reads the node; what is wrong goes to the reader, and `None` comes back.
    fn read(at: &Reader<'_>) -> Option<Self>;
}

/// One of several nodes, told apart by their names. Derived for enums whose variants each hold an [`Options`] type.
pub trait OneOf: Sized {
    /// Adds every node that it may be.
    fn describe(specs: &mut Specs, parent: Option<u32>);

    /// Whether a node of this name is one of them.
    fn is_named(name: &str) -> bool;

    /// Reads the node.
    fn read(at: &Reader<'_>) -> Option<Self>;
}

/// For a plugin that takes no options.
impl Options for () {
    const HAS_CHILDREN: bool = false;

    fn describe_values(_: &mut Values) {}

    fn describe_children(_: &mut Specs, _: Option<u32>) {}

    fn read(_: &Reader<'_>) -> Option<Self> {
        Some(())
    }
}

/// Returns the specifications of the options of a plugin.
pub fn describe<T: Options>() -> Vec<OptionSpec> {
    let mut specs = Specs::default();
    T::describe_children(&mut specs, None);
    specs.into_list()
}

/// Reads the options of a plugin.
///
/// # Errors
///
/// Everything that is wrong with them, not the first thing only.
pub fn parse<T: Options>(nodes: &[Node]) -> Result<T, Vec<Problem>> {
    let reader = Reader::new(nodes);
    match (T::read(&reader), reader.into_problems()) {
        (Some(options), problems) if problems.is_empty() => Ok(options),
        (_, problems) => Err(problems),
    }
}
