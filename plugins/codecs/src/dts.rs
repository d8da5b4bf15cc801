//! DTS (ETSI TS 102 114): core frame headers, and what follows them.

use crate::{Sound, bits::Bits, layout::speaker::*};

const CORE: [u8; 4] = [0x7f, 0xfe, 0x80, 0x01];
const EXTENSION_SUBSTREAM: [u8; 4] = [0x64, 0x58, 0x20, 0x25];
const EXTENSION_LOSSLESS: [u8; 4] = [0x41, 0xa2, 0x95, 0x47];
const EXTENSION_LOW_BIT_RATE: [u8; 4] = [0x0a, 0x80, 0x19, 0x21];
const EXTENSION_HIGH_RATE: [u8; 4] = [0x65, 0x5e, 0x31, 0x5e];
const EXTENSION_SYNCS: [[u8; 4]; 3] = [EXTENSION_LOSSLESS, EXTENSION_LOW_BIT_RATE, EXTENSION_HIGH_RATE];

/// Reads the first frame: the core, and the kind of extension when it is in reach.
pub fn frame(bytes: &[u8]) -> Option<Sound> {
    let (core, length) = match bytes.starts_with(&CORE) {
        true => core_frame(bytes).map(|(sound, length)| (Some(sound), length))?,
        false if bytes.starts_with(&EXTENSION_SUBSTREAM) => (None, 0),
        false => return None,
    };
    let extension = bytes.get(length..).filter(|rest| rest.starts_with(&EXTENSION_SUBSTREAM));
    let sync = extension.and_then(|rest| {
        let rest = &rest[..rest.len().min(4096)];
        rest.windows(4).find_map(|four| EXTENSION_SYNCS.into_iter().find(|sync| four == sync))
    });
    let profile = match (sync, &core) {
        (Some(EXTENSION_LOSSLESS), _) => "DTS-HD MA",
        (Some(EXTENSION_LOW_BIT_RATE), _) => "DTS Express",
        (Some(_), _) => "DTS-HD HRA",
        (None, Some(core)) => return Some(core.clone()),
        (None, None) => return Some(Sound { codec: Some("dts"), ..Sound::default() }),
    };
    let stated = extension.and_then(asset).unwrap_or_default();
    // What the extension says of the whole sound outdoes the core.
    let mut sound = stated.or(core.unwrap_or_default());
    (sound.codec, sound.profile, sound.bit_rate) = (Some("dts"), Some(profile.to_owned()), None);
    Some(sound)
}

/// Reads the header of a core frame (§5.3.1); returns its length too.
fn core_frame(bytes: &[u8]) -> Option<(Sound, usize)> {
    const RATES: [u32; 16] =
        [0, 8000, 16_000, 32_000, 0, 0, 11_025, 22_050, 44_100, 0, 0, 12_000, 24_000, 48_000, 96_000, 192_000];
    const KILOBITS: [u64; 25] = [
        32, 56, 64, 96, 112, 128, 192, 224, 256, 320, 384, 448, 512, 576, 640, 768, 960, 1024, 1152, 1280, 1344, 1408,
        1411, 1472, 1536,
    ];
    const EXTENDED_CHANNELS: u8 = 0;
    const EXTENDED_FREQUENCY: u8 = 2;
    let mut bits = Bits::new(bytes);
    bits.skip(32 + 1 + 5)?;
    let has_checksum = bits.bit()?;
    bits.skip(7)?;
    let length = bits.number(14)? as usize + 1;
    let arrangement = bits.u8(6)?;
    let rate = RATES[usize::from(bits.u8(4)? & 15)];
    let bit_rate = KILOBITS.get(usize::from(bits.u8(5)?)).map(|kilobits| kilobits * 1000);
    bits.skip(1 + 1 + 1 + 1 + 1)?;
    let extension = bits.u8(3)?;
    let has_extension = bits.bit()?;
    bits.skip(1)?;
    let low = bits.u8(2)?;
    bits.skip(1)?;
    if has_checksum {
        bits.skip(16)?;
    }
    bits.skip(1 + 4 + 2)?;
    let depth = match bits.u8(3)? {
        0 | 1 => 16,
        2 | 3 => 20,
        5 | 6 => 24,
        _ => 16,
    };
    let mask = arrangement_mask(arrangement) | if matches!(low, 1 | 2) { LOW_FREQUENCY } else { 0 };
    let profile = match (has_extension, extension) {
        (true, EXTENDED_CHANNELS) => "DTS-ES",
        (true, EXTENDED_FREQUENCY) => "DTS 96/24",
        _ => "DTS",
    };
    let sound = Sound {
        codec: Some("dts"),
        profile: Some(profile.to_owned()),
        sample_rate: Some(rate).filter(|&rate| rate > 0),
        bit_depth: Some(depth),
        bit_rate,
        ..Sound::of_mask(mask)
    };
    Some((sound, length))
}

