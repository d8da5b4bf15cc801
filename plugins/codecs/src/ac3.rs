//! AC-3 and E-AC-3 (ETSI TS 102 366): frame headers, and the boxes `dac3` and `dec3`.

use crate::{Sound, bits::Bits, layout::speaker::*};

const RATES: [u32; 3] = [48_000, 44_100, 32_000];
const KILOBITS: [u64; 19] = [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 576, 640];

/// What ffmpeg calls E-AC-3 with joint object coding.
const ATMOS: &str = "Dolby Digital Plus + Dolby Atmos";

/// Reads the header of the first frame; dependent frames that follow it widen the layout.
pub fn frame(bytes: &[u8]) -> Option<Sound> {
    let (mut sound, mask, length) = one_frame(bytes)?;
    let mut rest = bytes.get(length..).unwrap_or_default();
    let mut wide = mask;
    while let Some((added, length)) = dependent_frame(rest) {
        wide |= added;
        // Both together are what the sound takes.
        sound.bit_rate = None;
        rest = rest.get(length..).unwrap_or_default();
    }
    if wide != mask {
        let widened = Sound::of_mask(wide);
        (sound.channels, sound.layout) = (widened.channels, widened.layout);
    }
    Some(sound)
}

/// Reads the content of a `dac3` box.
pub fn dac3(content: &[u8]) -> Option<Sound> {
    let mut bits = Bits::new(content);
    let rate = *RATES.get(usize::from(bits.u8(2)?))?;
    let shift = bits.u8(5)?.saturating_sub(8);
    bits.skip(3)?;
    let mask = mask(bits.u8(3)?, bits.bit()?);
    let bit_rate = KILOBITS.get(usize::from(bits.u8(5)?)).map(|kilobits| (kilobits * 1000) >> shift);
    Some(Sound { codec: Some("ac3"), sample_rate: Some(rate >> shift), bit_rate, ..Sound::of_mask(mask) })
}

/// Reads the content of a `dec3` box.
pub fn dec3(content: &[u8]) -> Option<Sound> {
    let mut bits = Bits::new(content);
    let bit_rate = bits.number(13)? * 1000;
    let substreams = bits.u8(3)?;
    let mut first = None;
    for _ in 0..=substreams {
        let rate = RATES.get(usize::from(bits.u8(2)?)).copied();
        bits.skip(5 + 1 + 1 + 3)?;
        let mut mask = mask(bits.u8(3)?, bits.bit()?);
        bits.skip(3)?;
        if bits.u8(4)? > 0 {
            mask |= locations(bits.u16(9)?);
        } else {
            bits.skip(1)?;
        }
        first = first.or(Some((rate, mask)));
    }
    let (sample_rate, mask) = first?;
    let has_objects = bits.skip(7).and_then(|()| bits.bit()) == Some(true);
    Some(Sound {
        codec: Some("eac3"),
        profile: has_objects.then(|| ATMOS.to_owned()),
        sample_rate,
        bit_rate: Some(bit_rate).filter(|&rate| rate > 0),
        ..Sound::of_mask(mask)
    })
}

/// Reads the frame at the start; returns what it says, its speakers and its length.
fn one_frame(bytes: &[u8]) -> Option<(Sound, u64, usize)> {
    let mut bits = Bits::new(bytes);
    if bits.number(16)? != 0x0b77 {
        return None;
    }
    let version = bytes.get(5)? >> 3;
    match version {
        0..=10 => ac3_frame(bits, version),
        11..=16 => {
            let header = Enhanced::read(&mut bits)?;
            (header.kind != DEPENDENT).then_some(())?;
            let mask = mask(header.coding, header.has_low);
            let profile = header.has_objects(&mut bits).filter(|&objects| objects).map(|_| ATMOS.to_owned());
            let sound = Sound {
                codec: Some("eac3"),
                profile,
                sample_rate: Some(header.rate),
                bit_rate: Some(header.bit_rate()),
                ..Sound::of_mask(mask)
            };
            Some((sound, mask, header.length))
        }
        _ => None,
    }
}

