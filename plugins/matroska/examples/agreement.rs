//! Compares facts with what ffprobe and mkvmerge say of the same files, field by field.
//!
//! `agreement FOLDER…` looks at every Matroska file below the folders that has `NAME.ffprobe.json` and
//! `NAME.mkvmerge.json` beside it, prints agreement per field, and the disagreements of each. `--facts FILE` prints facts.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use serde_json::Value;
use vpo_plugin_sdk::facts::{ColourRange, DynamicRange, Facts, Track, TrackDetails};
use vpo_reading::{Counted, MediaFile};

/// Disagreements that are printed of each field.
const SHOWN: usize = 8;

#[derive(Default)]
struct Agreement {
    same: usize,
    differing: Vec<String>,
}

#[derive(Default)]
struct Report {
    fields: BTreeMap<String, Agreement>,
    file: String,
}

impl Report {
    /// Compares one field, where the other tool says something.
    fn compare(&mut self, field: &str, ours: Option<String>, theirs: Option<String>) {
        let Some(theirs) = theirs else { return };
        let agreement = self.fields.entry(field.to_owned()).or_default();
        match ours {
            Some(ours) if ours == theirs => agreement.same += 1,
            ours => agreement.differing.push(format!("{}: {:?}, theirs {theirs:?}", self.file, ours.as_deref())),
        }
    }

    fn print(&self) {
        for (field, agreement) in &self.fields {
            let all = agreement.same + agreement.differing.len();
            println!("{field:32} {:5} of {all:5}", agreement.same);
            agreement.differing.iter().take(SHOWN).for_each(|line| println!("    {line}"));
        }
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [flag, file] = arguments.as_slice() {
        if flag == "--facts" {
            let media = Counted::new(MediaFile::open(file).expect("the file can be opened"));
            println!("{:#?}", vpo_plugin_matroska::read(&media));
            println!("{} calls, {} bytes", media.calls(), media.bytes());
            return;
        }
    }
    let mut files: Vec<PathBuf> = Vec::new();
    arguments.iter().for_each(|folder| collect(Path::new(folder), &mut files));
    files.sort();
    let mut report = Report::default();
    let (mut both, mut costly) = (0, Vec::new());
    let (mut calls, mut bytes) = (Vec::new(), Vec::new());
    for path in &files {
        report.file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let (ffprobe, mkvmerge) = (json(path, "ffprobe"), json(path, "mkvmerge"));
        let media = Counted::new(MediaFile::open(path).expect("the file can be opened"));
        let read = vpo_plugin_matroska::read(&media);
        calls.push(media.calls());
        bytes.push(media.bytes());
        if media.calls() > 20 || media.bytes() > 64 << 10 {
            costly.push(format!("{}: {} calls, {} bytes", report.file, media.calls(), media.bytes()));
        }
        let is_accepted = !list(&ffprobe["streams"]).is_empty() || !list(&mkvmerge["tracks"]).is_empty();
        match (&read, is_accepted) {
            (Ok(facts), true) => {
                both += 1;
                if facts.partial.is_some() || !facts.warnings.is_empty() {
                    println!("noted {}: {:?} {:?}", report.file, facts.partial, facts.warnings);
                }
                compare_mkvmerge(&mut report, facts, &mkvmerge);
                compare_ffprobe(&mut report, facts, &ffprobe);
            }
            (Ok(_), false) => println!("only we read {}", report.file),
            (Err(failure), true) => println!("only they read {}: {failure:?}", report.file),
            (Err(failure), false) => println!("nobody reads {}: {failure:?}", report.file),
        }
    }
    report.print();
    println!("{} files, {both} read by us and by them", files.len());
    calls.sort_unstable();
    bytes.sort_unstable();
    println!("median {} calls, {} bytes", calls[calls.len() / 2], bytes[bytes.len() / 2]);
    costly.iter().for_each(|line| println!("costly {line}"));
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("the folder can be read").flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, files);
        } else if json_path(&path, "mkvmerge").exists() && begins_as_ebml(&path) {
            files.push(path);
        }
    }
}

fn begins_as_ebml(path: &Path) -> bool {
    let known = ["mkv", "webm", "mka", "mks", "mk3d"];
    let extension = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
    known.contains(&extension.as_str())
        || std::fs::read(path).is_ok_and(|bytes| bytes.starts_with(&[0x1A, 0x45, 0xDF, 0xA3]))
}

