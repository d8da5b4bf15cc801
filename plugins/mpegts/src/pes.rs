//! The head of a PES packet: when its content is shown, and where the content begins (ISO/IEC 13818-1 §2.4.3.6).

/// Timestamps count to here and begin anew.
pub const WRAP: u64 = 1 << 33;

/// Returns the presentation time in ticks of 90 kHz, where there is one, and the content; `None` where no PES packet begins.
pub fn open(payload: &[u8]) -> Option<(Option<u64>, &[u8])> {
    let &[0, 0, 1, stream_id, _, _, ref rest @ ..] = payload else { return None };
    // Maps, padding, the second private stream, and control messages have no further head.
    if matches!(stream_id, 0xbc | 0xbe | 0xbf | 0xf0..=0xf2 | 0xf8 | 0xff) {
        return Some((None, rest));
    }
    let &[marker, flags, length, ref optional @ ..] = rest else { return None };
    if marker >> 6 != 2 {
        return None;
    }
    let time = match *optional {
        [a, b, c, d, e, ..] if flags & 0x80 != 0 && length >= 5 => Some(
            u64::from(a >> 1 & 7) << 30
                | u64::from(b) << 22
                | u64::from(c >> 1) << 15
                | u64::from(d) << 7
                | u64::from(e >> 1),
        ),
        _ => None,
    };
    Some((time, optional.get(usize::from(length)..).unwrap_or_default()))
}

/// Which part of a stream of Blu-ray a PES packet holds (the extension of its stream id), where it says so.
pub fn part(payload: &[u8]) -> Option<u8> {
    let &[0, 0, 1, 0xfd, _, _, _, flags, length, ref optional @ ..] = payload else { return None };
    let optional = optional.get(..usize::from(length))?;
    // Times, clocks, rate, trick mode, copyright and checksum stand before the extension.
    let has = |bit: u8| flags >> bit & 1 == 1;
    let times = match flags >> 6 {
        3 => 10,
        2 => 5,
        _ => 0,
    };
    let before = [(5, 6), (4, 3), (3, 1), (2, 1), (1, 2)].map(|(bit, size)| if has(bit) { size } else { 0 });
    let (&inner, rest) = optional.get(times + before.iter().sum::<usize>()..).filter(|_| has(0))?.split_first()?;
    // Private data, a pack header, a sequence counter and the size of a buffer stand before the second extension.
    if inner & 0x41 != 1 {
        return None;
    }
    let skipped = [(0x80, 16), (0x20, 2), (0x10, 2)].map(|(bit, size)| if inner & bit != 0 { size } else { 0 });
    match *rest.get(skipped.iter().sum()..)? {
        [_, part, ..] if part & 0x80 == 0 => Some(part),
        _ => None,
    }
}

/// Whether a PES packet of pictures, sound or private data begins.
pub fn is_stream(payload: &[u8]) -> bool {
    matches!(payload, [0, 0, 1, 0xbd | 0xc0..=0xef | 0xfd, ..])
}

/// Ticks from one time to a later one, over the place where they begin anew.
pub fn ticks_between(from: u64, to: u64) -> u64 {
    to.wrapping_sub(from) % WRAP
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_and_content_are_found_behind_the_head() {
        let packet = [0, 0, 1, 0xe0, 0, 0, 0x80, 0x80, 6, 0x21, 0x00, 0x07, 0xd8, 0x61, 0xff, 42];

        assert_eq!(open(&packet), Some((Some(126_000), &[42][..])));
    }

    #[test]
    fn what_is_no_packet_is_told_from_one_without_a_time() {
        assert_eq!(open(&[0, 0, 1, 0xe0, 0, 0, 0x00, 0x80, 5]), None);
        assert_eq!(open(&[0, 0, 2, 0xe0, 0, 0]), None);
        assert_eq!(open(&[0, 0, 1, 0xbf, 0, 1, 7]), Some((None, &[7][..])));
    }

    #[test]
    fn the_part_of_a_stream_stands_in_the_second_extension() {
        let packet = [0, 0, 1, 0xfd, 7, 0xe7, 0x84, 0x81, 8, 0x21, 0x5a, 0x1f, 0xb4, 0x01, 0x01, 0x81, 0x71, 0x7f];
        let with_private_data =
            [&[0, 0, 1, 0xfd, 0, 0, 0x80, 0x01, 19, 0x81][..], &[9; 16], &[0x81, 0x72, 0x64]].concat();

        assert_eq!(part(&packet), Some(0x71));
        assert_eq!(part(&with_private_data), Some(0x72));
        assert_eq!(part(&packet[..14]), None);
        assert_eq!(part(&[0, 0, 1, 0xfd, 0, 0, 0x80, 0x80, 5, 0x21, 0, 1, 0, 1]), None);
    }

    #[test]
    fn time_goes_on_where_it_begins_anew() {
        assert_eq!(ticks_between(WRAP - 10, 20), 30);
        assert_eq!(ticks_between(5, 20), 15);
    }
}
