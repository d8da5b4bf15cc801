//! The readers on thousands of damaged files: cut, flipped, filled, spliced. Whatever comes, there are facts or a reason, soon,
//! and a file that was cut is never told as if it were whole.
//!
//! The damage is drawn from a fixed seed; `VPO_TORTURE_ROUNDS` multiplies it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use vpo_plugin_sdk::facts::Facts;
use vpo_plugin_sdk::introspector::Failure;
use vpo_reading::{Counted, Media};
use vpo_tests::{varied, workspace};

type Read = fn(&Vec<u8>) -> Result<Facts, Failure>;

const READERS: [(&str, Read, &[&str]); 4] = [
    ("matroska", |bytes| vpo_plugin_matroska::read(bytes), &["mkv", "webm", "mka", "mks"]),
    ("isobmff", |bytes| vpo_plugin_isobmff::read(bytes), &["mp4", "mov", "m4v", "m4a", "3gp"]),
    ("avi", |bytes| vpo_plugin_avi::read(bytes), &["avi"]),
    ("mpegts", |bytes| vpo_plugin_mpegts::read(bytes), &["ts", "m2ts"]),
];
/// More than this is cut off: parts behind it are pictures, or parts at the end of the file, which stay.
const LARGEST: usize = 600 << 10;
/// Damaged versions of each file, of each kind of damage.
const VERSIONS: usize = 10;
/// Far more than any file takes, even without optimisation on a busy machine.
const PATIENCE: Duration = Duration::from_secs(5);

/// A generator of random numbers (SplitMix64): the same on every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }

    /// A place in a file: often near its beginning or its end, where headers are.
    fn place(&mut self, length: usize) -> usize {
        match self.below(4) {
            0 => self.below(length.min(512)),
            1 => self.below(length.min(8 << 10)),
            2 => length - 1 - self.below(length.min(4 << 10)),
            _ => self.below(length),
        }
    }
}

struct Sample {
    path: PathBuf,
    bytes: Vec<u8>,
    read: Read,
    reader: &'static str,
}

/// Generated files, and real ones where they lie beside the project.
fn samples() -> Vec<Sample> {
    let mut paths = Vec::new();
    collect(&varied(), &mut paths);
    collect(&workspace().join("../shared/media"), &mut paths);
    paths.sort();
    let sample = |path: PathBuf| {
        let extension = path.extension()?.to_str()?;
        let (reader, read, _) = READERS.iter().find(|(_, _, extensions)| extensions.contains(&extension))?;
        let bytes = std::fs::read(&path).unwrap();
        (!bytes.is_empty() && bytes.len() <= LARGEST).then_some(Sample { path, bytes, read: *read, reader })
    };
    paths.into_iter().filter_map(sample).collect()
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        match entry.path() {
            path if path.is_dir() => collect(&path, paths),
            path => paths.push(path),
        }
    }
}

/// Reads and checks what must hold of any answer.
fn checked(sample: &Sample, bytes: &Vec<u8>, damage: &str) -> Result<Facts, Failure> {
    let begun = Instant::now();
    let answer = catch_unwind(AssertUnwindSafe(|| (sample.read)(bytes)));
    let name = sample.path.display();
    let keep = |what: &str| -> ! {
        let kept = std::env::temp_dir().join(format!("torture-{}", sample.path.file_name().unwrap().to_string_lossy()));
        std::fs::write(&kept, bytes).unwrap();
        panic!("{} {what} on {name} {damage}; it is kept as {}", sample.reader, kept.display());
    };
    let Ok(answer) = answer else { keep("panics") };
    if begun.elapsed() > PATIENCE {
        keep("is slow");
    }
    match &answer {
        Ok(facts) if facts.tracks.is_empty() => keep("tells of no track"),
        Ok(facts) if facts.tracks.iter().enumerate().any(|(place, track)| track.id as usize != place) => {
            keep("numbers tracks wrongly");
        }
        Err(
            Failure::Malformed(reason)
            | Failure::Truncated(reason)
            | Failure::Unsupported(reason)
            | Failure::Unreadable(reason),
        ) if reason.is_empty() => keep("gives no reason"),
        _ => {}
    }
    answer
}

