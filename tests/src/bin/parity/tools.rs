//! What ffprobe and mkvmerge say: as recorded beside the file, else asked now.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// mkvmerge does not come back from some crafted files.
const PATIENCE: &str = "30";

pub fn ffprobe(file: &Path) -> Value {
    said(file, "ffprobe", &["-v", "error", "-print_format", "json", "-show_format", "-show_streams", "-show_chapters"])
}

pub fn mkvmerge(file: &Path) -> Value {
    said(file, "mkvmerge", &["-J"])
}

/// Returns `Null` when the tool says nothing that can be read.
fn said(file: &Path, tool: &str, arguments: &[&str]) -> Value {
    let mut recorded = file.as_os_str().to_owned();
    recorded.push(format!(".{tool}.json"));
    let text = std::fs::read(PathBuf::from(recorded)).or_else(|_| {
        Command::new("timeout").arg(PATIENCE).arg(tool).args(arguments).arg(file).output().map(|output| output.stdout)
    });
    let text = String::from_utf8_lossy(&text.unwrap_or_default()).into_owned();
    serde_json::from_str(&text).unwrap_or(Value::Null)
}
