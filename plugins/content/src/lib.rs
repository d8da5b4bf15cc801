//! The detector `content`: only the bytes decide.
//!
//! For libraries whose times and inodes cannot be believed: every file is hashed at every scan, by a sample or in full.

use vpo_plugin_sdk::detector::{Evidence, Scan, Sighting, Standing};
use vpo_plugin_sdk::options::{Choice, Options};
use vpo_plugin_sdk::{Detector, Plugin, detector_plugin};

/// The plugin.
pub struct Content;

/// What a profile may say in the block of this plugin.
#[derive(Options)]
pub struct ContentOptions {
    /// How much of every file is read at every scan.
    #[child]
    compare: Option<Compare>,
}

/// `compare "full"`
#[derive(Options)]
struct Compare {
    /// The size and 64 KiB each of beginning, middle and end; or every byte.
    #[argument]
    bytes: Bytes,
}

#[derive(Choice, Clone, Copy, PartialEq)]
enum Bytes {
    Sample,
    Full,
}

impl Plugin for Content {
    const NAME: &str = "content";
    const VERSION: &str = env!("CARGO_PKG_VERSION");
    const SUMMARY: &str = "A file has changed when its bytes have, whatever its times say.";
    type Options = ContentOptions;
}

impl Detector for Content {
    fn detect(options: &ContentOptions, scan: &Scan, batch: &[Sighting]) -> Vec<Standing> {
        let full = options.compare.as_ref().is_some_and(|compare| compare.bytes == Bytes::Full);
        let evidence = if full || scan.verify_hash { Evidence::Full } else { Evidence::Sample };
        batch.iter().map(|sighting| standing(evidence, sighting)).collect()
    }
}

/// Says what a sighting means, by this evidence alone.
pub fn standing(evidence: Evidence, sighting: &Sighting) -> Standing {
    let (now, Some(recorded)) = (&sighting.now, &sighting.recorded) else {
        return Standing::New;
    };
    if !sighting.reader_is_current {
        return Standing::Changed("read by another reader".into());
    }
    if now.size != recorded.size {
        return Standing::Changed("size differs".into());
    }
    let wanted = match evidence {
        Evidence::Sample => &sighting.sample,
        Evidence::Full => &sighting.full,
    };
    // Where the whole was never hashed, the sample that was taken when the file was read has to do.
    let (comparison, evidence) = match (wanted, evidence) {
        (Some(hashes), Evidence::Full) if hashes.recorded.is_none() => (&sighting.sample, Evidence::Sample),
        _ => (wanted, evidence),
    };
    match comparison {
        None => Standing::Undecided(evidence),
        Some(hashes) if hashes.recorded.as_ref() == Some(&hashes.now) && now == recorded => Standing::Same,
        Some(hashes) if hashes.recorded.as_ref() == Some(&hashes.now) => Standing::Touched,
        Some(hashes) if hashes.recorded.is_none() => Standing::Changed("no hash is recorded".into()),
        Some(_) if now == recorded => Standing::Damaged,
        Some(_) => Standing::Changed("contents differ".into()),
    }
}

detector_plugin!(Content);

#[cfg(test)]
mod tests {
    use super::*;
    use vpo_plugin_sdk::detector::{Comparison, FilesystemClass, Observation};

    fn seen(change: impl FnOnce(&mut Sighting)) -> Sighting {
        let observation = Observation { size: 700, mtime_ns: 50, ctime_ns: 60, inode: 17, links: 1 };
        let mut sighting = Sighting {
            file: 1,
            now: observation,
            recorded: Some(observation),
            recorded_at_ns: 100,
            reader_is_current: true,
            sample: None,
            full: None,
        };
        change(&mut sighting);
        sighting
    }

    fn hashes(recorded: Option<u8>, now: u8) -> Option<Comparison> {
        Some(Comparison { recorded: recorded.map(|byte| vec![byte; 32]), now: vec![now; 32] })
    }

    #[test]
    fn only_the_bytes_decide() {
        let table = [
            ("never read", seen(|s| s.recorded = None), Standing::New),
            ("as it was", seen(|_| ()), Standing::Undecided(Evidence::Sample)),
            ("newer", seen(|s| s.now.mtime_ns += 1), Standing::Undecided(Evidence::Sample)),
            ("grown", seen(|s| s.now.size += 1), Standing::Changed("size differs".into())),
            (
                "an older reader",
                seen(|s| s.reader_is_current = false),
                Standing::Changed("read by another reader".into()),
            ),
            ("equal", seen(|s| s.sample = hashes(Some(1), 1)), Standing::Same),
            ("newer, equal", seen(|s| (s.now.mtime_ns, s.sample) = (51, hashes(Some(1), 1))), Standing::Touched),
            (
                "newer, other bytes",
                seen(|s| (s.now.mtime_ns, s.sample) = (51, hashes(Some(1), 2))),
                Standing::Changed("contents differ".into()),
            ),
            ("other bytes at the same time", seen(|s| s.sample = hashes(Some(1), 2)), Standing::Damaged),
            ("no hash yet", seen(|s| s.sample = hashes(None, 2)), Standing::Changed("no hash is recorded".into())),
        ];

        for (what, sighting, expected) in table {
            assert_eq!(standing(Evidence::Sample, &sighting), expected, "{what}");
        }
    }

    #[test]
    fn a_sample_does_not_answer_for_every_byte() {
        let sampled = seen(|s| s.sample = hashes(Some(1), 1));

        assert_eq!(standing(Evidence::Full, &sampled), Standing::Undecided(Evidence::Full));
    }

    #[test]
    fn where_the_whole_was_never_hashed_the_sample_decides() {
        let never_hashed =
            |sample: Option<Comparison>| seen(|s| (s.full, s.sample) = (hashes(None, 9), sample.clone()));

        assert_eq!(standing(Evidence::Full, &never_hashed(None)), Standing::Undecided(Evidence::Sample));
        assert_eq!(standing(Evidence::Full, &never_hashed(hashes(Some(1), 1))), Standing::Same);
        assert_eq!(standing(Evidence::Full, &never_hashed(hashes(Some(1), 2))), Standing::Damaged);
    }

    #[test]
    fn the_option_chooses_the_evidence() {
        let scan = Scan {
            started_ns: 200,
            filesystem: FilesystemClass::Local,
            granularity_ns: 1,
            trust_inode: true,
            trust_ctime: true,
            verify_hash: false,
            extra: vec![],
        };
        let asked = |bytes| {
            let options = ContentOptions { compare: Some(Compare { bytes }) };
            Content::detect(&options, &scan, &[seen(|_| ())])
        };

        assert_eq!(asked(Bytes::Full), [Standing::Undecided(Evidence::Full)]);
        assert_eq!(asked(Bytes::Sample), [Standing::Undecided(Evidence::Sample)]);
    }
}
