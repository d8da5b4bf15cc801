//! Names: from the four characters of a sample entry to the normal name of the codec.

use vpo_codecs::riff;

use crate::boxes::{self, FourCc};

/// What sort of stream a codec makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Video,
    Audio,
    Subtitle,
    Other,
}

impl Kind {
    /// What a handler says of the kind; `None` for one that says nothing.
    pub fn of_handler(handler: FourCc) -> Option<Self> {
        Some(match &handler {
            b"vide" => Self::Video,
            b"soun" | b"m1a " => Self::Audio,
            b"subp" | b"clcp" | b"sbtl" | b"subt" | b"text" => Self::Subtitle,
            b"tmcd" | b"hint" | b"meta" | b"odsm" | b"sdsm" | b"data" | b"camm" => Self::Other,
            _ => return None,
        })
    }
}

/// A codec by its normal name, which is that of ffmpeg where ffmpeg has one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Codec {
    pub name: String,
    pub kind: Kind,
}

/// Names the codec of a sample entry. What is not known keeps its four characters as name.
pub fn named(entry: FourCc, handler: Option<Kind>) -> Codec {
    let known = match handler {
        Some(Kind::Audio) => audio(entry).or_else(|| video(entry)).or_else(|| other(entry)),
        _ => video(entry).or_else(|| audio(entry)).or_else(|| other(entry)),
    };
    // The letters of AVI wander into QuickTime.
    let of_avi = || match riff::picture(&entry, 0) {
        riff::UNKNOWN => None,
        name => Some((name, Kind::Video)).filter(|_| handler == Some(Kind::Video)),
    };
    // Tags of sound wander along, as two letters and a number.
    let of_wave = || match entry {
        [b'm', b's', high, low] => match riff::sound(u16::from_be_bytes([high, low]), 16) {
            riff::UNKNOWN => None,
            name => Some((name, Kind::Audio)),
        },
        _ => None,
    };
    let known = known.or_else(of_avi).or_else(of_wave);
    match known {
        Some((name, kind)) => Codec { name: name.to_owned(), kind },
        None => Codec { name: boxes::name(entry).trim().to_ascii_lowercase(), kind: handler.unwrap_or(Kind::Other) },
    }
}

fn video(entry: FourCc) -> Option<(&'static str, Kind)> {
    let name = match &entry {
        b"avc1" | b"avc2" | b"avc3" | b"avc4" | b"dva1" | b"dvav" | b"AVin" | b"x264" | b"X264" | b"H264" | b"h264" => {
            "h264"
        }
        [b'a', b'i', b'1' | b'5', b'p' | b'q' | b'2' | b'3' | b'5' | b'6'] => "h264",
        b"hvc1" | b"hev1" | b"hvc2" | b"hev2" | b"hvt1" | b"dvh1" | b"dvhe" => "hevc",
        b"vvc1" | b"vvi1" => "vvc",
        b"evc1" => "evc",
        b"av01" | b"dav1" => "av1",
        b"vp08" | b"VP80" => "vp8",
        b"vp09" | b"VP90" => "vp9",
        b"vp10" => "vp10",
        b"mp4v" | b"DIVX" | b"XVID" | b"FMP4" | b"DX50" | b"3IV1" | b"3IV2" => "mpeg4",
        b"s263" | b"h263" | b"H263" => "h263",
        b"mp1v" | b"mpeg" | b"m1v " | b"m1v1" => "mpeg1video",
        b"mp2v" | b"m2v1" | b"mpg2" | b"xdv1" | b"xdv2" | b"xdv3" | b"xdv4" | b"xdv5" | b"xdv6" | b"xdv7" | b"xdv8"
        | b"xdv9" | b"xdva" | b"xdvb" | b"xdvc" | b"xdvd" | b"xdve" | b"xdvf" | b"xdvg" | b"hdv1" | b"hdv2"
        | b"hdv3" | b"hdv4" | b"hdv5" | b"hdv6" | b"hdv7" | b"hdv8" | b"hdv9" | b"hdva" | b"mx3n" | b"mx3p"
        | b"mx4n" | b"mx4p" | b"mx5n" | b"mx5p" | b"xd54" | b"xd55" | b"xd59" | b"xd5a" | b"xd5b" | b"xd5c"
        | b"xd5d" | b"xd5e" | b"xd5f" => "mpeg2video",
        b"apch" | b"apcn" | b"apcs" | b"apco" | b"ap4h" | b"ap4x" | b"aprn" | b"aprh" => "prores",
        b"AVdn" | b"AVdh" => "dnxhd",
        b"CFHD" => "cfhd",
        b"jpeg" | b"mjpg" | b"mjpa" | b"AVDJ" | b"dmb1" | b"AVRn" => "mjpeg",
        b"mjpb" => "mjpegb",
        b"mjp2" => "jpeg2000",
        b"png " | b"MNG " => "png",
        b"gif " => "gif",
        b"tiff" => "tiff",
        b"SVQ1" | b"svq1" | b"svqi" => "svq1",
        b"SVQ3" => "svq3",
        b"cvid" => "cinepak",
        b"rle " => "qtrle",
        b"rpza" => "rpza",
        b"smc " => "smc",
        b"8BPS" => "8bps",
        b"WRLE" => "bmp",
        b"dvc " | b"dvcp" | b"dvpp" | b"dv5n" | b"dv5p" | b"dvhp" | b"dvhq" | b"dvh5" | b"dvh6" | b"AVdv" | b"AVd1"
        | b"pdv1" | b"dvsd" => "dvvideo",
        b"raw " | b"yuv2" | b"2vuy" | b"yuvs" | b"uncv" => "rawvideo",
        b"v210" => "v210",
        b"v410" => "v410",
        b"vc-1" | b"ovc1" => "vc1",
        b"drac" => "dirac",
        b"FFV1" => "ffv1",
        b"Hap1" | b"Hap5" | b"HapY" | b"HapA" | b"HapM" => "hap",
        b"icod" => "aic",
        b"IV50" => "indeo5",
        b"IV41" => "indeo4",
        b"IV32" => "indeo3",
        b"ULRG" | b"ULRA" | b"ULY0" | b"ULY2" | b"ULH0" | b"ULH2" => "utvideo",
        b"HFYU" => "huffyuv",
        b"rtp " => return None,
        _ => return None,
    };
    Some((name, Kind::Video))
}

