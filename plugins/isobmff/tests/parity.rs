//! Facts agree, field by field, with ffprobe on every healthy file; what may differ is listed with its reason.

mod corpus;

use std::collections::BTreeMap;

use corpus::{File, files};
use serde_json::Value;
use vpo_plugin_sdk::facts::{ColourRange, Facts, Track, TrackDetails};

#[derive(Default)]
struct Agreement {
    fields: BTreeMap<&'static str, (usize, usize)>,
    differences: Vec<String>,
}

impl Agreement {
    fn compare(&mut self, file: &File, field: &'static str, ours: String, theirs: String) {
        let counts = self.fields.entry(field).or_default();
        counts.1 += 1;
        if ours == theirs {
            counts.0 += 1;
        } else {
            self.differences.push(format!("{}: {field}: {ours} here, {theirs} there", file.name()));
        }
    }
}

/// Differences that last, by file and field, and why ours stays. An empty field is all of them.
const LASTING: &[(&str, &str, &str)] = &[
    ("0c8122c8-hlg10-color-test", "language", UNTOLD),
    ("10c0e5ad-sample_sef_super_slow_motion", "language", UNTOLD),
    ("5b906ffa-sample_with_chapters", "language", UNTOLD),
    ("5d262b01-sample_sef_slow_motion", "language", UNTOLD),
    ("1fffa03d-1967133", "language", UNTOLD),
    ("35b8704f-afconvert-aac-0.5s", "language", UNTOLD),
    ("5723edef-white", "language", UNTOLD),
    ("29_chapters", "language", UNTOLD),
    ("5b906ffa-sample_with_chapters", "chapters", "the list knows no ends: the last chapter lasts as long as the film"),
    ("5d262b01-sample_sef_slow_motion", "tags", "the same number, with fewer zeros"),
    ("1111f830-sample.text", "type", "TTML is a subtitle; this ffprobe does not know it"),
    ("593f491f-sample.text", "type", "WebVTT is a subtitle; this ffprobe does not know it in this container"),
    ("2c46abdf-sample_mp2_audio", "codec", "the frames are layer II; the descriptor says only MPEG audio"),
    (
        "4b84e779-sample_fragmented_uuid",
        "duration",
        "the only fragment lasts a second; ffprobe shows the largest number",
    ),
    ("4b84e779-sample_fragmented_uuid", "channels", "the configuration says one, the samples hold two"),
    ("4b84e779-sample_fragmented_uuid", "layout", "the configuration says one, the samples hold two"),
    ("1648424c-bipbop-no-edts", "frame rate", "the mean of all samples; ffprobe leaves some out"),
    ("251fe448-test_case_1519617", "duration", "the index covers fragments of which a track was removed"),
    ("251fe448-test_case_1519617", "mkvmerge ids", "mkvmerge drops a track without samples, which no header tells"),
    (
        "4b84e779-sample_fragmented_uuid",
        "track length",
        "the only fragment lasts a second; ffprobe shows the largest number",
    ),
    ("2d878ee0-wmf_mismatchedaudiotime", "track length", "ffprobe believes an overflown time"),
    ("27862534-0-timescale", "track length", "without a timescale the header of the track still says how long it is"),
    (
        "43697ac4-h264-starvation-init",
        "track length",
        "a beginning without its fragments; the header says how long they are",
    ),
    ("27862534-0-timescale", "frame rate", "without a timescale the codec's own rate remains"),
    ("5b61cd85-1414444", "frame rate", "no sample has a credible duration"),
    ("2afbc685-test_case_1296532", "duration", CUT),
    ("55f53f84-gizmo-frag", "duration", CUT),
    ("2afbc685-test_case_1296532", "channels", ENCRYPTED),
    ("55f53f84-gizmo-frag", "channels", ENCRYPTED),
    ("2d878ee0-wmf_mismatchedaudiotime", "duration", "ffprobe believes an overflown time"),
    ("370c26f0-test_case_1301065-harder", "duration", "thousands of years are no duration"),
    ("553d4178-test_case_1301065-u32max", "duration", "hundreds of years are no duration"),
    ("03e5b126-bbb_sunflower_QCIF", "title", "the title of 3GPP (titl), which ffprobe does not read"),
    ("337115e8-RGB_Circles", "encoder", "the software key of QuickTime, which ffprobe lists under its own name"),
    ("53_truncated_in_moov", "", "a moov that is cut is refused"),
];
const UNTOLD: &str = "a zero is English to QuickTime only; other writers leave it where they know nothing";
const CUT: &str = "the file was cut behind the fragments; the header still says how long the film is";
const ENCRYPTED: &str = "the samples are encrypted; the configuration says one, the sample entry nonsense";

