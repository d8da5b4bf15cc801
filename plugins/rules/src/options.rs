//! The options of the policy: its grammar.

use vpo_plugin_sdk::languages::Language;
use vpo_plugin_sdk::options::{Choice, Comparison, OneOf, Options, Pattern};
use vpo_plugin_sdk::policy::TrackFlag;
use vpo_plugin_sdk::select::{Kind, TrackTest};

/// Rules in the order in which they are looked at.
#[derive(Options, Debug)]
pub struct Rules {
    /// Which rules are followed: all that hold, or the first only.
    #[child(name = "match")]
    pub matching: Option<Match>,
    /// What to do when something holds.
    #[children(name = "rule", required)]
    pub rules: Vec<Rule>,
}

impl Rules {
    pub fn matching(&self) -> Matching {
        self.matching.as_ref().map_or(Matching::All, |matching| matching.mode)
    }
}

#[derive(Options, Debug)]
pub struct Match {
    /// `all` follows every rule that holds, `first` only the first.
    #[argument]
    pub mode: Matching,
}

#[derive(Choice, Debug, Clone, Copy, PartialEq, Eq)]
pub enum Matching {
    All,
    First,
}

#[derive(Options, Debug)]
pub struct Rule {
    /// What the rule is called in reasons and messages.
    #[argument]
    pub name: String,
    /// What must hold, all of it; the rule always holds without.
    #[child]
    pub when: Option<Conditions>,
    /// What to do when it holds.
    #[child]
    pub then: Actions,
    /// What to do when it does not hold.
    #[child(name = "else")]
    pub otherwise: Option<Actions>,
    #[node]
    pub node: Option<u32>,
}

#[derive(Options, Debug)]
pub struct Conditions {
    #[any_of]
    pub conditions: Vec<Condition>,
    #[node]
    pub node: Option<u32>,
}

/// Something that holds of a file, or does not.
#[derive(OneOf, Debug)]
pub enum Condition {
    /// There is a track that fits.
    Exists(Exists),
    /// So many tracks fit.
    Count(Count),
    /// The file as a whole fits.
    File(FileTest),
    /// There is a tag.
    Tag(TagTest),
    /// There is an attachment that fits.
    Attachment(AttachmentTest),
    /// All conditions inside hold.
    All(Conditions),
    /// At least one condition inside holds.
    Any(Conditions),
    /// The one condition inside does not hold.
    Not(Conditions),
}

#[derive(Options, Debug)]
pub struct Exists {
    /// Kind of the tracks to look at.
    #[argument]
    pub kind: Kind,
    #[flatten]
    pub test: FlaggedTest,
}

#[derive(Options, Debug)]
pub struct Count {
    /// Kind of the tracks to count.
    #[argument]
    pub kind: Kind,
    /// How many there are: a number or a comparison such as ">1".
    #[argument]
    pub number: Comparison,
    #[flatten]
    pub test: FlaggedTest,
}

/// What policies share about tracks, and the default flag, which only rules may ask for.
#[derive(Options, Debug, Clone, PartialEq, Default)]
pub struct FlaggedTest {
    /// Whether it is flagged as default.
    #[property]
    pub default: Option<bool>,
    #[flatten]
    pub test: TrackTest,
}

#[derive(Options, Debug, Default)]
pub struct FileTest {
    /// Container: `matroska`, `webm`, `mp4`, `mov`, `avi`, `mpegts`, …
    #[property]
    pub container: Option<Pattern>,
    /// DocType or major brand.
    #[property]
    pub brand: Option<Pattern>,
    /// Name of the file with its extension, without its folder.
    #[property]
    pub name: Option<Pattern>,
    /// Title of the file.
    #[property]
    pub title: Option<Pattern>,
    /// The program that wrote the container.
    #[property]
    pub muxing_application: Option<Pattern>,
    /// The program that the user ran.
    #[property]
    pub writing_application: Option<Pattern>,
    /// Size in bytes, such as ">4GiB".
    #[property]
    pub size: Option<Comparison>,
    /// Length in seconds, such as "<10min".
    #[property]
    pub duration: Option<Comparison>,
    /// Number of tracks.
    #[property]
    pub tracks: Option<Comparison>,
    /// Number of chapters.
    #[property]
    pub chapters: Option<Comparison>,
    /// Number of attachments.
    #[property]
    pub attachments: Option<Comparison>,
    /// Number of oddities that were found when the file was read.
    #[property]
    pub warnings: Option<Comparison>,
    /// Whether the facts are not complete.
    #[property]
    pub partial: Option<bool>,
    #[node]
    pub node: Option<u32>,
}

