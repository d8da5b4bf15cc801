//! Files made element by element: each tells one thing that a reader can get wrong.

mod support;

use support::*;
use vpo_plugin_sdk::facts::{DolbyVision, DynamicRange, TrackDetails};
use vpo_plugin_sdk::types::Value;
use vpo_reading::Counted;

const SUBTITLE: u64 = 17;

#[test]
fn a_plain_file_is_told_as_it_is() {
    let file = document(&[info(), tracks(&[video(1, &[]), audio(2, &[text(0x536E, "Main")])]), cluster(10)]);

    let facts = read(&file).unwrap();

    assert_eq!((facts.container.as_str(), facts.brand.as_deref()), ("matroska", Some("matroska")));
    assert_eq!(facts.duration_ns, Some(4_000_000_000));
    assert_eq!(facts.muxing_application.as_deref(), Some("muxer"));
    let codecs: Vec<_> = facts.tracks.iter().map(|track| track.codec.as_str()).collect();
    assert_eq!(codecs, ["h264", "aac"]);
    assert_eq!(facts.tracks[1].title.as_deref(), Some("Main"));
    assert_eq!((facts.partial, facts.warnings), (None, Vec::new()));
}

#[test]
fn absent_elements_mean_the_defaults_of_the_format() {
    let facts = read(&document(&[tracks(&[audio(1, &[])])])).unwrap();

    let track = &facts.tracks[0];
    assert!(track.flags.default && track.flags.enabled);
    assert!(!track.flags.forced && !track.flags.original && !track.flags.commentary);
    assert_eq!((track.language.tag.as_str(), &track.language.original), ("eng", &None));
    let TrackDetails::Audio(audio) = &track.details else { panic!("{:?}", track.details) };
    assert_eq!((audio.channels, audio.sample_rate), (1, Some(8000)));
}

#[test]
fn empty_elements_mean_the_defaults_too() {
    let facts =
        read(&document(&[tracks(&[audio(1, &[element(0x88, []), element(0xB9, []), element(0x22_B59C, [])])])]));

    let track = &facts.unwrap().tracks[0];
    assert!(track.flags.default && track.flags.enabled);
    assert_eq!(track.language.original, None);
}

#[test]
fn each_flag_is_read_from_its_own_element() {
    let ids = [0x55AA, 0x55AB, 0x55AC, 0x55AD, 0x55AE, 0x55AF];
    let entries: Vec<_> =
        ids.iter().zip(1..).map(|(id, place)| audio(place, &[number(*id, 1), number(0x88, 0)])).collect();

    let facts = read(&document(&[tracks(&entries)])).unwrap();

    for (place, track) in facts.tracks.iter().enumerate() {
        let flags = &track.flags;
        let set = [
            flags.forced,
            flags.hearing_impaired,
            flags.visual_impaired,
            flags.text_descriptions,
            flags.original,
            flags.commentary,
        ];
        assert!(!flags.default);
        assert_eq!(set.iter().position(|flag| *flag), Some(place));
        assert_eq!(set.iter().filter(|flag| **flag).count(), 1);
    }
}

#[test]
fn addresses_count_as_each_tool_does() {
    // Buttons, which ffmpeg passes over.
    let buttons = track(9, 18, "B_VOBBTN", &[]);
    let facts = read(&document(&[tracks(&[buttons, video(5, &[]), audio(7, &[])])])).unwrap();

    let addresses: Vec<_> = facts
        .tracks
        .iter()
        .map(|track| (track.number, track.addresses.mkvmerge, track.addresses.mkvpropedit, track.addresses.ffmpeg))
        .collect();
    assert_eq!(
        addresses,
        [(9, Some(0), Some(1), None), (5, Some(1), Some(2), Some(0)), (7, Some(2), Some(3), Some(1))]
    );
}

#[test]
fn the_bcp47_language_overrules_the_legacy_one() {
    let both = audio(1, &[text(0x22_B59C, "chi"), text(0x22_B59D, "zh-Hant")]);
    let facts = read(&document(&[tracks(&[both, audio(2, &[text(0x22_B59C, "ger")])])])).unwrap();

    let languages: Vec<_> = facts.tracks.iter().map(|track| track.language.original.as_deref()).collect();
    assert_eq!(languages, [Some("zh-Hant"), Some("ger")]);
}