#[test]
fn facts_agree_with_ffprobe() {
    let Some(files) = files() else { return };
    let mut agreement = Agreement::default();
    let mut compared = 0;

    for file in &files {
        let Some(theirs) = file.ffprobe() else { continue };
        if !theirs["format"]["format_name"].as_str().is_some_and(|name| name.starts_with("mov,")) {
            continue;
        }
        match file.read() {
            Ok(ours) => {
                compared += 1;
                compare_files(&mut agreement, file, &ours, &theirs);
                if let Some(mkvmerge) = file.mkvmerge() {
                    compare_addresses(&mut agreement, file, &ours, &mkvmerge);
                }
            }
            Err(failure) => agreement.differences.push(format!("{}: refused: {failure:?}", file.name())),
        }
    }

    for (field, (same, of)) in &agreement.fields {
        eprintln!("{field:>16} {same:>4} of {of:>4}");
    }
    let unexpected: Vec<_> = agreement
        .differences
        .iter()
        .filter(|line| {
            !LASTING.iter().any(|(file, field, why)| line.contains(file) && line.contains(field) && !why.is_empty())
        })
        .collect();
    unexpected.iter().for_each(|line| eprintln!("{line}"));
    assert!(compared > 150, "only {compared} files were compared");
    assert!(unexpected.is_empty(), "{} differences that nothing explains", unexpected.len());
}

fn compare_files(agreement: &mut Agreement, file: &File, ours: &Facts, theirs: &Value) {
    let no_streams = Vec::new();
    let streams = theirs["streams"].as_array().unwrap_or(&no_streams);
    let (covers, streams): (Vec<_>, Vec<_>) =
        streams.iter().partition(|stream| stream["disposition"]["attached_pic"] == 1);
    agreement.compare(file, "track count", ours.tracks.len().to_string(), streams.len().to_string());
    agreement.compare(file, "cover count", ours.attachments.len().to_string(), covers.len().to_string());
    let tags = &theirs["format"]["tags"];
    agreement.compare(file, "brand", shown(&ours.brand), text(&tags["major_brand"]));
    agreement.compare(file, "title", shown(&ours.title), text(&tags["title"]));
    agreement.compare(file, "encoder", shown(&ours.writing_application), text(&tags["encoder"]));
    let created = ours.tags.iter().find(|tag| tag.name == "creation_time").map(|tag| tag.value.clone());
    agreement.compare(file, "creation time", shown(&created), text(&tags["creation_time"]));
    let duration = theirs["format"]["duration"].as_str().and_then(|text| text.parse::<f64>().ok());
    if let Some(theirs) = duration {
        let ours = ours.duration_ns.map_or(0.0, |ns| ns as f64 / 1e9);
        let near = (ours - theirs).abs() <= 0.1_f64.max(theirs * 0.01);
        agreement.compare(file, "duration", if near { theirs } else { ours }.to_string(), theirs.to_string());
    }
    let chapters = theirs["chapters"].as_array().unwrap_or(&no_streams).iter().map(|chapter| {
        let seconds = |name: &str| text(&chapter[name]).parse::<f64>().unwrap_or(-1.0);
        format!("{:.2}-{:.2} {}", seconds("start_time"), seconds("end_time"), text(&chapter["tags"]["title"]))
    });
    let our_chapters = ours.chapters.iter().map(|chapter| {
        let seconds = |ns: u64| ns as f64 / 1e9;
        let (start, end) = (seconds(chapter.start_ns), chapter.end_ns.map_or(-1.0, seconds));
        format!("{start:.2}-{end:.2} {}", shown(&chapter.title))
    });
    agreement.compare(
        file,
        "chapters",
        our_chapters.collect::<Vec<_>>().join("|"),
        chapters.collect::<Vec<_>>().join("|"),
    );
    // What is a fact of its own here, or is told once for each language there.
    let apart =
        ["major_brand", "minor_version", "compatible_brands", "title", "encoder", "creation_time", "location-eng"];
    for (name, value_there) in
        tags.as_object().into_iter().flatten().filter(|(name, _)| !apart.contains(&name.as_str()))
    {
        let values = || ours.tags.iter().filter(|tag| tag.name == *name).map(|tag| tag.value.clone());
        let found = values().find(|value| *value == text(value_there)).or_else(|| values().next());
        agreement.compare(file, "tags", format!("{name}={}", shown(&found)), format!("{name}={}", text(value_there)));
    }
    for (track, stream) in ours.tracks.iter().zip(streams) {
        compare_tracks(agreement, file, track, stream);
    }
}

