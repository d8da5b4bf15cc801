//! What is in a file: the facts that vpo reads must be those that ffprobe and mkvmerge read.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use vpo_tests::{Home, Recipe, film, snapshot, varied};

/// Files that are not a healthy Matroska or WebM file, by the number in their name.
const BROKEN: [&str; 11] = ["21", "22", "42", "43", "45", "46", "47", "48", "49", "50", "57"];

fn matroska_files() -> Vec<PathBuf> {
    let folder = varied();
    vpo_tests::names(&folder)
        .into_iter()
        .filter(|name| [".mkv", ".webm"].iter().any(|extension| name.ends_with(extension)))
        .filter(|name| !BROKEN.contains(&&name[..2]))
        .map(|name| folder.join(name))
        .collect()
}

fn answer_of(tool: &str, arguments: &[&str], file: &Path) -> Value {
    let output = Command::new(tool).args(arguments).arg(file).output().expect("the tool is installed");
    serde_json::from_slice(&output.stdout).unwrap_or_else(|cause| panic!("{tool} on {}: {cause}", file.display()))
}

/// Compares what two readers say and collects where they differ.
struct Comparison<'a> {
    file: &'a Path,
    differences: Vec<String>,
}

impl Comparison<'_> {
    fn same(&mut self, what: &str, ours: &Value, theirs: &Value) {
        if ours != theirs {
            let name = self.file.file_name().unwrap().to_string_lossy();
            self.differences.push(format!("{name}: {what} is {ours}, and {theirs} elsewhere"));
        }
    }

    fn near(&mut self, what: &str, ours: Option<f64>, theirs: Option<f64>, within: f64) {
        let near = match (ours, theirs) {
            (Some(ours), Some(theirs)) => (ours - theirs).abs() <= within * theirs.abs(),
            (ours, theirs) => ours.is_none() == theirs.is_none(),
        };
        if !near {
            let name = self.file.file_name().unwrap().to_string_lossy();
            self.differences.push(format!("{name}: {what} is {ours:?}, and {theirs:?} elsewhere"));
        }
    }
}

fn fraction(value: &Value) -> Option<f64> {
    let (numerator, denominator) = value.as_str()?.split_once('/')?;
    let (numerator, denominator): (f64, f64) = (numerator.parse().ok()?, denominator.parse().ok()?);
    (numerator > 0.0).then(|| numerator / denominator)
}

/// Runs vpo once over all files and returns its answer for each.
fn inspected(files: &[PathBuf]) -> Vec<Value> {
    let home = Home::new();
    let arguments = ["inspect", "--json"].map(Into::into).into_iter().chain(files.iter().cloned());
    let outcome = home.vpo(arguments.collect::<Vec<PathBuf>>());
    let answers = outcome.json().as_array().expect("several files give a list").clone();
    assert_eq!(answers.len(), files.len());
    answers
}

#[test]
fn case_33_matroska_facts_equal_those_of_mkvmerge() {
    let files = matroska_files();
    assert!(files.len() > 30);
    let mut differences = Vec::new();
    for (file, ours) in files.iter().zip(inspected(&files)) {
        let theirs = answer_of("mkvmerge", &["-J"], file);
        let mut compare = Comparison { file, differences: vec![] };
        compare.same("title", &ours["title"], &as_read(&theirs["container"]["properties"]["title"], &ours["title"]));
        let (our_tracks, their_tracks) = (&ours["tracks"], &theirs["tracks"]);
        compare.same(
            "number of tracks",
            &our_tracks.as_array().map_or(0, Vec::len).into(),
            &their_tracks.as_array().unwrap().len().into(),
        );
        for (index, theirs) in their_tracks.as_array().unwrap().iter().enumerate() {
            let (ours, properties) = (&our_tracks[index], &theirs["properties"]);
            let is = |what: &str| format!("{what} of track {index}");
            let kind = if theirs["type"] == "subtitles" { "subtitle".into() } else { theirs["type"].clone() };
            compare.same(&is("type"), &ours["type"], &kind);
            compare.same(&is("codec id"), &ours["codec_id"], &properties["codec_id"]);
            compare.same(&is("title"), &ours["title"], &as_read(&properties["track_name"], &ours["title"]));
            for (our_flag, their_flag) in [
                ("default", "default_track"),
                ("forced", "forced_track"),
                ("enabled", "enabled_track"),
                ("hearing_impaired", "flag_hearing_impaired"),
                ("visual_impaired", "flag_visual_impaired"),
                ("original", "flag_original"),
                ("commentary", "flag_commentary"),
            ] {
                let theirs = properties[their_flag].as_bool().unwrap_or(false);
                compare.same(&is(our_flag), &ours[our_flag], &theirs.into());
            }
            if kind == "video" {
                let size = format!("{}x{}", ours["width"], ours["height"]);
                compare.same(&is("size"), &size.into(), &properties["pixel_dimensions"]);
            }
            if kind == "audio" {
                compare.same(&is("channels"), &ours["channels"], &properties["audio_channels"]);
            }
            if let Some(tag) = properties["language_ietf"].as_str() {
                // Both forms name the same language; ours is the canonical one.
                let canonical = match tag {
                    "cmn-Hant" => "zh-Hant",
                    other => other,
                };
                compare.same(&is("language"), &ours["language"], &canonical.into());
            }
        }
        compare.same(
            "number of attachments",
            &ours["attachments"].as_array().map_or(0, Vec::len).into(),
            &theirs["attachments"].as_array().unwrap().len().into(),
        );
        differences.extend(compare.differences);
    }

    assert_eq!(differences, Vec::<String>::new());
}

