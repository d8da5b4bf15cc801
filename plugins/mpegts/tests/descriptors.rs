//! What descriptors say of a stream, in facts.

mod made;

use made::*;
use vpo_plugin_mpegts::read;
use vpo_plugin_sdk::facts::{DolbyVision, DynamicRange, Track, TrackDetails};
use vpo_plugin_sdk::types::Value;

/// The tracks of a film whose streams have a type and descriptors.
fn tracks(streams: &[(u8, &[u8])]) -> Vec<Track> {
    let listed: Vec<_> = streams
        .iter()
        .zip(0x100_u16..)
        .map(|((kind, descriptors), pid)| (*kind, pid, *descriptors, &LAYER_2[..]))
        .collect();
    read(&film_of(&listed)).unwrap().tracks
}

fn languages(streams: &[(u8, &[u8])]) -> Vec<(String, Option<String>)> {
    tracks(streams).into_iter().map(|track| (track.language.tag, track.language.original)).collect()
}

#[test]
fn of_two_languages_in_one_stream_the_first_is_the_main_one() {
    let found = languages(&[
        (0x03, b"\x0a\x08eng\x00deu\x00"),
        (0x03, b"\x0a\x08eng\x00eng\x00"),
        (0x06, b"\x59\x10fra\x10\x00\x01\x00\x01deu\x10\x00\x01\x00\x01"),
        (0x06, b"\x56\x0aswe\x09\x00fin\x11\x88"),
        (0x03, b"\x0a\x03eng"),
    ]);

    let expected = [("eng", Some("eng,deu")), ("eng", Some("eng")), ("fra", Some("fra,deu")), ("fin", Some("fin"))];
    for (found, (tag, original)) in found.iter().zip(expected) {
        assert_eq!((found.0.as_str(), found.1.as_deref()), (tag, original));
    }
    // A code without its type is no language.
    assert_eq!(found[4], ("und".to_owned(), None));
}

#[test]
fn a_track_is_for_whom_all_of_its_languages_are_for() {
    let found = tracks(&[
        (0x03, b"\x0a\x04fra\x02"),
        (0x03, b"\x0a\x04fra\x03"),
        (0x03, b"\x0a\x08fra\x00fra\x03"),
        (0x06, b"\x59\x08fra\x24\x00\x01\x00\x01"),
        (0x06, b"\x56\x05fra\x29\x88"),
        (0x06, b"\x6a\x01\x00\x0a\x04deu\x00\x7f\x05\x06\x05eng"),
    ]);

    let flags: Vec<_> = found.iter().map(|track| (track.flags.hearing_impaired, track.flags.visual_impaired)).collect();
    let hearing = (true, false);
    let visual = (false, true);
    assert_eq!(flags, [hearing, visual, (false, false), hearing, hearing, visual]);
    // What is added to the programme knows its language best.
    assert_eq!(found[5].language.original.as_deref(), Some("eng"));
}

#[test]
fn dolby_vision_is_told_by_its_descriptor() {
    let base_layer = b"\x05\x04HEVC\xb0\x05\x01\x00\x10\x35\x10";
    let hidden = b"\x05\x04DOVI\xb0\x05\x01\x00\x0a\x25\x00";
    // Profile 4, whose base layer is the stream with PID 0x100.
    let enhancement = b"\xb0\x07\x01\x00\x08\x36\x08\x00\x20";

    let found = tracks(&[(0x24, base_layer), (0x06, hidden), (0x24, enhancement)]);

    let ranges: Vec<_> = found
        .iter()
        .map(|track| match &track.details {
            TrackDetails::Video(video) => (track.codec.as_str(), video.dynamic_range),
            other => panic!("{other:?}"),
        })
        .collect();
    let vision = |profile, level, compatibility| {
        ("hevc", DynamicRange::DolbyVision(DolbyVision { profile, level, compatibility }))
    };
    assert_eq!(ranges, [vision(8, 6, 1), vision(5, 4, 0), vision(4, 6, 2)]);
}

