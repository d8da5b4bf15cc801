//! Opening a database: look first, then create, upgrade, or refuse it untouched.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io;
use std::ops::Deref;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::{Connection, OpenFlags, OptionalExtension, TransactionBehavior};

use super::migrations::{self, Stage};
use super::{Clock, Db, SCHEMA_VERSION, StoreError, layout};

/// How long a writer waits for another one. Batches are short, so this is only reached when something is wrong.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// Marks a file as ours, because the earlier program has a version 7 of its own. "vpo" and a zero.
pub(super) const APPLICATION_ID: i64 = 0x7670_6f00;

/// A database file that is known to be readable by this program.
#[derive(Debug, Clone)]
pub struct Store {
    path: Arc<Path>,
    /// There is no file, and nobody has asked to write: readers see an empty library.
    is_absent: bool,
}

impl Store {
    /// Opens a database for a command that may write: creates what is missing, upgrades what is older.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        Self::open_watched(path, &Clock::system(), &|_| {})
    }

    /// Opens a database for a command that only reads. A file that is not there is not made.
    pub fn open_to_read(path: &Path) -> Result<Self, StoreError> {
        if matches!(look(path)?, Found::Nothing) {
            return Ok(Self { path: Arc::from(path), is_absent: true });
        }
        Self::open(path)
    }

    /// [`Store::open`] with the time and the stages of an upgrade given and shown, for tests that stop it in between.
    #[doc(hidden)]
    pub fn open_watched(path: &Path, clock: &Clock, watch: &dyn Fn(Stage)) -> Result<Self, StoreError> {
        match look(path)? {
            Found::Current => {}
            Found::Nothing => create(path)?,
            Found::Earlier => migrations::upgrade(path, clock, watch)?,
        }
        Ok(Self { path: Arc::from(path), is_absent: false })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A connection that reads and never waits for a writer.
    pub fn reader(&self) -> Result<Reader, StoreError> {
        if self.is_absent {
            let connection = Connection::open_in_memory()?;
            connection.execute_batch(migrations::LAYOUT)?;
            return Ok(Reader(connection));
        }
        let connection = open_to_read(&self.path)?;
        connection.set_prepared_statement_cache_capacity(64);
        connection.execute_batch("PRAGMA cache_size = -4096; PRAGMA temp_store = MEMORY")?;
        Ok(Reader(connection))
    }

    /// The connection that writes. One for each process is enough.
    pub fn writer(&self) -> Result<Writer, StoreError> {
        self.writer_waiting(BUSY_TIMEOUT)
    }

    /// A writer that waits no longer than this for another one.
    pub fn writer_waiting(&self, patience: Duration) -> Result<Writer, StoreError> {
        let connection = open_to_write(&self.path, patience)?;
        connection.set_prepared_statement_cache_capacity(64);
        Ok(Writer(connection))
    }
}

/// A connection for queries.
pub struct Reader(Connection);

impl Deref for Reader {
    type Target = Db;

    fn deref(&self) -> &Db {
        &self.0
    }
}

impl Reader {
    /// Runs several queries on one state of the database.
    pub fn snapshot<T, E: From<StoreError>>(&mut self, read: impl FnOnce(&Db) -> Result<T, E>) -> Result<T, E> {
        let transaction = self.0.transaction().map_err(StoreError::from)?;
        read(&transaction)
    }
}

/// A connection for changes; it may read as well.
pub struct Writer(Connection);

impl Writer {
    /// Runs `work` as one change: all of it is kept, or nothing when it fails.
    ///
    /// What is committed survives a crash of this process; after a power cut the last commits may be gone, but never torn.
    pub fn transaction<T, E: From<StoreError>>(&mut self, work: impl FnOnce(&Db) -> Result<T, E>) -> Result<T, E> {
        let transaction = self.0.transaction_with_behavior(TransactionBehavior::Immediate).map_err(StoreError::from)?;
        let value = work(&transaction)?;
        transaction.commit().map_err(StoreError::from)?;
        Ok(value)
    }

