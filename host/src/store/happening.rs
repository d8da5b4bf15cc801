//! The words for what can happen to a file, in jobs and in its story alike.

/// One thing that happened to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Happening {
    /// Seen for the first time.
    Added,
    /// Its bytes differ from what was recorded, and were read again.
    Changed,
    /// Read again, and as it was recorded.
    Scanned,
    Moved,
    Missing,
    /// There again after it was missing.
    Returned,
    /// Forgotten, because it was missing and pruning was asked for.
    Pruned,
    /// Other bytes under an unchanged observation.
    Damaged,
    /// Changed while it was read; nothing was recorded.
    Unstable,
    Planned,
    Edited,
    Undone,
    /// The original that was kept of it was deleted, as somebody asked.
    Released,
    /// Left as it was, for a reason.
    Skipped,
    Failed,
    /// Came from the database of an earlier program.
    Upgraded,
}

impl Happening {
    const ALL: [Happening; 16] = [
        Self::Added,
        Self::Changed,
        Self::Scanned,
        Self::Moved,
        Self::Missing,
        Self::Returned,
        Self::Pruned,
        Self::Damaged,
        Self::Unstable,
        Self::Planned,
        Self::Edited,
        Self::Undone,
        Self::Released,
        Self::Skipped,
        Self::Failed,
        Self::Upgraded,
    ];

    /// The word in the database and in every answer.
    pub fn name(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Changed => "changed",
            Self::Scanned => "scanned",
            Self::Moved => "moved",
            Self::Missing => "missing",
            Self::Returned => "returned",
            Self::Pruned => "pruned",
            Self::Damaged => "damaged",
            Self::Unstable => "unstable",
            Self::Planned => "planned",
            Self::Edited => "edited",
            Self::Undone => "undone",
            Self::Released => "released",
            Self::Skipped => "skipped",
            Self::Failed => "failed",
            Self::Upgraded => "upgraded",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|happening| happening.name() == name)
    }
}
