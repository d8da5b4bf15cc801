//! MPEG-4 audio: AudioSpecificConfig (ISO/IEC 14496-3 §1.6.2.1) and ADTS headers.

use crate::{
    Sound,
    bits::Bits,
    layout::{self, speaker::*},
};

const RATES: [u32; 13] =
    [96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350];

const SPECTRAL_BAND_REPLICATION: u8 = 5;
const PARAMETRIC_STEREO: u8 = 29;
/// MPEG-4 ALS.
const LOSSLESS: u8 = 36;

/// Reads an AudioSpecificConfig: the decoder specific information of `esds`, the CodecPrivate of `A_AAC`.
pub fn configuration(config: &[u8]) -> Option<Sound> {
    let mut bits = Bits::new(config);
    let mut kind = read_kind(&mut bits)?;
    let core_rate = read_rate(&mut bits)?;
    let channel_configuration = bits.u8(4)?;
    let (mut sbr, mut ps) = (false, false);
    let mut rate = core_rate;
    if matches!(kind, SPECTRAL_BAND_REPLICATION | PARAMETRIC_STEREO) {
        sbr = true;
        ps = kind == PARAMETRIC_STEREO;
        rate = read_rate(&mut bits)?;
        kind = read_kind(&mut bits)?;
    }
    let mut sound = of_configuration(channel_configuration).unwrap_or_default();
    if is_general_audio(kind) {
        let _ = read_general(&mut bits, kind, channel_configuration, &mut sound);
        if !sbr && let Some(found) = find_extension(bits.clone(), core_rate) {
            (sbr, ps) = (true, found.has_ps);
            rate = found.rate;
        }
    }
    if kind == LOSSLESS
        && let Some(lossless) = read_lossless(config)
    {
        return Some(lossless);
    }
    if ps && sound.channels == Some(1) {
        sound = of_configuration(2)?;
    }
    Some(Sound {
        codec: codec_name(kind),
        profile: profile_name(kind, sbr, ps),
        sample_rate: Some(rate).filter(|&rate| rate > 0),
        ..sound
    })
}

/// Reads ALSSpecificConfig (§11.2.2), which knows rate and channels better than what stands before it.
fn read_lossless(config: &[u8]) -> Option<Sound> {
    const START: &[u8; 4] = b"ALS\0";
    let at = config.windows(START.len()).position(|four| four == START)?;
    let mut bits = Bits::new(config.get(at + START.len()..)?);
    let sample_rate = bits.u32(32)?;
    // How many samples there are.
    bits.skip(32)?;
    let channels = bits.u32(16)? + 1;
    bits.skip(3)?;
    let bit_depth = (bits.u8(3)? + 1) * 8;
    Some(Sound {
        codec: codec_name(LOSSLESS),
        channels: Some(channels),
        layout: layout::of_count(channels).map(str::to_owned),
        sample_rate: Some(sample_rate).filter(|&rate| rate > 0),
        bit_depth: Some(bit_depth).filter(|&depth| depth <= 32),
        ..Sound::default()
    })
}

/// Bytes of an ADTS frame with its header; `None` where none begins.
pub fn frame_length(frame: &[u8]) -> Option<usize> {
    let &[0xff, second, _, high, middle, low, ..] = frame else { return None };
    let length = usize::from(high & 3) << 11 | usize::from(middle) << 3 | usize::from(low >> 5);
    // Layer zero, and room for the header.
    (second & 0xf6 == 0xf0 && length > 7).then_some(length)
}

/// Reads the header of an ADTS frame (§1.A.2.2).
pub fn adts(frame: &[u8]) -> Option<Sound> {
    let mut bits = Bits::new(frame);
    if bits.number(12)? != 0xfff {
        return None;
    }
    bits.skip(1)?;
    if bits.u8(2)? != 0 {
        return None;
    }
    bits.skip(1)?;
    let kind = bits.u8(2)? + 1;
    let rate = *RATES.get(usize::from(bits.u8(4)?))?;
    bits.skip(1)?;
    let sound = match bits.u8(3)? {
        0 => program_of_frame(frame),
        configuration => of_configuration(configuration),
    };
    let sound = sound.unwrap_or_default();
    Some(Sound { codec: Some("aac"), profile: profile_name(kind, false, false), sample_rate: Some(rate), ..sound })
}

