//! Reads facts from Matroska and WebM files (RFC 9559) through a few small reads.
//!
//! [`read`] is the pipeline: the EBML header ([`document`]), where the parts of the segment lie ([`segment`], [`seek`]), each
//! part ([`info`], [`tracks`], [`chapters`], [`attachments`], [`tags`]), how long it lasts where it does not say ([`length`]), and facts of all of it ([`assemble`]). Tracks decide:
//! without them there is a failure, anything else that is missing makes facts partial.

#![forbid(unsafe_code)]

mod assemble;
mod attachments;
mod chapters;
mod checksum;
mod codec;
mod document;
mod ebml;
mod encoding;
mod frames;
mod headers;
mod ids;
mod info;
mod language;
mod length;
mod notes;
mod picture;
mod rate;
mod seek;
mod segment;
mod sound;
mod statistics;
mod tags;
mod time;
mod tracks;

use vpo_plugin_sdk::{
    Introspector, Plugin, extra,
    facts::Facts,
    introspector::{Claims, Failure, Magic},
    source,
};
use vpo_reading::{Limits, Media, Pages, ReadError};

use assemble::{Described, Read};
use document::Document;
use ebml::{Element, File, Header};
use notes::Notes;
use segment::Parts;
use tracks::Entry;

/// What no file may cost more than.
const LIMITS: Limits = Limits { window: 4 << 10, widest: 16 << 10, calls: 6000, bytes: 8 << 20 };
/// Private data that are read: parameter sets of a picture, the first header of a sound, packed ones whole.
const PRIVATE: u64 = 4 << 10;
const SOUND_PRIVATE: u64 = 640;
const PACKED_PRIVATE: u64 = 64 << 10;

/// The plugin `matroska`.
pub struct Matroska;

impl Plugin for Matroska {
    const NAME: &'static str = "matroska";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const SUMMARY: &'static str = "Reads Matroska and WebM files.";
    type Options = ();
}

impl Introspector for Matroska {
    fn claim() -> Claims {
        let extensions = ["mkv", "mk3d", "mka", "mks", "webm"].map(str::to_owned).to_vec();
        Claims { extensions, magic: vec![Magic { offset: 0, bytes: document::MAGIC.to_vec() }], tools: Vec::new() }
    }

    fn read((): &(), media: &source::Media) -> Result<Facts, Failure> {
        read(media)
    }
}

#[cfg(target_family = "wasm")]
vpo_plugin_sdk::introspector_plugin!(Matroska);

/// Reads the facts of one file.
pub fn read(media: &dyn Media) -> Result<Facts, Failure> {
    let mut file = Pages::with(media, LIMITS);
    let mut notes = Notes::default();
    let document = document::read(&mut file, &mut notes)?;
    let segment = segment::find_segment(&mut file, &document, &mut notes)?;
    let parts = segment::find_parts(&mut file, &segment, &mut notes)?;
    let checked = checksum::check(&mut file, &parts, &mut notes);
    notes.optional("the checksums", checked)?;
    let mut tracks = read_tracks(&mut file, &document, &segment, &parts, &mut notes)?;
    if segment.is_cut() {
        notes.warn(format!("truncated at byte {}", file.size()));
        notes.extra.push(extra::cut_short());
    } else if segment.claimed.is_some() && segment.end < file.size() {
        note_what_follows(&mut file, segment.end, &mut notes)?;
    }
    if parts.first_cluster.is_none() && segment.claimed.is_none() {
        notes.warn(format!("unfinished: no cluster before the end at byte {}", file.size()));
    }
    let info = match &parts.info {
        Some(element) => info::read(&mut file, element, &mut notes),
        None => Ok(info::Info::default()),
    };
    let mut info = notes.optional("Info", info)?;
    let chapters = read_chapters(&mut file, &parts, &mut notes)?;
    let tags = read_tags(&mut file, &parts, &mut notes)?;
    let attachments = read_attachments(&mut file, &parts, &mut notes)?;
    read_frames(&mut file, &parts, &mut tracks, &mut notes)?;
    note_lost_tracks(&tracks, &tags, &mut notes);
    if info.duration_ns.is_none() {
        info.duration_ns = measure(&mut file, &segment, &parts, &tracks, info.scale, &mut notes)?;
    }
    note_long_texts(&info, &tracks, &chapters, &tags, &mut notes);
    Ok(assemble::facts(Read { document, info, tracks, chapters, attachments, tags, notes }))
}

/// Looks at what stands behind the segment.
fn note_what_follows(file: &mut File<'_>, at: u64, notes: &mut Notes) -> Result<(), Failure> {
    let size = file.size();
    if let Header::Element(next) = ebml::glance(file, at, size)?
        && next.id == ids::EBML
    {
        notes.another_follows(at);
    }
    Ok(())
}

/// Reads the tracks and what their codecs tell; without tracks there are no facts.
fn read_tracks(
    file: &mut File<'_>,
    document: &Document,
    segment: &Element,
    parts: &Parts,
    notes: &mut Notes,
) -> Result<Vec<Described>, Failure> {
    let Some(element) = &parts.tracks else {
        let is_unfinished = segment.claimed.is_none() && parts.first_cluster.is_none();
        return Err(if segment.is_cut() || is_unfinished {
            Failure::Truncated(format!("truncated before Tracks at byte {}", file.size()))
        } else {
            document.failure_without("Tracks")
        });
    };
    let mut tracks = Vec::new();
    for entry in tracks::read(file, element, notes)? {
        let private = notes.optional("a codec's private data", read_private(file, &entry))?;
        tracks.push(Described::new(entry, private));
    }
    Ok(tracks)
}

