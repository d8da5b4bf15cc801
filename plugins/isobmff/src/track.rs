//! One `trak`: what it is, how it is coded and where its samples are described.
//!
//! `stbl` is read only as far as `stsd` and the beginning of `stts`; the tables of sizes and places, which make up nearly all
//! of a long film's headers, are jumped over.

use vpo_plugin_sdk::{facts::Language, introspector::Failure};
use vpo_reading::{Cursor, Media, Short};

use crate::{
    boxes::{FourCc, Source, Span},
    entry::{self, Entry},
    language,
    tags::{self, Item},
};

/// What a `trak` says.
#[derive(Debug, Clone)]
pub struct Track {
    /// `track_ID`.
    pub number: u32,
    pub is_enabled: bool,
    pub alternate_group: u16,
    /// Clockwise degrees, from the matrix.
    pub rotation: i32,
    /// Width and height to show at, before turning.
    pub shown_size: Option<(u32, u32)>,
    /// Ticks per second of the media.
    pub timescale: u32,
    /// In ticks of the media.
    pub duration: Option<u64>,
    /// After edits, in ticks of the film.
    pub shown_duration: Option<u64>,
    pub language: Language,
    pub handler: Option<FourCc>,
    pub handler_name: Option<String>,
    /// Title of the track, where it has one of its own.
    pub title: Option<String>,
    /// Roles of `kind` boxes and characteristics of `tagc`.
    pub roles: Vec<String>,
    /// Tracks that hold the chapters of this one.
    pub chapter_tracks: Vec<u32>,
    pub entry: Option<Entry>,
    pub times: Times,
    /// Where the sample tables are, for whoever needs them.
    pub samples: Option<Span>,
    pub items: Vec<Item>,
}

/// The beginning of `stts`: how long samples last.
#[derive(Debug, Clone, Default)]
pub struct Times {
    /// Runs of samples of the same duration in ticks.
    pub runs: Vec<(u32, u32)>,
    /// There are more runs than were read.
    pub is_cut: bool,
}

impl Times {
    /// Tells whether there is but one sample.
    pub fn is_single(&self) -> bool {
        matches!(self.runs.as_slice(), [(1, _)])
    }
}

const MOST_STSD: usize = 64 << 10;
const MOST_RUNS: u32 = 512;

/// Reads a `trak`. What is missing is left open; only reading can fail.
pub fn read<M: Media + ?Sized>(source: &mut Source<'_, M>, trak: Span, is_quicktime: bool) -> Result<Track, Failure> {
    let mut track = Track {
        number: 0,
        is_enabled: true,
        alternate_group: 0,
        rotation: 0,
        shown_size: None,
        timescale: 0,
        duration: None,
        shown_duration: None,
        language: language::undetermined(),
        handler: None,
        handler_name: None,
        title: None,
        roles: Vec::new(),
        chapter_tracks: Vec::new(),
        entry: None,
        times: Times::default(),
        samples: None,
        items: Vec::new(),
    };
    let mut at = trak.content;
    while let Some(child) = source.child(&mut at, trak.end)? {
        match &child.kind {
            b"tkhd" => {
                let content = source.content(child, 128)?;
                if read_header(&content, &mut track).is_err() {
                    source.warn(format!("the track header at byte {} is too short", child.start));
                }
            }
            b"mdia" => read_media(source, child, is_quicktime, &mut track)?,
            b"tref" => {
                if let Some(chapters) = source.find(b"chap", child)? {
                    let content = source.content(chapters, 256)?;
                    let ids =
                        content.chunks_exact(4).map(|four| u32::from_be_bytes([four[0], four[1], four[2], four[3]]));
                    track.chapter_tracks = ids.filter(|&id| id != 0).collect();
                }
            }
            b"udta" => read_user_data(source, child, &mut track)?,
            b"meta" => track.items.extend(tags::read_meta(source, child)?.items),
            b"trak" => source.missing(format!("a track within a track at byte {}", child.start)),
            _ => {}
        }
    }
    if track.number == 0 || track.handler.is_none() || track.samples.is_none() {
        source.missing(format!("the track at byte {} does not say what it is", trak.start));
    }
    if let Some(title) = tags::value_of(&track.items, &["title", "com.apple.quicktime.title"]) {
        track.title.get_or_insert(title);
    }
    Ok(track)
}

