//! What ffprobe said of real files, as facts.

use vpo_plugin_ffprobe::read_with;
use vpo_plugin_sdk::facts::{DynamicRange, Facts, SubtitleForm, TrackDetails};
use vpo_plugin_sdk::introspector::Failure;
use vpo_plugin_sdk::tool;
use vpo_plugin_sdk::tracks::TrackExt;

fn said(stdout: &str) -> Result<Facts, Failure> {
    let output = tool::Output { status: 0, stdout: stdout.as_bytes().to_vec(), stderr: String::new() };
    read_with(1, |program, arguments| {
        assert_eq!(program, "ffprobe");
        assert_eq!(arguments.last().map(String::as_str), Some("{file}"));
        Ok(output)
    })
}

const FILM: &str = r#"{
    "streams": [
        {"index": 0, "codec_name": "mjpeg", "codec_type": "video", "width": 600, "height": 900,
         "avg_frame_rate": "0/0", "r_frame_rate": "90000/1", "disposition": {"attached_pic": 1}},
        {"index": 1, "codec_name": "hevc", "codec_type": "video", "profile": "Main 10", "level": 153, "id": "0x1e0",
         "codec_tag_string": "[0][0][0][0]", "codec_tag": "0x0000", "width": 720, "height": 576,
         "sample_aspect_ratio": "64:45", "pix_fmt": "yuv420p10le", "avg_frame_rate": "0/0", "r_frame_rate": "25/1",
         "color_range": "tv", "color_transfer": "smpte2084", "color_primaries": "bt2020", "color_space": "bt2020nc",
         "field_order": "tt", "disposition": {"default": 1},
         "side_data_list": [
            {"side_data_type": "Display Matrix", "rotation": -90},
            {"side_data_type": "DOVI configuration record", "dv_profile": 8, "dv_level": 6,
             "dv_bl_signal_compatibility_id": 1},
            {"side_data_type": "Content light level metadata", "max_content": 1100, "max_average": 180}]},
        {"index": 2, "codec_name": "ac3", "codec_type": "audio", "sample_rate": "48000", "channels": 6,
         "channel_layout": "5.1(side)", "bits_per_sample": 0, "bit_rate": "448000", "duration": "4.004000",
         "disposition": {"comment": 1}, "tags": {"LANGUAGE": "ger", "title": "Kommentar"}},
        {"index": 3, "codec_name": "dvd_subtitle", "codec_type": "subtitle", "disposition": {"hearing_impaired": 1}},
        {"index": 4, "codec_type": "data"}
    ],
    "chapters": [{"id": 1, "time_base": "1/1000", "start": 1500, "end": 4000, "tags": {"title": "Größe"}}],
    "format": {"format_name": "asf", "duration": "4.020000", "tags": {"title": "Film", "WM/Year": "1999"}}
}"#;

#[test]
fn a_cover_is_an_attachment_and_shifts_no_track() {
    let facts = said(FILM).unwrap();

    let tracks: Vec<_> = facts.tracks.iter().map(|track| (track.id, track.addresses.ffmpeg)).collect();
    assert_eq!(tracks, [(0, Some(1)), (1, Some(2)), (2, Some(3)), (3, Some(4))]);
    assert_eq!(facts.attachments.len(), 1);
    assert!(facts.attachments[0].is_cover);
    assert_eq!(facts.attachments[0].media_type, "image/jpeg");
}

#[test]
fn a_picture_has_its_shape_rate_and_colours() {
    let facts = said(FILM).unwrap();

    let TrackDetails::Video(video) = &facts.tracks[0].details else { panic!("{:?}", facts.tracks[0]) };
    assert_eq!((video.width, video.display_width, video.display_height), (720, 1024, 576));
    assert_eq!(video.rotation, 90);
    assert_eq!(video.frame_rate.map(|rate| (rate.numerator, rate.denominator)), Some((25, 1)));
    assert_eq!((video.interlaced, video.bit_depth), (Some(true), Some(10)));
    assert_eq!((video.colour.primaries, video.colour.transfer, video.colour.matrix), (Some(9), Some(16), Some(9)));
    assert_eq!(video.colour.max_content_light, Some(1100));
    assert!(matches!(video.dynamic_range, DynamicRange::DolbyVision(dolby) if dolby.profile == 8));
    assert_eq!((facts.tracks[0].number, facts.tracks[0].codec_id.as_str()), (0x1e0, "0x1e0"));
    assert_eq!(facts.tracks[0].level.as_deref(), Some("5.1"));
}

#[test]
fn roles_languages_and_titles_are_kept() {
    let facts = said(FILM).unwrap();

    let commentary = &facts.tracks[1];
    assert!(commentary.flags.commentary && !commentary.flags.default);
    assert_eq!(commentary.language.original.as_deref(), Some("ger"));
    assert_eq!(commentary.title.as_deref(), Some("Kommentar"));
    assert_eq!((commentary.bit_rate, commentary.duration_ns), (Some(448_000), Some(4_004_000_000)));
    assert!(facts.tracks[2].flags.hearing_impaired);
    assert!(matches!(&facts.tracks[2].details, TrackDetails::Subtitle(s) if s.form == Some(SubtitleForm::Image)));
    assert_eq!(facts.tracks[2].language.tag, "und");
    assert!(matches!(facts.tracks[3].details, TrackDetails::Other));
    assert_eq!(facts.title.as_deref(), Some("Film"));
    assert_eq!((facts.chapters[0].start_ns, facts.chapters[0].end_ns), (1_500_000_000, Some(4_000_000_000)));
    let tags: Vec<_> = facts.tags.iter().map(|tag| (tag.name.as_str(), tag.value.as_str())).collect();
    assert_eq!(tags, [("WM/Year", "1999")]);
}

