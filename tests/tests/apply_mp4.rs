//! MP4 as cameras and rippers write it: chapters and timecodes are tracks there, and are dealt with as what they are.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;
use vpo::apply::ApplyError;
use vpo::media::{Facts, TrackKind};
use vpo::plan::Action;
use vpo_tests::bench::{Bench, all_names};

/// What is to be in the film beside picture and sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum With {
    /// Named sound, and chapters.
    Chapters,
    Timecode,
}

/// A film in a folder of its own.
fn film(with: With, extension: &str) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(format!("film.{extension}"));
    let notes = tempfile::NamedTempFile::new().unwrap();
    let chapter = |start: u32, title: &str| {
        format!("[CHAPTER]\nTIMEBASE=1/1000\nSTART={start}\nEND={}\ntitle={title}\n", start + 500)
    };
    let chapters = format!(";FFMETADATA1\n{}{}", chapter(0, "One"), chapter(500, "Zwei – ü"));
    std::fs::write(notes.path(), chapters).unwrap();
    let mut command = Command::new("ffmpeg");
    command.args(["-nostdin", "-v", "error", "-f", "lavfi", "-i", "testsrc2=s=160x90:r=25:d=1"]);
    command.args(["-f", "lavfi", "-i", "sine=d=1", "-i"]).arg(notes.path()).args(["-map", "0", "-map", "1"]);
    match with {
        With::Chapters => command.args(["-map_metadata", "2", "-metadata:s:1", "title=Stereo \"1\""]),
        With::Timecode => command.args(["-timecode", "01:00:00:00", "-map_chapters", "-1"]),
    };
    command.args(["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac"]).arg(&path);
    assert!(command.status().unwrap().success());
    (folder, path)
}

fn kinds(facts: &Facts) -> Vec<&str> {
    facts.tracks.iter().map(|track| track.codec.as_str()).collect()
}

fn apply(path: &Path, actions: impl FnOnce(&Facts) -> Vec<Action>) -> Facts {
    let bench = Bench::new();
    let facts = bench.facts(path).unwrap();
    let done = bench.apply(path, actions(&facts)).unwrap();
    assert_eq!(all_names(path.parent().unwrap()).len(), 1);
    done.facts
}

/// Sound first, whatever else there is, in the order that it has.
fn sound_first(facts: &Facts) -> Action {
    let mut tracks: Vec<u32> = facts.tracks.iter().map(|track| track.id).collect();
    tracks.sort_by_key(|id| facts.find_track(*id).unwrap().kind() != TrackKind::Audio);
    Action::Reorder { tracks }
}

#[test]
fn chapters_and_titles_stay_when_mp4_is_written_anew() {
    let (_folder, path) = film(With::Chapters, "mp4");

    let after = apply(&path, |facts| vec![sound_first(facts)]);

    assert_eq!(kinds(&after), ["aac", "h264", "bin_data"]);
    assert_eq!(after.tracks[0].title.as_deref(), Some("Stereo \"1\""));
    assert_eq!(after.chapters[1].title.as_deref(), Some("Zwei – ü"));
}

#[test]
fn the_track_of_chapters_goes_with_the_chapters() {
    let (_folder, path) = film(With::Chapters, "mp4");

    // Who puts tracks in order need not know that one of them goes.
    let after = apply(&path, |facts| vec![Action::RemoveChapters, sound_first(facts)]);

    assert_eq!(kinds(&after), ["aac", "h264"]);
    assert!(after.chapters.is_empty());
}

#[test]
fn chapters_of_mp4_are_chapters_of_matroska() {
    let (_folder, path) = film(With::Chapters, "mp4");

    let after = apply(&path, |_| vec![Action::ConvertContainer { container: "matroska".to_owned() }]);

    assert_eq!(kinds(&after), ["h264", "aac"]);
    assert_eq!(after.chapters.len(), 2);
    assert_eq!(after.tracks[1].title.as_deref(), Some("Stereo \"1\""));
}

#[test]
fn a_timecode_is_kept_behind_all_other_tracks_or_taken_away() {
    for extension in ["mp4", "mov"] {
        let (_folder, path) = film(With::Timecode, extension);

        let kept = apply(&path, |facts| vec![sound_first(facts)]);
        let removed = apply(&path, |facts| vec![Action::RemoveTrack { track: facts.tracks[2].id }]);

        assert_eq!(kinds(&kept), ["aac", "h264", "tmcd"], "{extension}");
        assert_eq!(kinds(&removed), ["aac", "h264"], "{extension}");
    }
}

#[test]
fn a_timecode_comes_from_quicktime_to_mp4_and_has_no_place_in_matroska() {
    let (_folder, path) = film(With::Timecode, "mov");
    let convert = |container: &str| vec![Action::ConvertContainer { container: container.to_owned() }];
    let bench = Bench::new();

    let refused = bench.apply(&path, convert("matroska"));
    let after = apply(&path, |_| convert("mp4"));

    assert!(matches!(refused, Err(ApplyError::Refused(_))), "{refused:?}");
    assert_eq!(kinds(&after), ["h264", "aac", "tmcd"]);
}

#[test]
fn a_timecode_that_matroska_notes_in_a_tag_makes_no_track() {
    let (folder, path) = film(With::Timecode, "mkv");

    let after = apply(&path, |_| {
        let container = "mp4".to_owned();
        vec![Action::SetTag { name: "TIMECODE".to_owned(), value: None }, Action::ConvertContainer { container }]
    });

    assert_eq!(kinds(&after), ["h264", "aac"]);
    assert_eq!(all_names(folder.path()), ["film.mp4"]);
}
