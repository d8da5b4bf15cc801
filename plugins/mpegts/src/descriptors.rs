//! Descriptors: what a table says beside the type of a stream (ISO/IEC 13818-1 §2.6, ETSI EN 300 468 §6).

use vpo_codecs::dolby;
use vpo_plugin_sdk::facts::DolbyVision;
use vpo_reading::{Cursor, Short};

/// The descriptors that facts are made of.
#[derive(Debug, Clone, PartialEq)]
pub enum Descriptor {
    Registration([u8; 4]),
    /// Languages; several of them in one stream of sound are those of its channels.
    Languages(Vec<(String, Audience)>),
    /// DVB subtitles, one entry for each language.
    Subtitles(Vec<(String, Audience)>),
    /// Pages of teletext, one entry for each; where there are subtitles among them, only those.
    Teletext {
        pages: Vec<(String, Audience)>,
        are_subtitles: bool,
    },
    /// A codec that has a descriptor of its own.
    Codec(&'static str),
    /// Opus, with the number of channels where it is plain.
    Opus(Option<u32>),
    /// What an additional sound is for, and its language.
    Supplementary {
        audience: Audience,
        language: Option<String>,
    },
    /// Which component of its program a stream is.
    Component(u8),
    /// How data is coded, as ARIB numbers it.
    DataComponent(u16),
    /// Who defines a stream of metadata.
    Metadata([u8; 4]),
    DolbyVision(DolbyVision),
    Service {
        name: Option<String>,
        provider: Option<String>,
    },
}

/// Whom a stream is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Audience {
    #[default]
    Everyone,
    HearingImpaired,
    VisualImpaired,
}

/// Reads a list of descriptors; what is not known or broken is left out.
pub fn read(bytes: &[u8]) -> Vec<Descriptor> {
    let mut cursor = Cursor::new(bytes);
    let mut descriptors = Vec::new();
    while let (Ok(tag), Ok(length)) = (cursor.u8(), cursor.u8()) {
        let Ok(content) = cursor.take(length.into()) else { break };
        if let Ok(Some(descriptor)) = descriptor(tag, content) {
            descriptors.push(descriptor);
        }
    }
    descriptors
}

fn descriptor(tag: u8, content: &[u8]) -> Result<Option<Descriptor>, Short> {
    let mut cursor = Cursor::new(content);
    Ok(Some(match tag {
        0x05 => Descriptor::Registration(cursor.array()?),
        0x0a => Descriptor::Languages(entries(&mut cursor, 1, |first| match first {
            2 => Audience::HearingImpaired,
            3 => Audience::VisualImpaired,
            _ => Audience::Everyone,
        })),
        0x26 => {
            /// The letters that say whose it is stand behind it.
            const REGISTERED: u16 = 0xffff;
            if cursor.u16_be()? != REGISTERED {
                return Ok(None);
            }
            Descriptor::Metadata(cursor.array()?)
        }
        0x48 => {
            cursor.skip(1)?;
            let provider = counted_text(&mut cursor)?;
            Descriptor::Service { provider, name: counted_text(&mut cursor)? }
        }
        0x52 => Descriptor::Component(cursor.u8()?),
        0x56 => teletext(content),
        0x59 => Descriptor::Subtitles(entries(&mut cursor, 5, |first| match first {
            0x20..=0x25 => Audience::HearingImpaired,
            _ => Audience::Everyone,
        })),
        0x6a | 0x81 => Descriptor::Codec("ac3"),
        0x7a => Descriptor::Codec("eac3"),
        0x7b => Descriptor::Codec("dts"),
        0x7c => Descriptor::Codec("aac"),
        0x7f => return extension(&mut cursor),
        0xb0 => return Ok(dolby_vision(content).map(Descriptor::DolbyVision)),
        0xfd => Descriptor::DataComponent(cursor.u16_be()?),
        _ => return Ok(None),
    }))
}

/// Reads pages of teletext, of which most are none that a film needs.
fn teletext(content: &[u8]) -> Descriptor {
    const SUBTITLES: u8 = 2;
    const SUBTITLES_FOR_THE_DEAF: u8 = 5;
    let audience = |kind: u8| match kind {
        SUBTITLES_FOR_THE_DEAF => Audience::HearingImpaired,
        _ => Audience::Everyone,
    };
    let mut cursor = Cursor::new(content);
    let pages = kinds(&mut cursor, 2).map(|(code, first)| (code, first >> 3));
    let (subtitles, others): (Vec<_>, Vec<_>) =
        pages.partition(|(_, kind)| matches!(*kind, SUBTITLES | SUBTITLES_FOR_THE_DEAF));
    let are_subtitles = !subtitles.is_empty();
    let pages = if are_subtitles { subtitles } else { others };
    Descriptor::Teletext {
        pages: pages.into_iter().map(|(code, kind)| (code, audience(kind))).collect(),
        are_subtitles,
    }
}

