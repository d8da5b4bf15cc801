//! The normal name of a codec, as ffmpeg names it, for a CodecID of Matroska (RFC 9559 §27.5 and the codec registry).

use vpo_plugin_sdk::facts::SubtitleForm;

/// The name of a codec that is not known.
pub const UNKNOWN: &str = "unknown";

/// Names that stand for themselves.
const NAMES: &[(&str, &str)] = &[
    ("V_AV1", "av1"),
    ("V_AVS2", "avs2"),
    ("V_AVS3", "avs3"),
    ("V_CAVS", "cavs"),
    ("V_DIRAC", "dirac"),
    ("V_FFV1", "ffv1"),
    ("V_MJPEG", "mjpeg"),
    ("V_MPEG1", "mpeg1video"),
    ("V_MPEG2", "mpeg2video"),
    ("V_MPEG4/ISO/AP", "mpeg4"),
    ("V_MPEG4/ISO/ASP", "mpeg4"),
    ("V_MPEG4/ISO/AVC", "h264"),
    ("V_MPEG4/ISO/SP", "mpeg4"),
    ("V_MPEG4/MS/V3", "msmpeg4v3"),
    ("V_MPEGH/ISO/HEVC", "hevc"),
    ("V_MPEGI/ISO/VVC", "vvc"),
    ("V_PRORES", "prores"),
    ("V_REAL/RV10", "rv10"),
    ("V_REAL/RV20", "rv20"),
    ("V_REAL/RV30", "rv30"),
    ("V_REAL/RV40", "rv40"),
    ("V_SNOW", "snow"),
    ("V_THEORA", "theora"),
    ("V_UNCOMPRESSED", "rawvideo"),
    ("V_VP8", "vp8"),
    ("V_VP9", "vp9"),
    ("A_AC3", "ac3"),
    ("A_AC3/BSID10", "ac3"),
    ("A_AC3/BSID9", "ac3"),
    ("A_ALAC", "alac"),
    ("A_ATRAC/AT1", "atrac1"),
    ("A_DTS", "dts"),
    ("A_DTS/EXPRESS", "dts"),
    ("A_DTS/LOSSLESS", "dts"),
    ("A_EAC3", "eac3"),
    ("A_FLAC", "flac"),
    ("A_MLP", "mlp"),
    ("A_MPC", "musepack8"),
    ("A_MPEG/L1", "mp1"),
    ("A_MPEG/L2", "mp2"),
    ("A_MPEG/L3", "mp3"),
    ("A_OPUS", "opus"),
    ("A_QUICKTIME/QDM2", "qdm2"),
    ("A_QUICKTIME/QDMC", "qdmc"),
    ("A_REAL/14_4", "ra_144"),
    ("A_REAL/28_8", "ra_288"),
    ("A_REAL/ATRC", "atrac3"),
    ("A_REAL/COOK", "cook"),
    ("A_REAL/RALF", "ralf"),
    ("A_REAL/SIPR", "sipr"),
    ("A_TRUEHD", "truehd"),
    ("A_TTA1", "tta"),
    ("A_VORBIS", "vorbis"),
    ("A_WAVPACK4", "wavpack"),
    ("S_ARIBSUB", "arib_caption"),
    ("S_ASS", "ass"),
    ("S_DVBSUB", "dvb_subtitle"),
    ("S_HDMV/PGS", "hdmv_pgs_subtitle"),
    ("S_HDMV/TEXTST", "hdmv_text_subtitle"),
    ("S_SSA", "ass"),
    ("S_TEXT/ASCII", "text"),
    ("S_TEXT/ASS", "ass"),
    ("S_TEXT/SSA", "ass"),
    ("S_TEXT/USF", "usf"),
    ("S_TEXT/UTF8", "subrip"),
    ("S_TEXT/WEBVTT", "webvtt"),
    ("S_VOBSUB", "dvd_subtitle"),
    ("S_VOBSUB/ZLIB", "dvd_subtitle"),
    ("D_WEBVTT/CAPTIONS", "webvtt"),
    ("D_WEBVTT/DESCRIPTIONS", "webvtt"),
    ("D_WEBVTT/METADATA", "webvtt"),
    ("D_WEBVTT/SUBTITLES", "webvtt"),
];

