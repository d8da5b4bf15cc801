//! What each tool is trusted for.
//!
//! mkvmerge knows what the elements of Matroska say: order, languages, titles, flags. ffprobe knows everything else, and what
//! the headers of codecs say: coded size, channels, sample rate, colours. Neither is asked for what it is known to get wrong.

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// Named values of a file or of a track, as `vpo inspect --json` names them.
pub type Fields = BTreeMap<&'static str, Value>;

/// How the tracks of a tool are found among ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Match {
    /// One by one; another count is a disagreement.
    Order,
    /// By their number in the container.
    Number,
}

/// What one tool says of a file, as far as it is trusted.
#[derive(Debug)]
pub struct Claim {
    pub tool: &'static str,
    pub matching: Match,
    pub file: Fields,
    pub tracks: Vec<Fields>,
}

/// Returns what is to be believed; empty when neither tool finds a track.
pub fn claims(ffprobe: &Value, mkvmerge: &Value) -> Vec<Claim> {
    let streams = list(&ffprobe["streams"]);
    let is_matroska = mkvmerge["container"]["type"] == "Matroska" || format(ffprobe) == "matroska,webm";
    let mkvmerge_tracks = list(&mkvmerge["tracks"]);
    let mut claims = Vec::new();
    if is_matroska && !mkvmerge_tracks.is_empty() {
        claims.push(matroska(mkvmerge));
    } else if !streams.is_empty() && matches!(container(ffprobe), "mp4" | "mov" | "mpegts") {
        // mkvmerge knows nothing of the numbers by which QuickTime names languages.
        claims.push(numbered(mkvmerge, container(ffprobe) == "mp4"));
    }
    if !streams.is_empty() {
        let mut said = decoded(ffprobe, is_matroska && !mkvmerge_tracks.is_empty());
        // ffprobe takes the language 0 of any MP4 for English, which it is in QuickTime only.
        let settled: Vec<Value> = claims.iter().flat_map(|claim: &Claim| &claim.tracks).map(number).collect();
        let is_mp4 = container(ffprobe) == "mp4";
        let is_settled =
            |track: &Fields| settled.contains(&number(track)) || is_mp4 && track.get("language") == Some(&json!("eng"));
        for track in said.tracks.iter_mut().filter(|track| is_settled(track)) {
            track.remove("language");
        }
        claims.push(said);
    }
    claims
}

