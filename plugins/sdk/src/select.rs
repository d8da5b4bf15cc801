//! Choosing tracks by what they are: properties that several policies share.

use crate::facts::{DynamicRange, SubtitleForm, Track};
use crate::languages::Language;
use crate::options::{Choice, Comparison, Options, Pattern, Resolution};
use crate::reasons::IntoValue;
use crate::tracks::{TrackExt, TrackKind, has_phrase};
use crate::types::{Entry, Value};

/// What must be true of a track; everything that is written must hold. Nothing written holds for every track.
///
/// A comparison with something that the file does not say never holds.
#[derive(Options, Debug, Clone, PartialEq, Default)]
pub struct TrackTest {
    /// Its language, or a regional form of it.
    #[property]
    pub language: Option<Language>,
    /// Its codec as ffmpeg names it, `*` standing for anything.
    #[property]
    pub codec: Option<Pattern>,
    /// Its codec as the file writes it.
    #[property]
    pub codec_id: Option<Pattern>,
    /// Its codec profile.
    #[property]
    pub profile: Option<Pattern>,
    /// Its codec level.
    #[property]
    pub level: Option<Pattern>,
    /// Its whole title, `*` standing for anything.
    #[property]
    pub title: Option<Pattern>,
    /// Whole words of its title.
    #[property]
    pub title_word: Option<String>,
    /// Whether it has a title at all.
    #[property]
    pub titled: Option<bool>,
    /// Number of audio channels.
    #[property]
    pub channels: Option<Comparison>,
    /// Channel layout such as `5.1(side)`.
    #[property]
    pub layout: Option<Pattern>,
    /// Samples per second.
    #[property]
    pub sample_rate: Option<Comparison>,
    /// Bits per sample or colour component.
    #[property]
    pub bit_depth: Option<Comparison>,
    /// Bits per second.
    #[property]
    pub bit_rate: Option<Comparison>,
    /// Width of the picture in pixels.
    #[property]
    pub width: Option<Comparison>,
    /// Height of the picture in pixels.
    #[property]
    pub height: Option<Comparison>,
    /// Size of the picture by its name, such as ">=1080p"; cut-off black bars count as picture.
    #[property]
    pub resolution: Option<Resolution>,
    /// Pictures per second.
    #[property]
    pub frame_rate: Option<Comparison>,
    /// Whether the picture is interlaced.
    #[property]
    pub interlaced: Option<bool>,
    /// Clockwise degrees that the picture is turned by.
    #[property]
    pub rotation: Option<Comparison>,
    /// Brightness range of the picture; `hdr` is any but `sdr`.
    #[property]
    pub dynamic_range: Option<Range>,
    /// Form of a subtitle.
    #[property]
    pub form: Option<Form>,
    /// Length in seconds.
    #[property]
    pub duration: Option<Comparison>,
    /// Whether it is forced, by its flag or by a word of its title.
    #[property]
    pub forced: Option<bool>,
    /// Whether it is a commentary, by its flag or by a word of its title.
    #[property]
    pub commentary: Option<bool>,
    /// Whether it is for people who do not hear, by its flag or by a word of its title.
    #[property]
    pub hearing_impaired: Option<bool>,
    /// Whether it describes the picture, by its flag or by words of its title.
    #[property]
    pub description: Option<bool>,
    /// Whether it is music or sounds without speech, by words of its title or the language `zxx`.
    #[property]
    pub music: Option<bool>,
    /// Whether it is flagged as the original language.
    #[property]
    pub original: Option<bool>,
    /// Whether it is enabled.
    #[property]
    pub enabled: Option<bool>,
}

/// A brightness range, as users name it.
#[derive(Choice, Debug, Clone, Copy, PartialEq, Eq)]
pub enum Range {
    Sdr,
    Hdr,
    Hdr10,
    Hdr10Plus,
    Hlg,
    DolbyVision,
}

/// A form of subtitle, as users name it.
#[derive(Choice, Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Text,
    StyledText,
    Image,
}

/// A kind of track, as users name it.
#[derive(Choice, Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Kind {
    Video,
    Audio,
    Subtitle,
    Other,
    /// Tracks of every kind.
    #[default]
    Any,
}

impl Kind {
    pub fn fits(self, kind: TrackKind) -> bool {
        match self {
            Self::Video => kind == TrackKind::Video,
            Self::Audio => kind == TrackKind::Audio,
            Self::Subtitle => kind == TrackKind::Subtitle,
            Self::Other => kind == TrackKind::Other,
            Self::Any => true,
        }
    }
}

/// Is told what a test looks at, whether it holds, and what the track has there.
type Tell<'t> = dyn FnMut(&str, bool, &dyn Fn() -> Value) + 't;

