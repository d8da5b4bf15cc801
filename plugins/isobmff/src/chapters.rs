//! Chapters: the list of Nero (`chpl`), and the text track of QuickTime.

use vpo_plugin_sdk::{facts::Chapter, introspector::Failure};
use vpo_reading::{Cursor, Media, Short};

use crate::{
    boxes::{Source, Span},
    language,
    track::{Track, text_of},
};

/// More chapters than this are not read.
const MOST_CHAPTERS: usize = 1000;
/// Texts of a chapter track that may be fetched; each may cost a read, of so many bytes.
const MOST_TEXTS: usize = 256;
const WINDOW: u32 = 256;
const MOST_TABLE: usize = 64 << 10;

/// Reads `chpl`: times in units of 100 ns, titles of up to 255 bytes.
pub fn read_list<M: Media + ?Sized>(source: &mut Source<'_, M>, chpl: Span) -> Result<Vec<Chapter>, Failure> {
    let content = source.content(chpl, 255 * 264)?;
    let mut chapters = Vec::new();
    let mut cursor = Cursor::new(&content);
    let mut read = || {
        let version = cursor.u8()?;
        cursor.skip(if version == 0 { 3 } else { 3 + 4 })?;
        for _ in 0..cursor.u8()? {
            let start = cursor.u64_be()?;
            let length = cursor.u8()?;
            let title = text_of(cursor.take(length.into())?);
            chapters.push(chapter(start.saturating_mul(100), None, title));
        }
        Ok::<_, Short>(())
    };
    if read().is_err() {
        source.warn(format!("the chapter list at byte {} ends too early", chpl.start));
    }
    Ok(chapters)
}

/// Sets the end of each chapter that has none to the start of the next, the last one's to the end of the film.
pub fn close(chapters: &mut [Chapter], duration_ns: Option<u64>) {
    let starts: Vec<_> = chapters.iter().map(|chapter| chapter.start_ns).collect();
    for (place, chapter) in chapters.iter_mut().enumerate() {
        if chapter.end_ns.is_none() {
            chapter.end_ns = starts.get(place + 1).copied().or(duration_ns).filter(|&end| end >= chapter.start_ns);
        }
    }
}

/// Reads the samples of a chapter track: each is a text with its length before it.
pub fn read_track<M: Media + ?Sized>(source: &mut Source<'_, M>, track: &Track) -> Result<Vec<Chapter>, Failure> {
    let Some(stbl) = track.samples.filter(|_| track.timescale > 0) else { return Ok(Vec::new()) };
    let places = Places::read(source, stbl)?;
    let mut chapters = Vec::new();
    let mut ticks = 0u64;
    let window = source.pages.set_window(WINDOW);
    let durations = track.times.runs.iter().flat_map(|&(count, ticks)| (0..count.min(4096)).map(move |_| ticks));
    for (place, duration) in places.samples().zip(durations).take(MOST_CHAPTERS) {
        let title = match place {
            (offset, size) if size > 2 && chapters.len() < MOST_TEXTS => {
                let sample = source.pages.bytes(offset, size.min(1024) as usize)?;
                if sample.is_empty() {
                    source.missing("titles of chapters stand behind the end of the file".to_owned());
                }
                Some(title(&sample))
            }
            (_, size) if size > 2 => {
                source.missing(format!("more than {MOST_TEXTS} titles of chapters stand apart"));
                None
            }
            _ => None,
        };
        let start = nanoseconds(ticks, track.timescale);
        ticks = ticks.saturating_add(duration.into());
        chapters.push(chapter(start, Some(nanoseconds(ticks, track.timescale)), title.unwrap_or_default()));
    }
    source.pages.set_window(window);
    Ok(chapters)
}

fn title(sample: &[u8]) -> String {
    let Some((length, text)) = sample.split_at_checked(2) else { return String::new() };
    let length = usize::from(u16::from_be_bytes([length[0], length[1]]));
    let text = &text[..length.min(text.len())];
    match text {
        [0xfe, 0xff, rest @ ..] => String::from_utf16_lossy(
            &rest.chunks_exact(2).map(|two| u16::from_be_bytes([two[0], two[1]])).collect::<Vec<_>>(),
        ),
        [0xff, 0xfe, rest @ ..] => String::from_utf16_lossy(
            &rest.chunks_exact(2).map(|two| u16::from_le_bytes([two[0], two[1]])).collect::<Vec<_>>(),
        ),
        text => text_of(text),
    }
}

