//! What ffprobe is trusted for: what codecs say, and everything of containers that mkvmerge does not know.

use serde_json::{Value, json};

use super::{Claim, Match, stream};
use crate::said::{Fields, Said, Tag, list, put};

/// What ffprobe says, without what mkvmerge knows better of Matroska.
pub fn claim(ffprobe: &Value, mkvmerge_knows: bool) -> Claim {
    let streams = list(&ffprobe["streams"]);
    let (attached, streams): (Vec<&Value>, Vec<&Value>) = streams.iter().partition(|stream| is_attached(stream));
    // Tables of programmes are no track of a film; ffprobe makes a stream of them.
    let streams: Vec<&Value> = streams.into_iter().filter(|stream| stream["codec_name"] != "epg").collect();
    let is_mp4 = is_mp4(ffprobe);
    let mut file = Fields::from([("container", json!(container(ffprobe)))]);
    if !mkvmerge_knows {
        let format = &ffprobe["format"];
        file.insert("title", tag(format, "title"));
        if is_mp4 {
            put(&mut file, "writing_application", &tag(format, "encoder"));
        }
        file.insert("tracks", json!(streams.len()));
        file.insert("attachments", json!(attached.len()));
        file.insert("chapters", json!(list(&ffprobe["chapters"]).len()));
        if let Some(seconds) = decimal(&format["duration"]).filter(|&seconds| seconds > 0.0) {
            file.insert("duration_ns", json!(seconds * 1e9));
        }
    }
    let mut tags = tags(&ffprobe["format"], None, is_mp4);
    for (index, stream) in streams.iter().enumerate() {
        tags.extend(self::tags(stream, Some(index), is_mp4));
    }
    let tracks = streams.iter().map(|stream| match mkvmerge_knows {
        true => stream::codec_fields(stream),
        false => stream::all_fields(stream, is_mp4),
    });
    let said = Said {
        file,
        tracks: tracks.collect(),
        chapters: Some(list(&ffprobe["chapters"]).iter().map(chapter).collect()),
        attachments: (!mkvmerge_knows).then(|| attached.into_iter().map(attachment).collect()),
        tags,
    };
    Claim { tool: "ffprobe", matching: Match::Order, said }
}

fn is_attached(stream: &Value) -> bool {
    stream["disposition"]["attached_pic"] == 1 || stream["codec_type"] == "attachment"
}

fn chapter(chapter: &Value) -> Fields {
    let mut fields = Fields::from([("title", tag(chapter, "title"))]);
    for (name, time) in [("start", "start_time"), ("end", "end_time")] {
        if let Some(seconds) = decimal(&chapter[time]) {
            fields.insert(name, json!((seconds * 1e9).round()));
        }
    }
    fields
}

/// A picture that ffprobe makes a stream of; it tells neither its name nor its size.
fn attachment(stream: &Value) -> Fields {
    let mut fields = Fields::from([("is_cover", json!(stream["disposition"]["attached_pic"] == 1))]);
    let media_type = match stream["codec_name"].as_str() {
        Some("mjpeg") => json!("image/jpeg"),
        Some("png") => json!("image/png"),
        Some("bmp") => json!("image/bmp"),
        _ => Value::Null,
    };
    put(&mut fields, "media_type", &media_type);
    fields
}

/// Texts, but for those that facts have a field for, and those that ffprobe makes of what is no text.
fn tags(place: &Value, track: Option<usize>, is_mp4: bool) -> Vec<Tag> {
    const OF_FILES: [&str; 8] = [
        "title",
        "encoder",
        "software",
        "creation_time",
        "major_brand",
        "minor_version",
        "compatible_brands",
        // Bytes of which ffprobe shows those that are letters.
        "encoding params",
    ];
    const OF_TRACKS: [&str; 6] = ["title", "language", "creation_time", "enc_key_id", "alpha_mode", "stereo_mode"];
    const OF_MP4_TRACKS: [&str; 5] = ["handler_name", "vendor_id", "encoder", "timecode", "reel_name"];
    let is_no_tag = |name: &str| match track {
        None => OF_FILES.contains(&name),
        Some(_) => OF_TRACKS.contains(&name) || is_mp4 && OF_MP4_TRACKS.contains(&name),
    };
    let tags = place["tags"].as_object().into_iter().flatten();
    tags.filter(|(name, _)| !is_no_tag(&name.to_lowercase()))
        .filter_map(|(name, value)| Some(Tag { track, name: name.clone(), value: value.as_str()?.to_owned() }))
        .collect()
}

/// Returns the text of this name, however it is written.
pub fn tag(place: &Value, name: &str) -> Value {
    let tags = place["tags"].as_object().into_iter().flatten();
    tags.filter(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.clone()).next().unwrap_or(Value::Null)
}

pub fn is_matroska(ffprobe: &Value) -> bool {
    format(ffprobe) == "matroska,webm"
}

fn is_mp4(ffprobe: &Value) -> bool {
    format(ffprobe).starts_with("mov,")
}

fn format(ffprobe: &Value) -> &str {
    ffprobe["format"]["format_name"].as_str().unwrap_or_default()
}

/// The normal name of the container.
pub fn container(ffprobe: &Value) -> &str {
    match format(ffprobe) {
        _ if is_mp4(ffprobe) => match ffprobe["format"]["tags"]["major_brand"].as_str() {
            Some("qt  ") | None => "mov",
            Some(_) => "mp4",
        },
        "matroska,webm" => "matroska",
        "mpeg" => "mpegps",
        other => other.split(',').next().unwrap_or(other),
    }
}

/// Reads a number that ffprobe writes as a text.
pub fn decimal(value: &Value) -> Option<f64> {
    value.as_str()?.parse().ok()
}
