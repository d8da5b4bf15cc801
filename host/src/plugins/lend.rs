//! What a policy is asked, lent to the call as it lies in the host: texts are not copied before they go to the guest.
//!
//! Lists inside of records need a place of their own for as long as the call lasts; [`Lists`] is that place.

use super::bindings::policy::exports::vpo::plugin::policy::Context as WitContext;
use super::bindings::policy::vpo::plugin::facts as wit;
use super::bindings::policy::vpo::plugin::types::{EntryParam, Node, ValueParam};
use super::bindings::types;
use crate::media::{ColourRange, Details, DynamicRange, Entry, Facts, Language, SubtitleForm, Track, Value, Video};
use crate::plan::Context;

/// The lists of a question.
pub(super) struct Lists<'a> {
    arguments: Vec<ValueParam<'a>>,
    properties: Vec<EntryParam<'a>>,
    allowed: Vec<&'a str>,
    tools: Vec<&'a str>,
    context_extra: Vec<EntryParam<'a>>,
    track_extra: Vec<EntryParam<'a>>,
    chapters: Vec<wit::Chapter<'a>>,
    attachments: Vec<wit::Attachment<'a>>,
    tags: Vec<wit::Tag<'a>>,
    warnings: Vec<&'a str>,
    extra: Vec<EntryParam<'a>>,
}

impl<'a> Lists<'a> {
    pub(super) fn of(options: &'a [types::Node], context: &'a Context, facts: &'a Facts) -> Self {
        Self {
            arguments: options.iter().flat_map(|node| &node.arguments).map(option_value).collect(),
            properties: options.iter().flat_map(|node| &node.properties).map(option_entry).collect(),
            allowed: context.allowed.iter().map(String::as_str).collect(),
            tools: context.tools.iter().map(String::as_str).collect(),
            context_extra: context.extra.iter().map(entry).collect(),
            track_extra: facts.tracks.iter().flat_map(|track| &track.extra).map(entry).collect(),
            chapters: facts
                .chapters
                .iter()
                .map(|chapter| wit::Chapter {
                    start_ns: chapter.start_ns,
                    end_ns: chapter.end_ns,
                    title: chapter.title.as_deref(),
                    language: language(&chapter.language),
                    hidden: chapter.hidden,
                    depth: chapter.depth,
                    edition: chapter.edition,
                })
                .collect(),
            attachments: facts
                .attachments
                .iter()
                .map(|attachment| wit::Attachment {
                    id: attachment.id,
                    name: &attachment.name,
                    media_type: &attachment.media_type,
                    description: attachment.description.as_deref(),
                    size: attachment.size,
                    is_cover: attachment.is_cover,
                })
                .collect(),
            tags: facts
                .tags
                .iter()
                .map(|tag| wit::Tag {
                    track: tag.track,
                    name: &tag.name,
                    value: &tag.value,
                    language: tag.language.as_deref(),
                })
                .collect(),
            warnings: facts.warnings.iter().map(String::as_str).collect(),
            extra: facts.extra.iter().map(entry).collect(),
        }
    }

    pub(super) fn options(&'a self, options: &'a [types::Node]) -> Vec<Node<'a>> {
        let (mut arguments, mut properties) = (&self.arguments[..], &self.properties[..]);
        options
            .iter()
            .map(|node| Node {
                name: &node.name,
                parent: node.parent,
                arguments: split(&mut arguments, node.arguments.len()),
                properties: split(&mut properties, node.properties.len()),
            })
            .collect()
    }

    pub(super) fn context(&'a self, context: &'a Context) -> WitContext<'a> {
        WitContext {
            today: &context.today,
            file_name: &context.file_name,
            size: context.size,
            allowed: &self.allowed,
            tools: &self.tools,
            extra: &self.context_extra,
        }
    }

    pub(super) fn tracks(&'a self, facts: &'a Facts) -> Vec<wit::Track<'a>> {
        let mut extra = &self.track_extra[..];
        facts.tracks.iter().map(|one| track(one, split(&mut extra, one.extra.len()))).collect()
    }

    pub(super) fn facts(&'a self, facts: &'a Facts, tracks: &'a [wit::Track<'a>]) -> wit::Facts<'a> {
        wit::Facts {
            container: &facts.container,
            brand: facts.brand.as_deref(),
            title: facts.title.as_deref(),
            duration_ns: facts.duration_ns,
            muxing_application: facts.muxing_application.as_deref(),
            writing_application: facts.writing_application.as_deref(),
            tracks,
            chapters: &self.chapters,
            attachments: &self.attachments,
            tags: &self.tags,
            partial: facts.partial.as_deref(),
            warnings: &self.warnings,
            extra: &self.extra,
        }
    }
}

/// Takes so many from the front of a list.
fn split<'a, T>(list: &mut &'a [T], count: usize) -> &'a [T] {
    let (front, rest) = list.split_at(count);
    *list = rest;
    front
}

