//! What reading transport streams costs: large ones, fast ones, and such as begin in the middle.

mod made;

use made::*;
use vpo_plugin_mpegts::read;
use vpo_plugin_sdk::facts::{Facts, TrackDetails};
use vpo_reading::{Counted, Media, ReadError};

/// Reads a healthy film, which must not cost more than it may.
fn within_budget(media: impl Media) -> Facts {
    let media = Counted::new(media);
    let facts = read(&media).unwrap();
    assert!(media.calls() <= 20 && media.bytes() <= 64 << 10, "{} calls, {} bytes", media.calls(), media.bytes());
    facts
}

fn width(facts: &Facts, track: usize) -> u32 {
    let TrackDetails::Video(video) = &facts.tracks[track].details else { panic!("{facts:?}") };
    video.width
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
    let facts = within_budget(Long { film: film() });

    assert_eq!((facts.tracks.len(), facts.partial), (4, None));
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
    assert!(media.calls() <= 30 && media.bytes() <= 4200 << 10, "{} calls, {} bytes", media.calls(), media.bytes());
}

#[test]
fn pictures_that_never_come_end_the_search_sooner() {
    let mut writer = Writer::default();
    tables(&mut writer);
    for step in 0..8000 {
        writer.packet(ENGLISH, 0xc0, step * 2160, &[&LAYER_2[..], &[0xaa; 400]].concat());
    }
    let media = Counted::new(writer.bytes);

    let facts = read(&media).unwrap();

    assert!(facts.partial.unwrap().contains("0x100 (mpeg2video)"));
    assert!(media.bytes() <= 1200 << 10, "{} bytes", media.bytes());
}

#[test]
fn programs_that_large_pictures_hide_one_behind_the_other_are_found() {
    let mut writer = Writer::default();
    let programs: [(u16, u16, u16); 3] = [(7, 0x101, 0x201), (9, 0x102, 0x202), (11, 0x103, 0x203)];
    writer.section(0, 0x00, 1, &[0, 7, 0xf0, 0x00, 0, 9, 0xf0, 0x01, 0, 11, 0xf0, 0x02]);
    for ((number, picture, sound), pid) in programs.into_iter().zip(0x1000..) {
        let entry = |kind: u8, pid: u16| [&[kind][..], &(0xe000 | pid).to_be_bytes(), &[0xf0, 0]].concat();
        let body = [vec![0xe1, 0x00, 0xf0, 0x00], entry(0x02, picture), entry(0x03, sound)].concat();
        writer.section(pid, 0x02, number, &body);
    }
    for step in 0..20_u64 {
        let filling = vec![0xaa; if step == 0 { 500_000 } else { 20_000 }];
        for (_, picture, _) in programs {
            let begins = if step == 0 { &SEQUENCE[..] } else { &[0, 0, 1, 0] };
            writer.packet(picture, 0xe0, 90_000 + step * 3600, &[begins, &filling].concat());
        }
        for (.., sound) in programs {
            writer.packet(sound, 0xc0, 90_000 + step * 3600, &[&LAYER_2[..], &[0xaa; 572]].concat());
        }
    }

    let facts = within_budget(writer.bytes);

    assert_eq!((facts.tracks.len(), facts.partial), (6, None));
}

/// A film whose first pictures take half a megabyte each, written in one go, as ffmpeg does it.
fn fast(large: u64, write: impl Fn(&mut Writer, u64)) -> Vec<u8> {
    let mut writer = Writer::default();
    tables(&mut writer);
    for picture in 0..10_u64 {
        let filling = vec![0xaa; if picture < large { 500_000 } else { 5000 }];
        writer.packet(PICTURES, 0xe0, 90_000 + picture * 3600, &[&SEQUENCE[..], &filling].concat());
        write(&mut writer, picture);
    }
    writer.bytes
}

