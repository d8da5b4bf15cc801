//! Headers at the beginning of elementary streams, by the normal name of the codec.
//!
//! For containers that keep nothing beside the samples: transport streams, and AVI.

use vpo_plugin_sdk::facts::{Colour, ColourRange};

use crate::{
    Picture, Sound, aac, ac3, av1,
    bits::Bits,
    colour, dirac, dts, ffv1, flac, h263, h264, hevc, huffyuv, intra, mpeg_audio, mpeg2, mpeg4,
    riff::{self, FourCc},
    truehd, vc1, vpx,
};

/// Sound that does not begin with a frame is searched for one up to here.
const SEARCHED: usize = 4096;

/// Whether [`picture`] knows the headers of a codec.
pub fn has_picture_header(codec: &str) -> bool {
    matches!(codec, "h264" | "hevc" | "mpeg1video" | "mpeg2video" | "mpeg4" | "vc1" | "vp8" | "vp9" | "dirac")
}

/// Whether [`sound`] knows the headers of a codec.
pub fn has_sound_header(codec: &str) -> bool {
    matches!(
        codec,
        "mp1"
            | "mp2"
            | "mp3"
            | "aac"
            | "aac_latm"
            | "ac3"
            | "eac3"
            | "dts"
            | "truehd"
            | "flac"
            | "pcm_bluray"
            | "s302m"
    )
}

/// Whether many of its frames say what [`sound`] says, so that the middle of a packet does as well as its beginning.
pub fn is_alike_throughout(codec: &str) -> bool {
    matches!(codec, "mp1" | "mp2" | "mp3" | "aac" | "aac_latm" | "ac3")
}

/// Reads what the beginning of a stream of pictures says; `None` where there is no header in it.
pub fn picture(codec: &str, bytes: &[u8]) -> Option<Picture> {
    match codec {
        "h264" => h264::byte_stream(bytes),
        "hevc" => Some(hevc::byte_stream(bytes)).filter(|picture| picture.size.is_some()),
        "mpeg1video" | "mpeg2video" => mpeg2::sequence(bytes).map(|sequence| sequence.picture),
        "mpeg4" => mpeg4::headers(bytes).filter(|picture| picture.size.is_some()),
        "vc1" => vc1::sequence(bytes),
        "vp8" => vpx::vp8_key_frame(bytes),
        "vp9" => vpx::vp9_key_frame(bytes),
        "av1" => Some(av1::units(bytes)).filter(|picture| picture.size.is_some()),
        "h263" => h263::picture(bytes),
        "mjpeg" => intra::jpeg(bytes),
        "jpeg2000" => intra::jpeg_2000(bytes),
        "png" => intra::png(bytes),
        "cfhd" => intra::cineform(bytes),
        "prores" => intra::prores(bytes),
        "dnxhd" => intra::vc3(bytes),
        "theora" => intra::theora(bytes),
        "dirac" => dirac::sequence(bytes),
        "ffv1" => ffv1::key_frame(bytes),
        _ => None,
    }
}

/// Whether [`picture`] finds in a frame what no container keeps beside the samples.
pub fn is_told_by_frames(codec: &str) -> bool {
    matches!(codec, "mjpeg" | "jpeg2000" | "png" | "prores" | "dnxhd" | "cfhd" | "dirac" | "h263")
}

/// Reads private data that are the same in every container.
pub fn private(codec: &str, bytes: &[u8]) -> Option<Picture> {
    match codec {
        "ffv1" => ffv1::configuration(bytes),
        "huffyuv" | "ffvhuff" => huffyuv::configuration(bytes),
        "theora" => intra::theora(bytes),
        _ => None,
    }
}

