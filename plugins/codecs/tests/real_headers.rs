//! Headers cut out of real files say what ffprobe says of the same files.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use serde_json::Value;
use vpo_codecs::{Picture, Sound, aac, ac3, av1, descriptors, flac, h264, hevc, opus, truehd, vpx};

fn shared() -> Option<PathBuf> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let shared = std::env::var_os("VPO_SHARED").map_or_else(|| workspace.join("../shared"), PathBuf::from);
    let media = shared.join("media");
    if !media.is_dir() {
        eprintln!("skipped: {} is missing", media.display());
        return None;
    }
    Some(media)
}

/// Every ISO BMFF file with the one stream of a codec that ffprobe found in it.
fn files_with_one(codec: &str, media: &Path) -> Vec<(PathBuf, Vec<u8>, Value)> {
    let mut found = Vec::new();
    let folders = std::fs::read_dir(media).unwrap().flatten().filter(|folder| folder.path().is_dir());
    for entry in folders.flat_map(|folder| std::fs::read_dir(folder.path()).unwrap().flatten()) {
        let path = entry.path();
        if !path.extension().is_some_and(|e| ["mp4", "mov", "m4a", "3gp"].iter().any(|known| e == *known)) {
            continue;
        }
        let Ok(json) = std::fs::read(format!("{}.ffprobe.json", path.display())) else { continue };
        let Ok(json) = serde_json::from_slice::<Value>(&json) else { continue };
        let streams = json["streams"].as_array().cloned().unwrap_or_default();
        let mut of_codec: Vec<_> = streams.into_iter().filter(|stream| stream["codec_name"] == codec).collect();
        if of_codec.len() == 1 {
            found.push((path.clone(), std::fs::read(path).unwrap(), of_codec.remove(0)));
        }
    }
    found
}

/// The content of the only box of this name; `None` when there are more, or none.
fn only_box<'a>(bytes: &'a [u8], name: &[u8; 4]) -> Option<&'a [u8]> {
    let mut places = bytes.windows(4).enumerate().filter(|(_, four)| four == name).map(|(at, _)| at);
    let at = places.next().filter(|_| places.next().is_none())?;
    let size = u32::from_be_bytes(bytes.get(at.checked_sub(4)?..at)?.try_into().ok()?) as usize;
    bytes.get(at + 4..at.checked_add(size)?.checked_sub(4)?)
}

struct Compared {
    codec: &'static str,
    agreed: BTreeMap<&'static str, usize>,
    differences: Vec<String>,
}

impl Compared {
    fn new(codec: &'static str) -> Self {
        Self { codec, agreed: BTreeMap::new(), differences: Vec::new() }
    }

