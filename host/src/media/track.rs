//! Facts of one track.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Entry, Language};

/// One video, audio, subtitle or other stream of a file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Track {
    /// Names the track in steps. Counted from zero in file order when read; stays with the track while a plan is thought
    /// through.
    pub id: u32,
    /// Number in the container: TrackNumber of Matroska, track_ID of ISO BMFF, PID of MPEG-TS.
    pub number: u64,
    pub addresses: Addresses,
    pub details: Details,
    /// Normal name: `h264`, `hevc`, `aac`, `subrip`, … as ffmpeg names codecs.
    pub codec: String,
    /// Identifier as it stands in the file: `V_MPEG4/ISO/AVC`, `avc1`, `0x1b`.
    pub codec_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<String>,
    pub language: Language,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    pub flags: Flags,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_ns: Option<u64>,
    /// Bits per second, only where the file states it credibly.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bit_rate: Option<u64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub extra: Vec<Entry>,
}

impl Track {
    pub fn kind(&self) -> TrackKind {
        match self.details {
            Details::Video(_) => TrackKind::Video,
            Details::Audio(_) => TrackKind::Audio,
            Details::Subtitle(_) => TrackKind::Subtitle,
            Details::Other => TrackKind::Other,
        }
    }

    /// Whether `extra` says this of the track.
    pub fn is_said(&self, name: &str) -> bool {
        self.extra.iter().any(|entry| entry.says(name))
    }
}

/// What sort of track it is; `type` in every answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TrackKind {
    Video,
    Audio,
    Subtitle,
    Other,
}

impl TrackKind {
    pub fn name(self) -> &'static str {
        match self {
            Self::Video => "video",
            Self::Audio => "audio",
            Self::Subtitle => "subtitle",
            Self::Other => "other",
        }
    }
}

/// How outside tools address a track.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Addresses {
    /// Track id of mkvmerge, counted from zero.
    pub mkvmerge: Option<u32>,
    /// Track number for `mkvpropedit --edit track:N`, counted from one.
    pub mkvpropedit: Option<u32>,
    /// Stream index of ffmpeg and ffprobe, counted from zero.
    pub ffmpeg: Option<u32>,
}

/// Roles of a track (RFC 9559 §5.1.4.1.5 and following; dispositions of ffmpeg).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Flags {
    pub default: bool,
    pub forced: bool,
    pub enabled: bool,
    pub original: bool,
    pub commentary: bool,
    pub hearing_impaired: bool,
    pub visual_impaired: bool,
    pub text_descriptions: bool,
}

impl Default for Flags {
    fn default() -> Self {
        Self {
            default: false,
            forced: false,
            enabled: true,
            original: false,
            commentary: false,
            hearing_impaired: false,
            visual_impaired: false,
            text_descriptions: false,
        }
    }
}

/// What only one kind of track has.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Details {
    Video(Video),
    Audio(Audio),
    Subtitle(Subtitle),
    Other,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Video {
    /// Coded size in pixels.
    pub width: u32,
    pub height: u32,
    /// Size to show at, in pixels of square shape.
    pub display_width: u32,
    pub display_height: u32,
    /// Clockwise degrees to turn the picture by when showing it.
    #[serde(default)]
    pub rotation: i32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frame_rate: Option<Ratio>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interlaced: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bit_depth: Option<u8>,
    #[serde(default)]
    pub colour: Colour,
    #[serde(default)]
    pub dynamic_range: DynamicRange,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Audio {
    /// Number of channels that are heard after decoding.
    pub channels: u32,
    /// `mono`, `stereo`, `5.1`, `5.1(side)`, `7.1` and so on, as ffmpeg names them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layout: Option<String>,
    /// Samples per second after decoding.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sample_rate: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bit_depth: Option<u8>,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Subtitle {
    /// Absent when the codec is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form: Option<SubtitleForm>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SubtitleForm {
    Text,
    StyledText,
    Image,
}

/// An exact fraction, such as a frame rate of 24000/1001.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ratio {
    pub numerator: u32,
    pub denominator: u32,
}

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.numerator, self.denominator)
    }
}

/// Colour description; code points of ISO/IEC 23091-2.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Colour {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub primaries: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transfer: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub matrix: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub range: Option<ColourRange>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mastering: Option<Mastering>,
    /// Maximum content light level, cd/m².
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_content_light: Option<u32>,
    /// Maximum frame-average light level, cd/m².
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_frame_light: Option<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ColourRange {
    Limited,
    Full,
}

/// Mastering display metadata (SMPTE ST 2086): chromaticities as CIE 1931 x and y, luminance in cd/m².
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Mastering {
    pub red: (f64, f64),
    pub green: (f64, f64),
    pub blue: (f64, f64),
    pub white: (f64, f64),
    pub luminance_min: f64,
    pub luminance_max: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DynamicRange {
    #[default]
    Sdr,
    Hdr10,
    Hdr10Plus,
    Hlg,
    DolbyVision(DolbyVision),
}

impl DynamicRange {
    pub fn name(self) -> &'static str {
        match self {
            Self::Sdr => "sdr",
            Self::Hdr10 => "hdr10",
            Self::Hdr10Plus => "hdr10-plus",
            Self::Hlg => "hlg",
            Self::DolbyVision(_) => "dolby-vision",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DolbyVision {
    pub profile: u8,
    pub level: u8,
    /// Signal compatibility: 0 none, 1 HDR10, 2 SDR, 4 HLG, 6 HDR10 as on a Blu-ray disc.
    pub compatibility: u8,
}

impl DolbyVision {
    /// What the picture is for a screen that does not know Dolby Vision; `None` where it cannot be shown without.
    pub fn base_layer(self) -> Option<&'static str> {
        match self.compatibility {
            1 | 6 => Some("hdr10"),
            2 => Some("sdr"),
            4 => Some("hlg"),
            _ => None,
        }
    }
}