#[test]
fn tags_find_their_tracks_and_keep_their_nesting() {
    let nested = simple_tag("ARTIST", "Band", &[simple_tag("SORT_WITH", "Band, The", &[])]);
    let about_file = element(0x7373, nested);
    let season = element(0x7373, [element(0x63C0, number(0x68CA, 60)), simple_tag("TITLE", "One", &[])].concat());
    let chapter = element(0x7373, [element(0x63C0, number(0x63C4, 5)), simple_tag("TITLE", "No", &[])].concat());
    let tags =
        tags(&[about_file, season, chapter, tag(Some(102), &[("ENCODER", "x")]), tag(Some(7), &[("GONE", "y")])]);

    let facts = read(&document(&[tracks(&[video(1, &[]), audio(2, &[])]), tags])).unwrap();

    let tags: Vec<_> = facts.tags.iter().map(|tag| (tag.track, tag.name.as_str(), tag.value.as_str())).collect();
    assert_eq!(
        tags,
        [
            (None, "ARTIST", "Band"),
            (None, "ARTIST/SORT_WITH", "Band, The"),
            (None, "60/TITLE", "One"),
            (Some(1), "ENCODER", "x"),
        ]
    );
}

#[test]
fn chapters_keep_edition_depth_language_and_whether_they_are_hidden() {
    let display = |title: &str, language: &str| element(0x80, parts(&[text(0x85, title), text(0x437C, language)]));
    let atom = |start: u64, more: Vec<Vec<u8>>| element(0xB6, [number(0x91, start), more.concat()].concat());
    let nested = atom(5, vec![display("Inner", "ger"), number(0x98, 1)]);
    let outer = atom(1, vec![number(0x92, 9), display("Outer", "eng"), display("Aussen", "ger"), nested]);
    let chapters = element(
        0x1043_A770,
        parts(&[
            element(0x45B9, outer),
            element(
                0x45B9,
                parts(&[number(0x45BD, 1), number(0x45DD, 1), atom(0, vec![element(0x80, text(0x85, "Plain"))])]),
            ),
        ]),
    );

    let facts = read(&document(&[tracks(&[video(1, &[])]), chapters])).unwrap();

    let told: Vec<_> = facts
        .chapters
        .iter()
        .map(|c| {
            (c.edition, c.depth, c.hidden, c.start_ns, c.end_ns, c.title.as_deref(), c.language.original.as_deref())
        })
        .collect();
    assert_eq!(
        told,
        [
            (0, 0, false, 1, Some(9), Some("Outer"), Some("eng")),
            (0, 1, true, 5, None, Some("Inner"), Some("ger")),
            (1, 0, true, 0, None, Some("Plain"), None),
        ]
    );
    assert_eq!(facts.chapters[2].language.tag, "eng");
    let [ordered] = &facts.extra[..] else { panic!("{:?}", facts.extra) };
    assert_eq!((ordered.name.as_str(), &ordered.value), ("ordered-edition", &Value::Integer(1)));
}

#[test]
fn attachments_are_told_without_their_content() {
    let attached = |name: &str, kind: &str, size: usize| {
        element(0x61A7, parts(&[text(0x466E, name), text(0x4660, kind), element(0x465C, vec![7; size])]))
    };
    let attachments = element(
        0x1941_A469,
        parts(&[attached("cover.jpg", "image/jpeg", 40_000), attached("Font.ttf", "font/ttf", 300_000)]),
    );
    let file = Counted::new(document(&[tracks(&[video(1, &[])]), attachments, cluster(10)]));

    let facts = vpo_plugin_matroska::read(&file).unwrap();

    let told: Vec<_> = facts.attachments.iter().map(|a| (a.id, a.name.as_str(), a.size, a.is_cover)).collect();
    assert_eq!(told, [(0, "cover.jpg", 40_000, true), (1, "Font.ttf", 300_000, false)]);
    assert!(file.bytes() < 20_000, "{} bytes", file.bytes());
}

