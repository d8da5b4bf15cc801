//! ffprobe's answer as facts.
//!
//! Covers come out of ffprobe as video streams; here they are attachments, and the ids of tracks count only tracks. Stream
//! indices of ffmpeg are kept as addresses.

use std::collections::BTreeMap;

use vpo_plugin_sdk::extra;
use vpo_plugin_sdk::facts::{
    Addresses, Attachment, Audio, Chapter, Colour, ColourRange, DolbyVision, DynamicRange, Facts, Language, Mastering,
    Ratio, Subtitle, Tag, Track, TrackDetails, TrackFlags, Video,
};

use crate::answer::{self, Answer, SideData, Stream};
use crate::names;

/// Tags that are facts of their own, or say how the file is stored rather than what it is.
const NOT_TAGS: [&str; 10] = [
    "title",
    "encoder",
    "language",
    "filename",
    "mimetype",
    "major_brand",
    "minor_version",
    "compatible_brands",
    "handler_name",
    "vendor_id",
];

/// Frame rates from here on are a clock, not a rate of pictures.
const FASTEST: u32 = 480;

/// Turns an answer into facts; whatever ffprobe does not say stays unknown.
pub fn facts(answer: &Answer) -> Facts {
    let format = &answer.format;
    let brand = find_tag(&format.tags, "major_brand").map(str::to_owned);
    let mut facts = Facts {
        container: names::container(&format.format_name, brand.as_deref()),
        brand,
        title: find_tag(&format.tags, "title").map(str::to_owned),
        duration_ns: format.duration.as_deref().and_then(nanoseconds),
        muxing_application: None,
        writing_application: find_tag(&format.tags, "encoder").map(str::to_owned),
        tracks: Vec::new(),
        chapters: answer.chapters.iter().map(chapter).collect(),
        attachments: Vec::new(),
        tags: tags(&format.tags, None),
        partial: None,
        warnings: Vec::new(),
        extra: Vec::new(),
    };
    for stream in &answer.streams {
        if is_attachment(stream) {
            facts.attachments.push(attachment(stream, count(facts.attachments.len())));
        } else {
            let mut track = track(stream, count(facts.tracks.len()));
            if is_of_chapters(&facts, &track) {
                track.extra.push(extra::holds_chapters());
            }
            facts.tags.extend(tags(&stream.tags, Some(track.id)));
            facts.tracks.push(track);
        }
    }
    if facts.container == "ogg" && facts.title.is_none() {
        take_title(&mut facts);
    }
    facts
}

/// Ogg has no title but those of its streams: that of the picture, else of the first, is the film's. Writers repeat it for the
/// others.
fn take_title(facts: &mut Facts) {
    let is_picture = |track: &&Track| matches!(track.details, TrackDetails::Video(_));
    let first = facts.tracks.iter().find(is_picture).or_else(|| facts.tracks.first());
    facts.title = first.and_then(|track| track.title.clone());
    for track in facts.tracks.iter_mut().filter(|track| track.title == facts.title) {
        track.title = None;
    }
}

/// Whether a track is that of the chapters, which ffprobe tells as well: in MP4 it calls it data of no known kind.
fn is_of_chapters(facts: &Facts, track: &Track) -> bool {
    matches!(facts.container.as_str(), "mp4" | "mov") && !facts.chapters.is_empty() && track.codec == "bin_data"
}

fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

fn is_attachment(stream: &Stream) -> bool {
    stream.codec_type.as_deref() == Some("attachment") || has_role(stream, "attached_pic")
}

fn has_role(stream: &Stream, role: &str) -> bool {
    stream.disposition.get(role).is_some_and(|&value| value != 0)
}

fn attachment(stream: &Stream, id: u32) -> Attachment {
    let is_cover = has_role(stream, "attached_pic");
    let media_type = find_tag(&stream.tags, "mimetype")
        .unwrap_or_else(|| names::picture(stream.codec_name.as_deref().unwrap_or_default()))
        .to_owned();
    let name = find_tag(&stream.tags, "filename").map_or_else(
        || match media_type.strip_prefix("image/") {
            Some("jpeg") => "cover.jpg".to_owned(),
            Some(kind) => format!("cover.{kind}"),
            None => "attachment".to_owned(),
        },
        str::to_owned,
    );
    let description = find_tag(&stream.tags, "title").or_else(|| find_tag(&stream.tags, "comment")).map(str::to_owned);
    // Of a cover ffprobe does not tell the size.
    let size = if is_cover { 0 } else { stream.extradata_size };
    Attachment { id, name, media_type, description, size, is_cover }
}

