//! Facts that policies are checked with: some written by hand because they are odd, many generated, the same every time.

use crate::media::{
    Addresses, Attachment, Audio, Chapter, Details, Facts, Flags, Language, Ratio, Subtitle, SubtitleForm, Tag, Track,
    Video,
};
use crate::plan::{Context, Grants, TrackFlag};

/// Files that are generated.
const GENERATED: u32 = 300;

const LANGUAGES: [&str; 9] = ["eng", "ger", "fre", "jpn", "pt-BR", "und", "zh-Hans", "mul", "nonsense"];

const TITLES: [Option<&str>; 9] = [
    None,
    None,
    None,
    Some("Commentary by the director"),
    Some("Forced"),
    Some("English SDH"),
    Some("Stereo"),
    Some("\u{202e}odd\u{7}\n"),
    Some(""),
];

/// A name, and what is said to be in the file.
pub(super) fn all() -> impl Iterator<Item = (String, Facts)> {
    let by_hand = odd().into_iter().map(|(name, facts)| (name.to_owned(), facts));
    by_hand.chain((0..GENERATED).map(|seed| (format!("generated {seed}"), generated(seed))))
}

/// A film with one track of each kind.
pub(super) fn plain() -> (&'static str, Facts) {
    odd().into_iter().nth(2).expect("it is among those written by hand")
}

/// What a policy is told beside the facts.
pub(super) fn context(name: &str) -> Context {
    Context {
        today: "2024-02-29".to_owned(),
        file_name: format!("{name}.mkv"),
        size: 1 << 30,
        allowed: Grants::everything().names(),
        ..Context::default()
    }
}

/// Makes a file up; the same one for the same seed on every machine.
fn generated(seed: u32) -> Facts {
    let mut dice = Dice::new(seed);
    let count = dice.roll(12);
    let tracks: Vec<Track> = (0..count).map(|id| track(id, &mut dice)).collect();
    let containers = [("matroska", "matroska"), ("webm", "webm"), ("mp4", "isom"), ("avi", "")];
    let (container, brand) = dice.one_of(&containers);
    let count = dice.roll(4);
    let tags = (0..count).map(|_| tag(tracks.len() as u32, &mut dice)).collect();
    let count = dice.roll(3);
    let attachments = (0..count).map(|id| attachment(id, &mut dice)).collect();
    Facts {
        container: container.to_owned(),
        brand: Some(brand.to_owned()).filter(|brand| !brand.is_empty()),
        title: dice.one_of(&TITLES).map(str::to_owned),
        duration_ns: (dice.roll(4) > 0).then_some(5_400_000_000_000),
        tags,
        chapters: (0..u64::from(dice.roll(3))).map(chapter).collect(),
        attachments,
        tracks,
        ..Facts::default()
    }
}

fn track(id: u32, dice: &mut Dice) -> Track {
    let (details, codecs): (Details, &[&str]) = match dice.roll(10) {
        0..2 => (
            Details::Video(Video {
                width: dice.one_of(&[720, 1280, 1920, 3840]),
                height: dice.one_of(&[576, 720, 1080, 2160]),
                display_width: 1920,
                display_height: 1080,
                frame_rate: Some(Ratio { numerator: 24_000, denominator: 1001 }),
                ..Video::default()
            }),
            &["h264", "hevc", "av1", "mpeg2video"],
        ),
        2..6 => (
            Details::Audio(Audio {
                channels: dice.one_of(&[0, 1, 2, 6, 8]),
                sample_rate: Some(48_000),
                ..Audio::default()
            }),
            &["aac", "ac3", "eac3", "dts", "truehd", "flac", "opus"],
        ),
        6..9 => {
            let forms = [None, Some(SubtitleForm::Text), Some(SubtitleForm::StyledText), Some(SubtitleForm::Image)];
            (
                Details::Subtitle(Subtitle { form: dice.one_of(&forms) }),
                &["subrip", "ass", "hdmv_pgs_subtitle", "mov_text"],
            )
        }
        _ => (Details::Other, &["bin_data"]),
    };
    let codec = dice.one_of(codecs);
    let mut flags = Flags::default();
    for flag in TrackFlag::ALL {
        flag.set(&mut flags, dice.roll(4) == 0);
    }
    Track {
        id,
        number: u64::from(id) + 1,
        addresses: Addresses::default(),
        details,
        codec: codec.to_owned(),
        codec_id: codec.to_owned(),
        profile: None,
        level: None,
        language: Language::from_file(dice.one_of(&LANGUAGES)),
        title: dice.one_of(&TITLES).map(str::to_owned),
        flags,
        duration_ns: None,
        bit_rate: (dice.roll(2) == 0).then_some(640_000),
        extra: Vec::new(),
    }
}

