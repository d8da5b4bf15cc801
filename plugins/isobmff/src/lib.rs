//! The introspector `isobmff`: MP4, M4V, MOV, 3GP and their fragmented forms.
//!
//! [`document`] finds `moov`, [`movie`] and [`track`] read it child by child without the sample tables, [`entry`] and
//! [`configuration`] understand how a track is coded, [`tags`], [`chapters`] and [`fragments`] read what they are named for,
//! and [`assemble`] makes facts of it all. Nothing is read of `mdat` but the texts of a chapter track and, where boxes leave
//! something open, the first sample of a track ([`peek`]).

#![forbid(unsafe_code)]

mod assemble;
mod boxes;
mod chapters;
mod codec;
mod compressed;
mod configuration;
mod document;
mod entry;
mod fragments;
mod language;
mod movie;
mod names;
mod peek;
mod rate;
mod tags;
mod time;
mod track;

use vpo_plugin_sdk::{
    Introspector, Plugin, extra,
    facts::{Chapter, Facts},
    introspector::{Claims, Failure, Magic},
    source,
};
use vpo_reading::Media;

use assemble::Timing;
use boxes::Source;
use chapters::nanoseconds;
use document::Document;
use fragments::Run;
use movie::Movie;

/// The plugin.
pub struct IsoBmff;

impl Plugin for IsoBmff {
    const NAME: &'static str = "isobmff";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const SUMMARY: &'static str = "Reads MP4, M4V, MOV and 3GP files";
    type Options = ();
}

impl Introspector for IsoBmff {
    fn claim() -> Claims {
        claims()
    }

    fn read((): &(), media: &source::Media) -> Result<Facts, Failure> {
        read(media)
    }
}

vpo_plugin_sdk::introspector_plugin!(IsoBmff);

/// What these files look like.
pub fn claims() -> Claims {
    let extensions = ["mp4", "m4v", "m4a", "mov", "qt", "3gp", "3g2", "m4b", "mj2"];
    let magic = |bytes: &[u8; 4]| Magic { offset: 4, bytes: bytes.to_vec() };
    Claims {
        extensions: extensions.map(str::to_owned).to_vec(),
        magic: vec![magic(b"ftyp"), magic(b"moov")],
        tools: Vec::new(),
    }
}

/// Reads the facts of a file.
///
/// # Errors
///
/// [`Failure::NotMine`] when it does not begin with a box of this family; otherwise what hindered reading, and where.
pub fn read<M: Media + ?Sized>(media: &M) -> Result<Facts, Failure> {
    let mut source = Source::new(media);
    let document = document::read(&mut source)?;
    let mut movie = read_movie(&mut source, &document)?;
    if movie.tracks.is_empty() {
        return Err(Failure::Malformed(format!("the moov at byte {} has no track", document.moov.start)));
    }
    let (timing, partial) = time_fragments(&mut source, &document, &movie)?;
    let mut found = find_chapters(&mut source, &movie)?;
    peek::complete(&mut source, &mut movie, &timing.samples);
    warn_of_missing_end(&mut source, document.behind)?;
    let header = movie.duration.map(|ticks| nanoseconds(ticks, movie.timescale));
    chapters::close(&mut found, header.max(timing.duration_ns));
    let mut facts = assemble::facts(&document, &movie, &timing, found);
    let cut = || format!("the moov at byte {} claims to be longer than the file", document.moov.start);
    facts.partial = partial.or(document.moov.is_cut.then(cut)).or(source.partial);
    if source.is_cut || document.moov.is_cut {
        facts.extra.push(extra::cut_short());
    }
    facts.warnings = source.warnings;
    Ok(facts)
}

fn read_movie<M: Media + ?Sized>(source: &mut Source<'_, M>, document: &Document) -> Result<Movie, Failure> {
    let Some(unpacked) = compressed::unpack(source, document.moov)? else {
        return movie::read(source, document.moov, document.is_quicktime());
    };
    let mut inner = Source::new(&unpacked);
    let mut movie = movie::read(&mut inner, compressed::moov(&unpacked)?, document.is_quicktime())?;
    inner.warnings.into_iter().for_each(|warning| source.warn(warning));
    // The tables of samples stand in no place of the file.
    movie.tracks.iter_mut().for_each(|(_, track)| track.samples = None);
    Ok(movie)
}

const SECOND: u64 = 1_000_000_000;
const HOUR: u64 = 3600 * SECOND;