#[test]
fn only_in_mp4_with_chapters_is_data_the_track_of_the_chapters() {
    let film = |format: &str, chapters: &str| {
        let tracks =
            r#"{"index": 0, "codec_type": "video"}, {"index": 1, "codec_name": "bin_data", "codec_type": "data"}"#;
        let format = format!(r#"{{"format_name": "{format}", "tags": {{"major_brand": "isom"}}}}"#);
        said(&format!(r#"{{"streams": [{tracks}], "chapters": [{chapters}], "format": {format}}}"#)).unwrap()
    };
    let chapter = r#"{"time_base": "1/1000", "start": 0, "end": 4000}"#;
    let is_said = |facts: Facts| facts.tracks.iter().map(TrackExt::holds_chapters).collect::<Vec<_>>();

    assert_eq!(is_said(film("mov,mp4,m4a,3gp,3g2,mj2", chapter)), [false, true]);
    assert_eq!(is_said(film("mov,mp4,m4a,3gp,3g2,mj2", "")), [false, false]);
    assert_eq!(is_said(film("matroska,webm", chapter)), [false, false]);
}

#[test]
fn an_answer_without_tracks_is_a_mistake() {
    let failure = said(r#"{"streams": [], "format": {}}"#).unwrap_err();

    assert_eq!(failure, Failure::Malformed("ffprobe finds no tracks in it".to_owned()));
}

#[test]
fn an_answer_that_is_cut_is_not_facts() {
    let failure = said(&FILM[..FILM.len() / 2]).unwrap_err();

    assert!(matches!(failure, Failure::Unreadable(_)), "{failure:?}");
}

#[test]
fn a_profile_that_does_not_grant_ffprobe_is_told() {
    let failure = read_with(1, |_, _| Err(tool::Failure::NotGranted)).unwrap_err();

    let expected = "reading it needs ffprobe, which the profile does not grant";
    assert_eq!(failure, Failure::Unreadable(expected.to_owned()));
}

#[test]
fn an_empty_file_is_not_shown_to_ffprobe() {
    let failure = read_with(0, |_, _| panic!("it was")).unwrap_err();

    assert_eq!(failure, Failure::Truncated("the file is empty".to_owned()));
}

#[test]
fn every_recorded_answer_becomes_facts_or_a_reason() {
    let workspace = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let shared = std::env::var_os("VPO_SHARED").map_or_else(|| workspace.join("../shared"), Into::into);
    let Ok(folders) = std::fs::read_dir(shared.join("media")) else {
        eprintln!("skipped: there is no folder of real media beside the project");
        return;
    };
    let (mut with_facts, mut with_reason) = (0, 0);
    for folder in folders.flatten().filter(|folder| folder.path().is_dir()) {
        for file in std::fs::read_dir(folder.path()).unwrap().flatten() {
            let path = file.path();
            if !path.to_string_lossy().ends_with(".ffprobe.json") {
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            let streams = serde_json::from_str::<serde_json::Value>(&text)
                .ok()
                .and_then(|json| json.get("streams").and_then(|streams| streams.as_array()).map(Vec::len))
                .unwrap_or(0);
            match said(&text) {
                Ok(facts) => {
                    assert_eq!(facts.tracks.len() + facts.attachments.len(), streams, "{}", path.display());
                    with_facts += 1;
                }
                Err(failure) => {
                    assert_eq!(streams, 0, "{}: {failure:?}", path.display());
                    with_reason += 1;
                }
            }
        }
    }
    assert!(with_facts > 300 && with_reason > 50, "{with_facts} with facts, {with_reason} with a reason");
}

#[test]
fn ogg_has_the_title_of_its_picture() {
    let facts = said(
        r#"{"streams": [
            {"index": 0, "codec_name": "vorbis", "codec_type": "audio", "channels": 2,
             "tags": {"TITLE": "The Film"}},
            {"index": 1, "codec_name": "vorbis", "codec_type": "audio", "channels": 1,
             "tags": {"TITLE": "Comments"}},
            {"index": 2, "codec_name": "theora", "codec_type": "video", "tags": {"title": "The Film"}}],
            "format": {"format_name": "ogg"}}"#,
    )
    .unwrap();

    let titles: Vec<_> = facts.tracks.iter().map(|track| track.title.as_deref()).collect();
    assert_eq!((facts.title.as_deref(), titles), (Some("The Film"), vec![None, Some("Comments"), None]));
    let TrackDetails::Audio(audio) = &facts.tracks[1].details else { panic!("{:?}", facts.tracks[1]) };
    assert_eq!(audio.layout.as_deref(), Some("mono"));
}
