//! What a plugin may ask of a program that it was granted: to tell about the one file, and nothing more.
//!
//! Both programs could also write files, or open others and addresses of the network. So what is allowed is named here, and
//! everything else is refused before the program starts.

use thiserror::Error;

use super::Tool;

/// Stands for the file in the arguments.
pub const FILE: &str = "{file}";

/// Options of ffprobe that choose what is told (ffprobe(1), "Main options").
const FFPROBE_FLAGS: [&str; 18] = [
    "-bitexact",
    "-count_frames",
    "-count_packets",
    "-hide_banner",
    "-pretty",
    "-show_chapters",
    "-show_data",
    "-show_error",
    "-show_format",
    "-show_frames",
    "-show_packets",
    "-show_private_data",
    "-show_program_version",
    "-show_programs",
    "-show_streams",
    "-show_versions",
    "-sexagesimal",
    "-unit",
];

/// Those that take a value.
const FFPROBE_VALUES: [&str; 10] = [
    "-analyzeduration",
    "-loglevel",
    "-max_probe_packets",
    "-of",
    "-output_format",
    "-print_format",
    "-probesize",
    "-select_streams",
    "-show_entries",
    "-v",
];

/// What makes mkvmerge tell about a file (mkvmerge(1), "File identification").
const MKVMERGE_QUESTIONS: [&str; 3] = ["-J", "-i", "--identify"];

/// Why a program is not started for a plugin.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum Unasked {
    #[error("a plugin may not run {tool}")]
    Program { tool: Tool },
    #[error("a plugin may not give {tool} the argument {argument:?}; it may ask about the file and nothing else")]
    Argument { tool: Tool, argument: String },
    #[error("{tool} is to be asked about the file once, as {FILE}")]
    File { tool: Tool },
    #[error("{} is to be asked by one of {}", Tool::Mkvmerge, MKVMERGE_QUESTIONS.join(", "))]
    Question,
}

/// Checks the arguments that a plugin gives to a program.
pub fn check(tool: Tool, arguments: &[String]) -> Result<(), Unasked> {
    let mut files = 0;
    let mut words = arguments.iter().map(String::as_str);
    while let Some(word) = words.next() {
        let is_allowed = match (tool, word) {
            (_, FILE) => {
                files += 1;
                true
            }
            (Tool::Ffprobe, "-i") => true,
            (Tool::Ffprobe, word) if FFPROBE_FLAGS.contains(&word) => true,
            // A value is a word of its own, so that it cannot be taken for another option or a file.
            (Tool::Ffprobe, word) if FFPROBE_VALUES.contains(&word) => words.next().is_some_and(|value| value != FILE),
            (Tool::Mkvmerge, word) if MKVMERGE_QUESTIONS.contains(&word) => true,
            (Tool::Mkvmerge, "-F" | "--identification-format") => {
                words.next().is_some_and(|format| ["json", "text"].contains(&format))
            }
            (Tool::Ffprobe | Tool::Mkvmerge, _) => false,
            _ => return Err(Unasked::Program { tool }),
        };
        if !is_allowed {
            return Err(Unasked::Argument { tool, argument: word.to_owned() });
        }
    }
    if files != 1 {
        return Err(Unasked::File { tool });
    }
    // Without a question, mkvmerge would write a file.
    let asks = arguments.iter().any(|word| MKVMERGE_QUESTIONS.contains(&&**word));
    if tool == Tool::Mkvmerge && !asks { Err(Unasked::Question) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(tool: Tool, line: &str) -> Result<(), Unasked> {
        check(tool, &line.split(' ').map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn a_program_may_be_asked_about_the_file() {
        for line in [
            "-v error -print_format json -show_format -show_streams -show_chapters {file}",
            "-hide_banner -show_entries stream=codec_name -of csv -i {file}",
        ] {
            assert_eq!(asked(Tool::Ffprobe, line), Ok(()), "{line}");
        }
        assert_eq!(asked(Tool::Mkvmerge, "-J {file}"), Ok(()));
        assert_eq!(asked(Tool::Mkvmerge, "--identify -F json {file}"), Ok(()));
    }

    #[test]
    fn a_program_may_not_be_made_to_write_or_to_open_anything_else() {
        for line in [
            "-o report.json {file}",
            "-show_format https://example.org/film.mkv",
            "-f lavfi -i movie=/etc/passwd",
            "-f concat {file}",
            "-protocol_whitelist file,http {file}",
            "-report {file}",
            "{file}/../other.mkv",
            "-show_format",
            "{file} {file}",
            "-v {file}",
        ] {
            assert!(asked(Tool::Ffprobe, line).is_err(), "{line}");
        }
        for line in ["-o /etc/motd {file}", "{file}", "@options.json", "-J {file} = other.mkv", "-F json {file}"] {
            assert!(asked(Tool::Mkvmerge, line).is_err(), "{line}");
        }
        assert!(asked(Tool::Ffmpeg, "-i {file}").is_err());
    }
}
