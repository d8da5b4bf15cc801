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

#[test]
fn a_second_run_on_the_outcome_does_nothing() {
    let film = facts([audio("fr").default(), audio("en"), video("h264"), subtitle("fr")]);

    // `steps` asks the policy again on what it made of the file, and once more with the file read anew.
    assert_eq!(steps(KIDS, &film), ["set-flag 1 default=true", "remove-track 0", "remove-track 3", "reorder 2 1"]);
}

#[test]
fn no_operation_is_done_that_is_not_written() {
    let film = facts([subtitle("fr").default(), audio("fr"), audio("en").default(), video("h264")]);

    assert_eq!(steps("audio \"en\" \"fr\"", &film), Vec::<String>::new());
    assert_eq!(steps("default video=\"first\"", &film), ["set-flag 3 default=true"]);
    assert_eq!(steps("order \"video\"", &film), ["reorder 3 0 1 2"]);
}

#[test]
fn a_commentary_that_is_to_be_kept_is_kept_while_other_options_work() {
    let film = facts([video("h264"), audio("en"), audio("ja").default(), audio("en").title("Commentary")]);
    let written = r#"
        audio "en"
        order "video" "audio-main" "commentary"
        default audio="preferred"
    "#;

    assert_eq!(steps(written, &film), ["set-flag 1 default=true", "remove-track 2"]);
}

#[test]
fn without_the_wanted_language_the_fallback_decides() {
    let film = facts([video("h264"), audio("en"), audio("ja"), audio("en-US")]);

    let text = refusal("audio \"fra\"", &film);
    assert_eq!(text, "no audio track would be left; wanted are fr; there are en, ja, en-US");
    assert_eq!(steps("audio \"fra\" fallback=\"keep-all\"", &film), Vec::<String>::new());
    assert_eq!(steps("audio \"fra\" fallback=\"keep-first\"", &film), ["remove-track 2", "remove-track 3"]);
    assert_eq!(steps("audio \"fra\" fallback=\"content-language\"", &film), ["remove-track 2"]);
}

#[test]
fn a_minimum_is_met_from_the_tracks_that_would_go() {
    let film = facts([video("h264"), audio("en"), audio("ja"), audio("fr")]);

    assert_eq!(steps("audio \"fr\" minimum=2 fallback=\"keep-first\"", &film), ["remove-track 2"]);
    assert_eq!(
        refusal("audio \"fr\" minimum=2", &film),
        "only 1 of 2 audio tracks would be left; wanted are fr; there are en, ja, fr"
    );
}

#[test]
fn a_film_never_keeps_its_commentary_as_the_only_sound() {
    let film = facts([video("h264"), audio("ja"), audio("en").title("Director's Commentary")]);

    assert_eq!(steps("audio \"en\" fallback=\"keep-first\"", &film), Vec::<String>::new());
    assert!(refusal("audio \"en\"", &film).starts_with("no audio track would be left"));
}

#[test]
fn a_file_without_sound_is_left_without() {
    let film = facts([video("h264"), subtitle("en")]);

    assert_eq!(steps(KIDS, &film), Vec::<String>::new());
}

#[test]
fn a_language_covers_its_regional_forms() {
    let film = facts([video("h264"), audio("pt-BR"), audio("pt"), audio("en")]);

    assert_eq!(steps("audio \"por\"", &film), ["remove-track 3"]);
    assert_eq!(steps("audio \"pt-BR\"", &film), ["remove-track 2", "remove-track 3"]);
}

#[test]
fn tracks_are_kept_and_dropped_by_codec_channels_flags_and_title() {
    let film = facts([
        video("h264"),
        audio("en").codec("truehd").channels(8),
        audio("en").codec("ac3").channels(6),
        audio("ja").original(),
        audio("en").commentary(),
        audio("en").title("Isolated Score"),
    ]);
    let written = r#"
        audio "en" {
            keep original=#true
            drop commentary=#true
            drop codec="truehd" channels=">6"
            drop title="*score*"
        }
    "#;

    assert_eq!(steps(written, &film), ["remove-track 1", "remove-track 4", "remove-track 5"]);
}

#[test]
fn of_two_exceptions_the_first_that_fits_decides() {
    let film = facts([video("h264"), audio("en"), audio("en").commentary().original()]);

    assert_eq!(steps("audio { keep original=#true; drop commentary=#true; }", &film), Vec::<String>::new());
    assert_eq!(steps("audio { drop commentary=#true; keep original=#true; }", &film), ["remove-track 2"]);
}