/// Returns the normal name, for some codecs by their private data.
pub fn name(codec_id: &str, private: &[u8], bit_depth: Option<u64>) -> String {
    let id = codec_id.trim();
    if let Some((_, name)) = NAMES.iter().find(|(known, _)| *known == id) {
        return (*name).to_owned();
    }
    match id {
        "V_MS/VFW/FOURCC" => private.get(16..20).map_or(UNKNOWN, of_fourcc).to_owned(),
        "V_QUICKTIME" => private.get(4..8).map_or(UNKNOWN, of_fourcc).to_owned(),
        "A_QUICKTIME" => private.get(4..8).map_or(UNKNOWN, of_fourcc).to_owned(),
        "A_MS/ACM" => of_wave(private),
        "A_PCM/INT/LIT" => pcm(bit_depth, "le"),
        "A_PCM/INT/BIG" => pcm(bit_depth, "be"),
        "A_PCM/FLOAT/IEEE" => format!("pcm_f{}le", if bit_depth == Some(64) { 64 } else { 32 }),
        _ if id == "A_AAC" || id.starts_with("A_AAC/") => "aac".to_owned(),
        _ => UNKNOWN.to_owned(),
    }
}

fn pcm(bit_depth: Option<u64>, order: &str) -> String {
    match bit_depth {
        Some(8) => "pcm_u8".to_owned(),
        Some(depth @ (24 | 32 | 64)) => format!("pcm_s{depth}{order}"),
        _ => format!("pcm_s16{order}"),
    }
}

/// Four characters as AVI and QuickTime use them.
fn of_fourcc(code: &[u8]) -> &'static str {
    match code.to_ascii_uppercase().as_slice() {
        b"H264" | b"X264" | b"AVC1" | b"DAVC" | b"VSSH" => "h264",
        b"HEVC" | b"HVC1" | b"HEV1" | b"H265" => "hevc",
        b"XVID" | b"DIVX" | b"DX50" | b"FMP4" | b"MP4V" | b"MP4S" | b"M4S2" | b"3IV2" | b"RMP4" => "mpeg4",
        b"DIV3" | b"DIV4" | b"MP43" | b"DIV5" | b"DIV6" => "msmpeg4v3",
        b"MP42" | b"DIV2" => "msmpeg4v2",
        b"MPG4" | b"MP41" => "msmpeg4v1",
        b"MPG1" | b"MPEG" => "mpeg1video",
        b"MPG2" | b"MPG " | b"EM2V" | b"MX5P" => "mpeg2video",
        b"MJPG" | b"AVRN" | b"JPEG" => "mjpeg",
        b"WMV1" => "wmv1",
        b"WMV2" => "wmv2",
        b"WMV3" => "wmv3",
        b"WVC1" | b"WMVA" => "vc1",
        b"VP30" | b"VP31" => "vp3",
        b"VP60" | b"VP61" | b"VP62" | b"VP6A" => "vp6",
        b"VP6F" => "vp6f",
        b"VP80" => "vp8",
        b"VP90" => "vp9",
        b"AV01" => "av1",
        b"FFV1" => "ffv1",
        b"FFVH" => "ffvhuff",
        b"HFYU" => "huffyuv",
        b"THEO" => "theora",
        b"LAGS" => "lagarith",
        b"MAGY" => "magicyuv",
        b"ULRG" | b"ULRA" | b"ULY0" | b"ULY2" | b"ULY4" | b"ULH0" | b"ULH2" | b"ULH4" => "utvideo",
        b"CVID" => "cinepak",
        b"IV31" | b"IV32" => "indeo3",
        b"IV41" => "indeo4",
        b"IV50" => "indeo5",
        b"SVQ1" | b"SVQI" => "svq1",
        b"SVQ3" => "svq3",
        b"H263" | b"S263" | b"U263" => "h263",
        b"FLV1" => "flv1",
        b"DRAC" => "dirac",
        b"SNOW" => "snow",
        b"DVSD" | b"DVC " | b"DVCP" | b"DVPP" | b"DV25" | b"DV50" => "dvvideo",
        b"APCH" | b"APCN" | b"APCS" | b"APCO" | b"AP4H" | b"AP4X" => "prores",
        b"DIB " | b"RAW " | b"YUY2" | b"UYVY" | b"YV12" | b"I420" | b"2VUY" => "rawvideo",
        b"\0\0\0\0" => "rawvideo",
        b"QDM2" => "qdm2",
        b"QDMC" => "qdmc",
        b"MP4A" => "aac",
        b"ALAC" => "alac",
        b"IMA4" => "adpcm_ima_qt",
        b"MAC3" => "mace3",
        b"MAC6" => "mace6",
        b"ULAW" => "pcm_mulaw",
        b"ALAW" => "pcm_alaw",
        b"SOWT" => "pcm_s16le",
        b"TWOS" => "pcm_s16be",
        b".MP3" => "mp3",
        _ => UNKNOWN,
    }
}