    /// [`Writer::transaction`] that is on the disk when it returns, for what must be known after a power cut.
    pub fn durable_transaction<T, E: From<StoreError>>(
        &mut self,
        work: impl FnOnce(&Db) -> Result<T, E>,
    ) -> Result<T, E> {
        self.0.execute_batch("PRAGMA synchronous = FULL").map_err(StoreError::from)?;
        let outcome = self.transaction(work);
        self.0.execute_batch("PRAGMA synchronous = NORMAL").map_err(StoreError::from)?;
        outcome
    }

    /// Waits until everything that was committed is on the disk.
    pub fn sync(&mut self) -> Result<(), StoreError> {
        // The log is synchronised before anything of it is moved into the database.
        self.0.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))?;
        Ok(())
    }
}

impl Deref for Writer {
    type Target = Db;

    fn deref(&self) -> &Db {
        &self.0
    }
}

/// What lies at a path, as far as it may be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// No file, or one without any table.
    Nothing,
    Current,
    /// Version 6 of the earlier program.
    Earlier,
}

/// Finds out what a file is without leaving a trace beside it.
fn look(path: &Path) -> Result<Found, StoreError> {
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => return Err(StoreError::NotADatabase { path: path.to_owned() }),
        Ok(metadata) if metadata.len() == 0 => return Ok(Found::Nothing),
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::Nothing),
        Err(source) => return Err(StoreError::Create { path: path.to_owned(), source }),
    }
    if is_settled(path) {
        let judged = open_as_is(path)
            .map_err(|error| StoreError::opening(path, error))
            .and_then(|connection| judge(&connection, path));
        match judged {
            // A file that is written while it is looked at like this can seem damaged; then the careful way decides.
            Err(StoreError::NotADatabase { .. } | StoreError::Open { .. }) => {}
            judged => return judged,
        }
    }
    let connection = open_to_read(path)?;
    judge(&connection, path)
}

/// Tells what an open database is.
pub(super) fn judge(connection: &Connection, path: &Path) -> Result<Found, StoreError> {
    let opening = |error| StoreError::opening(path, error);
    let path = || path.to_owned();

    let has = |name: &str| {
        connection
            .query_row("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?1", [name], |_| Ok(()))
            .optional()
            .map(|row| row.is_some())
    };
    if !has("_meta").map_err(opening)? {
        let tables: i64 =
            connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).map_err(opening)?;
        return if tables == 0 { Ok(Found::Nothing) } else { Err(StoreError::Foreign { path: path() }) };
    }
    let version: Option<String> = connection
        .query_row("SELECT value FROM _meta WHERE key = 'schema_version'", [], |row| row.get(0))
        .optional()
        .map_err(opening)?;
    let Some(version) = version.and_then(|text| text.trim().parse::<i64>().ok()) else {
        return Err(StoreError::Foreign { path: path() });
    };
    let application: i64 = connection.query_row("PRAGMA application_id", [], |row| row.get(0)).map_err(opening)?;
    match version {
        SCHEMA_VERSION if application == APPLICATION_ID => match layout::lack(connection).map_err(opening)? {
            None => Ok(Found::Current),
            Some(lacks) => Err(StoreError::OtherLayout { path: path(), version, lacks }),
        },
        6 if has("jobs").map_err(opening)? && has("files").map_err(opening)? => Ok(Found::Earlier),
        ..=5 => Err(StoreError::TooOld { path: path(), found: version }),
        6 => Err(StoreError::Foreign { path: path() }),
        _ => Err(StoreError::Newer { path: path(), found: version, known: SCHEMA_VERSION }),
    }
}

