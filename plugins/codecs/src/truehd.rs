//! Dolby TrueHD and MLP: the major sync at the start of an access unit, and the box `dmlp`.

use crate::{
    Sound,
    bits::Bits,
    layout::{self, speaker::*},
};

/// Finds the first major sync and reads it.
pub fn major_sync(bytes: &[u8]) -> Option<Sound> {
    let at = bytes.windows(4).position(|four| matches!(four, [0xf8, 0x72, 0x6f, 0xba | 0xbb]))?;
    let sync = &bytes[at..];
    match sync[3] {
        0xba => {
            let sound = of_format(sync.get(4..)?)?;
            // Behind the format: signature, flags, a reserved word, the peak rate, then the substreams.
            let substreams = sync.get(16)? >> 4;
            let has_objects = substreams >= 4 && sync.get(17)? & 0x80 != 0;
            let profile = has_objects.then(|| "Dolby TrueHD + Dolby Atmos".to_owned());
            Some(Sound { profile, ..sound })
        }
        _ => mlp(sync.get(4..)?),
    }
}

/// Reads the content of a `dmlp` box.
pub fn dmlp(content: &[u8]) -> Option<Sound> {
    of_format(content)
}

fn of_format(bytes: &[u8]) -> Option<Sound> {
    let mut bits = Bits::new(bytes);
    let rate = sample_rate(bits.u8(4)?)?;
    bits.skip(4 + 2 + 2)?;
    let six = bits.u16(5)?;
    bits.skip(2)?;
    let eight = bits.u16(13)?;
    let mask = speakers(if eight != 0 { eight } else { six });
    Some(Sound { codec: Some("truehd"), sample_rate: Some(rate), ..Sound::of_mask(mask) })
}

fn mlp(bytes: &[u8]) -> Option<Sound> {
    const CHANNELS: [u32; 21] = [1, 2, 3, 4, 3, 4, 5, 3, 4, 5, 4, 5, 6, 4, 5, 4, 5, 6, 5, 5, 6];
    let mut bits = Bits::new(bytes);
    let depth = [16, 20, 24].get(usize::from(bits.u8(4)?)).copied();
    bits.skip(4)?;
    let rate = sample_rate(bits.u8(4)?)?;
    bits.skip(4 + 11)?;
    let channels = CHANNELS.get(usize::from(bits.u8(5)?)).copied();
    // Of more than two, the same number may stand around in several ways.
    let layout = channels.filter(|channels| *channels <= 2).and_then(layout::of_count).map(str::to_owned);
    Some(Sound { codec: Some("mlp"), sample_rate: Some(rate), channels, layout, bit_depth: depth, ..Sound::default() })
}

fn sample_rate(code: u8) -> Option<u32> {
    if code & 7 > 2 {
        return None;
    }
    Some(if code & 8 != 0 { 44_100 } else { 48_000 } << (code & 7))
}

/// Speakers of a presentation's channel assignment.
fn speakers(assignment: u16) -> u64 {
    const SPEAKERS: [u64; 13] = [
        STEREO,
        FRONT_CENTRE,
        LOW_FREQUENCY,
        SIDES,
        TOP_FRONT_LEFT | TOP_FRONT_RIGHT,
        FRONT_LEFT_OF_CENTRE | FRONT_RIGHT_OF_CENTRE,
        BACKS,
        BACK_CENTRE,
        TOP_CENTRE,
        SURROUND_DIRECT_LEFT | SURROUND_DIRECT_RIGHT,
        WIDE_LEFT | WIDE_RIGHT,
        TOP_FRONT_CENTRE,
        LOW_FREQUENCY_2,
    ];
    SPEAKERS.iter().enumerate().filter(|(bit, _)| assignment >> bit & 1 == 1).fold(0, |mask, (_, add)| mask | add)
}
