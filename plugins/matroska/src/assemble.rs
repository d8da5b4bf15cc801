//! Makes facts of what was read.

use vpo_codecs::{colour, credible, dolby, layout, riff};
use vpo_plugin_sdk::{
    facts::{
        Addresses, Attachment, Audio, Chapter, DolbyVision, Facts, Ratio, Subtitle, Tag as TagFact, Track,
        TrackDetails, Video,
    },
    types::{Entry as Extra, Value},
};

use crate::{
    codec,
    document::Document,
    encoding,
    headers::Headers,
    info::Info,
    language::{self, Written},
    notes::Notes,
    picture::Picture,
    rate,
    sound::Sound,
    statistics::{self, Statistics},
    tags::{About, Tag},
    tracks::Entry,
};

/// TrackType of RFC 9559 §5.1.4.1.3.
const VIDEO: u64 = 1;
const AUDIO: u64 = 2;
const SUBTITLE: u64 = 17;
const METADATA: u64 = 33;

/// Opus is always decoded at this rate.
const OPUS_RATE: u32 = 48_000;

/// BlockAddIDType: metadata registered by ITU-T T.35, which HDR10+ is, and the boxes of Dolby Vision by their names.
const ITU_T35: u64 = 4;
const DOLBY_VISION: [u64; 3] = [of_name(b"dvcC"), of_name(b"dvvC"), of_name(b"dvwC")];

const fn of_name(name: &[u8; 4]) -> u64 {
    u32::from_be_bytes(*name) as u64
}

/// A track with what its codec tells.
pub struct Described {
    pub entry: Entry,
    codec: String,
    private: Vec<u8>,
    headers: Headers,
}

impl Described {
    pub fn new(entry: Entry, private: Vec<u8>) -> Self {
        let depth = entry.sound.as_ref().and_then(|sound| sound.bit_depth);
        let codec = codec::name(&entry.codec_id, &private, depth);
        let headers = Headers::of_private(&codec, &entry.codec_id, &private);
        Self { entry, codec, private, headers }
    }

    /// Says how many bytes of the first frame are worth reading.
    pub fn wanted_of_frame(&self) -> Option<usize> {
        self.headers.wanted_of_frame(&self.codec)
    }

    /// Takes what the beginning of the first frame tells, if it can be unpacked.
    pub fn take_frame(&mut self, start: Vec<u8>) {
        if let Some(start) = encoding::unpack_frame_start(&self.entry.encodings, start) {
            self.headers = std::mem::take(&mut self.headers).with_frame(&self.codec, &self.private, &start);
        }
    }
}

/// All that was read of a file.
pub struct Read {
    pub document: Document,
    pub info: Info,
    pub tracks: Vec<Described>,
    pub chapters: Vec<Chapter>,
    pub attachments: Vec<Attachment>,
    pub tags: Vec<Tag>,
    pub notes: Notes,
}

pub fn facts(read: Read) -> Facts {
    let tracks = tracks(&read);
    let tags = tags(&read);
    let container = if read.document.doc_type.as_deref() == Some("webm") { "webm" } else { "matroska" };
    Facts {
        container: container.to_owned(),
        brand: read.document.doc_type,
        title: read.info.title,
        duration_ns: read.info.duration_ns,
        muxing_application: read.info.muxing_application,
        writing_application: read.info.writing_application,
        tracks,
        chapters: read.chapters,
        attachments: read.attachments,
        tags,
        partial: read.notes.partial,
        warnings: read.notes.warnings,
        extra: (read.info.date.iter().map(|date| text("date", date)))
            .chain(read.info.links.iter().map(|(name, uid)| text(name, uid)))
            .chain(read.notes.extra)
            .collect(),
    }
}

fn tracks(read: &Read) -> Vec<Track> {
    // ffmpeg passes over tracks of other types and those without codec.
    let mut streams = 0;
    let mut tracks = Vec::with_capacity(read.tracks.len());
    for (place, described) in read.tracks.iter().enumerate() {
        let entry = &described.entry;
        let is_stream = matches!(entry.kind, VIDEO | AUDIO | SUBTITLE | METADATA) && !entry.codec_id.is_empty();
        let id = place as u32;
        let addresses =
            Addresses { mkvmerge: Some(id), mkvpropedit: Some(id + 1), ffmpeg: is_stream.then_some(streams) };
        streams += u32::from(is_stream);
        let about = entry.uid.map(About::Track);
        let statistics = statistics::read(read.tags.iter().filter(|tag| Some(tag.about) == about), &read.info);
        tracks.push(track(id, addresses, described, statistics));
    }
    tracks
}

fn track(id: u32, addresses: Addresses, described: &Described, statistics: Statistics) -> Track {
    let Described { entry, codec, headers, .. } = described;
    Track {
        id,
        number: entry.number,
        addresses,
        details: details(described),
        codec: headers.sound.codec.map_or_else(|| codec.clone(), str::to_owned),
        codec_id: entry.codec_id.clone(),
        profile: headers.picture.profile.clone().or(headers.sound.profile.clone()),
        level: headers.picture.level.clone(),
        language: language::of(&Written {
            legacy: entry.language.clone(),
            bcp47: entry.language_bcp47.clone(),
            default: Some("eng"),
        }),
        title: entry.name.clone(),
        flags: entry.flags,
        duration_ns: statistics.duration_ns.and_then(credible::duration),
        bit_rate: statistics.bit_rate.or(headers.sound.bit_rate),
        extra: extra(described),
    }
}

