//! Normal names of codecs, from the four letters of pictures and the format tags of sound that AVI brought up, and that
//! Matroska and QuickTime carry along.

/// Four letters that name a codec.
pub type FourCc = [u8; 4];

/// The name of a codec that is not known.
pub const UNKNOWN: &str = "unknown";

/// Normal name of a video codec. Case does not matter: writers never agreed on it.
pub fn picture(letters: &FourCc, bits: u16) -> &'static str {
    // The one name that means something else in small letters.
    if letters == b"rle " {
        return "qtrle";
    }
    match &letters.map(|letter| letter.to_ascii_uppercase()) {
        b"XVID" | b"DIVX" | b"DX50" | b"FMP4" | b"MP4V" | b"3IV2" | b"3IVX" | b"RMP4" | b"MP4S" | b"M4S2" | b"FVFW"
        | b"UMP4" | b"SEDG" | b"WV1F" | b"BLZ0" | b"DXGM" | b"XVIX" | b"PM4V" | b"SMP4" | b"HDX4" | b"GEOX"
        | b"SM4V" => "mpeg4",
        b"DIV3" | b"MP43" | b"DIV4" | b"DIV5" | b"DIV6" | b"MPG3" | b"COL0" | b"COL1" | b"AP41" | b"DVX3" | b"3IVD" => {
            "msmpeg4v3"
        }
        b"MP42" | b"DIV2" => "msmpeg4v2",
        b"MPG4" | b"MP41" | b"DIV1" => "msmpeg4v1",
        b"H264" | b"X264" | b"AVC1" | b"DAVC" | b"SMV2" | b"VSSH" | b"Q264" | b"V264" | b"GAVC" | b"UMSV" => "h264",
        b"HEVC" | b"HVC1" | b"HEV1" | b"H265" | b"X265" => "hevc",
        b"MJPG" | b"JPEG" | b"AVRN" | b"DMB1" | b"LJPG" | b"JPGL" | b"QIVG" | b"SLMJ" | b"CJPG" => "mjpeg",
        b"DVSD" | b"DVHD" | b"DVSL" | b"DV25" | b"DV50" | b"CDVC" | b"CDV5" | b"DVC " | b"DVCS" | b"DVCP" | b"DVH1" => {
            "dvvideo"
        }
        b"HFYU" => "huffyuv",
        b"FFVH" => "ffvhuff",
        b"FFV1" => "ffv1",
        b"CVID" => "cinepak",
        b"IV31" | b"IV32" => "indeo3",
        b"IV41" => "indeo4",
        b"IV50" => "indeo5",
        b"RT21" => "indeo2",
        b"MPG1" | b"MP1V" | b"PIM1" => "mpeg1video",
        b"MPG2" | b"MP2V" | b"MPEG" | b"PIM2" | b"HDV2" | b"XMPG" | b"EM2V" | b"M701" | b"DVR " | b"SLIF" => {
            "mpeg2video"
        }
        b"WMV1" => "wmv1",
        b"WMV2" => "wmv2",
        b"WMV3" => "wmv3",
        b"WVC1" | b"WMVA" => "vc1",
        b"VP30" | b"VP31" => "vp3",
        b"VP50" => "vp5",
        b"VP60" | b"VP61" | b"VP62" => "vp6",
        b"VP6F" | b"FLV4" => "vp6f",
        b"VP70" | b"VP71" => "vp7",
        b"VP80" => "vp8",
        b"VP90" => "vp9",
        b"AV01" => "av1",
        b"THEO" => "theora",
        b"LAGS" => "lagarith",
        b"MSVC" | b"CRAM" | b"WHAM" => "msvideo1",
        b"H261" => "h261",
        b"H263" | b"S263" | b"U263" | b"X263" | b"T263" | b"L263" | b"VX1K" | b"ZYGO" | b"M263" | b"LSVM" => "h263",
        b"I263" => "h263i",
        b"FLV1" => "flv1",
        b"SVQ1" => "svq1",
        b"SVQ3" => "svq3",
        b"TSCC" => "tscc",
        b"TSC2" => "tscc2",
        b"CSCD" => "cscd",
        b"ZMBV" => "zmbv",
        b"SNOW" => "snow",
        b"DRAC" => "dirac",
        b"MSZH" => "mszh",
        b"ZLIB" => "zlib",
        b"APCN" | b"APCH" | b"APCS" | b"APCO" | b"AP4H" | b"AP4X" => "prores",
        b"AVDN" | b"AVDH" | b"AVD1" => "dnxhd",
        b"CFHD" => "cfhd",
        b"HAP1" | b"HAP5" | b"HAPY" | b"HAPA" | b"HAPM" => "hap",
        b"SHQ0" | b"SHQ1" | b"SHQ2" | b"SHQ3" | b"SHQ4" | b"SHQ5" | b"SHQ7" | b"SHQ9" => "speedhq",
        b"AMVF" => "amv",
        b"V410" => "v410",
        b"RV10" => "rv10",
        b"RV20" => "rv20",
        b"RV30" => "rv30",
        b"RV40" => "rv40",
        b"RPZA" | b"AZPR" => "rpza",
        b"FSV1" => "flashsv",
        b"FSV2" => "flashsv2",
        b"TGA " => "targa",
        b"TIFF" => "tiff",
        b"SMC " => "smc",
        b"8BPS" => "8bps",
        b"GIF " => "gif",
        b"MJPA" => "mjpeg",
        b"MJPB" => "mjpegb",
        b"VVC1" => "vvc",
        b"MJ2C" | b"MJP2" | b"MJ2 " | b"LJ2C" | b"LJ2K" | b"IPJ2" | b"J2K " => "jpeg2000",
        b"FPS1" => "fraps",
        b"ULRA" | b"ULRG" | b"ULY0" | b"ULY2" | b"ULY4" | b"ULH0" | b"ULH2" | b"ULH4" | b"UQY2" | b"UQRG" | b"UQRA" => {
            "utvideo"
        }
        b"MAGY" | b"M8RG" | b"M8RA" | b"M8G0" | b"M8Y0" | b"M8Y2" | b"M8Y4" | b"M8YA" | b"M0RG" | b"M0RA" | b"M0G0"
        | b"M0R0" | b"M0Y0" | b"M0Y2" | b"M0Y4" | b"M2RG" | b"M2RA" => "magicyuv",
        b"MPNG" | b"PNG1" | b"PNG " => "png",
        b"DUCK" | b"TM20" => "truemotion1",
        b"Q1.0" => "qpeg",
        b"ASV1" => "asv1",
        b"ASV2" => "asv2",
        b"LOCO" => "loco",
        b"VCR1" => "vcr1",
        b"CLJR" => "cljr",
        b"AASC" => "aasc",
        b"RLE " | b"MRLE" | b"\x01\0\0\0" | b"\x02\0\0\0" => "msrle",
        b"MJLS" => "jpegls",
        b"V210" | b"C210" => "v210",
        b"R210" => "r210",
        b"R10K" => "r10k",
        b"V308" => "v308",
        b"V408" => "v408",
        b"AYUV" => "ayuv",
        b"YUV4" => "yuv4",
        b"Y41P" => "y41p",
        b"DIB " | b"RGB " | b"\0\0\0\0" | b"\x03\0\0\0" | b"RAW " => "rawvideo",
        b"I420" | b"IYUV" | b"YV12" | b"YUY2" | b"YUYV" | b"UYVY" | b"HDYC" | b"YV16" | b"YV24" | b"NV12" | b"NV21"
        | b"Y800" | b"Y8  " | b"GREY" | b"YUV2" | b"2VUY" | b"YVU9" | b"YUV9" | b"Y42B" | b"P422" | b"I422"
        | b"I444" | b"444P" | b"RGBA" | b"BGRA" | b"ARGB" | b"ABGR" => "rawvideo",
        // Names that ffmpeg made up: colours or planes, then how many bits or how they are sampled.
        [b'R' | b'B', b'G', b'B' | b'R', 1..=64] | [b'P', b'A', b'L', 8] => "rawvideo",
        [b'Y' | b'G', b'1'..=b'4', _, 8..=16] => "rawvideo",
        // Old writers leave the letters out for plain bitmaps.
        b"    " if bits > 0 => "rawvideo",
        _ => UNKNOWN,
    }
}

