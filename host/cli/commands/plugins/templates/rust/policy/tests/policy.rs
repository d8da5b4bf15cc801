//! The policy natively: as fast as any other test, with facts built by hand and at random.

use vpo_plugin_sdk::testing::{assert_at_rest, assert_cases, audio, evaluate, facts, kinds, options, problems, video};
use {{snake}}::{{Type}};

#[test]
fn the_cases_hold() {
    assert_cases::<{{Type}}>(concat!(env!("CARGO_MANIFEST_DIR"), "/cases"));
}

#[test]
fn what_it_does_it_does_once() {
    let film = facts([video("h264").title("RARBG"), audio("en").title("English")]);
    let written = "unwanted \"RARBG\"";

    let verdict = evaluate::<{{Type}}>(written, &film).unwrap();

    assert_eq!(kinds(&verdict), ["set-track-title 0 -"]);
    assert_eq!(verdict.left_alone.len(), 1);
    assert_at_rest::<{{Type}}>(&options::<{{Type}}>(written), &film, &verdict);
}

#[test]
fn options_that_make_no_sense_are_told() {
    assert!(problems::<{{Type}}>("unwanted \"RARBG\" ignore-case=#false").is_empty());
    assert!(!problems::<{{Type}}>("unwanted").is_empty());
    assert!(!problems::<{{Type}}>("unwonted \"RARBG\"").is_empty());
}
