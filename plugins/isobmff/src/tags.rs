//! Tags: iTunes items (`ilst`), QuickTime keys (`mdta`), user data of QuickTime and 3GPP, and the size of cover art.

use vpo_plugin_sdk::introspector::Failure;
use vpo_reading::{Media, ReadError};

use crate::{
    boxes::{self, FourCc, Source, Span},
    language,
    track::text_of,
};

/// One tag.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// As ffmpeg names it: `title`, `album_artist`, `com.apple.quicktime.make`.
    pub name: String,
    pub value: String,
    pub language: Option<String>,
}

/// A picture kept as a tag.
#[derive(Debug, Clone, PartialEq)]
pub struct Cover {
    pub media_type: &'static str,
    pub extension: &'static str,
    /// Bytes.
    pub size: u64,
    /// ffmpeg makes a stream of it.
    pub is_stream: bool,
}

/// What a `meta` box holds.
#[derive(Debug, Clone, Default)]
pub struct Meta {
    pub items: Vec<Item>,
    pub covers: Vec<Cover>,
}

/// Longer values are cut.
const MOST_VALUE: usize = 12 << 10;
/// More items than this are not read.
const MOST_ITEMS: usize = 512;

/// Returns the value of the first of these names that there is.
pub fn value_of(items: &[Item], names: &[&str]) -> Option<String> {
    let find = |name: &&str| items.iter().find(|item| item.name == *name && !item.value.is_empty());
    names.iter().find_map(find).map(|item| item.value.clone())
}

/// Reads a `meta` box of either kind: a full box in ISO files, a plain one in those of QuickTime.
pub fn read_meta<M: Media + ?Sized>(source: &mut Source<'_, M>, meta: Span) -> Result<Meta, Failure> {
    let head = source.content(meta, 8)?;
    let is_full = head.get(4..8) != Some(b"hdlr");
    let mut at = meta.content + if is_full { 4 } else { 0 };
    let mut found = Meta::default();
    let mut keys = Vec::new();
    let mut list = None;
    while let Some(child) = source.child(&mut at, meta.end)? {
        match &child.kind {
            b"keys" => keys = read_keys(source, child)?,
            b"ilst" => list = Some(child),
            _ => {}
        }
    }
    if let Some(list) = list {
        let mut at = list.content;
        while let Some(item) = source.child(&mut at, list.end)? {
            if found.items.len() + found.covers.len() >= MOST_ITEMS {
                source.missing("there are more tags than are read".to_owned());
                break;
            }
            read_item(source, item, &keys, &mut found)?;
        }
    }
    Ok(found)
}

fn read_keys<M: Media + ?Sized>(source: &mut Source<'_, M>, keys: Span) -> Result<Vec<String>, ReadError> {
    let content = source.content(keys, MOST_VALUE)?;
    let entries = boxes::in_slice(content.get(8..).unwrap_or(&[]));
    Ok(entries.take(MOST_ITEMS).map(|(_, name)| String::from_utf8_lossy(name).into_owned()).collect())
}

/// Reads one item of `ilst`.
fn read_item<M: Media + ?Sized>(
    source: &mut Source<'_, M>,
    item: Span,
    keys: &[String],
    found: &mut Meta,
) -> Result<(), Failure> {
    let mut name = match (item_name(item.kind), u32::from_be_bytes(item.kind)) {
        (Some(name), _) => Some(name.to_owned()),
        (None, index @ 1..) if !keys.is_empty() => keys.get(index as usize - 1).cloned(),
        _ => None,
    };
    let mut at = item.content;
    while let Some(child) = source.child(&mut at, item.end)? {
        match &child.kind {
            // Free form items (`----`) bring their name along.
            b"name" if item.kind == *b"----" => {
                name = Some(text_of(source.content(child, 256)?.get(4..).unwrap_or(&[])));
            }
            // A part of a text would pass for the whole.
            b"data" if child.is_cut => {}
            b"data" => {
                let head = source.content(child, 8)?;
                let kind =
                    head.get(..4).and_then(|four| four.try_into().ok()).map_or(0, u32::from_be_bytes) & 0xff_ffff;
                let size = child.length().saturating_sub(8);
                if item.kind == *b"covr" {
                    if size > 0 {
                        found.covers.push(cover(source, child, kind, size)?);
                    }
                    continue;
                }
                let Some(name) = &name else { continue };
                let content = source.content(child, 8 + MOST_VALUE)?;
                if size > MOST_VALUE as u64 {
                    source.missing(format!("the tag {name} has {size} bytes, more than are read of it"));
                }
                if let Some(value) = value(item.kind, kind, content.get(8..).unwrap_or(&[])) {
                    found.items.push(Item { name: name.clone(), value, language: None });
                }
            }
            _ => {}
        }
    }
    Ok(())
}