/// Normal name of an audio codec.
pub fn sound(tag: u16, bits: u16) -> &'static str {
    match (tag, bits) {
        (0x0001, ..=8) => "pcm_u8",
        (0x0001, 9..=16) => "pcm_s16le",
        (0x0001, 17..=24) => "pcm_s24le",
        (0x0001, 25..=32) => "pcm_s32le",
        (0x0001, _) => "pcm_s64le",
        (0x0002, _) => "adpcm_ms",
        (0x0003, 64) => "pcm_f64le",
        (0x0003, _) => "pcm_f32le",
        (0x0005, _) => "vselp",
        (0x0006, _) => "pcm_alaw",
        (0x0007, _) => "pcm_mulaw",
        (0x0008 | 0x2001, _) => "dts",
        (0x000a, _) => "wmavoice",
        (0x0011 | 0x0069, _) => "adpcm_ima_wav",
        (0x0020, _) => "adpcm_yamaha",
        (0x0022, _) => "truespeech",
        (0x0031 | 0x0032, _) => "gsm_ms",
        (0x0038, _) => "amr_nb",
        (0x0042 | 0x0111, _) => "g723_1",
        (0x0045, _) => "adpcm_g726",
        (0x0050, _) => "mp2",
        (0x0055, _) => "mp3",
        (0x0057, _) => "amr_nb",
        (0x0058, _) => "amr_wb",
        (0x0061, _) => "adpcm_ima_dk4",
        (0x0062, _) => "adpcm_ima_dk3",
        (0x00ff | 0x1600 | 0x706d | 0x4143 | 0xa106, _) => "aac",
        (0x1602, _) => "aac_latm",
        (0x0130, _) => "sipr",
        (0x0160, _) => "wmav1",
        (0x0161, _) => "wmav2",
        (0x0162, _) => "wmapro",
        (0x0163, _) => "wmalossless",
        (0x0200, _) => "adpcm_ct",
        (0x0270, _) => "atrac3",
        (0x028f, _) => "adpcm_g722",
        (0x0401, _) => "imc",
        (0x0402, _) => "iac",
        (0x0500 | 0x0501, _) => "on2avc",
        (0x2000, _) => "ac3",
        (0x2048, _) => "sonic",
        (0x566f | 0x674f..=0x6751 | 0x676f..=0x6771, _) => "vorbis",
        (0x704f, _) => "opus",
        (0x77a1, _) => "tta",
        // What the identifier begins with that stands in place of a tag.
        (0x87af, _) => "eac3",
        (0xa109, _) => "speex",
        (0xf1ac, _) => "flac",
        _ => UNKNOWN,
    }
}

