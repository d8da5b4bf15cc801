//! Tracks as the file describes them: every element that facts are made of, nothing interpreted yet.

use vpo_plugin_sdk::{facts::TrackFlags, introspector::Failure};
use vpo_reading::ReadError;

use crate::{
    ebml::{self, Damage, Element, File, Walk},
    encoding::{self, Encoding},
    ids,
    notes::Notes,
    picture::{self, Picture},
    sound::{self, Sound},
};

/// Tracks that are read; real files have less than a hundred.
const MOST_TRACKS: usize = 500;
/// Block addition mappings of one track that are looked at.
const MOST_MAPPINGS: usize = 16;

/// The values of TrackType (RFC 9559, section 5.1.4.1.3).
const KINDS: [u64; 8] = [1, 2, 3, 16, 17, 18, 32, 33];

/// A TrackEntry.
#[derive(Debug, Clone)]
pub struct Entry {
    pub number: u64,
    pub uid: Option<u64>,
    /// TrackType: 1 video, 2 audio, 17 subtitles, and what nobody uses.
    pub kind: u64,
    pub flags: TrackFlags,
    /// Nanoseconds of one frame.
    pub frame_ns: Option<u64>,
    pub name: Option<String>,
    pub language: Option<String>,
    pub language_bcp47: Option<String>,
    pub codec_id: String,
    /// Where the private data of the codec lie.
    pub private: Option<Element>,
    pub encodings: Vec<Encoding>,
    pub mappings: Vec<Mapping>,
    pub picture: Option<Picture>,
    pub sound: Option<Sound>,
}

/// A BlockAdditionMapping: what travels beside the frames, such as a Dolby Vision layer.
#[derive(Debug, Clone)]
pub struct Mapping {
    pub kind: u64,
    pub extra: Vec<u8>,
}

/// Reads the tracks in file order.
pub fn read(file: &mut File<'_>, tracks: &Element, notes: &mut Notes) -> Result<Vec<Entry>, Failure> {
    let mut entries = Vec::new();
    let mut walk = Walk::inside(tracks);
    while let Some(child) = walk.next(file)? {
        if child.id != ids::TRACK_ENTRY {
            if !matches!(child.id, ids::VOID | ids::CRC_32) {
                notes.missing(format!("what stands in Tracks at byte {} is no track", child.at));
            }
            continue;
        }
        if entries.len() == MOST_TRACKS {
            notes.missing(format!("more than {MOST_TRACKS} tracks"));
            break;
        }
        if walk.damage.is_none() {
            entries.push(read_entry(file, &child, notes)?);
        }
    }
    let ran_out = tracks.is_cut() && walk.position() >= file.size() && !walk.was_stopped();
    match walk.damage {
        Some(Damage::Ended(at)) => Err(Failure::Truncated(format!("truncated in Tracks at byte {at}"))),
        None if ran_out => Err(Failure::Truncated(format!("truncated in Tracks at byte {}", file.size()))),
        Some(Damage::Invalid(at)) if entries.is_empty() => {
            Err(Failure::Malformed(format!("damaged in Tracks at byte {at}")))
        }
        None if entries.is_empty() => Err(Failure::Malformed(format!("no track in Tracks at byte {}", tracks.at))),
        Some(Damage::Invalid(at)) => {
            notes.missing(format!("damaged in Tracks at byte {at}"));
            Ok(entries)
        }
        None => Ok(entries),
    }
}

fn read_entry(file: &mut File<'_>, entry: &Element, notes: &mut Notes) -> Result<Entry, ReadError> {
    let mut track = Entry::with_defaults();
    let mut walk = Walk::inside(entry);
    while let Some(child) = walk.next(file)? {
        if child.id == ids::TRACK_ENTRY {
            notes.missing(format!("a track within a track at byte {}", child.at));
        } else if !track.take_flag(file, &child)? {
            track.take(file, &child)?;
        }
    }
    if let Some(Damage::Invalid(at)) = walk.damage {
        notes.missing(format!("damaged in a track at byte {at}"));
    }
    if !KINDS.contains(&track.kind) || track.codec_id.is_empty() {
        notes.missing(format!("the track at byte {} does not say what it is", entry.at));
    }
    Ok(track)
}

