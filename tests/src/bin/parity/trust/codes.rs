//! Names of colours and pixel formats, as ffprobe has them, as numbers of ISO/IEC 23091-2.

pub fn depth(pixel_format: &str) -> Option<u64> {
    let digits: String =
        pixel_format.chars().skip_while(|letter| *letter != 'p').filter(char::is_ascii_digit).collect();
    match digits.parse() {
        Ok(depth @ 9..=16) => Some(depth),
        _ if pixel_format.starts_with("yuv") => Some(8),
        _ => None,
    }
}

pub fn primaries(name: &str) -> Option<u64> {
    Some(match name {
        "bt709" => 1,
        "bt470m" => 4,
        "bt470bg" => 5,
        "smpte170m" => 6,
        "smpte240m" => 7,
        "film" => 8,
        "bt2020" => 9,
        "smpte428" => 10,
        "smpte431" => 11,
        "smpte432" => 12,
        _ => return None,
    })
}

pub fn transfer(name: &str) -> Option<u64> {
    Some(match name {
        "bt709" => 1,
        "gamma22" | "bt470m" => 4,
        "gamma28" | "bt470bg" => 5,
        "smpte170m" => 6,
        "smpte240m" => 7,
        "linear" => 8,
        "iec61966-2-4" => 11,
        "iec61966-2-1" => 13,
        "bt2020-10" => 14,
        "bt2020-12" => 15,
        "smpte2084" => 16,
        "smpte428" => 17,
        "arib-std-b67" => 18,
        _ => return None,
    })
}

pub fn matrix(name: &str) -> Option<u64> {
    Some(match name {
        "gbr" => 0,
        "bt709" => 1,
        "fcc" => 4,
        "bt470bg" => 5,
        "smpte170m" => 6,
        "smpte240m" => 7,
        "ycgco" => 8,
        "bt2020nc" => 9,
        "bt2020c" => 10,
        "ictcp" => 14,
        _ => return None,
    })
}
