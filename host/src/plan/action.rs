//! What can be done to a file. These types mirror `vpo:plugin/policy`.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::media::{Entry, Flags};

/// One thing to do. Tracks and attachments are named by their `id` in the facts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Action {
    SetFlag {
        track: u32,
        flag: TrackFlag,
        value: bool,
    },
    SetLanguage {
        track: u32,
        /// BCP 47.
        language: String,
    },
    SetTrackTitle {
        track: u32,
        /// Absent removes the title.
        title: Option<String>,
    },
    /// Title of the whole file; absent removes it.
    SetTitle {
        title: Option<String>,
    },
    /// Tag of the whole file.
    SetTag {
        name: String,
        /// Absent removes the tag.
        value: Option<String>,
    },
    /// Every remaining track's id, in the wanted order.
    Reorder {
        tracks: Vec<u32>,
    },
    RemoveTrack {
        track: u32,
    },
    RemoveAttachment {
        attachment: u32,
    },
    RemoveChapters,
    /// Same tracks in another container: `matroska`, `mp4`.
    ConvertContainer {
        container: String,
    },
    TranscodeTrack {
        track: u32,
        /// Normal name of the target codec.
        codec: String,
        /// Bits per second.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        bit_rate: Option<u64>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        channels: Option<u32>,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        extra: Vec<Entry>,
    },
    /// A path relative to the root, with the extension.
    MoveFile {
        path: String,
    },
}

impl Action {
    /// The name that profiles grant and answers show.
    pub fn kind(&self) -> ActionKind {
        match self {
            Self::SetFlag { .. } => ActionKind::SetFlag,
            Self::SetLanguage { .. } => ActionKind::SetLanguage,
            Self::SetTrackTitle { .. } => ActionKind::SetTrackTitle,
            Self::SetTitle { .. } => ActionKind::SetTitle,
            Self::SetTag { .. } => ActionKind::SetTag,
            Self::Reorder { .. } => ActionKind::Reorder,
            Self::RemoveTrack { .. } => ActionKind::RemoveTrack,
            Self::RemoveAttachment { .. } => ActionKind::RemoveAttachment,
            Self::RemoveChapters => ActionKind::RemoveChapters,
            Self::ConvertContainer { .. } => ActionKind::ConvertContainer,
            Self::TranscodeTrack { .. } => ActionKind::TranscodeTrack,
            Self::MoveFile { .. } => ActionKind::MoveFile,
        }
    }

    /// The track it is about, where it is about one.
    pub fn track(&self) -> Option<u32> {
        match self {
            Self::SetFlag { track, .. }
            | Self::SetLanguage { track, .. }
            | Self::SetTrackTitle { track, .. }
            | Self::RemoveTrack { track }
            | Self::TranscodeTrack { track, .. } => Some(*track),
            _ => None,
        }
    }
}

/// The kinds of step, by the names that a profile grants.
///
/// They stand in the order in which a plan lists its steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ActionKind {
    ConvertContainer,
    RemoveTrack,
    RemoveAttachment,
    RemoveChapters,
    TranscodeTrack,
    Reorder,
    SetFlag,
    SetLanguage,
    SetTrackTitle,
    SetTitle,
    SetTag,
    MoveFile,
}

impl ActionKind {
    pub const ALL: [Self; 12] = [
        Self::ConvertContainer,
        Self::RemoveTrack,
        Self::RemoveAttachment,
        Self::RemoveChapters,
        Self::TranscodeTrack,
        Self::Reorder,
        Self::SetFlag,
        Self::SetLanguage,
        Self::SetTrackTitle,
        Self::SetTitle,
        Self::SetTag,
        Self::MoveFile,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::ConvertContainer => "convert-container",
            Self::RemoveTrack => "remove-track",
            Self::RemoveAttachment => "remove-attachment",
            Self::RemoveChapters => "remove-chapters",
            Self::TranscodeTrack => "transcode-track",
            Self::Reorder => "reorder",
            Self::SetFlag => "set-flag",
            Self::SetLanguage => "set-language",
            Self::SetTrackTitle => "set-track-title",
            Self::SetTitle => "set-title",
            Self::SetTag => "set-tag",
            Self::MoveFile => "move-file",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// A metadata edit can be undone from history, so it needs no grant.
    pub fn is_metadata_edit(self) -> bool {
        matches!(self, Self::SetFlag | Self::SetLanguage | Self::SetTrackTitle | Self::SetTitle | Self::SetTag)
    }

    /// Something that was in the file is not in it afterwards, or not as it was.
    pub fn loses_content(self) -> bool {
        matches!(self, Self::RemoveTrack | Self::RemoveAttachment | Self::RemoveChapters | Self::TranscodeTrack)
    }
}

impl fmt::Display for ActionKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A role of a track that a step can give or take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TrackFlag {
    Default,
    Forced,
    Enabled,
    Original,
    Commentary,
    HearingImpaired,
    VisualImpaired,
    TextDescriptions,
}

impl TrackFlag {
    pub const ALL: [Self; 8] = [
        Self::Default,
        Self::Forced,
        Self::Enabled,
        Self::Original,
        Self::Commentary,
        Self::HearingImpaired,
        Self::VisualImpaired,
        Self::TextDescriptions,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Forced => "forced",
            Self::Enabled => "enabled",
            Self::Original => "original",
            Self::Commentary => "commentary",
            Self::HearingImpaired => "hearing-impaired",
            Self::VisualImpaired => "visual-impaired",
            Self::TextDescriptions => "text-descriptions",
        }
    }

    pub fn of(self, flags: &Flags) -> bool {
        match self {
            Self::Default => flags.default,
            Self::Forced => flags.forced,
            Self::Enabled => flags.enabled,
            Self::Original => flags.original,
            Self::Commentary => flags.commentary,
            Self::HearingImpaired => flags.hearing_impaired,
            Self::VisualImpaired => flags.visual_impaired,
            Self::TextDescriptions => flags.text_descriptions,
        }
    }

    pub fn set(self, flags: &mut Flags, value: bool) {
        *match self {
            Self::Default => &mut flags.default,
            Self::Forced => &mut flags.forced,
            Self::Enabled => &mut flags.enabled,
            Self::Original => &mut flags.original,
            Self::Commentary => &mut flags.commentary,
            Self::HearingImpaired => &mut flags.hearing_impaired,
            Self::VisualImpaired => &mut flags.visual_impaired,
            Self::TextDescriptions => &mut flags.text_descriptions,
        } = value;
    }
}

impl fmt::Display for TrackFlag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