/// A text as far as it is read: of endless ones, facts have the beginning only.
fn as_read(theirs: &Value, ours: &Value) -> Value {
    match (theirs.as_str(), ours.as_str()) {
        (Some(whole), Some(begun)) if begun.len() > 10_000 && whole.starts_with(begun) => begun.into(),
        _ => theirs.clone(),
    }
}

#[test]
fn case_33_matroska_facts_equal_those_of_ffprobe() {
    let files = matroska_files();
    let mut differences = Vec::new();
    for (file, ours) in files.iter().zip(inspected(&files)) {
        let theirs = answer_of("ffprobe", &["-v", "error", "-show_streams", "-show_format", "-of", "json"], file);
        let mut compare = Comparison { file, differences: vec![] };
        let nanoseconds = ours["duration_ns"].as_f64().map(|duration| duration / 1e9);
        let seconds = theirs["format"]["duration"].as_str().and_then(|text| text.parse().ok());
        // What a live recording does not say, vpo measures and ffprobe leaves open.
        if seconds.is_some() {
            compare.near("duration", nanoseconds, seconds, 0.001);
        }
        let streams = theirs["streams"].as_array().unwrap();
        let streams: Vec<_> = streams
            .iter()
            .filter(|stream| stream["codec_type"] != "attachment" && stream["disposition"]["attached_pic"] != 1)
            .collect();
        for (index, theirs) in streams.into_iter().enumerate() {
            let ours = &ours["tracks"][index];
            let is = |what: &str| format!("{what} of track {index}");
            // ffmpeg 5 knows no WebVTT in Matroska.
            if !theirs["codec_name"].is_null() {
                compare.same(&is("codec"), &ours["codec"], &theirs["codec_name"]);
            }
            compare.same(&is("address for ffmpeg"), &ours["addresses"]["ffmpeg"], &theirs["index"]);
            for word in ["default", "forced"] {
                compare.same(&is(word), &ours[word], &(theirs["disposition"][word] == 1).into());
            }
            match theirs["codec_type"].as_str().unwrap() {
                "video" => {
                    compare.same(&is("width"), &ours["width"], &theirs["width"]);
                    compare.same(&is("height"), &ours["height"], &theirs["height"]);
                    if fraction(&ours["frame_rate"]).is_some() {
                        let theirs = fraction(&theirs["r_frame_rate"]);
                        compare.near(&is("frame rate"), fraction(&ours["frame_rate"]), theirs, 0.001);
                    }
                }
                "audio" => {
                    compare.same(&is("channels"), &ours["channels"], &theirs["channels"]);
                    let rate = theirs["sample_rate"].as_str().and_then(|text| text.parse::<u32>().ok());
                    compare.same(&is("sample rate"), &ours["sample_rate"], &rate.into());
                }
                _ => {}
            }
        }
        differences.extend(compare.differences);
    }

    assert_eq!(differences, Vec::<String>::new());
}

#[test]
fn case_33_a_film_is_shown_as_a_table() {
    let home = Home::new();
    home.put("Heat.mkv", &film("heat"));

    snapshot!(home.vpo(["inspect", "[films]/Heat.mkv"]));
    snapshot!("json", home.vpo(["inspect", "--json", "[films]/Heat.mkv"]));
}

