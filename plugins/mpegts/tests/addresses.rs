//! Where streams stand for ffmpeg and for mkvmerge, which is what they are addressed by.

mod made;

use made::*;
use vpo_plugin_mpegts::read;
use vpo_plugin_sdk::facts::Track;

#[test]
fn streams_are_counted_as_ffmpeg_meets_them() {
    let mut writer = Writer::default();
    // A stream of the second program, and one that no map lists, begin before anything is told.
    writer.packet(0x104, 0xc0, 90_000, &LAYER_2);
    writer.packet(0x1ff, 0xc0, 90_000, &LAYER_2);
    listing(&mut writer, &[(7, &[0x101, 0x102]), (9, &[0x103, 0x104])]);
    for pid in [0x104, 0x103, 0x102, 0x101, 0x103, 0x102, 0x101] {
        writer.packet(pid, 0xc0, 93_600, &LAYER_2);
    }

    let found = read(&writer.bytes).unwrap().tracks;

    let counted: Vec<_> = found
        .iter()
        .map(|track| (track.number, track.addresses.ffmpeg.unwrap(), track.addresses.mkvmerge.unwrap()))
        .collect();
    assert_eq!(counted, [(0x101, 0, 0), (0x102, 1, 1), (0x104, 2, 3), (0x103, 4, 2)]);
}

#[test]
fn the_schedule_of_a_broadcast_counts_for_ffmpeg() {
    let mut writer = Writer::default();
    writer.section(0x12, 0x4e, 7, &[0; 8]);
    listing(&mut writer, &[(7, &[0x101, 0x102])]);
    (0..20).for_each(|step| writer.packet(0x101 + step % 2, 0xc0, 90_000 + u64::from(step) * 1080, &LAYER_2));

    let found = read(&writer.bytes).unwrap().tracks;

    let counted: Vec<_> = found.iter().map(|track| (track.number, track.addresses.ffmpeg)).collect();
    assert_eq!(counted, [(0x101, Some(1)), (0x102, Some(2))]);
}

#[test]
fn maps_before_the_list_count_for_ffmpeg_and_not_for_mkvmerge() {
    let mut writer = Writer::default();
    map(&mut writer, 0x1001, 9, &[0x103]);
    writer.section(0, 0x00, 1, &[0, 7, 0xf0, 0x00, 0, 9, 0xf0, 0x01, 0, 11, 0xf0, 0x02]);
    map(&mut writer, 0x1000, 7, &[0x101]);
    map(&mut writer, 0x1002, 11, &[0x102]);
    map(&mut writer, 0x1001, 9, &[0x103]);
    for step in 0..4 {
        [0x101, 0x102, 0x103].into_iter().for_each(|pid| writer.packet(pid, 0xc0, 90_000 + step * 2160, &LAYER_2));
    }

    let found = read(&writer.bytes).unwrap().tracks;

    let counted: Vec<_> =
        found.iter().map(|track| (track.number, track.addresses.ffmpeg, track.addresses.mkvmerge)).collect();
    assert_eq!(counted, [(0x101, Some(0), Some(0)), (0x103, Some(1), Some(2)), (0x102, Some(2), Some(1))]);
}

#[test]
fn behind_a_stream_that_mkvmerge_may_know_or_not_nothing_has_its_number() {
    let film = |pictures: u64| {
        let mut writer = Writer::default();
        tables(&mut writer);
        for picture in 0..pictures {
            writer.packet(PICTURES, 0xe0, picture * 3600, &[0xaa; 700]);
            writer.packet(GERMAN, 0xbd, picture * 3600, &AC3);
            writer.packet(ENGLISH, 0xc0, picture * 3600, &LAYER_2);
        }
        read(&writer.bytes).unwrap().tracks
    };

    // A whole film has been read, and mkvmerge found no more; of a longer one it reads more.
    let short: Vec<_> = film(20).iter().map(|track| track.addresses.mkvmerge).collect();
    let long: Vec<_> = film(4000).iter().map(|track| track.addresses.mkvmerge).collect();

    assert_eq!(short, [None, Some(0), Some(1), Some(2)]);
    assert_eq!(long, [None; 4]);
}

#[test]
fn encrypted_streams_have_no_number_for_mkvmerge() {
    let mut bytes = film();
    let is_of = |packet: &[u8], pid: u16| u16::from_be_bytes([packet[1] & 0x1f, packet[2]]) == pid;
    bytes.chunks_mut(PACKET).filter(|packet| is_of(packet, PICTURES)).for_each(|packet| packet[3] |= 0x80);

    let found = read(&bytes[..]).unwrap().tracks;

    let counted: Vec<_> = found.iter().map(|track| (track.addresses.ffmpeg, track.addresses.mkvmerge)).collect();
    assert_eq!(counted, [(Some(0), None), (Some(1), Some(0)), (Some(2), Some(1)), (Some(3), Some(2))]);
}

/// The beginning of TrueHD with six channels.
const TRUEHD: [u8; 28] = [
    0x80, 0x4c, 0xff, 0xd8, 0xf8, 0x72, 0x6f, 0xba, 0x00, 0x97, 0xc0, 0x0f, 0xb7, 0x52, 0x00, 0x00, 0x00, 0x00, 0x8c,
    0x7f, 0x11, 0x04, 0x54, 0x00, 0x00, 0x00, 0x00, 0x00,
];

#[test]
fn truehd_of_a_disc_has_a_core_and_that_of_a_muxer_has_not() {
    let film = |head: &[u8]| {
        let mut writer = Writer::default();
        writer.section(0, 0x00, 1, &[0, 1, 0xf0, 0x00]);
        let program = b"\xe1\x00\xf0\x06\x05\x04HDMV";
        writer.section(0x1000, 0x02, 1, &[&program[..], b"\x83\xf1\x00\xf0\x00\x81\xf1\x01\xf0\x00"].concat());
        for step in 0..10 {
            writer.put(0x1100, &[head, &TRUEHD].concat());
            writer.packet(0x1101, 0xbd, 90_000 + step * 2880, &AC3);
        }
        read(&writer.bytes).unwrap().tracks
    };
    let told = |head: &[u8]| -> Vec<_> {
        let tracks = film(head);
        let address = |track: &Track| (track.codec.clone(), track.addresses.ffmpeg, track.addresses.mkvmerge);
        tracks.iter().map(address).collect()
    };

    let of_disc = told(&[0, 0, 1, 0xfd, 0, 0, 0x80, 0x01, 3, 0x01, 0x81, 0x72]);
    let of_muxer = told(&[0, 0, 1, 0xbd, 0, 0, 0x80, 0x00, 0]);

    let codec = str::to_owned;
    let core = (codec("ac3"), Some(1), Some(1));
    assert_eq!(of_disc, [(codec("truehd"), Some(0), Some(0)), core, (codec("ac3"), Some(2), Some(2))]);
    // ffmpeg makes a stream of the core all the same.
    assert_eq!(of_muxer, [(codec("truehd"), Some(0), Some(0)), (codec("ac3"), Some(2), Some(1))]);
}
