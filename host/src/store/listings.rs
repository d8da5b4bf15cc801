//! What a scan has to know of the files in a folder, packed: one row is read where there would be one for each file.
//!
//! The rows of `files` are the truth. Triggers of the schema forget a listing as soon as any of its files changes, and a
//! scan that ends well packs what is not packed; so a listing that is there is right. One whose bytes are not those that
//! were packed is not known; it is packed again.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use rusqlite::{OptionalExtension, params};

use super::files::{self, FileState, Known};
use super::{Db, StoreError};
use crate::disk::Observation;

/// A file whose facts no reader is recorded for.
const NO_READER: u16 = u16::MAX;
/// Bytes of a packed file before its name.
const FIXED: usize = 7 * 8 + 4 + 2 + 1 + 2;
/// Bytes of the checksum behind all files.
const CHECKSUM: usize = 8;
/// Set in the state byte of a file that is missing.
const MISSING: u8 = 0x80;

/// The recorded files of one folder, by name. Made to be filled again for the next folder.
#[derive(Default)]
pub struct Listing {
    /// The files one after the other, sorted by name.
    packed: Vec<u8>,
    /// Where each file begins.
    starts: Vec<u32>,
    /// The readers that files refer to, `name version` each.
    readers: Vec<String>,
    is_damaged: bool,
}

/// A file of a listing.
pub struct Listed<'a> {
    pub name: &'a OsStr,
    pub known: Known,
    /// Who read the facts, by its place in [`Listing::readers`].
    pub reader: Option<usize>,
}

impl Listing {
    pub fn clear(&mut self) {
        self.packed.clear();
        self.starts.clear();
        self.readers.clear();
        self.is_damaged = false;
    }

    /// What was packed of the folder is not known, and the rows were read.
    pub fn is_damaged(&self) -> bool {
        self.is_damaged
    }

    pub fn len(&self) -> usize {
        self.starts.len()
    }

    pub fn is_empty(&self) -> bool {
        self.starts.is_empty()
    }

    /// The readers that files refer to, `name version` each.
    pub fn readers(&self) -> &[String] {
        &self.readers
    }

    /// Finds a file by its name; returns its place in the listing.
    pub fn find(&self, name: &OsStr) -> Option<usize> {
        self.starts.binary_search_by(|start| self.name_at(*start).cmp(name.as_bytes())).ok()
    }

    /// The file at a place below [`Listing::len`].
    pub fn file(&self, place: usize) -> Listed<'_> {
        let start = self.starts[place];
        let fixed = &self.packed[start as usize..][..FIXED];
        let number = |at: usize| i64::from_le_bytes(fixed[at * 8..][..8].try_into().expect("eight bytes"));
        let links = u32::from_le_bytes(fixed[56..60].try_into().expect("four bytes"));
        let reader = u16::from_le_bytes([fixed[60], fixed[61]]);
        Listed {
            name: OsStr::from_bytes(self.name_at(start)),
            known: Known {
                id: number(0),
                observation: Observation {
                    size: number(1) as u64,
                    mtime_ns: number(2),
                    ctime_ns: number(3),
                    inode: number(4) as u64,
                    device: number(5) as u64,
                    links,
                },
                observed_ns: number(6),
                state: match fixed[62] & !MISSING {
                    0 => FileState::Ok,
                    1 => FileState::Error,
                    _ => FileState::Pending,
                },
                is_missing: fixed[62] & MISSING != 0,
            },
            reader: (reader != NO_READER).then_some(usize::from(reader)),
        }
    }

    /// All files, sorted by name.
    pub fn files(&self) -> impl Iterator<Item = Listed<'_>> {
        (0..self.len()).map(|place| self.file(place))
    }

    fn name_at(&self, start: u32) -> &[u8] {
        let fixed = &self.packed[start as usize..];
        let length = u16::from_le_bytes([fixed[FIXED - 2], fixed[FIXED - 1]]);
        &fixed[FIXED..FIXED + usize::from(length)]
    }

    /// Adds a file; they come sorted by name.
    fn push(&mut self, name: &OsStr, reader: Option<&str>, known: &Known) {
        let reader = reader.map_or(NO_READER, |reader| self.reader(reader));
        // Names are shorter than 64 KiB on every filesystem there is.
        let name = &name.as_bytes()[..name.len().min(usize::from(u16::MAX))];
        let observation = &known.observation;
        self.starts.push(u32::try_from(self.packed.len()).expect("a folder of less than 4 GiB of names"));
        for number in [
            known.id,
            observation.size as i64,
            observation.mtime_ns,
            observation.ctime_ns,
            observation.inode as i64,
            observation.device as i64,
            known.observed_ns,
        ] {
            self.packed.extend_from_slice(&number.to_le_bytes());
        }
        let state = match known.state {
            FileState::Ok => 0,
            FileState::Error => 1,
            FileState::Pending => 2,
        };
        self.packed.extend_from_slice(&observation.links.to_le_bytes());
        self.packed.extend_from_slice(&reader.to_le_bytes());
        self.packed.push(state | if known.is_missing { MISSING } else { 0 });
        self.packed.extend_from_slice(&(name.len() as u16).to_le_bytes());
        self.packed.extend_from_slice(name);
    }

    fn reader(&mut self, reader: &str) -> u16 {
        let place = self.readers.iter().position(|known| known == reader).unwrap_or_else(|| {
            self.readers.push(reader.to_owned());
            self.readers.len() - 1
        });
        u16::try_from(place).unwrap_or(NO_READER)
    }

    /// The readers and the files, as [`Listing::decode`] takes them over.
    fn encoded(&self) -> (String, Vec<u8>) {
        let readers = serde_json::to_string(&self.readers).expect("texts are JSON");
        let sum = checksum(&readers, &self.packed).to_le_bytes();
        let files = [&self.packed[..], &sum].concat();
        (readers, files)
    }

    /// Takes over what [`Listing::encoded`] made. `None` when it is something else; then the listing is of no use.
    fn decode(&mut self, readers: &str, files: &[u8]) -> Option<()> {
        self.clear();
        let (files, sum) = files.split_at_checked(files.len().checked_sub(CHECKSUM)?)?;
        if checksum(readers, files).to_le_bytes() != sum {
            return None;
        }
        self.readers = serde_json::from_str(readers).ok()?;
        self.packed.extend_from_slice(files);
        let mut at = 0;
        while at < files.len() {
            let fixed = files.get(at..at + FIXED)?;
            self.starts.push(u32::try_from(at).ok()?);
            at += FIXED + usize::from(u16::from_le_bytes([fixed[FIXED - 2], fixed[FIXED - 1]]));
        }
        (at == files.len()).then_some(())
    }

    fn read_rows(&mut self, db: &Db, folder_id: i64) -> Result<(), StoreError> {
        self.clear();
        files::in_folder(db, folder_id, |name, reader, known| self.push(name, reader, &known))
    }
}

