//! The options of the policy.

use vpo_plugin_sdk::options::{Choice, OneOf, Options, Pattern};
use vpo_plugin_sdk::tracks::TrackKind;

/// Which container files are to be in.
#[derive(Options, Debug)]
pub struct Container {
    /// The container wanted.
    #[child]
    pub to: To,
    /// The containers that are looked at; all when this is not written.
    #[child]
    pub from: Option<From>,
    /// What happens to tracks of a codec that the target cannot hold, where it differs from `incompatible`.
    #[any_of]
    pub exceptions: Vec<Exception>,
}

#[derive(Options, Debug)]
pub struct To {
    /// `mkv` or `mp4`.
    #[argument]
    pub target: Target,
    /// What to do with a file that has something the target cannot hold.
    #[property(default = Incompatible::Error)]
    pub incompatible: Incompatible,
    #[node]
    pub node: Option<u32>,
}

#[derive(Choice, Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    Mkv,
    Mp4,
}

impl Target {
    /// The normal name of the container in facts.
    pub fn container(self) -> &'static str {
        match self {
            Self::Mkv => "matroska",
            Self::Mp4 => "mp4",
        }
    }
}

#[derive(Choice, Debug, Clone, Copy, PartialEq, Eq)]
pub enum Incompatible {
    /// The file is given up, for a person to look at.
    Error,
    /// The file stays as it is.
    Skip,
    /// Audio and text are converted; what cannot be converted goes.
    Convert,
    /// What the target cannot hold goes.
    Drop,
}

#[derive(Options, Debug)]
pub struct From {
    /// Containers by their normal names: `avi`, `mpegts`, `mov`, `webm`, …
    #[arguments(required)]
    pub containers: Vec<Pattern>,
    #[node]
    pub node: Option<u32>,
}

#[derive(OneOf, Debug)]
pub enum Exception {
    /// Converts tracks of this codec that the target cannot hold.
    Convert(Convert),
    /// Drops tracks of this codec that the target cannot hold.
    Drop(Drop),
}

#[derive(Options, Debug)]
pub struct Convert {
    /// Codec as ffmpeg names it, `*` standing for anything.
    #[argument]
    pub codec: Pattern,
    /// Codec to convert to.
    #[property]
    pub to: Codec,
    /// Bits per second of the outcome.
    #[property]
    pub bit_rate: Option<u64>,
    /// Most channels of the outcome.
    #[property]
    pub channels: Option<u32>,
    #[node]
    pub node: Option<u32>,
}

#[derive(Options, Debug)]
pub struct Drop {
    /// Codec as ffmpeg names it, `*` standing for anything.
    #[argument]
    pub codec: Pattern,
    #[node]
    pub node: Option<u32>,
}

/// The codecs that tracks are converted to.
#[derive(Choice, Debug, Clone, Copy, PartialEq, Eq)]
pub enum Codec {
    Aac,
    Ac3,
    Eac3,
    Opus,
    Flac,
    Mp3,
    H264,
    Hevc,
    Av1,
    #[choice(name = "mov_text")]
    MovText,
    Subrip,
    Ass,
}

impl Codec {
    pub fn kind(self) -> TrackKind {
        match self {
            Self::Aac | Self::Ac3 | Self::Eac3 | Self::Opus | Self::Flac | Self::Mp3 => TrackKind::Audio,
            Self::H264 | Self::Hevc | Self::Av1 => TrackKind::Video,
            Self::MovText | Self::Subrip | Self::Ass => TrackKind::Subtitle,
        }
    }

    /// The most channels that ffmpeg's encoder takes.
    pub fn most_channels(self) -> u32 {
        match self {
            Self::Ac3 | Self::Eac3 => 6,
            Self::Mp3 => 2,
            _ => 8,
        }
    }
}
