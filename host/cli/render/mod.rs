//! One report value becomes a table for people or JSON for programs; mistakes become words, hints and exit codes.

pub mod facts;
pub mod mistake;
mod screen;

pub use mistake::{Exit, Mistake};
pub use screen::Screen;
