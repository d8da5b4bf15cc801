//! Words of ffmpeg as code points and normal names.

use vpo_plugin_sdk::facts::SubtitleForm;

/// Normal name of a container, from the names of ffmpeg's demuxer and the major brand.
pub fn container(format_name: &str, brand: Option<&str>) -> String {
    match format_name {
        "mov,mp4,m4a,3gp,3g2,mj2" if brand.is_none_or(|brand| brand.trim() == "qt") => "mov",
        "mov,mp4,m4a,3gp,3g2,mj2" => "mp4",
        "matroska,webm" => "matroska",
        "mpeg" => "mpegps",
        other => other.split(',').next().unwrap_or(other),
    }
    .to_owned()
}

/// Layout of so few channels that there is but one.
pub fn layout(channels: u32) -> Option<String> {
    match channels {
        1 => Some("mono".to_owned()),
        2 => Some("stereo".to_owned()),
        _ => None,
    }
}

/// Colour primaries of ISO/IEC 23091-2 by ffmpeg's name.
pub fn primaries(name: &str) -> Option<u16> {
    Some(match name {
        "bt709" => 1,
        "bt470m" => 4,
        "bt470bg" => 5,
        "smpte170m" => 6,
        "smpte240m" => 7,
        "film" => 8,
        "bt2020" => 9,
        "smpte428" | "smpte428_1" => 10,
        "smpte431" => 11,
        "smpte432" => 12,
        "jedec-p22" | "ebu3213" => 22,
        _ => return None,
    })
}

/// Transfer characteristics of ISO/IEC 23091-2 by ffmpeg's name.
pub fn transfer(name: &str) -> Option<u16> {
    Some(match name {
        "bt709" => 1,
        "gamma22" | "bt470m" => 4,
        "gamma28" | "bt470bg" => 5,
        "smpte170m" => 6,
        "smpte240m" => 7,
        "linear" => 8,
        "log100" | "log" => 9,
        "log316" | "log_sqrt" => 10,
        "iec61966-2-4" | "iec61966_2_4" => 11,
        "bt1361e" | "bt1361" => 12,
        "iec61966-2-1" | "iec61966_2_1" => 13,
        "bt2020-10" | "bt2020_10bit" => 14,
        "bt2020-12" | "bt2020_12bit" => 15,
        "smpte2084" => 16,
        "smpte428" | "smpte428_1" => 17,
        "arib-std-b67" => 18,
        _ => return None,
    })
}

/// Matrix coefficients of ISO/IEC 23091-2 by ffmpeg's name.
pub fn matrix(name: &str) -> Option<u16> {
    Some(match name {
        "gbr" | "rgb" => 0,
        "bt709" => 1,
        "fcc" => 4,
        "bt470bg" => 5,
        "smpte170m" => 6,
        "smpte240m" => 7,
        "ycgco" | "ycocg" => 8,
        "bt2020nc" | "bt2020_ncl" => 9,
        "bt2020c" | "bt2020_cl" => 10,
        "smpte2085" => 11,
        "chroma-derived-nc" => 12,
        "chroma-derived-c" => 13,
        "ictcp" => 14,
        _ => return None,
    })
}

/// Bits per sample of a pixel format, from its name: `yuv420p10le` has ten, `yuv420p` eight.
pub fn depth(pixel_format: &str) -> Option<u8> {
    let name = pixel_format.trim_end_matches("le").trim_end_matches("be");
    let number: String = name.chars().rev().take_while(char::is_ascii_digit).collect();
    let number: String = number.chars().rev().collect();
    let has_planes = name[..name.len() - number.len()].ends_with(['p', 'y']) || name.starts_with("gray");
    match number.parse() {
        Ok(depth @ 9..=16) if has_planes => Some(depth),
        Ok(_) | Err(_) if name.starts_with("yuv") || name.starts_with("gbrp") || name.starts_with("nv") => Some(8),
        _ => None,
    }
}

/// What subtitles of a codec are made of.
pub fn form(codec: &str) -> Option<SubtitleForm> {
    Some(match codec {
        "ass" | "ssa" => SubtitleForm::StyledText,
        "hdmv_pgs_subtitle" | "dvd_subtitle" | "dvb_subtitle" | "xsub" => SubtitleForm::Image,
        "subrip" | "webvtt" | "text" | "mov_text" | "eia_608" | "hdmv_text_subtitle" | "ttml" | "microdvd" | "srt" => {
            SubtitleForm::Text
        }
        _ => return None,
    })
}

/// Media type of a picture, from the codec that ffmpeg says it has.
pub fn picture(codec: &str) -> &'static str {
    match codec {
        "mjpeg" => "image/jpeg",
        "png" => "image/png",
        "gif" => "image/gif",
        "bmp" => "image/bmp",
        "webp" => "image/webp",
        "tiff" => "image/tiff",
        _ => "application/octet-stream",
    }
}

/// A level as people write it: H.264 counts in tenths, HEVC in thirtieths; negative means unknown, and zero too but for
/// AV1.
pub fn level(codec: &str, level: i64) -> Option<String> {
    match (codec, level) {
        // Of AV1 levels are counted from 2.0 on, and the last one says that there is no limit.
        ("av1", 31) => None,
        ("av1", index) if index >= 0 => Some(format!("{}.{}", 2 + index / 4, index % 4)),
        (_, ..=0) => None,
        ("h264", 9) => Some("1b".to_owned()),
        ("h264", tenths) => Some(format!("{}.{}", tenths / 10, tenths % 10)),
        ("hevc", thirtieths) => Some(format!("{}.{}", thirtieths / 30, thirtieths % 30 / 3)),
        (_, number) => Some(number.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_is_written_as_its_standard_writes_it() {
        let levels = [("h264", 41), ("h264", 9), ("hevc", 123), ("av1", 4), ("av1", 0), ("av1", 31), ("mpeg2video", 8)];

        let written: Vec<_> = levels.into_iter().map(|(codec, number)| level(codec, number)).collect();

        let expected = ["4.1", "1b", "4.1", "3.0", "2.0", "", "8"];
        assert_eq!(written, expected.map(|text| Some(text.to_owned()).filter(|text| !text.is_empty())));
    }

    #[test]
    fn depth_stands_in_the_name_of_a_planar_format() {
        let depths =
            ["yuv420p", "yuv420p10le", "gbrp12be", "yuvj420p", "p010le", "rgb24", "gray10le", "nv12"].map(depth);

        assert_eq!(depths, [Some(8), Some(10), Some(12), Some(8), Some(10), None, Some(10), Some(8)]);
    }

    #[test]
    fn quicktime_is_told_by_its_brand_and_by_having_none() {
        let names = [Some("qt  "), Some("isom"), None].map(|brand| container("mov,mp4,m4a,3gp,3g2,mj2", brand));

        assert_eq!(names, ["mov", "mp4", "mov"]);
    }

    #[test]
    fn levels_are_written_as_in_their_standards() {
        assert_eq!(level("h264", 41).as_deref(), Some("4.1"));
        assert_eq!(level("hevc", 153).as_deref(), Some("5.1"));
        assert_eq!(level("mpeg2video", -99), None);
    }
}
