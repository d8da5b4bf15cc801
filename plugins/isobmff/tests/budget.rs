//! A healthy file of any size costs at most 64 KiB in at most 20 calls.

mod corpus;

use corpus::files;
use vpo_plugin_isobmff::read;
use vpo_plugin_sdk::facts::Facts;
use vpo_reading::{Counted, Media, MediaFile, ReadError};

const GIGABYTE: u64 = 1 << 30;

/// A file of which only some places hold anything.
#[derive(Default)]
struct Sparse {
    size: u64,
    places: Vec<(u64, Vec<u8>)>,
}

impl Sparse {
    fn append(&mut self, bytes: Vec<u8>) {
        let length = bytes.len() as u64;
        self.places.push((self.size, bytes));
        self.size += length;
    }

    /// A box of 64 bits with nothing in it.
    fn append_mdat(&mut self, size: u64) {
        self.append([&[0, 0, 0, 1][..], b"mdat", &(size + 16).to_be_bytes()].concat());
        self.size += size;
    }
}

impl Media for Sparse {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, offset: u64, length: u32) -> Result<Vec<u8>, ReadError> {
        let end = offset.saturating_add(length.into()).min(self.size);
        let mut bytes = vec![0; end.saturating_sub(offset) as usize];
        for (start, piece) in &self.places {
            let (from, to) = (offset.max(*start), end.min(start + piece.len() as u64));
            if from < to {
                let source = &piece[(from - start) as usize..(to - start) as usize];
                bytes[(from - offset) as usize..(to - offset) as usize].copy_from_slice(source);
            }
        }
        Ok(bytes)
    }
}

fn boxed(kind: &[u8], content: &[u8]) -> Vec<u8> {
    [&(content.len() as u32 + 8).to_be_bytes()[..], kind, content].concat()
}

/// Builds the same headers with the sample tables of a long film.
fn lengthened(content: &[u8], tracks: usize) -> Vec<u8> {
    let mut out = Vec::new();
    let mut at = 0;
    while at + 8 <= content.len() {
        let size = u32::from_be_bytes(content[at..at + 4].try_into().unwrap()) as usize;
        let (kind, inner) = (&content[at + 4..at + 8], &content[at + 8..at + size]);
        at += size;
        match kind {
            b"trak" => (0..tracks).for_each(|_| out.extend(boxed(kind, &lengthened(inner, 1)))),
            b"mdia" | b"minf" | b"stbl" => out.extend(boxed(kind, &lengthened(inner, 1))),
            b"stsz" | b"stco" | b"ctts" | b"stss" | b"stsc" => {
                out.extend(boxed(kind, &[inner, &vec![0; 1 << 20]].concat()));
            }
            _ => out.extend(boxed(kind, inner)),
        }
    }
    out
}

/// The headers of a real film with a picture and a sound.
fn headers() -> Option<(Vec<u8>, Vec<u8>)> {
    let file = files()?.into_iter().find(|file| file.name().ends_with("sample_with_chapters.mp4"))?;
    let bytes = std::fs::read(file.path).unwrap();
    let mut at = 0;
    let (mut brand, mut moov) = (Vec::new(), Vec::new());
    while at + 8 <= bytes.len() {
        let size = u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap()) as usize;
        match &bytes[at + 4..at + 8] {
            b"ftyp" => brand = bytes[at..at + size].to_vec(),
            b"moov" => moov = bytes[at + 8..at + size].to_vec(),
            _ => {}
        }
        at += size;
    }
    Some((brand, moov))
}

fn within_budget(media: Sparse) -> Facts {
    let media = Counted::new(media);
    let facts = read(&media).unwrap();
    eprintln!("{} tracks, {} calls, {} bytes", facts.tracks.len(), media.calls(), media.bytes());
    assert!(media.calls() <= 20, "{} calls", media.calls());
    assert!(media.bytes() <= 64 << 10, "{} bytes", media.bytes());
    facts
}

#[test]
fn ten_gigabytes_with_the_headers_at_the_end_stay_within_the_budget() {
    let Some((brand, moov)) = headers() else { return };
    let mut media = Sparse::default();
    media.append(brand);
    media.append_mdat(10 * GIGABYTE);
    media.append(boxed(b"moov", &lengthened(&moov, 1)));

    let facts = within_budget(media);

    assert_eq!(facts.tracks.len(), 3);
}

#[test]
fn ten_gigabytes_with_the_headers_in_front_stay_within_the_budget() {
    let Some((brand, moov)) = headers() else { return };
    let mut media = Sparse::default();
    media.append(brand);
    media.append(boxed(b"moov", &lengthened(&moov, 2)));
    media.append_mdat(10 * GIGABYTE);

    let facts = within_budget(media);

    assert_eq!(facts.tracks.len(), 6);
    assert!(facts.warnings.is_empty(), "{:?}", facts.warnings);
}