    fn field(&mut self, path: &Path, field: &'static str, ours: Option<String>, theirs: &Value) {
        let theirs = match theirs {
            Value::Null => return,
            Value::String(text) if text == "unknown" => return,
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        match ours {
            Some(ours) if ours == theirs => *self.agreed.entry(field).or_default() += 1,
            ours => self.differences.push(format!("{}: {field}: {ours:?}, ffprobe {theirs}", path.display())),
        }
    }

    fn picture(&mut self, path: &Path, picture: &Picture, stream: &Value, level: impl Fn(&str) -> Option<String>) {
        // Without a frame that it could decode ffprobe names neither.
        if stream["pix_fmt"].is_null() {
            return;
        }
        self.field(path, "profile", picture.profile.clone(), &stream["profile"]);
        if stream["level"].as_i64() != Some(-99) {
            self.field(path, "level", picture.level.as_deref().and_then(level), &stream["level"]);
        }
        if let Some((width, height)) = picture.size {
            self.field(path, "width", Some(width.to_string()), &stream["width"]);
            self.field(path, "height", Some(height.to_string()), &stream["height"]);
        }
        if let Some(depth) = picture.bit_depth.filter(|_| !stream["bits_per_raw_sample"].is_null()) {
            self.field(path, "bit depth", Some(depth.to_string()), &stream["bits_per_raw_sample"]);
        }
    }

    fn sound(&mut self, path: &Path, sound: &Sound, stream: &Value) {
        if let Some(profile) = &sound.profile {
            self.field(path, "profile", Some(profile.clone()), &stream["profile"]);
        }
        if stream["channels"] != 0 {
            self.field(path, "channels", sound.channels.map(|count| count.to_string()), &stream["channels"]);
            self.field(path, "layout", sound.layout.clone(), &stream["channel_layout"]);
        }
        if stream["sample_rate"] != "0" {
            self.field(path, "sample rate", sound.sample_rate.map(|rate| rate.to_string()), &stream["sample_rate"]);
        }
    }

    /// `least` is how many profiles or channel counts must have been compared, so that the test cannot pass on nothing.
    fn finish(self, least: usize, allowed: &[&str]) {
        eprintln!("{}: {:?}", self.codec, self.agreed);
        let unexpected: Vec<_> =
            self.differences.iter().filter(|line| !allowed.iter().any(|allowed| line.contains(allowed))).collect();
        assert!(unexpected.is_empty(), "{}: {unexpected:#?}", self.codec);
        let compared = self.agreed.values().max().copied().unwrap_or(0);
        assert!(compared >= least, "{}: only {compared} compared", self.codec);
    }
}

fn tenths(level: &str) -> Option<String> {
    Some(level.replace('.', ""))
}

#[test]
fn h264_headers_say_what_ffprobe_says() {
    let Some(media) = shared() else { return };
    let mut compared = Compared::new("h264");

    for (path, bytes, stream) in files_with_one("h264", &media) {
        if let Some(picture) = only_box(&bytes, b"avcC").and_then(h264::configuration) {
            compared.picture(&path, &picture, &stream, tenths);
        }
    }

    compared.finish(50, &[]);
}

#[test]
fn hevc_headers_say_what_ffprobe_says() {
    let Some(media) = shared() else { return };
    let mut compared = Compared::new("hevc");

    for (path, bytes, stream) in files_with_one("hevc", &media) {
        if let Some(picture) = only_box(&bytes, b"hvcC").and_then(hevc::configuration) {
            let thirds = |level: &str| Some((tenths(level)?.parse::<u32>().ok()? * 3).to_string());
            compared.picture(&path, &picture, &stream, thirds);
        }
    }

    compared.finish(5, &[]);
}

#[test]
fn av1_headers_say_what_ffprobe_says() {
    let Some(media) = shared() else { return };
    let mut compared = Compared::new("av1");

    for (path, bytes, stream) in files_with_one("av1", &media) {
        if let Some(picture) = only_box(&bytes, b"av1C").and_then(av1::configuration) {
            let index = |level: &str| {
                let (major, minor) = level.split_once('.')?;
                Some(((major.parse::<u32>().ok()? - 2) * 4 + minor.parse::<u32>().ok()?).to_string())
            };
            compared.picture(&path, &picture, &stream, index);
        }
    }

    compared.finish(5, &[]);
}

#[test]
fn vp9_headers_say_what_ffprobe_says() {
    let Some(media) = shared() else { return };
    let mut compared = Compared::new("vp9");

    for (path, bytes, stream) in files_with_one("vp9", &media) {
        if let Some(picture) = only_box(&bytes, b"vpcC").and_then(|content| vpx::configuration(content.get(4..)?)) {
            compared.picture(&path, &picture, &stream, |_| None);
        }
    }

    compared.finish(5, &[]);
}

#[test]
fn aac_headers_say_what_ffprobe_says() {
    let Some(media) = shared() else { return };
    let mut compared = Compared::new("aac");

    for (path, bytes, stream) in files_with_one("aac", &media) {
        let Some(esds) = only_box(&bytes, b"esds") else { continue };
        if let Some(sound) =
            esds.get(4..).and_then(descriptors::elementary).and_then(|e| aac::configuration(e.specific))
        {
            compared.sound(&path, &sound, &stream);
        }
    }

    let allowed = [
        // Samples that ffprobe could not decode: it shows the sample entry's count, which is nonsense.
        "2afbc685-test_case_1296532.mp4: channels",
        "55f53f84-gizmo-frag.mp4: channels",
        // The samples hold other elements than the configuration announces.
        "4b84e779-sample_fragmented_uuid.mp4",
    ];
    compared.finish(20, &allowed);
}

#[test]
fn other_audio_headers_say_what_ffprobe_says() {
    let Some(media) = shared() else { return };
    let mut compared = Compared::new("other audio");
    type Reader = fn(&[u8]) -> Option<Sound>;
    let readers: [(&str, &[u8; 4], Reader); 5] = [
        ("opus", b"dOps", opus::d_ops),
        ("ac3", b"dac3", ac3::dac3),
        ("eac3", b"dec3", ac3::dec3),
        ("flac", b"dfLa", |content| flac::stream_info(content.get(4..)?)),
        ("truehd", b"dmlp", truehd::dmlp),
    ];

    for (codec, name, read) in readers {
        for (path, bytes, stream) in files_with_one(codec, &media) {
            if let Some(content) = only_box(&bytes, name) {
                let sound = read(content).unwrap_or_else(|| panic!("{} has no readable header", path.display()));
                compared.sound(&path, &sound, &stream);
            }
        }
    }

    compared.finish(6, &[]);
}
