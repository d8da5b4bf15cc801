//! What the headers of codecs tell: from the private data first, from the beginning of the first frame where that is needed.

use vpo_codecs::{
    Picture, Sound, aac, ac3, av1, colour, dts, flac, h264, hevc, mpeg_audio, mpeg2, mpeg4, opus, truehd, vpx,
};

/// Bytes of a BITMAPINFOHEADER and of a WAVEFORMATEX, behind which the private data proper stand.
const BITMAP_HEADER: usize = 40;
const WAVE_HEADER: usize = 18;

/// Bytes of a first frame that are enough: a header, the messages in front of a picture, a core and its extension.
const SHORT_START: usize = 64;
const MEDIUM_START: usize = 1 << 10;
const LONG_START: usize = 3 << 10;

/// What the headers of one track tell.
#[derive(Debug, Clone, Default)]
pub struct Headers {
    pub picture: Picture,
    pub sound: Sound,
}

impl Headers {
    /// Reads private data.
    pub fn of_private(codec: &str, codec_id: &str, private: &[u8]) -> Self {
        let private = match codec_id {
            "V_MS/VFW/FOURCC" => private.get(BITMAP_HEADER..).unwrap_or_default(),
            "A_MS/ACM" => private.get(WAVE_HEADER..).unwrap_or_default(),
            _ => private,
        };
        if private.is_empty() {
            return Self::default();
        }
        let picture = match codec {
            "h264" => h264::configuration(private).or_else(|| h264::byte_stream(private)),
            "hevc" => hevc::configuration(private).or_else(|| Some(hevc::byte_stream(private))),
            "av1" => av1::configuration(private),
            "vp9" => vpx::webm_features(private),
            "mpeg1video" | "mpeg2video" => mpeg2::sequence(private).map(|sequence| sequence.picture),
            "mpeg4" => mpeg4::headers(private),
            _ => None,
        };
        let sound = match codec {
            "aac" => aac::configuration(private),
            "flac" => flac::stream_info(private),
            "vorbis" => flac::vorbis(private),
            "opus" => opus::head(private),
            _ => None,
        };
        Self { picture: picture.unwrap_or_default(), sound: sound.unwrap_or_default() }
    }

    /// Says how many bytes of the first frame are worth reading.
    pub fn wanted_of_frame(&self, codec: &str) -> Option<usize> {
        let is_pq = self.picture.colour.transfer == Some(colour::PQ);
        let has_size = self.picture.size.is_some();
        match codec {
            "vp8" | "vp9" => Some(SHORT_START),
            // Static and dynamic metadata stand in front of the picture.
            "hevc" | "av1" if is_pq => Some(LONG_START),
            "h264" | "hevc" | "av1" | "mpeg1video" | "mpeg2video" | "mpeg4" if !has_size => Some(MEDIUM_START),
            "ac3" | "eac3" | "mp1" | "mp2" | "mp3" => Some(SHORT_START),
            "truehd" | "mlp" => Some(SHORT_START),
            "aac" if self.sound.channels.is_none() => Some(SHORT_START),
            "dts" => Some(LONG_START),
            _ => None,
        }
    }

    /// Adds what the beginning of the first frame tells. Private data have the first word, but for sizes that only frames have.
    pub fn with_frame(self, codec: &str, private: &[u8], frame: &[u8]) -> Self {
        let picture = match codec {
            "vp8" => vpx::vp8_key_frame(frame),
            "vp9" => vpx::vp9_key_frame(frame),
            "h264" => match h264::length_size(private) {
                Some(length_size) => h264::sample(frame, length_size),
                None => h264::byte_stream(frame),
            },
            "hevc" => Some(match hevc::length_size(private) {
                Some(length_size) => hevc::sample(frame, length_size),
                None => hevc::byte_stream(frame),
            }),
            "av1" => Some(av1::units(frame)),
            "mpeg1video" | "mpeg2video" => mpeg2::sequence(frame).map(|sequence| sequence.picture),
            "mpeg4" => mpeg4::headers(frame),
            _ => None,
        };
        let sound = match codec {
            "ac3" | "eac3" => ac3::frame(frame),
            "truehd" | "mlp" => truehd::major_sync(frame),
            "dts" => dts::frame(frame),
            "mp1" | "mp2" | "mp3" => mpeg_audio::frame(frame),
            "aac" => aac::adts(frame),
            _ => None,
        };
        Self { picture: self.picture.or(picture.unwrap_or_default()), sound: self.sound.or(sound.unwrap_or_default()) }
    }
}
