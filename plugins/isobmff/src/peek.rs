//! The first sample of a track, for what only the codec's own stream says.
//!
//! Mastering display metadata and HDR10+ may stand beside the first picture only, some codecs keep their headers nowhere
//! else, and whether TrueHD or DTS carry more than their core is told by no box. This costs some calls, so it is done for
//! those tracks alone, and facts stand without it.

use vpo_codecs::{
    Picture, Sound, ac3, av1, colour, dts, elementary, h264, hevc, mpeg_audio, mpeg2, mpeg4, truehd, vpx,
};
use vpo_reading::{Media, ReadError};

use crate::{
    boxes::{Source, Span},
    codec::Kind,
    entry::Entry,
    fragments::Sample,
    movie::Movie,
};

/// Bytes of a picture that are looked at: its headers come first.
const MOST_PICTURE: u32 = 8 << 10;
const MOST_SOUND: u32 = 4 << 10;

/// Completes what entries leave open; of a fragmented film its first fragment knows the first samples of tracks.
pub fn complete<M: Media + ?Sized>(source: &mut Source<'_, M>, movie: &mut Movie, in_fragments: &[(u32, Sample)]) {
    for (_, track) in &mut movie.tracks {
        let (Some(entry), Some(stbl)) = (&mut track.entry, track.samples) else { continue };
        if entry.encryption.is_some() || !is_wanting(entry) {
            continue;
        }
        // A place that cannot be read is no reason to refuse the file.
        let Ok(in_table) = first_sample(source, stbl) else { continue };
        let in_fragment = || in_fragments.iter().find(|(number, _)| *number == track.number).map(|(_, sample)| *sample);
        let Some(Sample { offset, size }) = in_table.or_else(in_fragment) else { continue };
        let most = if entry.codec.kind == Kind::Video { MOST_PICTURE } else { MOST_SOUND };
        if let Ok(sample) = source.pages.glance(offset, size.min(most) as usize) {
            look(&sample, entry);
        }
    }
}

fn is_wanting(entry: &Entry) -> bool {
    let has_size = entry.picture.size.is_some();
    match entry.codec.name.as_str() {
        "hevc" | "av1" => !has_size || entry.picture.colour.transfer == Some(colour::PQ),
        // Streams that may hold fields tell with each picture whether they do.
        "h264" => !has_size || (entry.picture.interlaced.is_none() && entry.field_order.is_none()),
        "mpeg2video" | "mpeg1video" | "mpeg4" | "vp8" => !has_size,
        // The odd profiles may be RGB, which boxes tend to be silent about.
        "vp9" => matches!(entry.picture.profile.as_deref(), Some("Profile 1" | "Profile 3")),
        "ac3" | "eac3" => entry.sound.codec.is_none(),
        "truehd" | "mp3" | "mp2" | "dnxhd" | "png" | "cfhd" | "dirac" | "h263" => true,
        "prores" => entry.picture.colour.matrix.is_none(),
        "mjpeg" => entry.picture.profile.is_none(),
        "jpeg2000" | "ffv1" => entry.picture.bit_depth.is_none(),
        "dts" => entry.sound.codec.is_none() || entry.profile.is_none(),
        _ => false,
    }
}

fn look(sample: &[u8], entry: &mut Entry) {
    let seen: Option<Picture> = match entry.codec.name.as_str() {
        "hevc" => Some(hevc::sample(sample, hevc::length_size(&entry.record).unwrap_or(4))),
        "h264" if h264::length_size(&entry.record).is_none() => h264::byte_stream(sample),
        "h264" => h264::sample_of(&entry.record, sample),
        "av1" => Some(av1::units(sample)),
        "mpeg4" => mpeg4::headers(sample),
        "vp8" => vpx::vp8_key_frame(sample),
        "vp9" => vpx::vp9_key_frame(sample),
        "ffv1" => elementary::picture("ffv1", sample),
        name if elementary::is_told_by_frames(name) => elementary::picture(name, sample),
        "mpeg2video" | "mpeg1video" => mpeg2::sequence(sample).map(|sequence| {
            entry.codec.name = sequence.codec().to_owned();
            sequence.picture
        }),
        _ => None,
    };
    let heard: Option<Sound> = match entry.codec.name.as_str() {
        "ac3" | "eac3" => ac3::frame(sample),
        "truehd" => truehd::major_sync(sample),
        "dts" => dts::frame(sample),
        "mp3" | "mp2" => mpeg_audio::frame(sample),
        _ => None,
    };
    if let Some(seen) = seen {
        const RGB: u16 = 0;
        if seen.colour.matrix == Some(RGB) {
            entry.picture.colour.matrix = Some(RGB);
            entry.picture.colour.range = seen.colour.range;
        }
        let known = std::mem::take(&mut entry.picture);
        let colour = colour::or(known.colour, seen.colour);
        entry.picture = Picture { colour, ..seen.or(known) };
        entry.profile = entry.profile.take().or_else(|| entry.picture.profile.clone());
    }
    if let Some(heard) = heard {
        entry.profile = heard.profile.clone().or(entry.profile.take());
        entry.codec.name = heard.codec.map_or_else(|| entry.codec.name.clone(), str::to_owned);
        // Only these keep to the rate in one frame's header.
        let is_constant = matches!(entry.codec.name.as_str(), "ac3" | "eac3" | "mp1" | "mp2");
        entry.bit_rate = entry.bit_rate.or(heard.bit_rate.filter(|_| is_constant));
        entry.sound = heard.or(std::mem::take(&mut entry.sound));
    }
}

/// Finds offset and size of the first sample, reading no more of the tables than their first entries.
fn first_sample<M: Media + ?Sized>(source: &mut Source<'_, M>, stbl: Span) -> Result<Option<Sample>, ReadError> {
    // A header, its fields and the first entry lie within so many bytes.
    const HEAD: usize = 32;
    let (mut offset, mut size) = (None, None);
    let mut at = stbl.content;
    while offset.is_none() || size.is_none() {
        source.pages.glance(at, HEAD)?;
        let Some(table) = source.distant_box_at(at, stbl.end)? else { break };
        at = table.end;
        let number = |bytes: &[u8], at: usize| {
            bytes.get(at..at + 4).and_then(|four| four.try_into().ok()).map(u32::from_be_bytes)
        };
        let head = source.pages.glance(table.content, table.length().min(16) as usize)?;
        match &table.kind {
            b"stsz" => size = number(&head, 4).filter(|&size| size > 0).or_else(|| number(&head, 12)),
            // What is packed into half a byte to two need not be known that exactly.
            b"stz2" => size = Some(MOST_SOUND),
            b"stco" => offset = number(&head, 8).map(u64::from),
            b"co64" => offset = head.get(8..16).and_then(|eight| eight.try_into().ok()).map(u64::from_be_bytes),
            _ => {}
        }
    }
    Ok(offset.zip(size).filter(|&(_, size)| size > 0).map(|(offset, size)| Sample { offset, size }))
}