#[test]
fn a_long_fragmented_film_is_timed_by_its_index_within_the_budget() {
    let Some((brand, moov)) = headers() else { return };
    let mut media = Sparse::default();
    media.append(brand);
    let extends = boxed(b"mvex", &boxed(b"trex", &[[0, 0, 0, 0, 0, 0, 0, 1], [0; 8], [0; 8]].concat()));
    media.append(boxed(b"moov", &[moov, extends].concat()));
    let mut entries = Vec::new();
    let fragments = 3000u32;
    for number in 0..fragments {
        // Two seconds each, in the timescale of the track.
        let header = boxed(b"tfhd", &[0, 2, 0, 8, 0, 0, 0, 1, 0, 0, 4, 0]);
        let time = boxed(b"tfdt", &[&[0; 4][..], &(number * 30_000).to_be_bytes()].concat());
        let run = boxed(b"trun", &[0, 0, 0, 0, 0, 0, 0, 30]);
        entries.extend((number * 30_000).to_be_bytes().into_iter().chain([0; 4]));
        entries.extend([0; 3]);
        let place = entries.len() - 7;
        entries[place..place + 4].copy_from_slice(&(media.size as u32).to_be_bytes());
        media.append(boxed(b"moof", &boxed(b"traf", &[header, time, run].concat())));
        media.append_mdat(1 << 20);
    }
    let index = [&[0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0][..], &fragments.to_be_bytes(), &entries].concat();
    let index = boxed(b"tfra", &index);
    let end = boxed(b"mfro", &[&[0; 4][..], &(index.len() as u32 + 8 + 16).to_be_bytes()].concat());
    media.append(boxed(b"mfra", &[index, end].concat()));

    let facts = within_budget(media);

    assert!(facts.partial.is_none());
    assert!(facts.duration_ns.unwrap() > 0);
}

/// What stands in a `moov` of one picture track at 90 kHz whose samples are all in fragments.
fn empty_film() -> Vec<u8> {
    const TIMESCALE: [u8; 4] = 90_000u32.to_be_bytes();
    let header = boxed(b"mvhd", &[&[0; 12][..], &TIMESCALE, &[0; 84]].concat());
    let track = boxed(b"tkhd", &[&[0, 0, 0, 3][..], &[0; 8], &1u32.to_be_bytes(), &[0; 68]].concat());
    let media = boxed(b"mdhd", &[&[0; 12][..], &TIMESCALE, &[0; 8]].concat());
    let handler = boxed(b"hdlr", &[&[0; 8][..], b"vide", &[0; 13]].concat());
    let entry = boxed(b"stsd", &[&[0, 0, 0, 0, 0, 0, 0, 1][..], &boxed(b"mp4v", &[0; 78])].concat());
    let samples = boxed(b"minf", &boxed(b"stbl", &[entry, boxed(b"stts", &[0; 8])].concat()));
    let media = boxed(b"mdia", &[media, handler, samples].concat());
    [header, boxed(b"trak", &[track, media].concat())].concat()
}

/// A film of fragments of ten seconds without any index, the first of which has this number.
fn live(first: u32, fragments: u32, fragment_size: u64) -> Sparse {
    let extends = boxed(b"mvex", &boxed(b"trex", &[[0, 0, 0, 0, 0, 0, 0, 1], [0; 8], [0; 8]].concat()));
    let mut media = Sparse::default();
    media.append(boxed(b"ftyp", b"iso5\0\0\0\0"));
    media.append(boxed(b"moov", &[empty_film(), extends].concat()));
    for number in first..first + fragments {
        let sequence = boxed(b"mfhd", &[&[0; 4][..], &number.to_be_bytes()].concat());
        let header = boxed(b"tfhd", &[0, 2, 0, 8, 0, 0, 0, 1, 0, 0, 0x75, 0x30]);
        let time = boxed(b"tfdt", &[&[1, 0, 0, 0][..], &(u64::from(number) * 900_000).to_be_bytes()].concat());
        let run = boxed(b"trun", &[0, 0, 0, 0, 0, 0, 0, 30]);
        media.append(boxed(b"moof", &[sequence, boxed(b"traf", &[header, time, run].concat())].concat()));
        media.append_mdat(fragment_size);
    }
    media
}

#[test]
fn fragments_without_an_index_are_timed_by_the_last_one_within_the_budget() {
    for fragments in [1, 3, 10, 3000] {
        let media = live(0, fragments, 10 << 10);

        let facts = within_budget(media);

        assert_eq!(facts.duration_ns.map(|ns| ns / 1_000_000_000), Some(u64::from(fragments) * 10));
        assert_eq!(facts.partial, None);
    }
}

#[test]
fn a_part_of_a_live_stream_lasts_as_long_as_it_is_itself() {
    for (first, seconds) in [(2, 120), (9000, 100)] {
        let facts = within_budget(live(first, 10, 10 << 10));

        assert_eq!(facts.duration_ns.map(|ns| ns / 1_000_000_000), Some(seconds));
    }
}

#[test]
fn large_fragments_without_an_index_are_looked_for_and_not_for_ever() {
    let media = live(0, 3000, 1 << 20);
    let media = Counted::new(media);
    let facts = read(&media).unwrap();

    assert_eq!(facts.duration_ns.map(|ns| ns / 1_000_000_000), Some(30_000));
    assert!(media.calls() <= 20 && media.bytes() < 3 << 20, "{} calls, {} bytes", media.calls(), media.bytes());

    let media = live(0, 3000, 8 << 20);
    let media = Counted::new(media);
    let facts = read(&media).unwrap();

    assert!(facts.partial.is_some());
    assert!(media.calls() < 300, "{} calls", media.calls());
}

#[test]
fn the_files_of_the_corpus_stay_within_the_budget() {
    let Some(files) = files() else { return };
    let (mut calls, mut bytes, mut over) = (Vec::new(), Vec::new(), Vec::new());

    for file in files {
        let media = Counted::new(MediaFile::open(&file.path).unwrap());
        if read(&media).is_ok() {
            calls.push(media.calls());
            bytes.push(media.bytes());
            if media.calls() > 20 || media.bytes() > 64 << 10 {
                over.push(format!("{}: {} calls, {} bytes", file.name(), media.calls(), media.bytes()));
            }
        }
    }

    calls.sort_unstable();
    bytes.sort_unstable();
    eprintln!("calls: median {}, most {}", calls[calls.len() / 2], calls[calls.len() - 1]);
    eprintln!("bytes: median {}, most {}", bytes[bytes.len() / 2], bytes[bytes.len() - 1]);
    assert!(over.is_empty(), "{over:#?}");
}
