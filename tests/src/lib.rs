//! The harness of the end-to-end tests: a home of its own, real videos, the real program, and what it answered.
//!
//! ```no_run
//! use vpo_tests::{Home, film, snapshot};
//!
//! let home = Home::new();
//! home.put("Heat.mkv", &film("heat"));
//!
//! let scan = home.vpo(["scan", "[films]"]);
//!
//! assert_eq!(scan.exit, 0);
//! snapshot!(scan);
//! ```
//!
//! Tests are named after the case that they show, such as `case_06_a_deleted_file_comes_back_with_its_id`.

pub mod authoring;
pub mod bench;
mod build;
pub mod contract;
mod films;
mod gate;
mod guest;
mod home;
mod media;
mod memory;
mod misuse;
mod mounted;
mod odd_disk;
mod outcome;
mod page;
mod scripts;
mod terminal;

pub use build::{component, program, scratch, workspace};
pub use films::page_films;
pub use gate::Gate;
pub use guest::{Guest, component_text, reader};
pub use home::{Home, KEEP_ENGLISH, age, names, with_other_title};
pub use media::{Recipe, film, large_film, varied};
pub use memory::peak_memory_of_children;
pub use misuse::{assert_contained, home_to_misuse};
pub use mounted::Mounted;
pub use odd_disk::{OddDisk, Oddities};
pub use outcome::{Outcome, filters};
pub use page::page_commands;
pub use scripts::{begun_by, came_through, on_path, stand_in, under_strace, write_script};
pub use terminal::on_terminal;

/// Compares an outcome (command, stdout, stderr and exit code) with the snapshot of the test it stands in.
///
/// What differs from run to run (ids, times, paths, durations) is replaced first, see [`filters`]. A second outcome in one
/// test needs a name: `snapshot!("rescan", outcome)`.
#[macro_export]
macro_rules! snapshot {
    ($outcome:expr) => {{
        let outcome: &$crate::Outcome = &$outcome;
        outcome.settings().bind(|| $crate::insta::assert_snapshot!(outcome.to_string()));
    }};
    ($name:literal, $outcome:expr) => {{
        let outcome: &$crate::Outcome = &$outcome;
        let mut settings = outcome.settings();
        settings.set_snapshot_suffix($name);
        settings.bind(|| $crate::insta::assert_snapshot!(outcome.to_string()));
    }};
}

#[doc(hidden)]
pub use insta;
