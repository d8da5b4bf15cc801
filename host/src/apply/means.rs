//! What the change of a file is made with.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{AnyError, Ledger};
use crate::media::Facts;
use crate::settings::{Apply, Backup, Hardlinks, Mtime};
use crate::tools::Tools;

/// How files are changed, as settings say.
#[derive(Debug, Clone, PartialEq)]
pub struct Manner {
    pub backup: Backup,
    pub hardlinks: Hardlinks,
    pub mtime: Mtime,
    /// Where tools work; none is beside the original.
    pub temp_folder: Option<PathBuf>,
    /// The outcome is read back before it takes the original's place.
    pub verify: bool,
    /// The longest that a tool may stand still.
    pub stall: Duration,
}

impl From<&Apply> for Manner {
    fn from(settings: &Apply) -> Self {
        Self {
            backup: settings.backup.value,
            hardlinks: settings.hardlinks.value,
            mtime: settings.mtime.value,
            temp_folder: settings.temp_folder.value.clone(),
            verify: settings.verify.value,
            stall: settings.stall.value,
        }
    }
}

/// Reads the facts of a file.
pub type Introspect<'a> = dyn Fn(&Path) -> Result<Facts, AnyError> + 'a;

/// What the change of a file is made with.
pub struct Means<'a> {
    pub tools: &'a Tools,
    pub manner: Manner,
    pub ledger: &'a dyn Ledger,
    pub introspect: &'a Introspect<'a>,
    pub watch: &'a dyn Watch,
}

/// Follows the change of a file.
pub trait Watch {
    /// How much of the tools' work is done, from 0 to 1.
    fn progress(&self, _done: f64) {}

    /// Whether the change is no longer wanted. Asked until the outcome is verified; what is verified is brought to its end.
    fn is_cancelled(&self) -> bool {
        false
    }

    /// A phase of the change took this long.
    fn spent(&self, _phase: &'static str, _time: Duration) {}

    /// The change has come to this point. An error counts as if what comes next had failed: tests use it.
    fn reached(&self, _point: Point) -> io::Result<()> {
        Ok(())
    }
}

/// Nobody looks, nobody cancels.
impl Watch for () {}

/// Places in the change of a file between which everything is one action of the system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Point {
    /// The intent is recorded.
    Begun,
    /// The tools are done.
    Worked,
    /// The outcome is what was planned.
    Verified,
    /// It looks like the original from outside and is on the disk.
    Prepared,
    /// The original has a second name.
    Linked,
    /// The outcome has taken its place.
    Renamed,
    /// What will be overwritten is written down.
    Journaled,
    /// The original was changed where it lies.
    Patched,
    /// The library knows.
    Recorded,
    /// The original is gone or kept as a backup.
    Cleaned,
}

impl Point {
    pub const ALL: [Self; 10] = [
        Self::Begun,
        Self::Worked,
        Self::Verified,
        Self::Prepared,
        Self::Linked,
        Self::Renamed,
        Self::Journaled,
        Self::Patched,
        Self::Recorded,
        Self::Cleaned,
    ];
}

/// Passes on what a running tool asks.
pub(super) struct ToolWatch<'a>(pub &'a dyn Watch);

impl crate::tools::Watch for ToolWatch<'_> {
    fn progress(&self, done: f64) {
        self.0.progress(done);
    }

    fn is_cancelled(&self) -> bool {
        self.0.is_cancelled()
    }
}
