//! Reads AVI: the header list, the names in `INFO`, and the first sample of each stream.
//!
//! [`riff`] walks chunks, [`header`] reads the header list, [`samples`] finds first samples, [`tracks`] makes tracks of
//! them. The movie itself and the index are never read, so a file of any size costs the same.

#![forbid(unsafe_code)]

pub mod header;
pub mod riff;
pub mod samples;
pub mod tracks;

use vpo_plugin_sdk::facts::{Facts, Tag};
use vpo_plugin_sdk::introspector::{Claims, Failure, Magic};
use vpo_plugin_sdk::source;
use vpo_plugin_sdk::{Introspector, Plugin, extra};
use vpo_reading::{Limits, Media, Pages};

use header::Header;
use riff::Chunk;

/// Header lists are read in small windows: ffmpeg puts 4 KiB of padding behind each stream.
const LIMITS: Limits = Limits { window: 1 << 10, widest: 8 << 10, calls: 1000, bytes: 4 << 20 };

/// Chunks beside the movie; more are not looked for.
const MOST_PARTS: usize = 16;

/// Reads facts; whatever is no AVI is not mine.
pub fn read<M: Media + ?Sized>(media: &M) -> Result<Facts, Failure> {
    let mut pages = Pages::with(media, LIMITS);
    let pages = &mut pages;
    let Some(riff) =
        riff::chunk(pages, 0, pages.size())?.filter(|chunk| &chunk.id == b"RIFF" && chunk.is_list(b"AVI "))
    else {
        return Err(Failure::NotMine);
    };
    let parts = Parts::find(pages, &riff)?;
    let Some(list) = parts.header else {
        return Err(match riff.is_cut {
            true => Failure::Truncated(format!("truncated at byte {}, before the header list", pages.size())),
            false => Failure::Malformed("no header list".to_owned()),
        });
    };
    let header = header::read(pages, &list)?;
    if header.streams.iter().any(|stream| &stream.kind == b"iavs") {
        // Sound and pictures in one stream of DV: only the samples tell how many tracks there are.
        return Err(Failure::NotMine);
    }
    if header.streams.is_empty() {
        return Err(match header.is_cut {
            true => Failure::Truncated(format!("truncated at byte {}, in the header list", pages.size())),
            false => Failure::Malformed("the header list has no streams".to_owned()),
        });
    }
    let firsts = match &parts.movie {
        Some(movie) => samples::first(pages, movie, header.streams.len())?,
        None => vec![Vec::new(); header.streams.len()],
    };
    let info = match &parts.info {
        Some(info) => texts(pages, info)?,
        None => Vec::new(),
    };
    let is_cut = riff.is_cut || is_cut_behind(pages, &riff)?;
    Ok(facts(&header, &firsts, info, is_cut, parts.movie.is_some()))
}

/// Whether one of the chunks that follow in a long film reaches beyond the end of the file.
fn is_cut_behind<M: Media + ?Sized>(pages: &mut Pages<'_, M>, first: &Chunk) -> Result<bool, Failure> {
    // Of a gigabyte or two each.
    const MOST: usize = 16;

    let mut at = first.end;
    for _ in 0..MOST {
        at = at.saturating_add(at % 2);
        let next = riff::chunk(pages, at, pages.size())?;
        let Some(next) = next.filter(|chunk| &chunk.id == b"RIFF" && chunk.is_list(b"AVIX")) else { break };
        if next.is_cut {
            return Ok(true);
        }
        at = next.end;
    }
    Ok(false)
}

/// Where the parts of the first RIFF chunk are.
#[derive(Debug, Default)]
struct Parts {
    header: Option<Chunk>,
    info: Option<Chunk>,
    movie: Option<Chunk>,
}

impl Parts {
    fn find<M: Media + ?Sized>(pages: &mut Pages<'_, M>, riff: &Chunk) -> Result<Self, Failure> {
        let mut parts = Self::default();
        let mut at = riff.start;
        for _ in 0..MOST_PARTS {
            let Some(chunk) = riff::chunk(pages, at, riff.end)? else { break };
            match chunk.kind.as_ref() {
                Some(b"hdrl") => parts.header = parts.header.or(Some(chunk)),
                Some(b"INFO") => parts.info = parts.info.or(Some(chunk)),
                Some(b"movi") => parts.movie = parts.movie.or(Some(chunk)),
                _ => {}
            }
            at = chunk.end.saturating_add(chunk.size() % 2);
        }
        Ok(parts)
    }
}

