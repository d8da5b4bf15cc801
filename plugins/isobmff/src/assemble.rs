//! Facts, from what the boxes said.

use vpo_codecs::{colour, credible};
use vpo_plugin_sdk::{
    extra,
    facts::{
        Addresses, Attachment, Audio, Chapter, Facts, Ratio, Subtitle, SubtitleForm, Tag, Track as TrackFacts,
        TrackDetails, TrackFlags, Video,
    },
    types::{Entry as Extra, Value},
};

use crate::{
    boxes, chapters::nanoseconds, codec::Kind, document::Document, entry::Entry, fragments::Sample, movie::Movie,
    names, rate, tags, time, track::Track,
};

/// What was found out about fragments.
#[derive(Debug, Clone, Default)]
pub struct Timing {
    /// Of the film, where it is known better than `mvhd` knows it.
    pub duration_ns: Option<u64>,
    /// Frame rates of tracks whose `stts` says nothing.
    pub rates: Vec<(u32, Ratio)>,
    /// Where the last fragments of tracks end, in nanoseconds.
    pub ends: Vec<(u32, u64)>,
    /// First samples of tracks.
    pub samples: Vec<(u32, Sample)>,
}

impl Timing {
    fn end_of(&self, track: u32) -> Option<u64> {
        self.ends.iter().filter(|(number, _)| *number == track).map(|(_, end)| *end).max().and_then(credible::duration)
    }

    /// A header that counts only what stands before the fragments is far too short.
    fn is_whole(&self, duration: u64) -> bool {
        self.duration_ns.is_none_or(|film| duration >= film / 2)
    }
}

/// Puts facts together.
pub fn facts(document: &Document, movie: &Movie, timing: &Timing, chapters: Vec<Chapter>) -> Facts {
    let is_chapter_track = |number: u32| movie.tracks.iter().any(|(_, track)| track.chapter_tracks.contains(&number));
    let mut mkvmerge = 0;
    let mut tracks = Vec::new();
    for (id, (stream, track)) in (0..).zip(&movie.tracks) {
        // Pictures for chapters are no second film, though mkvmerge lists them.
        let is_picture = track.entry.as_ref().is_some_and(|entry| entry.codec.kind == Kind::Video);
        let holds_chapters = is_chapter_track(track.number);
        let is_counted = names::is_counted_by_mkvmerge(track);
        let is_listed = is_counted && (is_picture || !holds_chapters) && names::is_listed_by_mkvmerge(track);
        let addresses = Addresses { mkvmerge: is_listed.then_some(mkvmerge), mkvpropedit: None, ffmpeg: Some(*stream) };
        mkvmerge += u32::from(is_counted);
        let mut facts = track_facts(id, track, addresses, holds_chapters, movie.timescale, timing);
        if holds_chapters && !is_picture && !chapters.is_empty() {
            facts.extra.push(extra::holds_chapters());
        }
        tracks.push(facts);
    }
    let duration_ns = duration(movie, timing);
    Facts {
        container: document.container().to_owned(),
        brand: document.brand.map(boxes::name),
        title: tags::value_of(&movie.items, &["title", "com.apple.quicktime.title"]),
        duration_ns,
        muxing_application: None,
        // What a person is named by in iTunes, QuickTime files keep their software in.
        writing_application: tags::value_of(
            &movie.items,
            &["encoder", "ENCODER", "com.apple.quicktime.software", "encoded_by"],
        ),
        tracks,
        chapters,
        attachments: attachments(movie),
        tags: file_tags(movie),
        partial: None,
        warnings: Vec::new(),
        extra: Vec::new(),
    }
}

fn duration(movie: &Movie, timing: &Timing) -> Option<u64> {
    let header = movie.duration.map(|ticks| nanoseconds(ticks, movie.timescale));
    let longest = || movie.tracks.iter().filter_map(|(_, track)| track_duration(track)).max();
    timing.duration_ns.max(header).or_else(longest).and_then(credible::duration)
}

/// How long a track lasts by itself.
fn track_duration(track: &Track) -> Option<u64> {
    track
        .duration
        .filter(|_| track.timescale > 0)
        .map(|ticks| nanoseconds(ticks, track.timescale))
        .and_then(credible::duration)
}

/// How long a track is shown, when its header says so: edits may cut off the beginning.
fn shown_duration(track: &Track, film_timescale: u32) -> Option<u64> {
    let shown = track.shown_duration.filter(|_| film_timescale > 0).map(|ticks| nanoseconds(ticks, film_timescale));
    shown.and_then(credible::duration)
}

