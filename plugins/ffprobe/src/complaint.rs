//! Why ffprobe gave no answer, in words that hold without its output.

use vpo_plugin_sdk::introspector::Failure;
use vpo_plugin_sdk::tool;

/// More lines of a complaint than this tell nothing new.
const MOST_WARNINGS: usize = 8;

/// ffprobe did not run to its end.
pub fn not_run(failure: tool::Failure) -> Failure {
    Failure::Unreadable(match failure {
        tool::Failure::NotGranted => "reading it needs ffprobe, which the profile does not grant".to_owned(),
        tool::Failure::NotInstalled => "reading it needs ffprobe, which is not installed".to_owned(),
        tool::Failure::TimedOut => "ffprobe took too long".to_owned(),
        tool::Failure::Killed(signal) => format!("ffprobe was ended by signal {signal}"),
        tool::Failure::Failed(reason) => format!("ffprobe could not be run: {reason}"),
    })
}

/// ffprobe ran and refused the file.
pub fn reason(status: i32, stderr: &str) -> Failure {
    let lines: Vec<String> = lines(stderr).collect();
    // The last line only repeats the path with a general word; the ones before it say what is wrong.
    let (last, before) = match lines.split_last() {
        Some((last, before)) => (last.rsplit(": ").next().unwrap_or(last).to_owned(), before),
        None => return Failure::Malformed(format!("ffprobe ended with status {status} and said nothing")),
    };
    let said = before.first().map_or_else(|| last.clone(), |first| format!("{first}; {last}"));
    let is_cut = ["moov atom not found", "End of file", "truncated", "Truncated", "partial file"];
    if is_cut.iter().any(|sign| said.contains(sign)) {
        Failure::Truncated(said)
    } else if last.contains("Permission denied") || last.contains("Input/output error") || last.contains("No such file")
    {
        Failure::Unreadable(said)
    } else {
        Failure::Malformed(said)
    }
}

/// What ffprobe complained of while it answered.
pub fn warnings(stderr: &str) -> Vec<String> {
    let mut warnings: Vec<String> = Vec::new();
    for line in lines(stderr) {
        if !warnings.contains(&line) && warnings.len() < MOST_WARNINGS {
            warnings.push(line);
        }
    }
    warnings
}

/// Lines without the addresses in them, which differ from run to run: `[flv @ 0x55d0] x` becomes `flv: x`.
fn lines(stderr: &str) -> impl Iterator<Item = String> + '_ {
    stderr.lines().map(str::trim).filter(|line| !line.is_empty()).map(|line| {
        let mut rest = line;
        let mut part = None;
        while let Some((name, after)) = rest.strip_prefix('[').and_then(|inner| inner.split_once("] ")) {
            let Some((name, _address)) = name.split_once(" @ ") else { break };
            part = Some(name);
            rest = after;
        }
        match part {
            Some(name) => format!("{name}: {rest}"),
            None => rest.to_owned(),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reason_is_what_the_demuxer_said_without_its_address_and_the_path() {
        let stderr =
            "[mov,mp4 @ 0x561f] moov atom not found\n/films/a: b.mp4: Invalid data found when processing input\n";

        let failure = reason(1, stderr);

        let expected = "mov,mp4: moov atom not found; Invalid data found when processing input";
        assert_eq!(failure, Failure::Truncated(expected.to_owned()));
    }

    #[test]
    fn a_lone_last_line_gives_the_reason_without_the_path() {
        let failure = reason(1, "/films/a.wmv: Invalid data found when processing input\n");

        assert_eq!(failure, Failure::Malformed("Invalid data found when processing input".to_owned()));
    }

    #[test]
    fn warnings_are_told_once() {
        let stderr = "[mp3 @ 0x1] Header missing\n[mp3 @ 0x2] Header missing\n";

        assert_eq!(warnings(stderr), ["mp3: Header missing"]);
    }
}