fn compare_tracks(agreement: &mut Agreement, file: &File, track: &Track, stream: &Value) {
    let kind = match &track.details {
        TrackDetails::Video(_) => "video",
        TrackDetails::Audio(_) => "audio",
        TrackDetails::Subtitle(_) => "subtitle",
        TrackDetails::Other => "data",
    };
    agreement.compare(file, "type", kind.into(), text(&stream["codec_type"]));
    agreement.compare(file, "ffmpeg index", track.addresses.ffmpeg.unwrap().to_string(), stream["index"].to_string());
    if !stream["codec_name"].is_null() {
        agreement.compare(file, "codec", track.codec.clone(), text(&stream["codec_name"]));
    }
    let language = track.language.original.clone().unwrap_or_else(|| "und".into());
    let theirs = stream["tags"]["language"].as_str().unwrap_or("und").to_owned();
    agreement.compare(file, "language", language, theirs);
    let flag = |name: &str| stream["disposition"][name] == 1;
    agreement.compare(file, "default", track.flags.default.to_string(), flag("default").to_string());
    agreement.compare(file, "forced", track.flags.forced.to_string(), flag("forced").to_string());
    agreement.compare(file, "commentary", track.flags.commentary.to_string(), flag("comment").to_string());
    let impaired = track.flags.hearing_impaired.to_string();
    agreement.compare(file, "hearing impaired", impaired, flag("hearing_impaired").to_string());
    if let Some(theirs) =
        stream["duration"].as_str().and_then(|text| text.parse::<f64>().ok()).filter(|&theirs| theirs < 1e6)
        && let Some(ours) = track.duration_ns.map(|ns| ns as f64 / 1e9)
    {
        let same = (ours - theirs).abs() <= 0.1_f64.max(theirs * 0.01);
        let shown = if same { theirs } else { ours };
        agreement.compare(file, "track length", shown.to_string(), theirs.to_string());
    }
    if let Some(letters) = stream["codec_tag_string"].as_str().filter(|letters| !letters.contains('[')) {
        agreement.compare(file, "codec id", track.codec_id.clone(), letters.to_owned());
    }
    match &track.details {
        TrackDetails::Video(video) => {
            // Without a decoded frame ffprobe shows what the sample entry says, or nothing.
            let decoded = !stream["pix_fmt"].is_null();
            if decoded {
                let size = format!("{}x{}", video.width, video.height);
                agreement.compare(file, "size", size, format!("{}x{}", stream["width"], stream["height"]));
                if track.codec != "mjpeg" && track.codec != "png" {
                    agreement.compare(file, "profile", shown(&track.profile), text(&stream["profile"]));
                }
                let aspect = shape(&text(&stream["display_aspect_ratio"]));
                if aspect > 0.0 {
                    let ours = f64::from(video.display_width) / f64::from(video.display_height);
                    let same = (ours / aspect - 1.0).abs() < 0.02;
                    agreement.compare(file, "aspect", if same { aspect } else { ours }.to_string(), aspect.to_string());
                }
                if let Some(range) = stream["color_range"].as_str() {
                    let name = |range| if range == ColourRange::Full { "pc" } else { "tv" };
                    agreement.compare(file, "range", video.colour.range.map_or("-", name).into(), range.into());
                }
                for (field, ours, theirs) in [
                    ("transfer", video.colour.transfer.map(transfer_name), &stream["color_transfer"]),
                    ("primaries", video.colour.primaries.map(primaries_name), &stream["color_primaries"]),
                    ("matrix", video.colour.matrix.map(matrix_name), &stream["color_space"]),
                ] {
                    if !theirs.is_null() {
                        agreement.compare(file, field, shown(&ours), text(theirs).replace("unknown", "-"));
                    }
                }
                if let Some(interlaced) = video.interlaced
                    && let Some(order) = stream["field_order"].as_str()
                {
                    agreement.compare(file, "interlaced", interlaced.to_string(), (order != "progressive").to_string());
                }
            }
            let rates = ["avg_frame_rate", "r_frame_rate"].map(|name| shape(&text(&stream[name]).replace('/', ":")));
            if rates[0] > 0.0 {
                let ours = video.frame_rate.map_or(0.0, |r| f64::from(r.numerator) / f64::from(r.denominator));
                let same = rates.iter().any(|rate| (ours / rate - 1.0).abs() < 0.002);
                let shown = if same { rates[0] } else { ours };
                agreement.compare(file, "frame rate", shown.to_string(), rates[0].to_string());
            }
            let rotations = stream["side_data_list"].as_array().into_iter().flatten();
            let theirs = rotations.filter_map(|data| data["rotation"].as_i64()).next().unwrap_or(0);
            agreement.compare(file, "rotation", video.rotation.to_string(), (-theirs).rem_euclid(360).to_string());
        }
        TrackDetails::Audio(audio) => {
            if stream["channels"].as_u64().is_some_and(|channels| channels > 0) {
                agreement.compare(file, "channels", audio.channels.to_string(), stream["channels"].to_string());
            }
            if stream["sample_rate"].as_str().is_some_and(|rate| rate != "0") {
                let ours = audio.sample_rate.unwrap_or(0).to_string();
                agreement.compare(file, "sample rate", ours, text(&stream["sample_rate"]));
            }
            if !stream["channel_layout"].is_null() {
                agreement.compare(file, "layout", shown(&audio.layout), text(&stream["channel_layout"]));
            }
            if !stream["profile"].is_null() {
                agreement.compare(file, "profile", shown(&track.profile), text(&stream["profile"]));
            }
        }
        _ => {}
    }
}

