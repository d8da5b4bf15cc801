//! Sample entries: the boxes in `stsd` that say how a track is coded (ISO/IEC 14496-12 §8.5.2, 14496-15, QuickTime).

use vpo_codecs::{Picture, Sound, credible, elementary, layout};
use vpo_plugin_sdk::facts::{DolbyVision, Ratio};
use vpo_reading::{Cursor, Short};

use crate::{
    boxes::{self, FourCc, find_in_slice, in_slice},
    codec::{self, Codec, Kind},
    configuration,
};

/// What a sample entry says.
#[derive(Debug, Clone)]
pub struct Entry {
    /// As it stands in the file: `avc1`, `encv`.
    pub id: FourCc,
    pub codec: Codec,
    pub profile: Option<String>,
    pub picture: Picture,
    pub sound: Sound,
    /// What the entry itself says, whatever the codec's header says.
    pub size: Option<(u32, u32)>,
    /// Shape of a pixel as `pasp` has it.
    pub pixel_aspect: Option<Ratio>,
    /// Width and height that `clap` leaves.
    pub clean_size: Option<(u32, u32)>,
    pub field_order: Option<bool>,
    pub dolby_vision: Option<DolbyVision>,
    pub bit_rate: Option<u64>,
    /// Encryption scheme (`cenc`, `cbcs`), when encrypted.
    pub encryption: Option<String>,
    /// The decoder configuration record of H.264 or HEVC: its samples are read by it.
    pub record: Vec<u8>,
    /// The codec inside an encrypted entry, as it stands in the file.
    pub original: Option<FourCc>,
    /// Every sample is forced (3GPP timed text).
    pub all_forced: bool,
    /// There is no codec that could be named: decoding depends on descriptors of an unknown type.
    pub is_unknown_object: bool,
}

/// Reads the first entry of the content of `stsd`.
pub fn first(stsd: &[u8], handler: Option<FourCc>, is_quicktime: bool) -> Option<Entry> {
    let (id, content) = in_slice(stsd.get(8..)?).next()?;
    Some(read(id, content, handler, is_quicktime))
}

fn read(id: FourCc, content: &[u8], handler: Option<FourCc>, is_quicktime: bool) -> Entry {
    let by_handler = handler.and_then(Kind::of_handler);
    let protected = matches!(&id, b"encv" | b"enca" | b"enct" | b"encs" | b"drmi" | b"drms" | b"resv" | b"icpv");
    let kind = match &id {
        b"encv" | b"drmi" | b"resv" => Kind::Video,
        b"enca" | b"drms" => Kind::Audio,
        _ => codec::named(id, by_handler).kind,
    };
    let mut entry = Entry {
        id,
        codec: codec::named(id, by_handler),
        profile: None,
        picture: Picture::default(),
        sound: Sound::default(),
        size: None,
        pixel_aspect: None,
        clean_size: None,
        field_order: None,
        dolby_vision: None,
        bit_rate: None,
        encryption: None,
        record: Vec::new(),
        original: None,
        all_forced: false,
        is_unknown_object: false,
    };
    let children = match kind {
        Kind::Video => read_visual(content, &mut entry).unwrap_or(&[]),
        Kind::Audio => read_audio(content, &mut entry, is_quicktime).unwrap_or(&[]),
        Kind::Subtitle | Kind::Other => {
            entry.all_forced = &id == b"tx3g" && content.get(8).is_some_and(|flags| flags & 0x80 != 0);
            content.get(8..).unwrap_or(&[])
        }
    };
    if protected && let Some(protection) = find_in_slice(children, b"sinf") {
        if let Some(original) = find_in_slice(protection, b"frma").and_then(four_cc) {
            entry.codec = codec::named(original, Some(kind));
            // FairPlay's own entries stay what they are called.
            entry.original = Some(original).filter(|_| !matches!(&id, b"drmi" | b"drms"));
        }
        let scheme = find_in_slice(protection, b"schm").and_then(|content| four_cc(content.get(4..)?));
        entry.encryption = Some(scheme.map_or_else(|| "unknown".to_owned(), boxes::name));
    }
    configuration::read(children, &mut entry);
    let assumed = elementary::assumed(&entry.codec.name, Some(&entry.id));
    entry.picture = std::mem::take(&mut entry.picture).or(assumed);
    if entry.profile.is_none() {
        entry.profile = match kind {
            Kind::Video => entry.picture.profile.clone(),
            _ => entry.sound.profile.clone(),
        };
    }
    entry
}

