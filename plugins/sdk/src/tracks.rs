//! What a policy asks of tracks: their kind, their role, their words.

use crate::extra;
use crate::facts::{Audio, Facts, Subtitle, SubtitleForm, Track, TrackDetails, Video};
use crate::policy::TrackFlag;

/// What sort of track it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TrackKind {
    Video,
    Audio,
    Subtitle,
    Other,
}

impl TrackKind {
    pub fn name(self) -> &'static str {
        match self {
            Self::Video => "video",
            Self::Audio => "audio",
            Self::Subtitle => "subtitle",
            Self::Other => "other",
        }
    }
}

/// What a track can be asked beside its fields.
pub trait TrackExt {
    fn kind(&self) -> TrackKind;
    fn video(&self) -> Option<&Video>;
    fn audio(&self) -> Option<&Audio>;
    fn subtitle(&self) -> Option<&Subtitle>;

    fn has_flag(&self, flag: TrackFlag) -> bool;
    fn set_flag(&mut self, flag: TrackFlag, value: bool);

    /// Whether it is somebody talking about the film: the flag says so, or a whole word of the title.
    fn is_commentary(&self) -> bool;
    /// Whether it describes the picture for people who do not see it.
    fn is_description(&self) -> bool;
    /// Whether it is written for people who do not hear: SDH, closed captions.
    fn is_for_hearing_impaired(&self) -> bool;
    /// Whether it holds only what every viewer must read: signs, foreign dialogue.
    fn is_forced(&self) -> bool;
    /// Whether it is sound without speech: music, effects, a soundtrack by itself.
    fn is_music(&self) -> bool;
    /// Whether it is the thing itself and not a commentary, a description or music.
    fn is_main(&self) -> bool;
    /// Whether it is a subtitle that names its fonts.
    fn is_styled(&self) -> bool;
    /// Whether it is nothing but the titles of the chapters, and goes where they go.
    fn holds_chapters(&self) -> bool;

    /// The track as a person would call it: `audio track 2 (fr, ac3, "Director")`.
    fn describe(&self) -> String;
}

impl TrackExt for Track {
    fn kind(&self) -> TrackKind {
        match self.details {
            TrackDetails::Video(_) => TrackKind::Video,
            TrackDetails::Audio(_) => TrackKind::Audio,
            TrackDetails::Subtitle(_) => TrackKind::Subtitle,
            TrackDetails::Other => TrackKind::Other,
        }
    }

    fn video(&self) -> Option<&Video> {
        if let TrackDetails::Video(video) = &self.details { Some(video) } else { None }
    }

    fn audio(&self) -> Option<&Audio> {
        if let TrackDetails::Audio(audio) = &self.details { Some(audio) } else { None }
    }

    fn subtitle(&self) -> Option<&Subtitle> {
        if let TrackDetails::Subtitle(subtitle) = &self.details { Some(subtitle) } else { None }
    }

    fn has_flag(&self, flag: TrackFlag) -> bool {
        match flag {
            TrackFlag::Default => self.flags.default,
            TrackFlag::Forced => self.flags.forced,
            TrackFlag::Enabled => self.flags.enabled,
            TrackFlag::Original => self.flags.original,
            TrackFlag::Commentary => self.flags.commentary,
            TrackFlag::HearingImpaired => self.flags.hearing_impaired,
            TrackFlag::VisualImpaired => self.flags.visual_impaired,
            TrackFlag::TextDescriptions => self.flags.text_descriptions,
        }
    }

    fn set_flag(&mut self, flag: TrackFlag, value: bool) {
        *match flag {
            TrackFlag::Default => &mut self.flags.default,
            TrackFlag::Forced => &mut self.flags.forced,
            TrackFlag::Enabled => &mut self.flags.enabled,
            TrackFlag::Original => &mut self.flags.original,
            TrackFlag::Commentary => &mut self.flags.commentary,
            TrackFlag::HearingImpaired => &mut self.flags.hearing_impaired,
            TrackFlag::VisualImpaired => &mut self.flags.visual_impaired,
            TrackFlag::TextDescriptions => &mut self.flags.text_descriptions,
        } = value;
    }

    fn is_commentary(&self) -> bool {
        self.flags.commentary
            || titled(self, &["commentary", "commentaries", "kommentar", "audiokommentar", "commentaire", "comentario"])
    }

    fn is_description(&self) -> bool {
        self.flags.visual_impaired
            || self.flags.text_descriptions
            || titled(
                self,
                &["audio description", "audiodescription", "descriptive audio", "described video", "audiodeskription"],
            )
    }

    fn is_for_hearing_impaired(&self) -> bool {
        self.flags.hearing_impaired
            || self.kind() == TrackKind::Subtitle
                && titled(self, &["sdh", "cc", "hearing impaired", "closed captions", "hard of hearing"])
    }

    fn is_forced(&self) -> bool {
        self.flags.forced
            || self.kind() == TrackKind::Subtitle && titled(self, &["forced", "signs", "foreign parts", "signs songs"])
    }

    fn is_music(&self) -> bool {
        self.kind() == TrackKind::Audio
            && (crate::languages::matches("zxx", &self.language.tag)
                || titled(
                    self,
                    &[
                        "isolated score",
                        "isolated music",
                        "score only",
                        "music only",
                        "effects only",
                        "music and effects",
                        "m e",
                        "sound effects",
                        "sfx",
                        "ost",
                    ],
                )
                // Alone they say what a track is; beside other words they can be of its name.
                || self.title.as_deref().is_some_and(|title| {
                    words(title).count() == 1 && ["music", "score", "soundtrack"].iter().any(|word| has_phrase(title, word))
                }))
    }

