//! Facts from a guest: checked and capped on their way in. On their way out they are lent; see `lend`.

use super::bindings::facts as wit;
use super::bindings::types;
use crate::media::{
    Addresses, Attachment, Audio, Chapter, Colour, ColourRange, Details, DolbyVision, DynamicRange, Entry, Facts,
    Flags, Language, Mastering, Ratio, Subtitle, SubtitleForm, Tag, Track, Value, Video, language::UNDETERMINED, text,
};

/// Bytes of one text of a file, such as a title; longer ones are cut, and facts are partial then.
const TEXT_MAX: usize = 64 << 10;

/// Tracks, chapters, attachments or tags of one file; no real file comes near.
const LIST_MAX: usize = 10_000;

/// Takes facts from a guest, or says what is wrong with them.
pub(super) fn from_guest(facts: wit::Facts) -> Result<Facts, String> {
    for (what, count) in [
        ("tracks", facts.tracks.len()),
        ("chapters", facts.chapters.len()),
        ("attachments", facts.attachments.len()),
        ("tags", facts.tags.len()),
        ("warnings", facts.warnings.len()),
        ("extra entries", facts.extra.len()),
        ("extra entries of a track", facts.tracks.iter().map(|track| track.extra.len()).max().unwrap_or_default()),
    ] {
        if count > LIST_MAX {
            return Err(format!("{count} {what}"));
        }
    }
    let tracks = facts
        .tracks
        .into_iter()
        .enumerate()
        .map(|(position, track)| match u32::try_from(position) {
            Ok(position) if track.id == position => track_from_guest(track),
            _ => Err(format!("the track at {position} has the id {}", track.id)),
        })
        .collect::<Result<Vec<_>, _>>()?;
    if let Some(tag) = facts.tags.iter().find(|tag| tag.track.is_some_and(|id| id as usize >= tracks.len())) {
        return Err(format!("a tag is about track {}, which there is not", tag.track.unwrap_or_default()));
    }
    let cut_off = has_long_text(&facts.title, &tracks, &facts.chapters, &facts.tags)
        .then(|| format!("a text is longer than {TEXT_MAX} bytes"));
    Ok(Facts {
        container: cut(facts.container),
        brand: facts.brand.map(cut),
        title: facts.title.map(cut),
        duration_ns: facts.duration_ns,
        muxing_application: facts.muxing_application.map(cut),
        writing_application: facts.writing_application.map(cut),
        tracks,
        chapters: facts.chapters.into_iter().map(chapter_from_guest).collect(),
        attachments: facts.attachments.into_iter().map(attachment_from_guest).collect(),
        tags: facts
            .tags
            .into_iter()
            .map(|tag| Tag {
                track: tag.track,
                name: cut(tag.name),
                value: cut(tag.value),
                language: tag.language.map(cut),
            })
            .collect(),
        partial: facts.partial.map(cut).or(cut_off),
        warnings: facts.warnings.into_iter().map(cut).collect(),
        extra: entries_from_guest(facts.extra),
    })
}