/// What holds of every picture of a codec, and what its four letters tell.
pub fn assumed(codec: &str, letters: Option<&FourCc>) -> Picture {
    let range = match codec {
        "prores" => Some(ColourRange::Limited),
        "mjpeg" | "png" | "amv" => Some(ColourRange::Full),
        _ => None,
    };
    // The matrix of BT.601 goes with JFIF, and with codecs that were made from it.
    let matrix = match codec {
        "mjpeg" | "amv" | "speedhq" => Some(5),
        _ => letters.and_then(riff::matrix),
    };
    Picture {
        profile: letters.and_then(riff::prores_profile).map(str::to_owned),
        bit_depth: letters.and_then(riff::depth).or(depth(codec)),
        // None of these knows fields.
        interlaced: matches!(codec, "vp8" | "vp9" | "av1").then_some(false),
        colour: Colour { range, matrix, ..colour::unknown() },
        ..Picture::default()
    }
}

/// Normal name of the codec of a stream of pictures, where its header knows better: MPEG-1 and MPEG-2 begin alike.
pub fn codec(codec: &'static str, bytes: &[u8]) -> &'static str {
    match codec {
        "mpeg1video" | "mpeg2video" => mpeg2::sequence(bytes).map_or(codec, |sequence| sequence.codec()),
        _ => codec,
    }
}

/// Bits of a sample of codecs that have no others.
pub fn depth(codec: &str) -> Option<u8> {
    if matches!(codec, "v210" | "v410" | "r210" | "r10k") {
        return Some(10);
    }
    let has_eight = matches!(
        codec,
        "msmpeg4v1"
            | "msmpeg4v2"
            | "msmpeg4v3"
            | "wmv1"
            | "wmv2"
            | "wmv3"
            | "vc1"
            | "h261"
            | "h263"
            | "h263i"
            | "flv1"
            | "dvvideo"
            | "vp3"
            | "vp6"
            | "vp8"
            | "svq1"
            | "svq3"
            | "mpeg1video"
            | "mpeg2video"
            | "mpeg4"
            | "mjpeg"
            | "aic"
            | "amv"
            | "theora"
            | "huffyuv"
            | "snow"
            | "speedhq"
            | "rv10"
            | "rv20"
            | "rv30"
            | "rv40"
            | "cinepak"
            | "asv1"
            | "asv2"
            | "v308"
            | "v408"
            | "yuv4"
            | "y41p"
            | "avui"
            | "ayuv"
            | "cljr"
    );
    has_eight.then_some(8)
}

/// Reads what the first whole frame of a stream of sound says; `None` where there is none.
pub fn sound(codec: &str, bytes: &[u8]) -> Option<Sound> {
    let bytes = behind_id3(bytes);
    match codec {
        // Muxers that take all sound for MPEG-1's are met.
        "mp1" | "mp2" | "mp3" => chained(bytes, mpeg_audio::frame, mpeg_audio::frame_length)
            .or_else(|| chained(bytes, aac::adts, aac::frame_length).map(|s| Sound { codec: Some("aac"), ..s })),
        "aac" => chained(bytes, aac::adts, aac::frame_length),
        "aac_latm" => latm_stream(bytes),
        "ac3" | "eac3" => first(bytes, ac3::frame),
        "dts" => first(bytes, dts::frame),
        "truehd" => truehd::major_sync(bytes),
        // Frames have no header that tells as much; only a beginning that is marked does.
        "flac" if bytes.starts_with(b"fLaC") => flac::stream_info(bytes),
        "pcm_bluray" => blu_ray_pcm(bytes),
        "s302m" => s302m(bytes),
        _ => None,
    }
}

/// What follows a tag of ID3, which segments of HTTP live streams put in front of their first frame.
fn behind_id3(bytes: &[u8]) -> &[u8] {
    let &[b'I', b'D', b'3', _, _, _, a, b, c, d, ref rest @ ..] = bytes else { return bytes };
    let length = [a, b, c, d].iter().fold(0, |length, &seven| length << 7 | usize::from(seven & 0x7f));
    rest.get(length..).unwrap_or(bytes)
}

/// Reads the first frame. One that does not stand at the beginning is believed when another like it begins where it ends,
/// because two bytes are easily mistaken for a sync.
fn chained(bytes: &[u8], frame: fn(&[u8]) -> Option<Sound>, length: fn(&[u8]) -> Option<usize>) -> Option<Sound> {
    let is_followed = |sound: &Sound, at: usize| {
        let next = length(&bytes[at..]).and_then(|length| frame(bytes.get(at + length..)?));
        next.is_some_and(|next| is_alike(&next, sound))
    };
    frame(bytes).or_else(|| {
        {
            let searched = 1..bytes.len().min(SEARCHED);
            searched.filter_map(|at| Some((frame(&bytes[at..])?, at))).find(|(sound, at)| is_followed(sound, *at))
        }
        .map(|(sound, _)| sound)
    })
}

fn is_alike(one: &Sound, other: &Sound) -> bool {
    (one.channels, one.sample_rate, one.codec) == (other.channels, other.sample_rate, other.codec)
}

/// Reads the first frame. One that does not stand at the beginning is believed when another like it follows somewhere.
fn first(bytes: &[u8], frame: fn(&[u8]) -> Option<Sound>) -> Option<Sound> {
    if let Some(sound) = frame(bytes) {
        return Some(sound);
    }
    let mut found = (1..bytes.len().min(SEARCHED)).filter_map(|at| frame(&bytes[at..]));
    let mut candidate = found.next()?;
    for next in found {
        if is_alike(&next, &candidate) {
            return Some(candidate);
        }
        candidate = next;
    }
    None
}

/// Reads the first frame that has the configuration, which not every one has to; a sync that stands in the middle is believed
/// when the next one is where its frame ends.
fn latm_stream(bytes: &[u8]) -> Option<Sound> {
    let is_followed = |at: usize| {
        let length = latm_length(&bytes[at..]).unwrap_or_default();
        bytes.get(at + length..).is_some_and(|next| latm_length(next).is_some())
    };
    latm(bytes).or_else(|| {
        let searched = 1..bytes.len();
        searched.filter(|&at| is_followed(at)).find_map(|at| latm(&bytes[at..]))
    })
}

/// Bytes of a frame with its head; `None` where none begins.
fn latm_length(bytes: &[u8]) -> Option<usize> {
    match *bytes {
        [0x56, high, low, ..] if high & 0xe0 == 0xe0 => Some(3 + (usize::from(high & 0x1f) << 8 | usize::from(low))),
        _ => None,
    }
}

/// Reads an AudioSyncStream of MPEG-4 audio (ISO/IEC 14496-3 §1.7.2) as DVB uses it: one program, one layer.
fn latm(bytes: &[u8]) -> Option<Sound> {
    const SYNC: u64 = 0x2b7;

    let mut bits = Bits::new(bytes);
    if bits.number(11)? != SYNC {
        return None;
    }
    bits.skip(13)?;
    let uses_same_config = bits.bit()?;
    let version = bits.bit()?;
    let same_framing = !version && bits.bit()?;
    // Subframes, programs and layers, each less one.
    if uses_same_config || !same_framing || bits.number(6 + 4 + 3)? != 0 {
        return None;
    }
    // The configuration does not begin at a byte.
    let mut config = Vec::with_capacity(16);
    while let (Some(byte), true) = (bits.u8(8), config.len() < 16) {
        config.push(byte);
    }
    let sound = aac::configuration(&config)?;
    Some(Sound { codec: None, ..sound })
}

/// Reads the header of a packet of LPCM on Blu-ray.
fn blu_ray_pcm(bytes: &[u8]) -> Option<Sound> {
    const LAYOUTS: [(u32, &str); 12] = [
        (0, ""),
        (1, "mono"),
        (0, ""),
        (2, "stereo"),
        (3, "3.0"),
        (3, "3.0(back)"),
        (4, "4.0"),
        (4, "quad(side)"),
        (5, "5.0(side)"),
        (6, "5.1(side)"),
        (7, "7.0"),
        (8, "7.1"),
    ];

    let &[_, _, third, fourth, ..] = bytes else { return None };
    let sample_rate = match third & 0xf {
        1 => 48_000,
        4 => 96_000,
        5 => 192_000,
        _ => return None,
    };
    let bit_depth = match fourth >> 6 {
        1 => 16,
        2 => 20,
        3 => 24,
        _ => return None,
    };
    let &(channels, layout) = LAYOUTS.get(usize::from(third >> 4)).filter(|(channels, _)| *channels > 0)?;
    Some(Sound {
        channels: Some(channels),
        layout: Some(layout.to_owned()),
        sample_rate: Some(sample_rate),
        bit_depth: Some(bit_depth),
        ..Sound::default()
    })
}

/// Reads the header of a packet of SMPTE ST 302.
fn s302m(bytes: &[u8]) -> Option<Sound> {
    let &[a, b, c, d, ..] = bytes else { return None };
    let header = u32::from_be_bytes([a, b, c, d]);
    Some(Sound {
        channels: Some((header >> 14 & 3) * 2 + 2),
        sample_rate: Some(48_000),
        bit_depth: Some((header >> 4 & 3) as u8 * 4 + 16).filter(|&depth| depth <= 24),
        ..Sound::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADTS: [u8; 9] = [0xff, 0xf1, 0x4c, 0x80, 0x01, 0x3f, 0xfc, 0x21, 0x10];

    #[test]
    fn a_frame_in_the_middle_is_believed_when_another_follows_it_at_once() {
        let lone = [&[7; 20][..], &ADTS].concat();
        let apart = [&[7; 20][..], &ADTS, &[9; 30], &ADTS].concat();
        let two = [&[7; 20][..], &ADTS, &ADTS].concat();

        assert_eq!(sound("aac", &lone), None);
        assert_eq!(sound("aac", &apart), None);
        assert_eq!(sound("aac", &two).unwrap().sample_rate, Some(48_000));
        assert_eq!(sound("aac", &ADTS).unwrap().channels, Some(2));
    }

    #[test]
    fn aac_that_is_called_mpeg_audio_is_aac() {
        let two = [ADTS, ADTS].concat();

        let sound = sound("mp3", &two).unwrap();

        assert_eq!((sound.codec, sound.sample_rate), (Some("aac"), Some(48_000)));
    }

    #[test]
    fn a_tag_in_front_of_the_first_frame_is_passed_over() {
        let tagged = [&b"ID3\x04\0\0\0\0\0\x03abc"[..], &ADTS].concat();
        let cut = [&b"ID3\x04\0\0\0\0\x7f\x7fabc"[..], &ADTS].concat();

        assert_eq!(sound("aac", &tagged).unwrap().channels, Some(2));
        assert_eq!(sound("aac", &cut), None);
    }

    #[test]
    fn pcm_of_blu_ray_has_six_channels() {
        let sound = sound("pcm_bluray", &[0x0b, 0x40, 0x91, 0xc0, 1, 2]).unwrap();

        assert_eq!((sound.channels, sound.sample_rate, sound.bit_depth), (Some(6), Some(48_000), Some(24)));
        assert_eq!(sound.layout.as_deref(), Some("5.1(side)"));
    }

    #[test]
    fn latm_holds_a_configuration_between_bytes() {
        // AAC LC, 48 kHz, two channels: 00010 0011 0010, behind 24 + 16 bits.
        let bits = concat!(
            "01010110111",
            "0000000001000",
            "0",
            "0",
            "1",
            "000000",
            "0000",
            "000",
            "00010",
            "0011",
            "0010",
            "000000"
        );
        let bytes: Vec<u8> = bits
            .as_bytes()
            .chunks(8)
            .map(|byte| u8::from_str_radix(&format!("{:0<8}", std::str::from_utf8(byte).unwrap()), 2).unwrap())
            .collect();
        let with_length = |length: u8| [&[0x56, 0xe0, length], &bytes[3..]].concat();
        let (whole, cut) = (with_length(bytes.len() as u8 - 3), with_length(200));
        let follows = [0x56, 0xe0, 1, 0x80];

        let told = sound("aac_latm", &bytes).unwrap();

        assert_eq!((told.channels, told.sample_rate, told.codec), (Some(2), Some(48_000), None));
        // Frames that use the configuration of another stand around it.
        assert!(sound("aac_latm", &[&follows[..], &whole, &follows].concat()).is_some());
        assert!(sound("aac_latm", &[&follows[..], &cut, &follows].concat()).is_none());
    }
}