#[test]
fn metadata_and_cues_are_named_and_are_no_tracks_to_see_or_hear() {
    let found = tracks(&[
        (0x15, b"\x26\x0d\xff\xffID3 \xffID3 \x00\x0f"),
        (0x15, b"\x26\x0d\xff\xffKLVA\xffKLVA\x00\x0f"),
        (0x86, b"\x05\x04CUEI"),
        (0x05, b""),
    ]);

    let names: Vec<_> = found.iter().map(|track| track.codec.as_str()).collect();
    assert_eq!(names, ["timed_id3", "klv", "scte_35", "bin_data"]);
    assert!(found.iter().all(|track| track.details == TrackDetails::Other));
}

#[test]
fn of_several_programs_each_track_says_which_it_belongs_to() {
    let mut writer = Writer::default();
    listing(&mut writer, &[(7, &[0x101]), (9, &[0x102])]);
    for step in 0..4 {
        writer.packet(0x101, 0xc0, 90_000 + step * 3600, &LAYER_2);
        writer.packet(0x102, 0xc0, 90_000 + step * 3600, &LAYER_2);
    }

    let found = read(&writer.bytes).unwrap().tracks;

    let programs: Vec<_> = found.iter().map(|track| track.extra[0].clone()).collect();
    assert_eq!(programs.iter().map(|entry| entry.name.as_str()).collect::<Vec<_>>(), ["program", "program"]);
    assert_eq!(programs.iter().map(|entry| &entry.value).collect::<Vec<_>>(), [&Value::Integer(7), &Value::Integer(9)]);
}

#[test]
fn captions_of_arib_are_subtitles_and_its_superimposed_text_is_not() {
    let found = tracks(&[(0x06, b"\x52\x01\x30\xfd\x03\x00\x08\x3d"), (0x06, b"\x52\x01\x38\xfd\x03\x00\x08\x3c")]);

    let said: Vec<_> = found.iter().map(|track| (track.codec.as_str(), track.profile.as_deref())).collect();
    assert_eq!(said, [("arib_caption", Some("Profile A")), ("bin_data", None)]);
    assert!(matches!(found[0].details, TrackDetails::Subtitle(_)));
}

#[test]
fn a_program_that_is_listed_and_not_recorded_is_not_missed() {
    let film = |with_foreign: bool| {
        let mut writer = Writer::default();
        // Of two listed programs only one has a map.
        writer.section(0, 0x00, 1, &[0, 7, 0xf0, 0x00, 0, 9, 0xf0, 0x01]);
        map(&mut writer, 0x1000, 7, &[0x101]);
        for step in 0..40 {
            writer.packet(0x101, 0xc0, 90_000 + step * 2160, &LAYER_2);
            if with_foreign {
                writer.packet(0x201, 0xc0, 90_000 + step * 2160, &LAYER_2);
            }
        }
        read(&writer.bytes).unwrap()
    };

    let alone = film(false);
    let among_others = film(true);

    assert_eq!((alone.partial, alone.warnings), (None, vec!["a program is listed and is not in the file".to_owned()]));
    assert_eq!(among_others.partial.as_deref(), Some("the map of a program was not found in reach"));
}

#[test]
fn several_maps_may_share_a_pid() {
    let mut writer = Writer::default();
    writer.section(0, 0x00, 1, &[0, 7, 0xf0, 0x00, 0, 9, 0xf0, 0x00]);
    map(&mut writer, 0x1000, 7, &[0x101]);
    (0..100).for_each(|step| writer.packet(0x101, 0xc0, 90_000 + step * 2160, &LAYER_2));
    map(&mut writer, 0x1000, 9, &[0x102]);
    (0..100).for_each(|step| writer.packet(0x102, 0xc0, 90_000 + step * 2160, &LAYER_2));

    let facts = read(&writer.bytes).unwrap();

    assert_eq!((facts.tracks.len(), facts.partial), (2, None));
}
