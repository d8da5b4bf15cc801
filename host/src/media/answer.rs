//! Facts as programs get them under `--json`: flat tracks, one key for each fact. Every key is always there; what is not
//! known is `null`, and a list of nothing is empty. What is recorded and what plans carry is another form, which is read back.

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
    chapters: Vec<ChapterAnswer<'a>>,
    attachments: Vec<AttachmentAnswer<'a>>,
    tags: Vec<TagAnswer<'a>>,
    partial: Option<&'a str>,
    warnings: &'a [String],
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
            chapters: facts.chapters.iter().map(ChapterAnswer::from).collect(),
            attachments: facts.attachments.iter().map(AttachmentAnswer::from).collect(),
            tags: facts.tags.iter().map(TagAnswer::from).collect(),
            partial: facts.partial.as_deref(),
            warnings: &facts.warnings,
            extra: &facts.extra,
        }
    }
}

/// One track as an answer.
#[derive(Debug, Serialize)]
struct TrackAnswer<'a> {
    id: u32,
    #[serde(rename = "type")]
    kind: TrackKind,
    number: u64,
    addresses: Addresses,
    codec: &'a str,
    codec_id: &'a str,
    profile: Option<&'a str>,
    level: Option<&'a str>,
    language: &'a str,
    language_original: Option<&'a str>,
    title: Option<&'a str>,
    #[serde(flatten)]
    flags: Flags,
    duration_ns: Option<u64>,
    bit_rate: Option<u64>,
    #[serde(flatten)]
    details: DetailsAnswer<'a>,
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
        width: Option<u32>,
        height: Option<u32>,
        display_width: Option<u32>,
        display_height: Option<u32>,
        rotation: i32,
        frame_rate: Option<String>,
        interlaced: Option<bool>,
        bit_depth: Option<u8>,
        dynamic_range: &'static str,
        dolby_vision: Option<DolbyVision>,
        colour_primaries: Option<u16>,
        colour_transfer: Option<u16>,
        colour_matrix: Option<u16>,
        colour_range: Option<ColourRange>,
        mastering: Option<&'a Mastering>,
        max_content_light: Option<u32>,
        max_frame_light: Option<u32>,
    },
    Audio {
        channels: Option<u32>,
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
                width: known(video.width),
                height: known(video.height),
                display_width: known(video.display_width),
                display_height: known(video.display_height),
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
                channels: known(audio.channels),
                layout: audio.layout.as_deref(),
                sample_rate: audio.sample_rate,
                bit_depth: audio.bit_depth,
            },
            Details::Subtitle(subtitle) => Self::Subtitle { form: subtitle.form },
            Details::Other => Self::Other {},
        }
    }
}

/// Facts say zero where a number is not known.
fn known(number: u32) -> Option<u32> {
    (number > 0).then_some(number)
}

/// One chapter as an answer.
#[derive(Debug, Serialize)]
struct ChapterAnswer<'a> {
    start_ns: u64,
    end_ns: Option<u64>,
    title: Option<&'a str>,
    language: LanguageAnswer<'a>,
    hidden: bool,
    depth: u32,
    edition: u32,
}

impl<'a> From<&'a Chapter> for ChapterAnswer<'a> {
    fn from(chapter: &'a Chapter) -> Self {
        Self {
            start_ns: chapter.start_ns,
            end_ns: chapter.end_ns,
            title: chapter.title.as_deref(),
            language: LanguageAnswer { tag: &chapter.language.tag, original: chapter.language.original.as_deref() },
            hidden: chapter.hidden,
            depth: chapter.depth,
            edition: chapter.edition,
        }
    }
}

#[derive(Debug, Serialize)]
struct LanguageAnswer<'a> {
    tag: &'a str,
    original: Option<&'a str>,
}

/// One attachment as an answer.
#[derive(Debug, Serialize)]
struct AttachmentAnswer<'a> {
    id: u32,
    name: &'a str,
    media_type: &'a str,
    description: Option<&'a str>,
    size: u64,
    is_cover: bool,
}

impl<'a> From<&'a Attachment> for AttachmentAnswer<'a> {
    fn from(attachment: &'a Attachment) -> Self {
        Self {
            id: attachment.id,
            name: &attachment.name,
            media_type: &attachment.media_type,
            description: attachment.description.as_deref(),
            size: attachment.size,
            is_cover: attachment.is_cover,
        }
    }
}

/// One tag as an answer.
#[derive(Debug, Serialize)]
struct TagAnswer<'a> {
    track: Option<u32>,
    name: &'a str,
    value: &'a str,
    language: Option<&'a str>,
}

impl<'a> From<&'a Tag> for TagAnswer<'a> {
    fn from(tag: &'a Tag) -> Self {
        Self { track: tag.track, name: &tag.name, value: &tag.value, language: tag.language.as_deref() }
    }
}