#[test]
fn forced_subtitles_of_other_languages_stay_when_asked() {
    let film = facts([
        video("h264"),
        audio("en"),
        subtitle("en"),
        subtitle("ja").forced(),
        subtitle("fr").title("Forced"),
        subtitle("fr").title("Unforced errors"),
    ]);

    assert_eq!(steps("subtitle \"en\" keep-forced=#true", &film), ["remove-track 5"]);
    assert_eq!(steps("subtitle \"en\"", &film), ["remove-track 3", "remove-track 4", "remove-track 5"]);
}

#[test]
fn all_subtitles_go_but_the_forced_ones() {
    let film = facts([video("h264"), audio("en"), subtitle("en"), subtitle("en").forced()]);

    assert_eq!(steps("subtitle keep-forced=#true { drop; }", &film), ["remove-track 2"]);
    assert_eq!(steps("subtitle { drop; }", &film), ["remove-track 2", "remove-track 3"]);
}

#[test]
fn subtitles_for_people_who_do_not_hear_go_by_flag_or_title() {
    let film = facts([
        video("h264"),
        audio("en"),
        subtitle("en"),
        subtitle("en").title("English (SDH)"),
        subtitle("en").hearing_impaired(),
    ]);

    assert_eq!(steps("subtitle \"en\" { drop hearing-impaired=#true; }", &film), ["remove-track 3", "remove-track 4"]);
}

#[test]
fn the_last_picture_is_never_dropped() {
    let film = facts([video("mjpeg"), audio("en")]);

    assert_eq!(refusal("video { drop codec=\"mjpeg\"; }", &film), "no video track would be left; there are und");
    let film = facts([video("h264"), video("mjpeg"), audio("en")]);
    assert_eq!(steps("video { drop codec=\"mjpeg\"; }", &film), ["remove-track 1"]);
}

#[test]
fn a_word_inside_a_title_is_not_a_role() {
    let film = facts([video("h264"), audio("fr").title("Lost in Space - Stereo"), audio("en").title("Ghost Score")]);

    // Neither is music nor commentary, so both are judged by language like any other track.
    assert_eq!(steps("audio \"en\"", &film), ["remove-track 1"]);
    assert_eq!(
        steps("default audio=\"first\"", &film),
        ["set-flag 1 default=true"],
        "a title is not a reason to pass over a track"
    );
}

#[test]
fn a_commentary_is_the_default_only_when_there_is_nothing_else() {
    let film = facts([video("h264"), audio("en").commentary().default(), audio("ja")]);
    assert_eq!(
        steps("audio \"en\" \"ja\"; default audio=\"preferred\"", &film),
        ["set-flag 1 default=false", "set-flag 2 default=true"]
    );

    let only = facts([video("h264"), audio("en").commentary(), audio("ja").title("Commentary")]);
    assert_eq!(steps("default audio=\"first\"", &only), ["set-flag 1 default=true"]);
}

#[test]
fn the_default_audio_is_chosen_among_the_tracks_that_stay() {
    let film = facts([video("h264"), audio("fr").default(), audio("en")]);

    assert_eq!(steps("audio \"en\"; default audio=\"first\"", &film), ["set-flag 2 default=true", "remove-track 1"]);
}

#[test]
fn the_preferred_codec_decides_within_the_preferred_language() {
    let film = facts([
        video("h264"),
        audio("en").codec("aac").default(),
        audio("ja").codec("flac"),
        audio("ja").codec("eac3"),
        audio("ja").codec("truehd"),
    ]);
    let written = r#"
        prefer { audio "jpn" "eng"; audio-codec "truehd" "eac3"; }
        default audio="preferred"
    "#;

    assert_eq!(steps(written, &film), ["set-flag 1 default=false", "set-flag 4 default=true"]);
}

#[test]
fn a_subtitle_is_the_default_when_the_audio_is_foreign() {
    let written = r#"
        prefer { audio "jpn"; subtitle "eng"; }
        default audio="preferred" subtitle="when-foreign"
    "#;
    let foreign = facts([video("h264"), audio("en").default(), audio("ja"), subtitle("en").forced(), subtitle("en")]);
    let own = facts([video("h264"), audio("en").default(), subtitle("en").default(), subtitle("en").forced()]);
    let unknown = facts([video("h264"), audio("und").default(), subtitle("en").default()]);

    assert_eq!(
        steps(written, &foreign),
        ["set-flag 1 default=false", "set-flag 2 default=true", "set-flag 4 default=true"]
    );
    assert_eq!(steps(written, &own), ["set-flag 2 default=false", "set-flag 3 default=true"]);
    assert_eq!(steps(written, &unknown), ["set-flag 2 default=false"]);
}

