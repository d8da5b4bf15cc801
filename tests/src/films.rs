//! The films that the page about policies shows its examples on: small, and each with what its policies look for.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::build::workspace;
use crate::home::Home;

/// Puts the four films that `docs/policies.md` describes at its start among the films of a home.
pub fn page_films(home: &Home) {
    let work = home.folder().join("work");
    fs::create_dir_all(&work).unwrap();
    let parts = Parts::make(&work);

    let mut heat = Mux::new(home, "Heat.mkv");
    heat.option(&["--title", "heat x264 rip", "--chapters"]).file(&parts.chapters);
    heat.option(&["--global-tags"]).file(&parts.rating);
    heat.track(&parts.h264, &["--language", "0:und"]);
    heat.track(&parts.ac3, &["--language", "0:fre", "--track-name", "0:Stereo"]);
    heat.track(&parts.aac, &["--language", "0:eng", "--default-track-flag", "0:0"]);
    heat.track(
        &parts.aac,
        &["--language", "0:eng", "--default-track-flag", "0:0", "--track-name", "0:Commentary by the director"],
    );
    heat.track(&parts.srt, &["--language", "0:fre", "--default-track-flag", "0:0"]);
    heat.track(&parts.srt, &["--language", "0:eng", "--default-track-flag", "0:0", "--track-name", "0:English SDH"]);
    heat.track(&parts.srt, &["--language", "0:eng", "--default-track-flag", "0:0", "--forced-display-flag", "0:1"]);
    heat.make();

    let mut ran = Mux::new(home, "Ran.mkv");
    ran.attach(&parts.font, "font/ttf").attach(&parts.cover, "image/jpeg").attach(&parts.notes, "text/plain");
    ran.track(&parts.h264, &["--language", "0:und"]);
    ran.track(&parts.flac, &["--language", "0:jpn"]);
    ran.track(&parts.aac, &["--language", "0:eng", "--default-track-flag", "0:0"]);
    ran.track(&parts.aac, &["--language", "0:eng", "--default-track-flag", "0:0", "--track-name", "0:Isolated Score"]);
    ran.track(
        &parts.ass,
        &[
            "--language",
            "0:eng",
            "--default-track-flag",
            "0:0",
            "--forced-display-flag",
            "0:1",
            "--track-name",
            "0:Signs & Songs",
        ],
    );
    ran.track(&parts.ass, &["--language", "0:eng", "--default-track-flag", "0:0"]);
    ran.track(&parts.srt, &["--language", "0:ger"]);
    ran.make();

    let mut disc = Mux::new(home, "Disc.mkv");
    disc.track(&parts.h264, &["--language", "0:und"]);
    disc.track(&parts.truehd, &["--language", "0:eng", "--default-track-flag", "0:0"]);
    disc.track(&parts.ac3, &["--language", "0:eng"]);
    disc.track(&parts.srt, &["--language", "0:eng", "--default-track-flag", "0:0"]);
    disc.track(&parts.pgs, &["--language", "0:eng", "--default-track-flag", "0:0"]);
    disc.make();

    let clip = home.folder().join("work/Clip.mp4");
    let inputs =
        ["-i", parts.h264.to_str().unwrap(), "-i", parts.aac.to_str().unwrap(), "-i", parts.srt.to_str().unwrap()];
    ffmpeg(
        &[
            &inputs[..],
            &["-map", "0", "-map", "1", "-map", "2", "-c", "copy", "-c:s", "mov_text"],
            &["-metadata:s:a:0", "language=eng", "-metadata:s:s:0", "language=eng", "-disposition:s:0", "0"],
        ]
        .concat(),
        &clip,
    );
    home.put("Clip.mp4", &clip);
}

/// Streams that films are put together from.
struct Parts {
    h264: PathBuf,
    aac: PathBuf,
    ac3: PathBuf,
    flac: PathBuf,
    truehd: PathBuf,
    srt: PathBuf,
    ass: PathBuf,
    pgs: PathBuf,
    font: PathBuf,
    cover: PathBuf,
    notes: PathBuf,
    chapters: PathBuf,
    rating: PathBuf,
}

