//! What tests of plugins use: facts built by hand and at random, options from the text of a profile, and the question
//! whether a policy comes to rest.
//!
//! ```
//! # use vpo_plugin_sdk::testing::{audio, facts, video};
//! let film = facts([video("h264"), audio("en").codec("ac3").channels(6).default(), audio("en").commentary()]);
//! assert_eq!(film.tracks[1].id, 1);
//! ```

mod build;
mod cases;
mod judge;
mod page;
pub mod random;
mod written;

pub use build::{TrackBuilder, attachment, audio, chapter, cover, facts, file_tag, font, other, subtitle, video};
pub use cases::{assert_case, assert_cases};
pub use judge::{assert_at_rest, context, evaluate, kinds, rescanned};
pub use page::assert_examples;
pub use written::{options, problems};
