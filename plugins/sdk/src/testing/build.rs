//! Facts built by hand.

use crate::extra;
use crate::facts::{
    Addresses, Attachment, Audio, Chapter, Colour, DynamicRange, Facts, Language, Subtitle, SubtitleForm, Tag, Track,
    TrackDetails, TrackFlags, Video,
};

use crate::tracks::{FLAGS, TrackExt, flag_name};

/// A track in the making; [`facts`] gives it its id.
#[derive(Debug, Clone)]
pub struct TrackBuilder(Track);

/// A file of these tracks in Matroska, an hour and a half long.
pub fn facts(tracks: impl IntoIterator<Item = TrackBuilder>) -> Facts {
    let tracks = tracks.into_iter().zip(0u32..).map(|(track, id)| {
        let addresses = Addresses { mkvmerge: Some(id), mkvpropedit: Some(id + 1), ffmpeg: Some(id) };
        Track { id, number: u64::from(id) + 1, addresses, ..track.0 }
    });
    Facts {
        container: "matroska".into(),
        brand: Some("matroska".into()),
        title: None,
        duration_ns: Some(5_400_000_000_000),
        muxing_application: None,
        writing_application: None,
        tracks: tracks.collect(),
        chapters: Vec::new(),
        attachments: Vec::new(),
        tags: Vec::new(),
        partial: None,
        warnings: Vec::new(),
        extra: Vec::new(),
    }
}

/// A full-HD picture.
pub fn video(codec: &str) -> TrackBuilder {
    let colour = Colour {
        primaries: None,
        transfer: None,
        matrix: None,
        range: None,
        mastering: None,
        max_content_light: None,
        max_frame_light: None,
    };
    let video = Video {
        width: 1920,
        height: 1080,
        display_width: 1920,
        display_height: 1080,
        rotation: 0,
        frame_rate: Some(crate::facts::Ratio { numerator: 24000, denominator: 1001 }),
        interlaced: Some(false),
        bit_depth: Some(8),
        colour,
        dynamic_range: DynamicRange::Sdr,
    };
    track(codec, "und", TrackDetails::Video(video))
}

/// A stereo AAC track of this language.
pub fn audio(language: &str) -> TrackBuilder {
    let audio = Audio { channels: 2, layout: Some("stereo".into()), sample_rate: Some(48_000), bit_depth: None };
    track("aac", language, TrackDetails::Audio(audio))
}

/// A SubRip track of this language.
pub fn subtitle(language: &str) -> TrackBuilder {
    track("subrip", language, TrackDetails::Subtitle(Subtitle { form: Some(SubtitleForm::Text) }))
}

/// Timecode, data and the like.
pub fn other(codec: &str) -> TrackBuilder {
    track(codec, "und", TrackDetails::Other)
}

fn track(codec: &str, language: &str, details: TrackDetails) -> TrackBuilder {
    TrackBuilder(Track {
        id: 0,
        number: 1,
        addresses: Addresses { mkvmerge: None, mkvpropedit: None, ffmpeg: None },
        details,
        codec: codec.into(),
        codec_id: String::new(),
        profile: None,
        level: None,
        language: Language { tag: language.into(), original: Some(language.into()) },
        title: None,
        flags: TrackFlags {
            default: false,
            forced: false,
            enabled: true,
            original: false,
            commentary: false,
            hearing_impaired: false,
            visual_impaired: false,
            text_descriptions: false,
        },
        duration_ns: None,
        bit_rate: None,
        extra: Vec::new(),
    })
}

macro_rules! flags {
    ($($name:ident),*) => {$(
        pub fn $name(mut self) -> Self {
            self.0.flags.$name = true;
            self
        }
    )*};
}

impl TrackBuilder {
    flags!(default, forced, original, commentary, hearing_impaired, visual_impaired, text_descriptions);

    /// Makes it the track in which MP4 keeps the titles of its chapters.
    pub fn holding_chapters(mut self) -> Self {
        self.0.extra.push(extra::holds_chapters());
        self
    }

    pub fn disabled(mut self) -> Self {
        self.0.flags.enabled = false;
        self
    }

    /// Sets the codec, and with it the form of a subtitle.
    pub fn codec(mut self, codec: &str) -> Self {
        self.0.codec = codec.into();
        if let TrackDetails::Subtitle(subtitle) = &mut self.0.details {
            subtitle.form = Some(match codec {
                "ass" | "ssa" => SubtitleForm::StyledText,
                "hdmv_pgs_subtitle" | "dvd_subtitle" | "dvb_subtitle" => SubtitleForm::Image,
                _ => SubtitleForm::Text,
            });
        }
        self
    }

    pub fn title(mut self, title: &str) -> Self {
        self.0.title = Some(title.into());
        self
    }

    pub fn channels(mut self, channels: u32) -> Self {
        if let TrackDetails::Audio(audio) = &mut self.0.details {
            audio.channels = channels;
            audio.layout = None;
        }
        self
    }

    pub fn size(mut self, width: u32, height: u32) -> Self {
        if let TrackDetails::Video(video) = &mut self.0.details {
            (video.width, video.height, video.display_width, video.display_height) = (width, height, width, height);
        }
        self
    }

    pub fn width(mut self, width: u32) -> Self {
        if let TrackDetails::Video(video) = &mut self.0.details {
            (video.width, video.display_width) = (width, width);
        }
        self
    }

    pub fn height(mut self, height: u32) -> Self {
        if let TrackDetails::Video(video) = &mut self.0.details {
            (video.height, video.display_height) = (height, height);
        }
        self
    }

    pub fn language(mut self, language: &str) -> Self {
        self.0.language = Language { tag: language.into(), original: Some(language.into()) };
        self
    }

    /// Sets the flag of this name, such as `hearing-impaired`; `None` when there is none.
    pub fn flag(mut self, name: &str, value: bool) -> Option<Self> {
        let flag = FLAGS.into_iter().find(|flag| flag_name(*flag) == name)?;
        self.0.set_flag(flag, value);
        Some(self)
    }

    pub fn dynamic_range(mut self, range: DynamicRange) -> Self {
        if let TrackDetails::Video(video) = &mut self.0.details {
            video.dynamic_range = range;
        }
        self
    }

    pub fn bit_rate(mut self, bits_per_second: u64) -> Self {
        self.0.bit_rate = Some(bits_per_second);
        self
    }
}

pub fn attachment(id: u32, name: &str, media_type: &str) -> Attachment {
    Attachment {
        id,
        name: name.into(),
        media_type: media_type.into(),
        description: None,
        size: 50_000,
        is_cover: false,
    }
}

pub fn font(id: u32, name: &str) -> Attachment {
    attachment(id, name, "font/ttf")
}

pub fn cover(id: u32) -> Attachment {
    Attachment { is_cover: true, ..attachment(id, "cover.jpg", "image/jpeg") }
}

pub fn chapter(start_ns: u64) -> Chapter {
    Chapter {
        start_ns,
        end_ns: None,
        title: None,
        language: Language { tag: "und".into(), original: None },
        hidden: false,
        depth: 0,
        edition: 0,
    }
}

pub fn file_tag(name: &str, value: &str) -> Tag {
    Tag { track: None, name: name.into(), value: value.into(), language: None }
}
