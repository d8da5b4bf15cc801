//! The detector natively. `make test` also asks the component about the cases in `cases/`.

use vpo_plugin_sdk::Detector;
use vpo_plugin_sdk::detector::{Comparison, Evidence, FilesystemClass, Observation, Scan, Sighting, Standing};
use vpo_plugin_sdk::options::parse;
use vpo_plugin_sdk::testing::options;
use {{snake}}::{{Type}};

fn detect(written: &str, verify_hash: bool, sighting: Sighting) -> Standing {
    let scan = Scan {
        started_ns: 1_000,
        filesystem: FilesystemClass::Local,
        granularity_ns: 1,
        trust_inode: true,
        trust_ctime: true,
        verify_hash,
        extra: vec![],
    };
    let options = parse(&options::<{{Type}}>(written)).unwrap();
    {{Type}}::detect(&options, &scan, &[sighting]).remove(0)
}

fn sighting(mtime_ns: i64, sample: Option<u8>, full: Option<u8>) -> Sighting {
    let seen = |mtime_ns| Observation { size: 700, mtime_ns, ctime_ns: 0, inode: 1, links: 1 };
    let hash = |byte| Comparison { recorded: Some(vec![1]), now: vec![byte] };
    Sighting {
        file: 1,
        now: seen(mtime_ns),
        recorded: Some(seen(0)),
        recorded_at_ns: 0,
        reader_is_current: true,
        sample: sample.map(hash),
        full: full.map(hash),
    }
}

#[test]
fn a_file_with_another_time_has_changed() {
    assert_eq!(detect("", false, sighting(0, None, None)), Standing::Same);
    assert!(matches!(detect("", false, sighting(5, None, None)), Standing::Changed(_)));
}

#[test]
fn with_samples_the_contents_decide() {
    let asked = |sample| detect("sample #true", false, sighting(5, sample, None));

    assert_eq!(asked(None), Standing::Undecided(Evidence::Sample));
    assert_eq!(asked(Some(1)), Standing::Touched);
    assert!(matches!(asked(Some(2)), Standing::Changed(_)));
}

#[test]
fn other_bytes_under_the_same_time_are_damage() {
    assert_eq!(detect("", true, sighting(0, None, None)), Standing::Undecided(Evidence::Full));
    assert_eq!(detect("", true, sighting(0, None, Some(1))), Standing::Same);
    assert_eq!(detect("", true, sighting(0, None, Some(2))), Standing::Damaged);
}
