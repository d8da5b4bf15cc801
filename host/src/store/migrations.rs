//! The way from every version that ever shipped to the one of today.
//!
//! A step is one transaction: killed anywhere, the database is of the old version or wholly of the new one. A backup is
//! made before the first step. What a shipped step does is never changed.

mod from_006;

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::DateTime;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use super::open::{APPLICATION_ID, Found, beside, judge, open_as};
use super::{Clock, SCHEMA_VERSION, StoreError};

/// All tables of today's version.
pub(super) const LAYOUT: &str = include_str!("schema/007.sql");

/// How long an upgrade waits for whoever else has the database open.
const PATIENCE: Duration = Duration::from_secs(60);

/// How far an upgrade has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    Locked,
    BackingUp,
    BackedUp,
    Renamed,
    /// One file is copied; told for each.
    FileCopied,
    FilesCopied,
    JobsCopied,
    Converted,
    Committed,
}

/// Makes the tables of a fresh database, inside the caller's transaction.
pub(super) fn lay_out(connection: &Connection) -> Result<(), StoreError> {
    connection.execute_batch(LAYOUT)?;
    mark(connection)
}

/// Writes whose database this is, and which version.
fn mark(connection: &Connection) -> Result<(), StoreError> {
    connection.pragma_update(None, "application_id", APPLICATION_ID)?;
    connection.execute(
        "INSERT INTO _meta (key, value) VALUES ('schema_version', ?1)
         ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        [SCHEMA_VERSION.to_string()],
    )?;
    Ok(())
}

/// Brings an older database up to date, with a copy of it left beside.
///
/// The write lock is held from before the backup to the commit, so the backup is exactly what was upgraded, and of two
/// processes that try at once one finds the work done.
pub(super) fn upgrade(path: &Path, clock: &Clock, watch: &dyn Fn(Stage)) -> Result<(), StoreError> {
    let upgrading = |source: StoreError| match source {
        named @ (StoreError::Backup { .. } | StoreError::ReadOnly { .. } | StoreError::NotADatabase { .. }) => named,
        other => StoreError::Upgrade { path: path.to_owned(), source: Box::new(other) },
    };
    let mut connection =
        open_as(path, OpenFlags::SQLITE_OPEN_READ_WRITE).map_err(|error| StoreError::opening(path, error))?;
    if connection.is_readonly(rusqlite::MAIN_DB)? || folder_is_read_only(path) {
        return Err(StoreError::ReadOnly { path: path.to_owned() });
    }
    convert(&mut connection, path, clock, watch).map_err(upgrading)?;
    watch(Stage::Committed);
    Ok(())
}

fn convert(connection: &mut Connection, path: &Path, clock: &Clock, watch: &dyn Fn(Stage)) -> Result<(), StoreError> {
    connection.busy_timeout(PATIENCE)?;
    // Tables are renamed and refilled; references are by name, and hold again at the end, where they are checked.
    connection.execute_batch("PRAGMA foreign_keys = OFF; PRAGMA legacy_alter_table = ON; PRAGMA synchronous = FULL")?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if judge(&transaction, path)? != Found::Earlier {
        return Ok(());
    }
    watch(Stage::Locked);
    back_up(path, clock, watch).map_err(|source| StoreError::Backup { path: path.to_owned(), source })?;
    watch(Stage::BackedUp);
    from_006::convert(&transaction, clock.now_ns(), watch)?;
    mark(&transaction)?;
    watch(Stage::Converted);
    transaction.commit()?;
    Ok(())
}

/// Copies the database to a file beside it that did not exist, complete or not at all.
fn back_up(
    path: &Path,
    clock: &Clock,
    watch: &dyn Fn(Stage),
) -> Result<PathBuf, Box<dyn std::error::Error + Send + Sync>> {
    let unfinished = beside(path, ".backup-unfinished");
    // What a killed upgrade left; the write lock says that nobody is working on it.
    match fs::remove_file(&unfinished) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
        _ => {}
    }
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(&unfinished)?;
    let copied = copy(path, &unfinished, watch);
    if let Err(error) = copied {
        let _ = fs::remove_file(&unfinished);
        return Err(error);
    }
    let time = DateTime::from_timestamp_nanos(clock.now_ns()).format("%Y%m%dT%H%M%SZ");
    for attempt in 1.. {
        let suffix = if attempt == 1 { format!(".v6-{time}.backup") } else { format!(".v6-{time}-{attempt}.backup") };
        let target = beside(path, &suffix);
        // A link, unlike a rename, never replaces what is there.
        match fs::hard_link(&unfinished, &target) {
            Ok(()) => fs::remove_file(&unfinished)?,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
            // Filesystems without links: the name is free as far as can be seen.
            Err(_) if target.try_exists()? => continue,
            Err(_) => fs::rename(&unfinished, &target)?,
        }
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            File::open(folder)?.sync_all()?;
        }
        return Ok(target);
    }
    unreachable!("one of endlessly many names is free")
}

fn copy(path: &Path, to: &Path, watch: &dyn Fn(Stage)) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let source = open_as(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let mut target = open_as(to, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    let backup = rusqlite::backup::Backup::new(&source, &mut target)?;
    backup.step(16)?;
    watch(Stage::BackingUp);
    backup.run_to_completion(4096, Duration::ZERO, None)?;
    drop(backup);
    drop(target);
    File::open(to)?.sync_all()?;
    Ok(())
}

fn folder_is_read_only(path: &Path) -> bool {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    rustix::fs::access(folder, rustix::fs::Access::WRITE_OK).is_err()
}
