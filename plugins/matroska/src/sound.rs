//! The Audio element of a track.

use vpo_reading::ReadError;

use crate::{
    ebml::{self, Element, File, Walk},
    ids,
};

/// What the container says of the sound.
#[derive(Debug, Clone, PartialEq)]
pub struct Sound {
    pub sampling_frequency: f64,
    /// Stated when it differs, as for SBR.
    pub output_frequency: Option<f64>,
    pub channels: u64,
    pub bit_depth: Option<u64>,
}

impl Default for Sound {
    /// The defaults of RFC 9559.
    fn default() -> Self {
        Self { sampling_frequency: 8000.0, output_frequency: None, channels: 1, bit_depth: None }
    }
}

impl Sound {
    /// Samples per second that are heard, by what the container says.
    pub fn rate(&self) -> Option<u32> {
        let rate = self.output_frequency.unwrap_or(self.sampling_frequency).round();
        (rate >= 1.0 && rate <= f64::from(u32::MAX)).then_some(rate as u32)
    }
}

pub fn read(file: &mut File<'_>, audio: &Element) -> Result<Sound, ReadError> {
    let mut sound = Sound::default();
    let mut walk = Walk::inside(audio);
    while let Some(child) = walk.next(file)? {
        match child.id {
            ids::SAMPLING_FREQUENCY => {
                sound.sampling_frequency = ebml::float(file, &child)?.unwrap_or(sound.sampling_frequency);
            }
            ids::OUTPUT_SAMPLING_FREQUENCY => sound.output_frequency = ebml::float(file, &child)?,
            ids::CHANNELS => sound.channels = ebml::unsigned(file, &child)?.unwrap_or(1),
            ids::BIT_DEPTH => sound.bit_depth = ebml::unsigned(file, &child)?.filter(|depth| *depth > 0),
            _ => {}
        }
    }
    Ok(sound)
}
