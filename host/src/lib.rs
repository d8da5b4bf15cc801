//! vpo as a library: everything but the terminal, the environment and the home folder.
//!
//! The modules stand in order from the ground up; each uses only those before it. `tests/tests/floors.rs` reads this list.

pub mod media;