fn arrangement_mask(arrangement: u8) -> u64 {
    match arrangement {
        0 => FRONT_CENTRE,
        5 => SURROUND,
        6 => STEREO | BACK_CENTRE,
        7 => SURROUND | BACK_CENTRE,
        8 => STEREO | SIDES,
        9 => SURROUND | SIDES,
        10 => FRONT_LEFT_OF_CENTRE | FRONT_RIGHT_OF_CENTRE | STEREO | SIDES,
        11 => SURROUND | SIDES | BACK_CENTRE,
        12 => SURROUND | BACKS | SIDES,
        _ => STEREO,
    }
}

/// Reads the first asset of an extension substream header (§7.4): channels, rate and depth of the whole sound.
fn asset(substream: &[u8]) -> Option<Sound> {
    let mut bits = Bits::new(substream);
    bits.skip(32 + 8)?;
    let index = bits.u32(2)?;
    let (header_bits, frame_bits) = if bits.bit()? { (12, 20) } else { (8, 16) };
    bits.skip(header_bits + frame_bits)?;
    let mut assets = 1;
    let has_static = bits.bit()?;
    if has_static {
        bits.skip(2 + 3)?;
        if bits.bit()? {
            bits.skip(36)?;
        }
        let presentations = bits.u32(3)? + 1;
        assets = bits.u32(3)? + 1;
        let mut masks = Vec::new();
        for _ in 0..presentations {
            masks.push(bits.u32(index + 1)?);
        }
        for mask in masks {
            bits.skip(8 * mask.count_ones() as usize)?;
        }
        if bits.bit()? {
            bits.skip(2)?;
            let width = (bits.u32(2)? + 1) << 2;
            let outputs = bits.u32(2)? + 1;
            for _ in 0..outputs {
                bits.skip(width as usize)?;
            }
        }
    }
    bits.skip(assets as usize * frame_bits)?;
    bits.skip(9 + 3)?;
    if !has_static {
        return None;
    }
    if bits.bit()? {
        bits.skip(4)?;
    }
    if bits.bit()? {
        bits.skip(24)?;
    }
    if bits.bit()? {
        let bytes = bits.number(10)? as usize + 1;
        bits.skip(bytes * 8)?;
    }
    let depth = bits.u8(5)? + 1;
    const RATES: [u32; 16] = [
        8000, 16_000, 32_000, 64_000, 128_000, 22_050, 44_100, 88_200, 176_400, 352_800, 12_000, 24_000, 48_000,
        96_000, 192_000, 384_000,
    ];
    let rate = RATES[usize::from(bits.u8(4)? & 15)];
    let channels = bits.u32(8)? + 1;
    let mut sound =
        Sound { channels: Some(channels), sample_rate: Some(rate), bit_depth: Some(depth), ..Sound::default() };
    // One to one: every channel belongs to a speaker.
    if bits.bit()? {
        if channels > 2 {
            bits.skip(1)?;
        }
        if channels > 6 {
            bits.skip(1)?;
        }
        if bits.bit()? {
            let width = (bits.u32(2)? + 1) << 2;
            let mask = activity_mask(bits.u16(width)?);
            if mask.count_ones() == channels {
                sound.layout = crate::layout::of_mask(mask).map(str::to_owned);
            }
        }
    }
    if sound.layout.is_none() {
        sound.layout = crate::layout::of_count(channels).map(str::to_owned);
    }
    Some(sound)
}

/// Speakers of an activity mask (table 7-10).
fn activity_mask(activity: u16) -> u64 {
    let has = |bit: u32| activity >> bit & 1 == 1;
    [
        (0, FRONT_CENTRE),
        (1, STEREO),
        (2, SIDES),
        (3, LOW_FREQUENCY),
        (4, BACK_CENTRE),
        (5, TOP_FRONT_LEFT | TOP_FRONT_RIGHT),
        (6, BACKS),
        (7, TOP_FRONT_CENTRE),
        (8, TOP_CENTRE),
        (9, FRONT_LEFT_OF_CENTRE | FRONT_RIGHT_OF_CENTRE),
        (10, WIDE_LEFT | WIDE_RIGHT),
        (12, LOW_FREQUENCY_2),
    ]
    .into_iter()
    .filter(|&(bit, _)| has(bit))
    .fold(0, |mask, (_, add)| mask | add)
}