#[test]
fn case_33_every_container_has_a_reader() {
    let home = Home::new();
    let recipe = Recipe::new("heat");
    for (extension, container, reader) in
        [("mp4", "mp4", "isobmff"), ("mov", "mov", "isobmff"), ("ts", "mpegts", "mpegts")]
    {
        let name = format!("Heat.{extension}");
        home.put(&name, &recipe.remuxed(extension));

        let answer = home.vpo(["inspect", "--json", &format!("[films]/{name}")]).exits(0).json();

        assert_eq!(answer["container"], container);
        assert!(answer["reader"].as_str().unwrap().starts_with(reader), "{name} was read by {}", answer["reader"]);
        let codecs: Vec<_> = answer["tracks"].as_array().unwrap().iter().map(|track| track["codec"].clone()).collect();
        assert_eq!(codecs, ["h264", "aac", "aac"], "{name}");
    }
}

#[test]
fn case_34_every_way_to_write_a_language_has_one_normal_form() {
    let file = varied().join("19_lang_legacy_vs_bcp47.mkv");
    let answer = Home::new().vpo(["inspect".as_ref(), "--json".as_ref(), file.as_os_str()]).exits(0).json();

    let tags: Vec<_> = answer["tracks"].as_array().unwrap().iter().map(|track| track["language"].clone()).collect();

    assert_eq!(tags[1..5], ["de", "de", "de", "de-AT"]);
    assert_eq!(tags[5..7], ["zh-Hans", "pt-BR"]);
}

#[test]
fn case_34_a_nonsense_language_is_undetermined_and_kept() {
    let home = Home::new();
    let heat = home.put("Heat.mkv", &film("heat"));
    let mut bytes = fs::read(&heat).unwrap();
    // LanguageBCP47 and Language of the Japanese track.
    for (known, nonsense) in [(b"\x22\xb5\x9d\x82ja".as_slice(), b"?!".as_slice()), (b"\x22\xb5\x9c\x83jpn", b"???")] {
        let at = bytes.windows(known.len()).position(|window| window == known).unwrap() + 4;
        bytes[at..at + nonsense.len()].copy_from_slice(nonsense);
    }
    fs::write(&heat, bytes).unwrap();

    let answer = home.vpo(["inspect", "--json", "[films]/Heat.mkv"]).exits(0).json();

    assert_eq!(answer["tracks"][2]["language"], "und");
    assert_eq!(answer["tracks"][2]["language_original"], "???");
}

#[test]
fn case_35_cover_art_is_an_attachment_and_high_dynamic_range_is_told() {
    let read = |name: &str| {
        Home::new().vpo(["inspect".as_ref(), "--json".as_ref(), varied().join(name).as_os_str()]).exits(0).json()
    };

    let with_cover = read("07_attachments.mkv");
    assert_eq!(with_cover["tracks"].as_array().unwrap().len(), 1);
    assert_eq!(with_cover["attachments"][0]["is_cover"], true);
    assert_eq!(with_cover["attachments"][1]["is_cover"], false);
    let cover_in_mp4 = read("30_cover.m4v");
    assert_eq!(cover_in_mp4["tracks"].as_array().unwrap().len(), 1);
    assert_eq!(cover_in_mp4["attachments"][0]["is_cover"], true);
    for (name, range) in [
        ("01_multi_audio.mkv", "sdr"),
        ("10_hdr10_hevc.mp4", "hdr10"),
        ("11_hdr10_hevc_ffmpeg.mkv", "hdr10"),
        ("12_hdr10_container_only.mkv", "hdr10"),
        ("13_hlg_hevc.mkv", "hlg"),
    ] {
        assert_eq!(read(name)["tracks"][0]["dynamic_range"], range, "{name}");
    }
}

#[test]
fn case_36_no_file_costs_more_than_the_read_budget() {
    let mut files: Vec<_> = fs::read_dir(varied()).unwrap().map(|entry| entry.unwrap().path()).collect();
    // Read by ffprobe, which reads what it reads.
    files.retain(|file| !matches!(file.extension().and_then(|e| e.to_str()), Some("mpg" | "wmv" | "flv")));
    let must_be_read = ["36_pipe", "37_live", "38_sixty", "28_fragmented", "26_moov_at_end", "39_big_voids"];

    for (file, answer) in files.iter().zip(inspected(&files)) {
        let (reads, bytes) = (answer["cost"]["reads"].as_u64().unwrap(), answer["cost"]["bytes"].as_u64().unwrap());
        let name = file.file_name().unwrap().to_string_lossy();
        let must_be_read = must_be_read.iter().any(|begin| name.starts_with(begin));
        assert!(!must_be_read || answer["error"].is_null(), "{name}: {}", answer["error"]);
        assert!(reads <= 20 && bytes <= 64 << 10, "{}: {bytes} bytes in {reads} reads", file.display());
    }
}