fn track(stream: &Stream, id: u32) -> Track {
    let codec = stream.codec_name.clone().unwrap_or_else(|| "unknown".to_owned());
    let details = match stream.codec_type.as_deref() {
        Some("video") => TrackDetails::Video(video(stream)),
        Some("audio") => TrackDetails::Audio(audio(stream)),
        Some("subtitle") => TrackDetails::Subtitle(Subtitle { form: names::form(&codec) }),
        _ => TrackDetails::Other,
    };
    Track {
        id,
        number: stream.id.as_deref().and_then(hexadecimal).unwrap_or(u64::from(stream.index)),
        addresses: Addresses { mkvmerge: None, mkvpropedit: None, ffmpeg: Some(stream.index) },
        details,
        codec_id: codec_id(stream),
        profile: stream.profile.clone().filter(|profile| profile != "unknown" && profile != "-99"),
        level: stream.level.and_then(|level| names::level(&codec, level)),
        codec,
        language: language(&stream.tags),
        title: find_tag(&stream.tags, "title").map(str::to_owned),
        flags: TrackFlags {
            default: has_role(stream, "default"),
            forced: has_role(stream, "forced"),
            enabled: true,
            original: has_role(stream, "original"),
            commentary: has_role(stream, "comment"),
            hearing_impaired: has_role(stream, "hearing_impaired"),
            visual_impaired: has_role(stream, "visual_impaired"),
            text_descriptions: has_role(stream, "descriptions"),
        },
        duration_ns: stream.duration.as_deref().and_then(nanoseconds),
        bit_rate: stream.bit_rate.as_deref().and_then(|text| text.parse().ok()),
        extra: Vec::new(),
    }
}

/// The four characters of the codec tag, else its number, else the id of the stream, as in MPEG-PS.
fn codec_id(stream: &Stream) -> String {
    let is_number_only = stream.codec_tag_string.is_empty() || stream.codec_tag_string.contains('[');
    if !is_number_only {
        stream.codec_tag_string.clone()
    } else if hexadecimal(&stream.codec_tag).unwrap_or(0) != 0 {
        stream.codec_tag.clone()
    } else {
        stream.id.clone().unwrap_or_default()
    }
}

fn video(stream: &Stream) -> Video {
    let (width, height) = (stream.width, stream.height);
    let shape = stream.sample_aspect_ratio.as_deref().and_then(|text| fraction(text, ':'));
    let display_width = match shape {
        Some(shape) if shape.numerator > 0 => {
            let wide = u64::from(width) * u64::from(shape.numerator);
            let rounded = (wide + u64::from(shape.denominator) / 2) / u64::from(shape.denominator);
            u32::try_from(rounded).unwrap_or(width)
        }
        _ => width,
    };
    let colour = colour(stream);
    let depth = stream.bits_per_raw_sample.as_deref().and_then(|text| text.parse().ok()).filter(|&depth| depth > 0);
    Video {
        width,
        height,
        display_width,
        display_height: height,
        rotation: stream.side_data_list.iter().find_map(|data| data.rotation).map_or(0, clockwise),
        frame_rate: frame_rate(stream),
        interlaced: match stream.field_order.as_deref() {
            Some("progressive") => Some(false),
            Some("tt" | "bb" | "tb" | "bt") => Some(true),
            _ => None,
        },
        bit_depth: depth.or_else(|| stream.pix_fmt.as_deref().and_then(names::depth)),
        dynamic_range: dynamic_range(stream, &colour),
        colour,
    }
}

/// ffprobe turns against the clock, facts with it.
fn clockwise(degrees: f64) -> i32 {
    if !degrees.is_finite() {
        return 0;
    }
    (-(degrees.round() as i32 % 360)).rem_euclid(360)
}

fn frame_rate(stream: &Stream) -> Option<Ratio> {
    let believable = |text: &str| {
        fraction(text, '/').filter(|rate| rate.numerator > 0 && rate.numerator / rate.denominator < FASTEST)
    };
    believable(&stream.avg_frame_rate).or_else(|| believable(&stream.r_frame_rate))
}

fn colour(stream: &Stream) -> Colour {
    let mastering = stream.side_data_list.iter().find_map(mastering);
    let light =
        |pick: fn(&SideData) -> Option<u32>| stream.side_data_list.iter().find_map(pick).filter(|&level| level > 0);
    Colour {
        primaries: stream.color_primaries.as_deref().and_then(names::primaries),
        transfer: stream.color_transfer.as_deref().and_then(names::transfer),
        matrix: stream.color_space.as_deref().and_then(names::matrix),
        range: match stream.color_range.as_deref() {
            Some("tv") => Some(ColourRange::Limited),
            Some("pc") => Some(ColourRange::Full),
            _ => None,
        },
        mastering,
        max_content_light: light(|data| data.max_content),
        max_frame_light: light(|data| data.max_average),
    }
}

