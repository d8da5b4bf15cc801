//! What a plan predicts is what its tools make: every kind of step, on every file that a reader can get wrong.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use vpo::apply::{ApplyError, Committed};
use vpo::media::{Facts, TrackKind};
use vpo::plan::{Action, TrackFlag};
use vpo_tests::bench::{Bench, all_names};
use vpo_tests::varied;

/// Every generated file that can be read and changed, copied one by one into a folder of its own.
fn each_file(extensions: &[&str], mut take: impl FnMut(&Bench, &Path, &Facts)) {
    let bench = Bench::new();
    let mut files: Vec<PathBuf> = fs::read_dir(varied()).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut count = 0;
    for source in files {
        let extension = source.extension().unwrap_or_default().to_string_lossy().into_owned();
        if !extensions.contains(&extension.as_str()) {
            continue;
        }
        let Ok(facts) = bench.facts(&source) else { continue };
        if facts.partial.is_some() || facts.tracks.is_empty() {
            continue;
        }
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(source.file_name().unwrap());
        fs::copy(&source, &path).unwrap();
        count += 1;
        take(&bench, &path, &facts);
        assert_eq!(
            all_names(folder.path()).len(),
            1,
            "nothing is left beside {}: {:?}",
            path.display(),
            all_names(folder.path())
        );
    }
    assert!(count > 0, "no files");
}

/// Every metadata edit that there is, on some track of each kind.
fn edits(facts: &Facts) -> Vec<Action> {
    let mut actions = vec![
        Action::SetTitle { title: Some("Ein Titel – 题".to_owned()) },
        Action::SetTag { name: "COMMENT".to_owned(), value: Some("a < b & c".to_owned()) },
    ];
    for (place, track) in facts.tracks.iter().enumerate() {
        let flag = TrackFlag::ALL[place % 8];
        actions.push(Action::SetFlag { track: track.id, flag, value: !flag.of(&track.flags) });
        let language = ["fr", "pt-BR", "yue", "und"][place % 4].to_owned();
        actions.push(Action::SetLanguage { track: track.id, language });
        let title = [None, Some("new \"title\" = ünï".to_owned())][place % 2].clone();
        actions.push(Action::SetTrackTitle { track: track.id, title });
    }
    actions
}

/// Files that mkvtoolnix itself refuses to touch.
const REFUSED: [&str; 3] = ["42_junk_prefix.mkv", "49_infinite_size_element.mkv", "50_huge_size_claim.mkv"];

/// Notes a failure, unless it is one that is expected and has left the file as it was.
fn note(failed: &mut Vec<String>, path: &Path, outcome: Result<Committed, ApplyError>) {
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    match outcome {
        Ok(_) => assert!(!REFUSED.contains(&name.as_str()), "{name} was changed"),
        Err(ApplyError::Failed { .. }) if REFUSED.contains(&name.as_str()) => {
            assert_eq!(fs::read(path).unwrap(), fs::read(varied().join(&name)).unwrap(), "{name}");
        }
        Err(error) => failed.push(format!("{name}: {error}")),
    }
}

#[test]
fn metadata_edits_of_matroska_are_what_was_predicted() {
    let (mut failed, mut copied) = (Vec::new(), Vec::new());
    each_file(&["mkv", "webm", "mka", "mks"], |bench, path, facts| {
        let inode = fs::metadata(path).unwrap().ino();
        note(&mut failed, path, bench.apply(path, edits(facts)));
        if fs::metadata(path).unwrap().ino() != inode {
            copied.push(path.file_name().unwrap().to_string_lossy().into_owned());
        }
    });
    assert_eq!(failed, Vec::<String>::new());
    // Their headers cannot be told from their films without reading all of them.
    let unknown = ["36_pipe_unknown_size.mkv", "37_live_unknown_size.webm", "40_tracks_after_clusters.mkv"];
    assert_eq!(copied, [&unknown[..], &["70_two_ebml_documents.mkv"]].concat());
}

#[test]
fn a_remux_does_everything_in_one_pass_as_predicted() {
    let mut failed = Vec::new();
    each_file(&["mkv", "webm", "mka", "mks"], |bench, path, facts| {
        let mut order: Vec<u32> = facts.tracks.iter().map(|track| track.id).collect();
        order.reverse();
        let mut actions = edits(facts);
        let last = facts.tracks.iter().rfind(|track| track.kind() == TrackKind::Subtitle);
        if let Some(track) = last.filter(|_| facts.tracks.len() > 1) {
            order.retain(|id| *id != track.id);
            actions.retain(|action| action.track() != Some(track.id));
            actions.push(Action::RemoveTrack { track: track.id });
        }
        if let Some(attachment) = facts.attachments.first() {
            actions.push(Action::RemoveAttachment { attachment: attachment.id });
        }
        actions.push(Action::RemoveChapters);
        actions.push(Action::Reorder { tracks: order });
        note(&mut failed, path, bench.apply(path, actions));
    });
    assert_eq!(failed, Vec::<String>::new());
}
