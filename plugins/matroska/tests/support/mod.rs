//! Matroska files made element by element, and real ones.
#![allow(dead_code)]

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::OnceLock,
};

use vpo_plugin_sdk::facts::Facts;
use vpo_plugin_sdk::introspector::Failure;
use vpo_reading::{Media, ReadError};

/// An element with a size of eight bytes.
pub fn element(id: u32, body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    [id_bytes(id), (body.len() as u64 | 1 << 56).to_be_bytes().to_vec(), body.to_vec()].concat()
}

/// An element that does not say where it ends.
pub fn endless(id: u32, body: impl AsRef<[u8]>) -> Vec<u8> {
    [id_bytes(id), vec![0x01, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], body.as_ref().to_vec()].concat()
}

pub fn id_bytes(id: u32) -> Vec<u8> {
    let bytes = id.to_be_bytes();
    bytes[bytes.iter().position(|byte| *byte != 0).unwrap()..].to_vec()
}

pub fn number(id: u32, value: u64) -> Vec<u8> {
    element(id, value.to_be_bytes())
}

pub fn text(id: u32, value: &str) -> Vec<u8> {
    element(id, value)
}

pub fn float(id: u32, value: f64) -> Vec<u8> {
    element(id, value.to_be_bytes())
}

pub fn parts(parts: &[Vec<u8>]) -> Vec<u8> {
    parts.concat()
}

pub fn header(doc_type: &str) -> Vec<u8> {
    element(0x1A45_DFA3, text(0x4282, doc_type))
}

/// A whole document with these parts in its segment.
pub fn document(segment: &[Vec<u8>]) -> Vec<u8> {
    [header("matroska"), element(0x1853_8067, segment.concat())].concat()
}

pub fn info() -> Vec<u8> {
    element(0x1549_A966, parts(&[number(0x2A_D7B1, 1_000_000), float(0x4489, 4000.0), text(0x4D80, "muxer")]))
}

pub fn tracks(entries: &[Vec<u8>]) -> Vec<u8> {
    element(0x1654_AE6B, entries.concat())
}

pub fn track(number_: u64, kind: u64, codec: &str, more: &[Vec<u8>]) -> Vec<u8> {
    let fixed = [number(0xD7, number_), number(0x73C5, number_ + 100), number(0x83, kind), text(0x86, codec)];
    element(0xAE, [fixed.concat(), more.concat()].concat())
}

/// A plain video track.
pub fn video(number_: u64, more: &[Vec<u8>]) -> Vec<u8> {
    let picture = element(0xE0, [parts(&[number(0xB0, 320), number(0xBA, 180)]), more.concat()].concat());
    track(number_, 1, "V_MPEG4/ISO/AVC", &[picture])
}

pub fn audio(number_: u64, more: &[Vec<u8>]) -> Vec<u8> {
    track(number_, 2, "A_AAC", more)
}

pub fn cluster(length: usize) -> Vec<u8> {
    let block = [vec![0x81, 0, 0, 0x80], vec![0; length]].concat();
    element(0x1F43_B675, parts(&[number(0xE7, 0), element(0xA3, block)]))
}

pub fn tags(tags: &[Vec<u8>]) -> Vec<u8> {
    element(0x1254_C367, tags.concat())
}

/// A tag about a track, or about the file.
pub fn tag(track_uid: Option<u64>, texts: &[(&str, &str)]) -> Vec<u8> {
    let targets = element(0x63C0, track_uid.map(|uid| number(0x63C5, uid)).unwrap_or_default());
    let texts: Vec<_> = texts.iter().map(|(name, value)| simple_tag(name, value, &[])).collect();
    element(0x7373, [targets, texts.concat()].concat())
}

pub fn simple_tag(name: &str, value: &str, nested: &[Vec<u8>]) -> Vec<u8> {
    element(0x67C8, [text(0x45A3, name), text(0x4487, value), nested.concat()].concat())
}

