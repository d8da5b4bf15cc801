//! What ffprobe says of one stream.

use serde_json::{Value, json};

use super::ffprobe::{decimal, tag};
use super::{codes, kind};
use crate::said::{Fields, list, put, ratio};

/// All that ffprobe says of a stream.
pub fn all_fields(stream: &Value, is_mp4: bool) -> Fields {
    let mut fields = codec_fields(stream);
    container_fields(stream, &mut fields, is_mp4);
    fields
}

/// What the codec says of itself.
pub fn codec_fields(stream: &Value) -> Fields {
    let mut fields = Fields::from([("address ffmpeg", stream["index"].clone())]);
    for (ours, theirs) in [("codec", "codec_name"), ("profile", "profile"), ("layout", "channel_layout")] {
        if stream[theirs].as_str().is_some_and(|text| !text.is_empty() && text != "unknown" && text != "-99") {
            put(&mut fields, ours, &stream[theirs]);
        }
    }
    if stream["channels"].as_u64().is_some_and(|channels| channels > 0) {
        put(&mut fields, "channels", &stream["channels"]);
    }
    if let Some(rate) = decimal(&stream["sample_rate"]).filter(|&rate| rate > 0.0) {
        fields.insert("sample_rate", json!(rate as u64));
    }
    if let Some(rate) = decimal(&stream["bit_rate"]).filter(|&rate| rate > 0.0) {
        // The headers of some codecs tell; of others ffprobe adds up the samples.
        let is_told = matches!(stream["codec_name"].as_str(), Some("ac3" | "eac3" | "mp2" | "dts"));
        fields.insert(if is_told { "bit_rate" } else { "bit_rate if known" }, json!(rate as u64));
    }
    if let Some(level) = level(stream) {
        fields.insert("level", json!(level));
    }
    match stream["codec_type"].as_str() {
        Some("video") => picture_fields(stream, &mut fields),
        Some("audio") => {
            // Of what is packed the second is bits of a packed sample.
            let is_plain = stream["codec_name"].as_str().is_some_and(|name| name.starts_with("pcm_"));
            let depth =
                [decimal(&stream["bits_per_raw_sample"]), stream["bits_per_sample"].as_f64().filter(|_| is_plain)];
            if let Some(depth) = depth.into_iter().flatten().find(|&depth| depth > 0.0) {
                fields.insert("bit_depth", json!(depth as u64));
            }
        }
        _ => {}
    }
    fields
}

/// The level as the standard of the codec writes it, of codecs that write one.
fn level(stream: &Value) -> Option<String> {
    let level = stream["level"].as_u64().filter(|level| *level > 0)?;
    Some(match stream["codec_name"].as_str()? {
        "h264" if level == 9 => "1b".to_owned(),
        "h264" => format!("{}.{}", level / 10, level % 10),
        "hevc" => format!("{}.{}", level / 30, level % 30 / 3),
        // The last number says that there is no limit.
        "av1" if level == 31 => return None,
        "av1" => format!("{}.{}", 2 + level / 4, level % 4),
        _ => return None,
    })
}

fn picture_fields(stream: &Value, fields: &mut Fields) {
    for name in ["width", "height"] {
        if stream[name].as_u64().is_some_and(|pixels| pixels > 0) {
            put(fields, name, &stream[name]);
        }
    }
    match stream["field_order"].as_str() {
        Some("progressive") => fields.insert("interlaced", json!(false)),
        Some("tt" | "bb" | "tb" | "bt") => fields.insert("interlaced", json!(true)),
        _ => None,
    };
    if let Some(depth) = stream["pix_fmt"].as_str().and_then(codes::depth) {
        fields.insert("bit_depth", json!(depth));
    }
    let transfer = stream["color_transfer"].as_str().and_then(codes::transfer);
    for (name, code) in [
        ("colour_primaries", stream["color_primaries"].as_str().and_then(codes::primaries)),
        ("colour_transfer", transfer),
        ("colour_matrix", stream["color_space"].as_str().and_then(codes::matrix)),
    ] {
        if let Some(code) = code {
            fields.insert(name, json!(code));
        }
    }
    match stream["color_range"].as_str() {
        Some("tv") => fields.insert("colour_range", json!("limited")),
        Some("pc") => fields.insert("colour_range", json!("full")),
        _ => None,
    };
    let is_dolby = light_fields(stream, fields);
    // Without a picture that ffprobe could decode it says nothing of colours.
    if !stream["pix_fmt"].is_null() || is_dolby {
        let range = match transfer {
            _ if is_dolby => "dolby-vision",
            Some(16) => "hdr10",
            Some(18) => "hlg",
            _ => "sdr",
        };
        fields.insert("dynamic_range", json!(range));
    }
}

