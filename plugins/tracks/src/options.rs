//! The options of the policy.

use vpo_plugin_sdk::languages::Language;
use vpo_plugin_sdk::options::{Choice, OneOf, Options, Pattern};
use vpo_plugin_sdk::select::{Kind, TrackTest};

/// What the user wants of tracks. Each operation happens only when its option is written.
#[derive(Options, Debug, Default)]
pub struct Tracks {
    /// Which video tracks stay.
    #[child]
    pub video: Option<Video>,
    /// Which audio tracks stay.
    #[child]
    pub audio: Option<Audio>,
    /// Which subtitle tracks stay.
    #[child]
    pub subtitle: Option<Subtitle>,
    /// Which attachments stay.
    #[child]
    pub attachments: Option<Attachments>,
    /// What is liked best, where that differs from what is kept.
    #[child]
    pub prefer: Option<Prefer>,
    /// In which order the tracks stand.
    #[child]
    pub order: Option<Order>,
    /// Which tracks a player shall choose by itself.
    #[child]
    pub default: Option<DefaultTracks>,
    /// What is taken away from the tracks that stay.
    #[children]
    pub clear: Vec<Clear>,
    /// Languages that are to be set or corrected.
    #[children]
    pub set_language: Vec<SetLanguage>,
}

#[derive(Options, Debug, Default)]
pub struct Video {
    /// What to do when fewer tracks than the minimum would stay.
    #[property(default = Fallback::Error)]
    pub fallback: Fallback,
    #[any_of]
    pub rules: Vec<Rule>,
    #[node]
    pub node: Option<u32>,
}

#[derive(Options, Debug, Default)]
pub struct Audio {
    /// Languages that stay, best first; all when none is named.
    #[arguments]
    pub languages: Vec<Language>,
    /// What to do when fewer tracks than the minimum would stay.
    #[property(default = Fallback::Error)]
    pub fallback: Fallback,
    /// How many tracks beside commentaries and descriptions must stay; at least 1.
    #[property(default = 1u32)]
    pub minimum: u32,
    #[any_of]
    pub rules: Vec<Rule>,
    #[node]
    pub node: Option<u32>,
}

#[derive(Options, Debug, Default)]
pub struct Subtitle {
    /// Languages that stay, best first; all when none is named.
    #[arguments]
    pub languages: Vec<Language>,
    /// Keeps forced subtitles of every language.
    #[property(default = false)]
    pub keep_forced: bool,
    /// What to do when fewer tracks than the minimum would stay.
    #[property(default = Fallback::Error)]
    pub fallback: Fallback,
    /// How many tracks must stay.
    #[property(default = 0u32)]
    pub minimum: u32,
    #[any_of]
    pub rules: Vec<Rule>,
    #[node]
    pub node: Option<u32>,
}

/// What happens when too few tracks would stay.
#[derive(Choice, Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Fallback {
    #[default]
    Error,
    KeepAll,
    KeepFirst,
    ContentLanguage,
}

/// An exception that is looked at before the languages; the first that fits a track decides.
#[derive(OneOf, Debug)]
pub enum Rule {
    /// Keeps the tracks that fit, whatever their language.
    Keep(Exception),
    /// Removes the tracks that fit, whatever their language.
    Drop(Exception),
}

#[derive(Options, Debug, Default)]
pub struct Exception {
    #[flatten]
    pub test: TrackTest,
    #[node]
    pub node: Option<u32>,
}

#[derive(Options, Debug, Default)]
pub struct Attachments {
    /// Fonts: `needed` keeps them while a styled subtitle stays.
    #[property]
    pub fonts: Option<Fonts>,
    /// Cover pictures.
    #[property]
    pub covers: Option<KeepOrRemove>,
    /// Everything else.
    #[property]
    pub others: Option<KeepOrRemove>,
    #[node]
    pub node: Option<u32>,
}

#[derive(Choice, Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fonts {
    Keep,
    Needed,
    Remove,
}

#[derive(Choice, Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeepOrRemove {
    Keep,
    Remove,
}

#[derive(Options, Debug, Default)]
pub struct Prefer {
    /// Audio languages, best first; those of `audio` when absent.
    #[child]
    pub audio: Option<Languages>,
    /// Audio codecs, best first, among tracks of one language.
    #[child]
    pub audio_codec: Option<Codecs>,
    /// Subtitle languages, best first; those of `subtitle` when absent.
    #[child]
    pub subtitle: Option<Languages>,
}

#[derive(Options, Debug, Default)]
pub struct Languages {
    /// Languages, best first.
    #[arguments(required)]
    pub languages: Vec<Language>,
}

#[derive(Options, Debug, Default)]
pub struct Codecs {
    /// Codecs as ffmpeg names them, best first, `*` standing for anything.
    #[arguments(required)]
    pub codecs: Vec<Pattern>,
}

#[derive(Options, Debug, Default)]
pub struct Order {
    /// Classes of tracks in the order wanted; what is not named comes after, as it stands in the file.
    #[arguments(required)]
    pub classes: Vec<Class>,
    #[node]
    pub node: Option<u32>,
}

/// A class of tracks. A track has several, and the narrowest that is named counts.
#[derive(Choice, Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    Video,
    Audio,
    AudioMain,
    AudioOther,
    AudioDescription,
    AudioMusic,
    AudioCommentary,
    Subtitle,
    SubtitleMain,
    SubtitleOther,
    SubtitleForced,
    SubtitleSdh,
    SubtitleCommentary,
    Commentary,
    Other,
}

#[derive(Options, Debug, Default)]
pub struct DefaultTracks {
    /// The video track that is chosen.
    #[property]
    pub video: Option<First>,
    /// The audio track that is chosen; never a commentary unless all are.
    #[property]
    pub audio: Option<DefaultAudio>,
    /// The subtitle track that is chosen.
    #[property]
    pub subtitle: Option<DefaultSubtitle>,
    /// Sets the forced flag on the best subtitle when the audio is in a language that is not preferred.
    #[property(default = false)]
    pub forced_when_foreign: bool,
    #[node]
    pub node: Option<u32>,
}

#[derive(Choice, Debug, Clone, Copy, PartialEq, Eq)]
pub enum First {
    First,
    None,
}

#[derive(Choice, Debug, Clone, Copy, PartialEq, Eq)]
pub enum DefaultAudio {
    First,
    Preferred,
    None,
}

#[derive(Choice, Debug, Clone, Copy, PartialEq, Eq)]
pub enum DefaultSubtitle {
    First,
    Preferred,
    Forced,
    WhenForeign,
    None,
}

#[derive(Options, Debug, Default)]
pub struct Clear {
    /// What to take away.
    #[arguments(required)]
    pub what: Vec<Cleared>,
    /// From tracks of this kind only.
    #[property(default = Kind::Any)]
    pub r#in: Kind,
    /// From tracks with this title only, `*` standing for anything.
    #[property]
    pub title: Option<Pattern>,
    #[node]
    pub node: Option<u32>,
}

#[derive(Choice, Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cleared {
    Title,
    Default,
    Forced,
    FileTitle,
    Chapters,
}

#[derive(Options, Debug)]
pub struct SetLanguage {
    /// The language to set.
    #[argument]
    pub wanted: Language,
    /// On tracks of this kind only.
    #[property(default = Kind::Any)]
    pub r#in: Kind,
    #[flatten]
    pub test: TrackTest,
    #[node]
    pub node: Option<u32>,
}