fn number(track: &Fields) -> Value {
    track.get("number").filter(|_| track.contains_key("language")).cloned().unwrap_or(json!("none"))
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn format(ffprobe: &Value) -> &str {
    ffprobe["format"]["format_name"].as_str().unwrap_or_default()
}

/// mkvmerge on Matroska.
fn matroska(mkvmerge: &Value) -> Claim {
    let container = &mkvmerge["container"]["properties"];
    let mut file = Fields::from([
        ("title", container["title"].clone()),
        ("attachments", json!(list(&mkvmerge["attachments"]).len())),
        ("tracks", json!(list(&mkvmerge["tracks"]).len())),
    ]);
    let chapters = list(&mkvmerge["chapters"]).iter().filter_map(|edition| edition["num_entries"].as_u64());
    file.insert("chapters", json!(chapters.sum::<u64>()));
    put(&mut file, "duration_ns", &container["duration"]);
    let tracks = list(&mkvmerge["tracks"]).iter().map(|track| {
        let properties = &track["properties"];
        let mut fields = Fields::from([
            ("type", json!(kind(track["type"].as_str()))),
            ("address mkvmerge", track["id"].clone()),
            ("title", properties["track_name"].clone()),
            ("language", json!(matroska_language(properties))),
            ("commentary", json!(is_set(&properties["flag_commentary"]))),
            ("hearing_impaired", json!(is_set(&properties["flag_hearing_impaired"]))),
            ("visual_impaired", json!(is_set(&properties["flag_visual_impaired"]))),
            ("original", json!(is_set(&properties["flag_original"]))),
        ]);
        for (ours, theirs) in [
            ("number", "number"),
            ("codec_id", "codec_id"),
            ("default", "default_track"),
            ("forced", "forced_track"),
            ("enabled", "enabled_track"),
        ] {
            put(&mut fields, ours, &properties[theirs]);
        }
        put(&mut fields, "display", &properties["display_dimensions"]);
        if let (Some(duration), "video") = (properties["default_duration"].as_f64(), kind(track["type"].as_str())) {
            fields.insert("frame_rate", json!(1e9 / duration));
        }
        fields
    });
    Claim { tool: "mkvmerge", matching: Match::Order, file, tracks: tracks.collect() }
}

/// The element of RFC 5646 outdoes the older one.
fn matroska_language(properties: &Value) -> &str {
    properties["language_ietf"].as_str().or(properties["language"].as_str()).unwrap_or("und")
}

fn is_set(flag: &Value) -> bool {
    flag.as_bool().unwrap_or(false)
}

/// mkvmerge on containers that number their tracks: how it counts them, and what language those of MP4 have.
fn numbered(mkvmerge: &Value, has_languages: bool) -> Claim {
    let tracks = list(&mkvmerge["tracks"]).iter().filter_map(|track| {
        let properties = &track["properties"];
        let number = [&properties["number"], &properties["stream_id"]].into_iter().find(|number| number.is_u64())?;
        let mut fields = Fields::from([("number", number.clone()), ("address mkvmerge", track["id"].clone())]);
        if has_languages {
            fields.insert("language", json!(properties["language"].as_str().unwrap_or("und")));
        }
        Some(fields)
    });
    Claim { tool: "mkvmerge", matching: Match::Number, file: Fields::new(), tracks: tracks.collect() }
}

/// ffprobe: what codecs say, and everything of containers that mkvmerge does not know.
fn decoded(ffprobe: &Value, mkvmerge_knows: bool) -> Claim {
    let streams = list(&ffprobe["streams"]);
    let (covers, streams): (Vec<&Value>, Vec<&Value>) = streams.iter().partition(|stream| is_attached(stream));
    // Tables of programmes are no track of a film; ffprobe makes a stream of them.
    let streams: Vec<&Value> = streams.into_iter().filter(|stream| stream["codec_name"] != "epg").collect();
    let mut file = Fields::from([("container", json!(container(ffprobe)))]);
    if !mkvmerge_knows {
        file.insert("title", tag(&ffprobe["format"], "title"));
        file.insert("tracks", json!(streams.len()));
        file.insert("attachments", json!(covers.len()));
        file.insert("chapters", json!(list(&ffprobe["chapters"]).len()));
        if let Some(seconds) = decimal(&ffprobe["format"]["duration"]) {
            file.insert("duration_ns", json!(seconds * 1e9));
        }
    }
    let is_mp4 = format(ffprobe).starts_with("mov,");
    let tracks = streams.into_iter().map(|stream| {
        let mut fields = codec_fields(stream);
        if !mkvmerge_knows {
            container_fields(stream, &mut fields, is_mp4);
        }
        fields
    });
    Claim { tool: "ffprobe", matching: Match::Order, file, tracks: tracks.collect() }
}

fn is_attached(stream: &Value) -> bool {
    stream["disposition"]["attached_pic"] == 1 || stream["codec_type"] == "attachment"
}

fn codec_fields(stream: &Value) -> Fields {
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
    if stream["codec_type"] == "video" {
        picture_fields(stream, &mut fields);
    }
    fields
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
    if let Some(depth) = stream["pix_fmt"].as_str().and_then(depth) {
        fields.insert("bit_depth", json!(depth));
    }
    let transfer = stream["color_transfer"].as_str().and_then(transfer);
    for (name, code) in [
        ("colour_primaries", stream["color_primaries"].as_str().and_then(primaries)),
        ("colour_transfer", transfer),
        ("colour_matrix", stream["color_space"].as_str().and_then(matrix)),
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
    let side_data = list(&stream["side_data_list"]);
    let find = |key: &str| side_data.iter().map(|data| &data[key]).find(|value| !value.is_null());
    if let Some(light) = find("max_content") {
        fields.insert("max_content_light", light.clone());
    }
    let is_dolby = find("dv_profile").is_some();
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

/// What ffprobe says of containers other than Matroska.
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
    if let Some(rate) = stream["avg_frame_rate"].as_str().and_then(ratio).filter(|&rate| rate < 480.0) {
        fields.insert("frame_rate", json!(rate));
    }
}

fn put(fields: &mut Fields, name: &'static str, value: &Value) {
    if !value.is_null() {
        fields.insert(name, value.clone());
    }
}

fn kind(name: Option<&str>) -> &'static str {
    match name {
        Some("video") => "video",
        Some("audio") => "audio",
        Some("subtitle" | "subtitles") => "subtitle",
        _ => "other",
    }
}

fn tag(place: &Value, name: &str) -> Value {
    let tags = place["tags"].as_object().into_iter().flatten();
    tags.filter(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.clone()).next().unwrap_or(Value::Null)
}

fn container(ffprobe: &Value) -> &str {
    match format(ffprobe) {
        "mov,mp4,m4a,3gp,3g2,mj2" => match ffprobe["format"]["tags"]["major_brand"].as_str() {
            Some("qt  ") | None => "mov",
            Some(_) => "mp4",
        },
        "matroska,webm" => "matroska",
        "mpeg" => "mpegps",
        other => other.split(',').next().unwrap_or(other),
    }
}

fn decimal(value: &Value) -> Option<f64> {
    value.as_str()?.parse().ok()
}

/// Reads `24000/1001`.
pub fn ratio(text: &str) -> Option<f64> {
    let (numerator, denominator) = text.split_once('/')?;
    let rate = numerator.parse::<f64>().ok()? / denominator.parse::<f64>().ok()?;
    (rate.is_finite() && rate > 0.0).then_some(rate)
}

fn depth(pixel_format: &str) -> Option<u64> {
    let digits: String =
        pixel_format.chars().skip_while(|letter| *letter != 'p').filter(char::is_ascii_digit).collect();
    match digits.parse() {
        Ok(depth @ 9..=16) => Some(depth),
        _ if pixel_format.starts_with("yuv") => Some(8),
        _ => None,
    }
}

fn primaries(name: &str) -> Option<u64> {
    Some(match name {
        "bt709" => 1,
        "bt470m" => 4,
        "bt470bg" => 5,
        "smpte170m" => 6,
        "smpte240m" => 7,
        "film" => 8,
        "bt2020" => 9,
        "smpte428" => 10,
        "smpte431" => 11,
        "smpte432" => 12,
        _ => return None,
    })
}

fn transfer(name: &str) -> Option<u64> {
    Some(match name {
        "bt709" => 1,
        "gamma22" | "bt470m" => 4,
        "gamma28" | "bt470bg" => 5,
        "smpte170m" => 6,
        "smpte240m" => 7,
        "linear" => 8,
        "iec61966-2-4" => 11,
        "iec61966-2-1" => 13,
        "bt2020-10" => 14,
        "bt2020-12" => 15,
        "smpte2084" => 16,
        "smpte428" => 17,
        "arib-std-b67" => 18,
        _ => return None,
    })
}

fn matrix(name: &str) -> Option<u64> {
    Some(match name {
        "gbr" => 0,
        "bt709" => 1,
        "fcc" => 4,
        "bt470bg" => 5,
        "smpte170m" => 6,
        "smpte240m" => 7,
        "ycgco" => 8,
        "bt2020nc" => 9,
        "bt2020c" => 10,
        "ictcp" => 14,
        _ => return None,
    })
}