fn mastering(data: &SideData) -> Option<Mastering> {
    let point = |x: &Option<String>, y: &Option<String>| Some((decimal(x.as_deref()?)?, decimal(y.as_deref()?)?));
    Some(Mastering {
        red: point(&data.red_x, &data.red_y)?,
        green: point(&data.green_x, &data.green_y)?,
        blue: point(&data.blue_x, &data.blue_y)?,
        white: point(&data.white_point_x, &data.white_point_y)?,
        luminance_min: decimal(data.min_luminance.as_deref()?)?,
        luminance_max: decimal(data.max_luminance.as_deref()?)?,
    })
}

fn dynamic_range(stream: &Stream, colour: &Colour) -> DynamicRange {
    let dolby = stream.side_data_list.iter().find_map(|data| {
        Some(DolbyVision {
            profile: data.dv_profile?,
            level: data.dv_level.unwrap_or(0),
            compatibility: data.dv_bl_signal_compatibility_id.unwrap_or(0),
        })
    });
    match (dolby, colour.transfer) {
        (Some(dolby), _) => DynamicRange::DolbyVision(dolby),
        (None, Some(16)) => DynamicRange::Hdr10,
        (None, Some(18)) => DynamicRange::Hlg,
        _ => DynamicRange::Sdr,
    }
}

fn audio(stream: &Stream) -> Audio {
    let raw = stream.bits_per_raw_sample.as_deref().and_then(|text| text.parse().ok());
    let depth = raw.filter(|&depth| depth > 0).or_else(|| u8::try_from(stream.bits_per_sample).ok());
    Audio {
        channels: stream.channels,
        layout: stream
            .channel_layout
            .clone()
            .filter(|layout| layout != "unknown")
            .or_else(|| names::layout(stream.channels)),
        sample_rate: stream.sample_rate.as_deref().and_then(|text| text.parse().ok()).filter(|&rate| rate > 0),
        bit_depth: depth.filter(|&depth| depth > 0),
    }
}

fn chapter(chapter: &answer::Chapter) -> Chapter {
    let base = fraction(&chapter.time_base, '/').unwrap_or(Ratio { numerator: 1, denominator: 1_000_000_000 });
    let time = |ticks: i64| {
        let ticks = u128::try_from(ticks).unwrap_or(0);
        let nanoseconds = ticks * u128::from(base.numerator) * 1_000_000_000 / u128::from(base.denominator);
        u64::try_from(nanoseconds).unwrap_or(u64::MAX)
    };
    Chapter {
        start_ns: time(chapter.start),
        end_ns: (chapter.end > chapter.start).then(|| time(chapter.end)),
        title: find_tag(&chapter.tags, "title").map(str::to_owned),
        language: language(&chapter.tags),
        hidden: false,
        depth: 0,
        edition: 0,
    }
}

fn language(tags: &BTreeMap<String, String>) -> Language {
    let original = find_tag(tags, "language").map(str::to_owned);
    Language { tag: original.clone().unwrap_or_else(|| "und".to_owned()), original }
}

fn tags(tags: &BTreeMap<String, String>, track: Option<u32>) -> Vec<Tag> {
    let is_fact = |name: &str| match track {
        // What coded one stream is no fact of the file.
        Some(_) if name.eq_ignore_ascii_case("encoder") => false,
        _ => NOT_TAGS.iter().any(|known| known.eq_ignore_ascii_case(name)),
    };
    tags.iter()
        .filter(|(name, _)| !is_fact(name))
        .map(|(name, value)| Tag { track, name: name.clone(), value: value.clone(), language: None })
        .collect()
}

/// Names of tags differ in case between containers.
fn find_tag<'a>(tags: &'a BTreeMap<String, String>, name: &str) -> Option<&'a str> {
    tags.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}

/// Reads `a/b` or `a:b`; a denominator of zero is no fraction.
fn fraction(text: &str, separator: char) -> Option<Ratio> {
    let (numerator, denominator) = text.split_once(separator)?;
    let ratio = Ratio { numerator: numerator.parse().ok()?, denominator: denominator.parse().ok()? };
    (ratio.denominator > 0).then_some(ratio)
}

fn decimal(text: &str) -> Option<f64> {
    let (numerator, denominator) = text.split_once('/')?;
    let value = numerator.parse::<f64>().ok()? / denominator.parse::<f64>().ok()?;
    value.is_finite().then_some(value)
}

/// Reads seconds with up to nine decimals without going through floating point.
fn nanoseconds(text: &str) -> Option<u64> {
    let (seconds, decimals) = text.split_once('.').unwrap_or((text, ""));
    let decimals: String = decimals.chars().chain("000000000".chars()).take(9).collect();
    seconds.parse::<u64>().ok()?.checked_mul(1_000_000_000)?.checked_add(decimals.parse().ok()?)
}

fn hexadecimal(text: &str) -> Option<u64> {
    u64::from_str_radix(text.strip_prefix("0x")?, 16).ok()
}
