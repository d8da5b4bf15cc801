//! A case: what a plugin is given and what it is to answer, written by its author in a few lines of KDL.
//!
//! ```kdl
//! options { unwanted "RARBG" }
//! track "video" "h264"
//! track "audio" "ac3" language="en" title="English RARBG"
//! expect "set-track-title 1 -"
//! ```
//!
//! A case with `track` or `file` is for a policy, one with `now` for a detector, one with `media` for an introspector. What
//! is not written is as in a plain film of an hour and a half.

mod sighting;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use crate::kdl_read::{Base, Document, Item, Mistakes, Node, Scalar};
use crate::media::{
    Addresses, Attachment, Audio, Chapter, Details, Facts, Flags, Language, Subtitle, SubtitleForm, Tag, Track, Video,
};
use crate::plan::Context;
use crate::profile::OptionNodes;

pub use self::sighting::Sighted;

/// What one case is about.
pub struct Case {
    pub options: OptionNodes,
    pub subject: Subject,
    /// The lines that the plugin is to answer; absent when the answer is only to be shown.
    pub expected: Option<Vec<String>>,
}

/// What the plugin is given.
pub enum Subject {
    Film(Box<(Context, Facts)>),
    Sighting(Box<Sighted>),
    Media(PathBuf),
}

const WORDS: [&str; 8] = ["options", "file", "track", "attachment", "tag", "chapter", "expect", "media"];

impl Case {
    /// Reads a case; relative paths in it start in its folder.
    pub fn read(name: &str, text: &str, folder: &Path) -> Result<Self, Mistakes> {
        let document = Document::parse(name, text, Base { folder: folder.to_owned(), home: None })?;
        let mut mistakes = Mistakes::default();
        let mut draft = Draft::default();
        for node in document.nodes() {
            draft.take(node, &mut mistakes);
        }
        let place = document.nodes().next().map(|node| node.place());
        let place = place.unwrap_or_else(|| crate::kdl_read::Place::new(document.text(), 0, 0));
        let case = draft.finish(place, &mut mistakes);
        mistakes.into_result()?;
        Ok(case)
    }
}

/// What has been read of a case so far.
#[derive(Default)]
struct Draft {
    options: Option<OptionNodes>,
    facts: Facts,
    file_name: Option<String>,
    size: Option<u64>,
    sighted: Option<Sighted>,
    media: Option<PathBuf>,
    expected: Option<Vec<String>>,
}

impl Draft {
    fn take(&mut self, node: Node<'_>, mistakes: &mut Mistakes) {
        match node.name() {
            "options" => self.options = Some(OptionNodes::read(node, node.place(), mistakes)),
            "file" => self.file(node, mistakes),
            "track" => self.track(node, mistakes),
            "attachment" => self.attachment(node, mistakes),
            "tag" => self.tag(node, mistakes),
            "expect" => {
                let lines = node.arguments().filter_map(|item| item.read(node.base(), mistakes));
                self.expected.get_or_insert_default().extend(lines);
            }
            "media" => self.media = node.only(mistakes).map(|(path, _)| path),
            "chapter" => self.chapter(node, mistakes),
            word if sighting::WORDS.contains(&word) => {
                self.sighted.get_or_insert_with(Sighted::plain).take(node, mistakes);
            }
            unknown => mistakes.unknown(&node.place(), "word", unknown, WORDS.into_iter().chain(sighting::WORDS)),
        }
    }

    fn file(&mut self, node: Node<'_>, mistakes: &mut Mistakes) {
        self.file_name = first(node, mistakes);
        for (name, item) in node.properties() {
            match name {
                "container" => set(&mut self.facts.container, &item, node, mistakes),
                "title" => self.facts.title = item.read(node.base(), mistakes),
                "size" => self.size = item.read(node.base(), mistakes),
                "partial" => self.facts.partial = item.read(node.base(), mistakes),
                other => mistakes.unknown(&item.place, "property", other, ["container", "title", "size", "partial"]),
            }
        }
    }

