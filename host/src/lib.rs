//! vpo as a library: everything but the terminal, the environment and the home folder.
//!
//! The modules stand in order from the ground up; each uses only those before it. `tests/tests/floors.rs` reads this list.

pub mod apply;
pub mod disk;
pub mod jobs;
pub mod kdl_read;
pub mod library;
pub mod media;
pub mod plan;
pub mod plugins;
pub mod profile;
pub mod scan;
pub mod settings;
pub mod store;
pub mod tools;
