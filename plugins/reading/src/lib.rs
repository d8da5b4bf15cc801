//! How introspectors read a file: few calls, few bytes, and no read outside it.
//!
//! [`Media`] is the one open file, given by the host or opened natively; [`Pages`] keeps what was read of it, so that
//! parsing byte by byte costs a handful of calls; [`Cursor`] takes numbers out of a slice and never panics.

#![forbid(unsafe_code)]

mod cursor;
mod media;
mod pages;

pub use cursor::{Cursor, Short};
#[cfg(not(target_family = "wasm"))]
pub use media::MediaFile;
pub use media::{Counted, Media, ReadError};
pub use pages::{Limits, Pages};