/// Reads `tkhd` (§8.3.2).
fn read_header(content: &[u8], track: &mut Track) -> Result<(), Short> {
    let mut cursor = Cursor::new(content);
    let version = cursor.u8()?;
    let flags = cursor.u24_be()?;
    cursor.skip(if version == 1 { 16 } else { 8 })?;
    track.number = cursor.u32_be()?;
    track.is_enabled = flags & 1 != 0;
    cursor.skip(4)?;
    track.shown_duration = if version == 1 {
        Some(cursor.u64_be()?).filter(|&duration| duration != u64::MAX)
    } else {
        Some(cursor.u32_be()?).filter(|&duration| duration != u32::MAX).map(u64::from)
    };
    cursor.skip(8 + 2)?;
    track.alternate_group = cursor.u16_be()?;
    cursor.skip(4)?;
    let mut matrix = [0i32; 9];
    for cell in &mut matrix {
        *cell = cursor.i32_be()?;
    }
    track.rotation = rotation(&matrix);
    let side = |fixed: u32| (fixed >> 16) + (fixed >> 15 & 1);
    let size = (side(cursor.u32_be()?), side(cursor.u32_be()?));
    track.shown_size = Some(size).filter(|&(width, height)| width > 0 && height > 0);
    Ok(())
}

/// Clockwise degrees that a matrix turns by, to the nearest degree, from 0 to 359.
fn rotation(matrix: &[i32; 9]) -> i32 {
    let (a, b) = (f64::from(matrix[0]), f64::from(matrix[1]));
    if a == 0.0 && b == 0.0 {
        return 0;
    }
    (b.atan2(a).to_degrees().round() as i32).rem_euclid(360)
}

fn read_media<M: Media + ?Sized>(
    source: &mut Source<'_, M>,
    mdia: Span,
    is_quicktime: bool,
    track: &mut Track,
) -> Result<(), Failure> {
    let mut at = mdia.content;
    let mut code = None;
    let mut extended = None;
    let mut minf = None;
    while let Some(child) = source.child(&mut at, mdia.end)? {
        match &child.kind {
            b"mdhd" => {
                let content = source.content(child, 64)?;
                match read_media_header(&content) {
                    Ok((timescale, duration, language)) => {
                        (track.timescale, track.duration, code) = (timescale, duration, Some(language));
                    }
                    Err(_) => source.warn(format!("the media header at byte {} is too short", child.start)),
                }
            }
            b"hdlr" => {
                let content = source.content(child, 1024)?;
                (track.handler, track.handler_name) = read_handler(&content);
            }
            b"elng" => {
                let content = source.content(child, 128)?;
                extended = content.get(4..).and_then(|text| language::of_text(&text_of(text)));
            }
            b"minf" => minf = Some(child),
            _ => {}
        }
        // Sample tables come last in nearly every file; what stands behind them is in the way of nothing.
        if child.kind == *b"minf" && track.handler.is_some() && code.is_some() {
            break;
        }
    }
    track.language =
        extended.or(code.map(|code| language::of_code(code, is_quicktime))).unwrap_or_else(language::undetermined);
    if let Some(minf) = minf
        && let Some(stbl) = source.find(b"stbl", minf)?
    {
        track.samples = Some(stbl);
        read_samples(source, stbl, is_quicktime, track)?;
    }
    Ok(())
}

/// Reads `mdhd` (§8.4.2): ticks per second, duration in ticks, code of the language.
fn read_media_header(content: &[u8]) -> Result<(u32, Option<u64>, u16), Short> {
    let mut cursor = Cursor::new(content);
    let version = cursor.u8()?;
    cursor.skip(3)?;
    let (timescale, duration) = if version == 1 {
        cursor.skip(16)?;
        (cursor.u32_be()?, Some(cursor.u64_be()?).filter(|&duration| duration != u64::MAX))
    } else {
        cursor.skip(8)?;
        (cursor.u32_be()?, Some(cursor.u32_be()?).filter(|&duration| duration != u32::MAX).map(u64::from))
    };
    Ok((timescale, duration.filter(|&duration| duration > 0), cursor.u16_be()?))
}

/// Reads `hdlr` (§8.4.3): what the track is, and its name. QuickTime counts the name's bytes, ISO ends it with a zero.
fn read_handler(content: &[u8]) -> (Option<FourCc>, Option<String>) {
    let handler = content.get(8..12).and_then(|four| four.try_into().ok());
    let name = content.get(24..).unwrap_or(&[]);
    let is_quicktime = content.get(4..8).is_some_and(|kind| kind == b"mhlr");
    let counted = match name {
        &[length, ref rest @ ..] if is_quicktime || usize::from(length) == rest.len() && length < 32 => {
            &rest[..usize::from(length).min(rest.len())]
        }
        _ => name,
    };
    let text = text_of(counted);
    (handler, Some(text).filter(|text| !text.is_empty()))
}

