//! Any bytes are read or fail by name, within the limits of one file.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vpo_reading::Counted;

fuzz_target!(|bytes: &[u8]| {
    let media = Counted::new(bytes.to_vec());
    if let Ok(facts) = vpo_plugin_avi::read(&media) {
        assert!(facts.tracks.len() <= 100 && facts.tags.len() <= 2048);
    }
    assert!(media.calls() <= 1000 && media.bytes() <= 4 << 20);
});