fn json_path(path: &Path, tool: &str) -> PathBuf {
    PathBuf::from(format!("{}.{tool}.json", path.display()))
}

fn json(path: &Path, tool: &str) -> Value {
    let text = std::fs::read_to_string(json_path(path, tool)).unwrap_or_default();
    serde_json::from_str(&text).unwrap_or(Value::Null)
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn said(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

fn yes(value: &Value) -> Option<String> {
    Some(value.as_bool().unwrap_or(false).to_string())
}

fn kind(track: &Track) -> &'static str {
    match track.details {
        TrackDetails::Video(_) => "video",
        TrackDetails::Audio(_) => "audio",
        TrackDetails::Subtitle(_) => "subtitles",
        TrackDetails::Other => "other",
    }
}

fn compare_mkvmerge(report: &mut Report, facts: &Facts, mkvmerge: &Value) {
    let tracks = list(&mkvmerge["tracks"]);
    if tracks.is_empty() {
        return;
    }
    let properties = &mkvmerge["container"]["properties"];
    let text = |text: &Option<String>| text.clone();
    report.compare("mkvmerge title", text(&facts.title), said(&properties["title"]));
    report.compare(
        "mkvmerge muxing application",
        text(&facts.muxing_application),
        said(&properties["muxing_application"]),
    );
    report.compare(
        "mkvmerge writing application",
        text(&facts.writing_application),
        said(&properties["writing_application"]),
    );
    report.compare("mkvmerge date", date(facts), said(&properties["date_utc"]));
    report.compare("mkvmerge duration", facts.duration_ns.map(|ns| ns.to_string()), said(&properties["duration"]));
    report.compare("mkvmerge track count", Some(facts.tracks.len().to_string()), Some(tracks.len().to_string()));
    let chapters: i64 = list(&mkvmerge["chapters"]).iter().filter_map(|edition| edition["num_entries"].as_i64()).sum();
    report.compare("mkvmerge chapter count", Some(facts.chapters.len().to_string()), Some(chapters.to_string()));
    let attachments: Vec<String> = list(&mkvmerge["attachments"])
        .iter()
        .map(|a| {
            format!(
                "{} {} {}",
                a["file_name"].as_str().unwrap_or(""),
                a["content_type"].as_str().unwrap_or(""),
                a["size"]
            )
        })
        .collect();
    let ours: Vec<String> =
        facts.attachments.iter().map(|a| format!("{} {} {}", a.name, a.media_type, a.size)).collect();
    report.compare("mkvmerge attachments", Some(ours.join(", ")), Some(attachments.join(", ")));
    for theirs in tracks {
        let id = theirs["id"].as_u64();
        let Some(track) = facts.tracks.iter().find(|track| track.addresses.mkvmerge.map(u64::from) == id) else {
            report.compare("mkvmerge track", None, said(&theirs["id"]));
            continue;
        };
        compare_mkvmerge_track(report, track, theirs);
    }
}

fn date(facts: &Facts) -> Option<String> {
    facts.extra.iter().find(|entry| entry.name == "date").map(|entry| match &entry.value {
        vpo_plugin_sdk::types::Value::Text(text) => text.clone(),
        other => format!("{other:?}"),
    })
}

fn compare_mkvmerge_track(report: &mut Report, track: &Track, theirs: &Value) {
    let p = &theirs["properties"];
    report.compare("mkvmerge type", Some(kind(track).to_owned()), said(&theirs["type"]));
    report.compare("mkvmerge codec id", Some(track.codec_id.clone()), said(&p["codec_id"]));
    report.compare("mkvmerge number", Some(track.number.to_string()), said(&p["number"]));
    report.compare("mkvmerge name", track.title.clone(), said(&p["track_name"]));
    let language = said(&p["language_ietf"]).filter(|ietf| ietf != "und").or(said(&p["language"]));
    report.compare("mkvmerge language", Some(track.language.tag.clone()), language);
    let flags = [
        ("default_track", track.flags.default),
        ("forced_track", track.flags.forced),
        ("enabled_track", track.flags.enabled),
        ("flag_hearing_impaired", track.flags.hearing_impaired),
        ("flag_visual_impaired", track.flags.visual_impaired),
        ("flag_text_descriptions", track.flags.text_descriptions),
        ("flag_original", track.flags.original),
        ("flag_commentary", track.flags.commentary),
    ];
    for (name, ours) in flags {
        report.compare(&format!("mkvmerge {name}"), Some(ours.to_string()), yes(&p[name]));
    }
    match &track.details {
        TrackDetails::Video(video) => {
            let size = format!("{}x{}", video.width, video.height);
            let display = format!("{}x{}", video.display_width, video.display_height);
            report.compare("mkvmerge size", Some(size), said(&p["pixel_dimensions"]));
            report.compare("mkvmerge display size", Some(display), said(&p["display_dimensions"]));
            let frame = video.frame_rate.map(|r| format!("{:.3}", f64::from(r.numerator) / f64::from(r.denominator)));
            let duration = p["default_duration"].as_f64().map(|ns| format!("{:.3}", 1e9 / ns));
            report.compare("mkvmerge frame rate", frame, duration);
            let code = |code: Option<u16>| code.map(|code| code.to_string());
            let known = |value: &Value| said(value).filter(|code| code != "2");
            report.compare("mkvmerge primaries", code(video.colour.primaries), known(&p["color_primaries"]));
            report.compare(
                "mkvmerge transfer",
                code(video.colour.transfer),
                known(&p["color_transfer_characteristics"]),
            );
            report.compare("mkvmerge matrix", code(video.colour.matrix), known(&p["color_matrix_coefficients"]));
            let light = video.colour.max_content_light.map(|light| light.to_string());
            report.compare("mkvmerge max content light", light, said(&p["max_content_light"]));
        }
        TrackDetails::Audio(audio) => {
            report.compare("mkvmerge channels", Some(audio.channels.to_string()), said(&p["audio_channels"]));
            let rate = audio.sample_rate.map(|rate| rate.to_string());
            report.compare("mkvmerge sample rate", rate, said(&p["audio_sampling_frequency"]));
        }
        _ => {}
    }
}

fn compare_ffprobe(report: &mut Report, facts: &Facts, ffprobe: &Value) {
    let streams: Vec<&Value> = list(&ffprobe["streams"])
        .iter()
        .filter(|s| s["disposition"]["attached_pic"] != 1 && s["codec_type"] != "attachment")
        .collect();
    if streams.is_empty() {
        return;
    }
    let tenths = |seconds: f64| format!("{:.2}", seconds);
    let ours = facts.duration_ns.map(|ns| tenths(ns as f64 / 1e9));
    let theirs = ffprobe["format"]["duration"].as_str().and_then(|text| text.parse().ok()).map(tenths);
    report.compare("ffprobe duration", ours, theirs);
    report.compare("ffprobe track count", Some(facts.tracks.len().to_string()), Some(streams.len().to_string()));
    if let Some(tags) = ffprobe["format"]["tags"].as_object() {
        for (name, value) in tags {
            let ours = facts.tags.iter().find(|tag| tag.track.is_none() && tag.name.eq_ignore_ascii_case(name));
            // What ffprobe makes tags of stands elsewhere in our facts.
            if !matches!(name.to_lowercase().as_str(), "title" | "encoder" | "creation_time") {
                report.compare("ffprobe file tags", ours.map(|tag| tag.value.clone()), said(value));
            }
        }
    }
    for theirs in streams {
        let index = theirs["index"].as_u64();
        let Some(track) = facts.tracks.iter().find(|track| track.addresses.ffmpeg.map(u64::from) == index) else {
            report.compare("ffprobe track", None, said(&theirs["index"]));
            continue;
        };
        compare_ffprobe_track(report, track, theirs);
        if let Some(tags) = theirs["tags"].as_object() {
            for (name, value) in tags {
                // ffprobe puts the language of a tag behind its name.
                let is_it = |own: &str| own.eq_ignore_ascii_case(name.trim_end_matches("-eng"));
                let ours = facts.tags.iter().find(|tag| tag.track == Some(track.id) && is_it(&tag.name));
                if !matches!(name.to_lowercase().as_str(), "title" | "language") {
                    report.compare("ffprobe track tags", ours.map(|tag| tag.value.clone()), said(value));
                }
            }
        }
    }
}

fn compare_ffprobe_track(report: &mut Report, track: &Track, theirs: &Value) {
    let kind = match kind(track) {
        "subtitles" => "subtitle",
        "other" => "data",
        kind => kind,
    };
    report.compare("ffprobe type", Some(kind.to_owned()), said(&theirs["codec_type"]));
    report.compare("ffprobe codec", Some(track.codec.clone()), said(&theirs["codec_name"]));
    report.compare("ffprobe profile", track.profile.clone(), said(&theirs["profile"]).filter(|name| name != "unknown"));
    let disposition = &theirs["disposition"];
    for (name, ours) in [
        ("default", track.flags.default),
        ("forced", track.flags.forced),
        ("hearing_impaired", track.flags.hearing_impaired),
        ("visual_impaired", track.flags.visual_impaired),
        ("comment", track.flags.commentary),
        ("original", track.flags.original),
    ] {
        report.compare(&format!("ffprobe {name}"), Some(u8::from(ours).to_string()), said(&disposition[name]));
    }
    match &track.details {
        TrackDetails::Video(video) => {
            let size = format!("{}x{}", video.width, video.height);
            report.compare("ffprobe size", Some(size), Some(format!("{}x{}", theirs["width"], theirs["height"])));
            let rate = video.frame_rate.map(|rate| format!("{}/{}", rate.numerator, rate.denominator));
            report.compare("ffprobe frame rate", rate, said(&theirs["avg_frame_rate"]).filter(|r| r != "0/0"));
            let depth = video.bit_depth.map(|depth| depth.to_string());
            report.compare("ffprobe bit depth", depth, said(&theirs["bits_per_raw_sample"]));
            let order = video.interlaced.map(|i| if i { "interlaced" } else { "progressive" }.to_owned());
            let theirs_order = said(&theirs["field_order"]).filter(|order| order != "unknown");
            let theirs_order = theirs_order.map(|o| if o == "progressive" { o } else { "interlaced".to_owned() });
            report.compare("ffprobe interlacing", order, theirs_order);
            let range = video.colour.range.map(|range| match range {
                ColourRange::Limited => "tv".to_owned(),
                ColourRange::Full => "pc".to_owned(),
            });
            report.compare("ffprobe range", range, said(&theirs["color_range"]));
            let named = |table: &[(u16, &str)], code: Option<u16>| {
                code.map(|code| {
                    table.iter().find(|(c, _)| *c == code).map_or(code.to_string(), |(_, n)| (*n).to_owned())
                })
            };
            let primaries = named(
                &[(1, "bt709"), (4, "bt470m"), (5, "bt470bg"), (6, "smpte170m"), (7, "smpte240m"), (9, "bt2020")],
                video.colour.primaries,
            );
            report.compare("ffprobe primaries", primaries, said(&theirs["color_primaries"]));
            let transfer = named(
                &[
                    (1, "bt709"),
                    (4, "bt470m"),
                    (5, "bt470bg"),
                    (6, "smpte170m"),
                    (13, "iec61966-2-1"),
                    (14, "bt2020-10"),
                    (16, "smpte2084"),
                    (18, "arib-std-b67"),
                ],
                video.colour.transfer,
            );
            report.compare("ffprobe transfer", transfer, said(&theirs["color_transfer"]));
            let matrix = named(
                &[(0, "gbr"), (1, "bt709"), (5, "bt470bg"), (6, "smpte170m"), (9, "bt2020nc")],
                video.colour.matrix,
            );
            report.compare("ffprobe matrix", matrix, said(&theirs["color_space"]));
            let dovi = list(&theirs["side_data_list"]).iter().find(|data| !data["dv_profile"].is_null());
            let ours = match video.dynamic_range {
                DynamicRange::DolbyVision(dovi) => {
                    Some(format!("{} {} {}", dovi.profile, dovi.level, dovi.compatibility))
                }
                _ => None,
            };
            let theirs_dovi =
                dovi.map(|d| format!("{} {} {}", d["dv_profile"], d["dv_level"], d["dv_bl_signal_compatibility_id"]));
            report.compare("ffprobe dolby vision", ours, theirs_dovi);
            let level = said(&theirs["level"]).filter(|level| level != "-99");
            report.compare("ffprobe level", track.level.clone(), level);
        }
        TrackDetails::Audio(audio) => {
            report.compare("ffprobe channels", Some(audio.channels.to_string()), said(&theirs["channels"]));
            report.compare("ffprobe layout", audio.layout.clone(), said(&theirs["channel_layout"]));
            let rate = audio.sample_rate.map(|rate| rate.to_string());
            report.compare("ffprobe sample rate", rate, said(&theirs["sample_rate"]));
            let depth = audio.bit_depth.map(|depth| depth.to_string());
            report.compare("ffprobe sound bit depth", depth, said(&theirs["bits_per_raw_sample"]));
        }
        _ => {}
    }
}