#[derive(Options, Debug)]
pub struct TagTest {
    /// Name of the tag, ignoring case.
    #[argument]
    pub name: String,
    /// Its whole value, `*` standing for anything.
    #[property]
    pub value: Option<Pattern>,
    /// Its value as a number.
    #[property]
    pub number: Option<Comparison>,
    /// Looks at the tags of tracks of this kind instead of those of the file.
    #[property]
    pub of: Option<Kind>,
}

#[derive(Options, Debug)]
pub struct AttachmentTest {
    /// Its name.
    #[property]
    pub name: Option<Pattern>,
    /// Its media type, such as "font/*".
    #[property]
    pub media_type: Option<Pattern>,
    /// Whether it is cover art.
    #[property]
    pub cover: Option<bool>,
    /// Its size in bytes.
    #[property]
    pub size: Option<Comparison>,
}

#[derive(Options, Debug)]
pub struct Actions {
    #[any_of]
    pub actions: Vec<Action>,
    #[node]
    pub node: Option<u32>,
}

/// Something to do.
#[derive(OneOf, Debug)]
pub enum Action {
    /// Sets or clears a flag of the tracks that fit.
    SetFlag(SetFlag),
    /// Sets the language of the tracks that fit.
    SetLanguage(SetLanguage),
    /// Sets the title of the tracks that fit, or removes it.
    SetTrackTitle(SetTrackTitle),
    /// Removes the tracks that fit, but never the last picture or sound.
    RemoveTrack(RemoveTrack),
    /// Sets the title of the file, or removes it.
    SetTitle(SetTitle),
    /// Sets a tag of the file, or removes it.
    SetTag(SetTag),
    /// Warns.
    Warn(Say),
    /// Gives the file up: nothing is done to it, by any policy.
    Fail(Say),
    /// Ends here: the rules and policies after this one do not look at the file.
    Skip(Say),
}

#[derive(Options, Debug)]
pub struct SetFlag {
    /// Kind of the tracks.
    #[argument]
    pub kind: Kind,
    /// The flag.
    #[argument]
    pub flag: Flag,
    /// What to set it to.
    #[argument(default = true)]
    pub value: bool,
    #[flatten]
    pub tracks: Chosen,
    #[node]
    pub node: Option<u32>,
}

#[derive(Options, Debug)]
pub struct SetLanguage {
    /// Kind of the tracks.
    #[argument]
    pub kind: Kind,
    /// The language to set.
    #[argument]
    pub wanted: Language,
    #[flatten]
    pub tracks: Chosen,
    #[node]
    pub node: Option<u32>,
}

#[derive(Options, Debug)]
pub struct SetTrackTitle {
    /// Kind of the tracks.
    #[argument]
    pub kind: Kind,
    /// The title to set; without it the title is removed.
    #[argument]
    pub wanted: Option<String>,
    #[flatten]
    pub tracks: Chosen,
    #[node]
    pub node: Option<u32>,
}

#[derive(Options, Debug)]
pub struct RemoveTrack {
    /// Kind of the tracks.
    #[argument]
    pub kind: Kind,
    #[flatten]
    pub test: FlaggedTest,
    #[node]
    pub node: Option<u32>,
}

/// The tracks that an action is about.
#[derive(Options, Debug, Default)]
pub struct Chosen {
    /// Only the first track that fits.
    #[property(default = false)]
    pub first: bool,
    #[flatten]
    pub test: FlaggedTest,
}

#[derive(Options, Debug)]
pub struct SetTitle {
    /// The title to set; without it the title is removed.
    #[argument]
    pub wanted: Option<String>,
    #[node]
    pub node: Option<u32>,
}

#[derive(Options, Debug)]
pub struct SetTag {
    /// Name of the tag.
    #[argument]
    pub name: String,
    /// The value to set; without it the tag is removed.
    #[argument]
    pub value: Option<String>,
    #[node]
    pub node: Option<u32>,
}

#[derive(Options, Debug)]
pub struct Say {
    /// What to say to the user.
    #[argument]
    pub text: String,
    #[node]
    pub node: Option<u32>,
}

/// A flag of a track, as users name it.
#[derive(Choice, Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flag {
    Default,
    Forced,
    Enabled,
    Original,
    Commentary,
    HearingImpaired,
    VisualImpaired,
    TextDescriptions,
}

impl Flag {
    pub fn of_track(self) -> TrackFlag {
        match self {
            Self::Default => TrackFlag::Default,
            Self::Forced => TrackFlag::Forced,
            Self::Enabled => TrackFlag::Enabled,
            Self::Original => TrackFlag::Original,
            Self::Commentary => TrackFlag::Commentary,
            Self::HearingImpaired => TrackFlag::HearingImpaired,
            Self::VisualImpaired => TrackFlag::VisualImpaired,
            Self::TextDescriptions => TrackFlag::TextDescriptions,
        }
    }
}
