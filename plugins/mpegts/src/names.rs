//! What a stream is, from its type, its descriptors and the program it belongs to.

use crate::descriptors::Descriptor;
use crate::tables::{Entry, Program};

/// What sort of track a codec makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Video,
    Audio,
    Subtitle,
    Other,
}

use Kind::{Audio, Other, Subtitle, Video};

/// Sort and normal name of a stream's codec. What a type means depends on who registered it.
pub fn codec(program: &Program, entry: &Entry, is_blu_ray: bool) -> (Kind, &'static str) {
    let is_blu_ray = is_blu_ray || matches!(program.registration.as_ref(), Some(b"HDMV" | b"HDPR"));
    assigned(entry.stream_type)
        .or_else(|| if is_blu_ray { blu_ray(entry.stream_type) } else { None })
        .or_else(|| entry.descriptors.iter().find_map(|descriptor| described(entry.stream_type, descriptor)))
        .or_else(|| captions(entry).map(|_| (Subtitle, "arib_caption")))
        .or_else(|| cues(program, entry))
        .or_else(|| customary(entry.stream_type))
        .unwrap_or((Other, "unknown"))
}

/// Types that the standard itself assigns, and those that encrypted streams of HLS have.
fn assigned(stream_type: u8) -> Option<(Kind, &'static str)> {
    Some(match stream_type {
        0x01 => (Video, "mpeg1video"),
        0x02 => (Video, "mpeg2video"),
        // Layers are told apart by the header of a frame.
        0x03 | 0x04 => (Audio, "mp3"),
        0x0f | 0x1c | 0xcf => (Audio, "aac"),
        0x10 => (Video, "mpeg4"),
        0x11 => (Audio, "aac_latm"),
        0x1b | 0x1f | 0x20 | 0xdb => (Video, "h264"),
        0x21 => (Video, "jpeg2000"),
        0x24 | 0x25 => (Video, "hevc"),
        0x2d | 0x2e => (Audio, "mpegh_3d_audio"),
        0x33 => (Video, "vvc"),
        0x42 => (Video, "cavs"),
        0xc1 => (Audio, "ac3"),
        0xc2 => (Audio, "eac3"),
        0xd1 => (Video, "dirac"),
        0xd2 => (Video, "avs2"),
        0xd4 => (Video, "avs3"),
        0xea => (Video, "vc1"),
        _ => return None,
    })
}

/// Types of Blu-ray and AVCHD.
fn blu_ray(stream_type: u8) -> Option<(Kind, &'static str)> {
    Some(match stream_type {
        0x80 => (Audio, "pcm_bluray"),
        0x81 => (Audio, "ac3"),
        0x82 | 0x85 | 0x86 | 0xa2 => (Audio, "dts"),
        0x83 => (Audio, "truehd"),
        0x84 | 0xa1 => (Audio, "eac3"),
        0x90 => (Subtitle, "hdmv_pgs_subtitle"),
        0x92 => (Subtitle, "hdmv_text_subtitle"),
        _ => return None,
    })
}