/// Text up to the first zero; what is not UTF-8 is taken for Latin-1.
pub fn text_of(bytes: &[u8]) -> String {
    let end = bytes.iter().position(|&byte| byte == 0).unwrap_or(bytes.len());
    match std::str::from_utf8(&bytes[..end]) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes[..end].iter().map(|&byte| char::from(byte)).collect(),
    }
}

/// Reads `stsd` and the beginning of `stts`, and nothing that stands behind them.
fn read_samples<M: Media + ?Sized>(
    source: &mut Source<'_, M>,
    stbl: Span,
    is_quicktime: bool,
    track: &mut Track,
) -> Result<(), Failure> {
    let mut at = stbl.content;
    let (mut described, mut timed) = (false, false);
    while !(described && timed) {
        let Some(child) = source.child(&mut at, stbl.end)? else { break };
        match &child.kind {
            b"stsd" => {
                described = true;
                let content = source.content(child, MOST_STSD)?;
                track.entry = entry::first(&content, track.handler, is_quicktime);
            }
            b"stts" => {
                timed = true;
                track.times = read_times(source, child)?;
            }
            _ => {}
        }
    }
    Ok(())
}

fn read_times<M: Media + ?Sized>(source: &mut Source<'_, M>, stts: Span) -> Result<Times, Failure> {
    let head = source.content(stts, 8)?;
    let Some(count) = head.get(4..8).and_then(|four| four.try_into().ok()).map(u32::from_be_bytes) else {
        return Ok(Times::default());
    };
    let content = source.content(stts, 8 + 8 * count.min(MOST_RUNS) as usize)?;
    let number = |eight: &[u8], at: usize| u32::from_be_bytes([eight[at], eight[at + 1], eight[at + 2], eight[at + 3]]);
    let runs: Vec<_> =
        content.get(8..).unwrap_or(&[]).chunks_exact(8).map(|run| (number(run, 0), number(run, 4))).collect();
    Ok(Times { is_cut: count as usize > runs.len(), runs })
}

fn read_user_data<M: Media + ?Sized>(source: &mut Source<'_, M>, udta: Span, track: &mut Track) -> Result<(), Failure> {
    let mut at = udta.content;
    while let Some(child) = source.child(&mut at, udta.end)? {
        match &child.kind {
            b"name" => {
                let content = source.content(child, 4096)?;
                // As a full box in files of ISO, as bare text in those of QuickTime.
                let text = content.strip_prefix(&[0, 0, 0, 0]).unwrap_or(&content);
                track.title = Some(text_of(text)).filter(|text| !text.is_empty()).or(track.title.take());
            }
            b"kind" => {
                let content = source.content(child, 512)?;
                let mut parts = content.get(4..).unwrap_or(&[]).split(|&byte| byte == 0);
                if let (Some(_scheme), Some(role)) = (parts.next(), parts.next()) {
                    track.roles.push(text_of(role));
                }
            }
            b"tagc" => {
                let content = source.content(child, 512)?;
                track.roles.push(text_of(&content));
            }
            b"meta" => track.items.extend(tags::read_meta(source, child)?.items),
            _ => {
                if let Some(item) = tags::read_text(source, child)? {
                    track.items.push(item);
                }
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_matrix_turns_clockwise() {
        let one = 0x1_0000;

        assert_eq!(rotation(&[one, 0, 0, 0, one, 0, 0, 0, 0x4000_0000]), 0);
        assert_eq!(rotation(&[0, one, 0, -one, 0, 0, 0, 0, 0x4000_0000]), 90);
        assert_eq!(rotation(&[-one, 0, 0, 0, -one, 0, 0, 0, 0x4000_0000]), 180);
        assert_eq!(rotation(&[0, -one, 0, one, 0, 0, 0, 0, 0x4000_0000]), 270);
        assert_eq!(rotation(&[0; 9]), 0);
    }

    #[test]
    fn a_handler_has_a_counted_name_or_a_terminated_one() {
        let iso = [&[0; 8][..], b"vide", &[0; 12], b"Main camera\0"].concat();
        let quicktime = [&[0; 4][..], b"mhlr", b"soun", &[0; 12], b"\x05Voice"].concat();

        assert_eq!(read_handler(&iso), (Some(*b"vide"), Some("Main camera".to_owned())));
        assert_eq!(read_handler(&quicktime), (Some(*b"soun"), Some("Voice".to_owned())));
        assert_eq!(read_handler(&[]), (None, None));
    }
}