/// Reads what facts come from, unpacked; nothing when it cannot be unpacked.
fn read_private(file: &mut File<'_>, entry: &Entry) -> Result<Vec<u8>, ReadError> {
    let Some(element) = &entry.private else { return Ok(Vec::new()) };
    let most = match entry.codec_id.as_bytes() {
        // Styles and palettes, which no fact comes from.
        [b'S', ..] => return Ok(Vec::new()),
        _ if encoding::is_private_packed(&entry.encodings) => PACKED_PRIVATE,
        [b'A', ..] => SOUND_PRIVATE,
        _ => PRIVATE,
    };
    let packed = ebml::binary(file, element, most)?;
    Ok(encoding::unpack_private(&entry.encodings, packed).unwrap_or_default())
}

/// Lets the first frames tell what private data do not.
fn read_frames(file: &mut File<'_>, parts: &Parts, tracks: &mut [Described], notes: &mut Notes) -> Result<(), Failure> {
    let wanted = tracks.iter().filter_map(|track| Some((track.entry.number, track.wanted_of_frame()?))).collect();
    let Some(cluster) = &parts.first_cluster else { return Ok(()) };
    let mut starts = notes.optional("the first frames", frames::first(file, cluster, wanted))?;
    for track in tracks {
        if let Some(start) = starts.remove(&track.entry.number) {
            track.take_frame(start);
        }
    }
    Ok(())
}

/// Says so when tags speak of a track that is not there: its entry is damaged, or a program removed it and left them.
fn note_lost_tracks(tracks: &[Described], tags: &[tags::Tag], notes: &mut Notes) {
    let is_there = |uid: &u64| tracks.iter().any(|track| track.entry.uid == Some(*uid));
    if let Some(uid) = tags.iter().filter_map(tags::Tag::track).find(|uid| !is_there(uid)) {
        notes.missing(format!("tags speak of a track {uid}, which is not there"));
    }
}

/// Measures how long a film lasts that does not say so.
fn measure(
    file: &mut File<'_>,
    segment: &Element,
    parts: &Parts,
    tracks: &[Described],
    scale: u64,
    notes: &mut Notes,
) -> Result<Option<u64>, Failure> {
    let Some(cluster) = &parts.first_cluster else { return Ok(None) };
    let frame_ns = tracks.iter().map(|track| (track.entry.number, track.entry.frame_ns)).collect();
    let known = length::Known { scale, frame_ns };
    let measured = notes.optional("the last cluster", length::measure(file, segment, cluster, &known))?;
    notes.warn(match measured {
        Some(_) => "no duration is stated; it is measured to the last block",
        None => "no duration is stated, and the last block is out of reach",
    });
    Ok(measured)
}

/// Says so when a text is longer than what is read of one.
fn note_long_texts(
    info: &info::Info,
    tracks: &[Described],
    chapters: &[vpo_plugin_sdk::facts::Chapter],
    tags: &[tags::Tag],
    notes: &mut Notes,
) {
    let is_long = |text: &Option<String>| text.as_deref().is_some_and(ebml::is_cut_off);
    for (what, is_cut) in [
        ("the title", is_long(&info.title)),
        ("the name of a track", tracks.iter().any(|track| is_long(&track.entry.name))),
        ("the title of a chapter", chapters.iter().any(|chapter| is_long(&chapter.title))),
        ("the text of a tag", tags.iter().any(|tag| ebml::is_cut_off(&tag.value))),
    ] {
        if is_cut {
            notes.missing(format!("{what} is longer than what is read of it"));
        }
    }
}

fn read_chapters(
    file: &mut File<'_>,
    parts: &Parts,
    notes: &mut Notes,
) -> Result<Vec<vpo_plugin_sdk::facts::Chapter>, Failure> {
    let Some(element) = &parts.chapters else { return Ok(Vec::new()) };
    let read = notes.optional("Chapters", chapters::read(file, element))?;
    if read.is_cut {
        notes.missing("Chapters are cut off or damaged");
    }
    if read.has_more {
        notes.missing(format!("more than {} chapters, or nested more deeply than any are", chapters::MOST_CHAPTERS));
    }
    notes.extra.extend(read.ordered.iter().map(|edition| assemble::integer("ordered-edition", *edition)));
    Ok(read.chapters)
}

fn read_tags(file: &mut File<'_>, parts: &Parts, notes: &mut Notes) -> Result<Vec<tags::Tag>, Failure> {
    let mut read = tags::Tags::default();
    for element in &parts.tags {
        read = notes.optional("Tags", tags::read(file, element, read))?;
    }
    if read.is_cut {
        notes.missing("Tags are cut off or damaged");
    }
    Ok(read.tags)
}

fn read_attachments(
    file: &mut File<'_>,
    parts: &Parts,
    notes: &mut Notes,
) -> Result<Vec<vpo_plugin_sdk::facts::Attachment>, Failure> {
    let Some(element) = &parts.attachments else { return Ok(Vec::new()) };
    let read = notes.optional("Attachments", attachments::read(file, element))?;
    if read.is_cut {
        notes.missing("Attachments are cut off or damaged");
    }
    Ok(read.attachments)
}