/// What a descriptor says of private data (types 0x06 and, for metadata, 0x15) and of types of users.
fn described(stream_type: u8, descriptor: &Descriptor) -> Option<(Kind, &'static str)> {
    Some(match descriptor {
        Descriptor::Registration(letters) => match (letters, stream_type) {
            (b"AC-3", _) => (Audio, "ac3"),
            (b"EAC3", _) => (Audio, "eac3"),
            (b"AC-4", _) => (Audio, "ac4"),
            (b"DTS1" | b"DTS2" | b"DTS3", _) => (Audio, "dts"),
            (b"BSSD", _) => (Audio, "s302m"),
            (b"Opus", _) => (Audio, "opus"),
            (b"HEVC", _) => (Video, "hevc"),
            (b"VVC ", _) => (Video, "vvc"),
            (b"AV01", _) => (Video, "av1"),
            (b"VC-1", _) => (Video, "vc1"),
            (b"drac", _) => (Video, "dirac"),
            (b"KLVA", _) => (Other, "klv"),
            (b"ID3 ", _) => (Other, "timed_id3"),
            (b"CUEI", 0x86) => (Other, "scte_35"),
            _ => return None,
        },
        Descriptor::Metadata(letters) => match letters {
            b"KLVA" => (Other, "klv"),
            b"ID3 " => (Other, "timed_id3"),
            _ => return None,
        },
        // Dolby Vision that other players must not take for a picture of theirs.
        Descriptor::DolbyVision(vision) if stream_type == 0x06 => match vision.profile {
            9 => (Video, "h264"),
            10 => (Video, "av1"),
            _ => (Video, "hevc"),
        },
        Descriptor::Subtitles(_) => (Subtitle, "dvb_subtitle"),
        Descriptor::Teletext { .. } => (Subtitle, "dvb_teletext"),
        Descriptor::Opus(_) => (Audio, "opus"),
        Descriptor::Codec(name) if stream_type == 0x06 || stream_type >= 0x80 => (Audio, name),
        _ => return None,
    })
}

/// Which captions of ARIB a stream of private data holds (STD-B10 part 2 annex J, TR-B14): those of television, or those for
/// telephones. Superimposed text and data have the same component.
pub fn captions(entry: &Entry) -> Option<&'static str> {
    let component = entry.descriptors.iter().find_map(|descriptor| match descriptor {
        Descriptor::Component(tag) => Some(*tag),
        _ => None,
    });
    let coding = entry.descriptors.iter().find_map(|descriptor| match descriptor {
        Descriptor::DataComponent(id) => Some(*id),
        _ => None,
    });
    match (entry.stream_type, coding?, component?) {
        (0x06, 0x0008, 0x30..=0x37) => Some("Profile A"),
        (0x06, 0x0012, 0x87) => Some("Profile C"),
        _ => None,
    }
}

/// Cues for advertisements (SCTE 35), which the program registers rather than the stream.
fn cues(program: &Program, entry: &Entry) -> Option<(Kind, &'static str)> {
    let is_registered = program.registration.as_ref() == Some(b"CUEI");
    (is_registered && entry.stream_type == 0x86).then_some((Other, "scte_35"))
}

/// Types of users that mean the same nearly everywhere (ATSC A/53, and DTS).
fn customary(stream_type: u8) -> Option<(Kind, &'static str)> {
    Some(match stream_type {
        0x80 => (Video, "mpeg2video"),
        0x81 => (Audio, "ac3"),
        0x87 => (Audio, "eac3"),
        0x82 | 0x8a => (Audio, "dts"),
        _ => return None,
    })
}

/// Of how many tracks a stream is for mkvmerge, which decides how it counts: it makes one of each subtitle page of teletext.
pub fn tracks_of_mkvmerge(codec: &str, entry: &Entry) -> u32 {
    match codec {
        "dvb_teletext" => {
            let pages = entry.descriptors.iter().find_map(|descriptor| match descriptor {
                Descriptor::Teletext { pages, are_subtitles: true } => u32::try_from(pages.len()).ok(),
                _ => None,
            });
            pages.unwrap_or(0)
        }
        "dvb_subtitle" => u32::from(
            entry
                .descriptors
                .iter()
                .any(|descriptor| matches!(descriptor, Descriptor::Subtitles(languages) if !languages.is_empty())),
        ),
        codec => u32::from(is_known_to_mkvmerge(codec)),
    }
}

fn is_known_to_mkvmerge(codec: &str) -> bool {
    matches!(
        codec,
        "mpeg1video"
            | "mpeg2video"
            | "h264"
            | "hevc"
            | "vc1"
            | "mp2"
            | "mp3"
            | "aac"
            | "aac_latm"
            | "ac3"
            | "eac3"
            | "dts"
            | "truehd"
            | "pcm_bluray"
            | "hdmv_pgs_subtitle"
            | "hdmv_text_subtitle"
    )
}