fn cover<M: Media + ?Sized>(source: &mut Source<'_, M>, data: Span, kind: u32, size: u64) -> Result<Cover, ReadError> {
    const JPEG: u32 = 13;
    const PNG: u32 = 14;
    const BMP: u32 = 27;
    let beginning = match kind {
        JPEG | PNG | BMP => Vec::new(),
        _ => source.pages.bytes(data.content.saturating_add(8), 4)?,
    };
    let (media_type, extension) = match (kind, beginning.as_slice()) {
        (PNG, _) | (_, b"\x89PNG") => ("image/png", "png"),
        (BMP, _) => ("image/bmp", "bmp"),
        _ => ("image/jpeg", "jpg"),
    };
    Ok(Cover { media_type, extension, size, is_stream: beginning.is_empty() })
}

/// Shows the value of an item; `None` for what is not text or number.
fn value(item: FourCc, kind: u32, bytes: &[u8]) -> Option<String> {
    const UTF_8: u32 = 1;
    const UTF_16: u32 = 2;
    const SIGNED: u32 = 21;
    const UNSIGNED: u32 = 22;
    const FLOAT: u32 = 23;
    const DOUBLE: u32 = 24;
    let pair = |at: usize| bytes.get(at..at + 2).map(|two| u16::from_be_bytes([two[0], two[1]]));
    match &item {
        b"trkn" | b"disk" => {
            let (number, of) = (pair(2)?, pair(4).unwrap_or(0));
            return Some(if of > 0 { format!("{number}/{of}") } else { number.to_string() });
        }
        b"gnre" => return genre(pair(0)?).map(str::to_owned),
        _ => {}
    }
    match kind {
        UTF_8 => Some(String::from_utf8_lossy(bytes).trim_end_matches('\0').to_owned()),
        UTF_16 => Some(utf_16(bytes)),
        FLOAT => Some(f32::from_be_bytes(bytes.get(..4)?.try_into().ok()?).to_string()),
        DOUBLE => Some(f64::from_be_bytes(bytes.get(..8)?.try_into().ok()?).to_string()),
        SIGNED => {
            let negative = bytes.first()? & 0x80 != 0;
            let bits =
                bytes.iter().take(8).fold(if negative { u64::MAX } else { 0 }, |sum, &byte| sum << 8 | u64::from(byte));
            Some((bits as i64).to_string())
        }
        // Numbers of old writers have no type.
        0 | UNSIGNED | 65..=78 if (1..=8).contains(&bytes.len()) => {
            Some(bytes.iter().fold(0u64, |sum, &byte| sum << 8 | u64::from(byte)).to_string())
        }
        _ => None,
    }
}

fn utf_16(bytes: &[u8]) -> String {
    let units: Vec<_> = bytes.chunks_exact(2).map(|two| u16::from_be_bytes([two[0], two[1]])).collect();
    match units.split_first() {
        Some((0xfeff, rest)) => String::from_utf16_lossy(rest),
        Some((0xfffe, rest)) => {
            String::from_utf16_lossy(&rest.iter().map(|unit| unit.swap_bytes()).collect::<Vec<_>>())
        }
        _ => String::from_utf16_lossy(&units),
    }
}

