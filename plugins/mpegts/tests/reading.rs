//! Facts of small transport streams that are made here, whole and damaged, and what reading large ones costs.

use vpo_plugin_mpegts::read;
use vpo_plugin_mpegts::sections::checksum;
use vpo_plugin_sdk::facts::{Facts, TrackDetails};
use vpo_plugin_sdk::introspector::Failure;
use vpo_reading::{Counted, Media, ReadError};

const PACKET: usize = 188;

/// Writes packets, and counts them by PID.
#[derive(Default)]
struct Writer {
    bytes: Vec<u8>,
    counters: std::collections::BTreeMap<u16, u8>,
}

impl Writer {
    fn put(&mut self, pid: u16, content: &[u8]) {
        for (index, part) in content.chunks(PACKET - 4).enumerate() {
            let counter = self.counters.entry(pid).or_default();
            let begins = if index == 0 { 0x40 } else { 0 };
            let stuffing = PACKET - 4 - part.len();
            let control = if stuffing > 0 { 0x30 } else { 0x10 };
            self.bytes.extend([0x47, begins | (pid >> 8) as u8, pid as u8, control | *counter]);
            *counter = (*counter + 1) & 15;
            if stuffing > 0 {
                self.bytes.push(stuffing as u8 - 1);
                self.bytes.extend((1..stuffing).map(|at| if at == 1 { 0 } else { 0xff }));
            }
            self.bytes.extend(part);
        }
    }

    fn section(&mut self, pid: u16, table: u8, about: u16, body: &[u8]) {
        let length = body.len() + 9;
        let mut section = vec![table, 0xb0 | (length >> 8) as u8, length as u8];
        section.extend(about.to_be_bytes());
        section.extend([0xc1, 0, 0]);
        section.extend(body);
        section.extend(checksum(&section).to_be_bytes());
        self.put(pid, &[&[0], &section[..]].concat());
    }

    fn packet(&mut self, pid: u16, id: u8, ticks: u64, content: &[u8]) {
        let time = [
            0x21 | (ticks >> 29 & 0xe) as u8,
            (ticks >> 22) as u8,
            (ticks >> 14) as u8 | 1,
            (ticks >> 7) as u8,
            (ticks << 1) as u8 | 1,
        ];
        self.put(pid, &[&[0, 0, 1, id, 0, 0, 0x80, 0x80, 5], &time[..], content].concat());
    }
}

const PICTURES: u16 = 0x100;
const GERMAN: u16 = 0x101;
const ENGLISH: u16 = 0x102;
const SUBTITLES: u16 = 0x103;
/// MPEG-2 video, 720 by 576, 16:9, 25 pictures a second.
const SEQUENCE: [u8; 22] =
    [0, 0, 1, 0xb3, 0x2d, 0x02, 0x40, 0x33, 0xff, 0xff, 0xe0, 0x18, 0, 0, 1, 0xb5, 0x14, 0x8a, 0x00, 0x01, 0x00, 0x00];
/// AC-3, 48 kHz, 384 kbit/s, 5.1.
const AC3: [u8; 8] = [0x0b, 0x77, 0, 0, 0x1c, 0x40, 0xe1, 0x00];
/// MPEG layer II, 48 kHz, stereo.
const LAYER_2: [u8; 4] = [0xff, 0xfd, 0xa4, 0x04];

fn tables(writer: &mut Writer) {
    writer.section(0, 0x00, 1, &[0, 0, 0xe0, 0x10, 0, 1, 0xf0, 0x00]);
    let mut map = vec![0xe1, 0x00, 0xf0, 0x00];
    let stream = |kind: u8, pid: u16, descriptors: &[u8]| {
        let [high, low] = pid.to_be_bytes();
        [&[kind, 0xe0 | high, low, 0xf0, descriptors.len() as u8], descriptors].concat()
    };
    // So many private descriptors that the map takes more than one packet.
    let padding = [&[0xfe, 180][..], &[0; 180]].concat();
    map.extend(stream(0x02, PICTURES, &padding));
    map.extend(stream(0x06, GERMAN, b"\x0a\x04deu\x00\x6a\x01\x00"));
    map.extend(stream(0x03, ENGLISH, b"\x0a\x04eng\x03"));
    map.extend(stream(0x06, SUBTITLES, b"\x59\x08fra\x20\0\x01\0\x01"));
    writer.section(0x1000, 0x02, 1, &map);
    let service = b"\0\x01\0\0\x01\xff\x80\x0d\x48\x0b\x01\x03ARD\x05Erste";
    writer.section(0x11, 0x42, 1, service);
}

