//! Facts of real files against what ffprobe and mkvmerge say of them, and what reading them costs.

mod oracle;
mod support;

use oracle::Report;
use support::{generated_media, matroska_files, shared_media};
use vpo_reading::{Counted, MediaFile};

/// Fields over which we differ for good, with the file or the beginning of its name (empty: any file), and why.
const KNOWN: &[(&str, &str, &str)] = &[
    ("ffprobe frame rate", "", "ffprobe averages the frames it saw; the file states how long one lasts"),
    ("mkvmerge sample rate", "", "mkvmerge prints what went into Opus or came before SBR, not what comes out"),
    ("ffprobe profile", "", "needs frames that are encrypted, empty or broken"),
    ("ffprobe sound bit depth", "17_audio_layouts", "ffprobe says 24 of every TrueHD"),
    ("ffprobe range", "16_interlaced_mpeg2", "MPEG-2 does not state it, ffprobe assumes it"),
    ("ffprobe level", "4169c356-av1", "level 31 of AV1 means that there is no limit"),
    ("", "25_long_title", "tags of the collection are told from those of the film; long texts are cut"),
    ("ffprobe type", "41862e34-metadata_block", "metadata are no subtitles"),
    ("mkvmerge chapter count", "09_chapters_nested", "mkvmerge does not count chapters within chapters"),
    ("mkvmerge track count", "15a6bdc1-chapters_truncated", "mkvmerge drops a track of a codec that it cannot mux"),
    ("mkvmerge track count", "22c9f655-tracks", "mkvmerge drops a sound of 30 samples a second"),
    (
        "ffprobe track count",
        "5d79c576-invalid_vp9",
        "the file is damaged behind its tracks, of which ffprobe takes one",
    ),
    (
        "",
        "50ace57e-bipbop_short_pixel_metadata",
        "the size in the stream differs from that in the container on purpose",
    ),
    ("mkvmerge size", "0a7524d1-1257700", "the size in the stream differs from that in the container"),
    ("", "5121d938-1905234", "damaged at its start; another resynchronises elsewhere"),
];

fn files() -> Vec<std::path::PathBuf> {
    [shared_media(), generated_media()].iter().flatten().flat_map(|folder| matroska_files(folder)).collect()
}

#[test]
fn facts_agree_with_the_tools_that_are_to_be_trusted() {
    let mut report = Report::default();
    for path in files() {
        if let Ok(facts) = vpo_plugin_matroska::read(&MediaFile::open(&path).unwrap()) {
            report.add(&path, &facts);
        }
    }

    let is_known = |field: &str, file: &str| {
        KNOWN.iter().any(|(known, begin, _)| (known.is_empty() || *known == field) && file.starts_with(begin))
    };
    let unknown: Vec<_> = report
        .fields
        .iter()
        .flat_map(|(field, agreement)| agreement.differing.iter().map(move |difference| (field, difference)))
        .filter(|(field, difference)| !is_known(field, &difference.file))
        .collect();
    assert!(unknown.is_empty(), "{unknown:#?}");
}

#[test]
fn what_others_read_is_read_unless_it_ends_too_early() {
    // The first is cut off in its tracks on purpose, as is the second; the third is an MP4 file.
    let refused = ["4604dc13-file.mkv", "47_truncated_in_tracks.mkv", "57_mp4_named.mkv"];
    for path in files() {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let read = vpo_plugin_matroska::read(&MediaFile::open(&path).unwrap());

        if let Err(failure) = read {
            assert!(refused.contains(&name.as_str()) || !oracle::is_read_by_others(&path), "{name}: {failure:?}");
        }
    }
}

#[test]
fn a_file_costs_at_most_64_kib_in_20_calls() {
    for path in files() {
        let media = Counted::new(MediaFile::open(&path).unwrap());

        let _ = vpo_plugin_matroska::read(&media);

        let cost = (media.calls(), media.bytes());
        assert!(cost.0 <= 20 && cost.1 <= 64 << 10, "{}: {} calls, {} bytes", path.display(), cost.0, cost.1);
    }
}

#[test]
fn texts_that_are_too_long_are_cut_and_facts_say_so() {
    let Some(path) = files().into_iter().find(|path| path.ends_with("25_long_title_and_tags.mkv")) else { return };

    let facts = vpo_plugin_matroska::read(&MediaFile::open(&path).unwrap()).unwrap();

    assert_eq!(facts.partial.as_deref(), Some("the title is longer than what is read of it"));
    assert_eq!(facts.warnings.len(), 2, "{:?}", facts.warnings);
    let name = facts.tracks.iter().find_map(|track| track.title.as_deref().filter(|title| title.len() > 1000)).unwrap();
    assert!(!name.contains(char::REPLACEMENT_CHARACTER), "cut within a letter");
}
