//! Broken files give a failure with a reason, or facts; never a panic.

mod corpus;

use corpus::{File, files};
use vpo_plugin_isobmff::read;
use vpo_plugin_sdk::introspector::Failure;
use vpo_reading::{Counted, Limits};

/// Files that are small enough to be read very often.
fn small_files(most: usize) -> Option<Vec<(String, Vec<u8>)>> {
    let bytes = |file: &File| std::fs::read(&file.path).unwrap();
    Some(files()?.iter().map(|file| (file.name(), bytes(file))).filter(|(_, bytes)| bytes.len() <= most).collect())
}

/// A sequence of numbers that looks random and is the same every time (xorshift).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % below as u64) as usize
    }
}

#[test]
fn a_file_cut_at_any_place_is_read_or_refused_with_a_reason() {
    let Some(files) = small_files(12 << 10) else { return };
    let mut truncated = 0;

    for (name, bytes) in files {
        for length in 0..bytes.len() {
            match read(&bytes[..length]) {
                Err(Failure::Truncated(reason)) => {
                    assert!(!reason.is_empty(), "{name} cut at {length}");
                    truncated += 1;
                }
                Err(Failure::Unreadable(reason)) => panic!("{name} cut at {length}: {reason}"),
                _ => {}
            }
        }
    }

    assert!(truncated > 10_000, "only {truncated} cuts were noticed");
}

#[test]
fn flipped_bytes_are_read_or_refused_within_limits() {
    let Some(files) = small_files(256 << 10) else { return };
    let mut numbers = Numbers(0x0bad_cafe_dead_beef);
    let mut read_anyway = 0;

    for (name, original) in files {
        // Headers are what is interesting, wherever they are.
        let moov = original.windows(4).position(|four| four == b"moov").unwrap_or(0);
        for _ in 0..150 {
            let mut bytes = original.clone();
            for _ in 0..=numbers.next(8) {
                let near = if numbers.next(2) == 0 { moov } else { 0 };
                let at = near + numbers.next((bytes.len() - near).clamp(1, 4096));
                if let Some(byte) = bytes.get_mut(at) {
                    *byte = match numbers.next(4) {
                        0 => 0,
                        1 => 0xff,
                        _ => numbers.next(256) as u8,
                    };
                }
            }
            let media = Counted::new(bytes);
            read_anyway += usize::from(read(&media).is_ok());
            let limits = Limits::default();
            assert!(media.calls() <= limits.calls.into() && media.bytes() <= limits.bytes, "{name}");
        }
    }

    assert!(read_anyway > 1000, "only {read_anyway} were read");
}

#[test]
fn what_is_no_such_file_is_passed_on() {
    let matroska = b"\x1a\x45\xdf\xa3\x01\x00\x00\x00\x00\x00\x00\x23\x42\x86\x81\x01".to_vec();

    assert_eq!(read(&matroska), Err(Failure::NotMine));
    assert_eq!(read(&b"RIFF\x10\0\0\0AVI LIST".to_vec()), Err(Failure::NotMine));
    assert_eq!(read(&vec![0; 4096]), Err(Failure::NotMine));
    assert_eq!(read(&vec![0xff; 3]), Err(Failure::NotMine));
    assert_eq!(read(&Vec::new()), Err(Failure::Truncated("the file is empty".into())));
}

#[test]
fn headers_that_claim_too_much_are_read_and_called_partial() {
    let Some(files) = small_files(12 << 10) else { return };
    let mut compared = 0;

    for (name, mut bytes) in files {
        // Where the headers come last, so that their size reaches behind the end.
        let Some(at) = bytes.windows(4).position(|four| four == b"moov") else { continue };
        let size = u32::from_be_bytes(bytes[at - 4..at].try_into().unwrap());
        let Ok(before) = read(&bytes) else { continue };
        if at - 4 + size as usize != bytes.len() {
            continue;
        }
        bytes[at - 4..at].copy_from_slice(&(size + 5000).to_be_bytes());
        let after = read(&bytes).unwrap_or_else(|failure| panic!("{name}: {failure:?}"));
        assert_eq!(after.tracks, before.tracks, "{name}");
        assert!(after.partial.is_some(), "{name}");
        compared += 1;
    }

    assert!(compared > 5, "only {compared} files");
}

