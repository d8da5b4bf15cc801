//! One stream as a track. What the codec's own header says goes before what the container says.

use vpo_codecs::{Picture, Sound, aac, av1, colour, credible, elementary, flac, h264, hevc, layout, riff as names};
use vpo_plugin_sdk::facts::{
    Addresses, Audio, Language, Ratio, Subtitle, SubtitleForm, Track, TrackDetails, TrackFlags, Video,
};

use crate::header::{Format, Header, Stream};
use crate::riff::FourCc;

/// Makes a track of a stream and of the beginning of its first sample, which may be empty.
pub fn track(header: &Header, stream: &Stream, index: u32, first: &[u8], language: Option<String>) -> Track {
    let (codec, codec_id, details, profile, level) = match (&stream.kind, &stream.format) {
        (b"vids", Format::Picture { compression, .. }) if is_xsub(compression) => {
            let details = TrackDetails::Subtitle(Subtitle { form: Some(SubtitleForm::Image) });
            ("xsub".to_owned(), letters(compression), details, None, None)
        }
        (b"vids", Format::Picture { width, height, bits, compression, rest }) => {
            let codec = match names::picture(compression, *bits) {
                // Some writers name the codec only in the stream header.
                "unknown" => names::picture(&stream.handler, *bits),
                known => known,
            };
            // Parameter sets may stand before the first sample, or before all of them.
            let together = [rest.as_slice(), first].concat();
            let picture = configured(codec, rest)
                .unwrap_or_default()
                .or(elementary::picture(codec, first).unwrap_or_default())
                .or(elementary::picture(codec, &together).unwrap_or_default());
            let picture = picture.or(elementary::assumed(codec, Some(compression)));
            let codec = elementary::codec(codec, first);
            let (profile, level) = (picture.profile.clone(), picture.level.clone());
            let stated = (credible::side((*width).into()), credible::side((*height).into()));
            let size = picture.size_within(codec, stated);
            let details = TrackDetails::Video(video(header, stream, size, picture));
            (codec.to_owned(), letters(compression), details, profile, level)
        }
        (b"auds", Format::Sound { tag, bits, rest, .. }) => {
            let codec = names::sound(*tag, *bits);
            let configured = match codec {
                "aac" => aac::configuration(rest),
                "flac" => flac::stream_info(rest),
                _ => None,
            };
            let sound = configured.or_else(|| elementary::sound(codec, first)).unwrap_or_default();
            let profile = sound.profile.clone();
            let codec = sound.codec.unwrap_or(codec).to_owned();
            (codec, format!("{tag:#06x}"), TrackDetails::Audio(audio(stream, sound)), profile, None)
        }
        (b"txts", _) => {
            let details = TrackDetails::Subtitle(Subtitle { form: Some(SubtitleForm::Text) });
            let codec = if first.starts_with(b"GAB2") { "subrip" } else { "text" };
            (codec.to_owned(), "txts".to_owned(), details, None, None)
        }
        (kind, _) => {
            let details = match kind {
                b"vids" => {
                    TrackDetails::Video(video(header, stream, (header.width, header.height), Picture::default()))
                }
                b"auds" => TrackDetails::Audio(audio(stream, Sound::default())),
                _ => TrackDetails::Other,
            };
            ("unknown".to_owned(), letters(&stream.handler), details, None, None)
        }
    };
    Track {
        id: index,
        number: u64::from(index),
        addresses: Addresses { mkvmerge: Some(index), mkvpropedit: None, ffmpeg: Some(index) },
        codec,
        codec_id,
        profile,
        level,
        language: Language { tag: language.clone().unwrap_or_else(|| "und".to_owned()), original: language },
        title: stream.name.clone(),
        flags: TrackFlags {
            default: false,
            forced: false,
            enabled: !stream.is_disabled,
            original: false,
            commentary: false,
            hearing_impaired: false,
            visual_impaired: false,
            text_descriptions: false,
        },
        duration_ns: duration(header, stream),
        bit_rate: match stream.format {
            Format::Sound { bytes_per_second, .. } if bytes_per_second > 0 => Some(u64::from(bytes_per_second) * 8),
            _ => None,
        },
        details,
        extra: Vec::new(),
    }
}

/// Reads a configuration as MP4 and Matroska have it, which some writers put behind the format.
fn configured(codec: &str, rest: &[u8]) -> Option<Picture> {
    const VERSION: u8 = 1;
    match codec {
        "h264" => h264::configuration(rest),
        "hevc" if rest.first() == Some(&VERSION) => hevc::configuration(rest),
        "av1" => av1::configuration(rest),
        _ => elementary::private(codec, rest),
    }
}

