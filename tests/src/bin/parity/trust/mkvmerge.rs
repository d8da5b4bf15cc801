//! What `mkvmerge -J` is trusted for: everything that elements of Matroska say, and how it counts tracks elsewhere.

use serde_json::{Value, json};

use super::{Claim, Match, kind};
use crate::said::{Fields, Said, list, put};

/// mkvmerge on Matroska.
pub fn matroska(mkvmerge: &Value) -> Claim {
    let container = &mkvmerge["container"]["properties"];
    let mut file = Fields::from([
        ("title", container["title"].clone()),
        ("muxing_application", container["muxing_application"].clone()),
        ("writing_application", container["writing_application"].clone()),
        ("attachments", json!(list(&mkvmerge["attachments"]).len())),
        ("tracks", json!(list(&mkvmerge["tracks"]).len())),
    ]);
    let chapters = list(&mkvmerge["chapters"]).iter().filter_map(|edition| edition["num_entries"].as_u64());
    file.insert("chapters", json!(chapters.sum::<u64>()));
    put(&mut file, "duration_ns", &container["duration"]);
    let said = Said {
        file,
        tracks: list(&mkvmerge["tracks"]).iter().map(track).collect(),
        attachments: Some(list(&mkvmerge["attachments"]).iter().map(attachment).collect()),
        ..Said::default()
    };
    Claim { tool: "mkvmerge", matching: Match::Order, said }
}

fn track(track: &Value) -> Fields {
    let properties = &track["properties"];
    let kind = kind(track["type"].as_str());
    let mut fields = Fields::from([
        ("type", json!(kind)),
        ("address mkvmerge", track["id"].clone()),
        ("title", properties["track_name"].clone()),
        ("language", json!(language(properties))),
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
        ("display", "display_dimensions"),
    ] {
        put(&mut fields, ours, &properties[theirs]);
    }
    if let (Some(duration), "video") = (properties["default_duration"].as_f64(), kind) {
        fields.insert("frame_rate", json!(1e9 / duration));
    }
    fields
}

/// The element of RFC 5646 outdoes the older one.
fn language(properties: &Value) -> &str {
    properties["language_ietf"].as_str().or(properties["language"].as_str()).unwrap_or("und")
}

fn is_set(flag: &Value) -> bool {
    flag.as_bool().unwrap_or(false)
}

fn attachment(attachment: &Value) -> Fields {
    [("name", "file_name"), ("media_type", "content_type"), ("description", "description"), ("size", "size")]
        .into_iter()
        .map(|(ours, theirs)| (ours, attachment[theirs].clone()))
        .collect()
}

/// mkvmerge on containers that number their tracks: how it counts them, and what language those of MP4 have.
pub fn numbered(mkvmerge: &Value, has_languages: bool) -> Claim {
    let tracks = list(&mkvmerge["tracks"]).iter().filter_map(|track| {
        let properties = &track["properties"];
        let number = [&properties["number"], &properties["stream_id"]].into_iter().find(|number| number.is_u64())?;
        let mut fields = Fields::from([("number", number.clone()), ("address mkvmerge", track["id"].clone())]);
        if has_languages {
            fields.insert("language", json!(properties["language"].as_str().unwrap_or("und")));
        }
        Some(fields)
    });
    let said = Said { tracks: tracks.collect(), ..Said::default() };
    Claim { tool: "mkvmerge", matching: Match::Number, said }
}