fn tag(tracks: u32, dice: &mut Dice) -> Tag {
    Tag {
        track: (dice.roll(2) == 0 && tracks > 0).then(|| dice.roll(tracks)),
        name: dice.one_of(&["TITLE", "COMMENT", "ENCODER"]).to_owned(),
        value: dice.one_of(&["one", "two", "\u{1b}[31m"]).to_owned(),
        language: None,
    }
}

fn chapter(place: u64) -> Chapter {
    Chapter {
        start_ns: place * 60_000_000_000,
        end_ns: None,
        title: Some(format!("Chapter {place}")),
        language: Language::undetermined(),
        hidden: false,
        depth: 0,
        edition: 0,
    }
}

fn attachment(id: u32, dice: &mut Dice) -> Attachment {
    let (name, media_type, is_cover) = dice.one_of(&[
        ("cover.jpg", "image/jpeg", true),
        ("font.ttf", "font/ttf", false),
        ("notes.txt", "text/plain", false),
    ]);
    Attachment { id, name: name.to_owned(), media_type: media_type.to_owned(), description: None, size: 1000, is_cover }
}

/// Numbers that look random and are the same for the same seed.
pub(super) struct Dice(blake3::OutputReader);

impl Dice {
    pub(super) fn new(seed: u32) -> Self {
        Self(
            blake3::Hasher::new_derive_key("vpo samples for checking plugins")
                .update(&seed.to_le_bytes())
                .finalize_xof(),
        )
    }

    pub(super) fn roll(&mut self, sides: u32) -> u32 {
        let mut bytes = [0; 4];
        self.0.fill(&mut bytes);
        u32::from_le_bytes(bytes) % sides.max(1)
    }

    fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.roll(all.len() as u32) as usize]
    }
}

/// Files written by hand: nothing, one of each, many languages, commentary, forced subtitles, odd text.
fn odd() -> Vec<(&'static str, Facts)> {
    let video = || {
        Details::Video(Video {
            width: 1920,
            height: 1080,
            display_width: 1920,
            display_height: 1080,
            ..Video::default()
        })
    };
    let audio = || Details::Audio(Audio { channels: 6, sample_rate: Some(48_000), ..Audio::default() });
    let text = || Details::Subtitle(Subtitle { form: Some(SubtitleForm::Text) });
    let film = |tracks: Vec<(Details, &str, &str, Option<&str>, Flags)>| Facts {
        container: "matroska".to_owned(),
        duration_ns: Some(5_400_000_000_000),
        tracks: (0..)
            .zip(tracks)
            .map(|(id, (details, codec, language, title, flags))| Track {
                id,
                number: u64::from(id) + 1,
                addresses: Default::default(),
                details,
                codec: codec.to_owned(),
                codec_id: codec.to_owned(),
                profile: None,
                level: None,
                language: Language::from_file(language),
                title: title.map(str::to_owned),
                flags,
                duration_ns: None,
                bit_rate: None,
                extra: Vec::new(),
            })
            .collect(),
        ..Facts::default()
    };
    let plain = Flags::default();
    let default = Flags { default: true, ..plain };
    let forced = Flags { forced: true, ..plain };
    let commentary = Flags { commentary: true, ..plain };
    vec![
        ("no tracks", Facts { container: "matroska".to_owned(), ..Facts::default() }),
        ("video only", film(vec![(video(), "h264", "und", None, default)])),
        (
            "one of each",
            film(vec![
                (video(), "h264", "und", None, default),
                (audio(), "aac", "eng", None, default),
                (text(), "subrip", "eng", None, plain),
            ]),
        ),
        (
            "many languages",
            film(vec![
                (audio(), "ac3", "fre", Some("Français"), default),
                (video(), "hevc", "und", None, plain),
                (text(), "ass", "ger", Some("Schilder"), forced),
                (audio(), "dts", "jpn", None, default),
                (audio(), "aac", "pt-BR", None, plain),
                (text(), "subrip", "eng", Some("SDH"), default),
            ]),
        ),
        (
            "only commentary",
            film(vec![
                (video(), "h264", "eng", None, plain),
                (audio(), "aac", "eng", Some("Director's Commentary"), commentary),
                (audio(), "aac", "eng", Some("Lost in Space - Stereo"), plain),
            ]),
        ),
        (
            "odd text",
            film(vec![
                (video(), "h264", "nonsense", Some("\u{202e}\u{7}\n"), plain),
                (audio(), "", "", Some(""), plain),
                (Details::Other, "bin_data", "und", None, plain),
            ]),
        ),
    ]
}
