//! Any bytes are read or fail by name, within the limits of one file.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vpo_reading::{Counted, Limits};

fuzz_target!(|bytes: &[u8]| {
    let media = Counted::new(bytes.to_vec());
    if let Ok(facts) = vpo_plugin_isobmff::read(&media) {
        assert!(facts.tracks.len() <= 1024 && facts.chapters.len() <= 1000);
        assert!(facts.warnings.len() <= 20);
    }
    let limits = Limits::default();
    assert!(media.calls() <= limits.calls.into() && media.bytes() <= limits.bytes);
});
