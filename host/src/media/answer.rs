//! Facts as programs get them under `--json`: flat tracks, one key for each fact.

use serde::Serialize;

use super::{
    Addresses, Attachment, Chapter, ColourRange, Details, DolbyVision, DynamicRange, Entry, Facts, Flags, Mastering,
    SubtitleForm, Tag, Track, TrackKind,
};

/// The facts of a file as an answer.
#[derive(Debug, Serialize)]
pub struct FactsAnswer<'a> {
    container: &'a str,
    brand: Option<&'a str>,
    duration_ns: Option<u64>,
    title: Option<&'a str>,
    muxing_application: Option<&'a str>,
    writing_application: Option<&'a str>,
    tracks: Vec<TrackAnswer<'a>>,
    chapters: &'a [Chapter],
    attachments: &'a [Attachment],
    tags: &'a [Tag],
    #[serde(skip_serializing_if = "Option::is_none")]
    partial: Option<&'a str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    warnings: &'a [String],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    extra: &'a [Entry],
}

impl<'a> From<&'a Facts> for FactsAnswer<'a> {
    fn from(facts: &'a Facts) -> Self {
        Self {
            container: &facts.container,
            brand: facts.brand.as_deref(),
            duration_ns: facts.duration_ns,
            title: facts.title.as_deref(),
            muxing_application: facts.muxing_application.as_deref(),
            writing_application: facts.writing_application.as_deref(),
            tracks: facts.tracks.iter().map(TrackAnswer::from).collect(),
            chapters: &facts.chapters,
            attachments: &facts.attachments,
            tags: &facts.tags,
            partial: facts.partial.as_deref(),
            warnings: &facts.warnings,
            extra: &facts.extra,
        }
    }
}

/// One track as an answer.
#[derive(Debug, Serialize)]
pub struct TrackAnswer<'a> {
    id: u32,
    #[serde(rename = "type")]
    kind: TrackKind,
    number: u64,
    addresses: Addresses,
    codec: &'a str,
    codec_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    profile: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    level: Option<&'a str>,
    language: &'a str,
    language_original: Option<&'a str>,
    title: Option<&'a str>,
    #[serde(flatten)]
    flags: Flags,
    #[serde(skip_serializing_if = "Option::is_none")]
    duration_ns: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bit_rate: Option<u64>,
    #[serde(flatten)]
    details: DetailsAnswer<'a>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    extra: &'a [Entry],
}

impl<'a> From<&'a Track> for TrackAnswer<'a> {
    fn from(track: &'a Track) -> Self {
        Self {
            id: track.id,
            kind: track.kind(),
            number: track.number,
            addresses: track.addresses,
            codec: &track.codec,
            codec_id: &track.codec_id,
            profile: track.profile.as_deref(),
            level: track.level.as_deref(),
            language: &track.language.tag,
            language_original: track.language.original.as_deref(),
            title: track.title.as_deref(),
            flags: track.flags,
            duration_ns: track.duration_ns,
            bit_rate: track.bit_rate,
            details: DetailsAnswer::from(&track.details),
            extra: &track.extra,
        }
    }
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum DetailsAnswer<'a> {
    Video {
        width: u32,
        height: u32,
        display_width: u32,
        display_height: u32,
        rotation: i32,
        frame_rate: Option<String>,
        interlaced: Option<bool>,
        bit_depth: Option<u8>,
        dynamic_range: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        dolby_vision: Option<DolbyVision>,
        colour_primaries: Option<u16>,
        colour_transfer: Option<u16>,
        colour_matrix: Option<u16>,
        colour_range: Option<ColourRange>,
        #[serde(skip_serializing_if = "Option::is_none")]
        mastering: Option<&'a Mastering>,
        #[serde(skip_serializing_if = "Option::is_none")]
        max_content_light: Option<u32>,
        #[serde(skip_serializing_if = "Option::is_none")]
        max_frame_light: Option<u32>,
    },
    Audio {
        channels: u32,
        layout: Option<&'a str>,
        sample_rate: Option<u32>,
        bit_depth: Option<u8>,
    },
    Subtitle {
        form: Option<SubtitleForm>,
    },
    Other {},
}

impl<'a> From<&'a Details> for DetailsAnswer<'a> {
    fn from(details: &'a Details) -> Self {
        match details {
            Details::Video(video) => Self::Video {
                width: video.width,
                height: video.height,
                display_width: video.display_width,
                display_height: video.display_height,
                rotation: video.rotation,
                frame_rate: video.frame_rate.map(|rate| rate.to_string()),
                interlaced: video.interlaced,
                bit_depth: video.bit_depth,
                dynamic_range: video.dynamic_range.name(),
                dolby_vision: match video.dynamic_range {
                    DynamicRange::DolbyVision(vision) => Some(vision),
                    _ => None,
                },
                colour_primaries: video.colour.primaries,
                colour_transfer: video.colour.transfer,
                colour_matrix: video.colour.matrix,
                colour_range: video.colour.range,
                mastering: video.colour.mastering.as_ref(),
                max_content_light: video.colour.max_content_light,
                max_frame_light: video.colour.max_frame_light,
            },
            Details::Audio(audio) => Self::Audio {
                channels: audio.channels,
                layout: audio.layout.as_deref(),
                sample_rate: audio.sample_rate,
                bit_depth: audio.bit_depth,
            },
            Details::Subtitle(subtitle) => Self::Subtitle { form: subtitle.form },
            Details::Other => Self::Other {},
        }
    }
}