fn film() -> Vec<u8> {
    let mut writer = Writer::default();
    tables(&mut writer);
    // The clock passes the place where it begins anew.
    let start = (1_u64 << 33) - 90_000;
    for picture in 0..50_u64 {
        let ticks = (start + picture * 3600) % (1 << 33);
        let filling = vec![0xaa; 700];
        writer.packet(PICTURES, 0xe0, ticks, &[&SEQUENCE[..], &filling].concat());
        writer.packet(GERMAN, 0xbd, ticks, &[&AC3[..], &filling[..100]].concat());
        writer.packet(ENGLISH, 0xc0, ticks, &[&LAYER_2[..], &filling[..100]].concat());
    }
    writer.bytes
}

fn with_stride(bytes: &[u8], before: usize, after: usize) -> Vec<u8> {
    bytes.chunks(PACKET).flat_map(|packet| [&vec![0; before][..], packet, &vec![0xee; after]].concat()).collect()
}

fn facts(bytes: &[u8]) -> Facts {
    read(bytes).unwrap()
}

#[test]
fn tables_and_headers_tell_the_tracks() {
    let facts = facts(&film());

    let tracks: Vec<_> =
        facts.tracks.iter().map(|track| (track.number, track.codec.as_str(), track.codec_id.as_str())).collect();
    let expected = [
        (0x100, "mpeg2video", "0x02"),
        (0x101, "ac3", "0x06"),
        (0x102, "mp2", "0x03"),
        (0x103, "dvb_subtitle", "0x06"),
    ];
    assert_eq!(tracks, expected);
    let TrackDetails::Video(video) = &facts.tracks[0].details else { panic!("{facts:?}") };
    assert_eq!((video.width, video.height, video.display_width), (720, 576, 1024));
    assert_eq!(video.frame_rate.map(|rate| (rate.numerator, rate.denominator)), Some((25, 1)));
    let TrackDetails::Audio(audio) = &facts.tracks[1].details else { panic!("{facts:?}") };
    assert_eq!((audio.channels, audio.sample_rate, audio.layout.as_deref()), (6, Some(48_000), Some("5.1(side)")));
    assert_eq!(facts.partial, None);
}

#[test]
fn descriptors_tell_languages_and_whom_a_track_is_for() {
    let facts = facts(&film());

    let said: Vec<_> = facts.tracks.iter().map(|track| track.language.original.as_deref()).collect();
    assert_eq!(said, [None, Some("deu"), Some("eng"), Some("fra")]);
    assert!(facts.tracks[2].flags.visual_impaired);
    assert!(facts.tracks[3].flags.hearing_impaired);
    let tags: Vec<_> = facts.tags.iter().map(|tag| (tag.name.as_str(), tag.value.as_str())).collect();
    assert_eq!(tags, [("service_name", "Erste"), ("service_provider", "ARD")]);
}

#[test]
fn a_film_lasts_over_the_place_where_the_clock_begins_anew() {
    assert_eq!(facts(&film()).duration_ns, Some(2_000_000_000));
}

#[test]
fn packets_with_timestamps_or_checksums_beside_them_are_the_same_film() {
    let plain = facts(&film());

    assert_eq!(facts(&with_stride(&film(), 4, 0)).tracks, plain.tracks);
    assert_eq!(facts(&with_stride(&film(), 0, 16)).tracks, plain.tracks);
    let late = facts(&[vec![0x11; 1000], film()].concat());
    assert_eq!(late.tracks, plain.tracks);
    assert_eq!(late.warnings, ["the first packet begins at byte 1000"]);
}

#[test]
fn pictures_that_come_before_the_tables_count() {
    let mut writer = Writer::default();
    writer.packet(PICTURES, 0xe0, 90_000, &[&SEQUENCE[..], &[0; 100]].concat());
    tables(&mut writer);
    writer.packet(GERMAN, 0xbd, 180_000, &[&AC3[..], &[0; 100]].concat());
    writer.packet(GERMAN, 0xbd, 270_000, &[&AC3[..], &[0; 100]].concat());

    let facts = facts(&writer.bytes);

    let TrackDetails::Video(video) = &facts.tracks[0].details else { panic!("{facts:?}") };
    assert_eq!(video.width, 720);
    // 108 bytes at 384 kbit/s are heard for 202 ticks more.
    assert_eq!(facts.duration_ns, Some(2_002_244_444));
    // The second sound never comes.
    assert_eq!(facts.partial.as_deref(), Some("no header was found in reach for 0x102 (mp3)"));
}