fn four_cc(bytes: &[u8]) -> Option<FourCc> {
    bytes.get(..4)?.try_into().ok()
}

/// Reads a visual sample entry; returns the boxes behind it.
fn read_visual<'a>(content: &'a [u8], entry: &mut Entry) -> Option<&'a [u8]> {
    let mut cursor = Cursor::new(content);
    cursor.skip(24).ok()?;
    let (width, height) = (cursor.u16_be().ok()?, cursor.u16_be().ok()?);
    entry.size = Some((width.into(), height.into())).filter(|&(width, height)| width > 0 && height > 0);
    cursor.skip(14).ok()?;
    // The name of the encoder, the depth, a table of colours.
    cursor.skip(36).ok()?;
    Some(cursor.rest())
}

/// Reads an audio sample entry; returns the boxes behind it.
fn read_audio<'a>(content: &'a [u8], entry: &mut Entry, is_quicktime: bool) -> Option<&'a [u8]> {
    let mut cursor = Cursor::new(content);
    cursor.skip(8).ok()?;
    let version = cursor.u16_be().ok()?;
    cursor.skip(6).ok()?;
    let (mut channels, mut depth) = (u32::from(cursor.u16_be().ok()?), cursor.u16_be().ok()?);
    cursor.skip(4).ok()?;
    let mut rate = cursor.u32_be().ok()? >> 16;
    let mut flags = None;
    match version {
        // In ISO files version 1 has the same fields as version 0 (AudioSampleEntryV1).
        1 if is_quicktime || !begins_with_box(cursor.rest()) => cursor.skip(16).ok()?,
        2 => {
            let Ok(long) = read_version_2(&mut cursor) else { return None };
            (rate, channels, depth, flags) = (long.rate, long.channels, long.depth, Some(long.flags));
        }
        _ => {}
    }
    let channels = credible::channels(channels.into());
    let sound = &mut entry.sound;
    sound.sample_rate = Some(rate).filter(|&rate| rate > 0);
    sound.channels = Some(channels).filter(|&channels| channels > 0);
    sound.layout = layout::usual(&entry.codec.name, channels).map(str::to_owned);
    match &entry.id {
        b"samr" => set(sound, 8000, 1),
        b"sawb" => set(sound, 16_000, 1),
        b"twos" | b"sowt" | b"raw " | b"NONE" | b"in24" | b"in32" | b"lpcm" => {
            let big_endian = flags.map_or(&entry.id != b"sowt", |flags| flags & 2 != 0);
            let is_float = flags.is_some_and(|flags| flags & 1 != 0);
            let depth = match &entry.id {
                b"in24" => 24,
                b"in32" => 32,
                _ => depth,
            };
            sound.bit_depth = u8::try_from(depth).ok().filter(|&depth| depth > 0);
            entry.codec.name = codec::pcm_name(depth, is_float, big_endian, &entry.id == b"raw ");
        }
        b"fl32" => sound.bit_depth = Some(32),
        b"fl64" => sound.bit_depth = Some(64),
        b"dtsc" => entry.profile = Some("DTS".to_owned()),
        b"dtse" => entry.profile = Some("DTS Express".to_owned()),
        b"dtsl" => entry.profile = Some("DTS-HD MA".to_owned()),
        _ => {}
    }
    Some(cursor.rest())
}

fn set(sound: &mut Sound, rate: u32, channels: u32) {
    sound.sample_rate = Some(rate);
    sound.channels = Some(channels);
    sound.layout = layout::of_count(channels).map(str::to_owned);
}