    fn track(&mut self, node: Node<'_>, mistakes: &mut Mistakes) {
        let words: Vec<String> = node.arguments().filter_map(|item| item.read(node.base(), mistakes)).collect();
        let kind = words.first().map_or("", String::as_str);
        let details = match kind {
            "video" => Details::Video(Video {
                width: 1920,
                height: 1080,
                display_width: 1920,
                display_height: 1080,
                ..Video::default()
            }),
            "audio" => Details::Audio(Audio { channels: 2, sample_rate: Some(48_000), ..Audio::default() }),
            "subtitle" => Details::Subtitle(Subtitle { form: Some(form_of(words.get(1).map_or("", String::as_str))) }),
            "other" => Details::Other,
            _ => {
                let what = "\"track\" begins with its kind";
                mistakes.expected(
                    &node.place(),
                    what,
                    "\"video\", \"audio\", \"subtitle\" or \"other\", then the codec",
                );
                return;
            }
        };
        let id = u32::try_from(self.facts.tracks.len()).expect("a case has fewer tracks");
        let usual = match kind {
            "video" => "h264",
            "audio" => "aac",
            "subtitle" => "subrip",
            _ => "",
        };
        let codec = words.get(1).cloned().unwrap_or_else(|| usual.to_owned());
        let mut track = Track {
            id,
            number: u64::from(id) + 1,
            addresses: Addresses { mkvmerge: Some(id), mkvpropedit: Some(id + 1), ffmpeg: Some(id) },
            details,
            codec_id: codec.clone(),
            codec,
            profile: None,
            level: None,
            language: Language::undetermined(),
            title: None,
            flags: Flags::default(),
            duration_ns: None,
            bit_rate: None,
            extra: Vec::new(),
        };
        for (name, item) in node.properties() {
            property(&mut track, name, &item, node, mistakes);
        }
        self.facts.tracks.push(track);
    }

    fn attachment(&mut self, node: Node<'_>, mistakes: &mut Mistakes) {
        let words: Vec<String> = node.arguments().filter_map(|item| item.read(node.base(), mistakes)).collect();
        let (name, media_type) = (words.first().cloned(), words.get(1).cloned());
        let media_type = media_type.unwrap_or_else(|| "application/octet-stream".to_owned());
        self.facts.attachments.push(Attachment {
            id: u32::try_from(self.facts.attachments.len()).expect("a case has fewer attachments"),
            name: name.unwrap_or_default(),
            is_cover: media_type.starts_with("image/"),
            media_type,
            description: None,
            size: 1000,
        });
    }

    fn tag(&mut self, node: Node<'_>, mistakes: &mut Mistakes) {
        let words: Vec<String> = node.arguments().filter_map(|item| item.read(node.base(), mistakes)).collect();
        let word = |at: usize| words.get(at).cloned().unwrap_or_default();
        let mut tag = Tag { track: None, name: word(0), value: word(1), language: None };
        for (name, item) in node.properties() {
            match name {
                "track" => tag.track = item.read(node.base(), mistakes),
                "language" => tag.language = item.read(node.base(), mistakes),
                other => mistakes.unknown(&item.place, "property", other, ["track", "language"]),
            }
        }
        self.facts.tags.push(tag);
    }

    /// A chapter after the one before, five minutes later.
    fn chapter(&mut self, node: Node<'_>, mistakes: &mut Mistakes) {
        let place = self.facts.chapters.len() as u64;
        self.facts.chapters.push(Chapter {
            start_ns: place * 300_000_000_000,
            end_ns: None,
            title: first(node, mistakes),
            language: Language::undetermined(),
            hidden: false,
            depth: 0,
            edition: 0,
        });
    }