/// Makes the folder, the file and the tables. Two processes may do so at once; the second finds the work done.
fn create(path: &Path) -> Result<(), StoreError> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .map_err(|source| StoreError::Folder { path: folder.to_owned(), source })?;
    }
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) if error.kind() == io::ErrorKind::ReadOnlyFilesystem => {
            return Err(StoreError::ReadOnly { path: path.to_owned() });
        }
        Err(source) => return Err(StoreError::Create { path: path.to_owned(), source }),
    }
    let mut connection = open_to_write(path, BUSY_TIMEOUT)?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if judge(&transaction, path)? == Found::Nothing {
        migrations::lay_out(&transaction)?;
        transaction.commit()?;
    }
    Ok(())
}

/// Opens for writing, in WAL mode.
fn open_to_write(path: &Path, patience: Duration) -> Result<Connection, StoreError> {
    let opening = |error| StoreError::opening(path, error);
    let connection = open_as(path, OpenFlags::SQLITE_OPEN_READ_WRITE).map_err(opening)?;
    if connection.is_readonly(rusqlite::MAIN_DB).map_err(opening)? {
        return Err(StoreError::ReadOnly { path: path.to_owned() });
    }
    connection.busy_timeout(patience).map_err(opening)?;
    switch_to_wal(&connection, patience).map_err(opening)?;
    connection
        .execute_batch(
            "PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON;
             PRAGMA cache_size = -16384; PRAGMA temp_store = MEMORY;
             PRAGMA journal_size_limit = 67108864",
        )
        .map_err(opening)?;
    Ok(connection)
}

/// Sets WAL mode. For this one change of a fresh file SQLite does not wait for others by itself.
fn switch_to_wal(connection: &Connection, patience: Duration) -> Result<(), rusqlite::Error> {
    let begun = Instant::now();
    loop {
        match connection.execute_batch("PRAGMA journal_mode = WAL") {
            Err(error)
                if error.sqlite_error_code() == Some(rusqlite::ErrorCode::DatabaseBusy)
                    && begun.elapsed() < patience =>
            {
                thread::sleep(Duration::from_millis(2));
            }
            outcome => return outcome,
        }
    }
}

/// Opens for reading: with the locks of WAL where they can be had, as an unchanging file where the disk is read-only.
fn open_to_read(path: &Path) -> Result<Connection, StoreError> {
    let usual = open_as(path, OpenFlags::SQLITE_OPEN_READ_ONLY).and_then(|connection| {
        connection.busy_timeout(BUSY_TIMEOUT)?;
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get::<_, i64>(0))?;
        Ok(connection)
    });
    match usual {
        Ok(connection) => Ok(connection),
        Err(_) if is_settled(path) && is_unwritable(path) => {
            open_as_is(path).map_err(|error| StoreError::opening(path, error))
        }
        Err(error) => Err(StoreError::opening(path, error)),
    }
}

/// Opens without locks and without files beside it, which is right only for a file that nobody is writing.
fn open_as_is(path: &Path) -> Result<Connection, rusqlite::Error> {
    let mut uri = String::from("file:");
    for byte in path.as_os_str().as_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' => uri.push(char::from(*byte)),
            other => uri.push_str(&format!("%{other:02X}")),
        }
    }
    uri.push_str("?immutable=1");
    Connection::open_with_flags(
        uri,
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )
}

pub(super) fn open_as(path: &Path, access: OpenFlags) -> Result<Connection, rusqlite::Error> {
    Connection::open_with_flags(path, access | OpenFlags::SQLITE_OPEN_NO_MUTEX)
}

/// There is nothing beside the file that belongs to it: no log with pages in it, no journal to roll back.
fn is_settled(path: &Path) -> bool {
    ["-wal", "-journal"].iter().all(|suffix| fs::metadata(beside(path, suffix)).map_or(true, |m| m.len() == 0))
}

fn is_unwritable(path: &Path) -> bool {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    rustix::fs::access(folder, rustix::fs::Access::WRITE_OK).is_err()
}

/// The path with something added to its name.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}
