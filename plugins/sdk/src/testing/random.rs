//! Facts at random, small and full of coincidences, so that rules collide.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::build::{self, TrackBuilder};
use crate::facts::Facts;

/// Languages that rules are likely to name, and some that they are not.
pub const LANGUAGES: [&str; 7] = ["en", "ja", "fr", "pt", "pt-BR", "und", "zxx"];

const TITLES: [&str; 9] = [
    "Isolated Score",
    "Commentary by the director",
    "Lost in Space - Stereo",
    "Forced",
    "Signs & Songs",
    "SDH",
    "Audio Description",
    "Surround",
    "English",
];

/// Any file that an introspector could have read.
pub fn any_facts() -> impl Strategy<Value = Facts> {
    let attachments = vec(select(vec!["a.ttf", "b.otf", "cover.jpg", "notes.txt"]), 0..4);
    let title = proptest::option::of(select(vec!["A film", "rip by nobody"]));
    let container = select(vec!["matroska", "matroska", "mp4", "webm", "avi", "mov", "mpegts"]);
    let tags = vec(select(vec!["KIND", "kind", "GENRE", "_STATISTICS_TAGS"]), 0..3);
    (vec(any_track(), 1..9), attachments, title, container, 0usize..3, tags).prop_map(
        |(tracks, attachments, title, container, chapters, tags)| {
            let mut facts = build::facts(tracks);
            facts.tags = tags.into_iter().map(|name| build::file_tag(name, "film")).collect();
            facts.container = container.into();
            facts.title = title.map(str::to_owned);
            facts.chapters = (0..chapters as u64).map(build::chapter).collect();
            facts.attachments = attachments
                .into_iter()
                .zip(0..)
                .map(|(name, id)| match name {
                    "cover.jpg" => build::cover(id),
                    "notes.txt" => build::attachment(id, name, "text/plain"),
                    font => build::font(id, font),
                })
                .collect();
            crate::outcome::settle(&mut facts);
            facts
        },
    )
}

fn any_track() -> impl Strategy<Value = TrackBuilder> {
    let kind = prop_oneof![
        1 => select(vec!["h264", "hevc", "vp8"]).prop_map(build::video),
        5 => (select(LANGUAGES.to_vec()), select(vec!["aac", "ac3", "truehd", "dts", "flac"]), select(vec![1u32, 2, 6, 8]))
            .prop_map(|(language, codec, channels)| build::audio(language).codec(codec).channels(channels)),
        5 => (select(LANGUAGES.to_vec()), select(vec!["subrip", "ass", "hdmv_pgs_subtitle", "mov_text"]))
            .prop_map(|(language, codec)| build::subtitle(language).codec(codec)),
        1 => Just(build::other("tmcd")),
        1 => Just(build::other("bin_data").holding_chapters()),
    ];
    let title = proptest::option::weighted(0.3, select(TITLES.to_vec()));
    (kind, title, vec(select((0..16).collect::<Vec<u8>>()), 0..3)).prop_map(|(track, title, flags)| {
        let track = match title {
            Some(title) => track.title(title),
            None => track,
        };
        flags.into_iter().fold(track, |track, flag| match flag {
            0..4 => track.default(),
            4..7 => track.forced(),
            7 | 8 => track.commentary(),
            9 => track.hearing_impaired(),
            10 => track.visual_impaired(),
            11 => track.original(),
            12 => track.disabled(),
            _ => track,
        })
    })
}