    fn is_main(&self) -> bool {
        !self.is_commentary() && !self.is_description() && !self.is_music()
    }

    fn is_styled(&self) -> bool {
        self.subtitle().is_some_and(|subtitle| subtitle.form == Some(SubtitleForm::StyledText))
    }

    fn holds_chapters(&self) -> bool {
        self.kind() == TrackKind::Other && extra::says_chapters(&self.extra)
    }

    fn describe(&self) -> String {
        let mut text = format!("{} track {} ({}", self.kind().name(), self.id, self.codec);
        if self.kind() != TrackKind::Video || self.language.tag != crate::languages::UNDETERMINED {
            text.push_str(", ");
            text.push_str(&self.language.tag);
        }
        if let Some(title) = &self.title {
            text.push_str(&format!(", \"{title}\""));
        }
        text.push(')');
        text
    }
}

fn titled(track: &Track, phrases: &[&str]) -> bool {
    track.title.as_deref().is_some_and(|title| has_one_of(title, phrases))
}

/// Whether a text has these words, whole and one after the other, ignoring case and what stands between words.
///
/// `ost` is not in "Lost", and `audio description` is in "Audio-Description (English)".
pub fn has_phrase(text: &str, phrase: &str) -> bool {
    has_one_of(text, &[phrase])
}

fn has_one_of(text: &str, phrases: &[&str]) -> bool {
    let mut rest = words(text);
    loop {
        let from_here = rest.clone();
        let next = rest.next();
        let begins = |phrase: &str| {
            let mut ahead = from_here.clone();
            words(phrase).all(|word| ahead.next().is_some_and(|found| same_word(found, word)))
        };
        if phrases.iter().any(|phrase| may_begin(next, phrase) && begins(phrase)) {
            return true;
        }
        if next.is_none() {
            return false;
        }
    }
}

/// Whether a phrase may begin with a word, by the first byte of both: every title is compared with dozens of phrases.
/// Letters outside of ASCII can be equal to others, so that nothing is said of them here.
fn may_begin(word: Option<&str>, phrase: &str) -> bool {
    match phrase.as_bytes().first() {
        Some(wanted) if wanted.is_ascii_alphanumeric() => word
            .and_then(|word| word.as_bytes().first())
            .is_some_and(|found| !found.is_ascii() || found.eq_ignore_ascii_case(wanted)),
        _ => true,
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> + Clone {
    text.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty())
}

fn same_word(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b) || !a.is_ascii() && a.to_lowercase() == b.to_lowercase()
}

/// What a file can be asked beside its fields.
pub trait FactsExt {
    /// The tracks of one kind, in file order.
    fn of_kind(&self, kind: TrackKind) -> impl Iterator<Item = &Track>;
    fn find_track(&self, id: u32) -> Option<&Track>;
}

impl FactsExt for Facts {
    fn of_kind(&self, kind: TrackKind) -> impl Iterator<Item = &Track> {
        self.tracks.iter().filter(move |track| track.kind() == kind)
    }

    fn find_track(&self, id: u32) -> Option<&Track> {
        self.tracks.iter().find(|track| track.id == id)
    }
}

/// The name of a flag in the contract and in profiles.
pub fn flag_name(flag: TrackFlag) -> &'static str {
    match flag {
        TrackFlag::Default => "default",
        TrackFlag::Forced => "forced",
        TrackFlag::Enabled => "enabled",
        TrackFlag::Original => "original",
        TrackFlag::Commentary => "commentary",
        TrackFlag::HearingImpaired => "hearing-impaired",
        TrackFlag::VisualImpaired => "visual-impaired",
        TrackFlag::TextDescriptions => "text-descriptions",
    }
}

/// Every flag of the contract.
pub const FLAGS: [TrackFlag; 8] = [
    TrackFlag::Default,
    TrackFlag::Forced,
    TrackFlag::Enabled,
    TrackFlag::Original,
    TrackFlag::Commentary,
    TrackFlag::HearingImpaired,
    TrackFlag::VisualImpaired,
    TrackFlag::TextDescriptions,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_inside_another_word_means_nothing() {
        assert!(!has_phrase("Lost in Space - Stereo", "ost"));
        assert!(!has_phrase("Unforced errors", "forced"));
        assert!(!has_phrase("Access", "cc"));
    }

    #[test]
    fn whole_words_are_found_whatever_stands_around_them() {
        assert!(has_phrase("[Director's COMMENTARY]", "commentary"));
        assert!(has_phrase("English (Audio-Description)", "audio description"));
        assert!(has_phrase("Signs & Songs", "signs"));
        assert!(has_phrase("Версия режиссёра", "ВЕРСИЯ"));
        assert!(has_phrase("Sound only", "-sound"));
        // The sign for kelvin is a letter k when case does not count.
        assert!(has_phrase("\u{212a}ommentar", "kommentar"));
        assert!(!has_phrase("audio only, no description", "audio description"));
    }

    #[cfg(feature = "testing")]
    #[test]
    fn music_is_told_by_its_title_or_by_having_no_language() {
        use crate::testing::{audio, facts};
        let is_music = |title: &str| facts([audio("en").title(title)]).tracks[0].is_music();

        for title in ["Isolated Score", "Music", "M&E", "Heat OST", "Music and Effects"] {
            assert!(is_music(title), "{title}");
        }
        for title in ["Ghost Score", "Lost in Space - Stereo", "The Sound of Music", "Mixed"] {
            assert!(!is_music(title), "{title}");
        }
        assert!(facts([audio("zxx")]).tracks[0].is_music());
    }
}
