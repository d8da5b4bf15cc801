//! Opus: identification headers (RFC 7845 §5.1) and the box `dOps`.

use crate::{Sound, layout};

/// Opus is always decoded at this rate.
const SAMPLE_RATE: u32 = 48_000;

/// Reads `OpusHead`: the CodecPrivate of `A_OPUS`, the first packet in Ogg.
pub fn head(header: &[u8]) -> Option<Sound> {
    let rest = header.strip_prefix(b"OpusHead")?;
    let &[_version, channels, ..] = rest else { return None };
    sound(channels, rest.get(10).copied())
}

/// Reads the content of a `dOps` box.
pub fn d_ops(content: &[u8]) -> Option<Sound> {
    let &[_version, channels, ..] = content else { return None };
    sound(channels, content.get(10).copied())
}

fn sound(channels: u8, family: Option<u8>) -> Option<Sound> {
    let channels = u32::from(channels);
    if channels == 0 {
        return None;
    }
    let layout = match family {
        Some(0 | 1) | None => layout::of_vorbis_order(channels),
        Some(_) => None,
    };
    Some(Sound {
        codec: Some("opus"),
        channels: Some(channels),
        layout: layout.map(str::to_owned),
        sample_rate: Some(SAMPLE_RATE),
        ..Sound::default()
    })
}
