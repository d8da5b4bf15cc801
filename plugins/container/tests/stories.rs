//! What users want of containers, one story each.

use vpo_plugin_container::Container;
use vpo_plugin_sdk::facts::Facts;
use vpo_plugin_sdk::policy::{Action, Failure, Verdict};
use vpo_plugin_sdk::testing::{
    TrackBuilder, assert_at_rest, audio, cover, evaluate, facts, file_tag, font, kinds, options, other, problems,
    subtitle, video,
};

fn verdict(written: &str, film: &Facts) -> Verdict {
    let verdict = evaluate::<Container>(written, film).unwrap();
    assert_at_rest::<Container>(&options::<Container>(written), film, &verdict);
    for step in &verdict.steps {
        assert!(step.reason.text.ends_with('.') && step.reason.node.is_some(), "{:?}", step.reason);
    }
    verdict
}

fn steps(written: &str, film: &Facts) -> Vec<String> {
    kinds(&verdict(written, film))
}

fn refusal(written: &str, film: &Facts) -> String {
    match evaluate::<Container>(written, film) {
        Err(Failure::Refused(text)) => text,
        other => panic!("should refuse: {other:?}"),
    }
}

fn file(container: &str, tracks: impl IntoIterator<Item = TrackBuilder>) -> Facts {
    Facts { container: container.into(), ..facts(tracks) }
}

fn disc() -> Facts {
    let pgs = subtitle("en").codec("hdmv_pgs_subtitle");
    file("matroska", [video("h264"), audio("en").codec("truehd").channels(8), audio("en").codec("ac3"), pgs])
}

#[test]
fn an_mp4_becomes_mkv_even_when_nothing_else_is_to_be_done() {
    let film = file("mp4", [video("h264"), audio("en").default(), subtitle("en").codec("mov_text")]);

    assert_eq!(steps("to \"mkv\"", &film), ["convert-container matroska"]);
}

#[test]
fn a_file_in_the_wanted_container_is_left_alone() {
    let verdict = verdict("to \"mkv\"", &disc());

    assert_eq!(kinds(&verdict), Vec::<String>::new());
    assert_eq!(verdict.left_alone[0].reason.text, "It is in mkv already.");
}

#[test]
fn what_mp4_cannot_hold_is_an_error_that_names_the_tracks() {
    assert_eq!(
        refusal("to \"mp4\"", &disc()),
        "mp4 cannot hold audio track 1 (truehd, en), subtitle track 3 (hdmv_pgs_subtitle, en)"
    );
}

#[test]
fn what_mp4_cannot_hold_can_keep_the_file_as_it_is() {
    let verdict = verdict("to \"mp4\" incompatible=\"skip\"", &disc());

    assert_eq!(kinds(&verdict), Vec::<String>::new());
    assert_eq!(
        verdict.left_alone[0].reason.text,
        "It stays in its container: mp4 cannot hold audio track 1 (truehd, en), subtitle track 3 (hdmv_pgs_subtitle, en)."
    );
}

#[test]
fn what_mp4_cannot_hold_is_converted_and_pictures_of_text_go() {
    let verdict = verdict("to \"mp4\" incompatible=\"convert\"", &disc());

    assert_eq!(kinds(&verdict), ["transcode-track 1 aac", "remove-track 3", "convert-container mp4"]);
    assert_eq!(
        verdict.warnings,
        ["subtitle track 3 (hdmv_pgs_subtitle, en) goes: mp4 cannot hold it and it cannot be converted"]
    );
    assert_eq!(verdict.steps[0].reason.text, "mp4 cannot hold truehd; it becomes aac.");
}

#[test]
fn what_mp4_cannot_hold_can_be_dropped() {
    assert_eq!(
        steps("to \"mp4\" incompatible=\"drop\"", &disc()),
        ["remove-track 1", "remove-track 3", "convert-container mp4"]
    );
}

#[test]
fn the_last_sound_is_never_dropped() {
    let film = file("matroska", [video("h264"), audio("en").codec("dts")]);

    assert_eq!(
        refusal("to \"mp4\" incompatible=\"drop\"", &film),
        "no audio track would be left without audio track 1 (dts, en)"
    );
}

#[test]
fn text_becomes_the_text_of_mp4() {
    let film = file("matroska", [video("h264"), audio("en"), subtitle("en"), subtitle("en").codec("ass")]);

    assert_eq!(
        steps("to \"mp4\" incompatible=\"convert\"", &film),
        ["transcode-track 2 mov_text", "transcode-track 3 mov_text", "convert-container mp4"]
    );
}