fn track_from_guest(track: wit::Track) -> Result<Track, String> {
    let details = match track.details {
        wit::TrackDetails::Video(video) => Details::Video(video_from_guest(video)?),
        wit::TrackDetails::Audio(audio) => Details::Audio(Audio {
            channels: audio.channels,
            layout: audio.layout.map(cut),
            sample_rate: audio.sample_rate,
            bit_depth: audio.bit_depth,
        }),
        wit::TrackDetails::Subtitle(subtitle) => Details::Subtitle(Subtitle {
            form: subtitle.form.map(|form| match form {
                wit::SubtitleForm::Text => SubtitleForm::Text,
                wit::SubtitleForm::StyledText => SubtitleForm::StyledText,
                wit::SubtitleForm::Image => SubtitleForm::Image,
            }),
        }),
        wit::TrackDetails::Other => Details::Other,
    };
    Ok(Track {
        id: track.id,
        number: track.number,
        addresses: Addresses {
            mkvmerge: track.addresses.mkvmerge,
            mkvpropedit: track.addresses.mkvpropedit,
            ffmpeg: track.addresses.ffmpeg,
        },
        details,
        codec: cut(track.codec),
        codec_id: cut(track.codec_id),
        profile: track.profile.map(cut),
        level: track.level.map(cut),
        language: language_from_guest(track.language),
        title: track.title.map(cut),
        flags: Flags {
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
        extra: entries_from_guest(track.extra),
    })
}

fn video_from_guest(video: wit::Video) -> Result<Video, String> {
    let frame_rate = match video.frame_rate {
        Some(rate) if rate.denominator == 0 => return Err("a frame rate over zero".to_owned()),
        Some(rate) => Some(Ratio { numerator: rate.numerator, denominator: rate.denominator }),
        None => None,
    };
    let mastering = video.colour.mastering.map(|mastering| Mastering {
        red: mastering.red,
        green: mastering.green,
        blue: mastering.blue,
        white: mastering.white,
        luminance_min: mastering.luminance_min,
        luminance_max: mastering.luminance_max,
    });
    if let Some(m) = &mastering {
        let numbers = [m.red.0, m.red.1, m.green.0, m.green.1, m.blue.0, m.blue.1, m.white.0, m.white.1];
        if !numbers.iter().chain(&[m.luminance_min, m.luminance_max]).all(|number| number.is_finite()) {
            return Err("a mastering display that is not a number".to_owned());
        }
    }
    Ok(Video {
        width: video.width,
        height: video.height,
        display_width: video.display_width,
        display_height: video.display_height,
        rotation: video.rotation,
        frame_rate,
        interlaced: video.interlaced,
        bit_depth: video.bit_depth,
        colour: Colour {
            primaries: video.colour.primaries,
            transfer: video.colour.transfer,
            matrix: video.colour.matrix,
            range: video.colour.range.map(|range| match range {
                wit::ColourRange::Limited => ColourRange::Limited,
                wit::ColourRange::Full => ColourRange::Full,
            }),
            mastering,
            max_content_light: video.colour.max_content_light,
            max_frame_light: video.colour.max_frame_light,
        },
        dynamic_range: match video.dynamic_range {
            wit::DynamicRange::Sdr => DynamicRange::Sdr,
            wit::DynamicRange::Hdr10 => DynamicRange::Hdr10,
            wit::DynamicRange::Hdr10Plus => DynamicRange::Hdr10Plus,
            wit::DynamicRange::Hlg => DynamicRange::Hlg,
            wit::DynamicRange::DolbyVision(vision) => DynamicRange::DolbyVision(DolbyVision {
                profile: vision.profile,
                level: vision.level,
                compatibility: vision.compatibility,
            }),
        },
    })
}

fn chapter_from_guest(chapter: wit::Chapter) -> Chapter {
    Chapter {
        start_ns: chapter.start_ns,
        end_ns: chapter.end_ns,
        title: chapter.title.map(cut),
        language: language_from_guest(chapter.language),
        hidden: chapter.hidden,
        depth: chapter.depth,
        edition: chapter.edition,
    }
}

fn attachment_from_guest(attachment: wit::Attachment) -> Attachment {
    Attachment {
        id: attachment.id,
        name: cut(attachment.name),
        media_type: cut(attachment.media_type),
        description: attachment.description.map(cut),
        size: attachment.size,
        is_cover: attachment.is_cover,
    }
}

/// The host alone decides what a language is called. Where a file says no code, such as two of them, what the introspector made
/// of it counts.
fn language_from_guest(language: wit::Language) -> Language {
    let made = Language::from_file(&cut(language.tag));
    match language.original.map(|original| Language::from_file(&cut(original))) {
        Some(said) if said.tag == UNDETERMINED => Language { tag: made.tag, ..said },
        Some(said) => said,
        None => Language { original: None, ..made },
    }
}

pub(super) fn entries_from_guest(entries: Vec<types::Entry>) -> Vec<Entry> {
    entries.into_iter().map(|entry| Entry { name: cut(entry.name), value: value_from_guest(entry.value) }).collect()
}

pub(super) fn value_from_guest(value: types::Value) -> Value {
    match value {
        types::Value::Null => Value::Null,
        types::Value::Boolean(value) => Value::Boolean(value),
        types::Value::Integer(value) => Value::Integer(value),
        types::Value::Decimal(value) if value.is_finite() => Value::Decimal(value),
        types::Value::Decimal(_) => Value::Null,
        types::Value::Text(value) => Value::Text(cut(value)),
    }
}

/// Whether one of the texts that a person writes is cut; those of tracks were already.
fn has_long_text(title: &Option<String>, tracks: &[Track], chapters: &[wit::Chapter], tags: &[wit::Tag]) -> bool {
    let is_long = |text: &Option<String>| text.as_ref().is_some_and(|text| text.len() > TEXT_MAX);
    is_long(title)
        || tracks.iter().any(|track| track.title.as_ref().is_some_and(|title| title.len() + 4 > TEXT_MAX))
        || chapters.iter().any(|chapter| is_long(&chapter.title))
        || tags.iter().any(|tag| tag.value.len() > TEXT_MAX)
}

/// Cuts a text that is longer than any honest one.
pub(super) fn cut(mut text: String) -> String {
    text.truncate(text::capped(&text, TEXT_MAX).len());
    text
}
