//! One stream as a track. What the codec's own header says is what there is; the tables say what it is for.

use vpo_codecs::{colour, elementary, layout};
use vpo_plugin_sdk::facts::{
    Addresses, Audio, DolbyVision, Language, Subtitle, SubtitleForm, Track, TrackDetails, TrackFlags, Video,
};
use vpo_plugin_sdk::types::{Entry as Extra, Value};

use crate::descriptors::{Audience, Descriptor};
use crate::head::Head;
use crate::names::{self, Kind};
use crate::stream::Stream;
use crate::tables::Entry;

/// Types of streams that hold anything.
const PRIVATE_SECTIONS: u8 = 0x05;
const PRIVATE_DATA: u8 = 0x06;

/// Makes the tracks of all streams, in the order in which ffmpeg meets them.
pub fn tracks(head: &Head) -> Vec<Track> {
    let mut counted = CountedByMkvmerge::new(head);
    let mut placed: Vec<(Option<usize>, u32, Track)> = Vec::new();
    // Streams of which ffmpeg makes two.
    let mut doubled = Vec::new();
    for (program, index) in head.programs.iter().zip(0..) {
        let is_of_disc = head.is_blu_ray || program.registration.as_ref() == Some(b"HDMV");
        for entry in &program.streams {
            let Some(stream) = head.streams.get(&entry.pid) else { continue };
            if placed.iter().any(|(.., track)| track.number == u64::from(entry.pid)) {
                // Programs may share a stream.
                counted.lose();
                continue;
            }
            let place = head.order.place(entry.pid);
            let may_have_core = is_of_disc && stream.codec == "truehd";
            if may_have_core {
                doubled.push(entry.pid);
            }
            let tracks = of_stream(entry, stream, may_have_core && !stream.is_of_one_part);
            for (mut track, part) in tracks.into_iter().zip(0..) {
                track.addresses.mkvmerge = counted.take(index, &track, entry, stream);
                if head.programs.len() > 1 {
                    track.extra.push(extra("program", Value::Integer(program.number.into())));
                }
                placed.push((place, part, track));
            }
        }
    }
    placed.sort_by_key(|(place, ..)| (place.is_none(), *place));
    let made_by_ffmpeg = |pid: &u16| if doubled.contains(pid) { 2 } else { 1 };
    let numbered = placed.into_iter().zip(0..).map(|((place, part, mut track), id)| {
        track.id = id;
        track.addresses.ffmpeg =
            place.map(|place| head.order.before(place).iter().map(made_by_ffmpeg).sum::<u32>() + part);
        track
    });
    numbered.collect()
}

/// Counts tracks as mkvmerge does, which leaves out what it finds no header of, and everything where no list of programs is.
struct CountedByMkvmerge<'a> {
    head: &'a Head,
    /// `None` from where on it cannot be known.
    next: Option<u32>,
}

impl<'a> CountedByMkvmerge<'a> {
    fn new(head: &'a Head) -> Self {
        Self { head, next: head.has_list.then_some(0) }
    }

    /// Takes the next track; returns its number, where it has one and it is known.
    fn take(&mut self, program: usize, track: &Track, entry: &Entry, stream: &Stream) -> Option<u32> {
        let tracks = names::tracks_of_mkvmerge(&track.codec, entry);
        let next = self.next.filter(|_| self.head.is_in_order(program))?;
        let counted = match stream.is_without_header() {
            // mkvmerge looks farther, and may have found one.
            true if tracks > 0 && !self.head.is_whole => {
                self.lose();
                return None;
            }
            true => 0,
            false => tracks,
        };
        self.next = Some(next + counted);
        (counted == 1).then_some(next)
    }

    fn lose(&mut self) {
        self.next = None;
    }
}

/// Makes the track of a stream, and of what else stands in it: Blu-ray puts AC-3 into the stream of TrueHD.
fn of_stream(entry: &Entry, stream: &Stream, has_core: bool) -> Vec<Track> {
    let mut tracks = vec![track(entry, stream)];
    if has_core {
        let mut core = track(entry, stream);
        core.codec = "ac3".to_owned();
        core.profile = None;
        core.details = TrackDetails::Audio(sound_of_core());
        core.bit_rate = None;
        tracks.push(core);
    }
    tracks
}

/// Makes a track that is not numbered yet.
fn track(entry: &Entry, stream: &Stream) -> Track {
    let codec = match (stream.codec, entry.stream_type) {
        ("unknown", PRIVATE_SECTIONS | PRIVATE_DATA) => "bin_data",
        (codec, _) => codec,
    };
    let languages = languages(entry);
    let (picture, sound) = (stream.picture.as_ref(), stream.sound.as_ref());
    Track {
        id: 0,
        number: entry.pid.into(),
        addresses: Addresses { mkvmerge: None, mkvpropedit: None, ffmpeg: None },
        details: details(entry, stream),
        codec: codec.to_owned(),
        codec_id: format!("{:#04x}", entry.stream_type),
        profile: picture
            .and_then(|picture| picture.profile.clone())
            .or_else(|| sound.and_then(|sound| sound.profile.clone()))
            .or_else(|| names::captions(entry).map(str::to_owned)),
        level: picture.and_then(|picture| picture.level.clone()),
        language: Language {
            tag: languages.first().cloned().unwrap_or_else(|| "und".to_owned()),
            original: (!languages.is_empty()).then(|| languages.join(",")),
        },
        title: None,
        flags: flags(entry),
        duration_ns: None,
        bit_rate: sound.and_then(|sound| sound.bit_rate),
        extra: extras(entry, stream),
    }
}