fn video(header: &Header, stream: &Stream, (width, height): (u32, u32), picture: Picture) -> Video {
    let is_known = |aspect: &(u16, u16)| aspect.0 > 0 && aspect.1 > 0;
    let shown = stream.properties.map(|properties| properties.aspect).filter(is_known);
    let display_width = match (picture.pixel_aspect, shown) {
        (_, Some((across, down))) => scaled(height, across.into(), down.into()),
        (Some(pixel), None) => scaled(width, pixel.numerator, pixel.denominator),
        (None, None) => width,
    };
    Video {
        width,
        height,
        display_width,
        display_height: height,
        rotation: 0,
        frame_rate: frame_rate(header, stream),
        interlaced: picture.interlaced.or(match stream.properties.map(|properties| properties.fields_per_frame) {
            Some(2) => Some(true),
            _ => None,
        }),
        bit_depth: picture.bit_depth,
        dynamic_range: colour::dynamic_range(&picture.colour, None, picture.has_hdr10_plus),
        colour: picture.colour,
    }
}

fn audio(stream: &Stream, sound: Sound) -> Audio {
    let Format::Sound { channels, sample_rate, bits, mask, tag, .. } = stream.format else {
        let channels = sound.channels.unwrap_or(0);
        return Audio { channels, layout: sound.layout, sample_rate: sound.sample_rate, bit_depth: sound.bit_depth };
    };
    let name = names::sound(tag, bits);
    let is_plain = name.starts_with("pcm_") || name == "flac";
    let channels = sound.channels.unwrap_or(credible::channels(channels.into()));
    // Whatever the mask says, the channels of Xiph's codecs have an order of their own.
    let mask = mask.filter(|_| !matches!(name, "vorbis" | "opus"));
    let written = mask.and_then(layout::of_wave_mask).or_else(|| layout::usual(name, channels));
    Audio {
        channels,
        layout: sound.layout.or_else(|| written.map(str::to_owned)),
        sample_rate: sound.sample_rate.or(Some(sample_rate).filter(|&rate| rate > 0)),
        bit_depth: sound.bit_depth.or_else(|| u8::try_from(bits).ok().filter(|&bits| is_plain && bits > 0)),
    }
}

/// Rounds `length × numerator / denominator`; the length itself where that makes no sense.
fn scaled(length: u32, numerator: u32, denominator: u32) -> u32 {
    let (length_wide, numerator, denominator) = (u64::from(length), u64::from(numerator), u64::from(denominator));
    (length_wide * numerator)
        .checked_add(denominator / 2)
        .and_then(|sum| sum.checked_div(denominator))
        .map(credible::side)
        .filter(|&scaled| scaled > 0)
        .unwrap_or(length)
}

fn frame_rate(header: &Header, stream: &Stream) -> Option<Ratio> {
    let (numerator, denominator) = match (stream.rate, stream.scale) {
        (0, _) | (_, 0) => (1_000_000, header.frame_microseconds),
        stated => stated,
    };
    let divisor = greatest_common_divisor(numerator, denominator);
    (numerator > 0 && denominator > 0)
        .then(|| Ratio { numerator: numerator / divisor, denominator: denominator / divisor })
        .and_then(credible::frame_rate)
}

fn greatest_common_divisor(a: u32, b: u32) -> u32 {
    if b == 0 { a.max(1) } else { greatest_common_divisor(b, a % b) }
}

/// Length in ticks of `scale / rate` seconds. The header of a stream counts only the first RIFF chunk; `dmlh` counts all.
fn duration(header: &Header, stream: &Stream) -> Option<u64> {
    let length = match (&stream.kind, header.total_frames) {
        (b"vids", Some(total)) => stream.length.max(total),
        _ => stream.length,
    };
    if length == 0 || stream.rate == 0 {
        return None;
    }
    let nanoseconds = u128::from(length) * u128::from(stream.scale) * 1_000_000_000 / u128::from(stream.rate);
    u64::try_from(nanoseconds).ok().and_then(credible::duration)
}

/// Whether four letters name the image subtitles of DivX, which stand in a video stream.
fn is_xsub(letters: &FourCc) -> bool {
    matches!(&letters.map(|letter| letter.to_ascii_uppercase()), b"DXSB" | b"DXSA")
}

/// Four letters as text, or as a number when they are none: `XVID`, `0x00000003`.
pub fn letters(letters: &FourCc) -> String {
    if letters.iter().all(|&letter| letter == b' ' || letter.is_ascii_graphic()) {
        String::from_utf8_lossy(letters).into_owned()
    } else {
        format!("{:#010x}", u32::from_le_bytes(*letters))
    }
}