/// A role of a track: its name, what is wanted of it, and whether a track has it.
type Role = (&'static str, Option<bool>, fn(&Track) -> bool);

impl TrackTest {
    /// Whether nothing is written, so that every track fits.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether the test looks at titles.
    pub fn looks_at_title(&self) -> bool {
        self.title.is_some() || self.title_word.is_some() || self.titled.is_some()
    }

    pub fn fits(&self, track: &Track) -> bool {
        let mut fits = true;
        self.look(track, &mut |_, holds, _| fits &= holds);
        fits
    }

    /// What the test looks at and what the track has there, for reasons.
    pub fn seen(&self, track: &Track) -> Vec<Entry> {
        let mut seen = Vec::new();
        self.look(track, &mut |name, _, value| seen.push(Entry { name: name.to_owned(), value: value() }));
        seen
    }

    fn look(&self, track: &Track, tell: &mut Tell<'_>) {
        if let Some(language) = &self.language {
            tell("language", language.matches(&track.language.tag), &|| track.language.tag.as_str().into_value());
        }
        let audio = track.audio();
        let video = track.video();
        let texts = [
            ("codec", &self.codec, Some(track.codec.as_str())),
            ("codec-id", &self.codec_id, Some(track.codec_id.as_str())),
            ("profile", &self.profile, track.profile.as_deref()),
            ("level", &self.level, track.level.as_deref()),
            ("title", &self.title, track.title.as_deref()),
            ("layout", &self.layout, audio.and_then(|audio| audio.layout.as_deref())),
        ];
        for (name, pattern, found) in texts {
            if let Some(pattern) = pattern {
                tell(name, found.is_some_and(|found| pattern.matches(found)), &|| found.into_value());
            }
        }
        if let Some(word) = &self.title_word {
            let title = track.title.as_deref();
            tell("title", title.is_some_and(|title| has_phrase(title, word)), &|| title.into_value());
        }

        let bit_depth = video.map_or_else(|| audio.and_then(|audio| audio.bit_depth), |video| video.bit_depth);
        let numbers: [(&str, &Option<Comparison>, Option<f64>); 9] = [
            ("channels", &self.channels, audio.map(|audio| f64::from(audio.channels))),
            ("sample-rate", &self.sample_rate, audio.and_then(|audio| audio.sample_rate).map(f64::from)),
            ("bit-depth", &self.bit_depth, bit_depth.map(f64::from)),
            ("bit-rate", &self.bit_rate, track.bit_rate.map(|rate| rate as f64)),
            ("width", &self.width, video.map(|video| f64::from(video.width))),
            ("height", &self.height, video.map(|video| f64::from(video.height))),
            ("frame-rate", &self.frame_rate, video.and_then(frame_rate)),
            ("rotation", &self.rotation, video.map(|video| f64::from(video.rotation))),
            ("duration", &self.duration, track.duration_ns.map(|duration| duration as f64 / 1e9)),
        ];
        for (name, comparison, found) in numbers {
            if let Some(comparison) = comparison {
                tell(name, found.is_some_and(|found| comparison.holds(found)), &|| {
                    found.map_or(Value::Null, |found| {
                        if found.fract() == 0.0 { Value::Integer(found as i64) } else { Value::Decimal(found) }
                    })
                });
            }
        }

        if let Some(wanted) = &self.resolution {
            let found = video.map(|video| (video.width, video.height));
            tell("resolution", found.is_some_and(|(width, height)| wanted.holds(width, height)), &|| {
                found.map(|(width, height)| Resolution::name_of(width, height)).into_value()
            });
        }
        if let Some(wanted) = self.dynamic_range {
            let found = video.map(|video| range(&video.dynamic_range));
            let holds = found.is_some_and(|found| found == wanted || wanted == Range::Hdr && found != Range::Sdr);
            tell("dynamic-range", holds, &|| found.map(|found| found.name()).into_value());
        }
        if let Some(wanted) = self.form {
            let found = track.subtitle().and_then(|subtitle| subtitle.form).map(form);
            tell("form", found == Some(wanted), &|| found.map(|found| found.name()).into_value());
        }
        self.look_at_roles(track, tell);
    }

    fn look_at_roles(&self, track: &Track, tell: &mut Tell<'_>) {
        let roles: [Role; 8] = [
            ("titled", self.titled, |track| track.title.is_some()),
            ("forced", self.forced, TrackExt::is_forced),
            ("commentary", self.commentary, TrackExt::is_commentary),
            ("hearing-impaired", self.hearing_impaired, TrackExt::is_for_hearing_impaired),
            ("description", self.description, TrackExt::is_description),
            ("music", self.music, TrackExt::is_music),
            ("original", self.original, |track| track.flags.original),
            ("enabled", self.enabled, |track| track.flags.enabled),
        ];
        for (name, wanted, found) in roles {
            if let Some(wanted) = wanted {
                let found = found(track);
                tell(name, found == wanted, &|| found.into_value());
            }
        }
        if let Some(wanted) = self.interlaced {
            let found = track.video().and_then(|video| video.interlaced);
            tell("interlaced", found == Some(wanted), &|| found.into_value());
        }
    }
}

fn frame_rate(video: &crate::facts::Video) -> Option<f64> {
    let rate = video.frame_rate.as_ref().filter(|rate| rate.denominator != 0)?;
    Some(f64::from(rate.numerator) / f64::from(rate.denominator))
}

fn range(range: &DynamicRange) -> Range {
    match range {
        DynamicRange::Sdr => Range::Sdr,
        DynamicRange::Hdr10 => Range::Hdr10,
        DynamicRange::Hdr10Plus => Range::Hdr10Plus,
        DynamicRange::Hlg => Range::Hlg,
        DynamicRange::DolbyVision(_) => Range::DolbyVision,
    }
}

fn form(form: SubtitleForm) -> Form {
    match form {
        SubtitleForm::Text => Form::Text,
        SubtitleForm::StyledText => Form::StyledText,
        SubtitleForm::Image => Form::Image,
    }
}
