//! The header list of an AVI: what it says of the file and of each stream.
//!
//! The formats are those of Microsoft's AVI RIFF reference and of the OpenDML extensions 1.02.

use vpo_plugin_sdk::introspector::Failure;
use vpo_reading::{Cursor, Media, Pages, Short};

use crate::riff::{self, Chunk, FourCc};

/// More of a stream's format, name or video properties than this is not looked at.
const LONGEST: u64 = 4096;
/// Bytes of a bitmap header without what may follow it.
const BITMAP_HEADER: usize = 40;
/// A chunk of a stream has its number in two digits.
const MOST_STREAMS: usize = 100;

/// `avih`, the streams, and `dmlh`.
#[derive(Debug, Default)]
pub struct Header {
    pub frame_microseconds: u32,
    /// Streams that the file says it has.
    pub claimed_streams: u32,
    pub width: u32,
    pub height: u32,
    pub streams: Vec<Stream>,
    /// Frames of the whole file in all its RIFF chunks, where OpenDML says so.
    pub total_frames: Option<u32>,
    /// A chunk is longer than the list that it stands in, or the list is longer than the file.
    pub is_cut: bool,
}

/// One `strl`.
#[derive(Debug, Default, Clone)]
pub struct Stream {
    pub kind: FourCc,
    pub handler: FourCc,
    pub is_disabled: bool,
    pub scale: u32,
    pub rate: u32,
    pub length: u32,
    /// Bytes of one sample; zero when samples differ in size.
    pub sample_size: u32,
    pub format: Format,
    pub name: Option<String>,
    pub properties: Option<Properties>,
}

/// `strf`.
#[derive(Debug, Default, Clone)]
pub enum Format {
    Picture {
        width: u32,
        height: u32,
        bits: u16,
        compression: FourCc,
        /// What follows the bitmap header: parameter sets, for codecs that have any.
        rest: Vec<u8>,
    },
    Sound {
        /// WAVE format tag; of an extensible format the one in its identifier.
        tag: u16,
        channels: u16,
        sample_rate: u32,
        bytes_per_second: u32,
        bits: u16,
        /// Speakers, of an extensible format.
        mask: Option<u32>,
        /// What follows the format: the configuration, for codecs that have one.
        rest: Vec<u8>,
    },
    #[default]
    Unknown,
}

/// `vprp`, the video properties of OpenDML.
#[derive(Debug, Clone, Copy)]
pub struct Properties {
    /// Width to height of the picture as it is shown.
    pub aspect: (u16, u16),
    pub fields_per_frame: u32,
}

/// Reads the header list.
pub fn read<M: Media + ?Sized>(pages: &mut Pages<'_, M>, list: &Chunk) -> Result<Header, Failure> {
    let mut header = Header { is_cut: list.is_cut, ..Header::default() };
    for chunk in riff::chunks(pages, list.start, list.end)? {
        header.is_cut |= chunk.is_cut;
        if &chunk.id == b"avih" {
            // A main header that is too short is made up for by the streams.
            let _ = main(&content(pages, &chunk)?, &mut header);
        } else if chunk.is_list(b"strl") && header.streams.len() < MOST_STREAMS {
            if let Some(stream) = stream(pages, &chunk)? {
                header.streams.push(stream);
            }
        } else if chunk.is_list(b"odml") {
            for inner in riff::chunks(pages, chunk.start, chunk.end)? {
                if &inner.id == b"dmlh" {
                    header.total_frames = Cursor::new(&content(pages, &inner)?).u32_le().ok();
                }
            }
        }
    }
    Ok(header)
}

fn content<M: Media + ?Sized>(pages: &mut Pages<'_, M>, chunk: &Chunk) -> Result<Vec<u8>, Failure> {
    Ok(pages.bytes(chunk.start, chunk.size().min(LONGEST) as usize)?)
}

fn main(bytes: &[u8], header: &mut Header) -> Result<(), Short> {
    let mut cursor = Cursor::new(bytes);
    header.frame_microseconds = cursor.u32_le()?;
    // Bytes per second, padding, flags, frames, initial frames.
    cursor.skip(20)?;
    header.claimed_streams = cursor.u32_le()?;
    cursor.skip(4)?;
    header.width = cursor.u32_le()?;
    header.height = cursor.u32_le()?;
    Ok(())
}