/// What is worth telling and has no field.
fn extra(described: &Described) -> Vec<Extra> {
    let entry = &described.entry;
    let mut extra = Vec::new();
    if let Some(uid) = entry.uid {
        // As text: it has 64 bits without sign.
        extra.push(text("uid", &uid.to_string()));
    }
    if let Some(picture) = &entry.picture {
        if picture.stereo_mode != 0 {
            let mode = i64::try_from(picture.stereo_mode).unwrap_or(i64::MAX);
            extra.push(Extra { name: "stereo-mode".to_owned(), value: Value::Integer(mode) });
        }
        if picture.has_alpha {
            extra.push(Extra { name: "alpha".to_owned(), value: Value::Boolean(true) });
        }
    }
    if dolby_vision(entry).is_some() && has_hdr10_plus(described) {
        extra.push(Extra { name: "hdr10-plus".to_owned(), value: Value::Boolean(true) });
    }
    if encoding::is_encrypted(&entry.encodings) {
        extra.push(Extra { name: "encrypted".to_owned(), value: Value::Boolean(true) });
    }
    extra
}

pub fn integer(name: &str, value: u32) -> Extra {
    Extra { name: name.to_owned(), value: Value::Integer(value.into()) }
}

fn text(name: &str, value: &str) -> Extra {
    Extra { name: name.to_owned(), value: Value::Text(value.to_owned()) }
}

fn details(described: &Described) -> TrackDetails {
    match described.entry.kind {
        VIDEO => TrackDetails::Video(video(described)),
        AUDIO => TrackDetails::Audio(audio(described)),
        SUBTITLE => TrackDetails::Subtitle(Subtitle { form: codec::subtitle_form(&described.codec) }),
        _ => TrackDetails::Other,
    }
}

/// Coded size, depth and rate are as the codec has them; what the picture is shown as, the container says.
fn video(described: &Described) -> Video {
    let Described { entry, headers, .. } = described;
    let picture = entry.picture.clone().unwrap_or_default();
    let told = &headers.picture;
    let (display_width, display_height) = picture.display_size();
    let stated = (credible::side(picture.width), credible::side(picture.height));
    let (width, height) = told.size_within(&described.codec, stated);
    let colour = colour::shown(told.colour, picture.colour);
    Video {
        width,
        height,
        display_width: credible::side(display_width),
        display_height: credible::side(display_height),
        rotation: picture.rotation(),
        frame_rate: frame_rate(entry, &picture, told),
        interlaced: picture.interlaced.or(told.interlaced),
        bit_depth: told.bit_depth.or(picture.bits_per_channel).or(picture.letters.as_ref().and_then(riff::depth)),
        dynamic_range: colour::dynamic_range(&colour, dolby_vision(entry), has_hdr10_plus(described)),
        colour,
    }
}

/// The container knows how long a frame lasts; what a codec counts by may be a multiple of it.
fn frame_rate(entry: &Entry, picture: &Picture, told: &vpo_codecs::Picture) -> Option<Ratio> {
    let stated = entry.frame_ns.and_then(rate::of_frame_duration).and_then(credible::frame_rate);
    let is_plausible = |rate: &Ratio| u64::from(rate.numerator) <= 300 * u64::from(rate.denominator);
    stated.or(picture.frame_rate.and_then(rate::of_frame_rate)).or(told.frame_rate.filter(is_plausible))
}

fn has_hdr10_plus(described: &Described) -> bool {
    let is_mapped = described.entry.mappings.iter().any(|mapping| mapping.kind == ITU_T35);
    is_mapped || described.headers.picture.has_hdr10_plus
}

fn dolby_vision(entry: &Entry) -> Option<DolbyVision> {
    let mapping = entry.mappings.iter().find(|mapping| DOLBY_VISION.contains(&mapping.kind))?;
    dolby::configuration(&mapping.extra)
}

fn audio(described: &Described) -> Audio {
    let Described { entry, codec, headers, .. } = described;
    let sound = entry.sound.clone().unwrap_or_default();
    let told = &headers.sound;
    let channels = told.channels.unwrap_or(credible::channels(sound.channels));
    let usual = || layout::usual(codec, channels).map(str::to_owned);
    // Writers state a depth for lossy codecs too, where it means nothing.
    let is_lossless =
        codec.starts_with("pcm_") || matches!(codec.as_str(), "flac" | "alac" | "tta" | "wavpack" | "mlp" | "truehd");
    let stated_depth = sound.bit_depth.filter(|_| is_lossless).and_then(|depth| u8::try_from(depth).ok());
    Audio {
        channels,
        layout: if told.channels.is_some() { told.layout.clone() } else { usual() },
        sample_rate: sample_rate(codec, &sound, told),
        bit_depth: told.bit_depth.or(stated_depth),
    }
}

fn sample_rate(codec: &str, sound: &Sound, told: &vpo_codecs::Sound) -> Option<u32> {
    let stated = sound.rate();
    match (codec, told.sample_rate) {
        // Whatever went in, this is what comes out.
        ("opus", _) => Some(OPUS_RATE),
        // Spectral band replication that only the container tells of.
        ("aac", Some(core)) if sound.output_frequency.is_some() && stated == core.checked_mul(2) => stated,
        (_, told) => told.or(stated),
    }
}

/// Tags with the ids of their tracks; those of tracks that are not there are about nothing.
fn tags(read: &Read) -> Vec<TagFact> {
    let track_of =
        |uid: u64| read.tracks.iter().position(|track| track.entry.uid == Some(uid)).map(|place| Some(place as u32));
    let mut facts = Vec::with_capacity(read.tags.len());
    for tag in &read.tags {
        let track: Option<Option<u32>> = match tag.about {
            About::File => Some(None),
            About::Track(uid) => track_of(uid),
        };
        facts.extend(track.map(|track| TagFact {
            track,
            name: tag.name.clone(),
            value: tag.value.clone(),
            language: tag.language.clone(),
        }));
    }
    facts
}