    fn finish(self, place: crate::kdl_read::Place, mistakes: &mut Mistakes) -> Case {
        let options = self.options.unwrap_or_else(|| OptionNodes::none(place.clone()));
        let is_film = !self.facts.tracks.is_empty() || self.file_name.is_some();
        let kinds = [is_film, self.sighted.is_some(), self.media.is_some()];
        if kinds.iter().filter(|is| **is).count() != 1 {
            mistakes.expected(
                &place,
                "this case is about nothing, or about several things",
                "`track` or `file` for a policy, `now` for a detector, or `media` for an introspector",
            );
        }
        let subject = match (self.sighted, self.media) {
            (Some(sighted), _) => Subject::Sighting(Box::new(sighted)),
            (None, Some(path)) => Subject::Media(path),
            (None, None) => {
                let mut facts = self.facts;
                if facts.container.is_empty() {
                    facts.container = "matroska".to_owned();
                }
                facts.duration_ns = Some(5_400_000_000_000);
                let context = Context {
                    today: "2024-02-29".to_owned(),
                    file_name: self.file_name.unwrap_or_else(|| "Film.mkv".to_owned()),
                    size: self.size.unwrap_or(4_000_000_000),
                    allowed: crate::plan::Grants::everything().names(),
                    ..Context::default()
                };
                Subject::Film(Box::new((context, facts)))
            }
        };
        Case { options, subject, expected: self.expected }
    }
}

fn form_of(codec: &str) -> SubtitleForm {
    match codec {
        "ass" | "ssa" => SubtitleForm::StyledText,
        "hdmv_pgs_subtitle" | "dvd_subtitle" | "dvb_subtitle" => SubtitleForm::Image,
        _ => SubtitleForm::Text,
    }
}

const TRACK_WORDS: [&str; 14] = [
    "language",
    "title",
    "channels",
    "width",
    "height",
    "bit-rate",
    "default",
    "forced",
    "enabled",
    "original",
    "commentary",
    "hearing-impaired",
    "visual-impaired",
    "text-descriptions",
];

fn property(track: &mut Track, name: &str, item: &Item<'_>, node: Node<'_>, mistakes: &mut Mistakes) {
    let flags = &mut track.flags;
    match (name, &mut track.details) {
        ("language", _) => {
            let written: Option<String> = item.read(node.base(), mistakes);
            track.language = written.map_or_else(Language::undetermined, |text| Language::from_file(&text));
        }
        ("title", _) => track.title = item.read(node.base(), mistakes),
        ("bit-rate", _) => track.bit_rate = item.read(node.base(), mistakes),
        ("channels", Details::Audio(audio)) => set(&mut audio.channels, item, node, mistakes),
        ("width", Details::Video(video)) => {
            set(&mut video.width, item, node, mistakes);
            video.display_width = video.width;
        }
        ("height", Details::Video(video)) => {
            set(&mut video.height, item, node, mistakes);
            video.display_height = video.height;
        }
        ("default", _) => set(&mut flags.default, item, node, mistakes),
        ("forced", _) => set(&mut flags.forced, item, node, mistakes),
        ("enabled", _) => set(&mut flags.enabled, item, node, mistakes),
        ("original", _) => set(&mut flags.original, item, node, mistakes),
        ("commentary", _) => set(&mut flags.commentary, item, node, mistakes),
        ("hearing-impaired", _) => set(&mut flags.hearing_impaired, item, node, mistakes),
        ("visual-impaired", _) => set(&mut flags.visual_impaired, item, node, mistakes),
        ("text-descriptions", _) => set(&mut flags.text_descriptions, item, node, mistakes),
        (other, _) => mistakes.unknown(&item.place, "property of this kind of track", other, TRACK_WORDS),
    }
}

fn first<T: Scalar>(node: Node<'_>, mistakes: &mut Mistakes) -> Option<T> {
    node.arguments().next().and_then(|item| item.read(node.base(), mistakes))
}

fn set<T: Scalar>(into: &mut T, item: &Item<'_>, node: Node<'_>, mistakes: &mut Mistakes) {
    if let Some(value) = item.read(node.base(), mistakes) {
        *into = value;
    }
}
