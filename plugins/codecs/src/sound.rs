//! What an audio codec header says.

use crate::layout;

/// What an audio codec header says of the decoded sound; `None` where it does not.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Sound {
    /// Normal name of the codec, where the header knows it better than the container (`mp3` in `mp4a`, `eac3` for `ac3`).
    pub codec: Option<&'static str>,
    /// As ffmpeg names it: `LC`, `HE-AAC`, `DTS-HD MA`.
    pub profile: Option<String>,
    pub channels: Option<u32>,
    /// As ffmpeg names it: `5.1(side)`.
    pub layout: Option<String>,
    /// Samples per second after decoding.
    pub sample_rate: Option<u32>,
    pub bit_depth: Option<u8>,
    /// Bits per second, where the header of a frame states or implies them.
    pub bit_rate: Option<u64>,
}

impl Sound {
    /// Sets channels and layout from a mask of speakers.
    pub(crate) fn of_mask(mask: u64) -> Self {
        Self { channels: Some(mask.count_ones()), layout: layout::of_mask(mask).map(str::to_owned), ..Self::default() }
    }

    /// Fills what this header leaves open from another one of the same track.
    pub fn or(self, other: Self) -> Self {
        let layout = match self.channels {
            Some(_) => self.layout,
            None => self.layout.or(other.layout),
        };
        Self {
            codec: self.codec.or(other.codec),
            profile: self.profile.or(other.profile),
            channels: self.channels.or(other.channels),
            layout,
            sample_rate: self.sample_rate.or(other.sample_rate),
            bit_depth: self.bit_depth.or(other.bit_depth),
            bit_rate: self.bit_rate.or(other.bit_rate),
        }
    }
}
