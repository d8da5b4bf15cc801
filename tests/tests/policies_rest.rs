//! The bundled policies as components, alone and one after another, on films at random: what the host makes of their plans
//! comes to rest, also once the film is read again, and nothing is lost that nobody may lose.

use std::ffi::OsStr;
use std::fs;

use vpo::library::{Choice, Deciders, Library, Places};
use vpo::media::{Addresses, TrackKind, Video};
use vpo::media::{Attachment, Audio, Chapter, Details, Facts, Flags, Language, Subtitle, SubtitleForm, Tag, Track};
use vpo::plan::{Grants, Plan, Safeguards};
use vpo::settings::Layer;
use vpo_tests::scratch;

const FILMS: u64 = 150;

/// Lines of options that may stand together or alone.
const TRACKS: [&str; 19] = [
    "audio \"eng\" \"und\" fallback=\"keep-all\" { drop commentary=#true; keep music=#true; }",
    "audio \"jpn\" minimum=2 fallback=\"keep-first\"",
    "audio \"fra\" fallback=\"content-language\" { keep original=#true; drop title=\"/^s|c/\"; }",
    "audio \"deu\"",
    "subtitle \"eng\" keep-forced=#true",
    "subtitle { drop form=\"image\"; drop hearing-impaired=#true; }",
    "subtitle \"deu\" minimum=1 fallback=\"keep-all\"",
    "video { drop codec=\"mjpeg\"; }",
    "order \"video\" \"audio-main\" \"audio-music\" \"audio-other\" \"subtitle-forced\" \"subtitle-main\" \"commentary\"",
    "order \"subtitle\" \"audio\"",
    "prefer { audio \"jpn\" \"eng\"; audio-codec \"flac\" \"a*\"; subtitle \"eng\"; }",
    "default video=\"first\" audio=\"preferred\" subtitle=\"when-foreign\"",
    "default audio=\"first\" subtitle=\"forced\"",
    "default audio=\"none\" subtitle=\"preferred\" forced-when-foreign=#true",
    "clear \"title\" in=\"video\"; clear \"file-title\" \"chapters\"",
    "clear \"title\" \"default\" in=\"audio\"",
    "attachments fonts=\"needed\" covers=\"keep\" others=\"remove\"",
    "attachments fonts=\"remove\" covers=\"remove\"",
    "set-language \"eng\" in=\"audio\" language=\"und\"",
];

const RULES: [&str; 9] = [
    "rule \"a\" { when { exists \"audio\" language=\"jpn\"; }; then { set-flag \"audio\" \"default\" #false; \
     set-flag \"audio\" \"default\" language=\"jpn\" first=#true; }; }",
    "rule \"b\" { when { count \"audio\" \">2\"; }; then { remove-track \"audio\" codec=\"ac3\"; }; }",
    "rule \"c\" { then { remove-track \"any\" title=\"/e/\"; }; }",
    "rule \"d\" { then { set-flag \"audio\" \"commentary\" title=\"/director/\"; set-track-title \"video\"; }; }",
    "rule \"e\" { when { file container=\"mp4\"; }; then { set-tag \"KIND\" \"film\"; }; else { set-tag \"KIND\"; }; }",
    "rule \"f\" { when { not { exists \"subtitle\" language=\"eng\"; }; }; then { warn \"none\"; set-title \"x\"; }; }",
    "rule \"g\" { then { set-language \"any\" \"eng\" language=\"und\"; set-flag \"subtitle\" \"forced\" title=\"signs*\"; }; }",
    "rule \"h\" { when { exists \"video\" resolution=\"<720p\"; }; then { skip \"small\"; }; }",
    "rule \"i\" { when { exists \"audio\" default=#true; }; then { set-flag \"subtitle\" \"enabled\" #false; }; }",
];

const CONTAINER: [&str; 7] = [
    "to \"mkv\"",
    "to \"mkv\" incompatible=\"drop\"",
    "to \"mp4\" incompatible=\"convert\"",
    "to \"mp4\" incompatible=\"drop\"",
    "to \"mp4\" incompatible=\"skip\"",
    "to \"mp4\"; convert \"truehd\" to=\"eac3\"; convert \"s*\" to=\"mov_text\"; drop \"*\"",
    "to \"mkv\"; from \"avi\" \"mp4\"",
];

#[test]
fn a_plan_of_one_policy_always_comes_to_rest() {
    let mut dice = Dice(7);
    let mut done = 0;
    for number in 0..60 {
        let policy = match number % 3 {
            0 => tracks(&mut dice),
            1 => rules(&mut dice),
            _ => container(&mut dice),
        };
        let Some(mut asked) = Asked::with(&policy) else { continue };
        for _ in 0..FILMS {
            let film = film(&mut dice);
            let Some((plan, after)) = asked.plan(&film) else { continue };
            let again =
                asked.decide(&after).unwrap_or_else(|said| panic!("fails on its outcome: {said}\n{policy}\n{film:#?}"));
            assert!(again.is_empty(), "{policy}\nfirst {:#?}\nthen {:#?}\nof {film:#?}", plan.steps, again.steps);
            done += 1;
        }
    }
    assert!(done > 1000, "only {done} plans were made");
}

