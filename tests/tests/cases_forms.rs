//! Files as the usual tools write them, in ways that are easy to read wrongly: facts must be those of the tools.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use vpo_tests::{Home, film, on_terminal, snapshot};

/// A folder of files that are made for one test.
struct Made {
    home: Home,
    folder: PathBuf,
}

impl Made {
    fn new() -> Self {
        let home = Home::new();
        let folder = home.folder().join("made");
        std::fs::create_dir_all(&folder).unwrap();
        Self { home, folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Writes a file that a tool will read.
    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    /// Makes a file with ffmpeg; `[name]` is another one of the folder.
    fn ffmpeg(&self, arguments: &str, name: &str) -> PathBuf {
        let mut all: Vec<String> = arguments.split_whitespace().map(|word| self.resolved(word)).collect();
        all.push(self.path(name).to_str().unwrap().to_owned());
        run("ffmpeg", &[&["-nostdin", "-v", "error", "-y"].map(str::to_owned)[..], &all].concat());
        self.path(name)
    }

    fn resolved(&self, word: &str) -> String {
        match word.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            Some(name) => self.path(name).to_str().unwrap().to_owned(),
            None => word.to_owned(),
        }
    }

    fn facts(&self, file: &Path) -> Value {
        self.home.vpo(["inspect".as_ref(), "--json".as_ref(), file.as_os_str()]).exits(0).json()
    }
}

fn run(tool: &str, arguments: &[String]) -> Vec<u8> {
    let output = Command::new(tool).args(arguments).output().unwrap_or_else(|cause| panic!("{tool}: {cause}"));
    assert!(output.status.success(), "{tool} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

fn asked(tool: &str, arguments: &str, file: &Path) -> Value {
    let mut all: Vec<String> = arguments.split_whitespace().map(str::to_owned).collect();
    all.push(file.to_str().unwrap().to_owned());
    serde_json::from_slice(&run(tool, &all)).unwrap()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

#[test]
fn case_33_mkvmerge_counts_texts_of_quicktime_that_it_does_not_list() {
    let made = Made::new();
    made.write("hello.srt", "1\n00:00:00,100 --> 00:00:00,900\nHello\n");
    std::fs::copy(film("heat"), made.path("heat.mkv")).unwrap();
    let order = "-i [heat.mkv] -i [hello.srt] -map 1:s -map 0:v -map 1:s -map 0:a -c copy -c:s mov_text";

    // A text track of QuickTime takes an id of mkvmerge, one of MP4 takes none.
    for (name, texts) in [("heat.mov", 1), ("heat.mp4", 0)] {
        let file = made.ffmpeg(order, name);
        let theirs = asked("mkvmerge", "-J", &file);
        let by_number = |number: &Value| {
            list(&theirs["tracks"])
                .iter()
                .find(|track| &track["properties"]["number"] == number)
                .map(|track| &track["id"])
        };
        assert_eq!(theirs["tracks"][0]["id"], texts, "{name}");
        for track in list(&made.facts(&file)["tracks"]) {
            let expected = by_number(&track["number"]).unwrap_or(&Value::Null);
            assert_eq!(&track["addresses"]["mkvmerge"], expected, "{name}: track {}", track["number"]);
        }
    }
}

#[test]
fn case_35_what_the_codec_says_of_its_colours_goes_before_what_the_container_says() {
    let made = Made::new();
    let coded = "-f lavfi -i testsrc2=s=160x90:d=0.2 -c:v libx264 -pix_fmt yuv420p";
    let stated =
        made.ffmpeg(&format!("{coded} -color_trc bt709 -colorspace bt709 -color_primaries bt709"), "stated.mkv");
    let silent = made.ffmpeg(coded, "silent.mkv");
    for file in [&stated, &silent] {
        let set = ["colour-primaries=9", "colour-transfer-characteristics=16", "colour-matrix-coefficients=9"];
        let mut arguments = vec![file.to_str().unwrap().to_owned(), "--edit".to_owned(), "track:1".to_owned()];
        arguments.extend(set.iter().flat_map(|value| ["--set".to_owned(), (*value).to_owned()]));
        run("mkvpropedit", &arguments);
    }

    let read = |file: &Path| made.facts(file)["tracks"][0].clone();
    let transfer =
        |file: &Path| asked("ffprobe", "-v error -of json -show_streams", file)["streams"][0]["color_transfer"].clone();

    assert_eq!((transfer(&stated), transfer(&silent)), (json!("bt709"), json!("smpte2084")));
    assert_eq!((&read(&stated)["colour_transfer"], &read(&stated)["dynamic_range"]), (&json!(1), &json!("sdr")));
    assert_eq!((&read(&silent)["colour_transfer"], &read(&silent)["dynamic_range"]), (&json!(16), &json!("hdr10")));
}

/// A film with two sounds and 57 texts, of which some are forced, for the deaf, spoken about, or turned off.
fn sixty_tracks(made: &Made) -> PathBuf {
    const LANGUAGES: [&str; 12] =
        ["eng", "ger", "fre", "zh-Hans", "zh-Hant", "pt-BR", "es-419", "jpn", "ara", "heb", "und", "sr-Latn"];
    const TITLES: [&str; 6] =
        ["", "SDH", "Signs & Songs", "", "中文（简体）", "Commentary by the director and the whole cast"];
    let text = made.write("hello.srt", "1\n00:00:00,100 --> 00:00:00,900\nHello\n");
    let file = made.home.films("Sixty.mkv");
    let heat = film("heat");
    let mut arguments = [
        "-q",
        "--deterministic",
        "sixty",
        "--disable-track-statistics-tags",
        "--title",
        "Sixty Tracks: the Long Version",
    ]
    .map(str::to_owned)
    .to_vec();
    arguments.extend(["-o", file.to_str().unwrap(), "-S", heat.to_str().unwrap()].map(str::to_owned));
    for index in 0..57 {
        let flag = |is_set: bool| format!("0:{}", u8::from(is_set));
        let each = [
            ("--language", format!("0:{}", LANGUAGES[index % LANGUAGES.len()])),
            ("--track-name", format!("0:{}", TITLES[index % TITLES.len()])),
            ("--default-track-flag", flag(index == 0)),
            ("--forced-display-flag", flag(index % 9 == 3)),
            ("--hearing-impaired-flag", flag(index % 6 == 1)),
            ("--commentary-flag", flag(index % 6 == 5)),
            ("--original-flag", flag(index % 12 == 7)),
            ("--track-enabled-flag", flag(index != 30)),
        ];
        arguments.extend(each.into_iter().flat_map(|(option, value)| [option.to_owned(), value]));
        arguments.push(text.to_str().unwrap().to_owned());
    }
    run("mkvmerge", &arguments);
    file
}

#[test]
fn case_36_sixty_tracks_are_told_at_a_glance() {
    let made = Made::new();
    sixty_tracks(&made);

    snapshot!(made.home.vpo(["inspect", "[films]/Sixty.mkv"]));
    snapshot!("verbose", made.home.vpo(["inspect", "--verbose", "[films]/Sixty.mkv"]));
    let shown =
        |columns| on_terminal(&made.home.command(["inspect", "--color", "never", "[films]/Sixty.mkv"]), columns);
    let (Some(narrow), Some(wide)) = (shown(80), shown(300)) else {
        eprintln!("skipped: a narrow terminal, which `script` would make");
        return;
    };
    let too_long: Vec<&str> = narrow.lines().skip(1).filter(|line| line.chars().count() > 80).collect();
    assert_eq!(too_long, Vec::<&str>::new());
    // Nothing is left out for being narrow.
    let words =
        |text: &str| text.split_whitespace().skip(1).map(str::to_owned).collect::<std::collections::BTreeSet<_>>();
    assert_eq!(words(&narrow), words(&wide));
}