fn attachments(movie: &Movie) -> Vec<Attachment> {
    let name = |place: usize, extension| match place {
        0 => format!("cover.{extension}"),
        place => format!("cover-{}.{extension}", place + 1),
    };
    let covers = movie.covers.iter().enumerate();
    covers
        .map(|(place, cover)| Attachment {
            id: place as u32,
            name: name(place, cover.extension),
            media_type: cover.media_type.to_owned(),
            description: None,
            size: cover.size,
            is_cover: true,
        })
        .collect()
}

/// Everything that is not a fact of its own: not the title, not the application.
fn file_tags(movie: &Movie) -> Vec<Tag> {
    let creation = time::creation(movie.created).map(|value| Tag {
        track: None,
        name: "creation_time".to_owned(),
        value,
        language: None,
    });
    let items = movie.items.iter().filter(|item| !matches!(item.name.as_str(), "title" | "encoder"));
    let items = items.map(|item| Tag {
        track: None,
        name: item.name.clone(),
        value: item.value.clone(),
        language: item.language.clone(),
    });
    creation.into_iter().chain(items).collect()
}

fn track_facts(
    id: u32,
    track: &Track,
    addresses: Addresses,
    holds_chapters: bool,
    film_timescale: u32,
    timing: &Timing,
) -> TrackFacts {
    let entry = track.entry.as_ref();
    let kind = entry.map(|entry| entry.codec.kind).or(track.handler.and_then(Kind::of_handler)).unwrap_or(Kind::Other);
    let rate = || {
        let in_fragments = timing.rates.iter().find(|(number, _)| *number == track.number).map(|(_, rate)| *rate);
        // How long a single sample lasts in front of others in fragments is often made up.
        in_fragments
            .filter(|_| track.times.is_single())
            .or_else(|| rate::of_times(&track.times, track.timescale))
            .or(in_fragments)
    };
    let details = match (kind, entry) {
        _ if holds_chapters => TrackDetails::Other,
        (Kind::Video, entry) => TrackDetails::Video(video(track, entry, rate())),
        (Kind::Audio, entry) => TrackDetails::Audio(audio(entry, track.timescale)),
        (Kind::Subtitle, entry) => TrackDetails::Subtitle(Subtitle { form: entry.and_then(form) }),
        (Kind::Other, _) => TrackDetails::Other,
    };
    let by_header = shown_duration(track, film_timescale).or_else(|| track_duration(track));
    let mut extra = Vec::new();
    let mut say = |name: &str, value| extra.push(Extra { name: name.to_owned(), value });
    if let Some(scheme) = entry.and_then(|entry| entry.encryption.clone()) {
        say("encryption", Value::Text(scheme));
    }
    if entry.is_some_and(|entry| entry.dolby_vision.is_some() && entry.picture.has_hdr10_plus) {
        say("hdr10-plus", Value::Boolean(true));
    }
    if let Some((width, height)) = entry.and_then(|entry| entry.clean_size) {
        say("clean-aperture", Value::Text(format!("{width}x{height}")));
    }
    if track.alternate_group != 0 {
        say("alternate-group", Value::Integer(track.alternate_group.into()));
    }
    TrackFacts {
        id,
        number: track.number.into(),
        addresses,
        details,
        codec: match entry {
            Some(_) if holds_chapters && kind != Kind::Video => "bin_data".to_owned(),
            Some(entry) => entry.codec.name.clone(),
            None => "unknown".to_owned(),
        },
        codec_id: entry.map(|entry| boxes::name(entry.original.unwrap_or(entry.id))).unwrap_or_default(),
        profile: entry.and_then(|entry| entry.profile.clone()),
        level: entry.and_then(|entry| entry.picture.level.clone()),
        language: track.language.clone(),
        title: title(track, entry),
        flags: flags(track, entry),
        duration_ns: timing.end_of(track.number).max(by_header.filter(|&own| timing.is_whole(own))),
        bit_rate: entry.and_then(bit_rate),
        extra,
    }
}

/// The title of its own, else the name of the handler when a person chose it.
fn title(track: &Track, entry: Option<&Entry>) -> Option<String> {
    let handler = || track.handler_name.clone().filter(|name| names::is_chosen(name, entry));
    track.title.clone().or_else(handler)
}

