//! Paths with their errors, filesystem classes, hashes, atomic replacement, free space.

mod filesystem;
mod folder;
mod ground;
pub mod hash;
mod observe;
mod open;
pub mod path_text;
pub mod replace;
mod space;

pub use filesystem::{FilesystemClass, filesystem_type};
pub use folder::{Entries, EntryKind, Folder, os_name};
pub use ground::{Ground, filesystem_id};
pub use observe::Observation;
pub use open::{Links, NotAFile, open_file};
pub use space::{copy, free_space};