fn compare_addresses(agreement: &mut Agreement, file: &File, ours: &Facts, mkvmerge: &Value) {
    let theirs: Vec<_> = mkvmerge["tracks"].as_array().into_iter().flatten().collect();
    let theirs: Vec<_> =
        theirs.iter().map(|track| format!("{}={}", track["id"], track["properties"]["number"])).collect();
    let listed = ours.tracks.iter().filter_map(|track| Some(format!("{}={}", track.addresses.mkvmerge?, track.number)));
    agreement.compare(file, "mkvmerge ids", listed.collect::<Vec<_>>().join(" "), theirs.join(" "));
}

fn shown(text: &Option<String>) -> String {
    text.clone().unwrap_or_else(|| "-".into())
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| "-".into(), str::to_owned)
}

fn shape(text: &str) -> f64 {
    let Some((a, b)) = text.split_once(':') else { return 0.0 };
    let (a, b) = (a.parse::<f64>().unwrap_or(0.0), b.parse::<f64>().unwrap_or(0.0));
    if b > 0.0 { a / b } else { 0.0 }
}

fn transfer_name(code: u16) -> String {
    match code {
        1 => "bt709",
        4 => "bt470m",
        5 => "bt470bg",
        6 => "smpte170m",
        7 => "smpte240m",
        8 => "linear",
        13 => "iec61966-2-1",
        14 => "bt2020-10",
        15 => "bt2020-12",
        16 => "smpte2084",
        18 => "arib-std-b67",
        _ => "?",
    }
    .to_owned()
}

fn primaries_name(code: u16) -> String {
    match code {
        1 => "bt709",
        5 => "bt470bg",
        6 => "smpte170m",
        7 => "smpte240m",
        9 => "bt2020",
        11 => "smpte431",
        12 => "smpte432",
        _ => "?",
    }
    .to_owned()
}

fn matrix_name(code: u16) -> String {
    match code {
        0 => "gbr",
        1 => "bt709",
        5 => "bt470bg",
        6 => "smpte170m",
        7 => "smpte240m",
        9 => "bt2020nc",
        10 => "bt2020c",
        _ => "?",
    }
    .to_owned()
}
