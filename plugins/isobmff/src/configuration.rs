//! The boxes inside a sample entry: headers of codecs, colour, shape, rates.

use vpo_codecs::{
    Picture, Sound, aac, ac3, alac, av1, colour, descriptors, dolby, elementary, flac, h264, hevc, layout, mpeg2,
    mpeg4, opus, riff, truehd, vpx,
};
use vpo_plugin_sdk::facts::{Colour, Mastering, Ratio};
use vpo_reading::{Cursor, Short};

use crate::{
    boxes::{FourCc, in_slice},
    codec::{self, Codec, Kind},
    entry::Entry,
};

/// Reads the boxes that stand in a sample entry, whatever the codec.
pub fn read(children: &[u8], entry: &mut Entry) {
    let mut boxed_colour = colour::unknown();
    for (kind, content) in in_slice(children) {
        let full = content.get(4..).unwrap_or(&[]);
        match &kind {
            b"avcC" => {
                entry.record = content.to_vec();
                see(entry, h264::configuration(content).or_else(|| h264::byte_stream(content)));
            }
            b"hvcC" => {
                entry.record = content.to_vec();
                see(entry, hevc::configuration(content));
            }
            b"av1C" => see(entry, av1::configuration(content)),
            b"glbl" => see(entry, elementary::private(&entry.codec.name, content)),
            b"vpcC" => see(entry, vpx::configuration(full)),
            b"esds" => read_elementary(full, entry),
            b"dac3" => hear(entry, ac3::dac3(content)),
            b"dec3" => hear(entry, ac3::dec3(content)),
            b"ddts" => hear(entry, ddts(content)),
            b"dmlp" => hear(entry, truehd::dmlp(content)),
            b"dOps" => hear(entry, opus::d_ops(content)),
            b"dfLa" => hear(entry, flac::stream_info(full)),
            b"alac" => hear(entry, alac::cookie(full)),
            b"pcmC" => read_pcm(full, entry),
            b"wfex" => read_wave(content, entry),
            b"chan" => read_quicktime_layout(full, entry),
            b"colr" => boxed_colour = colour::or(boxed_colour, colr(content)),
            b"mdcv" | b"SmDm" => read_mastering(&kind, content, &mut entry.picture.colour),
            b"clli" => set_light(content, &mut entry.picture.colour),
            b"CoLL" => set_light(full, &mut entry.picture.colour),
            b"pasp" => entry.pixel_aspect = pasp(content),
            b"clap" => entry.clean_size = clap(content),
            b"fiel" => entry.field_order = content.first().map(|&fields| fields > 1),
            b"dvcC" | b"dvvC" | b"dvwC" => entry.dolby_vision = dolby::configuration(content),
            b"btrt" => {
                let rate = content.get(8..12).and_then(|four| four.try_into().ok()).map(u32::from_be_bytes);
                entry.bit_rate = entry.bit_rate.or(rate.map(u64::from).filter(|&rate| rate > 0));
            }
            // QuickTime keeps what belongs to the decoder in a box of its own; it holds no further `wave`.
            b"wave" => {
                for (kind, content) in in_slice(content) {
                    let full = content.get(4..).unwrap_or(&[]);
                    match &kind {
                        b"esds" => read_elementary(full, entry),
                        b"alac" => hear(entry, alac::cookie(full)),
                        b"enda" if content.get(..2).is_some_and(|flag| flag == [0, 1]) => {
                            entry.codec.name = entry.codec.name.replace("be", "le");
                        }
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
    entry.picture.colour = colour::shown(entry.picture.colour, boxed_colour);
}

/// The codec's own header knows better than the entry around it.
fn see(entry: &mut Entry, found: Option<Picture>) {
    if let Some(found) = found {
        entry.picture = found.or(std::mem::take(&mut entry.picture));
    }
}

fn hear(entry: &mut Entry, found: Option<Sound>) {
    if let Some(found) = found {
        if let Some(name) = found.codec {
            entry.codec = Codec { name: name.to_owned(), kind: Kind::Audio };
        }
        entry.bit_rate = entry.bit_rate.or(found.bit_rate);
        entry.sound = found.or(std::mem::take(&mut entry.sound));
    }
}

fn read_elementary(content: &[u8], entry: &mut Entry) {
    let Some(found) = descriptors::elementary(content) else { return };
    // An average of zero says that it varies; the maximum beside it says little of the whole.
    entry.bit_rate = Some(u64::from(found.average_bit_rate)).filter(|&rate| rate > 0).or(entry.bit_rate);
    match (entry.codec.kind, found.codec()) {
        (_, None) => entry.is_unknown_object = true,
        (_, Some("aac")) => {
            entry.codec.name = "aac".to_owned();
            hear(entry, aac::configuration(found.specific));
        }
        (_, Some("vorbis")) => {
            hear(entry, flac::vorbis(found.specific).map(|sound| Sound { codec: Some("vorbis"), ..sound }))
        }
        (Kind::Video, Some("mpeg4")) => see(entry, mpeg4::headers(found.specific)),
        (Kind::Video, Some("mpeg2video" | "mpeg1video")) => {
            let name = found.codec().unwrap_or_default();
            entry.codec.name = name.to_owned();
            see(entry, mpeg2::sequence(found.specific).map(|sequence| sequence.picture));
        }
        (Kind::Other, Some("dvd_subtitle")) => {
            entry.codec = Codec { name: "dvd_subtitle".to_owned(), kind: Kind::Subtitle };
        }
        (Kind::Video | Kind::Audio, Some(name)) => entry.codec.name = name.to_owned(),
        _ => {}
    }
}

/// Reads a `ddts` box (ETSI TS 102 114 annex E).
fn ddts(content: &[u8]) -> Option<Sound> {
    let mut cursor = Cursor::new(content);
    let rate = cursor.u32_be().ok()?;
    let _most = cursor.u32_be().ok()?;
    let average = cursor.u32_be().ok()?;
    let depth = cursor.u8().ok()?;
    cursor.skip(4).ok()?;
    let speakers = cursor.u16_be().ok()?;
    // Pairs of speakers count twice.
    const PAIRS: u16 = 0b1010_1110_0110_0110;
    let channels = speakers.count_ones() + (speakers & PAIRS).count_ones();
    Some(Sound {
        codec: Some("dts"),
        channels: Some(channels).filter(|&channels| channels > 0),
        layout: match speakers {
            0x0f => Some("5.1(side)"),
            0x07 => Some("5.0(side)"),
            0x02 => Some("stereo"),
            0x01 => Some("mono"),
            _ => layout::of_count(channels),
        }
        .map(str::to_owned),
        sample_rate: Some(rate).filter(|&rate| rate > 0),
        bit_depth: Some(depth).filter(|&depth| depth > 0),
        bit_rate: Some(u64::from(average)).filter(|&rate| rate > 0),
        ..Sound::default()
    })
}

/// Reads `wfex`, the format of Windows Media that Smooth Streaming keeps: its tag names the codec.
fn read_wave(content: &[u8], entry: &mut Entry) {
    let mut cursor = Cursor::new(content);
    let name = cursor.u16_le().map_or(riff::UNKNOWN, |tag| riff::sound(tag, 16));
    if name != riff::UNKNOWN {
        entry.codec = Codec { name: name.to_owned(), kind: Kind::Audio };
    }
}

/// Reads `pcmC` (ISO/IEC 23003-5): byte order and width.
fn read_pcm(content: &[u8], entry: &mut Entry) {
    let &[flags, depth, ..] = content else { return };
    entry.codec.name = codec::pcm_name(depth.into(), &entry.id == b"fpcm", flags & 1 == 0, false);
    entry.sound.bit_depth = Some(depth);
}

/// Reads `chan` (QuickTime): a layout tag, or a bitmap of speakers.
fn read_quicktime_layout(content: &[u8], entry: &mut Entry) {
    const BITMAP: u32 = 0x1_0000;
    let mut cursor = Cursor::new(content);
    let (Ok(tag), Ok(bitmap)) = (cursor.u32_be(), cursor.u32_be()) else { return };
    let named = match tag {
        BITMAP => layout::of_wave_mask(bitmap),
        _ => match tag >> 16 {
            100 => Some("mono"),
            101 => Some("stereo"),
            108 => Some("quad"),
            110 => Some("hexagonal"),
            111 => Some("octagonal"),
            113 | 114 => Some("3.0"),
            115 | 116 => Some("4.0"),
            117..=120 => Some("5.0(side)"),
            121..=124 => Some("5.1(side)"),
            125 => Some("6.1"),
            126 | 127 => Some("7.1(wide)"),
            128 => Some("7.1"),
            131 => Some("3.0(back)"),
            132 => Some("quad(side)"),
            133 => Some("2.1"),
            136 => Some("3.1"),
            _ => None,
        },
    };
    // What the decoder will do is stronger, where it is known.
    if named.is_some() && entry.codec.name.starts_with("pcm") {
        entry.sound.layout = named.map(str::to_owned);
    }
}

/// Reads `colr`: code points as ISO (`nclx`) or QuickTime (`nclc`) write them.
fn colr(content: &[u8]) -> Colour {
    let point = |at: usize| content.get(at..at + 2).map_or(2, |two| u16::from_be_bytes([two[0], two[1]]));
    match content.get(..4) {
        Some(b"nclx") => {
            // Some writers leave the last byte away, which holds the flag of the full range.
            let range = colour::range(content.get(10).is_some_and(|flag| flag & 0x80 != 0));
            colour::of_code_points(point(4), point(6), point(8), Some(range))
        }
        Some(b"nclc") => colour::of_code_points(point(4), point(6), point(8), None),
        _ => colour::unknown(),
    }
}

/// Reads mastering metadata as ISO (`mdcv`) or WebM (`SmDm`) writes it.
fn read_mastering(kind: &FourCc, content: &[u8], into: &mut Colour) {
    if kind == b"mdcv" {
        into.mastering = colour::mastering(content).or(into.mastering);
        return;
    }
    let mut cursor = Cursor::new(content);
    let mut read = || {
        cursor.skip(4)?;
        let mut point = || Ok((f64::from(cursor.u16_be()?) / 65_536.0, f64::from(cursor.u16_be()?) / 65_536.0));
        let (red, green, blue, white) = (point()?, point()?, point()?, point()?);
        Ok::<_, Short>(Mastering {
            red,
            green,
            blue,
            white,
            luminance_max: f64::from(cursor.u32_be()?) / 256.0,
            luminance_min: f64::from(cursor.u32_be()?) / 16_384.0,
        })
    };
    into.mastering = read().ok().or(into.mastering);
}

fn set_light(content: &[u8], into: &mut Colour) {
    if let Some((most, average)) = colour::content_light(content) {
        into.max_content_light = Some(most);
        into.max_frame_light = Some(average);
    }
}

fn pasp(content: &[u8]) -> Option<Ratio> {
    let mut cursor = Cursor::new(content);
    let (numerator, denominator) = (cursor.u32_be().ok()?, cursor.u32_be().ok()?);
    (numerator > 0 && denominator > 0).then_some(Ratio { numerator, denominator })
}

/// Reads the clean aperture: width and height are fractions.
fn clap(content: &[u8]) -> Option<(u32, u32)> {
    let mut cursor = Cursor::new(content);
    let mut side = || {
        let (numerator, denominator) = (cursor.u32_be().ok()?, cursor.u32_be().ok()?);
        numerator.checked_div(denominator).filter(|&side| side > 0)
    };
    Some((side()?, side()?))
}