#[test]
fn a_file_without_headers_says_what_is_missing() {
    let boxed =
        |kind: &[u8; 4], content: &[u8]| [&(content.len() as u32 + 8).to_be_bytes()[..], kind, content].concat();
    let brand = boxed(b"ftyp", b"isom\0\0\0\0");
    let fragment = [boxed(b"styp", b"msdh\0\0\0\0"), boxed(b"moof", &[0; 8]), boxed(b"mdat", &[0; 8])].concat();
    let cut = [brand.clone(), boxed(b"mdat", &[0; 100])[..50].to_vec()].concat();
    let without = [brand.clone(), boxed(b"mdat", &[0; 100])].concat();
    let misnamed = [brand.clone(), boxed(b"mdau", &[0; 100])[..50].to_vec()].concat();
    let empty = [brand.clone(), boxed(b"moov", &[])].concat();
    let packed = [brand, boxed(b"moov", &boxed(b"cmov", &boxed(b"dcom", b"lzw ")))].concat();

    let reason = |bytes: &Vec<u8>| match read(bytes) {
        Err(Failure::Truncated(reason) | Failure::Malformed(reason) | Failure::Unsupported(reason)) => reason,
        other => panic!("{other:?}"),
    };

    assert_eq!(reason(&fragment), "a fragment without its beginning: it has no moov");
    assert_eq!(reason(&cut), "truncated in mdat at byte 66, before any moov");
    assert_eq!(reason(&misnamed), "damaged at byte 16: mdau is no box that stands there, and no moov came before");
    assert_eq!(reason(&without), "it has no moov");
    assert_eq!(reason(&empty), "the moov at byte 16 has no track");
    assert_eq!(reason(&packed), "headers compressed by an unknown method (cmov)");
}

#[test]
fn what_may_hide_a_track_makes_facts_partial() {
    let Some(files) = small_files(12 << 10) else { return };
    let (mut renamed, mut swallowed) = (0, 0);

    for (name, bytes) in files {
        let Ok(before) = read(&bytes) else { continue };
        let at: Vec<usize> =
            bytes.windows(4).enumerate().filter(|(_, four)| four == b"trak").map(|(at, _)| at).collect();
        if before.partial.is_some() || before.tracks.len() < 2 || at.len() != before.tracks.len() {
            continue;
        }
        for &at in &at {
            let mut flipped = bytes.clone();
            flipped[at] ^= 1;
            assert!(read(&flipped).unwrap().partial.is_some(), "{name}: a track with another name");
            renamed += 1;
        }
        if let [first, second, ..] = at[..] {
            let mut longer = bytes.clone();
            let size = u32::from_be_bytes(bytes[first - 4..first].try_into().unwrap());
            let next = u32::from_be_bytes(bytes[second - 4..second].try_into().unwrap());
            longer[first - 4..first].copy_from_slice(&(size + next).to_be_bytes());
            assert!(read(&longer).unwrap().partial.is_some(), "{name}: a track within a track");
            swallowed += 1;
        }
    }

    assert!(renamed > 5 && swallowed > 2, "only {renamed} and {swallowed}");
}

#[test]
fn compressed_headers_are_unpacked() {
    let boxed =
        |kind: &[u8; 4], content: &[u8]| [&(content.len() as u32 + 8).to_be_bytes()[..], kind, content].concat();
    let Some(files) = small_files(256 << 10) else { return };
    let mut compared = 0;

    for (name, bytes) in files {
        let Ok(plain) = read(&bytes) else { continue };
        // Files that are nothing but a brand and headers.
        let Some(at) = bytes.windows(4).position(|four| four == b"moov").filter(|at| *at < 100) else { continue };
        let size = u32::from_be_bytes(bytes[at - 4..at].try_into().unwrap()) as usize;
        let Some(moov) = bytes.get(at - 4..at - 4 + size) else { continue };
        let zipped = miniz_oxide::deflate::compress_to_vec_zlib(moov, 6);
        let data = boxed(b"cmvd", &[&(size as u32).to_be_bytes()[..], &zipped].concat());
        let packed = boxed(b"moov", &boxed(b"cmov", &[boxed(b"dcom", b"zlib"), data].concat()));

        let unpacked =
            read(&[&bytes[..at - 4], &packed].concat()).unwrap_or_else(|failure| panic!("{name}: {failure:?}"));

        assert_eq!(unpacked.tracks.len(), plain.tracks.len(), "{name}");
        assert_eq!((&unpacked.title, &unpacked.tags), (&plain.title, &plain.tags), "{name}");
        compared += 1;
    }

    assert!(compared > 5, "only {compared} files");
}
