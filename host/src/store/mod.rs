//! SQLite: one file for each table family, queries as functions, migrations. The only home of rusqlite.
//!
//! [`Store`] is a cheap handle to one database file. Whoever reads takes a [`Reader`], whoever writes a [`Writer`]; both are
//! connections of their own, so that readers are never blocked (WAL). Queries are functions named for their answer; they
//! take a [`Db`] and never begin a transaction.

mod clock;
mod error;
mod happening;
mod layout;
mod migrations;
mod open;

pub mod descriptions;
pub mod facts;
pub mod files;
pub mod history;
pub mod intents;
pub mod job_files;
pub mod jobs;
pub mod listings;
pub mod mounts;
pub mod roots;

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

pub use clock::Clock;
pub use error::StoreError;
pub use happening::Happening;
pub use migrations::Stage;
pub use open::{Reader, Store, Writer};

/// A connection, as queries see it.
pub type Db = rusqlite::Connection;

/// The layout that this program reads and writes.
pub const SCHEMA_VERSION: i64 = 7;

#[cfg(test)]
mod tests;

/// Looks for damage in the whole database (`PRAGMA quick_check`); `None` when it is sound.
pub fn integrity(db: &Db) -> Result<Option<String>, StoreError> {
    let said: String = db.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    Ok((said != "ok").then_some(said))
}

/// A path from the bytes of a column.
fn path_of(bytes: &[u8]) -> PathBuf {
    Path::new(OsStr::from_bytes(bytes)).to_owned()
}