#[test]
fn a_plan_of_several_policies_comes_to_rest_or_is_refused_and_loses_nothing_that_must_stay() {
    let mut dice = Dice(11);
    let (mut done, mut restless) = (0, 0);
    for _ in 0..40 {
        let mut parts = vec![tracks(&mut dice), rules(&mut dice), container(&mut dice)];
        let place = dice.below(3);
        parts.swap(0, place);
        if dice.below(3) == 0 {
            parts.pop();
        }
        let policy = parts.concat();
        let Some(mut asked) = Asked::with(&policy) else { continue };
        for _ in 0..FILMS {
            let film = film(&mut dice);
            let Some((plan, after)) = asked.plan(&film) else { continue };
            done += 1;
            match asked.decide(&after) {
                Ok(again) if again.is_empty() => {}
                // Policies can contradict each other; then the host refuses the plan.
                _ => {
                    restless += 1;
                    continue;
                }
            }
            let again = asked.decide(&read_again(&after)).map(|plan| plan.steps).unwrap_or_default();
            assert!(again.is_empty(), "{policy}\nfirst {:#?}\nwhen read again {again:#?}\nof {film:#?}", plan.steps);
        }
    }
    assert!(done > 1000, "only {done} plans were made");
    assert!(restless * 5 < done, "{restless} of {done} plans do not come to rest");
}

/// The policies of a profile.
struct Asked(Deciders);

impl Asked {
    /// `None` when the options contradict each other.
    fn with(policies: &str) -> Option<Self> {
        let home = tempfile::tempdir().unwrap();
        fs::create_dir(home.path().join("profiles")).unwrap();
        fs::write(home.path().join("profiles/random.kdl"), policies).unwrap();
        let library = Library::new(Places {
            home: home.path().to_owned(),
            user_home: None,
            working: home.path().to_owned(),
            config: home.path().join("config.kdl"),
            database: home.path().join("library.db"),
            profile_folders: vec![home.path().join("profiles")],
            plugin_folders: Vec::new(),
            search_path: None,
            cache: scratch("cache").join("vpo"),
        });
        let choice: Choice = library.choose_ready(Some("random"), Layer::default()).ok()?;
        Some(Self(library.deciders(&choice).unwrap()))
    }

    fn decide(&mut self, film: &Facts) -> Result<Plan, String> {
        self.0.decide(film, OsStr::new("Film.mkv"), 1 << 30).map_err(|error| error.to_string())
    }

    /// A plan with something to do, and what it leads to. It is the same from fresh instances, and nothing that must stay
    /// goes.
    fn plan(&mut self, film: &Facts) -> Option<(Plan, Facts)> {
        let plan = match self.decide(film) {
            Ok(plan) => plan,
            Err(said) => {
                assert!(said.contains("refuses") || said.contains("cannot work on"), "{said}\n{film:#?}");
                return None;
            }
        };
        if plan.is_empty() {
            return None;
        }
        let fresh = self.0.decide_afresh(film, OsStr::new("Film.mkv"), 1 << 30).unwrap();
        assert_eq!(plan, fresh);
        let checked = plan.check(film, &Grants::everything(), &Safeguards::default());
        let after = checked.unwrap_or_else(|refusal| panic!("{refusal}\n{:#?}\nof {film:#?}", plan.steps));
        Some((plan, after))
    }
}

fn some_of(dice: &mut Dice, lines: &[&str], most: usize) -> String {
    let count = 1 + dice.below(most);
    let chosen: Vec<&str> = (0..count).map(|_| lines[dice.below(lines.len())]).collect();
    // An option stands once, so of two about the same thing the first counts.
    let mut seen = Vec::new();
    let mut text = String::new();
    for line in chosen {
        let word = line.split(['"', '{']).next().unwrap_or_default();
        let name = if word.starts_with("rule") { line } else { word };
        if !seen.contains(&name) {
            seen.push(name);
            text.push_str(&format!("    {line}\n"));
        }
    }
    text
}

fn tracks(dice: &mut Dice) -> String {
    format!("policy \"tracks\" {{\n{}}}\n", some_of(dice, &TRACKS, 6))
}

fn rules(dice: &mut Dice) -> String {
    let first = if dice.below(3) == 0 { "    match \"first\"\n" } else { "" };
    format!("policy \"rules\" {{\n{first}{}}}\n", some_of(dice, &RULES, 4))
}

fn container(dice: &mut Dice) -> String {
    format!("policy \"container\" {{\n    {}\n}}\n", CONTAINER[dice.below(CONTAINER.len())])
}

/// Numbers at random that are the same at every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % end.max(1)
    }

    fn one_of<'t>(&mut self, words: &[&'t str]) -> &'t str {
        words[self.below(words.len())]
    }

    fn holds(&mut self, one_in: usize) -> bool {
        self.below(one_in) == 0
    }
}

