//! mkvmerge: writes a Matroska file anew, in one run with order, tracks, flags, languages, titles and tags.

use std::ffi::OsString;
use std::path::Path;

use super::{Edit, Output, Unsupported, sayings};
use crate::media::{Track, TrackKind};
use crate::plan::TrackFlag;
use crate::plan::container::{LINKS, is_matroska};

/// Where everything comes from and goes to.
pub struct Files<'a> {
    pub original: &'a Path,
    pub output: &'a Path,
    /// Holds the tracks that come by way of ffmpeg, in the order of [`Edit::tracks`].
    pub from_ffmpeg: Option<&'a Path>,
    /// All tags of the whole file, where they change or mkvmerge would not find them itself.
    pub tags: Option<&'a Path>,
}

pub fn arguments(edit: &Edit, files: &Files) -> Result<Vec<OsString>, Unsupported> {
    let mut arguments = Arguments::default();
    arguments.words(["--gui-mode", "--output"]);
    arguments.0.push(files.output.into());
    if edit.after.container == "webm" {
        arguments.words(["--webm"]);
    }
    if edit.after.container == "matroska" && !edit.converts() {
        // A film that is one of a chain, or that the chapters of another one point to, is found by these.
        for (name, option) in LINKS {
            let uid = edit.after.text(name).filter(|uid| uid.len() == 32 && uid.chars().all(|c| c.is_ascii_hexdigit()));
            arguments.words(uid.into_iter().flat_map(|uid| [option, uid]));
        }
    }
    arguments.words(["--title", edit.after.title.as_deref().unwrap_or("")]);
    if let Some(tags) = files.tags {
        arguments.words(["--global-tags"]);
        arguments.0.push(tags.into());
    }

    let mut order = Vec::new();
    let mut copied = Vec::new();
    let mut passed_on = Vec::new();
    let has_original = !(files.from_ffmpeg.is_some() && edit.leaves_original_to_ffmpeg());
    for (before, after) in edit.tracks() {
        if files.from_ffmpeg.is_some() && edit.goes_through_ffmpeg(before) {
            order.push(format!("{}:{}", u8::from(has_original), passed_on.len()));
            passed_on.push(Placed { address: passed_on.len() as u32, before, after, rename: true });
        } else {
            let address =
                before.addresses.mkvmerge.ok_or(Unsupported::NoAddress { tool: "mkvmerge", track: before.id })?;
            order.push(format!("0:{address}"));
            copied.push(Placed { address, before, after, rename: !is_matroska(&edit.before.container) });
        }
    }
    arguments.words(["--track-order", &order.join(",")]);

    if has_original {
        arguments.tracks(&copied);
        arguments.attachments(edit);
        if edit.after.chapters.is_empty() && !edit.before.chapters.is_empty() {
            arguments.words(["--no-chapters"]);
        }
        if files.tags.is_some() {
            arguments.words(["--no-global-tags"]);
        }
        arguments.0.push(files.original.into());
    }

    if let Some(path) = files.from_ffmpeg {
        arguments.tracks(&passed_on);
        if has_original {
            arguments.words(["--no-chapters"]);
        }
        arguments.words(["--no-attachments", "--no-global-tags", "--no-track-tags"]);
        arguments.0.push(path.into());
    }
    Ok(arguments.0)
}

/// Finds progress in a line of `--gui-mode`.
pub fn progress(line: &str) -> Option<f64> {
    let percent = line.strip_prefix("#GUI#progress ")?.strip_suffix('%')?;
    Some(percent.trim().parse::<f64>().ok()? / 100.0)
}

/// What mkvmerge said went wrong; in `--gui-mode` it says so on standard output.
pub fn complaints(stdout: &[u8]) -> String {
    sayings::in_short(String::from_utf8_lossy(stdout).lines().filter_map(complaint))
}

fn complaint(line: &str) -> Option<&str> {
    line.strip_prefix("#GUI#error ").or_else(|| line.strip_prefix("#GUI#warning "))
}

/// Whether a complaint says that something of the source does not come into the copy. It does so of blocks whose track has no
/// headers, of sounds and pictures without a sound header, and where the source is damaged. Each begins with the source's name.
/// Where there were too many to be kept, one of those that were not may have said so.
pub fn leaves_out(output: &Output, source: &Path) -> bool {
    const SIGNS: [&str; 7] = ["skipp", "Skipp", "dropp", "discard", "damaged", "corrupt", "lost"];

    let source = source.to_string_lossy();
    let stdout = String::from_utf8_lossy(&output.stdout);
    let mut complaints = stdout.lines().filter_map(complaint).chain(output.stderr.lines());
    output.stdout_was_cut
        || complaints.any(|said| {
            let said = said.replace(&*source, "");
            SIGNS.iter().any(|sign| said.contains(sign))
        })
}