/// What is worth telling and has no field.
fn extras(entry: &Entry, stream: &Stream) -> Vec<Extra> {
    let has_hdr10_plus = stream.picture.as_ref().is_some_and(|picture| picture.has_hdr10_plus);
    let told = [("encrypted", stream.is_scrambled), ("hdr10-plus", has_hdr10_plus && dolby_vision(entry).is_some())];
    told.into_iter().filter(|(_, holds)| *holds).map(|(name, holds)| extra(name, Value::Boolean(holds))).collect()
}

fn extra(name: &str, value: Value) -> Extra {
    Extra { name: name.to_owned(), value }
}

/// The core of TrueHD is 5.1 at 48 kHz on every disc; its own header is not looked for.
fn sound_of_core() -> Audio {
    Audio { channels: 6, layout: Some("5.1(side)".to_owned()), sample_rate: Some(48_000), bit_depth: None }
}

fn details(entry: &Entry, stream: &Stream) -> TrackDetails {
    match stream.kind {
        Kind::Video => TrackDetails::Video(video(entry, stream)),
        Kind::Audio => TrackDetails::Audio(audio(entry, stream)),
        Kind::Subtitle => {
            let form = match stream.codec {
                "dvb_teletext" => SubtitleForm::Text,
                "hdmv_text_subtitle" | "arib_caption" => SubtitleForm::StyledText,
                _ => SubtitleForm::Image,
            };
            TrackDetails::Subtitle(Subtitle { form: Some(form) })
        }
        Kind::Other => TrackDetails::Other,
    }
}

fn video(entry: &Entry, stream: &Stream) -> Video {
    let picture = stream.picture.clone().unwrap_or_default();
    let (width, height) = picture.size.unwrap_or((0, 0));
    let display_width = picture.pixel_aspect.map_or(width, |aspect| {
        let wide = u64::from(width) * u64::from(aspect.numerator) + u64::from(aspect.denominator) / 2;
        wide.checked_div(aspect.denominator.into()).and_then(|wide| u32::try_from(wide).ok()).unwrap_or(width)
    });
    Video {
        width,
        height,
        display_width,
        display_height: height,
        rotation: 0,
        frame_rate: stream.frame_rate(),
        interlaced: picture.interlaced,
        bit_depth: picture.bit_depth.or(elementary::depth(stream.codec)),
        dynamic_range: colour::dynamic_range(&picture.colour, dolby_vision(entry), picture.has_hdr10_plus),
        colour: picture.colour,
    }
}

fn dolby_vision(entry: &Entry) -> Option<DolbyVision> {
    entry.descriptors.iter().find_map(|descriptor| match descriptor {
        Descriptor::DolbyVision(vision) => Some(*vision),
        _ => None,
    })
}

fn audio(entry: &Entry, stream: &Stream) -> Audio {
    let sound = stream.sound.clone().unwrap_or_default();
    let stated = entry.descriptors.iter().find_map(|descriptor| match descriptor {
        Descriptor::Opus(channels) => Some((*channels, Some(48_000))),
        _ => None,
    });
    let (stated_channels, stated_rate) = stated.unwrap_or_default();
    let channels = sound.channels.or(stated_channels).unwrap_or(0);
    Audio {
        channels,
        layout: sound.layout.or_else(|| layout::usual(stream.codec, channels).map(str::to_owned)),
        sample_rate: sound.sample_rate.or(stated_rate),
        bit_depth: sound.bit_depth,
    }
}

/// Languages of a stream, each once, from the descriptor that knows best; the first is the main one.
fn languages(entry: &Entry) -> Vec<String> {
    let supplementary = entry.descriptors.iter().find_map(|descriptor| match descriptor {
        Descriptor::Supplementary { language: Some(code), .. } => Some(vec![code]),
        _ => None,
    });
    let listed =
        || entry.descriptors.iter().find_map(listed).map(|entries| entries.iter().map(|(code, _)| code).collect());
    let mut languages: Vec<String> = Vec::new();
    for code in supplementary.or_else(listed).unwrap_or_default() {
        if !code.is_empty() && !languages.contains(code) {
            languages.push(code.clone());
        }
    }
    languages
}

fn listed(descriptor: &Descriptor) -> Option<&[(String, Audience)]> {
    match descriptor {
        Descriptor::Languages(entries)
        | Descriptor::Subtitles(entries)
        | Descriptor::Teletext { pages: entries, .. } => {
            Some(entries).filter(|entries| !entries.is_empty()).map(Vec::as_slice)
        }
        _ => None,
    }
}

fn flags(entry: &Entry) -> TrackFlags {
    let is_for = |wanted: Audience| {
        entry.descriptors.iter().any(|descriptor| match descriptor {
            Descriptor::Supplementary { audience, .. } => *audience == wanted,
            // Of several languages in one stream only what holds for all of them holds for the track.
            other => listed(other).is_some_and(|entries| entries.iter().all(|(_, audience)| *audience == wanted)),
        })
    };
    TrackFlags {
        default: false,
        forced: false,
        enabled: true,
        original: false,
        commentary: false,
        hearing_impaired: is_for(Audience::HearingImpaired),
        visual_impaired: is_for(Audience::VisualImpaired),
        text_descriptions: false,
    }
}