#[test]
fn a_subtitle_is_forced_when_the_audio_is_foreign_and_only_then() {
    let written = "prefer { subtitle \"eng\"; }; default forced-when-foreign=#true";
    let foreign = facts([video("h264"), audio("ja").default(), subtitle("fr"), subtitle("en")]);
    let own = facts([video("h264"), audio("en").default(), subtitle("en")]);

    assert_eq!(steps(written, &foreign), ["set-flag 3 forced=true"]);
    assert_eq!(steps(written, &own), Vec::<String>::new());
}

#[test]
fn what_is_forced_goes_by_the_audio_that_comes_first_in_the_wanted_order() {
    let film = facts([video("h264"), audio("ja"), audio("en"), subtitle("en")]);
    let written = r#"
        audio "eng" "jpn"
        prefer { subtitle "eng"; }
        order "video" "audio-main"
        default audio="first" forced-when-foreign=#true
    "#;

    assert_eq!(steps(written, &film), ["set-flag 2 default=true", "reorder 0 2 1 3"]);
}

#[test]
fn titles_and_flags_go_from_the_tracks_that_stay() {
    let mut film = facts([
        video("h264").title("encoded by nobody"),
        audio("en").title("Surround 5.1"),
        audio("en").title("Commentary with the cast"),
        audio("fr").title("VFF"),
        subtitle("en").forced().default(),
    ]);
    film.title = Some("film.2004.rip".into());
    film.chapters = vec![chapter(0)];
    let written = r#"
        audio "eng"
        clear "title" "file-title"
        clear "default" in="subtitle"
        clear "chapters"
    "#;

    assert_eq!(
        steps(written, &film),
        [
            "set-track-title 0 -",
            "set-track-title 1 -",
            "set-flag 4 default=false",
            "set-title -",
            "remove-track 3",
            "remove-chapters"
        ]
    );
    assert!(
        left_alone(written, &film)
            .contains(&"Its title stays: nothing else says that the track is a commentary.".into())
    );
}

#[test]
fn only_titles_of_a_pattern_are_cleared() {
    let film = facts([video("h264").title("x264 [YIFY]"), audio("en").title("Stereo")]);

    assert_eq!(steps("clear \"title\" title=\"*yify*\"", &film), ["set-track-title 0 -"]);
}

#[test]
fn fonts_stay_while_a_styled_subtitle_needs_them() {
    let mut film = facts([video("h264"), audio("en"), subtitle("en"), subtitle("fr").codec("ass")]);
    film.attachments = vec![font(0, "a.ttf"), attachment(1, "b.otf", "application/octet-stream"), cover(2)];

    assert_eq!(steps("attachments fonts=\"needed\"", &film), Vec::<String>::new());
    assert_eq!(
        steps("subtitle \"en\"; attachments fonts=\"needed\"", &film),
        ["remove-track 3", "remove-attachment 0", "remove-attachment 1"]
    );
    assert_eq!(steps("attachments covers=\"remove\" others=\"remove\"", &film), ["remove-attachment 2"]);

    let verdict = evaluate::<Tracks>("attachments fonts=\"remove\"", &film).unwrap();
    assert_eq!(kinds(&verdict), ["remove-attachment 0", "remove-attachment 1"]);
    assert_eq!(verdict.warnings, ["2 fonts go although a styled subtitle stays, which will look different"]);
}

#[test]
fn languages_are_corrected_before_tracks_are_judged_by_them() {
    let film = facts([video("h264"), audio("und"), audio("fr"), subtitle("und").title("English")]);
    let written = r#"
        set-language "eng" in="audio" language="und"
        set-language "eng" title-word="english"
        audio "eng"
        subtitle "eng"
    "#;

    assert_eq!(steps(written, &film), ["set-language 1 en", "set-language 3 en", "remove-track 2"]);
}

#[test]
fn languages_that_would_take_turns_are_refused() {
    let film = facts([video("h264"), audio("en")]);
    let written = "set-language \"jpn\" language=\"eng\"; set-language \"eng\" language=\"jpn\"";

    assert_eq!(
        refusal(written, &film),
        "two `set-language` contradict each other on audio track 1 (aac, en): one sets ja, after which another sets en"
    );
}

#[test]
fn every_class_has_its_place_and_the_rest_stays_behind() {
    let film = facts([
        subtitle("en").title("SDH"),
        subtitle("en").forced(),
        audio("en").visual_impaired(),
        audio("en").commentary(),
        subtitle("fr"),
        audio("fr"),
        subtitle("en"),
        audio("en"),
        video("h264"),
        subtitle("en").commentary(),
    ]);
    let written = r#"
        prefer { audio "eng"; subtitle "eng"; }
        order "video" "audio-main" "audio-other" "audio-description" "subtitle-main" "subtitle-sdh" "subtitle-forced" "commentary"
    "#;

    // The French subtitle is of no class named and stays behind.
    assert_eq!(steps(written, &film), ["reorder 8 7 5 2 6 0 1 3 9 4"]);
}

