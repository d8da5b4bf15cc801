//! What the headers of codecs tell: from the private data first, from the beginning of the first frame where that is needed.

use vpo_codecs::{
    Picture, Sound, aac, ac3, alac, av1, colour, dts, elementary, flac, h264, hevc, intra, mpeg_audio, mpeg2, mpeg4,
    opus, truehd, vpx,
};

use crate::codec;

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
        let letters = codec::letters(codec_id, private);
        let every = elementary::assumed(codec, letters);
        let private = match codec_id {
            "V_MS/VFW/FOURCC" => private.get(BITMAP_HEADER..).unwrap_or_default(),
            "A_MS/ACM" => private.get(WAVE_HEADER..).unwrap_or_default(),
            _ => private,
        };
        let picture = match codec {
            "h264" => h264::configuration(private).or_else(|| h264::byte_stream(private)),
            "hevc" => hevc::configuration(private).or_else(|| Some(hevc::byte_stream(private))),
            "av1" => av1::configuration(private),
            "vp9" => vpx::webm_features(private),
            "mpeg1video" | "mpeg2video" => mpeg2::sequence(private).map(|sequence| sequence.picture),
            "mpeg4" => mpeg4::headers(private),
            _ => elementary::private(codec, private),
        };
        let sound = match codec {
            "aac" => aac::configuration(private),
            "alac" => alac::cookie(private),
            "flac" => flac::stream_info(private),
            "vorbis" => flac::vorbis(private),
            "opus" => opus::head(private),
            _ => None,
        };
        Self { picture: picture.unwrap_or_default().or(every), sound: sound.unwrap_or_default() }
    }

    /// Says how many bytes of the first frame are worth reading.
    pub fn wanted_of_frame(&self, codec: &str) -> Option<usize> {
        let is_pq = self.picture.colour.transfer == Some(colour::PQ);
        let has_size = self.picture.size.is_some();
        match codec {
            "vp8" | "vp9" => Some(SHORT_START),
            // Static and dynamic metadata stand in front of the picture.
            "hevc" | "av1" if is_pq => Some(LONG_START),
            // Fields or frames: that, pictures say themselves.
            "h264" if self.picture.interlaced.is_none() => Some(MEDIUM_START),
            "prores" | "dnxhd" => Some(SHORT_START),
            _ if elementary::is_told_by_frames(codec) => Some(MEDIUM_START),
            "ffv1" if self.picture.bit_depth.is_none() => Some(MEDIUM_START),
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
                Some(length_size) => h264::sample_of(private, frame).or_else(|| h264::sample(frame, length_size)),
                None => h264::byte_stream(frame),
            },
            "hevc" => Some(match hevc::length_size(private) {
                Some(length_size) => hevc::sample(frame, length_size),
                None => hevc::byte_stream(frame),
            }),
            "av1" => Some(av1::units(frame)),
            "mpeg1video" | "mpeg2video" => mpeg2::sequence(frame).map(|sequence| sequence.picture),
            "mpeg4" => mpeg4::headers(frame),
            "prores" if !frame.get(4..).is_some_and(|rest| rest.starts_with(b"icpf")) => {
                // Its first eight bytes are left out in Matroska.
                intra::prores(&[b"\0\0\0\0icpf", frame].concat())
            }
            _ => elementary::picture(codec, frame),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_holds_of_a_codec_needs_no_header() {
        let vp8 = Headers::of_private("vp8", "V_VP8", &[]).picture;
        let broken = Headers::of_private("vp9", "V_VP9", &[0xFF]).with_frame("vp9", &[], &[0; 8]).picture;

        assert_eq!((vp8.bit_depth, vp8.interlaced), (Some(8), Some(false)));
        assert_eq!((broken.bit_depth, broken.interlaced), (None, Some(false)));
        assert_eq!(Headers::of_private("h264", "V_MPEG4/ISO/AVC", &[1]).picture, Picture::default());
    }

    #[test]
    fn first_frames_are_wanted_only_where_they_tell_more() {
        let told =
            Headers { picture: Picture { size: Some((320, 180)), ..Picture::default() }, sound: Sound::default() };
        let pq = Picture { colour: colour::of_code_points(9, colour::PQ, 9, None), ..told.picture.clone() };

        assert_eq!(told.wanted_of_frame("hevc"), None);
        assert_eq!(Headers { picture: pq, ..told.clone() }.wanted_of_frame("hevc"), Some(LONG_START));
        assert_eq!(Headers::default().wanted_of_frame("h264"), Some(MEDIUM_START));
        assert_eq!(told.wanted_of_frame("subrip"), None);
    }
}