/// Reads a text that stands directly in `udta`: of QuickTime (`©nam`), or of 3GPP (`titl`).
pub fn read_text<M: Media + ?Sized>(source: &mut Source<'_, M>, child: Span) -> Result<Option<Item>, Failure> {
    if &child.kind == b"loci" {
        return Ok(location(&source.content(child, 1024)?));
    }
    let is_quicktime = child.kind[0] == 0xa9;
    let is_3gpp = matches!(&child.kind, b"titl" | b"auth" | b"dscp" | b"perf" | b"albm" | b"cprt");
    let Some(name) = item_name(child.kind).filter(|_| is_quicktime || is_3gpp) else { return Ok(None) };
    let content = source.content(child, MOST_VALUE)?;
    let read = || {
        if is_3gpp {
            let code = u16::from_be_bytes(content.get(4..6)?.try_into().ok()?);
            let text = content.get(6..)?;
            let value = if text.starts_with(&[0xfe, 0xff]) || text.starts_with(&[0xff, 0xfe]) {
                utf_16(text).trim_end_matches('\0').to_owned()
            } else {
                text_of(text)
            };
            return Some((value, language::of_code(code, false)));
        }
        // Some writers put an iTunes item here.
        if content.get(4..8) == Some(b"data") {
            return Some((text_of(content.get(16..)?), language::undetermined()));
        }
        let length = usize::from(u16::from_be_bytes(content.get(..2)?.try_into().ok()?));
        let code = u16::from_be_bytes(content.get(2..4)?.try_into().ok()?);
        let text = content.get(4..)?;
        Some((text_of(&text[..length.min(text.len())]), language::of_code(code, true)))
    };
    Ok(read().filter(|(value, _)| !value.is_empty()).map(|(value, language)| Item {
        name: name.to_owned(),
        value,
        language: language.original.filter(|original| original != "und"),
    }))
}

/// Reads where a film was made (3GPP TS 26.244 §8.10), and writes it as ISO 6709.
fn location(content: &[u8]) -> Option<Item> {
    let code = u16::from_be_bytes(content.get(4..6)?.try_into().ok()?);
    let rest = content.get(6..)?;
    let (place, rest) = match rest {
        [0xfe, 0xff, ..] | [0xff, 0xfe, ..] => {
            let end = rest.chunks_exact(2).position(|unit| unit == [0, 0])? * 2;
            (utf_16(&rest[..end]), rest.get(end + 2..)?)
        }
        _ => {
            let end = rest.iter().position(|&byte| byte == 0)?;
            (text_of(rest), rest.get(end + 1..)?)
        }
    };
    let degrees = |at: usize| {
        let fixed = i32::from_be_bytes(rest.get(at..at + 4)?.try_into().ok()?);
        Some(f64::from(fixed) / 65_536.0)
    };
    // Behind the role of the place.
    let (longitude, latitude, altitude) = (degrees(1)?, degrees(5)?, degrees(9)?);
    let height = if altitude == 0.0 { String::new() } else { format!("{altitude:+.6}") };
    Some(Item {
        name: "location".to_owned(),
        value: format!("{latitude:+08.4}{longitude:+09.4}{height}/{place}"),
        language: language::of_code(code, false).original.filter(|original| original != "und"),
    })
}

