//! The Info element: title, duration, and who wrote the file.

use vpo_codecs::credible;
use vpo_reading::ReadError;

use crate::{
    ebml::{self, Element, File, Walk},
    ids,
    notes::Notes,
    time,
};

/// Nanoseconds of one tick when the file does not say.
const DEFAULT_SCALE: u64 = 1_000_000;

/// What the file says of itself.
#[derive(Debug)]
pub struct Info {
    pub title: Option<String>,
    pub duration_ns: Option<u64>,
    /// Nanoseconds of one tick.
    pub scale: u64,
    pub muxing_application: Option<String>,
    pub writing_application: Option<String>,
    /// When it was written, as RFC 3339 in UTC.
    pub date: Option<String>,
    /// By which other files know this one, and those it is a part of a chain with: name in `extra`, and hex digits.
    pub links: Vec<(&'static str, String)>,
}

impl Default for Info {
    fn default() -> Self {
        Self {
            title: None,
            duration_ns: None,
            scale: DEFAULT_SCALE,
            muxing_application: None,
            writing_application: None,
            date: None,
            links: Vec::new(),
        }
    }
}

/// Bytes of a UID of a segment.
const UID: u64 = 16;

pub fn read(file: &mut File<'_>, element: &Element, notes: &mut Notes) -> Result<Info, ReadError> {
    let mut info = Info::default();
    let mut ticks = None;
    let mut walk = Walk::inside(element);
    while let Some(child) = walk.next(file)? {
        match child.id {
            ids::TITLE => info.title = ebml::text(file, &child)?,
            ids::MUXING_APP => info.muxing_application = ebml::text(file, &child)?,
            ids::WRITING_APP => info.writing_application = ebml::text(file, &child)?,
            ids::DATE_UTC => info.date = ebml::signed(file, &child)?.map(time::of_matroska_date),
            ids::SEGMENT_UID => info.links.extend(link("segment-uid", file, &child)?),
            ids::PREVIOUS_UID => info.links.extend(link("previous-segment-uid", file, &child)?),
            ids::NEXT_UID => info.links.extend(link("next-segment-uid", file, &child)?),
            ids::TIMESTAMP_SCALE => {
                info.scale = ebml::unsigned(file, &child)?.filter(|scale| *scale > 0).unwrap_or(info.scale);
            }
            ids::DURATION => ticks = ebml::float(file, &child)?,
            _ => {}
        }
    }
    if walk.damage.is_some() {
        notes.missing("Info is damaged");
    }
    let duration_ns = ticks.map(|ticks| ticks * info.scale as f64);
    info.duration_ns = duration_ns.map(|ns| ns.round() as u64).and_then(credible::duration);
    if duration_ns.is_some() && info.duration_ns.is_none() {
        notes.warn("the duration is absurd");
    }
    Ok(info)
}

fn link(
    name: &'static str,
    file: &mut File<'_>,
    element: &Element,
) -> Result<Option<(&'static str, String)>, ReadError> {
    if element.length() != UID {
        return Ok(None);
    }
    let uid = ebml::binary(file, element, UID)?;
    if uid.iter().all(|byte| *byte == 0) {
        return Ok(None);
    }
    Ok(Some((name, uid.iter().map(|byte| format!("{byte:02x}")).collect())))
}
