//! Real files beside the project, with what ffprobe and mkvmerge said of them.

use std::path::{Path, PathBuf};

use serde_json::Value;
use vpo_plugin_isobmff::read;
use vpo_plugin_sdk::{facts::Facts, introspector::Failure};
use vpo_reading::MediaFile;

const EXTENSIONS: [&str; 8] = ["mp4", "m4v", "m4a", "mov", "3gp", "3g2", "m4s", "bin"];

pub struct File {
    pub path: PathBuf,
}

impl File {
    pub fn name(&self) -> String {
        self.path.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    #[allow(dead_code)]
    pub fn read(&self) -> Result<Facts, Failure> {
        read(&MediaFile::open(&self.path).unwrap())
    }

    #[allow(dead_code)]
    pub fn ffprobe(&self) -> Option<Value> {
        self.answer("ffprobe")
    }

    #[allow(dead_code)]
    pub fn mkvmerge(&self) -> Option<Value> {
        self.answer("mkvmerge").filter(|answer| answer["container"]["type"] == "QuickTime/MP4")
    }

    fn answer(&self, tool: &str) -> Option<Value> {
        let json = std::fs::read(format!("{}.{tool}.json", self.path.display())).ok()?;
        serde_json::from_slice(&json).ok()
    }
}

/// All files of this family; `None`, with a message, where the corpus is missing.
pub fn files() -> Option<Vec<File>> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let shared = std::env::var_os("VPO_SHARED").map_or_else(|| workspace.join("../shared"), PathBuf::from);
    // One more folder, such as that of a generated set with the answers of the tools beside its files.
    let more = std::env::var_os("VPO_MORE_MEDIA").map(PathBuf::from);
    let media = shared.join("media");
    if !media.is_dir() {
        eprintln!("skipped: {} is missing", media.display());
        return None;
    }
    let mut folders = vec![media];
    folders.extend(more);
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|found| EXTENSIONS.iter().any(|known| found == *known)) {
                files.push(File { path });
            }
        }
    }
    files.sort_by(|one, other| one.path.cmp(&other.path));
    Some(files)
}