/// Reads the texts of an `INFO` list by their four letters.
fn texts<M: Media + ?Sized>(pages: &mut Pages<'_, M>, info: &Chunk) -> Result<Vec<(String, String)>, Failure> {
    const LONGEST: u64 = 64 << 10;

    let mut texts = Vec::new();
    for chunk in riff::chunks(pages, info.start, info.end)? {
        let bytes = pages.bytes(chunk.start, chunk.size().min(LONGEST) as usize)?;
        if let Some(text) = header::text(&bytes) {
            texts.push((tracks::letters(&chunk.id), text));
        }
    }
    Ok(texts)
}

fn facts(header: &Header, firsts: &[Vec<u8>], info: Vec<(String, String)>, is_cut: bool, has_movie: bool) -> Facts {
    let text = |letters: &str| info.iter().find(|(name, _)| name == letters).map(|(_, text)| text.clone());
    let mut tracks = Vec::new();
    for (index, stream) in header.streams.iter().enumerate() {
        let first = firsts.get(index).map(Vec::as_slice).unwrap_or_default();
        // IAS1 to IAS9 name the languages of the first nine streams, ILNG that of the file.
        let language = text(&format!("IAS{}", index + 1)).or_else(|| text("ILNG"));
        tracks.push(tracks::track(header, stream, index as u32, first, language));
    }
    let claimed = header.claimed_streams as usize;
    let ends = if header.is_cut { "ends after" } else { "describes" };
    let partial =
        (claimed > tracks.len()).then(|| format!("the header list {ends} {} of {claimed} streams", tracks.len()));
    let mut warnings = Vec::new();
    let is_short = is_cut || !has_movie;
    if is_short {
        warnings.push("the file is shorter than it says".to_owned());
    }
    let tags = info.iter().filter(|(name, _)| !is_fact(name));
    Facts {
        container: "avi".to_owned(),
        brand: None,
        title: text("INAM"),
        duration_ns: tracks.iter().filter_map(|track| track.duration_ns).max(),
        muxing_application: text("ISFT"),
        writing_application: text("ISFT"),
        tags: tags
            .map(|(name, value)| Tag {
                track: None,
                name: tag_name(name).to_owned(),
                value: value.clone(),
                language: None,
            })
            .collect(),
        tracks,
        chapters: Vec::new(),
        attachments: Vec::new(),
        partial,
        warnings,
        extra: is_short.then(extra::cut_short).into_iter().collect(),
    }
}

/// Texts of `INFO` that are facts of their own.
fn is_fact(name: &str) -> bool {
    matches!(name, "INAM" | "ISFT" | "ILNG") || (name.starts_with("IAS") && name.len() == 4)
}

/// The name that a tag has in other containers too, as in ffmpeg; its four letters where there is none.
fn tag_name(letters: &str) -> &str {
    match letters {
        "IART" => "artist",
        "ICMT" => "comment",
        "ICOP" => "copyright",
        "ICRD" => "date",
        "IGNR" => "genre",
        "IPRD" => "album",
        "IPRT" | "ITRK" => "track",
        "ISMP" => "timecode",
        "ITCH" => "encoded_by",
        letters => letters,
    }
}

/// The introspector.
pub struct Avi;

impl Plugin for Avi {
    const NAME: &str = "avi";
    const VERSION: &str = env!("CARGO_PKG_VERSION");
    const SUMMARY: &str = "Reads AVI";
    type Options = ();
}

impl Introspector for Avi {
    fn claim() -> Claims {
        Claims {
            extensions: vec!["avi".to_owned(), "divx".to_owned()],
            magic: vec![Magic { offset: 8, bytes: b"AVI ".to_vec() }],
            tools: Vec::new(),
        }
    }

    fn read(_: &(), media: &source::Media) -> Result<Facts, Failure> {
        read(media)
    }
}

vpo_plugin_sdk::introspector_plugin!(Avi);
