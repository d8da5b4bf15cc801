//! Real videos, made once by ffmpeg and mkvmerge and kept under the build folder.

use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::build::{scratch, workspace};

/// How a video is made. Recipes that differ in anything give files that differ in bytes.
#[derive(Debug, Clone)]
pub struct Recipe {
    /// File name without extension; also the title inside, so that no two films have equal bytes.
    pub name: &'static str,
    pub seconds: &'static str,
    /// What the picture shows: a source filter of ffmpeg.
    pub picture: &'static str,
    /// Language of each audio track.
    pub audio: &'static [&'static str],
    /// Language of each subtitle track.
    pub subtitles: &'static [&'static str],
}

impl Recipe {
    pub fn new(name: &'static str) -> Self {
        Self {
            name,
            seconds: "1",
            picture: "testsrc2=s=320x180:r=24000/1001",
            audio: &["eng", "jpn"],
            subtitles: &["eng"],
        }
    }

    /// Returns the file as Matroska; it is made when it is not there yet.
    pub fn matroska(&self) -> PathBuf {
        kept(&format!("{}.mkv", self.name), |file, work| {
            let picture = work.join("picture.mkv");
            let source = ["-f", "lavfi", "-i", self.picture, "-t", self.seconds];
            let encode = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"];
            run("ffmpeg", ffmpeg(&source).args(encode).arg(&picture));

            let mut mux = Command::new("mkvmerge");
            // What ffmpeg and mkvmerge write of themselves differs from version to version.
            mux.args([
                "-q",
                "--deterministic",
                self.name,
                "--disable-track-statistics-tags",
                "--title",
                self.name,
                "-o",
            ]);
            mux.arg(file).args(["--no-global-tags", "--no-track-tags"]).arg(&picture);
            for (index, language) in self.audio.iter().enumerate() {
                let track = work.join(format!("audio-{index}.m4a"));
                let tone = format!("sine=f={}:d={}", 440 + 110 * index, self.seconds);
                run("ffmpeg", ffmpeg(&["-f", "lavfi", "-i", &tone, "-c:a", "aac", "-b:a", "32k"]).arg(&track));
                mux.args(["--no-track-tags", "--language", &format!("0:{language}")]).arg(&track);
            }
            for (index, language) in self.subtitles.iter().enumerate() {
                let track = work.join(format!("subtitle-{index}.srt"));
                fs::write(&track, "1\n00:00:00,100 --> 00:00:00,900\nHello\n").expect("the work folder is writable");
                mux.args(["--language", &format!("0:{language}"), "--default-track-flag", "0:0"]).arg(&track);
            }
            run("mkvmerge", &mut mux);
        })
    }

    /// Returns the same tracks in another container, by its extension.
    pub fn remuxed(&self, extension: &str) -> PathBuf {
        kept(&format!("{}.{extension}", self.name), |file, _| {
            let source = self.matroska();
            let source = source.to_str().expect("a path of our own");
            run("ffmpeg", ffmpeg(&["-i", source, "-map", "0:v", "-map", "0:a", "-c", "copy"]).arg(file));
        })
    }
}

/// Returns a small Matroska film with English and Japanese audio and English subtitles.
pub fn film(name: &'static str) -> PathBuf {
    Recipe::new(name).matroska()
}

/// Returns a Matroska film of more than a mebibyte, most of which no sample looks at.
pub fn large_film() -> PathBuf {
    // Noise does not compress.
    let picture = "nullsrc=s=640x360:r=24,geq=random(1)*255:128:128";
    let large = Recipe { picture, audio: &["eng"], ..Recipe::new("noise") }.matroska();
    assert!(fs::metadata(&large).expect("just made").len() > 1 << 20);
    large
}

/// Returns the folder of what `scripts/generate-media.sh` makes: one file for each thing that a reader can get wrong.
pub fn varied() -> PathBuf {
    let scripts = workspace().join("scripts");
    let script = scripts.join("generate-media.sh");
    let recipe = [&script, &scripts.join("media-parts.py")].map(|file| fs::read_to_string(file).expect("it is there"));
    kept(&format!("varied-{}", fingerprint(&recipe.concat())), |folder, _| {
        run("generate-media.sh", Command::new("bash").arg(&script).arg(folder));
    })
}

/// Returns a file or folder of the media folder; makes it when it is not there, while other tests wait.
fn kept(name: &str, make: impl FnOnce(&Path, &Path)) -> PathBuf {
    // Films that an older recipe made are not used.
    let media = scratch("media").join(fingerprint(include_str!("media.rs")));
    fs::create_dir_all(&media).expect("the build folder is writable");
    let kept = media.join(name);
    if kept.exists() {
        return kept;
    }
    let lock = File::create(media.join(format!(".{name}.lock"))).expect("the build folder is writable");
    lock.lock().expect("a lock of our own");
    if !kept.exists() {
        let work = tempfile::tempdir_in(&media).expect("the build folder is writable");
        let made = work.path().join(name);
        make(&made, work.path());
        fs::rename(&made, &kept).expect("made beside where it is kept");
    }
    kept
}

fn fingerprint(recipe: &str) -> String {
    let mut hasher = DefaultHasher::new();
    recipe.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

fn ffmpeg(arguments: &[&str]) -> Command {
    let mut command = Command::new("ffmpeg");
    command.args(["-nostdin", "-hide_banner", "-v", "error", "-y", "-bitexact"]).args(arguments);
    command
}

/// Runs a tool to its end. mkvmerge says with 1 that it had warnings.
fn run(tool: &str, command: &mut Command) {
    let output = command.stdin(Stdio::null()).output();
    let output = output.unwrap_or_else(|cause| panic!("{tool} does not run ({cause}); run `scripts/media-tools.sh`"));
    let fine = output.status.success() || (tool == "mkvmerge" && output.status.code() == Some(1));
    assert!(fine, "{command:?}: {}", String::from_utf8_lossy(&[output.stdout, output.stderr].concat()));
}
