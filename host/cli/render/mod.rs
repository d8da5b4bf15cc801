//! One report value becomes a table for people or JSON for programs; mistakes become words, hints and exit codes.

pub mod apply;
mod colours;
pub mod comparison;
pub mod facts;
pub mod explain;
pub mod history;
pub mod jobs;
pub mod listing;
pub mod mistake;
pub mod mistakes;
pub mod originals;
mod paint;
pub mod settings;
pub mod plan;
pub mod plugins;
pub mod progress;
pub mod scan;
mod screen;
pub mod summary;
pub mod table;
mod tags;
pub mod time;
mod tracks;
pub mod undo;

pub use mistake::{Exit, Mistake};
pub use screen::{Screen, Surroundings};