#[test]
fn hdr_is_told_from_the_colour_and_dolby_vision_from_its_mapping() {
    let colour = |transfer: u64, more: Vec<u8>| element(0x55B0, [number(0x55BA, transfer), more].concat());
    let mastering =
        element(0x55D0, parts(&[element(0x55D1, 0.68f32.to_be_bytes()), float(0x55D2, 0.32), float(0x55D9, 1000.0)]));
    let pq = video(1, &[colour(16, [mastering, number(0x55BC, 400)].concat())]);
    let hlg = video(2, &[colour(18, Vec::new())]);
    let mapping =
        element(0x41E4, parts(&[number(0x41E7, 0x6476_7643), element(0x41ED, [1, 0, 0x10, 0x35, 0x10, 0, 0, 0])]));
    let t35 = element(0x41E4, number(0x41E7, 4));
    let plus = track(4, 1, "V_VP9", &[element(0xE0, colour(16, Vec::new())), t35.clone()]);
    let both = track(6, 1, "V_MPEGH/ISO/HEVC", &[element(0xE0, colour(16, Vec::new())), mapping.clone(), t35]);
    let dolby = track(3, 1, "V_MPEGH/ISO/HEVC", &[element(0xE0, colour(16, Vec::new())), mapping]);

    let facts = read(&document(&[tracks(&[pq, hlg, dolby, plus, video(5, &[]), both])])).unwrap();

    let videos: Vec<_> = facts
        .tracks
        .iter()
        .map(|track| match &track.details {
            TrackDetails::Video(video) => *video,
            other => panic!("{other:?}"),
        })
        .collect();
    let ranges: Vec<_> = videos.iter().map(|video| video.dynamic_range).collect();
    let vision = DolbyVision { profile: 8, level: 6, compatibility: 1 };
    let said_beside: Vec<_> = facts.tracks[5].extra.iter().map(|entry| entry.name.as_str()).collect();
    assert_eq!(said_beside, ["uid", "hdr10-plus"]);
    let [pq, hlg] = [DynamicRange::Hdr10, DynamicRange::Hlg];
    let dolby = DynamicRange::DolbyVision(vision);
    assert_eq!(ranges, [pq, hlg, dolby, DynamicRange::Hdr10Plus, DynamicRange::Sdr, dolby]);
    let mastering = videos[0].colour.mastering.unwrap();
    assert_eq!((mastering.red, mastering.luminance_max), ((0.68, 0.32), 1000.0));
    assert_eq!(videos[0].colour.max_content_light, Some(400));
}

#[test]
fn statistics_count_only_when_the_last_writer_made_them() {
    let written = |app: &str| element(0x1549_A966, parts(&[text(0x5741, app), number(0x4461, 0)]));
    let statistics = [
        ("BPS", "123456"),
        ("DURATION", "00:00:04.000000000"),
        ("_STATISTICS_WRITING_APP", "mkvmerge"),
        ("_STATISTICS_WRITING_DATE_UTC", "2001-01-01 00:00:00"),
    ];
    let with = |app: &str| document(&[written(app), tracks(&[video(1, &[])]), tags(&[tag(Some(101), &statistics)])]);

    let fresh = read(&with("mkvmerge")).unwrap();
    let stale = read(&with("another")).unwrap();

    assert_eq!((fresh.tracks[0].bit_rate, fresh.tracks[0].duration_ns), (Some(123_456), Some(4_000_000_000)));
    assert_eq!((stale.tracks[0].bit_rate, stale.tracks[0].duration_ns), (None, None));
}

#[test]
fn subtitles_are_text_styled_or_image() {
    let entries: Vec<_> = ["S_TEXT/UTF8", "S_TEXT/ASS", "S_HDMV/PGS", "S_NEW"]
        .iter()
        .zip(1..)
        .map(|(codec, place)| track(place, SUBTITLE, codec, &[]))
        .collect();

    let facts = read(&document(&[tracks(&entries)])).unwrap();

    let told: Vec<_> = facts
        .tracks
        .iter()
        .map(|track| match &track.details {
            TrackDetails::Subtitle(subtitle) => (track.codec.as_str(), subtitle.form.map(|form| format!("{form:?}"))),
            other => panic!("{other:?}"),
        })
        .collect();
    let form = |name: &str| Some(format!("SubtitleForm::{name}"));
    assert_eq!(
        told,
        [
            ("subrip", form("Text")),
            ("ass", form("StyledText")),
            ("hdmv_pgs_subtitle", form("Image")),
            ("unknown", None),
        ]
    );
}
