//! What private streams without a descriptor mostly are, told by their first bytes.

use vpo_codecs::{Picture, Sound, aac, elementary};

use crate::names::Kind;

/// What a private stream turned out to be.
pub struct Recognised {
    pub kind: Kind,
    pub codec: &'static str,
    pub picture: Option<Picture>,
    pub sound: Option<Sound>,
}

/// Recognises what private streams without a descriptor mostly are. Two bytes are easily mistaken for a sync, so that short
/// ones are believed when another frame like the first follows.
pub fn recognise(content: &[u8]) -> Option<Recognised> {
    let starts = |sync: &[u8]| content.starts_with(sync);
    if starts(&[0, 0, 1, 0xb3]) {
        // MPEG-4 has a header of this code too, but goes on otherwise.
        let next = (4..content.len().saturating_sub(3)).find(|&at| content[at..].starts_with(&[0, 0, 1]))?;
        if !matches!(content[next + 3], 0x00 | 0xb2 | 0xb5 | 0xb8) {
            return None;
        }
        let picture = elementary::picture("mpeg2video", content)?;
        let codec = elementary::codec("mpeg2video", content);
        return Some(Recognised { kind: Kind::Video, codec, picture: Some(picture), sound: None });
    }
    if starts(&[0, 0, 1, 0xb0]) {
        let picture = elementary::picture("mpeg4", content)?;
        return Some(Recognised { kind: Kind::Video, codec: "mpeg4", picture: Some(picture), sound: None });
    }
    if let Some(codec) = coded_in_units(content) {
        let picture = elementary::picture(codec, content)?;
        return Some(Recognised { kind: Kind::Video, codec, picture: Some(picture), sound: None });
    }
    if let Some(codec) = subtitles(content) {
        return Some(Recognised { kind: Kind::Subtitle, codec, picture: None, sound: None });
    }
    let (codec, is_sure) = match *content {
        [0x7f, 0xfe, 0x80, 0x01, ..] | [0x64, 0x58, 0x20, 0x25, ..] => ("dts", true),
        [0x0b, 0x77, ..] => ("ac3", true),
        [_, _, _, _, 0xf8, 0x72, 0x6f, 0xba, ..] => ("truehd", true),
        [0xff, second, ..] if second & 0xf6 == 0xf0 => ("aac", false),
        [0xff, second, ..] if second & 0xe0 == 0xe0 => ("mp3", false),
        _ => return None,
    };
    let sound = elementary::sound(codec, content)?;
    if !is_sure {
        let alike = |other: &Sound| (other.channels, other.sample_rate) == (sound.channels, sound.sample_rate);
        let is_followed = match codec {
            "aac" => content.get(aac::frame_length(content)?..).is_some_and(|next| is_head(next, content)),
            _ => (1..content.len()).any(|at| {
                is_head(&content[at..], content) && elementary::sound(codec, &content[at..]).is_some_and(|s| alike(&s))
            }),
        };
        if !is_followed {
            return None;
        }
    }
    Some(Recognised { kind: Kind::Audio, codec: sound.codec.unwrap_or(codec), picture: None, sound: Some(sound) })
}

/// Tells subtitles of DVB by how their data begins (ETSI EN 300 743 §7.2), and teletext by its units of 44 bytes (EN 300 472).
fn subtitles(content: &[u8]) -> Option<&'static str> {
    match *content {
        [0x20, 0x00, 0x0f, ..] => Some("dvb_subtitle"),
        [0x10..=0x1f, 0x02 | 0x03 | 0xff, 44, ref unit @ ..] if matches!(unit.get(44 + 1), None | Some(44)) => {
            Some("dvb_teletext")
        }
        _ => None,
    }
}

/// Tells H.264 and HEVC by the unit that a key frame begins with: a delimiter, or a parameter set.
fn coded_in_units(content: &[u8]) -> Option<&'static str> {
    let content = content.strip_prefix(&[0]).unwrap_or(content);
    match *content {
        [0, 0, 1, 0x46 | 0x40 | 0x42, 0x01, ..] => Some("hevc"),
        [0, 0, 1, 0x09 | 0x27 | 0x47 | 0x67, ..] => Some("h264"),
        _ => None,
    }
}

/// Whether bytes begin with the same sync and fixed fields as others.
fn is_head(bytes: &[u8], like: &[u8]) -> bool {
    bytes.len() >= 2 && bytes[..2] == like[..2]
}