/// The last line that a tool of mkvtoolnix said, but for its progress.
pub fn last_words(stdout: &[u8]) -> Option<String> {
    let stdout = String::from_utf8_lossy(stdout);
    let are_words = |line: &&str| !line.trim().is_empty() && !line.starts_with("#GUI#");
    Some(stdout.lines().rfind(are_words)?.trim().to_owned())
}

/// A track of one source, by the number that mkvmerge has for it there.
struct Placed<'a> {
    address: u32,
    before: &'a Track,
    after: &'a Track,
    /// Language and title are written even where they do not change, because the source may not carry them over.
    rename: bool,
}

#[derive(Default)]
struct Arguments(Vec<OsString>);

impl Arguments {
    fn words<'a>(&mut self, words: impl IntoIterator<Item = &'a str>) {
        self.0.extend(words.into_iter().map(OsString::from));
    }

    fn tracks(&mut self, placed: &[Placed]) {
        for (kind, only, none) in [
            (TrackKind::Video, "--video-tracks", "--no-video"),
            (TrackKind::Audio, "--audio-tracks", "--no-audio"),
            (TrackKind::Subtitle, "--subtitle-tracks", "--no-subtitles"),
            (TrackKind::Other, "--button-tracks", "--no-buttons"),
        ] {
            let addresses: Vec<String> =
                placed.iter().filter(|p| p.after.kind() == kind).map(|p| p.address.to_string()).collect();
            match addresses.is_empty() {
                true => self.words([none]),
                false => self.words([only, &addresses.join(",")]),
            }
        }
        for Placed { address, before, after, rename } in placed {
            if *rename || before.language.tag != after.language.tag {
                self.words(["--language", &format!("{address}:{}", after.language.tag)]);
            }
            if *rename || before.title != after.title {
                self.words(["--track-name", &format!("{address}:{}", after.title.as_deref().unwrap_or(""))]);
            }
            for flag in TrackFlag::ALL {
                let (was, is) = (flag.of(&before.flags), flag.of(&after.flags));
                // The default flag is the one that mkvmerge may decide about by itself.
                if *rename || was != is || flag == TrackFlag::Default {
                    self.words([option(flag), &format!("{address}:{}", u8::from(is))]);
                }
            }
        }
    }

    fn attachments(&mut self, edit: &Edit) {
        let kept: Vec<String> = edit.kept_attachments().map(|place| (place + 1).to_string()).collect();
        if kept.len() == edit.before.attachments.len() {
            return;
        }
        match kept.is_empty() {
            true => self.words(["--no-attachments"]),
            // mkvmerge counts attachments from one.
            false => self.words(["--attachments", &kept.join(",")]),
        }
    }
}

fn option(flag: TrackFlag) -> &'static str {
    match flag {
        TrackFlag::Default => "--default-track-flag",
        TrackFlag::Forced => "--forced-display-flag",
        TrackFlag::Enabled => "--track-enabled-flag",
        TrackFlag::Original => "--original-flag",
        TrackFlag::Commentary => "--commentary-flag",
        TrackFlag::HearingImpaired => "--hearing-impaired-flag",
        TrackFlag::VisualImpaired => "--visual-impaired-flag",
        TrackFlag::TextDescriptions => "--text-descriptions-flag",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tools::End;

    #[test]
    fn a_loss_is_found_among_any_number_of_other_warnings_and_not_in_a_name() {
        let source = Path::new("/films/lost/skipping damaged dropped.mkv");
        let warning = |text: &str| format!("#GUI#warning '{}' track 0: {text}\n", source.display());
        let harmless: String = ["one", "two", "three"].map(|what| warning(&what.repeat(1000))).concat();
        let lossy = harmless.clone() + &warning("No headers were found. The block will be skipped.");

        let is_lossy = |stdout: &str, stdout_was_cut| {
            let output =
                Output { end: End::Exit(1), stdout: stdout.as_bytes().to_vec(), stdout_was_cut, stderr: String::new() };
            leaves_out(&output, source)
        };
        assert!(!is_lossy(&harmless, false));
        assert!(is_lossy(&lossy, false));
        assert!(is_lossy(&harmless, true), "what was not kept may have said so");
        assert!(!is_lossy("The block will be skipped.\n", false), "only complaints count");
    }
}
