//! What a run of the program answered, and how it is made comparable.

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// Everything that a person or a script sees of a run.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The command as it would be typed.
    pub command: String,
    pub stdout: String,
    pub stderr: String,
    /// The exit code; 128 and the signal when one ended the program.
    pub exit: i32,
    folder: PathBuf,
}

impl Outcome {
    pub(crate) fn new(command: &Command, folder: &Path, output: Output) -> Self {
        use std::os::unix::process::ExitStatusExt;

        let arguments: Vec<_> = command.get_args().map(|argument| argument.to_string_lossy()).collect();
        Self {
            command: format!("vpo {}", arguments.join(" ")),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
            exit: output.status.code().unwrap_or_else(|| 128 + output.status.signal().unwrap_or_default()),
            folder: folder.to_owned(),
        }
    }

    /// Returns stdout as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|cause| panic!("no JSON ({cause}) in\n{self}"))
    }

    /// Returns the summary of a scan that was asked for JSON: discovered, skipped, scanned, added, moved, removed, errors.
    pub fn summary(&self) -> [u64; 7] {
        let answer = self.json();
        ["discovered", "skipped", "scanned", "added", "moved", "removed", "errors"].map(|word| {
            answer["summary"][word].as_u64().unwrap_or_else(|| panic!("no number `{word}` in the summary of\n{self}"))
        })
    }

    /// Fails the test unless the program ended with this code.
    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.exit, code, "{self}");
        self
    }

    /// Returns it with its lines in order of their letters, for what several threads tell as they come to it.
    pub fn sorted(mut self) -> Self {
        for stream in [&mut self.stdout, &mut self.stderr] {
            let mut lines: Vec<_> = stream.lines().collect();
            lines.sort_unstable();
            *stream = lines.iter().map(|line| format!("{line}\n")).collect();
        }
        self
    }

    /// Returns it with its JSON spread over lines and keys in order of their letters, however the program laid it out.
    pub fn spread(mut self) -> Self {
        self.stdout = serde_json::to_string_pretty(&self.json()).expect("it was JSON before") + "\n";
        self
    }

    #[doc(hidden)]
    pub fn settings(&self) -> insta::Settings {
        let mut settings = insta::Settings::clone_current();
        settings.set_prepend_module_to_snapshot(true);
        settings.set_omit_expression(true);
        for (pattern, replacement) in filters(&self.folder) {
            settings.add_filter(&pattern, replacement);
        }
        settings
    }
}

/// Returns what differs from run to run, as patterns, with what takes its place.
pub fn filters(folder: &Path) -> Vec<(String, &'static str)> {
    let folder = folder.to_string_lossy();
    let quoted = |name: &str| format!("{}{name}", folder.replace('.', r"\."));
    vec![
        (quoted("/films"), "[films]"),
        (quoted("/home"), "[home]"),
        (quoted(""), "[folder]"),
        // Before the hexadecimal ones, which its digits may look like.
        (r#""seconds": [0-9.e-]+"#.into(), r#""seconds": "[duration]""#),
        (r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b".into(), "[job]"),
        (r"\b[0-9a-f]{64}\b".into(), "[digest]"),
        (r"\b[0-9a-f]{12}\b".into(), "[digest]"),
        (r"\b[0-9a-f]{8}\b".into(), "[job]"),
        (r"\b\d+(\.\d+)? [KMG]iB\b".into(), "[size]"),
        (r"\b\d+(\.\d+)? [kM]bit/s\b".into(), "[rate]"),
        (r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z| UTC)?".into(), "[time]"),
        (r"\b\d+(\.\d+)? ?(ns|µs|ms|s|seconds?|min|m)\b( \d+ ?s\b)?( ago)?".into(), "[duration]"),
        (r"mkvmerge v[0-9.]+ \('[^']*'\) 64-bit".into(), "[mkvmerge]"),
        (r"libebml v[0-9.]+ \+ libmatroska v[0-9.]+".into(), "[libmatroska]"),
        (r#""(bytes|duration_ns|mtime_ns|size)": [0-9]+"#.into(), r#""$1": "[number]""#),
        (r"\b[0-9]{15,20}\b".into(), "[uid]"),
        // Tables are as wide as what was replaced in them.
        (r"─{2,}".into(), "──"),
        (r"═{2,}".into(), "══"),
        (r"(\S)[^\S\n]{3,}".into(), "$1  "),
        (r"[^\S\n]+\n".into(), "\n"),
    ]
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "$ {}", self.command)?;
        write!(f, "{}", self.stdout)?;
        writeln!(f, "--- stderr")?;
        write!(f, "{}", self.stderr)?;
        writeln!(f, "--- exit {}", self.exit)
    }
}