/// Counts the channels of a frame that begins with an element which lists them (§4.4.2.1).
fn program_of_frame(frame: &[u8]) -> Option<Sound> {
    const PROGRAM_CONFIGURATION: u8 = 5;

    // The header has nine bytes with a checksum and seven without.
    let header = if frame.get(1)? & 1 == 0 { 9 } else { 7 };
    let mut bits = Bits::new(frame.get(header..)?);
    if bits.u8(3)? != PROGRAM_CONFIGURATION {
        return None;
    }
    read_program(&mut bits)
}

fn read_kind(bits: &mut Bits<'_>) -> Option<u8> {
    match bits.u8(5)? {
        31 => Some(bits.u8(6)? + 32),
        kind => Some(kind),
    }
}

fn read_rate(bits: &mut Bits<'_>) -> Option<u32> {
    match bits.u8(4)? {
        15 => bits.u32(24),
        index => RATES.get(usize::from(index)).copied(),
    }
}

fn is_general_audio(kind: u8) -> bool {
    matches!(kind, 1..=4 | 6 | 7 | 17 | 19..=23)
}

/// Reads GASpecificConfig; leaves `bits` behind it.
fn read_general(bits: &mut Bits<'_>, kind: u8, channel_configuration: u8, sound: &mut Sound) -> Option<()> {
    bits.skip(1)?;
    if bits.bit()? {
        bits.skip(14)?;
    }
    let extension = bits.bit()?;
    if channel_configuration == 0 {
        *sound = Sound { ..read_program(bits)? };
    }
    if matches!(kind, 6 | 20) {
        bits.skip(3)?;
    }
    if extension {
        if kind == 22 {
            bits.skip(16)?;
        }
        if matches!(kind, 17 | 19 | 20 | 23) {
            bits.skip(3)?;
        }
        bits.skip(1)?;
    }
    Some(())
}

/// Counts the channels of a program configuration element (§4.4.1.1).
fn read_program(bits: &mut Bits<'_>) -> Option<Sound> {
    bits.skip(4 + 2 + 4)?;
    let counts = [bits.u32(4)?, bits.u32(4)?, bits.u32(4)?];
    let (low, data, coupling) = (bits.u32(2)?, bits.u32(3)?, bits.u32(4)?);
    for width in [4, 4, 3] {
        if bits.bit()? {
            bits.skip(width)?;
        }
    }
    let mut widths = [0u32; 3];
    for (width, count) in widths.iter_mut().zip(counts) {
        for _ in 0..count {
            *width += if bits.bit()? { 2 } else { 1 };
            bits.skip(4)?;
        }
    }
    bits.skip((4 * (low + data) + 5 * coupling) as usize)?;
    bits.align();
    let comment = bits.number(8)? as usize;
    bits.skip(comment * 8)?;
    let mask = program_mask(widths, low);
    let channels = widths.iter().sum::<u32>() + low;
    let layout = mask.filter(|mask| mask.count_ones() == channels).and_then(layout::of_mask);
    Some(Sound { channels: Some(channels), layout: layout.map(str::to_owned), ..Sound::default() })
}

fn program_mask([front, side, back]: [u32; 3], low: u32) -> Option<u64> {
    let front = match front {
        0 => 0,
        1 => FRONT_CENTRE,
        2 => STEREO,
        3 => SURROUND,
        5 => SURROUND | FRONT_LEFT_OF_CENTRE | FRONT_RIGHT_OF_CENTRE,
        _ => return None,
    };
    let side = match side {
        0 => 0,
        2 => SIDES,
        _ => return None,
    };
    let back = match back {
        0 => 0,
        1 => BACK_CENTRE,
        2 => BACKS,
        3 => BACKS | BACK_CENTRE,
        _ => return None,
    };
    let low = match low {
        0 => 0,
        1 => LOW_FREQUENCY,
        _ => return None,
    };
    Some(front | side | back | low)
}

struct Extension {
    rate: u32,
    has_ps: bool,
}

/// Finds the backward compatible signalling of SBR that may stand behind the configuration.
fn find_extension(mut bits: Bits<'_>, core_rate: u32) -> Option<Extension> {
    while bits.left() > 15 {
        let mut ahead = bits.clone();
        if ahead.number(11)? != 0x2b7 {
            bits.skip(1)?;
            continue;
        }
        if read_kind(&mut ahead)? != SPECTRAL_BAND_REPLICATION || !ahead.bit()? {
            return None;
        }
        let rate = read_rate(&mut ahead)?;
        // Written although there is none: the same rate says so.
        if rate == core_rate {
            return None;
        }
        let has_ps = ahead.number(11) == Some(0x548) && ahead.bit() == Some(true);
        return Some(Extension { rate, has_ps });
    }
    None
}