fn rounds() -> usize {
    std::env::var("VPO_TORTURE_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(1)
}

#[test]
fn damaged_files_give_facts_or_a_reason() {
    let samples = samples();
    let mut random = Random(0x7670_6f21);
    let mut count = 0;
    for (number, sample) in samples.iter().enumerate() {
        for _ in 0..VERSIONS * rounds() {
            let mut flipped = sample.bytes.clone();
            for _ in 0..=random.below(6) {
                let place = random.place(flipped.len());
                flipped[place] ^= 1 << random.below(8);
            }
            let mut filled = sample.bytes.clone();
            let from = random.place(filled.len());
            let to = (from + 1 + random.below(64)).min(filled.len());
            let with = [0x00, 0xff, 0x7f, 0x80, random.next() as u8][random.below(5)];
            filled[from..to].fill(with);
            let other = &samples[(number + 1 + random.below(samples.len() - 1)) % samples.len()].bytes;
            let (cut, joint) = (random.place(sample.bytes.len()), random.place(other.len()));
            let spliced = [&sample.bytes[..cut], &other[joint..]].concat();
            let (from, length) = (random.place(sample.bytes.len()), 1 + random.below(300));
            let mut shortened = sample.bytes.clone();
            shortened.drain(from..(from + length).min(sample.bytes.len()));
            for (damage, bytes) in
                [("flipped", flipped), ("filled", filled), ("spliced", spliced), ("shortened", shortened)]
            {
                let _ = checked(sample, &bytes, damage);
                count += 1;
            }
        }
    }
    eprintln!("{count} damaged files");
}

/// What must not silently differ between a file and its beginning.
fn essence(facts: &Facts) -> String {
    let tracks: Vec<_> = facts
        .tracks
        .iter()
        .map(|track| (&track.codec, &track.language.tag, &track.title, &track.flags.default))
        .collect();
    let attachments: Vec<_> = facts.attachments.iter().map(|attachment| (&attachment.name, attachment.size)).collect();
    let tags: Vec<_> = facts.tags.iter().map(|tag| (&tag.name, &tag.value)).collect();
    format!("{tracks:?} {} {attachments:?} {tags:?} {:?}", facts.chapters.len(), facts.duration_ns)
}

#[test]
fn a_file_that_was_cut_is_not_told_as_if_it_were_whole() {
    let mut random = Random(0x6375_7421);
    let mut silent = Vec::new();
    // The beginning of a transport stream is a shorter transport stream.
    for sample in samples().iter().filter(|sample| sample.reader != "mpegts") {
        let Ok(whole) = (sample.read)(&sample.bytes) else { continue };
        if whole.partial.is_some() {
            continue;
        }
        let length = sample.bytes.len();
        let cuts = (1..64).map(|part| length * part / 64).chain((1..40).map(|back| length.saturating_sub(back)));
        let cuts: Vec<usize> = cuts.chain((0..VERSIONS * rounds()).map(|_| random.place(length))).collect();
        for cut in cuts {
            let bytes = sample.bytes[..cut].to_vec();
            let Ok(facts) = checked(sample, &bytes, &format!("cut at {cut} of {length}")) else { continue };
            let is_told = facts.partial.is_some() || !facts.warnings.is_empty();
            // Between two fragments nothing shows that there were more.
            let next = sample.bytes.get(cut + 4..cut + 8).unwrap_or_default();
            let is_between = matches!(next, b"moof" | b"styp" | b"sidx" | b"mfra");
            if !is_told && !is_between && essence(&facts) != essence(&whole) {
                let name = sample.path.file_name().unwrap().to_string_lossy().into_owned();
                silent.push(format!("{name} cut at {cut} of {length}"));
            }
        }
    }

    assert!(
        silent.is_empty(),
        "{} cuts were not told of, such as {:#?}",
        silent.len(),
        &silent[..silent.len().min(30)]
    );
}

#[test]
fn no_file_of_a_size_that_is_only_claimed_costs_more_than_the_caps() {
    /// Endless zeros behind a beginning.
    struct Endless<'a>(&'a [u8]);

    impl Media for Endless<'_> {
        fn size(&self) -> u64 {
            1 << 50
        }

        fn read_at(&self, offset: u64, length: u32) -> Result<Vec<u8>, vpo_reading::ReadError> {
            let mut bytes = self.0.read_at(offset, length)?;
            bytes.resize(length as usize, 0);
            Ok(bytes)
        }
    }

    for sample in samples() {
        let media = Counted::new(Endless(&sample.bytes));
        let read: &dyn Fn(&Counted<Endless<'_>>) -> Result<Facts, Failure> = match sample.reader {
            "matroska" => &|media| vpo_plugin_matroska::read(media),
            "isobmff" => &|media| vpo_plugin_isobmff::read(media),
            "avi" => &|media| vpo_plugin_avi::read(media),
            _ => &|media| vpo_plugin_mpegts::read(media),
        };
        let _ = read(&media);
        let name = sample.path.display();
        assert!(
            media.calls() <= 6000 && media.bytes() <= 9 << 20,
            "{name}: {} calls, {} bytes",
            media.calls(),
            media.bytes()
        );
    }
}