fn chapter(start_ns: u64, end_ns: Option<u64>, title: String) -> Chapter {
    Chapter {
        start_ns,
        end_ns,
        title: Some(title).filter(|title| !title.is_empty()),
        language: language::undetermined(),
        hidden: false,
        depth: 0,
        edition: 0,
    }
}

/// Ticks as nanoseconds; what does not fit is the largest there is.
pub fn nanoseconds(ticks: u64, timescale: u32) -> u64 {
    if timescale == 0 {
        return 0;
    }
    u64::try_from(u128::from(ticks) * 1_000_000_000 / u128::from(timescale)).unwrap_or(u64::MAX)
}

/// Where samples are and how long they are, from the tables of a small track.
#[derive(Debug, Default)]
pub struct Places {
    /// First chunk, from one, and samples per chunk from there on.
    runs: Vec<(u32, u32)>,
    /// Offsets of the chunks.
    chunks: Vec<u64>,
    sizes: Vec<u32>,
    /// The size of every sample, when it is one.
    common_size: u32,
}

impl Places {
    /// Reads the tables, at most so much of them.
    pub fn read<M: Media + ?Sized>(source: &mut Source<'_, M>, stbl: Span) -> Result<Self, Failure> {
        let mut places = Self::default();
        let mut at = stbl.content;
        while let Some(child) = source.child(&mut at, stbl.end)? {
            if !matches!(&child.kind, b"stsc" | b"stsz" | b"stz2" | b"stco" | b"co64") {
                continue;
            }
            // A long table's beginning is enough for the first sample.
            let content = source.content(child, if child.length() > MOST_TABLE as u64 { 1024 } else { MOST_TABLE })?;
            let number = |four: &[u8]| four.try_into().map_or(0, u32::from_be_bytes);
            let table = content.get(8..).unwrap_or(&[]);
            match &child.kind {
                b"stsc" => {
                    places.runs = table.chunks_exact(12).map(|run| (number(&run[..4]), number(&run[4..8]))).collect();
                }
                b"stsz" => {
                    places.common_size = content.get(4..8).map_or(0, number);
                    places.sizes = table.get(4..).unwrap_or(&[]).chunks_exact(4).map(number).collect();
                }
                b"stco" => places.chunks = table.chunks_exact(4).map(|four| number(four).into()).collect(),
                b"co64" => {
                    places.chunks =
                        table.chunks_exact(8).map(|eight| eight.try_into().map_or(0, u64::from_be_bytes)).collect();
                }
                _ => {}
            }
        }
        Ok(places)
    }

    /// Offset and size of each sample, in order.
    pub fn samples(&self) -> impl Iterator<Item = (u64, u32)> {
        let mut sample = 0;
        self.chunks.iter().enumerate().flat_map(move |(chunk, &offset)| {
            let run = self.runs.iter().take_while(|&&(first, _)| first as usize <= chunk + 1).last();
            let count = run.map_or(1, |&(_, count)| count.min(4096));
            let first = sample;
            sample += count as usize;
            let mut at = offset;
            (first..sample).map_while(move |sample| {
                let size = if self.common_size > 0 { self.common_size } else { *self.sizes.get(sample)? };
                let place = (at, size);
                at = at.saturating_add(size.into());
                Some(place)
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_follow_one_another_in_their_chunks() {
        let places =
            Places { runs: vec![(1, 2), (2, 1)], chunks: vec![100, 500, 900], sizes: vec![3, 4, 5, 6], common_size: 0 };

        assert_eq!(places.samples().collect::<Vec<_>>(), [(100, 3), (103, 4), (500, 5), (900, 6)]);
    }

    #[test]
    fn titles_are_utf_8_or_marked_utf_16() {
        assert_eq!(title(b"\x00\x05Intro\x00\x00"), "Intro");
        assert_eq!(title(&[0, 6, 0xfe, 0xff, 0, 72, 0, 105]), "Hi");
        assert_eq!(title(&[0, 200, b'a']), "a");
        assert_eq!(title(&[0]), "");
    }

    #[test]
    fn chapters_without_end_last_until_the_next() {
        let mut chapters = vec![chapter(0, None, "a".into()), chapter(5, None, "b".into())];

        close(&mut chapters, Some(9));

        assert_eq!(chapters.iter().map(|chapter| chapter.end_ns).collect::<Vec<_>>(), [Some(5), Some(9)]);
    }
}