/// A SeekHead of 32 bytes for each entry and 12 more; positions count from the start of the segment's content.
pub fn seek_head(entries: &[(u32, u64)]) -> Vec<u8> {
    let entry = |(id, at): &(u32, u64)| {
        let fixed = parts(&[element(0x53AB, id_bytes(*id)), number(0x53AC, *at)]);
        element(0x4DBB, fixed)
    };
    element(0x114D_9B74, entries.iter().map(entry).collect::<Vec<_>>().concat())
}

pub fn read(bytes: &[u8]) -> Result<Facts, Failure> {
    vpo_plugin_matroska::read(&bytes.to_vec())
}

/// A file of any size of which only some places hold bytes.
#[derive(Default)]
pub struct Sparse {
    pub places: Vec<(u64, Vec<u8>)>,
    pub size: u64,
    /// What repeats between two places, every so many bytes, such as the header of a cluster.
    pub repeated: Option<(u64, u64, u64, Vec<u8>)>,
}

impl Media for Sparse {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, offset: u64, length: u32) -> Result<Vec<u8>, ReadError> {
        let end = (offset + u64::from(length)).min(self.size);
        let mut bytes = vec![0; end.saturating_sub(offset) as usize];
        let mut lay = |place: u64, content: &[u8]| {
            for (at, byte) in (place..).zip(content) {
                if at >= offset && at < end {
                    bytes[(at - offset) as usize] = *byte;
                }
            }
        };
        for (place, content) in &self.places {
            lay(*place, content);
        }
        if let Some((from, to, every, content)) = &self.repeated {
            let first = offset.saturating_sub(*every).max(*from);
            let mut at = from + (first - from) / every * every;
            while at < end && at < *to {
                lay(at, content);
                at += every;
            }
        }
        Ok(bytes)
    }
}

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Real files with what ffprobe and mkvmerge said of them beside; `None` where they are missing.
pub fn shared_media() -> Option<PathBuf> {
    let shared = std::env::var_os("VPO_SHARED").map_or_else(|| workspace().join("../shared"), PathBuf::from);
    let media = shared.join("media");
    if !media.is_dir() {
        eprintln!("skipped: {} is missing", media.display());
        return None;
    }
    Some(media)
}

/// What `scripts/generate-media.sh` makes; made when it is not there yet, `None` where its tools are missing.
pub fn generated_media() -> Option<PathBuf> {
    static MEDIA: OnceLock<Option<PathBuf>> = OnceLock::new();

    // Tests run side by side: one makes the files, the others wait for it.
    MEDIA.get_or_init(make_media).clone()
}

fn make_media() -> Option<PathBuf> {
    let media = workspace().join("target/media");
    let kept = media.join("varied");
    if kept.is_dir() {
        return Some(kept);
    }
    std::fs::create_dir_all(&media).ok()?;
    let made = media.join(format!("varied-{}", std::process::id()));
    let script = workspace().join("scripts/generate-media.sh");
    let ran = Command::new("bash").arg(script).arg(&made).stdin(Stdio::null()).output();
    if !ran.is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: scripts/generate-media.sh does not run");
        return None;
    }
    // Another process that made it in the meantime made the same.
    if std::fs::rename(&made, &kept).is_err() {
        std::fs::remove_dir_all(&made).ok()?;
    }
    Some(kept)
}

/// The Matroska files below a folder, by name or by their first bytes.
pub fn matroska_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).expect("the folder can be read").flatten() {
        let path = entry.path();
        if path.is_dir() {
            files.extend(matroska_files(&path));
        } else if is_matroska(&path) {
            files.push(path);
        }
    }
    files.sort();
    files
}

fn is_matroska(path: &Path) -> bool {
    let extension = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
    ["mkv", "webm", "mka", "mks", "mk3d"].contains(&extension.as_str()) || begins_as_ebml(path).unwrap_or(false)
}

fn begins_as_ebml(path: &Path) -> std::io::Result<bool> {
    use std::io::Read;

    let mut magic = [0; 4];
    std::fs::File::open(path)?.read_exact(&mut magic)?;
    Ok(magic == [0x1A, 0x45, 0xDF, 0xA3])
}
