//! HDR10+ as encoders write it, in each container that the tools make: it stands in the first picture, and nowhere else.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use vpo_tests::Home;

/// What HDR10+ begins with, from the country code of ITU-T T.35 on; what follows is of no interest to facts.
const HDR10_PLUS: [u8; 8] = [0xb5, 0x00, 0x3c, 0x00, 0x01, 0x04, 0x01, 0x40];
const PQ: [&str; 6] = ["-color_primaries", "bt2020", "-color_trc", "smpte2084", "-colorspace", "bt2020nc"];

fn run(program: &str, arguments: &[&str]) {
    let output = Command::new(program).args(arguments).output().unwrap_or_else(|_| panic!("{program} is installed"));
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
}

fn ffmpeg(arguments: &[&str]) {
    run("ffmpeg", &[&["-nostdin", "-hide_banner", "-v", "error", "-y"][..], arguments].concat());
}

/// Encodes half a second as an elementary stream.
fn encoded(home: &Home, name: &str, arguments: &[&str]) -> PathBuf {
    let path = home.films(name);
    let source = ["-f", "lavfi", "-t", "0.5", "-i", "testsrc2=s=320x180:r=24", "-pix_fmt", "yuv420p10le"];
    ffmpeg(&[&source[..], &PQ, arguments, &[path.to_str().unwrap()]].concat());
    path
}

fn dynamic_range(home: &Home, path: &Path) -> String {
    let answer = home.vpo(["inspect".as_ref(), "--json".as_ref(), path.as_os_str()]).exits(0).json();
    answer["tracks"][0]["dynamic_range"].as_str().unwrap().to_owned()
}

/// Puts a message before the first slice of a stream of HEVC.
fn with_message(stream: &[u8]) -> Vec<u8> {
    let begins = |at: usize| stream[at..].starts_with(&[0, 0, 1]);
    let is_slice = |at: usize| stream.get(at + 3).is_some_and(|byte| byte >> 1 & 0x3f < 32);
    let slice = (0..stream.len()).find(|&at| begins(at) && is_slice(at)).expect("there is a picture");
    // Supplemental information before a picture, of kind 4.
    let message = [&[0, 0, 1, 0x4e, 0x01, 4, HDR10_PLUS.len() as u8][..], &HDR10_PLUS, &[0x80]].concat();
    [&stream[..slice], &message, &stream[slice..]].concat()
}

/// Puts a unit of metadata behind the sequence header of a stream of AV1, which is the second unit.
fn with_unit(stream: &[u8]) -> Vec<u8> {
    let length = |at: usize| 2 + usize::from(stream[at + 1]);
    let behind = length(0) + length(length(0));
    let unit = [&[5 << 3 | 2, HDR10_PLUS.len() as u8 + 2, 4][..], &HDR10_PLUS, &[0x80]].concat();
    [&stream[..behind], &unit, &stream[behind..]].concat()
}

#[test]
fn hdr10_plus_of_hevc_is_told_in_every_container() {
    let home = Home::new();
    let plain =
        encoded(&home, "plain.hevc", &["-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none"]);
    let plus = home.films("plus.hevc");
    fs::write(&plus, with_message(&fs::read(&plain).unwrap())).unwrap();
    let (hdr10, matroska) = (home.films("hdr10.mkv"), home.films("plus.mkv"));

    run("mkvmerge", &["-q", "-o", hdr10.to_str().unwrap(), plain.to_str().unwrap()]);
    run("mkvmerge", &["-q", "-o", matroska.to_str().unwrap(), plus.to_str().unwrap()]);

    assert_eq!(
        (dynamic_range(&home, &hdr10).as_str(), dynamic_range(&home, &matroska).as_str()),
        ("hdr10", "hdr10-plus")
    );
    for name in ["plus.mp4", "plus.mov", "plus.ts", "plus.m2ts", "again.mkv"] {
        let copy = home.films(name);
        ffmpeg(&["-i", matroska.to_str().unwrap(), "-c", "copy", copy.to_str().unwrap()]);
        assert_eq!(dynamic_range(&home, &copy), "hdr10-plus", "{name}");
    }
}

#[test]
fn hdr10_plus_of_av1_is_told_in_matroska_and_mp4() {
    let home = Home::new();
    let plain = encoded(&home, "plain.obu", &["-c:v", "libaom-av1", "-cpu-used", "8", "-f", "obu"]);
    let plus = home.films("plus.obu");
    fs::write(&plus, with_unit(&fs::read(&plain).unwrap())).unwrap();

    for name in ["plus.mkv", "plus.mp4", "plus.webm"] {
        let copy = home.films(name);
        ffmpeg(&["-i", plus.to_str().unwrap(), "-c", "copy", copy.to_str().unwrap()]);
        assert_eq!(dynamic_range(&home, &copy), "hdr10-plus", "{name}");
    }
}