/// The format tag of a WAVEFORMATEX, with its bit depth.
fn of_wave(private: &[u8]) -> String {
    let number = |at: usize| private.get(at..at + 2).map(|two| u16::from_le_bytes([two[0], two[1]]));
    let bit_depth = number(14).map(u64::from);
    let tag = match number(0) {
        // Extensible: the first two bytes of the sub-format are the tag.
        Some(0xFFFE) => number(24),
        tag => tag,
    };
    match tag {
        Some(0x0001) => return pcm(bit_depth, "le"),
        Some(0x0003) => return format!("pcm_f{}le", if bit_depth == Some(64) { 64 } else { 32 }),
        Some(tag) => match tag {
            0x0002 => "adpcm_ms",
            0x0006 => "pcm_alaw",
            0x0007 => "pcm_mulaw",
            0x000A => "wmavoice",
            0x0011 => "adpcm_ima_wav",
            0x0031 => "gsm_ms",
            0x0045 => "adpcm_g726",
            0x0050 => "mp2",
            0x0055 => "mp3",
            0x00FF | 0x1600 | 0x1602 | 0x706D | 0xA106 => "aac",
            0x0160 => "wmav1",
            0x0161 => "wmav2",
            0x0162 => "wmapro",
            0x0163 => "wmalossless",
            0x0270 => "atrac3",
            0x2000 => "ac3",
            0x2001 => "dts",
            0x2048 => "sonic",
            0x566F | 0x674F | 0x6750 | 0x6751 | 0x676F | 0x6770 | 0x6771 => "vorbis",
            0x704F => "opus",
            0xF1AC => "flac",
            _ => UNKNOWN,
        },
        None => UNKNOWN,
    }
    .to_owned()
}

/// What kind of subtitles a codec makes, when it is known.
pub fn subtitle_form(codec: &str) -> Option<SubtitleForm> {
    Some(match codec {
        "subrip" | "text" | "webvtt" => SubtitleForm::Text,
        "ass" | "usf" | "hdmv_text_subtitle" | "arib_caption" => SubtitleForm::StyledText,
        "hdmv_pgs_subtitle" | "dvd_subtitle" | "dvb_subtitle" => SubtitleForm::Image,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_the_names_that_ffmpeg_gives_them() {
        assert_eq!(name("V_MPEG4/ISO/AVC", &[], None), "h264");
        assert_eq!(name("A_AAC/MPEG4/LC/SBR", &[], None), "aac");
        assert_eq!(name("S_TEXT/UTF8", &[], None), "subrip");
        assert_eq!(name("A_PCM/INT/LIT", &[], Some(24)), "pcm_s24le");
        assert_eq!(name("A_PCM/INT/BIG", &[], None), "pcm_s16be");
        assert_eq!(name("X_NEW", &[], None), UNKNOWN);
    }

    #[test]
    fn codecs_of_other_containers_are_named_by_their_private_data() {
        let bitmap = [&[0; 16][..], b"XVID", &[0; 20]].concat();
        let mut wave = vec![0; 40];
        wave[0] = 0x55;
        let mut extensible = vec![0; 40];
        extensible[..2].copy_from_slice(&[0xFE, 0xFF]);
        extensible[14] = 24;
        extensible[24] = 1;

        assert_eq!(name("V_MS/VFW/FOURCC", &bitmap, None), "mpeg4");
        assert_eq!(name("V_MS/VFW/FOURCC", &[1], None), UNKNOWN);
        assert_eq!(name("A_MS/ACM", &wave, None), "mp3");
        assert_eq!(name("A_MS/ACM", &extensible, None), "pcm_s24le");
        assert_eq!(name("A_MS/ACM", &[], None), UNKNOWN);
    }
}
