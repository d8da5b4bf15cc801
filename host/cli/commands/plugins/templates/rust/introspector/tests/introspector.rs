//! The parser natively. `make test` also reads the files of `cases/` with the component.

use vpo_plugin_sdk::introspector::Failure;
use vpo_plugin_sdk::tracks::TrackExt;
use {{snake}}::parse;

#[test]
fn size_and_rate_are_read() {
    let facts = parse(b"YUV4MPEG2 W640 H360 F25:1 Ip A1:1\nFRAME\n").unwrap();

    let video = facts.tracks[0].video().unwrap();
    assert_eq!((video.width, video.height), (640, 360));
    assert_eq!(video.frame_rate.as_ref().map(|rate| rate.numerator), Some(25));
}

#[test]
fn other_files_are_left_to_others() {
    assert!(matches!(parse(b"RIFF"), Err(Failure::NotMine)));
}

#[test]
fn broken_ones_are_told_apart() {
    assert!(matches!(parse(b"YUV4MPEG2 W640"), Err(Failure::Truncated(_))));
    assert!(matches!(parse(b"YUV4MPEG2 W640 Hx\n"), Err(Failure::Malformed(_))));
    assert!(parse("YUV4MPEG2 ü W1 H1 F1:0\n".as_bytes()).is_ok());
}