#[test]
fn codecs_have_conversions_of_their_own() {
    let written = r#"
        to "mp4"
        convert "truehd" to="eac3" bit-rate=640000
        convert "dts" to="aac" channels=2
        drop "hdmv_*"
    "#;
    let verdict = verdict(written, &disc());

    assert_eq!(kinds(&verdict), ["transcode-track 1 eac3", "remove-track 3", "convert-container mp4"]);
    let Action::TranscodeTrack(transcode) = &verdict.steps[0].action else { panic!("a transcode comes first") };
    // E-AC-3 is written with six channels at most.
    assert_eq!((transcode.bit_rate, transcode.channels), (Some(640_000), Some(6)));
    assert_eq!(verdict.steps[0].reason.node, Some(1));
}

#[test]
fn a_picture_is_never_re_encoded_without_being_named() {
    let film = file("webm", [video("vp8"), audio("en").codec("opus")]);

    assert_eq!(refusal("to \"mp4\" incompatible=\"convert\"", &film), "mp4 cannot hold video track 0 (vp8)");
    assert_eq!(
        steps("to \"mp4\" incompatible=\"convert\"; convert \"vp8\" to=\"h264\"", &film),
        ["transcode-track 0 h264", "convert-container mp4"]
    );
}

#[test]
fn a_conversion_does_not_touch_tracks_of_another_kind() {
    assert_eq!(
        steps("to \"mp4\" incompatible=\"convert\"; convert \"*\" to=\"ac3\"", &disc()),
        ["transcode-track 1 ac3", "remove-track 3", "convert-container mp4"]
    );
}

#[test]
fn fonts_have_no_place_in_mp4_and_covers_have() {
    let mut film = file("matroska", [video("h264"), audio("en")]);
    film.attachments = vec![font(0, "a.ttf"), cover(1)];

    assert_eq!(refusal("to \"mp4\"", &film), "mp4 cannot hold attachment \"a.ttf\"");
    assert_eq!(steps("to \"mp4\" incompatible=\"convert\"", &film), ["remove-attachment 0", "convert-container mp4"]);
    assert_eq!(steps("to \"mkv\"", &Facts { container: "mp4".into(), ..film }), ["convert-container matroska"]);
}

#[test]
fn some_tags_have_no_place_in_mp4() {
    let mut film = file("matroska", [video("h264"), audio("en")]);
    film.tags = ["RATING", "rating", "GENRE", "_STATISTICS_TAGS"].map(|name| file_tag(name, "x")).to_vec();

    assert_eq!(refusal("to \"mp4\"", &film), "mp4 cannot hold tag RATING");
    assert_eq!(steps("to \"mp4\" incompatible=\"convert\"", &film), ["set-tag RATING -", "convert-container mp4"]);
    assert_eq!(steps("to \"mkv\"", &Facts { container: "mp4".into(), ..film }), ["convert-container matroska"]);
}

#[test]
fn timecode_has_no_place_in_mkv() {
    let film = file("mov", [video("h264"), audio("en"), other("tmcd")]);

    assert_eq!(refusal("to \"mkv\"", &film), "mkv cannot hold other track 2 (tmcd, und)");
    assert_eq!(steps("to \"mkv\"; drop \"tmcd\"", &film), ["remove-track 2", "convert-container matroska"]);
}

#[test]
fn the_track_of_the_chapters_goes_where_they_go() {
    let film = |track| file("mp4", [video("h264"), audio("en"), track]);

    assert_eq!(steps("to \"mkv\"", &film(other("bin_data").holding_chapters())), ["convert-container matroska"]);
    assert_eq!(refusal("to \"mkv\"", &film(other("bin_data"))), "mkv cannot hold other track 2 (bin_data, und)");
}

#[test]
fn only_the_containers_named_are_converted() {
    let written = "to \"mkv\"; from \"avi\" \"mpegts\"";

    assert_eq!(
        steps(written, &file("avi", [video("mpeg4"), audio("en").codec("mp3")])),
        ["convert-container matroska"]
    );
    assert_eq!(steps(written, &file("mp4", [video("h264")])), Vec::<String>::new());
}

#[test]
fn conversions_that_cannot_be_held_either_are_told() {
    assert_eq!(problems::<Container>("to \"mp4\"; convert \"ass\" to=\"subrip\""), ["mp4 cannot hold subrip either"]);
    assert_eq!(problems::<Container>("convert \"dts\" to=\"aac\""), ["`to` is missing"]);
    assert_eq!(problems::<Container>("to \"avi\"").len(), 1);
    assert_eq!(problems::<Container>("to \"mp4\"; convert \"dts\"").len(), 1);
}

#[test]
fn what_mp4_cannot_say_of_a_track_is_nobodys_step() {
    let film = file("matroska", [video("h264"), audio("pt-BR").original(), subtitle("en").codec("mov_text")]);

    assert_eq!(steps("to \"mp4\"", &film), ["convert-container mp4"]);
}
