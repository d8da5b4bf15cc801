//! What the headers of codecs say: profile and level, size, frame rate, colour, channels, sample rate.
//!
//! Introspectors use this on what a container keeps beside the samples (`avcC`, CodecPrivate, descriptors) and on the first
//! bytes of a sample where the container keeps nothing. Everything works on slices, is checked, and answers `None` where
//! the bytes are not what they should be: a bad codec header is never a reason to refuse a file.
//!
//! Names of profiles are those of ffmpeg; levels read `4.1`.

#![forbid(unsafe_code)]

pub mod aac;
pub mod ac3;
pub mod alac;
pub mod av1;
pub mod bits;
pub mod colour;
pub mod credible;
pub mod descriptors;
pub mod dirac;
pub mod dolby;
pub mod dts;
pub mod elementary;
pub mod ffv1;
pub mod flac;
pub mod h263;
pub mod h264;
pub mod hevc;
pub mod huffyuv;
pub mod intra;
pub mod layout;
pub mod mpeg2;
pub mod mpeg4;
pub mod mpeg_audio;
pub mod opus;
pub mod riff;
pub mod truehd;
pub mod vc1;
pub mod vpx;

mod nal;
mod picture;
mod sound;

pub use picture::Picture;
pub use sound::Sound;

/// Writes a level of two digits: 41 is `4.1`.
fn level_of_tenths(tenths: u32) -> String {
    format!("{}.{}", tenths / 10, tenths % 10)
}
