//! The documentation page shows every option, and its examples are right.

use vpo_plugin_sdk::testing::assert_examples;
use vpo_plugin_tracks::Tracks;

#[test]
fn every_option_has_an_example_that_is_right() {
    assert_examples::<Tracks>(include_str!("../../../docs/policies.md"));
}