/// Reads the configuration of Dolby Vision, which names the stream of the base layer where this is not it.
fn dolby_vision(content: &[u8]) -> Option<DolbyVision> {
    const HAS_BASE_LAYER: u8 = 1;
    let &[major, minor, high, low, ref rest @ ..] = content else { return None };
    let rest = if low & HAS_BASE_LAYER != 0 { rest } else { rest.get(2..)? };
    dolby::configuration(&[&[major, minor, high, low], rest].concat())
}

/// Descriptors that DVB added when tags ran out.
fn extension(cursor: &mut Cursor<'_>) -> Result<Option<Descriptor>, Short> {
    Ok(Some(match cursor.u8()? {
        0x06 => {
            let flags = cursor.u8()?;
            let audience = match flags >> 2 & 0x1f {
                1 => Audience::VisualImpaired,
                2 => Audience::HearingImpaired,
                _ => Audience::Everyone,
            };
            let language = if flags & 1 != 0 { Some(language(cursor)?) } else { None };
            Descriptor::Supplementary { audience, language }
        }
        0x0e | 0x0f => Descriptor::Codec("dts"),
        0x15 => Descriptor::Codec("ac4"),
        0x80 => Descriptor::Opus(Some(u32::from(cursor.u8()?)).filter(|channels| (1..=8).contains(channels))),
        _ => return Ok(None),
    }))
}

/// Reads entries of a language and `length` bytes, the first of which says whom it is for.
fn entries(cursor: &mut Cursor<'_>, length: usize, audience: fn(u8) -> Audience) -> Vec<(String, Audience)> {
    kinds(cursor, length).map(|(code, first)| (code, audience(first))).collect()
}

/// Goes through entries of a language and `length` bytes, the first of which says what it is.
fn kinds(cursor: &mut Cursor<'_>, length: usize) -> impl Iterator<Item = (String, u8)> {
    std::iter::from_fn(move || {
        let code = language(cursor).ok()?;
        Some((code, *cursor.take(length).ok()?.first()?))
    })
}

fn language(cursor: &mut Cursor<'_>) -> Result<String, Short> {
    let code: [u8; 3] = cursor.array()?;
    Ok(code.iter().filter(|byte| byte.is_ascii_graphic()).map(|&byte| char::from(byte)).collect())
}

fn counted_text(cursor: &mut Cursor<'_>) -> Result<Option<String>, Short> {
    let length = cursor.u8()?;
    Ok(text(cursor.take(length.into())?))
}

/// Reads a text of DVB (ETSI EN 300 468 annex A), exactly where it is UTF-8 and letter by letter where it is not.
fn text(bytes: &[u8]) -> Option<String> {
    let bytes = match *bytes {
        [0x10, _, _, ref rest @ ..] | [0x01..=0x0f | 0x11..=0x1f, ref rest @ ..] => rest,
        ref plain => plain,
    };
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|&byte| char::from(byte)).collect(),
    };
    let text: String = text.chars().filter(|letter| !letter.is_control()).collect();
    (!text.trim().is_empty()).then(|| text.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_tell_whom_a_stream_is_for() {
        let bytes = b"\x0a\x04deu\x03\x59\x08fra\x20\0\x01\0\x02\x56\x05swe\x29\x00";

        let descriptors = read(bytes);

        let expected = [
            Descriptor::Languages(vec![("deu".to_owned(), Audience::VisualImpaired)]),
            Descriptor::Subtitles(vec![("fra".to_owned(), Audience::HearingImpaired)]),
            Descriptor::Teletext { pages: vec![("swe".to_owned(), Audience::HearingImpaired)], are_subtitles: true },
        ];
        assert_eq!(descriptors, expected);
    }

    #[test]
    fn a_descriptor_that_is_cut_ends_the_list_and_one_that_is_short_is_left_out() {
        assert_eq!(read(b"\x05\x02AC\x6a\x00\x0a\x40deu"), [Descriptor::Codec("ac3")]);
    }

    #[test]
    fn names_of_services_are_read_in_utf_8_and_in_single_bytes() {
        let utf_8 = [&b"\x48\x0d\x01\x02FF\x08\x15Ch"[..], "ä".as_bytes(), b"n 1"].concat();

        let name = |bytes: &[u8]| match read(bytes).into_iter().next() {
            Some(Descriptor::Service { name, .. }) => name,
            other => panic!("{other:?}"),
        };

        assert_eq!(name(&utf_8).as_deref(), Some("Chän 1"));
        assert_eq!(name(b"\x48\x06\x01\x00\x03\x05\xe4x").as_deref(), Some("äx"));
    }
}
