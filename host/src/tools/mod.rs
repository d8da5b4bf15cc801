//! mkvpropedit, mkvmerge, ffmpeg, ffprobe: build arguments, run, parse. The only place that spawns a process.

mod edit;
pub mod ffmpeg;
mod found;
mod iso639;
pub mod mkvmerge;
pub mod mkvpropedit;
pub mod mp4_flags;
pub mod question;
mod run;
mod sayings;
pub mod tags_xml;
mod way;

use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

pub use edit::{Edit, Unsupported};
pub use found::{Tool, ToolError, Tools, Version};
pub use run::{End, Limits, Output, ProgressIn, RunError, Watch, run};
pub use sayings::in_short;
pub use way::{Run, Work, runs};

/// What an introspector's program may print.
const ANSWER_CAP: usize = 16 * 1024 * 1024;

/// Runs a program on one file for a plugin that was granted it, with arguments that [`question::check`] allows.
pub fn run_on_file(
    program: &Path,
    arguments: &[String],
    file: &Path,
    timeout: Duration,
    watch: &dyn Watch,
) -> Result<Output, RunError> {
    let arguments: Vec<OsString> = arguments.iter().map(|argument| with_file(argument, file)).collect();
    let limits = Limits { stdout: ANSWER_CAP, ..Limits::within(timeout) };
    run(program, &arguments, &limits, None, watch)
}

fn with_file(argument: &str, file: &Path) -> OsString {
    if argument == question::FILE { file.into() } else { argument.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_stands_where_its_token_stood() {
        let file = Path::new("/films/a b.mkv");

        assert_eq!(with_file("{file}", file), "/films/a b.mkv");
        assert_eq!(with_file("-v", file), "-v");
    }
}
