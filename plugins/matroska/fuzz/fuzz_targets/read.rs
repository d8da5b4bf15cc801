//! Any bytes are read or fail by name, within the limits of one file.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vpo_reading::Counted;

fuzz_target!(|bytes: &[u8]| {
    let media = Counted::new(bytes.to_vec());
    if let Ok(facts) = vpo_plugin_matroska::read(&media) {
        assert!(facts.tracks.len() <= 500 && facts.tags.len() <= 5000 && facts.chapters.len() <= 5000);
        assert!(facts.warnings.len() <= 20);
    }
    assert!(media.calls() <= 6000 && media.bytes() <= 8 << 20);
});