fn track<'a>(track: &'a Track, extra: &'a [EntryParam<'a>]) -> wit::Track<'a> {
    wit::Track {
        id: track.id,
        number: track.number,
        addresses: wit::Addresses {
            mkvmerge: track.addresses.mkvmerge,
            mkvpropedit: track.addresses.mkvpropedit,
            ffmpeg: track.addresses.ffmpeg,
        },
        details: match &track.details {
            Details::Video(shown) => wit::TrackDetails::Video(video(shown)),
            Details::Audio(audio) => wit::TrackDetails::Audio(wit::Audio {
                channels: audio.channels,
                layout: audio.layout.as_deref(),
                sample_rate: audio.sample_rate,
                bit_depth: audio.bit_depth,
            }),
            Details::Subtitle(subtitle) => wit::TrackDetails::Subtitle(wit::Subtitle {
                form: subtitle.form.map(|form| match form {
                    SubtitleForm::Text => wit::SubtitleForm::Text,
                    SubtitleForm::StyledText => wit::SubtitleForm::StyledText,
                    SubtitleForm::Image => wit::SubtitleForm::Image,
                }),
            }),
            Details::Other => wit::TrackDetails::Other,
        },
        codec: &track.codec,
        codec_id: &track.codec_id,
        profile: track.profile.as_deref(),
        level: track.level.as_deref(),
        language: language(&track.language),
        title: track.title.as_deref(),
        flags: wit::TrackFlags {
            default: track.flags.default,
            forced: track.flags.forced,
            enabled: track.flags.enabled,
            original: track.flags.original,
            commentary: track.flags.commentary,
            hearing_impaired: track.flags.hearing_impaired,
            visual_impaired: track.flags.visual_impaired,
            text_descriptions: track.flags.text_descriptions,
        },
        duration_ns: track.duration_ns,
        bit_rate: track.bit_rate,
        extra,
    }
}

fn video(video: &Video) -> wit::Video {
    wit::Video {
        width: video.width,
        height: video.height,
        display_width: video.display_width,
        display_height: video.display_height,
        rotation: video.rotation,
        frame_rate: video
            .frame_rate
            .map(|rate| wit::Ratio { numerator: rate.numerator, denominator: rate.denominator }),
        interlaced: video.interlaced,
        bit_depth: video.bit_depth,
        colour: wit::Colour {
            primaries: video.colour.primaries,
            transfer: video.colour.transfer,
            matrix: video.colour.matrix,
            range: video.colour.range.map(|range| match range {
                ColourRange::Limited => wit::ColourRange::Limited,
                ColourRange::Full => wit::ColourRange::Full,
            }),
            mastering: video.colour.mastering.as_ref().map(|mastering| wit::Mastering {
                red: mastering.red,
                green: mastering.green,
                blue: mastering.blue,
                white: mastering.white,
                luminance_min: mastering.luminance_min,
                luminance_max: mastering.luminance_max,
            }),
            max_content_light: video.colour.max_content_light,
            max_frame_light: video.colour.max_frame_light,
        },
        dynamic_range: match video.dynamic_range {
            DynamicRange::Sdr => wit::DynamicRange::Sdr,
            DynamicRange::Hdr10 => wit::DynamicRange::Hdr10,
            DynamicRange::Hdr10Plus => wit::DynamicRange::Hdr10Plus,
            DynamicRange::Hlg => wit::DynamicRange::Hlg,
            DynamicRange::DolbyVision(vision) => wit::DynamicRange::DolbyVision(wit::DolbyVision {
                profile: vision.profile,
                level: vision.level,
                compatibility: vision.compatibility,
            }),
        },
    }
}

fn language(language: &Language) -> wit::Language<'_> {
    wit::Language { tag: &language.tag, original: language.original.as_deref() }
}

fn entry(entry: &Entry) -> EntryParam<'_> {
    let value = match &entry.value {
        Value::Null => ValueParam::Null,
        Value::Boolean(value) => ValueParam::Boolean(*value),
        Value::Integer(value) => ValueParam::Integer(*value),
        Value::Decimal(value) => ValueParam::Decimal(*value),
        Value::Text(value) => ValueParam::Text(value),
    };
    EntryParam { name: &entry.name, value }
}

fn option_entry(entry: &types::Entry) -> EntryParam<'_> {
    EntryParam { name: &entry.name, value: option_value(&entry.value) }
}

fn option_value(value: &types::Value) -> ValueParam<'_> {
    match value {
        types::Value::Null => ValueParam::Null,
        types::Value::Boolean(value) => ValueParam::Boolean(*value),
        types::Value::Integer(value) => ValueParam::Integer(*value),
        types::Value::Decimal(value) => ValueParam::Decimal(*value),
        types::Value::Text(value) => ValueParam::Text(value),
    }
}