#[test]
fn a_stream_without_tables_says_so_and_other_files_are_not_mine() {
    let mut writer = Writer::default();
    (0..20).for_each(|_| writer.packet(PICTURES, 0xe0, 0, &SEQUENCE));

    let expected = Failure::Malformed("no program association among the first packets".to_owned());
    assert_eq!(read(&writer.bytes[..]).unwrap_err(), expected);
    assert_eq!(read(&b"GIF89a and so on"[..]).unwrap_err(), Failure::NotMine);
    assert_eq!(read(&vec![0x47; 100][..]).unwrap_err(), Failure::NotMine);
    assert_eq!(read(&[][..]).unwrap_err(), Failure::NotMine);
}

#[test]
fn a_film_that_is_cut_anywhere_behind_its_tables_gives_facts() {
    let film = film();

    for length in (0..film.len().min(8000)).chain((8000..film.len()).step_by(97)) {
        match read(&film[..length]) {
            Ok(facts) => assert_eq!(facts.tracks.len(), 4, "{length}"),
            Err(Failure::NotMine) => assert!(length < 3 * PACKET, "{length}"),
            Err(Failure::Malformed(reason)) => assert!(length < 6 * PACKET, "{length}: {reason}"),
            Err(other) => panic!("{length}: {other:?}"),
        }
    }
}

#[test]
fn damage_never_does_more_than_change_the_answer() {
    let film = film();
    let mut random = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = move |below: usize| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        random as usize % below
    };

    for _ in 0..4000 {
        let mut damaged = film.clone();
        for _ in 0..=next(12) {
            let below = if next(2) == 0 { 1200 } else { damaged.len() };
            let at = next(below);
            damaged[at] = [0, 0xff, 0x47, 0x7f, next(256) as u8][next(5)];
        }
        if next(4) == 0 {
            let at = next(damaged.len());
            damaged.drain(at..(at + next(300)).min(film.len()));
        }
        let media = Counted::new(damaged);
        let _ = read(&media);
        assert!(media.calls() <= 40, "{} calls", media.calls());
    }
}

/// A film whose middle is ten gigabytes that are never held.
struct Long {
    film: Vec<u8>,
}

impl Media for Long {
    fn size(&self) -> u64 {
        // A whole number of packets.
        10 * 188 * 1_000_000 + self.film.len() as u64
    }

    fn read_at(&self, offset: u64, length: u32) -> Result<Vec<u8>, ReadError> {
        let (size, end_begins) = (self.size(), self.size() - self.film.len() as u64);
        let byte = |at: u64| match at {
            at if at >= end_begins => self.film[(at - end_begins) as usize],
            at => self.film.get(at as usize).copied().unwrap_or(if at % 188 == 0 { 0x47 } else { 0xff }),
        };
        Ok((offset..(offset + u64::from(length)).min(size)).map(byte).collect())
    }
}

#[test]
fn a_film_of_many_gigabytes_costs_as_little_as_a_short_one() {
    let media = Counted::new(Long { film: film() });

    let facts = read(&media).unwrap();

    assert_eq!((facts.tracks.len(), facts.partial), (4, None));
    assert!(media.calls() <= 20 && media.bytes() <= 80 << 10, "{} calls, {} bytes", media.calls(), media.bytes());
}

#[test]
fn a_recording_without_a_key_frame_ends_the_search() {
    let mut writer = Writer::default();
    tables(&mut writer);
    for picture in 0..4000 {
        writer.packet(PICTURES, 0xe0, picture * 3600, &[0xaa; 700]);
    }
    let media = Counted::new(writer.bytes);

    let facts = read(&media).unwrap();

    assert_eq!(facts.tracks.len(), 4);
    assert!(facts.partial.unwrap().contains("0x100 (mpeg2video)"));
    assert!(media.calls() <= 20 && media.bytes() <= 1200 << 10, "{} calls, {} bytes", media.calls(), media.bytes());
}

#[test]
fn a_film_lasts_until_its_last_sound_was_heard() {
    let mut writer = Writer::default();
    tables(&mut writer);
    writer.packet(PICTURES, 0xe0, 90_000, &SEQUENCE);
    writer.packet(GERMAN, 0xbd, 90_000, &[&AC3[..], &[0xaa; 100]].concat());
    writer.packet(SUBTITLES, 0xbd, 90_000, &[1, 2, 3]);
    writer.packet(ENGLISH, 0xc0, 90_000, &[&LAYER_2[..], &[0xaa; 100]].concat());
    // 12,000 bytes at 384 kbit/s are a quarter of a second.
    writer.packet(GERMAN, 0xbd, 180_000, &[&AC3[..], &[0xaa; 12_000 - AC3.len()]].concat());

    assert_eq!(facts(&writer.bytes).duration_ns, Some(1_250_000_000));
}
