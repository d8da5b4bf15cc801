//! `ffprobe -show_format -show_streams`: what the decoders say.

use std::{path::Path, process::Command};

use serde_json::Value;
use vpo_plugin_sdk::facts::{Audio, ColourRange, DynamicRange, Facts, Track, TrackDetails, Video};

use super::{Report, kind, list, said, shown};

type Names = &'static [(u16, &'static str)];

const PRIMARIES: Names = &[
    (1, "bt709"),
    (4, "bt470m"),
    (5, "bt470bg"),
    (6, "smpte170m"),
    (7, "smpte240m"),
    (8, "film"),
    (9, "bt2020"),
    (12, "smpte432"),
];
const TRANSFERS: Names = &[
    (1, "bt709"),
    (4, "bt470m"),
    (5, "bt470bg"),
    (6, "smpte170m"),
    (7, "smpte240m"),
    (8, "linear"),
    (13, "iec61966-2-1"),
    (14, "bt2020-10"),
    (15, "bt2020-12"),
    (16, "smpte2084"),
    (18, "arib-std-b67"),
];
const MATRICES: Names =
    &[(0, "gbr"), (1, "bt709"), (5, "bt470bg"), (6, "smpte170m"), (7, "smpte240m"), (9, "bt2020nc"), (10, "bt2020c")];

pub fn ask(path: &Path) -> Value {
    let arguments = ["-v", "error", "-print_format", "json", "-show_format", "-show_streams", "-show_chapters"];
    super::recorded_or_asked(path, "ffprobe", Command::new("ffprobe").args(arguments))
}

pub fn compare(report: &mut Report, facts: &Facts, ffprobe: &Value) {
    // Pictures and fonts that are attached follow the tracks as streams of their own.
    let is_track = |s: &&Value| s["disposition"]["attached_pic"] != 1 && s["codec_type"] != "attachment";
    let streams: Vec<&Value> = list(&ffprobe["streams"]).iter().filter(is_track).collect();
    if streams.is_empty() {
        return;
    }
    let format = &ffprobe["format"];
    let rounded = |seconds: f64| format!("{seconds:.2}");
    let ours = facts.duration_ns.map(|ns| rounded(ns as f64 / 1e9));
    let theirs = format["duration"].as_str().and_then(|text| text.parse().ok()).map(rounded);
    report.compare("ffprobe duration", ours, theirs);
    report.compare("ffprobe track count", shown(Some(facts.tracks.len())), shown(Some(streams.len())));
    // What ffprobe makes tags of stands elsewhere in facts.
    compare_tags(report, "ffprobe file tags", facts, None, &format["tags"], &["title", "encoder", "creation_time"]);
    for theirs in streams {
        let index = theirs["index"].as_u64();
        let Some(track) = facts.tracks.iter().find(|track| track.addresses.ffmpeg.map(u64::from) == index) else {
            report.compare("ffprobe track", None, said(&theirs["index"]));
            continue;
        };
        compare_track(report, track, theirs);
        let elsewhere = ["title", "language", "enc_key_id", "stereo_mode", "alpha_mode"];
        compare_tags(report, "ffprobe track tags", facts, Some(track.id), &theirs["tags"], &elsewhere);
    }
}

/// ffprobe puts the language of a tag behind its name, and may overwrite one tag by another of its name.
fn compare_tags(report: &mut Report, field: &str, facts: &Facts, track: Option<u32>, tags: &Value, elsewhere: &[&str]) {
    for (name, value) in tags.as_object().into_iter().flatten() {
        if elsewhere.iter().any(|known| name.eq_ignore_ascii_case(known)) {
            continue;
        }
        let names = [Some(name.as_str()), name.rsplit_once('-').map(|(name, _)| name)];
        let mut ours = facts.tags.iter().filter(|tag| {
            tag.track == track && names.iter().flatten().any(|name| name.eq_ignore_ascii_case(&tag.name))
        });
        let same = ours.clone().find(|tag| Some(&tag.value) == said(value).as_ref());
        report.compare(field, same.or_else(|| ours.next()).map(|tag| tag.value.clone()), said(value));
    }
}

