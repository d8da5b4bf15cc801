//! Facts of small transport streams that are made here, whole and damaged.

mod made;

use made::*;
use vpo_plugin_mpegts::read;
use vpo_plugin_sdk::facts::{Facts, TrackDetails};
use vpo_plugin_sdk::introspector::Failure;
use vpo_reading::Counted;

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
fn other_files_are_not_mine_and_packets_of_nothing_say_so() {
    let mut writer = Writer::default();
    (0..20).for_each(|_| writer.packet(PICTURES, 0xe0, 0, &[0xaa; 100]));

    let expected = Failure::Malformed("no program association among the first packets".to_owned());
    assert_eq!(read(&writer.bytes[..]).unwrap_err(), expected);
    assert_eq!(read(&b"GIF89a and so on"[..]).unwrap_err(), Failure::NotMine);
    assert_eq!(read(&vec![0x47; 100][..]).unwrap_err(), Failure::NotMine);
    assert_eq!(read(&[][..]).unwrap_err(), Failure::NotMine);
}

/// A film without the packets of some PIDs.
fn film_without(pids: &[u16]) -> Vec<u8> {
    let pid = |packet: &[u8]| u16::from_be_bytes([packet[1] & 0x1f, packet[2]]);
    film().chunks(PACKET).filter(|packet| !pids.contains(&pid(packet))).flatten().copied().collect()
}

#[test]
fn a_map_is_found_without_the_list_that_points_to_it() {
    let facts = facts(&film_without(&[0]));

    let whole = read(&film()[..]).unwrap();
    let languages = |facts: &Facts| facts.tracks.iter().map(|track| track.language.clone()).collect::<Vec<_>>();
    assert_eq!((facts.tracks.len(), facts.duration_ns), (4, whole.duration_ns));
    assert_eq!(languages(&facts), languages(&whole));
    assert_eq!(facts.warnings, ["no program association; the streams are those that were found"]);
}

#[test]
fn streams_that_no_table_tells_of_are_known_by_what_is_in_them() {
    let facts = facts(&film_without(&[0, 0x1000]));

    let codecs: Vec<_> = facts.tracks.iter().map(|track| (track.number, track.codec.as_str())).collect();
    // A short frame of MPEG audio that no other follows is not believed.
    assert_eq!(codecs, [(0x100, "mpeg2video"), (0x101, "ac3")]);
}

#[test]
fn subtitles_that_no_table_tells_of_are_known_by_how_they_begin() {
    let mut writer = Writer::default();
    for picture in 0..20 {
        writer.packet(PICTURES, 0xe0, picture * 3600, &[&SEQUENCE[..], &[0xaa; 700]].concat());
        writer.packet(SUBTITLES, 0xbd, picture * 3600, &[0x20, 0x00, 0x0f, 0x10, 0, 1, 0, 2, 0x20, 0xff]);
        writer.packet(0x104, 0xbd, picture * 3600, &[&[0x10, 0x02, 44], &[0; 44][..], &[0x03, 44]].concat());
    }

    let facts = facts(&writer.bytes);

    let codecs: Vec<_> = facts.tracks.iter().map(|track| track.codec.as_str()).collect();
    assert_eq!(codecs, ["mpeg2video", "dvb_subtitle", "dvb_teletext"]);
}

#[test]
fn frames_of_sound_go_on_from_packet_to_packet() {
    let mut writer = Writer::default();
    writer.section(0, 0x00, 1, &[0, 1, 0xf0, 0x00]);
    writer.section(0x1000, 0x02, 1, &[0xe1, 0x00, 0xf0, 0x00, 0x03, 0xe1, 0x02, 0xf0, 0]);
    // Frames of 576 bytes over packets of 500, so that no packet holds two headers.
    let frames = [&LAYER_2[..], &[0xaa; 572]].concat().repeat(20);
    (frames[100..].chunks(500).zip(0..)).for_each(|(part, step)| writer.packet(ENGLISH, 0xc0, step * 1875, part));

    let facts = facts(&writer.bytes);

    let TrackDetails::Audio(audio) = &facts.tracks[0].details else { panic!("{facts:?}") };
    assert_eq!((facts.tracks[0].codec.as_str(), audio.channels, facts.partial), ("mp2", 2, None));
}

#[test]
fn each_program_has_a_clock_of_its_own() {
    let mut writer = Writer::default();
    listing(&mut writer, &[(7, &[0x101]), (9, &[0x102])]);
    for step in 0..50 {
        writer.packet(0x101, 0xc0, 90_000 + step * 3600, &LAYER_2);
        writer.packet(0x102, 0xc0, 900_000_000 + step * 1800, &LAYER_2);
    }

    let seconds = facts(&writer.bytes).duration_ns.unwrap() / 1_000_000_000;

    assert_eq!(seconds, 1);
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

#[test]
fn what_is_shown_tells_better_than_the_clock_how_long_a_film_is() {
    let mut writer = Writer::default();
    tables(&mut writer);
    // Two seconds of nothing before the first picture.
    writer.clock(PICTURES, 90_000);
    for picture in 0..25 {
        writer.packet(PICTURES, 0xe0, 270_000 + picture * 3600, &SEQUENCE);
        writer.clock(PICTURES, 270_000 + picture * 3600);
    }

    assert_eq!(facts(&writer.bytes).duration_ns, Some(1_000_000_000));
}

#[test]
fn sound_of_changing_rate_lasts_as_long_as_its_frames() {
    let mut writer = Writer::default();
    writer.section(0, 0x00, 1, &[0, 1, 0xf0, 0x00]);
    writer.section(0x1000, 0x02, 1, &[0xe1, 0x00, 0xf0, 0x00, 0x03, 0xe1, 0x02, 0xf0, 0]);
    // Layer III at 48 kHz: one frame of 32 kbit/s, then such of 320.
    let (slow, fast) =
        ([&[0xff, 0xfb, 0x14, 0xc0][..], &[0; 92]].concat(), [&[0xff, 0xfb, 0xe4, 0xc0][..], &[0; 956]].concat());
    writer.packet(ENGLISH, 0xc0, 90_000, &slow);
    writer.packet(ENGLISH, 0xc0, 90_000 + 2160, &fast.repeat(10));

    assert_eq!(facts(&writer.bytes).duration_ns, Some(11 * 24_000_000));
}
