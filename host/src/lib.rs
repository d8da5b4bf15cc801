//! vpo as a library: everything but the terminal, the environment and the home folder.
//!
//! The modules stand in order from the ground up; each uses only those before it. `tests/tests/floors.rs` reads this list.

pub mod media;
pub mod disk;
pub mod kdl_read;
pub mod settings;
pub mod profile;
pub mod plan;
pub mod store;
pub mod tools;
pub mod plugins;
pub mod jobs;
pub mod scan;
pub mod apply;
pub mod library;
