use std::path::Path;

use super::*;
use crate::plugins::detector::{Evidence, FilesystemClass};

fn case(text: &str) -> Case {
    Case::read("case", text, Path::new("/cases")).unwrap_or_else(|mistakes| panic!("{mistakes:?}"))
}

/// What is said of a case that cannot be meant.
fn mistakes(text: &str) -> String {
    let mistakes = Case::read("case", text, Path::new("/cases")).err().expect("a mistaken case");
    mistakes.iter().map(|mistake| format!("{}\n", mistake.what)).collect()
}

fn film(text: &str) -> (Context, Facts) {
    let Subject::Film(film) = case(text).subject else { panic!("no film: {text}") };
    *film
}

fn sighted(text: &str) -> Sighted {
    let Subject::Sighting(sighted) = case(text).subject else { panic!("no sighting: {text}") };
    *sighted
}

#[test]
fn tracks_have_what_is_written_and_are_plain_in_all_else() {
    let (context, facts) = film(
        r#"track "video" "hevc" width=3840 height=2160
        track "audio" "ac3" language="ger" title="Kommentar" channels=6 commentary=#true default=#true bit-rate=640000
        track "subtitle" "ass" enabled=#false
        track "other""#,
    );

    let [video, audio, subtitle, other] = &facts.tracks[..] else { panic!("{} tracks", facts.tracks.len()) };
    assert!(matches!(&video.details, Details::Video(video) if (video.width, video.display_height) == (3840, 2160)));
    assert!(matches!(&audio.details, Details::Audio(audio) if audio.channels == 6));
    assert_eq!((audio.language.tag.as_str(), audio.title.as_deref()), ("de", Some("Kommentar")));
    assert!(audio.flags.commentary && audio.flags.default && audio.flags.enabled);
    assert!(matches!(&subtitle.details, Details::Subtitle(sub) if sub.form == Some(SubtitleForm::StyledText)));
    assert!(!subtitle.flags.enabled);
    assert_eq!((other.id, other.number, other.codec.as_str()), (3, 4, ""));
    assert_eq!((facts.container.as_str(), context.file_name.as_str()), ("matroska", "Film.mkv"));
}

#[test]
fn a_file_its_tags_chapters_and_attachments_can_be_written() {
    let (context, facts) = film(
        r#"file "Heat.mp4" container="mp4" title="Heat" size=7 partial="cut"
        track "video"
        tag "ENCODER" "x264"
        tag "NUMBER_OF_BYTES" "9" track=0
        chapter "One"
        chapter "Two"
        attachment "cover.jpg" "image/jpeg"
        attachment "notes.txt""#,
    );

    assert_eq!((context.file_name.as_str(), context.size), ("Heat.mp4", 7));
    assert_eq!((facts.container.as_str(), facts.title.as_deref()), ("mp4", Some("Heat")));
    assert_eq!(facts.partial.as_deref(), Some("cut"));
    assert_eq!(facts.tags.iter().map(|tag| tag.track).collect::<Vec<_>>(), [None, Some(0)]);
    assert_eq!(facts.chapters[1].title.as_deref(), Some("Two"));
    assert!(facts.chapters[0].start_ns < facts.chapters[1].start_ns);
    assert_eq!(facts.attachments.iter().map(|one| one.is_cover).collect::<Vec<_>>(), [true, false]);
}

#[test]
fn times_of_a_sighting_are_seconds_and_evidence_is_what_is_shown_when_asked() {
    let sighted = sighted(
        r#"scan filesystem="fat" verify-hash=#true trust-inode=#false
        now mtime=2 size=9
        recorded mtime=0 inode=3 reader-is-current=#false
        sample "equal"
        full "different""#,
    );

    let recorded = sighted.recorded.unwrap();
    assert_eq!(sighted.now.mtime_ns - recorded.mtime_ns, 2_000_000_000);
    assert_eq!((sighted.now.size, recorded.size, recorded.inode), (9, 700, 3));
    assert!(!sighted.reader_is_current);
    assert!(matches!(sighted.scan.filesystem, FilesystemClass::Fat));
    assert!(sighted.scan.verify_hash && !sighted.scan.trust_inode && sighted.scan.trust_ctime);
    assert_eq!([Evidence::Sample, Evidence::Full].map(|asked| sighted.evidence(asked)), [Some(true), Some(false)]);
}

#[test]
fn what_is_expected_is_nothing_something_or_not_said() {
    assert_eq!(case("track \"video\"").expected, None);
    assert_eq!(case("track \"video\"\nexpect").expected, Some(vec![]));
    let two = case("track \"video\"\nexpect \"a\"\nexpect \"b\"").expected;
    assert_eq!(two, Some(vec!["a".to_owned(), "b".to_owned()]));
}

#[test]
fn a_medium_lies_beside_its_case() {
    let Subject::Media(path) = case("media \"small.y4m\"").subject else { panic!("no medium") };

    assert_eq!(path, Path::new("/cases/small.y4m"));
}

#[test]
fn all_that_cannot_be_meant_is_told_at_once() {
    let told = mistakes(
        r#"trakc "video"
        track "vidio"
        track "audio" width=7
        tag "A" "B" trak=1
        scan filesystem="ntfs"
        sample "maybe""#,
    );

    for what in ["trakc", "begins with its kind", "width", "trak", "ntfs", "maybe", "about several things"] {
        assert!(told.contains(what), "{what}: {told}");
    }
    assert!(mistakes("expect").contains("about nothing"));
}