#[test]
fn sound_behind_a_large_picture_is_found_at_the_end() {
    let film = fast(10, |writer, picture| {
        writer.packet(GERMAN, 0xbd, 90_000 + picture * 3600, &[&AC3[..], &[0xaa; 100]].concat());
        writer.packet(ENGLISH, 0xc0, 90_000 + picture * 3600, &[&LAYER_2[..], &[0xaa; 100]].concat());
    });

    let facts = within_budget(film);

    assert_eq!((width(&facts, 0), &facts.partial), (720, &None));
    // Ten pictures of 40 ms; the last of them begins too far from the end, but the sound beside it does not.
    assert!((360_000_000..=400_000_000).contains(&facts.duration_ns.unwrap()), "{facts:?}");
}

#[test]
fn a_stream_that_a_large_picture_hides_is_found_by_leaping_over_it() {
    let film = fast(1, |writer, picture| {
        if picture == 0 {
            writer.packet(GERMAN, 0xbd, 90_000, &[&AC3[..], &vec![0xaa; 200_000]].concat());
        }
        writer.packet(ENGLISH, 0xc0, 90_000 + picture * 3600, &[&LAYER_2[..], &[0xaa; 100]].concat());
    });

    let facts = within_budget(film);

    let TrackDetails::Audio(sound) = &facts.tracks[1].details else { panic!("{facts:?}") };
    assert_eq!((sound.channels, facts.partial), (6, None));
}

#[test]
fn a_recording_that_begins_between_key_frames_is_read_up_to_the_next() {
    let mut writer = Writer::default();
    tables(&mut writer);
    for picture in 0..1000 {
        let begins = if picture == 600 { &SEQUENCE[..] } else { &[0, 0, 1, 0] };
        writer.packet(PICTURES, 0xe0, picture * 3600, &[begins, &[0xaa; 700]].concat());
    }
    let media = Counted::new(writer.bytes);

    let facts = read(&media).unwrap();

    assert_eq!(width(&facts, 0), 720);
    assert!(media.calls() <= 20, "{} calls", media.calls());
}

#[test]
fn a_sound_that_never_comes_is_not_looked_for_in_all_of_the_film() {
    let mut writer = Writer::default();
    tables(&mut writer);
    for picture in 0..1000 {
        writer.packet(PICTURES, 0xe0, picture * 3600, &[&SEQUENCE[..], &[0xaa; 700]].concat());
    }

    let media = Counted::new(writer.bytes);

    let facts = read(&media).unwrap();

    assert!(media.calls() <= 20 && media.bytes() <= 288 << 10, "{} calls, {} bytes", media.calls(), media.bytes());
    assert_eq!(facts.partial.unwrap(), "no header was found in reach for 0x101 (ac3), 0x102 (mp3)");
}

#[test]
fn sound_is_known_from_the_middle_of_its_packets() {
    let mut writer = Writer::default();
    tables(&mut writer);
    // Frames of 192 kbit/s, none of them where a packet begins.
    let frame = [&LAYER_2[..], &[0xaa; 572]].concat();
    writer.packet(ENGLISH, 0xc0, 90_000, &[&[0xaa; 100], &frame.repeat(3)[..]].concat());
    for picture in 0..1000 {
        writer.packet(PICTURES, 0xe0, picture * 3600, &[&SEQUENCE[..], &[0xaa; 700]].concat());
        writer.packet(GERMAN, 0xbd, picture * 3600, &AC3);
    }
    let without_its_beginning: Vec<u8> = writer
        .bytes
        .chunks(PACKET)
        .enumerate()
        .filter(|(at, _)| *at != 4)
        .flat_map(|(_, packet)| packet.to_vec())
        .collect();

    let facts = within_budget(without_its_beginning);

    let TrackDetails::Audio(sound) = &facts.tracks[2].details else { panic!("{facts:?}") };
    assert_eq!((sound.channels, facts.tracks[2].codec.as_str()), (2, "mp2"));
}