/// Bits of a sample, for the codecs whose letters tell.
pub fn depth(letters: &FourCc) -> Option<u8> {
    match &letters.map(|letter| letter.to_ascii_uppercase()) {
        [b'A', b'P', b'4', b'H' | b'X'] => Some(12),
        [b'A', b'P', b'C', _] | b"V210" | b"C210" | b"V410" => Some(10),
        [b'U', b'L', ..] | [b'M', b'8', ..] | [b'S', b'H', b'Q', _] => Some(8),
        [b'U', b'Q', ..] | [b'M', b'0', ..] => Some(10),
        [b'M', b'2', _, _] => Some(12),
        b"I420" | b"IYUV" | b"YV12" | b"YUY2" | b"YUYV" | b"UYVY" | b"HDYC" | b"YV16" | b"YV24" | b"2VUY" | b"444P"
        | b"Y42B" | b"YVU9" | b"YUV9" => Some(8),
        // Planes as ffmpeg names them: components, how they are sampled, and their depth.
        [b'Y' | b'G', b'1'..=b'4', _, depth @ 8..=16] => Some(*depth),
        _ => None,
    }
}

/// The matrix of pictures, for the codecs whose letters tell.
pub fn matrix(letters: &FourCc) -> Option<u16> {
    match &letters.map(|letter| letter.to_ascii_uppercase()) {
        b"ULY0" | b"ULY2" | b"ULY4" => Some(5),
        b"ULH0" | b"ULH2" | b"ULH4" => Some(1),
        _ => None,
    }
}

/// What the variants of ProRes are called.
pub fn prores_profile(letters: &FourCc) -> Option<&'static str> {
    Some(match &letters.map(|letter| letter.to_ascii_lowercase()) {
        b"apco" => "Proxy",
        b"apcs" => "LT",
        b"apcn" => "Standard",
        b"apch" => "HQ",
        b"ap4h" => "4444",
        b"ap4x" => "XQ",
        _ => return None,
    })
}
