//! Why a file was not changed. Whatever is said here, the file is as it was.

use std::error::Error;
use std::io;
use std::path::PathBuf;

use super::whole::HiddenLoss;
use crate::media::text;
use crate::plan::Refusal;
use crate::store::StoreError;
use crate::tools::{End, RunError, Tool, ToolError, Unsupported, tags_xml};

/// Somebody else's error.
pub type AnyError = Box<dyn Error + Send + Sync>;

#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error("the policies could not be asked about what the plan leads to")]
    Unasked(#[source] AnyError),
    #[error("no tool can carry the plan out")]
    Unsupported(#[from] Unsupported),
    #[error("the file has changed since it was scanned; scan it again first")]
    Stale,
    #[error("the file is no longer what the plan was made for; make the plan anew")]
    Outdated,
    #[error("the profile wants something else of the file by now than the plan says; make the plan anew")]
    Superseded,
    #[error(
        "the file is damaged: its bytes are not those that were recorded, though nothing is seen to have written to it; \
         restore it from a copy"
    )]
    Damaged,
    #[error("another job is changing the file, or an earlier change of it is not settled yet")]
    Busy,
    #[error("the file is no longer there; scan its folder again")]
    Gone,
    #[error("it is a symbolic link to {}, and films are changed under their own names only", text::path(.to))]
    Symlink { to: PathBuf },
    #[error("the {what} {} is read-only", text::path(.path))]
    ReadOnly { what: &'static str, path: PathBuf },
    #[error("the disk of {} is read-only", text::path(.path))]
    ReadOnlyDisk { path: PathBuf },
    #[error("the file is left alone, because a copy would pass for whole: {loss}")]
    HiddenLoss { loss: HiddenLoss },
    #[error("the file has {links} hard links; what is done to it would happen to all of them")]
    Linked { links: u32 },
    #[error("the file has {links} hard links and cannot be changed where it lies")]
    LinkedRewrite { links: u32 },
    #[error("{} bytes are needed in {}, {} are free", .needed, text::path(.folder), .free)]
    Space { folder: PathBuf, needed: u64, free: u64 },
    #[error("{} is on another filesystem than the file, so nothing can be put in its place from there", text::path(.folder))]
    OtherFilesystem { folder: PathBuf },
    #[error("{} is there already", text::path(.target))]
    TargetExists { target: PathBuf },
    #[error("another file of this plan is to be {}", text::path(.target))]
    TargetTaken { target: PathBuf },
    #[error(transparent)]
    Tool(#[from] ToolError),
    #[error(transparent)]
    Run(#[from] RunError),
    #[error("{tool} failed ({}): {said}", end_in_words(.end))]
    Failed { tool: Tool, end: End, said: String },
    #[error(transparent)]
    Tags(#[from] tags_xml::Unreadable),
    #[error("{tool} made nothing that can be read")]
    Unreadable {
        tool: Tool,
        #[source]
        source: AnyError,
    },
    #[error("{tool} left something out, and the original would not be kept (apply backup=\"keep\" keeps it): {said}")]
    LeftOut { tool: Tool, said: String },
    #[error("{tool} made something else than what was planned: {}", .differences.join("; "))]
    Differs { tool: Tool, differences: Vec<String> },
    #[error("the original was not kept, and what was removed or encoded is gone")]
    Irreversible,
    #[error("the original that was kept is no longer there: {}", text::path(.kept))]
    BackupGone { kept: PathBuf },
    #[error("the original that was kept is not what it was: {}", text::path(.kept))]
    BackupDiffers { kept: PathBuf },
    #[error("it was stopped, as asked")]
    Cancelled,
    #[error("could not {doing} {}", text::path(.path))]
    File {
        doing: &'static str,
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl ApplyError {
    /// Nothing went wrong: the file is one that is left alone.
    pub fn is_skip(&self) -> bool {
        match self {
            Self::Linked { .. } | Self::LinkedRewrite { .. } | Self::Symlink { .. } | Self::Busy => true,
            // What such a file cannot have is no fault of it, and would not be had next time either.
            Self::Unsupported(Unsupported::Container { .. }) => true,
            _ => false,
        }
    }

    pub fn is_cancelled(&self) -> bool {
        matches!(self, Self::Cancelled | Self::Run(RunError::Cancelled { .. }))
    }

    /// One word for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Refused(Refusal::NotGranted { .. }) => "NOT_ALLOWED",
            Self::Refused(Refusal::NotConvergent { .. }) => "NOT_CONVERGENT",
            Self::Refused(Refusal::Nondeterministic { .. }) => "NONDETERMINISTIC",
            Self::Refused(_) => "REFUSED",
            Self::Unasked(_) => "POLICY_FAILED",
            Self::Unsupported(Unsupported::Container { .. }) => "READ_ONLY_CONTAINER",
            Self::Unsupported(_) => "UNSUPPORTED",
            Self::Stale | Self::Outdated | Self::Superseded | Self::Gone => "STALE",
            Self::Busy => "BUSY",
            Self::HiddenLoss { .. } | Self::Damaged => "DAMAGED",
            Self::Symlink { .. } => "SYMBOLIC_LINK",
            Self::ReadOnly { .. } | Self::ReadOnlyDisk { .. } => "READ_ONLY",
            Self::Linked { .. } | Self::LinkedRewrite { .. } => "HARD_LINKED",
            Self::Space { .. } => "NO_SPACE",
            Self::OtherFilesystem { .. } => "OTHER_FILESYSTEM",
            Self::TargetExists { .. } | Self::TargetTaken { .. } => "TARGET_EXISTS",
            Self::Tool(_) => "TOOL_MISSING",
            Self::Run(RunError::Cancelled { .. }) | Self::Cancelled => "CANCELLED",
            Self::Run(_) | Self::Failed { .. } => "TOOL_FAILED",
            Self::Tags(_) | Self::Unreadable { .. } | Self::LeftOut { .. } | Self::Differs { .. } => "NOT_AS_PLANNED",
            Self::Irreversible | Self::BackupGone { .. } | Self::BackupDiffers { .. } => "NOT_REVERSIBLE",
            Self::File { .. } => "IO",
            Self::Store(_) => "DATABASE",
        }
    }

    pub(super) fn file(doing: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| match source.kind() {
            io::ErrorKind::Interrupted => Self::Cancelled,
            _ => Self::File { doing, path, source },
        }
    }
}

fn end_in_words(end: &End) -> String {
    match end {
        End::Exit(code) => format!("exit code {code}"),
        End::Signal(signal) => format!("ended by signal {signal}"),
    }
}
