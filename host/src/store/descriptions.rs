//! What components said of themselves, by digest, so that none is started to be listed.

use rusqlite::{OptionalExtension, params};
use serde::{Deserialize, Serialize};

use super::{Db, StoreError};

/// The part of a description that lists show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Described {
    pub name: String,
    pub version: String,
    pub summary: String,
    pub licence: String,
}

/// Finds what the component of a digest said.
pub fn find(db: &Db, digest: &[u8]) -> Result<Option<Described>, StoreError> {
    let json: Option<String> = db
        .prepare_cached("SELECT description FROM plugins WHERE digest = ?1")?
        .query_row([digest], |row| row.get(0))
        .optional()?;
    Ok(json.and_then(|json| serde_json::from_str(&json).ok()))
}

/// Keeps what the component of a digest said.
pub fn put(db: &Db, digest: &[u8], described: &Described) -> Result<(), StoreError> {
    let json = serde_json::to_string(described).expect("a description is plain data");
    db.prepare_cached("INSERT OR REPLACE INTO plugins (digest, description) VALUES (?1, ?2)")?
        .execute(params![digest, json])?;
    Ok(())
}