/// What the screen was like that a picture was made on, and how bright it gets. Tells whether it is Dolby Vision.
fn light_fields(stream: &Value, fields: &mut Fields) -> bool {
    let side_data = list(&stream["side_data_list"]);
    let holding = |key: &str| side_data.iter().find(|data| !data[key].is_null());
    if let Some(light) = holding("max_content") {
        put(fields, "max_content_light", &light["max_content"]);
        put(fields, "max_frame_light", &light["max_average"]);
    }
    const DISPLAY: [&str; 10] = [
        "red_x",
        "red_y",
        "green_x",
        "green_y",
        "blue_x",
        "blue_y",
        "white_point_x",
        "white_point_y",
        "min_luminance",
        "max_luminance",
    ];
    if let Some(display) = holding("red_x") {
        let numbers = DISPLAY.map(|name| display[name].as_str().and_then(ratio));
        // ffprobe leaves out what is not stated; facts have all or nothing.
        if let Some(numbers) = numbers.into_iter().collect::<Option<Vec<f64>>>() {
            fields.insert("mastering", json!(numbers));
        }
    }
    let Some(dolby) = holding("dv_profile") else { return false };
    let vision = json!({
        "profile": dolby["dv_profile"],
        "level": dolby["dv_level"],
        "compatibility": dolby["dv_bl_signal_compatibility_id"],
    });
    fields.insert("dolby_vision", vision);
    true
}

/// What the container says, where it is not Matroska.
fn container_fields(stream: &Value, fields: &mut Fields, is_mp4: bool) {
    let tags = |name: &str| tag(stream, name);
    let disposition = |name: &str| json!(stream["disposition"][name] == 1);
    fields.insert("type", json!(kind(stream["codec_type"].as_str())));
    fields.insert("language", json!(tags("language").as_str().unwrap_or("und")));
    fields.insert("default", disposition("default"));
    fields.insert("forced", disposition("forced"));
    fields.insert("commentary", disposition("comment"));
    fields.insert("hearing_impaired", disposition("hearing_impaired"));
    fields.insert("visual_impaired", disposition("visual_impaired"));
    fields.insert("original", disposition("original"));
    if let Some(number) = stream["id"].as_str().and_then(|id| u64::from_str_radix(id.trim_start_matches("0x"), 16).ok())
    {
        fields.insert("number", json!(number));
    }
    if let (true, Some(letters)) = (is_mp4, stream["codec_tag_string"].as_str().filter(|text| !text.contains('['))) {
        fields.insert("codec_id", json!(letters));
    }
    if let Some(seconds) = decimal(&stream["duration"]).filter(|&seconds| seconds > 0.0) {
        fields.insert("duration_ns if known", json!(seconds * 1e9));
    }
    // The name of a handler is a title for some and nothing for others; it is compared when ffprobe knows a title.
    if tags("title").is_string() {
        fields.insert("title", tags("title"));
    }
    if stream["codec_type"] != "video" {
        return;
    }
    let rotation = list(&stream["side_data_list"]).iter().find_map(|data| data["rotation"].as_f64()).unwrap_or(0.0);
    fields.insert("rotation", json!((-rotation).rem_euclid(360.0).round() as i64 % 360));
    if let (Some(width), Some(height)) = (stream["width"].as_u64(), stream["height"].as_u64()) {
        let shape = stream["sample_aspect_ratio"].as_str().and_then(|text| text.split_once(':')).and_then(|(a, b)| {
            let (a, b): (f64, f64) = (a.parse().ok()?, b.parse().ok()?);
            (a > 0.0 && b > 0.0).then(|| a / b)
        });
        let width = (width as f64 * shape.unwrap_or(1.0)).round() as u64;
        fields.insert("display", json!(format!("{width}x{height}")));
    }
    if let Some(rate) = stream["avg_frame_rate"].as_str().and_then(ratio).filter(|&rate| rate > 0.0 && rate < 480.0) {
        fields.insert("frame_rate", json!(rate));
    }
}