fn flags(track: &Track, entry: Option<&Entry>) -> TrackFlags {
    let has = |roles: &[&str]| track.roles.iter().any(|role| roles.contains(&role.as_str()));
    TrackFlags {
        // What is not enabled waits to be chosen: that is how this format says "default".
        default: track.is_enabled,
        forced: has(&["forced-subtitle", "forced_subtitle", "public.auxiliary-content.forced"])
            || entry.is_some_and(|entry| entry.all_forced),
        enabled: track.is_enabled,
        original: false,
        commentary: has(&["commentary"]),
        hearing_impaired: has(&[
            "caption",
            "captions",
            "easyreader",
            "public.accessibility.transcribes-spoken-dialog",
            "public.accessibility.describes-music-and-sound",
        ]),
        visual_impaired: has(&["description", "descriptions", "public.accessibility.describes-video"]),
        text_descriptions: false,
    }
}

fn video(track: &Track, entry: Option<&Entry>, frame_rate: Option<Ratio>) -> Video {
    let picture = entry.map(|entry| entry.picture.clone()).unwrap_or_default();
    let stated = entry.and_then(|entry| entry.size);
    let codec = entry.map(|entry| entry.codec.name.as_str()).unwrap_or_default();
    let (width, height) = picture.size_within(codec, stated.or(track.shown_size).unwrap_or((0, 0)));
    let (display_width, display_height) = display_size(track, entry, (width, height));
    let dolby_vision = entry.and_then(|entry| entry.dolby_vision);
    Video {
        width,
        height,
        display_width,
        display_height,
        rotation: track.rotation,
        frame_rate: frame_rate.or(picture.frame_rate),
        interlaced: picture.interlaced.or(entry.and_then(|entry| entry.field_order)),
        bit_depth: picture.bit_depth,
        colour: picture.colour,
        dynamic_range: colour::dynamic_range(&picture.colour, dolby_vision, picture.has_hdr10_plus),
    }
}

/// The shape of a pixel stretches the width. `pasp` comes first, then the size in the track's header when its shape differs,
/// then the codec, as in ffmpeg. A clean aperture (`clap`) is left to editors, as by nearly every player.
fn display_size(track: &Track, entry: Option<&Entry>, (width, height): (u32, u32)) -> (u32, u32) {
    let shown = track.shown_size.filter(|&shown| differs(shown, (width, height)));
    let by_box = entry.and_then(|entry| entry.pixel_aspect);
    let by_codec = entry.and_then(|entry| entry.picture.pixel_aspect);
    match (by_box.or(by_codec.filter(|_| shown.is_none())), shown) {
        (Some(aspect), _) => {
            let stretched = u64::from(width) * u64::from(aspect.numerator);
            let divisor = u64::from(aspect.denominator).max(1);
            let width = u32::try_from((stretched + divisor / 2) / divisor).unwrap_or(width);
            (width.clamp(1, 1 << 20), height)
        }
        (None, Some(shown)) => shown,
        (None, None) => (width, height),
    }
}

/// More than a rounding apart in shape.
fn differs(one: (u32, u32), other: (u32, u32)) -> bool {
    let (a, b) = (u64::from(one.0) * u64::from(other.1), u64::from(other.0) * u64::from(one.1));
    a.abs_diff(b) * 50 > a.max(b)
}

fn audio(entry: Option<&Entry>, timescale: u32) -> Audio {
    /// Slower than this is no rate but a clock.
    const SLOWEST: u32 = 4000;
    let sound = entry.map(|entry| entry.sound.clone()).unwrap_or_default();
    Audio {
        channels: sound.channels.unwrap_or(0),
        layout: sound.layout,
        // Where no header says it, the track is timed in samples.
        sample_rate: sound.sample_rate.or(Some(timescale).filter(|&rate| entry.is_some() && rate >= SLOWEST)),
        bit_depth: sound.bit_depth,
    }
}

fn form(entry: &Entry) -> Option<SubtitleForm> {
    Some(match entry.codec.name.as_str() {
        "mov_text" | "webvtt" | "eia_608" | "eia_708" => SubtitleForm::Text,
        "ttml" => SubtitleForm::StyledText,
        "dvd_subtitle" => SubtitleForm::Image,
        _ => return None,
    })
}

/// What the headers state; what is not compressed can be counted.
fn bit_rate(entry: &Entry) -> Option<u64> {
    let sound = &entry.sound;
    let counted = || {
        let is_plain = entry.codec.name.starts_with("pcm_");
        let width = is_plain.then_some(sound.bit_depth).flatten()?;
        Some(u64::from(sound.sample_rate?) * u64::from(sound.channels?) * u64::from(width))
    };
    counted().or(entry.bit_rate)
}