fn of_configuration(configuration: u8) -> Option<Sound> {
    let mask = match configuration {
        1 => FRONT_CENTRE,
        2 => STEREO,
        3 => SURROUND,
        4 => SURROUND | BACK_CENTRE,
        5 => SURROUND | BACKS,
        6 => SURROUND | BACKS | LOW_FREQUENCY,
        // The standard means the wide layout; what is found in files is the other one, and ffmpeg takes it for that.
        7 | 12 => SURROUND | SIDES | BACKS | LOW_FREQUENCY,
        11 => SURROUND | BACKS | BACK_CENTRE | LOW_FREQUENCY,
        14 => SURROUND | SIDES | LOW_FREQUENCY | TOP_FRONT_LEFT | TOP_FRONT_RIGHT,
        _ => return None,
    };
    Some(Sound::of_mask(mask))
}

fn codec_name(kind: u8) -> Option<&'static str> {
    Some(match kind {
        32 => "mp1",
        33 => "mp2",
        34 => "mp3",
        36 => "mp4als",
        _ => "aac",
    })
}

fn profile_name(kind: u8, sbr: bool, ps: bool) -> Option<String> {
    let name = match (kind, sbr, ps) {
        (2, true, true) => "HE-AACv2",
        (2, true, false) => "HE-AAC",
        (1, ..) => "Main",
        (2, ..) => "LC",
        (3, ..) => "SSR",
        (4, ..) => "LTP",
        (23, ..) => "LD",
        (39, ..) => "ELD",
        (42, ..) => "xHE-AAC",
        _ => return None,
    };
    Some(name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_lc_is_lc() {
        let sound = configuration(&[0x12, 0x10]).unwrap();

        assert_eq!(sound.profile.as_deref(), Some("LC"));
        assert_eq!((sound.channels, sound.sample_rate), (Some(2), Some(44_100)));
        assert_eq!(sound.layout.as_deref(), Some("stereo"));
    }

    #[test]
    fn sbr_doubles_the_rate_however_it_is_signalled() {
        // AOT 5, 24 kHz, stereo, extension 48 kHz, AOT 2.
        let explicit = configuration(&[0x2b, 0x11, 0x88, 0x00]).unwrap();
        // AOT 2, 24 kHz, stereo, then 0x2b7, AOT 5, present, 48 kHz.
        let behind = configuration(&[0x13, 0x10, 0x56, 0xe5, 0x98]).unwrap();

        for sound in [explicit, behind] {
            assert_eq!(sound.profile.as_deref(), Some("HE-AAC"));
            assert_eq!((sound.channels, sound.sample_rate), (Some(2), Some(48_000)));
        }
    }

    #[test]
    fn parametric_stereo_makes_two_of_one() {
        // AOT 29, 24 kHz, one channel, extension 48 kHz, AOT 2.
        let sound = configuration(&[0xeb, 0x09, 0x88, 0x00]).unwrap();

        assert_eq!(sound.profile.as_deref(), Some("HE-AACv2"));
        assert_eq!((sound.channels, sound.sample_rate), (Some(2), Some(48_000)));
    }

    #[test]
    fn an_adts_header_says_the_same() {
        let sound = adts(&[0xff, 0xf1, 0x4c, 0x80, 0x01, 0x3f, 0xfc]).unwrap();

        assert_eq!((sound.channels, sound.sample_rate), (Some(2), Some(48_000)));
    }

    #[test]
    fn channels_that_no_configuration_has_are_listed_in_the_frame() {
        // No checksum, channel configuration 0; then an element that lists two pairs of channels, front and back.
        let listed = [0xff, 0xf1, 0x4c, 0x00, 0x4e, 0xbf, 0xfc, 0xa0, 0x98, 0x80, 0x80, 0x04, 0x22, 0x00, 0x00, 0x00];

        let sound = adts(&listed).unwrap();

        assert_eq!((sound.channels, sound.layout.as_deref()), (Some(4), Some("quad")));
        assert_eq!(adts(&listed[..10]).unwrap().channels, None);
    }
}