/// A film as some reader could have read it.
fn film(dice: &mut Dice) -> Facts {
    let container = dice.one_of(&["matroska", "matroska", "mp4", "webm", "avi"]).to_owned();
    let is_mp4 = container == "mp4";
    let mut tracks: Vec<Track> = (0..1 + dice.below(8)).map(|place| track(dice, place as u32, is_mp4)).collect();
    if is_mp4 {
        // There, being chosen and being enabled are one, and of each kind that is seen or heard one is.
        for track in &mut tracks {
            track.flags.enabled = track.flags.default;
            track.flags.original = false;
            track.flags.text_descriptions = false;
        }
        for kind in [TrackKind::Video, TrackKind::Audio] {
            let any = tracks.iter().any(|track| track.kind() == kind && track.flags.default);
            if let Some(first) = tracks.iter_mut().find(|track| track.kind() == kind && !any) {
                first.flags.default = true;
                first.flags.enabled = true;
            }
        }
    }
    let attachments = if is_mp4 { 0 } else { dice.below(4) };
    Facts {
        container,
        title: dice.holds(2).then(|| "A film".to_owned()),
        duration_ns: Some(4_000_000_000),
        attachments: (0..attachments).map(|id| attachment(dice, id as u32)).collect(),
        chapters: (0..dice.below(3)).map(|place| chapter(place as u64)).collect(),
        tags: (0..dice.below(3)).map(|_| tag(dice)).collect(),
        tracks,
        ..Facts::default()
    }
}

fn track(dice: &mut Dice, id: u32, is_mp4: bool) -> Track {
    let (details, codec) = match dice.below(7) {
        0 => {
            let (width, height) = [(1920, 800), (640, 480), (3840, 2160)][dice.below(3)];
            (Details::Video(Video { width, height, ..Video::default() }), dice.one_of(&["h264", "hevc", "mjpeg"]))
        }
        1..=3 => {
            let codecs = if is_mp4 { &["aac", "ac3", "flac"][..] } else { &["aac", "ac3", "flac", "truehd", "dts"] };
            let channels = [1, 2, 6, 8][dice.below(4)];
            (Details::Audio(Audio { channels, ..Audio::default() }), dice.one_of(codecs))
        }
        _ => {
            let codec = if is_mp4 { "mov_text" } else { dice.one_of(&["subrip", "ass", "hdmv_pgs_subtitle"]) };
            let form = match codec {
                "ass" => SubtitleForm::StyledText,
                "hdmv_pgs_subtitle" => SubtitleForm::Image,
                _ => SubtitleForm::Text,
            };
            (Details::Subtitle(Subtitle { form: Some(form) }), codec)
        }
    };
    let titles = ["Commentary by the director", "Signs & Songs", "SDH", "Isolated Score", "Stereo", "Forced"];
    let languages = if is_mp4 { &["eng", "jpn", "deu", "und"][..] } else { &["eng", "jpn", "deu", "und", "pt-BR"] };
    Track {
        id,
        number: u64::from(id) + 1,
        addresses: Addresses::default(),
        details,
        codec: codec.to_owned(),
        codec_id: String::new(),
        profile: None,
        level: None,
        language: Language::from_file(dice.one_of(languages)),
        title: dice.holds(3).then(|| dice.one_of(&titles).to_owned()),
        flags: Flags {
            default: dice.holds(2),
            forced: dice.holds(5),
            enabled: !dice.holds(8),
            original: dice.holds(6),
            commentary: dice.holds(8),
            hearing_impaired: dice.holds(8),
            ..Flags::default()
        },
        duration_ns: Some(4_000_000_000),
        bit_rate: None,
        extra: Vec::new(),
    }
}

fn attachment(dice: &mut Dice, id: u32) -> Attachment {
    let (name, media_type) =
        [("a.ttf", "font/ttf"), ("cover.jpg", "image/jpeg"), ("notes.txt", "text/plain")][dice.below(3)];
    Attachment {
        id,
        name: name.to_owned(),
        media_type: media_type.to_owned(),
        description: None,
        size: 10,
        is_cover: name == "cover.jpg",
    }
}

fn chapter(place: u64) -> Chapter {
    Chapter {
        start_ns: place * 1_000_000_000,
        end_ns: None,
        title: None,
        language: Language::undetermined(),
        hidden: false,
        depth: 0,
        edition: 0,
    }
}

fn tag(dice: &mut Dice) -> Tag {
    Tag {
        track: None,
        name: dice.one_of(&["KIND", "kind", "OTHER"]).to_owned(),
        value: "film".to_owned(),
        language: None,
    }
}

/// The facts as they are read later: ids count from zero in file order.
fn read_again(facts: &Facts) -> Facts {
    let mut facts = facts.clone();
    let ids: Vec<u32> = facts.tracks.iter().map(|track| track.id).collect();
    for tag in &mut facts.tags {
        tag.track = tag.track.and_then(|old| ids.iter().position(|id| *id == old)).map(|place| place as u32);
    }
    for (track, id) in facts.tracks.iter_mut().zip(0..) {
        track.id = id;
    }
    for (attachment, id) in facts.attachments.iter_mut().zip(0..) {
        attachment.id = id;
    }
    facts
}