impl Parts {
    fn make(work: &Path) -> Self {
        let text = |name: &str, content: &str| {
            fs::write(work.join(name), content).unwrap();
            work.join(name)
        };
        let encoded = |name: &str, arguments: &[&str]| {
            ffmpeg(arguments, &work.join(name));
            work.join(name)
        };
        let sound = |name: &str, channels: &str, codec: &str| {
            let tone = ["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000:duration=1", "-strict", "-2"];
            encoded(name, &[&tone[..], &["-ac", channels, "-c:a", codec]].concat())
        };
        let srt = text("line.srt", "1\n00:00:00,200 --> 00:00:00,800\nHello\n");
        let pgs = work.join("images.sup");
        let script = workspace().join("scripts/media-parts.py");
        assert!(Command::new("python3").arg(script).arg("pgs").arg(&pgs).status().unwrap().success());
        Self {
            h264: encoded(
                "picture.mp4",
                &[
                    "-f",
                    "lavfi",
                    "-i",
                    "testsrc2=size=160x90:rate=24:duration=1",
                    "-c:v",
                    "libx264",
                    "-pix_fmt",
                    "yuv420p",
                ],
            ),
            aac: sound("stereo.m4a", "2", "aac"),
            ac3: sound("stereo.ac3", "2", "ac3"),
            flac: sound("stereo.flac", "2", "flac"),
            truehd: sound("surround.thd", "6", "truehd"),
            ass: encoded("line.ass", &["-i", srt.to_str().unwrap()]),
            srt,
            pgs,
            font: text("Font.ttf", "not really a font"),
            cover: encoded("cover.jpg", &["-f", "lavfi", "-i", "color=red:s=60x90:d=1", "-frames:v", "1"]),
            notes: text("notes.txt", "about the film"),
            chapters: text(
                "chapters.txt",
                "CHAPTER01=00:00:00.000\nCHAPTER01NAME=One\nCHAPTER02=00:00:00.500\nCHAPTER02NAME=Two\n",
            ),
            rating: text(
                "tags.xml",
                "<Tags><Tag><Simple><Name>RATING</Name><String>7.5</String></Simple></Tag></Tags>",
            ),
        }
    }
}

/// A call of mkvmerge in the making.
struct Mux<'h> {
    home: &'h Home,
    name: &'static str,
    command: Command,
}

impl<'h> Mux<'h> {
    fn new(home: &'h Home, name: &'static str) -> Self {
        let mut command = Command::new("mkvmerge");
        command.args(["-q", "--disable-track-statistics-tags", "-o"]).arg(home.folder().join("work").join(name));
        Self { home, name, command }
    }

    fn option(&mut self, arguments: &[&str]) -> &mut Self {
        self.command.args(arguments);
        self
    }

    fn file(&mut self, path: &Path) -> &mut Self {
        self.command.arg(path);
        self
    }

    fn track(&mut self, path: &Path, options: &[&str]) {
        self.command.args(["--no-global-tags", "--no-track-tags", "--no-chapters"]).args(options).arg(path);
    }

    fn attach(&mut self, path: &Path, media_type: &str) -> &mut Self {
        self.command.args(["--attachment-mime-type", media_type, "--attach-file"]).arg(path);
        self
    }

    fn make(mut self) {
        let status = self.command.status().unwrap();
        assert!(status.code().is_some_and(|code| code < 2), "{:?}", self.command);
        self.home.put(self.name, &self.home.folder().join("work").join(self.name));
    }
}

fn ffmpeg(arguments: &[&str], output: &Path) {
    let status = Command::new("ffmpeg").args(["-nostdin", "-v", "error", "-y"]).args(arguments).arg(output).status();
    assert!(status.unwrap().success(), "ffmpeg {arguments:?}");
}
