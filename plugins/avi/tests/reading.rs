//! Facts of small AVI files that are made here, whole and damaged, and what reading large ones costs.

use vpo_plugin_avi::read;
use vpo_plugin_sdk::facts::{Facts, TrackDetails};
use vpo_plugin_sdk::introspector::Failure;
use vpo_reading::{Counted, Media, ReadError};

fn chunk(id: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let mut bytes = id.to_vec();
    bytes.extend((content.len() as u32).to_le_bytes());
    bytes.extend(content);
    if content.len() % 2 == 1 {
        bytes.push(0);
    }
    bytes
}

fn list(kind: &[u8; 4], chunks: &[Vec<u8>]) -> Vec<u8> {
    chunk(b"LIST", &[kind.to_vec(), chunks.concat()].concat())
}

fn numbers(numbers: &[u32]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
}

fn stream_header(kind: &[u8; 4], handler: &[u8; 4], scale: u32, rate: u32, length: u32) -> Vec<u8> {
    let fields = numbers(&[0, 0, 0, scale, rate, 0, length, 0, 0, 0, 0, 0]);
    chunk(b"strh", &[&kind[..], handler, &fields].concat())
}

fn picture_format(letters: &[u8; 4]) -> Vec<u8> {
    let head = numbers(&[40, 720, 576, 1 | 24 << 16]);
    chunk(b"strf", &[head, letters.to_vec(), numbers(&[0, 0, 0, 0, 0])].concat())
}

/// AC-3, six channels, 48 kHz, 56,000 bytes a second.
fn sound_format() -> Vec<u8> {
    chunk(b"strf", &numbers(&[0x2000 | 6 << 16, 48_000, 56_000, 1]))
}

fn film() -> Vec<u8> {
    let main = chunk(b"avih", &numbers(&[40_000, 0, 0, 0, 100, 0, 2, 0, 720, 576, 0, 0, 0, 0]));
    // 16:9, two fields a frame; height comes before width.
    let properties = chunk(b"vprp", &numbers(&[0, 0, 50, 864, 625, 9 | 16 << 16, 720, 576, 2]));
    let pictures = list(b"strl", &[stream_header(b"vids", b"XVID", 1, 25, 100), picture_format(b"XVID"), properties]);
    let name = chunk(b"strn", b"Surround\0");
    let sounds = list(b"strl", &[stream_header(b"auds", b"\0\0\0\0", 32, 1000, 3125), sound_format(), name]);
    let extended = list(b"odml", &[chunk(b"dmlh", &numbers(&[250]))]);
    let info = [
        chunk(b"INAM", b"Fil\xe9m\0"),
        chunk(b"IAS2", b"ger\0"),
        chunk(b"ICRD", b"1999\0"),
        chunk(b"IENG", b"Someone\0"),
    ];
    let parts = [
        list(b"hdrl", &[main, pictures, sounds, extended]),
        list(b"INFO", &info),
        chunk(b"JUNK", &[0; 4000]),
        list(b"movi", &[chunk(b"00dc", &[7; 3001]), chunk(b"01wb", &[0x0b, 0x77, 1, 2]), chunk(b"00dc", &[0; 3000])]),
        chunk(b"idx1", &[0; 48]),
    ];
    chunk(b"RIFF", &[b"AVI ".to_vec(), parts.concat()].concat())
}

/// What follows the first chunk of a long film. The first of them has an odd length.
fn continuations() -> [Vec<u8>; 3] {
    let movie = |bytes: usize| list(b"movi", &[chunk(b"00dc", &vec![7; bytes])]);
    let part = |content: Vec<u8>| chunk(b"RIFF", &[b"AVIX".to_vec(), content].concat());
    [part([movie(3000), vec![0]].concat()), part(movie(500)), part(movie(20))]
}

fn facts(bytes: &[u8]) -> Facts {
    read(bytes).unwrap()
}

#[test]
fn the_header_list_tells_tracks_shape_and_rate() {
    let facts = facts(&film());

    assert_eq!((facts.container.as_str(), facts.tracks.len()), ("avi", 2));
    let TrackDetails::Video(video) = &facts.tracks[0].details else { panic!("{facts:?}") };
    assert_eq!((facts.tracks[0].codec.as_str(), facts.tracks[0].codec_id.as_str()), ("mpeg4", "XVID"));
    assert_eq!((video.width, video.height, video.display_width), (720, 576, 1024));
    assert_eq!(video.frame_rate.map(|rate| (rate.numerator, rate.denominator)), Some((25, 1)));
    assert_eq!(video.interlaced, Some(true));
    let TrackDetails::Audio(audio) = &facts.tracks[1].details else { panic!("{facts:?}") };
    assert_eq!((facts.tracks[1].codec.as_str(), facts.tracks[1].codec_id.as_str()), ("ac3", "0x2000"));
    assert_eq!((audio.channels, audio.sample_rate), (6, Some(48_000)));
    assert_eq!(facts.tracks[1].bit_rate, Some(448_000));
}

#[test]
fn names_languages_and_texts_come_from_strn_and_info() {
    let facts = facts(&film());

    assert_eq!(facts.title.as_deref(), Some("Filém"));
    assert_eq!(facts.tracks[1].title.as_deref(), Some("Surround"));
    assert_eq!(facts.tracks[1].language.original.as_deref(), Some("ger"));
    assert_eq!(facts.tracks[0].language.tag, "und");
    let tags: Vec<_> = facts.tags.iter().map(|tag| (tag.name.as_str(), tag.value.as_str())).collect();
    assert_eq!(tags, [("date", "1999"), ("IENG", "Someone")]);
}