#[test]
fn tracks_of_one_class_stand_by_preferred_language_then_as_they_were() {
    let film = facts([video("h264"), audio("fr"), audio("en"), audio("ja"), audio("en").channels(6)]);

    assert_eq!(steps("prefer { audio \"jpn\" \"eng\"; }; order \"video\" \"audio\"", &film), ["reorder 0 3 2 4 1"]);
}

#[test]
fn what_was_looked_at_and_left_alone_is_told_with_its_reason() {
    let film = facts([video("h264"), audio("en").default()]);

    assert_eq!(
        left_alone(KIDS, &film),
        [
            "Its language, en, is one of those to keep.",
            "The tracks are in the wanted order.",
            "It is the default track already."
        ]
    );
}

#[test]
fn a_reason_names_the_option_and_what_was_looked_at() {
    let film = facts([video("h264"), audio("en"), audio("fr")]);
    let verdict = evaluate::<Tracks>("order \"video\"; audio \"eng\"", &film).unwrap();
    let reason = &verdict.steps[0].reason;

    assert_eq!(reason.text, "Its language, fr, is not one of those to keep (en).");
    assert_eq!(reason.node, Some(1));
    assert_eq!(format!("{:?}", reason.inputs[0].value), "Value::Text(\"fr\")");
}

#[test]
fn facts_that_are_not_complete_are_no_ground_for_changes() {
    let mut film = facts([video("h264"), audio("fr")]);
    film.partial = Some("the file ends early".into());

    assert!(matches!(evaluate::<Tracks>("order \"audio\"", &film), Err(Failure::Unsupported(_))));
    assert_eq!(steps("order \"video\"", &film), Vec::<String>::new(), "a file in line is in line");
}

#[test]
fn options_that_say_nothing_or_contradict_each_other_are_told() {
    let one = |written: &str| problems::<Tracks>(written);

    assert_eq!(one(KIDS), Vec::<String>::new());
    assert_eq!(one("audio"), ["`audio` says nothing; name languages, or write `keep` or `drop` inside"]);
    assert_eq!(one("audio \"en\" minimum=0").len(), 1);
    assert_eq!(one("audio 5"), ["the value must be a language"]);
    assert_eq!(one("audio \"en\" fallback=\"keep\"").len(), 1);
    assert_eq!(one("order \"video\" \"audio\" \"video\""), ["\"video\" is named twice"]);
    assert_eq!(one("order"), ["`order` needs classes"]);
    assert_eq!(one("default subtitle=\"preferred\"").len(), 1);
    assert_eq!(one("clear \"forced\"; subtitle \"en\" keep-forced=#true").len(), 1);
    assert_eq!(one("clear \"title\"; audio { drop title=\"*x*\"; }").len(), 1);
    assert_eq!(one("keep \"en\"").len(), 1);
    assert_eq!(one("audio \"en\"; audio \"fr\""), ["`audio` can stand here once only"]);
    assert_eq!(
        one("audio \"en\" { keep colour=1; }; order \"vidoe\"; default video=1").len(),
        3,
        "all mistakes at once"
    );
}

#[test]
fn mp4_always_has_a_picture_and_a_sound_that_are_chosen() {
    let mut film =
        facts([video("h264").default(), audio("en").default(), audio("fr").disabled(), subtitle("en").default()]);
    film.container = "mp4".into();

    assert_eq!(steps("default audio=\"first\" subtitle=\"none\"", &film), ["set-flag 3 default=false"]);
    assert_eq!(steps("default video=\"none\" audio=\"none\"", &film), Vec::<String>::new());
    assert!(
        left_alone("default audio=\"none\"", &film)
            .contains(&"It stays the default: in MP4 nothing would be shown or heard without one.".into())
    );
    assert_eq!(
        steps("prefer { audio \"fra\"; }; default audio=\"preferred\"", &film),
        ["set-flag 1 default=false", "set-flag 2 default=true"],
        "a track that is not enabled in MP4 is only not chosen"
    );
    assert_eq!(steps("clear \"default\"", &film), ["set-flag 3 default=false"]);
}

#[test]
fn a_file_of_nothing_but_subtitles_keeps_them() {
    let film = facts([subtitle("fr"), subtitle("de")]);

    assert_eq!(steps("subtitle \"eng\"", &film), Vec::<String>::new());
    assert_eq!(steps("subtitle \"fra\"", &film), ["remove-track 1"]);
}
