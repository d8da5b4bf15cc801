//! Reads MPEG transport streams: TS, and M2TS as cameras and Blu-ray discs write it.
//!
//! Find the rhythm of [`packets`] → [`search`] for tables, and for the header at the beginning of each stream → read the
//! [`tail`] for the duration → make [`tracks`]. The usual film costs its first 16 or 32 KiB and its last 12; a recording that
//! begins between key frames costs up to 4 MiB, since the size of its picture stands nowhere else.

#![forbid(unsafe_code)]

pub mod budget;
pub mod descriptors;
pub mod head;
pub mod names;
pub mod order;
pub mod packets;
pub mod pes;
pub mod recognise;
pub mod search;
pub mod sections;
pub mod stream;
pub mod tableless;
pub mod tables;
pub mod tail;
pub mod tracks;

use vpo_plugin_sdk::facts::{Facts, Tag};
use vpo_plugin_sdk::introspector::{Claims, Failure, Magic};
use vpo_plugin_sdk::source;
use vpo_plugin_sdk::{Introspector, Plugin};
use vpo_reading::{Media, Pages};

use budget::LIMITS;
use head::Head;
use packets::Layout;

/// Reads facts; whatever is no transport stream is not mine.
pub fn read<M: Media + ?Sized>(media: &M) -> Result<Facts, Failure> {
    let mut pages = Pages::with(media, LIMITS);
    let Some(layout) = Layout::find(&mut pages)? else { return Err(Failure::NotMine) };
    let mut head = search::search(&mut pages, &layout)?;
    if head.programs.is_empty() {
        let reason = if head.has_list { "no program map" } else { "no program association" };
        return Err(Failure::Malformed(format!("{reason} among the first packets")));
    }
    let duration_ns = tail::duration(&mut pages, &layout, &mut head)?;
    let facts = facts(&layout, &head, duration_ns);
    if facts.tracks.is_empty() {
        return Err(Failure::Malformed("the program map lists no streams".to_owned()));
    }
    Ok(facts)
}

fn facts(layout: &Layout, head: &Head, duration_ns: Option<u64>) -> Facts {
    let mut warnings = Vec::new();
    if layout.start >= layout.stride as u64 {
        warnings.push(format!("the first packet begins at byte {}", layout.start));
    }
    if head.missing_maps() > 0 && !head.has_foreign_packets() {
        warnings.push(match head.missing_maps() {
            1 => "a program is listed and is not in the file".to_owned(),
            programs => format!("{programs} programs are listed and are not in the file"),
        });
    }
    if !head.has_list {
        warnings.push("no program association; the streams are those that were found".to_owned());
    }
    if head.streams.values().any(|stream| stream.is_scrambled) {
        warnings.push("some streams are encrypted".to_owned());
    }
    Facts {
        container: "mpegts".to_owned(),
        brand: None,
        title: None,
        duration_ns,
        muxing_application: None,
        writing_application: None,
        tracks: tracks::tracks(head),
        chapters: Vec::new(),
        attachments: Vec::new(),
        tags: tags(head),
        partial: partial(head, duration_ns),
        warnings,
        extra: Vec::new(),
    }
}

/// Says what was looked for and not found.
fn partial(head: &Head, duration_ns: Option<u64>) -> Option<String> {
    let without: Vec<String> = head
        .streams
        .iter()
        .filter(|(_, stream)| stream.lacks_header())
        .map(|(pid, stream)| format!("{pid:#x} ({})", stream.codec))
        .collect();
    let mut missing = Vec::new();
    if head.missing_maps() > 0 && head.has_foreign_packets() {
        missing.push(match head.missing_maps() {
            1 => "the map of a program was not found in reach".to_owned(),
            maps => format!("the maps of {maps} programs were not found in reach"),
        });
    }
    if !without.is_empty() {
        missing.push(format!("no header was found in reach for {}", without.join(", ")));
    }
    if duration_ns.is_none() {
        missing.push("no times that hang together were found in reach".to_owned());
    }
    (!missing.is_empty()).then(|| missing.join("; "))
}

fn tags(head: &Head) -> Vec<Tag> {
    let tag = |name: &str, value: &Option<String>| {
        value.clone().map(|value| Tag { track: None, name: name.to_owned(), value, language: None })
    };
    head.services
        .iter()
        .flat_map(|service| [tag("service_name", &service.name), tag("service_provider", &service.provider)])
        .flatten()
        .collect()
}

/// The introspector.
pub struct Mpegts;

impl Plugin for Mpegts {
    const NAME: &str = "mpegts";
    const VERSION: &str = env!("CARGO_PKG_VERSION");
    const SUMMARY: &str = "Reads MPEG transport streams: TS and M2TS";
    type Options = ();
}

impl Introspector for Mpegts {
    fn claim() -> Claims {
        let extensions = ["ts", "m2ts", "mts", "m2t", "trp", "tp", "tsv", "tsa"];
        Claims {
            extensions: extensions.map(str::to_owned).to_vec(),
            // One byte says little, but with a timestamp before it it stands elsewhere, and reading decides.
            magic: [0, 4].map(|offset| Magic { offset, bytes: vec![0x47] }).to_vec(),
            tools: Vec::new(),
        }
    }

    fn read(_: &(), media: &source::Media) -> Result<Facts, Failure> {
        read(media)
    }
}

vpo_plugin_sdk::introspector_plugin!(Mpegts);