/// Reads a stream; `None` when it has no header.
fn stream<M: Media + ?Sized>(pages: &mut Pages<'_, M>, list: &Chunk) -> Result<Option<Stream>, Failure> {
    let mut found: Option<Stream> = None;
    for chunk in riff::chunks(pages, list.start, list.end)? {
        match (&chunk.id, &mut found) {
            (b"strh", _) => found = stream_header(&content(pages, &chunk)?).ok(),
            (b"strf", Some(stream)) => stream.format = format(&stream.kind, &content(pages, &chunk)?),
            (b"strn", Some(stream)) => stream.name = text(&content(pages, &chunk)?),
            (b"vprp", Some(stream)) => stream.properties = properties(&content(pages, &chunk)?).ok(),
            _ => {}
        }
    }
    Ok(found)
}

fn stream_header(bytes: &[u8]) -> Result<Stream, Short> {
    let mut cursor = Cursor::new(bytes);
    let kind = cursor.array()?;
    let handler = cursor.array()?;
    let flags = cursor.u32_le()?;
    // Priority and language, of which nothing writes the latter; initial frames.
    cursor.skip(8)?;
    let scale = cursor.u32_le()?;
    let rate = cursor.u32_le()?;
    cursor.skip(4)?;
    let length = cursor.u32_le()?;
    // Size of buffers, quality.
    cursor.skip(8)?;
    let sample_size = cursor.u32_le().unwrap_or(0);
    let is_disabled = flags & 1 != 0;
    Ok(Stream { kind, handler, is_disabled, scale, rate, length, sample_size, ..Stream::default() })
}

fn format(kind: &FourCc, bytes: &[u8]) -> Format {
    let read = match kind {
        b"vids" => picture_format(bytes),
        b"auds" => sound_format(bytes),
        _ => return Format::Unknown,
    };
    read.unwrap_or_default()
}

fn picture_format(bytes: &[u8]) -> Result<Format, Short> {
    let mut cursor = Cursor::new(bytes);
    let header_size = cursor.u32_le()? as usize;
    let width = cursor.i32_le()?.unsigned_abs();
    // A picture that is stored from the top down has a negative height.
    let height = cursor.i32_le()?.unsigned_abs();
    cursor.skip(2)?;
    let bits = cursor.u16_le()?;
    let compression = cursor.array()?;
    // Some writers count what follows the header as part of it.
    let rest = bytes.get(header_size.max(BITMAP_HEADER)..).filter(|rest| rest.len() > 1);
    let rest = rest.or(bytes.get(BITMAP_HEADER..)).unwrap_or_default().to_vec();
    Ok(Format::Picture { width, height, bits, compression, rest })
}

fn sound_format(bytes: &[u8]) -> Result<Format, Short> {
    const EXTENSIBLE: u16 = 0xfffe;

    let mut cursor = Cursor::new(bytes);
    let tag = cursor.u16_le()?;
    let channels = cursor.u16_le()?;
    let sample_rate = cursor.u32_le()?;
    let bytes_per_second = cursor.u32_le()?;
    cursor.skip(2)?;
    let bits = cursor.u16_le().unwrap_or(0);
    let extension = |cursor: &mut Cursor<'_>| -> Result<(u32, u16), Short> {
        // Its size, valid bits per sample.
        cursor.skip(4)?;
        Ok((cursor.u32_le()?, cursor.u16_le()?))
    };
    let is_extensible = tag == EXTENSIBLE;
    let (tag, mask) = match (tag, extension(&mut cursor)) {
        (EXTENSIBLE, Ok((mask, inner))) => (inner, Some(mask).filter(|&mask| mask != 0)),
        _ => (tag, None),
    };
    let rest = bytes.get(if is_extensible { 40 } else { 18 }..).unwrap_or_default().to_vec();
    Ok(Format::Sound { tag, channels, sample_rate, bytes_per_second, bits, mask, rest })
}

fn properties(bytes: &[u8]) -> Result<Properties, Short> {
    let mut cursor = Cursor::new(bytes);
    // Format, standard, refresh rate, total width and height.
    cursor.skip(20)?;
    let (height, width) = (cursor.u16_le()?, cursor.u16_le()?);
    cursor.skip(8)?;
    let fields_per_frame = cursor.u32_le()?;
    Ok(Properties { aspect: (width, height), fields_per_frame })
}

/// Reads a text: UTF-8 when it is, else the Latin letters of old systems.
pub fn text(bytes: &[u8]) -> Option<String> {
    let bytes = bytes.split(|&byte| byte == 0).next().unwrap_or_default();
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|&byte| char::from(byte)).collect(),
    };
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}