#[test]
fn a_file_of_several_riff_chunks_is_as_long_as_all_of_them() {
    let facts = facts(&film());

    assert_eq!(facts.duration_ns, Some(100_000_000_000));
    assert_eq!(facts.tracks[0].duration_ns, Some(10_000_000_000));
}

#[test]
fn a_stream_that_is_counted_and_not_described_makes_facts_partial() {
    let mut damaged = film();
    let second = damaged.windows(4).rposition(|four| four == b"strl").unwrap();
    damaged[second] ^= 1;

    let facts = facts(&damaged);

    assert_eq!(facts.tracks.len(), 1);
    assert_eq!(facts.partial.as_deref(), Some("the header list describes 1 of 2 streams"));
}

#[test]
fn each_of_several_continuations_is_followed_to_its_end() {
    let whole = [film(), continuations().concat()].concat();

    assert_eq!(facts(&whole).warnings, Vec::<String>::new());
    assert_eq!(facts(&whole), facts(&film()));
}

#[test]
fn a_cut_within_any_continuation_is_told() {
    let [first, second, third] = continuations();
    let whole = [film(), first.clone(), second.clone(), third].concat();
    let starts = [film().len(), film().len() + first.len(), film().len() + first.len() + second.len()];

    for start in starts {
        let cut = facts(&whole[..start + 15]);
        assert_eq!(cut.tracks, facts(&film()).tracks);
        assert_eq!(cut.warnings, ["the file is shorter than it says"], "cut behind {start}");
    }
}

#[test]
fn what_is_no_continuation_is_not_missed() {
    let [first, ..] = continuations();
    let other = chunk(b"RIFF", &[b"WAVE".to_vec(), vec![0; 100]].concat());

    let cut_in_other = [film(), first, other[..50].to_vec()].concat();

    assert_eq!(facts(&cut_in_other), facts(&film()));
}

#[test]
fn other_riff_files_and_dv_in_one_stream_are_not_mine() {
    let wave = chunk(b"RIFF", b"WAVEfmt ");
    let dv = list(b"hdrl", &[list(b"strl", &[stream_header(b"iavs", b"dvsd", 1, 25, 100)])]);
    let dv = chunk(b"RIFF", &[b"AVI ".to_vec(), dv].concat());

    assert_eq!(read(&wave[..]).unwrap_err(), Failure::NotMine);
    assert_eq!(read(&dv[..]).unwrap_err(), Failure::NotMine);
    assert_eq!(read(&[][..]).unwrap_err(), Failure::NotMine);
}

#[test]
fn a_file_that_is_cut_gives_facts_or_says_where_it_ends() {
    let film = film();

    for length in 12..film.len() {
        match read(&film[..length]) {
            Ok(facts) if facts.tracks.len() < 2 => assert!(facts.partial.is_some(), "{length}: {facts:?}"),
            Ok(facts) => assert!(!facts.warnings.is_empty(), "{length}: {facts:?}"),
            Err(Failure::Truncated(reason)) => assert!(reason.contains(&length.to_string()), "{length}: {reason}"),
            Err(other) => panic!("{length}: {other:?}"),
        }
    }
}

#[test]
fn a_file_without_streams_says_so() {
    let empty = chunk(b"RIFF", &[b"AVI ".to_vec(), list(b"hdrl", &[])].concat());
    let headless = chunk(b"RIFF", &[b"AVI ".to_vec(), list(b"movi", &[])].concat());

    assert_eq!(read(&empty[..]).unwrap_err(), Failure::Malformed("the header list has no streams".to_owned()));
    assert_eq!(read(&headless[..]).unwrap_err(), Failure::Malformed("no header list".to_owned()));
}

#[test]
fn damage_never_does_more_than_change_the_answer() {
    let film = film();
    let mut random = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = move |below: usize| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        random as usize % below
    };

    for _ in 0..20_000 {
        let mut damaged = film.clone();
        for _ in 0..=next(6) {
            // Headers are where damage tells.
            let at = next(900);
            damaged[at] = [0, 0xff, 0x7f, 0x80, next(256) as u8][next(5)];
        }
        damaged.truncate(damaged.len() - next(damaged.len() / 2));
        let media = Counted::new(damaged);
        let _ = read(&media);
        assert!(media.calls() <= 300, "{} calls", media.calls());
    }
}

/// A header, and a movie of ten gigabytes that is never held.
struct Long {
    head: Vec<u8>,
}

impl Media for Long {
    fn size(&self) -> u64 {
        10 << 30
    }

    fn read_at(&self, offset: u64, length: u32) -> Result<Vec<u8>, ReadError> {
        let end = (offset + u64::from(length)).min(self.size());
        Ok((offset..end).map(|at| self.head.get(at as usize).copied().unwrap_or(0)).collect())
    }
}

#[test]
fn a_film_of_ten_gigabytes_costs_as_little_as_a_short_one() {
    let mut head = film();
    // The movie list says that it is nearly as long as 32 bits allow.
    let movie = head.windows(4).position(|four| four == b"movi").unwrap();
    head[movie - 4..movie].copy_from_slice(&0xf000_0000_u32.to_le_bytes());
    head[4..8].copy_from_slice(&0xf100_0000_u32.to_le_bytes());
    let media = Counted::new(Long { head });

    let facts = read(&media).unwrap();

    assert_eq!(facts.tracks.len(), 2);
    assert!(media.calls() <= 20 && media.bytes() <= 64 << 10, "{} calls, {} bytes", media.calls(), media.bytes());
}