impl Entry {
    /// A track of which nothing is written: the defaults of RFC 9559.
    fn with_defaults() -> Self {
        Self {
            number: 0,
            uid: None,
            kind: 0,
            flags: TrackFlags {
                default: true,
                forced: false,
                enabled: true,
                original: false,
                commentary: false,
                hearing_impaired: false,
                visual_impaired: false,
                text_descriptions: false,
            },
            frame_ns: None,
            name: None,
            language: None,
            language_bcp47: None,
            codec_id: String::new(),
            private: None,
            encodings: Vec::new(),
            mappings: Vec::new(),
            picture: None,
            sound: None,
        }
    }

    fn take(&mut self, file: &mut File<'_>, child: &Element) -> Result<(), ReadError> {
        match child.id {
            ids::TRACK_NUMBER => self.number = ebml::unsigned(file, child)?.unwrap_or_default(),
            ids::TRACK_UID => self.uid = ebml::unsigned(file, child)?,
            ids::TRACK_TYPE => self.kind = ebml::unsigned(file, child)?.unwrap_or_default(),
            ids::DEFAULT_DURATION => self.frame_ns = ebml::unsigned(file, child)?.filter(|length| *length > 0),
            ids::NAME => self.name = ebml::text(file, child)?,
            ids::LANGUAGE => self.language = ebml::text(file, child)?,
            ids::LANGUAGE_BCP47 => self.language_bcp47 = ebml::text(file, child)?,
            ids::CODEC_ID => self.codec_id = ebml::text(file, child)?.unwrap_or_default(),
            ids::CODEC_PRIVATE => self.private = Some(*child),
            ids::CONTENT_ENCODINGS => self.encodings = encoding::read(file, child)?,
            ids::BLOCK_ADDITION_MAPPING if self.mappings.len() < MOST_MAPPINGS => {
                self.mappings.push(read_mapping(file, child)?);
            }
            ids::VIDEO => self.picture = Some(picture::read(file, child)?),
            ids::AUDIO => self.sound = Some(sound::read(file, child)?),
            _ => {}
        }
        Ok(())
    }

    /// Takes a flag and says whether it was one. An empty element means the default.
    fn take_flag(&mut self, file: &mut File<'_>, child: &Element) -> Result<bool, ReadError> {
        let flag = match child.id {
            ids::FLAG_ENABLED => &mut self.flags.enabled,
            ids::FLAG_DEFAULT => &mut self.flags.default,
            ids::FLAG_FORCED => &mut self.flags.forced,
            ids::FLAG_HEARING_IMPAIRED => &mut self.flags.hearing_impaired,
            ids::FLAG_VISUAL_IMPAIRED => &mut self.flags.visual_impaired,
            ids::FLAG_TEXT_DESCRIPTIONS => &mut self.flags.text_descriptions,
            ids::FLAG_ORIGINAL => &mut self.flags.original,
            ids::FLAG_COMMENTARY => &mut self.flags.commentary,
            _ => return Ok(false),
        };
        if let Some(value) = ebml::flag(file, child)? {
            *flag = value;
        }
        Ok(true)
    }
}

fn read_mapping(file: &mut File<'_>, mapping: &Element) -> Result<Mapping, ReadError> {
    let mut read = Mapping { kind: 0, extra: Vec::new() };
    let mut walk = Walk::inside(mapping);
    while let Some(child) = walk.next(file)? {
        match child.id {
            ids::BLOCK_ADD_ID_TYPE => read.kind = ebml::unsigned(file, &child)?.unwrap_or_default(),
            ids::BLOCK_ADD_ID_EXTRA_DATA => read.extra = ebml::binary(file, &child, 64)?,
            _ => {}
        }
    }
    Ok(read)
}
