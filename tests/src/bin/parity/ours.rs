//! What vpo says. This is the only place that knows where facts come from, and how they are written.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::said::{Fields, Said, Tag, list, put, ratio};

/// Files that one process is asked about.
const AT_ONCE: usize = 40;

/// Asks vpo about each file, in order, and hands over its answer: facts, or an `error`.
pub fn each(vpo: &Path, files: &[PathBuf], mut take: impl FnMut(&Path, &Value)) -> Result<(), String> {
    // A home of its own, so that no settings of whoever runs this have a say.
    let home = tempfile::tempdir().map_err(|error| error.to_string())?;
    for some in files.chunks(AT_ONCE) {
        let output = Command::new(vpo)
            .args(["inspect", "--json", "--home"])
            .arg(home.path())
            .args(some)
            .output()
            .map_err(|error| format!("could not run {}: {error}", vpo.display()))?;
        let answer: Value = serde_json::from_slice(&output.stdout)
            .map_err(|error| format!("vpo gave no JSON ({error}): {}", String::from_utf8_lossy(&output.stderr)))?;
        let answers = match answer {
            Value::Array(answers) => answers,
            only => vec![only],
        };
        if answers.len() != some.len() {
            return Err(format!("vpo gave {} answers for {} files", answers.len(), some.len()));
        }
        for (file, answer) in some.iter().zip(&answers) {
            take(file, answer);
        }
    }
    Ok(())
}

/// Facts as they are compared.
pub fn said(facts: &Value) -> Said {
    let mut file = Fields::new();
    for name in ["container", "title", "duration_ns", "muxing_application", "writing_application"] {
        file.insert(name, facts[name].clone());
    }
    for name in ["chapters", "attachments", "tracks"] {
        file.insert(name, json!(list(&facts[name]).len()));
    }
    Said {
        file,
        tracks: list(&facts["tracks"]).iter().map(track).collect(),
        chapters: Some(list(&facts["chapters"]).iter().map(chapter).collect()),
        attachments: Some(list(&facts["attachments"]).iter().map(attachment).collect()),
        tags: list(&facts["tags"]).iter().filter_map(tag).collect(),
    }
}

fn track(track: &Value) -> Fields {
    const AS_THEY_ARE: [&str; 32] = [
        "type",
        "number",
        "codec",
        "codec_id",
        "profile",
        "level",
        "language",
        "title",
        "default",
        "forced",
        "enabled",
        "original",
        "commentary",
        "hearing_impaired",
        "visual_impaired",
        "bit_rate",
        "width",
        "height",
        "rotation",
        "interlaced",
        "bit_depth",
        "dynamic_range",
        "dolby_vision",
        "colour_primaries",
        "colour_transfer",
        "colour_matrix",
        "colour_range",
        "max_content_light",
        "max_frame_light",
        "channels",
        "layout",
        "sample_rate",
    ];
    let mut fields: Fields = AS_THEY_ARE.into_iter().map(|name| (name, track[name].clone())).collect();
    for (name, tool) in
        [("address mkvmerge", "mkvmerge"), ("address mkvpropedit", "mkvpropedit"), ("address ffmpeg", "ffmpeg")]
    {
        fields.insert(name, track["addresses"][tool].clone());
    }
    fields.insert("frame_rate", track["frame_rate"].as_str().and_then(ratio).map_or(Value::Null, |rate| json!(rate)));
    let side = |name: &str| track[name].as_u64().unwrap_or(0);
    fields.insert("display", json!(format!("{}x{}", side("display_width"), side("display_height"))));
    // What facts have only where the file states it.
    put(&mut fields, "duration_ns if known", &track["duration_ns"]);
    put(&mut fields, "bit_rate if known", &track["bit_rate"]);
    if track["mastering"].is_object() {
        let display = &track["mastering"];
        let points = ["red", "green", "blue", "white"].map(|point| list(&display[point]).to_vec()).concat();
        let luminance = [display["luminance_min"].clone(), display["luminance_max"].clone()];
        fields.insert("mastering", Value::Array(points.into_iter().chain(luminance).collect()));
    }
    fields
}

fn chapter(chapter: &Value) -> Fields {
    Fields::from([
        ("start", chapter["start_ns"].clone()),
        ("end", chapter["end_ns"].clone()),
        ("title", chapter["title"].clone()),
        ("depth", chapter["depth"].clone()),
    ])
}

fn attachment(attachment: &Value) -> Fields {
    ["name", "media_type", "description", "size", "is_cover"]
        .into_iter()
        .map(|name| (name, attachment[name].clone()))
        .collect()
}

fn tag(tag: &Value) -> Option<Tag> {
    let track = tag["track"].as_u64().and_then(|track| usize::try_from(track).ok());
    Some(Tag { track, name: tag["name"].as_str()?.to_owned(), value: tag["value"].as_str()?.to_owned() })
}