fn audio(entry: FourCc) -> Option<(&'static str, Kind)> {
    let name = match &entry {
        b"mp4a" | b"aac " => "aac",
        b"ac-3" | b"sac3" | b"AC-3" => "ac3",
        b"ec-3" | b"EAC3" | b"EC-3" => "eac3",
        b"ac-4" => "ac4",
        b"mlpa" => "truehd",
        b"dtsc" | b"dtsh" | b"dtsl" | b"dtse" | b"dtsx" | b"dts+" | b"dts-" | b"DTS " => "dts",
        b"Opus" => "opus",
        b"fLaC" => "flac",
        b"alac" => "alac",
        b"samr" => "amr_nb",
        b"sawb" => "amr_wb",
        b".mp1" => "mp1",
        b".mp2" | b"m1a " => "mp2",
        b".mp3" | b"mp3 " | b"ms\0U" => "mp3",
        b"sowt" => "pcm_s16le",
        b"twos" => "pcm_s16be",
        b"in24" => "pcm_s24be",
        b"in32" => "pcm_s32be",
        b"fl32" => "pcm_f32be",
        b"fl64" => "pcm_f64be",
        b"lpcm" | b"ipcm" | b"NONE" => "pcm_s16be",
        b"fpcm" => "pcm_f32be",
        b"raw " => "pcm_u8",
        b"alaw" => "pcm_alaw",
        b"ulaw" => "pcm_mulaw",
        b"ima4" => "adpcm_ima_qt",
        b"ms\0\x02" => "adpcm_ms",
        b"ms\0\x11" => "adpcm_ima_wav",
        b"MAC3" => "mace3",
        b"MAC6" => "mace6",
        b"QDM2" => "qdm2",
        b"QDMC" => "qdmc",
        b"Qclp" | b"sqcp" => "qcelp",
        b"sevc" => "evrc",
        b"agsm" => "gsm",
        b"nmos" => "nellymoser",
        b"spex" => "speex",
        b"WMA2" => "wmav2",
        b"mha1" | b"mha2" | b"mhm1" | b"mhm2" => "mpegh_3d_audio",
        _ => return None,
    };
    Some((name, Kind::Audio))
}

fn other(entry: FourCc) -> Option<(&'static str, Kind)> {
    Some(match &entry {
        b"tx3g" | b"text" => ("mov_text", Kind::Subtitle),
        b"wvtt" => ("webvtt", Kind::Subtitle),
        b"stpp" | b"dfxp" => ("ttml", Kind::Subtitle),
        b"c608" => ("eia_608", Kind::Subtitle),
        b"c708" => ("eia_708", Kind::Subtitle),
        b"mp4s" => ("mp4s", Kind::Other),
        b"tmcd" => ("tmcd", Kind::Other),
        b"gpmd" => ("bin_data", Kind::Other),
        _ => return None,
    })
}

/// Names samples that are not compressed.
pub fn pcm_name(depth: u16, is_float: bool, big_endian: bool, is_unsigned: bool) -> String {
    let sign = match (is_float, is_unsigned) {
        (true, _) => "f",
        (false, true) => "u",
        (false, false) => "s",
    };
    match depth {
        0..=8 => format!("pcm_{sign}8"),
        depth => format!("pcm_{sign}{depth}{}", if big_endian { "be" } else { "le" }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_handler_settles_what_four_characters_leave_open() {
        assert_eq!(named(*b"raw ", Some(Kind::Audio)).name, "pcm_u8");
        assert_eq!(named(*b"raw ", Some(Kind::Video)).name, "rawvideo");
    }

    #[test]
    fn the_tags_of_wave_files_are_known() {
        assert_eq!(named(*b"ms\0\x31", Some(Kind::Audio)).name, "gsm_ms");
        assert_eq!(named(*b"ms\0\x20", None).kind, Kind::Audio);
    }

    #[test]
    fn an_unknown_entry_keeps_its_name_and_its_handlers_kind() {
        let codec = named(*b"Zz9 ", Some(Kind::Audio));

        assert_eq!((codec.name.as_str(), codec.kind), ("zz9", Kind::Audio));
        assert_eq!(named([0, 1, 2, 3], None), Codec { name: "0x00010203".to_owned(), kind: Kind::Other });
    }
}
