//! Whatever the options and whatever the file: what is converted fits its container, and stays there.

use proptest::prelude::*;
use proptest::sample::select;
use vpo_plugin_container::Container;
use vpo_plugin_sdk::Policy;
use vpo_plugin_sdk::options::parse;
use vpo_plugin_sdk::outcome::outcome;
use vpo_plugin_sdk::testing::random::any_facts;
use vpo_plugin_sdk::testing::{assert_at_rest, context, options};
use vpo_plugin_sdk::tracks::{FactsExt, TrackExt, TrackKind};

proptest! {
    #![proptest_config(ProptestConfig { cases: 2048, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_converted_fits_and_stays(
        target in select(vec!["mkv", "mp4"]),
        incompatible in select(vec!["error", "skip", "convert", "drop"]),
        exceptions in select(vec!["", "convert \"dts\" to=\"eac3\"", "drop \"*s*\"", "convert \"vp8\" to=\"h264\"\ndrop \"*\""]),
        film in any_facts(),
    ) {
        let nodes = options::<Container>(&format!("to \"{target}\" incompatible=\"{incompatible}\"\n{exceptions}"));
        let options: Container = parse(&nodes).unwrap();
        let Ok(verdict) = Container::evaluate(&options, &context(), &film) else { return Ok(()) };

        assert_at_rest::<Container>(&nodes, &film, &verdict);
        let after = outcome(&film, &verdict);
        for kind in [TrackKind::Video, TrackKind::Audio] {
            prop_assert!(film.of_kind(kind).count().min(1) <= after.of_kind(kind).count());
        }
        if !verdict.steps.is_empty() {
            let wanted = if target == "mkv" { "matroska" } else { "mp4" };
            prop_assert_eq!(&after.container, wanted);
            for track in after.tracks.iter().filter(|_| target == "mp4") {
                let fits = match track.kind() {
                    TrackKind::Video => ["h264", "hevc"].contains(&track.codec.as_str()),
                    TrackKind::Audio => ["aac", "ac3", "eac3", "flac"].contains(&track.codec.as_str()),
                    TrackKind::Subtitle => track.codec == "mov_text",
                    // A timecode, and what only holds the chapters.
                    TrackKind::Other => track.codec == "tmcd" || track.holds_chapters(),
                };
                prop_assert!(fits, "{} in mp4", track.describe());
            }
        }
    }
}
