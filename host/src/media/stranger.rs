//! What a file is that nobody can read as a film, as far as a glance at its first bytes tells.

use std::fmt;

/// Something that people take for a film by mistake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stranger {
    Empty,
    /// All that was glanced at is zero.
    Zeros,
    WebPage,
    Text,
    /// A picture, in a format of this name.
    Picture(&'static str),
    /// Sound without a picture, in a format of this name.
    Sound(&'static str),
    /// Something else that has a name.
    Other(&'static str),
    /// A film of a format that vpo reads, so that what is missing is an introspector in the profile.
    Film(&'static str),
}

/// Bytes at an offset, and what a file is that has them there.
type Mark = (usize, &'static [u8], Stranger);

const PIECE: Stranger = Stranger::Other("a piece of a stream, which means nothing without its beginning");

const MARKS: [Mark; 39] = [
    (0, b"\xff\xd8\xff", Stranger::Picture("JPEG")),
    (0, b"\x89PNG\r\n\x1a\n", Stranger::Picture("PNG")),
    (0, b"GIF87a", Stranger::Picture("GIF")),
    (0, b"GIF89a", Stranger::Picture("GIF")),
    (8, b"WEBP", Stranger::Picture("WebP")),
    (0, b"II*\0", Stranger::Picture("TIFF")),
    (0, b"MM\0*", Stranger::Picture("TIFF")),
    (4, b"ftypheic", Stranger::Picture("HEIC")),
    (4, b"ftypheix", Stranger::Picture("HEIC")),
    (4, b"ftypmif1", Stranger::Picture("HEIF")),
    (4, b"ftypavif", Stranger::Picture("AVIF")),
    (0, b"ID3", Stranger::Sound("MP3")),
    (0, b"fLaC", Stranger::Sound("FLAC")),
    (8, b"WAVE", Stranger::Sound("WAV")),
    (8, b"AIFF", Stranger::Sound("AIFF")),
    (0, b"MAC ", Stranger::Sound("Monkey's Audio")),
    (0, b"wvpk", Stranger::Sound("WavPack")),
    (0, b"#!AMR", Stranger::Sound("AMR")),
    (0, b"\x0b\x77", Stranger::Sound("AC-3")),
    (0, b"PK\x03\x04", Stranger::Other("a ZIP archive")),
    (0, b"Rar!\x1a\x07", Stranger::Other("a RAR archive")),
    (0, b"7z\xbc\xaf\x27\x1c", Stranger::Other("a 7z archive")),
    (0, b"\x1f\x8b\x08", Stranger::Other("compressed with gzip")),
    (0, b"\xfd7zXZ\0", Stranger::Other("compressed with xz")),
    (0, b"\x28\xb5\x2f\xfd", Stranger::Other("compressed with zstd")),
    (257, b"ustar", Stranger::Other("a tar archive")),
    (0, b"%PDF-", Stranger::Other("a PDF document")),
    (0, b"\x7fELF", Stranger::Other("a program")),
    (0, b"SQLite format 3\0", Stranger::Other("a database (SQLite)")),
    (0, b"DVDVIDEO-V", Stranger::Other("the index of a DVD, whose films are its VOB files")),
    (0, b"MPLS0", Stranger::Other("a playlist of a Blu-ray disc, whose films are its M2TS files")),
    (0, b"d8:announce", Stranger::Other("a torrent, which only says where the film is")),
    (4, b"styp", PIECE),
    (4, b"moof", PIECE),
    (4, b"sidx", PIECE),
    (0, b"\x1a\x45\xdf\xa3", Stranger::Film("Matroska")),
    (4, b"ftyp", Stranger::Film("MP4")),
    (8, b"AVI LIST", Stranger::Film("AVI")),
    (0, b"OggS", Stranger::Film("Ogg")),
];

impl Stranger {
    /// Whether it would be a film if there were somebody to read it.
    pub fn is_film(self) -> bool {
        matches!(self, Self::Film(_))
    }

    /// Takes a glance at how a file begins; `None` when that says nothing.
    pub fn of(head: &[u8]) -> Option<Self> {
        if head.is_empty() {
            return Some(Self::Empty);
        }
        let has = |(offset, bytes, _): &&Mark| head.get(*offset..).is_some_and(|rest| rest.starts_with(bytes));
        if let Some((_, _, stranger)) = MARKS.iter().find(has) {
            return Some(*stranger);
        }
        if head.iter().all(|byte| *byte == 0) {
            return Some(Self::Zeros);
        }
        if is_mpeg_audio(head) {
            return Some(Self::Sound("MP3"));
        }
        text_of(head).map(|text| {
            let text = text.trim_start().to_ascii_lowercase();
            if text.starts_with("<!doctype html") || text.starts_with("<html") { Self::WebPage } else { Self::Text }
        })
    }
}

impl fmt::Display for Stranger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("it is empty"),
            Self::Zeros => f.write_str("it begins with zeros (was it copied or downloaded whole?)"),
            Self::WebPage => f.write_str("it is a web page (was it a download that failed?)"),
            Self::Text => f.write_str("it holds text"),
            Self::Picture(format) => write!(f, "it is a picture ({format})"),
            Self::Sound(format) => write!(f, "it is sound alone ({format}), and vpo reads films"),
            Self::Other(what) => write!(f, "it is {what}"),
            Self::Film(format) => write!(f, "it begins like {format}, which no introspector of the profile can read"),
        }
    }
}

/// Whether two frames of MPEG audio, layer III, follow each other.
fn is_mpeg_audio(head: &[u8]) -> bool {
    /// Kilobits per second of MPEG-1 and of MPEG-2, by their index.
    const RATES: [[usize; 15]; 2] = [
        [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
        [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
    ];
    const FREQUENCIES: [usize; 3] = [44_100, 48_000, 32_000];

    let length = |frame: &[u8]| {
        let &[0xff, version, rates, ..] = frame else { return None };
        // Version 1 is reserved; layer III is a one.
        let (halves, is_third) = (version >> 3 & 3, version & 0xe6 == 0xe2);
        if !is_third || halves == 1 {
            return None;
        }
        let is_second = halves != 3;
        let rate = *RATES[usize::from(is_second)].get(usize::from(rates >> 4)).filter(|rate| **rate > 0)?;
        let frequency = FREQUENCIES.get(usize::from(rates >> 2 & 3))? >> (3 - halves.max(1)).min(2);
        let samples = if is_second { 72_000 } else { 144_000 };
        Some(samples * rate / frequency + usize::from(rates >> 1 & 1))
    };
    length(head).and_then(|first| head.get(first..)).is_some_and(|second| length(second).is_some())
}

/// The text that a file begins with, unless some of its bytes are no text.
fn text_of(head: &[u8]) -> Option<String> {
    let text = match head {
        [0xff, 0xfe, rest @ ..] => utf_16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf_16(rest, u16::from_be_bytes),
        _ if is_utf_8(head) || is_mostly_ascii(head) => Some(String::from_utf8_lossy(head).into_owned()),
        _ => None,
    }?;
    let is_of_text = |c: char| !c.is_control() || matches!(c, '\t' | '\n' | '\r' | '\x0c' | '\x1b');
    (!text.is_empty() && text.chars().all(is_of_text)).then_some(text)
}

/// Whether it is UTF-8, but for a character that the glance ended in.
fn is_utf_8(head: &[u8]) -> bool {
    head.utf8_chunks().next().is_some_and(|chunk| head.len() - chunk.valid().len() < 4)
}

/// Whether it can be text in an older encoding, where most letters are ASCII all the same.
fn is_mostly_ascii(head: &[u8]) -> bool {
    head.iter().filter(|byte| byte.is_ascii()).count() * 4 >= head.len() * 3
}

fn utf_16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Option<String> {
    let units: Vec<u16> = bytes.as_chunks().0.iter().map(|pair| unit(*pair)).collect();
    // The last one may be half a character.
    String::from_utf16(&units[..units.len().saturating_sub(1)]).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(head: &[u8]) -> String {
        Stranger::of(head).map(|stranger| stranger.to_string()).unwrap_or_default()
    }

    #[test]
    fn everyday_mistakes_are_named() {
        assert_eq!(said(b""), "it is empty");
        assert_eq!(said(&[0; 1024]), "it begins with zeros (was it copied or downloaded whole?)");
        assert_eq!(said(b"1\r\n00:00:01,000 --> 00:00:02,000\r\nGood evening."), "it holds text");
        assert_eq!(said("Gr\u{fc}\u{df}e".as_bytes()), "it holds text");
        assert_eq!(said(b"\n<!DOCTYPE HTML><title>404"), "it is a web page (was it a download that failed?)");
        assert_eq!(said(b"\xff\xd8\xff\xe0\0\x10JFIF"), "it is a picture (JPEG)");
        assert_eq!(said(b"ID3\x04\0\0"), "it is sound alone (MP3), and vpo reads films");
        assert_eq!(said(b"RIFF\x24\0\0\0WAVEfmt "), "it is sound alone (WAV), and vpo reads films");
        assert_eq!(said(b"Rar!\x1a\x07\0"), "it is a RAR archive");
        assert!(said(b"\x1a\x45\xdf\xa3").contains("begins like Matroska"));
    }

    #[test]
    fn text_may_be_utf_16_and_may_end_in_the_middle() {
        let wide: Vec<u8> = [0xff, 0xfe].into_iter().chain("Film".encode_utf16().flat_map(u16::to_le_bytes)).collect();

        assert_eq!(said(&wide), "it holds text");
        assert_eq!(said(&"Grü".as_bytes()[..3]), "it holds text");
        assert_eq!(said(b"Gr\xfc\xdfe aus Latein"), "it holds text");
        assert_eq!(said("こんにちは".as_bytes()), "it holds text");
        assert_eq!(said(b"\xf9\xb3\xe1 \xd0\xe4\xf7\xa9"), "");
        assert_eq!(said(b"text\0with a zero"), "");
    }

    #[test]
    fn mpeg_audio_is_known_by_two_frames() {
        // MPEG-1, layer III, 128 kbit/s, 44,100 Hz: 417 bytes.
        let mut sound = vec![0; 1024];
        sound[..4].copy_from_slice(&[0xff, 0xfb, 0x90, 0x64]);
        assert_eq!(said(&sound), "");
        sound[417..421].copy_from_slice(&[0xff, 0xfb, 0x92, 0x64]);
        assert_eq!(said(&sound), "it is sound alone (MP3), and vpo reads films");
        // MPEG-2, 64 kbit/s, 24,000 Hz: 192 bytes.
        let mut sound = vec![0; 1024];
        sound[..4].copy_from_slice(&[0xff, 0xf3, 0x84, 0xc4]);
        sound[192..196].copy_from_slice(&[0xff, 0xf3, 0x84, 0xc4]);
        assert_eq!(said(&sound), "it is sound alone (MP3), and vpo reads films");
    }
}
