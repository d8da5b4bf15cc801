//! Makes facts of what was read.

use vpo_plugin_sdk::{
    facts::{Addresses, Attachment, Audio, Chapter, Facts, Subtitle, Tag as TagFact, Track, TrackDetails, Video},
    types::{Entry as Extra, Value},
};

use crate::{
    codec,
    document::Document,
    encoding,
    info::Info,
    language::{self, Written},
    notes::Notes,
    rate,
    statistics::{self, Statistics},
    tags::{About, Tag},
    tracks::Entry,
};

/// TrackType of RFC 9559 §5.1.4.1.3.
const VIDEO: u64 = 1;
const AUDIO: u64 = 2;
const SUBTITLE: u64 = 17;
const METADATA: u64 = 33;

/// All that was read of a file.
pub struct Read {
    pub document: Document,
    pub info: Info,
    /// With the private data of each codec, unpacked.
    pub tracks: Vec<(Entry, Vec<u8>)>,
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
        extra: read.info.date.map(|date| text("date", &date)).into_iter().collect(),
    }
}

fn tracks(read: &Read) -> Vec<Track> {
    // ffmpeg passes over tracks of other types and those without codec.
    let mut streams = 0;
    let mut tracks = Vec::with_capacity(read.tracks.len());
    for (place, (entry, private)) in read.tracks.iter().enumerate() {
        let is_stream = matches!(entry.kind, VIDEO | AUDIO | SUBTITLE | METADATA) && !entry.codec_id.is_empty();
        let id = place as u32;
        let addresses =
            Addresses { mkvmerge: Some(id), mkvpropedit: Some(id + 1), ffmpeg: is_stream.then_some(streams) };
        streams += u32::from(is_stream);
        let about = entry.uid.map(About::Track);
        let statistics = statistics::read(read.tags.iter().filter(|tag| Some(tag.about) == about), &read.info);
        tracks.push(track(id, addresses, entry, private, statistics));
    }
    tracks
}

fn track(id: u32, addresses: Addresses, entry: &Entry, private: &[u8], statistics: Statistics) -> Track {
    let depth = entry.sound.as_ref().and_then(|sound| sound.bit_depth);
    let codec = codec::name(&entry.codec_id, private, depth);
    Track {
        id,
        number: entry.number,
        addresses,
        details: details(entry, &codec),
        codec,
        codec_id: entry.codec_id.clone(),
        profile: None,
        level: None,
        language: language::of(&Written {
            legacy: entry.language.clone(),
            bcp47: entry.language_bcp47.clone(),
            default: Some("eng"),
        }),
        title: entry.name.clone(),
        flags: entry.flags,
        duration_ns: statistics.duration_ns,
        bit_rate: statistics.bit_rate,
        extra: extra(entry),
    }
}

/// What is worth telling and has no field.
fn extra(entry: &Entry) -> Vec<Extra> {
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
    if encoding::is_encrypted(&entry.encodings) {
        extra.push(Extra { name: "encrypted".to_owned(), value: Value::Boolean(true) });
    }
    extra
}

fn text(name: &str, value: &str) -> Extra {
    Extra { name: name.to_owned(), value: Value::Text(value.to_owned()) }
}

fn details(entry: &Entry, codec: &str) -> TrackDetails {
    match entry.kind {
        VIDEO => TrackDetails::Video(video(entry)),
        AUDIO => TrackDetails::Audio(audio(entry, codec)),
        SUBTITLE => TrackDetails::Subtitle(Subtitle { form: codec::subtitle_form(codec) }),
        _ => TrackDetails::Other,
    }
}

fn video(entry: &Entry) -> Video {
    let picture = entry.picture.clone().unwrap_or_default();
    let (display_width, display_height) = picture.display_size();
    Video {
        width: narrow(picture.width),
        height: narrow(picture.height),
        display_width: narrow(display_width),
        display_height: narrow(display_height),
        rotation: picture.rotation(),
        frame_rate: entry.frame_ns.and_then(rate::of_frame_duration),
        interlaced: picture.interlaced,
        bit_depth: picture.bits_per_channel,
        dynamic_range: vpo_plugin_sdk::facts::DynamicRange::Sdr,
        colour: picture.colour,
    }
}

fn audio(entry: &Entry, codec: &str) -> Audio {
    let sound = entry.sound.clone().unwrap_or_default();
    // Writers state a depth for lossy codecs too, where it means nothing.
    let is_lossless =
        codec.starts_with("pcm_") || matches!(codec, "flac" | "alac" | "tta" | "wavpack" | "mlp" | "truehd");
    let bit_depth = sound.bit_depth.filter(|_| is_lossless).and_then(|depth| u8::try_from(depth).ok());
    Audio { channels: narrow(sound.channels), layout: None, sample_rate: sound.rate(), bit_depth }
}

fn narrow(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// Tags with the ids of their tracks; those of tracks that are not there are about nothing.
fn tags(read: &Read) -> Vec<TagFact> {
    let tracks_of = |uid: u64| {
        read.tracks.iter().enumerate().filter(move |(_, (entry, _))| entry.uid == Some(uid)).map(|(id, _)| id as u32)
    };
    let mut facts = Vec::with_capacity(read.tags.len());
    for tag in &read.tags {
        let tracks: Vec<Option<u32>> = match tag.about {
            About::File => vec![None],
            About::Track(uid) => tracks_of(uid).take(1).map(Some).collect(),
        };
        facts.extend(tracks.into_iter().map(|track| TagFact {
            track,
            name: tag.name.clone(),
            value: tag.value.clone(),
            language: tag.language.clone(),
        }));
    }
    facts
}
