//! What users want of their tracks, one story each.

use vpo_plugin_sdk::facts::Facts;
use vpo_plugin_sdk::policy::Failure;
use vpo_plugin_sdk::testing::{
    assert_at_rest, attachment, audio, chapter, cover, evaluate, facts, font, kinds, options, problems, subtitle, video,
};
use vpo_plugin_tracks::Tracks;

/// The steps for a file, after making sure that the policy comes to rest on their outcome.
fn steps(written: &str, film: &Facts) -> Vec<String> {
    let verdict = evaluate::<Tracks>(written, film).unwrap();
    assert_at_rest::<Tracks>(&options::<Tracks>(written), film, &verdict);
    for step in &verdict.steps {
        assert!(step.reason.text.ends_with('.'), "a reason is a sentence: {}", step.reason.text);
        assert!(step.reason.node.is_some(), "a reason names its option: {}", step.reason.text);
    }
    kinds(&verdict)
}

fn refusal(written: &str, film: &Facts) -> String {
    match evaluate::<Tracks>(written, film) {
        Err(Failure::Refused(text)) => text,
        other => panic!("should refuse: {other:?}"),
    }
}

fn left_alone(written: &str, film: &Facts) -> Vec<String> {
    let verdict = evaluate::<Tracks>(written, film).unwrap();
    verdict.left_alone.into_iter().map(|left| left.reason.text).collect()
}

const KIDS: &str = r#"
    audio "eng" "und" fallback="keep-all"
    subtitle "eng" keep-forced=#true
    order "video" "audio-main" "audio-other" "subtitle-forced" "subtitle-main" "commentary"
    default audio="first" subtitle="none"
"#;

#[test]
fn a_file_in_line_has_an_empty_plan() {
    let film = facts([video("h264"), audio("en").default(), subtitle("en")]);

    assert_eq!(steps(KIDS, &film), Vec::<String>::new());
}

#[test]
fn keep_order_and_default_work_in_one_profile() {
    let film = facts([
        audio("fr").default(),
        subtitle("en"),
        audio("en").commentary(),
        video("h264"),
        audio("en"),
        subtitle("ja").forced(),
        subtitle("de").default(),
    ]);

    assert_eq!(
        steps(KIDS, &film),
        ["set-flag 4 default=true", "remove-track 0", "remove-track 6", "reorder 3 4 5 1 2"]
    );
}