fn compare_track(report: &mut Report, track: &Track, theirs: &Value) {
    report.compare("ffprobe type", Some(kind(track).to_owned()), said(&theirs["codec_type"]));
    report.compare("ffprobe codec", Some(track.codec.clone()), said(&theirs["codec_name"]));
    report.compare("ffprobe profile", track.profile.clone(), said(&theirs["profile"]).filter(|name| name != "unknown"));
    let flags = [
        ("default", track.flags.default),
        ("forced", track.flags.forced),
        ("hearing_impaired", track.flags.hearing_impaired),
        ("visual_impaired", track.flags.visual_impaired),
        ("comment", track.flags.commentary),
        ("original", track.flags.original),
    ];
    for (name, ours) in flags {
        report.compare(&format!("ffprobe {name}"), shown(Some(u8::from(ours))), said(&theirs["disposition"][name]));
    }
    match &track.details {
        TrackDetails::Video(video) => {
            compare_video(report, video, theirs);
            compare_level(report, track, theirs);
        }
        TrackDetails::Audio(audio) => compare_audio(report, audio, theirs),
        _ => {}
    }
}

/// ffprobe prints the number in the header, of which each codec has its own reading.
fn compare_level(report: &mut Report, track: &Track, theirs: &Value) {
    let Some(level) = theirs["level"].as_i64().filter(|level| *level > 0) else { return };
    let tenths = |level: i64| format!("{}.{}", level / 10, level % 10);
    let theirs = match track.codec.as_str() {
        "h264" => tenths(level),
        "hevc" => tenths(level / 3),
        "av1" => format!("{}.{}", 2 + level / 4, level % 4),
        _ => return,
    };
    report.compare("ffprobe level", track.level.clone(), Some(theirs));
}

fn compare_video(report: &mut Report, video: &Video, theirs: &Value) {
    let size = format!("{}x{}", video.width, video.height);
    report.compare("ffprobe size", Some(size), Some(format!("{}x{}", theirs["width"], theirs["height"])));
    let rate = video.frame_rate.map(|rate| format!("{}/{}", rate.numerator, rate.denominator));
    report.compare("ffprobe frame rate", rate, said(&theirs["avg_frame_rate"]).filter(|rate| rate != "0/0"));
    report.compare("ffprobe bit depth", shown(video.bit_depth), said(&theirs["bits_per_raw_sample"]));
    let order = video.interlaced.map(|interlaced| if interlaced { "interlaced" } else { "progressive" });
    let theirs_order = said(&theirs["field_order"]).filter(|order| order != "unknown");
    let theirs_order = theirs_order.map(|order| if order == "progressive" { "progressive" } else { "interlaced" });
    report.compare("ffprobe interlacing", shown(order), shown(theirs_order));
    let colour = &video.colour;
    let range = colour.range.map(|range| if range == ColourRange::Full { "pc" } else { "tv" });
    report.compare("ffprobe range", shown(range), said(&theirs["color_range"]));
    report.compare("ffprobe primaries", name(PRIMARIES, colour.primaries), said(&theirs["color_primaries"]));
    report.compare("ffprobe transfer", name(TRANSFERS, colour.transfer), said(&theirs["color_transfer"]));
    report.compare("ffprobe matrix", name(MATRICES, colour.matrix), said(&theirs["color_space"]));
    let dolby = list(&theirs["side_data_list"]).iter().find(|data| !data["dv_profile"].is_null());
    let ours = match video.dynamic_range {
        DynamicRange::DolbyVision(dolby) => Some(format!("{} {} {}", dolby.profile, dolby.level, dolby.compatibility)),
        _ => None,
    };
    let theirs = dolby.map(|d| format!("{} {} {}", d["dv_profile"], d["dv_level"], d["dv_bl_signal_compatibility_id"]));
    report.compare("ffprobe dolby vision", ours, theirs);
}

fn name(names: Names, code: Option<u16>) -> Option<String> {
    let code = code?;
    names.iter().find(|(known, _)| *known == code).map(|(_, name)| (*name).to_owned()).or(Some(code.to_string()))
}

fn compare_audio(report: &mut Report, audio: &Audio, theirs: &Value) {
    report.compare("ffprobe channels", shown(Some(audio.channels)), said(&theirs["channels"]));
    report.compare("ffprobe layout", audio.layout.clone(), said(&theirs["channel_layout"]));
    report.compare("ffprobe sample rate", shown(audio.sample_rate), said(&theirs["sample_rate"]));
    report.compare("ffprobe sound bit depth", shown(audio.bit_depth), said(&theirs["bits_per_raw_sample"]));
}