#[test]
fn every_reader_refuses_what_is_not_its_own() {
    let samples = samples();
    for sample in &samples {
        for (reader, read, extensions) in READERS {
            let is_own = reader == sample.reader || extension_lies(&sample.path);
            if is_own || sample.path.extension().is_some_and(|own| extensions.iter().any(|one| own == *one)) {
                continue;
            }
            assert!(
                !read(&sample.bytes).is_ok_and(|facts| facts.partial.is_none()),
                "{reader} reads {}",
                sample.path.display()
            );
        }
    }
}

/// Some generated files have a wrong ending on purpose.
fn extension_lies(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().contains("_named"))
}

/// The bytes of a file that describe its tracks: all that stands in front of the films themselves.
fn description(sample: &Sample) -> std::ops::Range<usize> {
    let begins = |name: &[u8]| sample.bytes.windows(name.len()).position(|bytes| bytes == name);
    let (from, to) = match sample.reader {
        "matroska" => (Some(0), begins(&[0x1F, 0x43, 0xB6, 0x75])),
        "isobmff" => (begins(b"moov"), None),
        _ => (Some(0), begins(b"movi")),
    };
    let from = from.unwrap_or_default();
    from..to.unwrap_or(sample.bytes.len()).min(from + (6 << 10))
}

#[test]
fn a_flipped_bit_does_not_make_a_track_disappear_in_silence() {
    let mut silent = Vec::new();
    for name in ["01_multi_audio.mkv", "33_cues_end_ffmpeg.mkv", "27_faststart.mp4", "58_xvid_2audio.avi"] {
        let sample = samples().into_iter().find(|sample| sample.path.ends_with(name)).expect("it is generated");
        let whole = (sample.read)(&sample.bytes).unwrap().tracks.len();
        let mut bytes = sample.bytes.clone();
        for place in description(&sample) {
            for bit in 0..8 {
                bytes[place] ^= 1 << bit;
                let found = checked(&sample, &bytes, &format!("flipped at {place}"));
                if let Ok(facts) = found
                    && facts.tracks.len() < whole
                    && facts.partial.is_none()
                {
                    silent.push(format!("{name} bit {bit} of byte {place}: {:?}", facts.warnings));
                }
                bytes[place] ^= 1 << bit;
            }
        }
    }

    assert!(silent.is_empty(), "{} tracks went in silence: {silent:#?}", silent.len());
}