/// Tells bytes from others that came of them by accident; a change of a few bytes in one place always shows.
fn checksum(readers: &str, files: &[u8]) -> u64 {
    const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut sum = files.len() as u64;
    for bytes in [readers.as_bytes(), files] {
        let (words, rest) = bytes.as_chunks::<8>();
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        for word in words.iter().chain([&last]) {
            sum = (sum ^ u64::from_le_bytes(*word)).wrapping_mul(FACTOR).rotate_left(29);
        }
    }
    sum
}

/// Fills a listing with the files of a folder and returns its id; `None`, and nothing listed, when it is not recorded.
pub fn read(db: &Db, folder: &Path, listing: &mut Listing) -> Result<Option<i64>, StoreError> {
    listing.clear();
    let mut statement = db.prepare_cached(
        "SELECT d.id, l.readers, l.files FROM folders d LEFT JOIN listings l ON l.folder_id = d.id WHERE d.path = ?1",
    )?;
    let mut rows = statement.query([folder.as_os_str().as_bytes()])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let id = row.get(0)?;
    let readers = row.get_ref(1)?.as_str_or_null().map_err(rusqlite::Error::from)?;
    let packed = row.get_ref(2)?.as_blob_or_null().map_err(rusqlite::Error::from)?;
    let is_packed = packed.is_some();
    let decoded = readers.zip(packed).and_then(|(readers, files)| listing.decode(readers, files));
    drop(rows);
    if decoded.is_none() {
        listing.read_rows(db, id)?;
        listing.is_damaged = is_packed;
    }
    Ok(Some(id))
}

/// The first folders at or below a path, by id from `after` on, that have files and no listing; at most `limit`.
pub fn unpacked_below(db: &Db, root: &Path, after: i64, limit: usize) -> Result<Vec<i64>, StoreError> {
    let (from, to) = files::range_below(root);
    let mut statement = db.prepare_cached(
        "SELECT d.id FROM folders d LEFT JOIN listings l ON l.folder_id = d.id
         WHERE l.folder_id IS NULL AND d.id > ?4 AND (d.path = ?1 OR (d.path > ?2 AND d.path < ?3))
             AND EXISTS (SELECT 1 FROM files f WHERE f.folder_id = d.id)
         ORDER BY d.id LIMIT ?5",
    )?;
    let ids = statement
        .query_map(params![root.as_os_str().as_bytes(), from, to, after, limit as i64], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    Ok(ids)
}

/// Packs the files of a folder; inside the caller's transaction.
pub fn pack(db: &Db, folder_id: i64, listing: &mut Listing) -> Result<(), StoreError> {
    listing.read_rows(db, folder_id)?;
    let (readers, files) = listing.encoded();
    let present = listing.files().filter(|file| !file.known.is_missing).count();
    db.prepare_cached("INSERT OR REPLACE INTO listings (folder_id, present, readers, files) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![folder_id, present as i64, readers, files])?;
    Ok(())
}

/// Forgets what was packed of a folder.
pub fn forget(db: &Db, folder_id: i64) -> Result<(), StoreError> {
    db.prepare_cached("DELETE FROM listings WHERE folder_id = ?1")?.execute([folder_id])?;
    Ok(())
}

/// Counts the files at or below a folder that are not missing.
pub fn count_below(db: &Db, root: &Path) -> Result<u64, StoreError> {
    let (from, to) = files::range_below(root);
    let count: Option<i64> = db
        .prepare_cached(
            "SELECT sum(coalesce(l.present,
                 (SELECT count(*) FROM files f WHERE f.folder_id = d.id AND f.missing_since_ns IS NULL)))
             FROM folders d LEFT JOIN listings l ON l.folder_id = d.id
             WHERE d.path = ?1 OR (d.path > ?2 AND d.path < ?3)",
        )?
        .query_row(params![root.as_os_str().as_bytes(), from, to], |row| row.get(0))
        .optional()?
        .flatten();
    Ok(count.unwrap_or(0) as u64)
}
