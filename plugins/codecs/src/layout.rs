//! Names of channel layouts, as ffmpeg has them.

/// Speakers, as bits of a mask (the order of WAVEFORMATEXTENSIBLE and of ffmpeg).
pub mod speaker {
    pub const FRONT_LEFT: u64 = 1 << 0;
    pub const FRONT_RIGHT: u64 = 1 << 1;
    pub const FRONT_CENTRE: u64 = 1 << 2;
    pub const LOW_FREQUENCY: u64 = 1 << 3;
    pub const BACK_LEFT: u64 = 1 << 4;
    pub const BACK_RIGHT: u64 = 1 << 5;
    pub const FRONT_LEFT_OF_CENTRE: u64 = 1 << 6;
    pub const FRONT_RIGHT_OF_CENTRE: u64 = 1 << 7;
    pub const BACK_CENTRE: u64 = 1 << 8;
    pub const SIDE_LEFT: u64 = 1 << 9;
    pub const SIDE_RIGHT: u64 = 1 << 10;
    pub const TOP_CENTRE: u64 = 1 << 11;
    pub const TOP_FRONT_LEFT: u64 = 1 << 12;
    pub const TOP_FRONT_CENTRE: u64 = 1 << 13;
    pub const TOP_FRONT_RIGHT: u64 = 1 << 14;
    pub const WIDE_LEFT: u64 = 1 << 31;
    pub const WIDE_RIGHT: u64 = 1 << 32;
    pub const SURROUND_DIRECT_LEFT: u64 = 1 << 33;
    pub const SURROUND_DIRECT_RIGHT: u64 = 1 << 34;
    pub const LOW_FREQUENCY_2: u64 = 1 << 35;

    pub const STEREO: u64 = FRONT_LEFT | FRONT_RIGHT;
    pub const SURROUND: u64 = STEREO | FRONT_CENTRE;
    pub const SIDES: u64 = SIDE_LEFT | SIDE_RIGHT;
    pub const BACKS: u64 = BACK_LEFT | BACK_RIGHT;
}

/// Masks that have a name; of those with the same count the first is the usual one.
const NAMED: &[(&str, u64)] = &[
    ("mono", 0x4),
    ("stereo", 0x3),
    ("2.1", 0xb),
    ("3.0", 0x7),
    ("3.0(back)", 0x103),
    ("4.0", 0x107),
    ("quad", 0x33),
    ("quad(side)", 0x603),
    ("3.1", 0xf),
    ("5.0", 0x37),
    ("5.0(side)", 0x607),
    ("4.1", 0x10f),
    ("5.1", 0x3f),
    ("5.1(side)", 0x60f),
    ("6.0", 0x707),
    ("6.0(front)", 0x6c3),
    ("hexagonal", 0x137),
    ("6.1", 0x70f),
    ("6.1(back)", 0x13f),
    ("6.1(front)", 0x6cb),
    ("7.0", 0x637),
    ("7.0(front)", 0x6c7),
    ("7.1", 0x63f),
    ("7.1(wide)", 0xff),
    ("7.1(wide-side)", 0x6cf),
    ("octagonal", 0x737),
];

/// Names a set of speakers; `None` for one that has no name.
pub fn of_mask(mask: u64) -> Option<&'static str> {
    NAMED.iter().find(|(_, named)| *named == mask).map(|(name, _)| *name)
}

/// Returns the usual layout of so many channels of a codec: those of film have their rear speakers at the sides, and those of
/// Xiph an order for each count.
pub fn usual(codec: &str, channels: u32) -> Option<&'static str> {
    match (codec, channels) {
        ("ac3" | "eac3" | "truehd" | "dts", 5) => Some("5.0(side)"),
        ("ac3" | "eac3" | "truehd" | "dts", 6) => Some("5.1(side)"),
        ("vorbis" | "opus", channels) => of_vorbis_order(channels),
        (_, channels) => of_count(channels),
    }
}

/// Names the usual layout of so many channels, when nothing but the count is known.
pub fn of_count(channels: u32) -> Option<&'static str> {
    NAMED.iter().find(|(_, mask)| mask.count_ones() == channels).map(|(name, _)| *name)
}

/// The layout of Vorbis, and of Opus with mapping family 1 (RFC 7845 §5.1.1.2).
pub fn of_vorbis_order(channels: u32) -> Option<&'static str> {
    Some(match channels {
        1 => "mono",
        2 => "stereo",
        3 => "3.0",
        4 => "quad",
        5 => "5.0",
        6 => "5.1",
        7 => "6.1",
        8 => "7.1",
        _ => return None,
    })
}

/// The layout that a mask of WAVEFORMATEXTENSIBLE names.
pub fn of_wave_mask(mask: u32) -> Option<&'static str> {
    of_mask(u64::from(mask))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_layout_of_a_count_is_ffmpegs() {
        let names: Vec<_> = (1..=8).map(|count| of_count(count).unwrap()).collect();

        assert_eq!(names, ["mono", "stereo", "2.1", "4.0", "5.0", "5.1", "6.1", "7.1"]);
        assert_eq!(of_count(0), None);
        assert_eq!(of_count(22), None);
        assert_eq!(
            [usual("ac3", 6), usual("ac3", 2), usual("aac", 6), usual("vorbis", 3), usual("opus", 4)],
            [Some("5.1(side)"), Some("stereo"), Some("5.1"), Some("3.0"), Some("quad")]
        );
    }

    #[test]
    fn sides_and_backs_are_told_apart() {
        assert_eq!(of_mask(speaker::SURROUND | speaker::LOW_FREQUENCY | speaker::SIDES), Some("5.1(side)"));
        assert_eq!(of_mask(speaker::SURROUND | speaker::LOW_FREQUENCY | speaker::BACKS), Some("5.1"));
    }
}
