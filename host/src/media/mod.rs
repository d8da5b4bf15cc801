//! What a video file is: plain data, and languages. No I/O.
//!
//! These types mirror `vpo:plugin/facts` and are what is recorded, planned over and shown.

mod answer;
mod facts;
mod language_names;
mod stranger;
mod track;

pub mod language;
pub mod text;

pub use answer::FactsAnswer;
pub use facts::{Attachment, Chapter, Entry, Facts, Tag, Value};
pub use language::Language;
pub use stranger::Stranger;
pub use track::{
    Addresses, Audio, Colour, ColourRange, Details, DolbyVision, DynamicRange, Flags, Mastering, Ratio, Subtitle,
    SubtitleForm, Track, TrackKind, Video,
};
