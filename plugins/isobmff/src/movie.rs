//! `moov`, child by child: the film's header, its tracks, its tags.

use vpo_plugin_sdk::{facts::Chapter, introspector::Failure};
use vpo_reading::{Cursor, Media, Short};

use crate::{
    boxes::{self, Source, Span},
    chapters,
    fragments::{self, Extends},
    tags::{self, Cover, Item},
    track::{self, Track},
};

/// What a `moov` says.
#[derive(Debug, Clone, Default)]
pub struct Movie {
    /// Ticks per second of the film.
    pub timescale: u32,
    /// In ticks of the film.
    pub duration: Option<u64>,
    /// Seconds since 1904.
    pub created: u64,
    /// Each with the stream index that ffmpeg gives it.
    pub tracks: Vec<(u32, Track)>,
    pub covers: Vec<Cover>,
    pub items: Vec<Item>,
    /// Chapters of a `chpl` list.
    pub chapters: Vec<Chapter>,
    /// There are, or may be, fragments.
    pub extends: Option<Extends>,
}

impl Movie {
    /// Tells whether there are samples beside those of fragments.
    pub fn has_samples(&self) -> bool {
        self.tracks.iter().any(|(_, track)| !track.times.runs.is_empty())
    }
}

/// More tracks than this are not read.
const MOST_TRACKS: usize = 1024;

/// Reads a `moov` whose tracks lie wholly in the file.
pub fn read<M: Media + ?Sized>(source: &mut Source<'_, M>, moov: Span, is_quicktime: bool) -> Result<Movie, Failure> {
    let mut movie = Movie::default();
    let mut streams = 0;
    let mut at = moov.content;
    while let Some(child) = source.child(&mut at, moov.end)? {
        let name = boxes::name(child.kind);
        // That the file ends here is told of `moov` as a whole.
        if child.is_cut && !moov.is_cut {
            source.missing(format!("{name} at byte {} is longer than what is around it", child.start));
        }
        match &child.kind {
            b"mvhd" => {
                let content = source.content(child, 128)?;
                if read_header(&content, &mut movie).is_err() {
                    source.warn(format!("the film's header at byte {} is too short", child.start));
                }
            }
            b"trak" => {
                if movie.tracks.len() >= MOST_TRACKS {
                    return Err(Failure::Unsupported(format!("more than {MOST_TRACKS} tracks")));
                }
                let track = track::read(source, child, is_quicktime)?;
                movie.tracks.push((streams, track));
                streams += 1;
            }
            b"udta" => read_user_data(source, child, &mut movie, &mut streams)?,
            b"meta" => add(tags::read_meta(source, child)?, &mut movie, &mut streams),
            b"mvex" => movie.extends = Some(fragments::read_extends(source, child)?),
            _ if holds_a_track(source, child)? => {
                source.missing(format!("{name} at byte {} holds what belongs into a track", child.start));
            }
            _ => {}
        }
    }
    Ok(movie)
}

/// Tells whether a box that is none of a film's is, or begins with, a piece of a track: a damaged name or size left it there.
fn holds_a_track<M: Media + ?Sized>(source: &mut Source<'_, M>, stray: Span) -> Result<bool, Failure> {
    if matches!(&stray.kind, b"tkhd" | b"edts" | b"tref" | b"mdia") {
        return Ok(true);
    }
    Ok(source.box_at(stray.content, stray.end)?.is_some_and(|first| first.kind == *b"tkhd"))
}

/// Reads `mvhd` (§8.2.2).
fn read_header(content: &[u8], movie: &mut Movie) -> Result<(), Short> {
    let mut cursor = Cursor::new(content);
    let version = cursor.u8()?;
    cursor.skip(3)?;
    if version == 1 {
        movie.created = cursor.u64_be()?;
        cursor.skip(8)?;
        movie.timescale = cursor.u32_be()?;
        movie.duration = Some(cursor.u64_be()?).filter(|&duration| duration != u64::MAX);
    } else {
        movie.created = cursor.u32_be()?.into();
        cursor.skip(4)?;
        movie.timescale = cursor.u32_be()?;
        movie.duration = Some(cursor.u32_be()?).filter(|&duration| duration != u32::MAX).map(u64::from);
    }
    movie.duration = movie.duration.filter(|&duration| duration > 0);
    Ok(())
}

fn read_user_data<M: Media + ?Sized>(
    source: &mut Source<'_, M>,
    udta: Span,
    movie: &mut Movie,
    streams: &mut u32,
) -> Result<(), Failure> {
    let mut at = udta.content;
    while let Some(child) = source.child(&mut at, udta.end)? {
        match &child.kind {
            b"meta" => add(tags::read_meta(source, child)?, movie, streams),
            b"chpl" => movie.chapters = chapters::read_list(source, child)?,
            _ if child.is_cut => {}
            _ => movie.items.extend(tags::read_text(source, child)?),
        }
    }
    Ok(())
}

/// ffmpeg makes a stream of every cover where it meets it, so that the tracks behind have higher indices.
fn add(found: tags::Meta, movie: &mut Movie, streams: &mut u32) {
    *streams += found.covers.iter().filter(|cover| cover.is_stream).count() as u32;
    movie.items.extend(found.items);
    movie.covers.extend(found.covers);
}