fn ac3_frame(mut bits: Bits<'_>, version: u8) -> Option<(Sound, u64, usize)> {
    bits.skip(16)?;
    let rate = *RATES.get(usize::from(bits.u8(2)?))?;
    let size = bits.number(6)?;
    bits.skip(5 + 3)?;
    let coding = bits.u8(3)?;
    if coding & 1 != 0 && coding != 1 {
        bits.skip(2)?;
    }
    if coding & 4 != 0 {
        bits.skip(2)?;
    }
    if coding == 2 {
        bits.skip(2)?;
    }
    let mask = mask(coding, bits.bit()?);
    let kilobits = *KILOBITS.get(size as usize / 2)?;
    let words = match rate {
        48_000 => kilobits * 2,
        44_100 => kilobits * 320 / 147 + size % 2,
        _ => kilobits * 3,
    };
    // Versions 9 and 10 halve and quarter everything.
    let shift = version.saturating_sub(8);
    let sound = Sound {
        codec: Some("ac3"),
        sample_rate: Some(rate >> shift),
        bit_rate: Some((kilobits * 1000) >> shift),
        ..Sound::of_mask(mask)
    };
    Some((sound, mask, usize::try_from(words * 2).ok()?))
}

const DEPENDENT: u8 = 1;

/// The beginning of an E-AC-3 frame.
struct Enhanced {
    kind: u8,
    length: usize,
    rate: u32,
    blocks: u8,
    coding: u8,
    has_low: bool,
}

impl Enhanced {
    /// Reads from behind the sync word to the version.
    fn read(bits: &mut Bits<'_>) -> Option<Self> {
        let kind = bits.u8(2)?;
        bits.skip(3)?;
        let length = (bits.number(11)? as usize + 1) * 2;
        let (rate, blocks) = match bits.u8(2)? {
            3 => (RATES.get(usize::from(bits.u8(2)?))? / 2, 3),
            code => (*RATES.get(usize::from(code))?, bits.u8(2)?),
        };
        let (coding, has_low) = (bits.u8(3)?, bits.bit()?);
        bits.skip(5)?;
        Some(Self { kind, length, rate, blocks, coding, has_low })
    }

    /// Bits per second of frames like this.
    fn bit_rate(&self) -> u64 {
        const SAMPLES_OF_BLOCK: u64 = 256;
        let blocks = [1, 2, 3, 6][usize::from(self.blocks & 3)];
        self.length as u64 * 8 * u64::from(self.rate) / (SAMPLES_OF_BLOCK * blocks)
    }

    /// Reads on to the additional information, where joint object coding is announced (§E.1.2.2 and TS 103 420).
    fn has_objects(&self, bits: &mut Bits<'_>) -> Option<bool> {
        let (kind, coding) = (self.kind, self.coding);
        for _ in 0..if coding == 0 { 2 } else { 1 } {
            bits.skip(5)?;
            if bits.bit()? {
                bits.skip(8)?;
            }
        }
        if kind == DEPENDENT && bits.bit()? {
            bits.skip(16)?;
        }
        if bits.bit()? {
            self.skip_mixing(bits)?;
        }
        if bits.bit()? {
            bits.skip(3 + 2)?;
            if coding == 2 {
                bits.skip(4)?;
            }
            if coding >= 6 {
                bits.skip(2)?;
            }
            for _ in 0..if coding == 0 { 2 } else { 1 } {
                if bits.bit()? {
                    bits.skip(8)?;
                }
            }
            bits.skip(1)?;
        }
        const SIX_BLOCKS: u8 = 3;
        if kind == 0 && self.blocks != SIX_BLOCKS {
            bits.skip(1)?;
        }
        if kind == 2 && (self.blocks == SIX_BLOCKS || bits.bit()?) {
            bits.skip(6)?;
        }
        if !bits.bit()? {
            return Some(false);
        }
        let length = bits.u8(6)?;
        bits.skip(7)?;
        Some(length >= 1 && bits.bit()?)
    }

    fn skip_mixing(&self, bits: &mut Bits<'_>) -> Option<()> {
        let (kind, coding) = (self.kind, self.coding);
        if coding > 2 {
            bits.skip(2)?;
        }
        if coding & 1 != 0 && coding > 2 {
            bits.skip(6)?;
        }
        if coding & 4 != 0 {
            bits.skip(6)?;
        }
        if self.has_low && bits.bit()? {
            bits.skip(5)?;
        }
        if kind != 0 {
            return Some(());
        }
        for _ in 0..if coding == 0 { 2 } else { 1 } {
            if bits.bit()? {
                bits.skip(6)?;
            }
        }
        if bits.bit()? {
            bits.skip(6)?;
        }
        match bits.u8(2)? {
            1 => bits.skip(5)?,
            2 => bits.skip(12)?,
            3 => {
                let bytes = bits.number(5)? as usize + 2;
                bits.skip(bytes * 8)?;
            }
            _ => {}
        }
        if coding < 2 {
            for _ in 0..if coding == 0 { 2 } else { 1 } {
                if bits.bit()? {
                    bits.skip(14)?;
                }
            }
        }
        if bits.bit()? {
            for _ in 0..[1, 2, 3, 6][usize::from(self.blocks & 3)] {
                if self.blocks == 0 || bits.bit()? {
                    bits.skip(5)?;
                }
            }
        }
        Some(())
    }
}

