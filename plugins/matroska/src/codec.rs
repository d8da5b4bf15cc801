//! The normal name of a codec, as ffmpeg names it, for a CodecID of Matroska (RFC 9559 §27.5 and the codec registry).

use vpo_codecs::riff::{self, UNKNOWN};
use vpo_plugin_sdk::facts::SubtitleForm;

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
        "V_MS/VFW/FOURCC" => letters(id, private).map_or(UNKNOWN, |code| riff::picture(code, 0)).to_owned(),
        "V_QUICKTIME" => letters(id, private).map_or(UNKNOWN, of_quicktime_picture).to_owned(),
        "A_QUICKTIME" => private.get(4..).and_then(<[u8]>::first_chunk).map_or(UNKNOWN, of_quicktime_sound).to_owned(),
        "A_MS/ACM" => of_wave(private).to_owned(),
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

/// Four characters as QuickTime names pictures, some of which are those of AVI.
fn of_quicktime_picture(code: &[u8; 4]) -> &'static str {
    match code {
        b"mp1v" | b"m1v " => "mpeg1video",
        b"m2v1" | b"mx5p" | b"mx5n" | b"xdv1" | b"xdv2" | b"xdv3" | b"hdv1" | b"hdv2" | b"hdv3" => "mpeg2video",
        b"SVQI" => "svq1",
        b"dvpp" | b"dv5p" | b"dv5n" => "dvvideo",
        code => riff::picture(code, 0),
    }
}

fn of_quicktime_sound(code: &[u8; 4]) -> &'static str {
    match &code.map(|letter| letter.to_ascii_uppercase()) {
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
fn of_wave(private: &[u8]) -> &'static str {
    const EXTENSIBLE: u16 = 0xFFFE;

    let number = |at: usize| private.get(at..at + 2).map(|two| u16::from_le_bytes([two[0], two[1]]));
    let tag = match number(0) {
        // The first two bytes of the sub-format are the tag.
        Some(EXTENSIBLE) => number(24),
        tag => tag,
    };
    tag.map_or(UNKNOWN, |tag| riff::sound(tag, number(14).unwrap_or(16)))
}

/// The four characters that name the codec of a picture, for codec ids that say too little.
pub fn letters<'a>(codec_id: &str, private: &'a [u8]) -> Option<&'a [u8; 4]> {
    let at = match codec_id {
        "V_MS/VFW/FOURCC" => 16,
        "V_QUICKTIME" => 4,
        "V_PRORES" => 0,
        _ => return None,
    };
    private.get(at..)?.first_chunk()
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