/// Names of items, as ffmpeg has them.
fn item_name(kind: FourCc) -> Option<&'static str> {
    Some(match &kind {
        b"\xa9nam" | b"titl" => "title",
        b"\xa9ART" | b"perf" | b"\xa9aut" => "artist",
        b"aART" => "album_artist",
        b"\xa9alb" | b"albm" => "album",
        b"\xa9wrt" | b"\xa9com" => "composer",
        b"\xa9day" => "date",
        b"\xa9gen" | b"gnre" => "genre",
        b"\xa9cmt" | b"\xa9inf" => "comment",
        b"\xa9too" | b"\xa9swr" => "encoder",
        b"\xa9ope" => "original_artist",
        b"\xa9enc" => "encoded_by",
        b"\xa9cpy" | b"cprt" => "copyright",
        b"\xa9grp" => "grouping",
        b"\xa9lyr" => "lyrics",
        b"auth" => "author",
        b"\xa9dir" => "director",
        b"\xa9prd" | b"\xa9PRD" => "producer",
        b"\xa9prf" => "performers",
        b"\xa9mak" | b"manu" => "make",
        b"\xa9mod" | b"modl" => "model",
        b"\xa9xyz" => "location",
        b"\xa9des" | b"desc" | b"dscp" => "description",
        b"\xa9src" => "original_source",
        b"\xa9fmt" => "original_format",
        b"\xa9wrn" => "warning",
        b"\xa9req" => "playback_requirements",
        b"\xa9url" => "URL",
        b"\xa9hst" => "host_computer",
        b"\xa9ed1" => "edit_date",
        b"\xa9chp" => "chapter",
        b"\xa9dis" => "disclaimer",
        b"\xa9trk" | b"trkn" => "track",
        b"\xa9st3" => "subtitle",
        b"ldes" => "synopsis",
        b"sdes" => "series_description",
        b"disk" => "disc",
        b"cpil" => "compilation",
        b"tmpo" => "tempo",
        b"catg" => "category",
        b"keyw" => "keywords",
        b"egid" => "episode_uid",
        b"pcst" => "podcast",
        b"purd" => "purchase_date",
        b"pgap" => "gapless_playback",
        b"rtng" => "rating",
        b"stik" => "media_type",
        b"apID" => "account_id",
        b"akID" => "account_type",
        b"hdvd" => "hd_video",
        b"tvsh" => "show",
        b"tven" => "episode_id",
        b"tves" => "episode_sort",
        b"tvsn" => "season_number",
        b"tvnn" => "network",
        b"sonm" => "sort_name",
        b"soar" => "sort_artist",
        b"soaa" => "sort_album_artist",
        b"soal" => "sort_album",
        b"soco" => "sort_composer",
        b"sosn" => "sort_show",
        b"covr" => "cover",
        _ => return None,
    })
}

/// The genres of ID3v1 that `gnre` counts from one, as far as they are the original ones.
fn genre(number: u16) -> Option<&'static str> {
    const GENRES: &str = "\
        Blues|Classic Rock|Country|Dance|Disco|Funk|Grunge|Hip-Hop|Jazz|Metal|New Age|Oldies|Other|Pop|R&B|\
        Rap|Reggae|Rock|Techno|Industrial|Alternative|Ska|Death Metal|Pranks|Soundtrack|Euro-Techno|Ambient|\
        Trip-Hop|Vocal|Jazz+Funk|Fusion|Trance|Classical|Instrumental|Acid|House|Game|Sound Clip|Gospel|\
        Noise|AlternRock|Bass|Soul|Punk|Space|Meditative|Instrumental Pop|Instrumental Rock|Ethnic|Gothic|\
        Darkwave|Techno-Industrial|Electronic|Pop-Folk|Eurodance|Dream|Southern Rock|Comedy|Cult|Gangsta|\
        Top 40|Christian Rap|Pop/Funk|Jungle|Native American|Cabaret|New Wave|Psychadelic|Rave|Showtunes|\
        Trailer|Lo-Fi|Tribal|Acid Punk|Acid Jazz|Polka|Retro|Musical|Rock & Roll|Hard Rock";
    GENRES.split('|').nth(usize::from(number).checked_sub(1)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_written_as_iso_6709() {
        let content = b"\0\0\0\0\x15\xc7\0\0\xff\xb5\x80\x00\0\x28\xae\x14\0\0\0\0earth\0\0";

        let found = location(content).unwrap();

        assert_eq!((found.value.as_str(), found.language.as_deref()), ("+40.6800-074.5000/", Some("eng")));
        assert_eq!(location(&content[..18]), None);
    }

    #[test]
    fn values_are_shown_by_their_type() {
        assert_eq!(value(*b"\xa9nam", 1, b"Heat\0").as_deref(), Some("Heat"));
        assert_eq!(value(*b"\xa9nam", 2, &[0, 72, 0, 105]).as_deref(), Some("Hi"));
        assert_eq!(value(*b"trkn", 0, &[0, 0, 0, 3, 0, 12, 0, 0]).as_deref(), Some("3/12"));
        assert_eq!(value(*b"tvsn", 21, &[0, 0, 0, 2]).as_deref(), Some("2"));
        assert_eq!(value(*b"tvsn", 21, &[0xff]).as_deref(), Some("-1"));
        assert_eq!(value(*b"gnre", 0, &[0, 18]).as_deref(), Some("Rock"));
        assert_eq!(value(*b"\xa9nam", 99, b"?"), None);
    }
}