struct Long {
    rate: u32,
    channels: u32,
    depth: u16,
    flags: u32,
}

/// Reads the fields of a QuickTime sound description of version 2.
fn read_version_2(cursor: &mut Cursor<'_>) -> Result<Long, Short> {
    cursor.skip(4)?;
    let rate = cursor.f64_be()?;
    let channels = cursor.u32_be()?;
    cursor.skip(4)?;
    let depth = cursor.u32_be()?;
    let flags = cursor.u32_be()?;
    cursor.skip(8)?;
    let rate = if (1.0..=4e9).contains(&rate) { rate.round() as u32 } else { 0 };
    Ok(Long { rate, channels, depth: depth.min(64) as u16, flags })
}

fn begins_with_box(bytes: &[u8]) -> bool {
    in_slice(bytes)
        .next()
        .is_some_and(|(kind, _)| kind.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-'))
}

#[cfg(test)]
mod tests {
    use vpo_plugin_sdk::facts::ColourRange;

    use super::*;

    fn boxed(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
        [&(content.len() as u32 + 8).to_be_bytes()[..], kind, content].concat()
    }

    fn described(kind: &[u8; 4], fields: &[u8], children: &[Vec<u8>]) -> Vec<u8> {
        [&[0, 0, 0, 0, 0, 0, 0, 1][..], &boxed(kind, &[fields, &children.concat()].concat())].concat()
    }

    /// A visual sample entry of 1920x1080.
    fn visual(kind: &[u8; 4], children: &[Vec<u8>]) -> Entry {
        let mut fields = vec![0; 78];
        fields[24..28].copy_from_slice(&[0x07, 0x80, 0x04, 0x38]);
        first(&described(kind, &fields, children), Some(*b"vide"), false).unwrap()
    }

    fn audio(kind: &[u8; 4], version: u8, more: &[u8], children: &[Vec<u8>], is_quicktime: bool) -> Entry {
        let mut fields = vec![0; 28];
        (fields[9], fields[17], fields[19]) = (version, 2, 16);
        fields[24..26].copy_from_slice(&48_000u16.to_be_bytes());
        fields.extend(more);
        first(&described(kind, &fields, children), Some(*b"soun"), is_quicktime).unwrap()
    }

    #[test]
    fn colour_and_light_come_from_the_boxes() {
        let entry = visual(
            b"hvc1",
            &[
                boxed(b"colr", b"nclx\0\x09\0\x10\0\x09\x80"),
                boxed(
                    b"mdcv",
                    &[
                        [0x21, 0x34, 0x9b, 0xaa],
                        [0x19, 0x96, 0x08, 0xfc],
                        [0x8a, 0x48, 0x39, 0x08],
                        [0x3d, 0x13, 0x40, 0x42],
                        [0, 0x98, 0x96, 0x80],
                        [0, 0, 0, 50],
                    ]
                    .concat(),
                ),
                boxed(b"clli", &[0x03, 0xe8, 0x01, 0x90]),
            ],
        );

        let colour = entry.picture.colour;
        assert_eq!((colour.primaries, colour.transfer, colour.matrix), (Some(9), Some(16), Some(9)));
        assert_eq!(colour.range, Some(ColourRange::Full));
        let mastering = colour.mastering.unwrap();
        assert_eq!((mastering.green.0, mastering.red.0, mastering.luminance_max), (0.17, 0.708, 1000.0));
        assert_eq!((colour.max_content_light, colour.max_frame_light), (Some(1000), Some(400)));
        assert_eq!(entry.size, Some((1920, 1080)));
    }

    #[test]
    fn dolby_vision_is_told_by_its_record_whatever_the_entry_is_called() {
        let record = [1, 0, 0x10, 0x35, 0x10].into_iter().chain([0; 19]).collect::<Vec<_>>();

        for kind in [b"hvc1", b"dvh1", b"dvhe"] {
            let entry = visual(kind, &[boxed(b"dvvC", &record)]);
            assert_eq!(entry.codec.name, "hevc");
            assert_eq!(entry.dolby_vision, Some(DolbyVision { profile: 8, level: 6, compatibility: 1 }));
        }
        assert_eq!(visual(b"dav1", &[]).codec.name, "av1");
    }

    #[test]
    fn shapes_of_pixels_and_pictures_are_read() {
        let entry = visual(
            b"avc1",
            &[
                boxed(b"pasp", &[0, 0, 0, 64, 0, 0, 0, 45]),
                boxed(b"clap", &[0, 0, 7, 0x80, 0, 0, 0, 1, 0, 0, 3, 0x20, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1]),
                boxed(b"fiel", &[2, 9]),
            ],
        );

        assert_eq!(entry.pixel_aspect, Some(Ratio { numerator: 64, denominator: 45 }));
        assert_eq!(entry.clean_size, Some((1920, 800)));
        assert_eq!(entry.field_order, Some(true));
    }

    #[test]
    fn an_encrypted_entry_says_what_is_inside() {
        let protection = [boxed(b"frma", b"hvc1"), boxed(b"schm", b"\0\0\0\0cbcs\0\x01\0\0")].concat();

        let entry = visual(b"encv", &[boxed(b"sinf", &protection)]);

        assert_eq!((entry.codec.name.as_str(), entry.codec.kind), ("hevc", Kind::Video));
        assert_eq!(entry.encryption.as_deref(), Some("cbcs"));
    }

    #[test]
    fn quicktime_sound_has_longer_entries_and_a_box_for_the_decoder() {
        let wave = boxed(b"wave", &[boxed(b"frma", b"in24"), boxed(b"enda", &[0, 1])].concat());

        let first = audio(b"in24", 1, &[0; 16], std::slice::from_ref(&wave), true);
        let iso = audio(b"ipcm", 1, &[], &[boxed(b"pcmC", &[0, 0, 0, 0, 1, 24])], false);
        let long: Vec<u8> = [
            &[0, 0, 0, 72][..],
            &96_000f64.to_be_bytes(),
            &6u32.to_be_bytes(),
            &[0x7f, 0, 0, 0],
            &24u32.to_be_bytes(),
            &0xcu32.to_be_bytes(),
            &[0; 8],
        ]
        .concat();
        let second = audio(b"lpcm", 2, &long, &[], true);

        assert_eq!((first.codec.name.as_str(), first.sound.channels), ("pcm_s24le", Some(2)));
        assert_eq!((iso.codec.name.as_str(), iso.sound.bit_depth), ("pcm_s24le", Some(24)));
        assert_eq!(second.codec.name, "pcm_s24le");
        assert_eq!((second.sound.channels, second.sound.sample_rate), (Some(6), Some(96_000)));
    }

    #[test]
    fn sound_is_what_the_codecs_own_box_says() {
        let eac3 = audio(b"ec-3", 0, &[], &[boxed(b"dec3", &[0x18, 0x00, 0x20, 0x0f, 0x00, 0x01, 0x10])], false);
        let dts = audio(
            b"dtsl",
            0,
            &[],
            &[boxed(b"ddts", &[0, 0, 0xbb, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 24, 0, 0, 0, 0, 0x00, 0x4f, 0])],
            false,
        );

        assert_eq!((eac3.sound.channels, eac3.sound.layout.as_deref()), (Some(6), Some("5.1(side)")));
        assert_eq!(eac3.profile.as_deref(), Some("Dolby Digital Plus + Dolby Atmos"));
        assert_eq!((dts.profile.as_deref(), dts.sound.channels), (Some("DTS-HD MA"), Some(8)));
    }

    #[test]
    fn an_entry_that_is_cut_is_still_named() {
        let stsd = described(b"avc1", &[0; 10], &[]);

        assert_eq!(first(&stsd, None, false).unwrap().codec.name, "h264");
        assert!(first(&stsd[..12], None, false).is_none());
        assert!(first(&[], None, false).is_none());
    }
}