/// Finds out how long a fragmented film lasts, and at which rate.
fn time_fragments<M: Media + ?Sized>(
    source: &mut Source<'_, M>,
    document: &Document,
    movie: &Movie,
) -> Result<(Timing, Option<String>), Failure> {
    let mut timing = Timing::default();
    let Some(extends) = &movie.extends else { return Ok((timing, None)) };
    let found = document::fragments(source, document)?;
    let timescale = |number| movie.tracks.iter().find(|(_, track)| track.number == number).map(|(_, t)| t.timescale);
    let first_runs = match found.first {
        Some(first) => fragments::read_fragment(source, first, extends)?,
        None => Vec::new(),
    };
    let rate = |run: &Run| Some((run.track, run.durations.rate(timescale(run.track)?)?));
    timing.rates = first_runs.iter().filter_map(rate).collect();
    timing.samples = first_runs.iter().filter_map(|run| Some((run.track, run.sample?))).collect();
    if let Some(ticks) = extends.duration {
        timing.duration_ns = Some(nanoseconds(ticks, movie.timescale));
        return Ok((timing, None));
    }
    // Where the fragments go on from the samples that `moov` knows, those come first.
    let before = movie.duration.filter(|_| movie.has_samples()).map_or(0, |ticks| nanoseconds(ticks, movie.timescale));
    if let Some(index) = found.index
        && let Some((start, length)) = fragments::read_index(source, index)?
    {
        let goes_on = start.abs_diff(before) < SECOND;
        timing.duration_ns = Some(length.saturating_add(if goes_on { before } else { 0 }));
        return Ok((timing, None));
    }
    let Some(first) = found.first else { return Ok((timing, None)) };
    let last = match fragments::last_by_index(source)? {
        Some(last) => Some(last),
        None => fragments::last_without_index(source, first)?,
    };
    // Fragments that begin hours after zero go by the clock of a live stream; others are shown when they say.
    let begins = first_runs
        .iter()
        .filter_map(|run| Some(nanoseconds(run.start?, timescale(run.track).filter(|&timescale| timescale > 0)?)));
    let begin = begins.min().filter(|&begin| begin >= HOUR && !movie.has_samples()).unwrap_or(0);
    let Some(last) = last else {
        return Ok((timing, Some("the duration is not known: there are many fragments and no index".to_owned())));
    };
    warn_of_missing_end(source, last.end)?;
    for mut run in fragments::read_fragment(source, last, extends)? {
        // Old writers keep no time; the first fragment begins at zero.
        let start = run.start.or((last == first).then_some(0));
        if let (Some(start), Some(timescale)) = (start, timescale(run.track).filter(|&timescale| timescale > 0)) {
            let end = nanoseconds(run.end(start), timescale).saturating_sub(begin);
            timing.duration_ns = timing.duration_ns.max(Some(end));
            timing.ends.push((run.track, end));
        }
        // The more samples, the less their rounding matters; a track may be in the last fragment and not in the first.
        let before = first_runs.iter().find(|before| before.track == run.track);
        if last != first {
            before.into_iter().for_each(|before| run.durations.extend(&before.durations));
            if let Some(better) = rate(&run) {
                timing.rates.insert(0, better);
            }
        }
    }
    let unknown = || "the duration is not known: the last fragment does not say when it begins".to_owned();
    let partial = timing.duration_ns.is_none().then(unknown);
    Ok((timing, partial))
}

/// Reads chapters: the list when there is one, for it costs nothing, else the track that holds them.
fn find_chapters<M: Media + ?Sized>(source: &mut Source<'_, M>, movie: &Movie) -> Result<Vec<Chapter>, Failure> {
    // A list cannot count further.
    const LONGEST_LIST: usize = 255;
    if !movie.chapters.is_empty() && movie.chapters.len() < LONGEST_LIST {
        return Ok(movie.chapters.clone());
    }
    let wanted = movie.tracks.iter().flat_map(|(_, track)| &track.chapter_tracks);
    for number in wanted {
        let holds_text = |handler: &boxes::FourCc| matches!(handler, b"text" | b"sbtl" | b"subt");
        let track = movie.tracks.iter().map(|(_, track)| track).find(|track| track.number == *number);
        if let Some(track) = track.filter(|track| track.handler.as_ref().is_some_and(holds_text)) {
            let found = chapters::read_track(source, track)?;
            if !found.is_empty() {
                return Ok(found);
            }
        }
    }
    Ok(movie.chapters.clone())
}

/// Notices that a file was cut in one of the few boxes behind a place.
fn warn_of_missing_end<M: Media + ?Sized>(source: &mut Source<'_, M>, behind: u64) -> Result<(), Failure> {
    let size = source.size();
    let mut at = behind;
    for _ in 0..4 {
        match source.distant_box_at(at, size)? {
            Some(found) if found.is_cut => {
                let (name, start) = (boxes::name(found.kind), found.start);
                source.is_cut = true;
                source.warn(format!("the file ends at byte {size}, inside the {name} that begins at byte {start}"));
                break;
            }
            Some(found) => at = found.end,
            None if at < size => {
                source.warn(format!("no box begins at byte {at}"));
                break;
            }
            None => break,
        }
    }
    Ok(())
}
