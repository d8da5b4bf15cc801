//! `mkvmerge -J`: what the elements of the file say.

use std::{path::Path, process::Command};

use serde_json::Value;
use vpo_plugin_sdk::{
    facts::{Audio, Facts, Track, TrackDetails, Video},
    types,
};

use super::{Report, kind, list, said, shown};

pub fn ask(path: &Path) -> Value {
    super::recorded_or_asked(path, "mkvmerge", Command::new("mkvmerge").arg("-J"))
}

pub fn compare(report: &mut Report, facts: &Facts, mkvmerge: &Value) {
    let tracks = list(&mkvmerge["tracks"]);
    if tracks.is_empty() {
        return;
    }
    let p = &mkvmerge["container"]["properties"];
    report.compare("mkvmerge title", facts.title.clone(), said(&p["title"]));
    // mkvmerge says nothing with an empty text.
    let written = |value: &Value| said(value).filter(|text| !text.is_empty());
    report.compare("mkvmerge muxing application", facts.muxing_application.clone(), written(&p["muxing_application"]));
    report.compare(
        "mkvmerge writing application",
        facts.writing_application.clone(),
        written(&p["writing_application"]),
    );
    report.compare("mkvmerge date", date(facts), said(&p["date_utc"]));
    report.compare("mkvmerge duration", shown(facts.duration_ns), said(&p["duration"]));
    report.compare("mkvmerge track count", shown(Some(facts.tracks.len())), shown(Some(tracks.len())));
    let chapters: i64 = list(&mkvmerge["chapters"]).iter().filter_map(|edition| edition["num_entries"].as_i64()).sum();
    report.compare("mkvmerge chapter count", shown(Some(facts.chapters.len())), shown(Some(chapters)));
    let theirs = list(&mkvmerge["attachments"]).iter().map(|attachment| {
        let text = |name: &str| attachment[name].as_str().unwrap_or_default().to_owned();
        format!("{} {} {}", text("file_name"), text("content_type"), attachment["size"])
    });
    let ours = facts.attachments.iter().map(|a| format!("{} {} {}", a.name, a.media_type, a.size));
    let joined = |texts: Vec<String>| Some(texts.join(", "));
    report.compare("mkvmerge attachments", joined(ours.collect()), joined(theirs.collect()));
    for theirs in tracks {
        let id = theirs["id"].as_u64();
        match facts.tracks.iter().find(|track| track.addresses.mkvmerge.map(u64::from) == id) {
            Some(track) => compare_track(report, track, theirs),
            None => report.compare("mkvmerge track", None, said(&theirs["id"])),
        }
    }
}

fn date(facts: &Facts) -> Option<String> {
    facts.extra.iter().find(|entry| entry.name == "date").map(|entry| match &entry.value {
        types::Value::Text(text) => text.clone(),
        other => format!("{other:?}"),
    })
}

fn compare_track(report: &mut Report, track: &Track, theirs: &Value) {
    let p = &theirs["properties"];
    let theirs_kind = said(&theirs["type"]).map(|kind| if kind == "subtitles" { "subtitle".to_owned() } else { kind });
    report.compare("mkvmerge type", Some(kind(track).to_owned()), theirs_kind);
    report.compare("mkvmerge codec id", Some(track.codec_id.clone()), said(&p["codec_id"]));
    report.compare("mkvmerge number", shown(Some(track.number)), said(&p["number"]));
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
        // Only the flags that stand in the file are listed.
        let theirs = p[name].as_bool().unwrap_or(false);
        report.compare(&format!("mkvmerge {name}"), shown(Some(ours)), shown(Some(theirs)));
    }
    match &track.details {
        TrackDetails::Video(video) => compare_video(report, video, p),
        TrackDetails::Audio(audio) => compare_audio(report, audio, p),
        _ => {}
    }
}

fn compare_video(report: &mut Report, video: &Video, p: &Value) {
    let size = format!("{}x{}", video.width, video.height);
    let display = format!("{}x{}", video.display_width, video.display_height);
    report.compare("mkvmerge size", Some(size), said(&p["pixel_dimensions"]));
    // The unit 3 is a ratio, which facts turn into pixels.
    let is_pixels = p["display_unit"].as_u64().unwrap_or(0) == 0;
    report.compare("mkvmerge display size", Some(display), said(&p["display_dimensions"]).filter(|_| is_pixels));
    let rate = video.frame_rate.map(|rate| f64::from(rate.numerator) / f64::from(rate.denominator));
    let theirs = p["default_duration"].as_f64().map(|ns| 1e9 / ns);
    let rounded = |rate: f64| format!("{rate:.3}");
    report.compare("mkvmerge frame rate", rate.map(rounded), theirs.map(rounded));
    // Two means that nothing is specified.
    let known = |value: &Value| said(value).filter(|code| code != "2");
    let colour = &video.colour;
    report.compare("mkvmerge primaries", shown(colour.primaries), known(&p["color_primaries"]));
    report.compare("mkvmerge transfer", shown(colour.transfer), known(&p["color_transfer_characteristics"]));
    report.compare("mkvmerge matrix", shown(colour.matrix), known(&p["color_matrix_coefficients"]));
    report.compare("mkvmerge max content light", shown(colour.max_content_light), said(&p["max_content_light"]));
    report.compare("mkvmerge max frame light", shown(colour.max_frame_light), said(&p["max_frame_light"]));
    let luminance = colour.mastering.map(|mastering| format!("{:.2}", mastering.luminance_max));
    let theirs = p["max_luminance"].as_f64().map(|luminance| format!("{luminance:.2}"));
    report.compare("mkvmerge max luminance", luminance, theirs);
}

fn compare_audio(report: &mut Report, audio: &Audio, p: &Value) {
    report.compare("mkvmerge channels", shown(Some(audio.channels)), said(&p["audio_channels"]));
    report.compare("mkvmerge sample rate", shown(audio.sample_rate), said(&p["audio_sampling_frequency"]));
}