/// Returns the speakers that a dependent frame adds, and its length.
fn dependent_frame(bytes: &[u8]) -> Option<(u64, usize)> {
    let mut bits = Bits::new(bytes);
    if bits.number(16)? != 0x0b77 || !(11..=16).contains(&(bytes.get(5)? >> 3)) {
        return None;
    }
    let header = Enhanced::read(&mut bits)?;
    if header.kind != DEPENDENT {
        return None;
    }
    for _ in 0..if header.coding == 0 { 2 } else { 1 } {
        bits.skip(5)?;
        if bits.bit()? {
            bits.skip(8)?;
        }
    }
    let added = if bits.bit()? { channel_map(bits.u16(16)?) } else { mask(header.coding, header.has_low) };
    Some((added, header.length))
}

/// Speakers of an audio coding mode (table 5.8).
fn mask(coding: u8, has_low: bool) -> u64 {
    let mask = match coding {
        1 => FRONT_CENTRE,
        3 => SURROUND,
        4 => STEREO | BACK_CENTRE,
        5 => SURROUND | BACK_CENTRE,
        6 => STEREO | SIDES,
        7 => SURROUND | SIDES,
        _ => STEREO,
    };
    mask | if has_low { LOW_FREQUENCY } else { 0 }
}

/// Speakers of the channel map of a dependent frame, most significant bit first (table E.1.4).
fn channel_map(map: u16) -> u64 {
    const SPEAKERS: [u64; 16] = [
        FRONT_LEFT,
        FRONT_CENTRE,
        FRONT_RIGHT,
        SIDE_LEFT,
        SIDE_RIGHT,
        FRONT_LEFT_OF_CENTRE | FRONT_RIGHT_OF_CENTRE,
        BACKS,
        BACK_CENTRE,
        TOP_CENTRE,
        SURROUND_DIRECT_LEFT | SURROUND_DIRECT_RIGHT,
        WIDE_LEFT | WIDE_RIGHT,
        TOP_FRONT_LEFT | TOP_FRONT_RIGHT,
        TOP_FRONT_CENTRE,
        0,
        LOW_FREQUENCY_2,
        LOW_FREQUENCY,
    ];
    SPEAKERS.iter().enumerate().filter(|(place, _)| map >> (15 - place) & 1 == 1).fold(0, |mask, (_, add)| mask | add)
}

/// Speakers of `chan_loc` in `dec3` (table F.6.1), least significant bit last.
fn locations(bits: u16) -> u64 {
    const SPEAKERS: [u64; 9] = [
        FRONT_LEFT_OF_CENTRE | FRONT_RIGHT_OF_CENTRE,
        BACKS,
        BACK_CENTRE,
        TOP_CENTRE,
        SURROUND_DIRECT_LEFT | SURROUND_DIRECT_RIGHT,
        WIDE_LEFT | WIDE_RIGHT,
        TOP_FRONT_LEFT | TOP_FRONT_RIGHT,
        TOP_FRONT_CENTRE,
        LOW_FREQUENCY_2,
    ];
    SPEAKERS.iter().enumerate().filter(|(place, _)| bits >> place & 1 == 1).fold(0, |mask, (_, add)| mask | add)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dac3_box_says_five_and_one() {
        // 48 kHz, version 8, main, 3/2 with LFE, 384 kbit/s.
        let sound = dac3(&[0x10, 0x3d, 0xc0]).unwrap();

        assert_eq!(sound.layout.as_deref(), Some("5.1(side)"));
        assert_eq!((sound.sample_rate, sound.bit_rate), (Some(48_000), Some(384_000)));
    }

    #[test]
    fn a_dec3_box_with_the_extension_is_atmos() {
        let plain = dec3(&[0x18, 0x00, 0x20, 0x0f, 0x00]).unwrap();
        let atmos = dec3(&[0x18, 0x00, 0x20, 0x0f, 0x00, 0x01, 0x10]).unwrap();

        assert_eq!((plain.profile, plain.channels), (None, Some(6)));
        assert_eq!(atmos.profile.as_deref(), Some(ATMOS));
    }

    #[test]
    fn another_sync_word_is_no_frame() {
        assert_eq!(frame(&[0x0b, 0x78, 0, 0, 0, 0x40, 0, 0]), None);
        assert_eq!(frame(&[]), None);
    }
}
