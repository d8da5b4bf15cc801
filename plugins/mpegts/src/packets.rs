//! Packets of a transport stream: 188 bytes that begin with 0x47, alone or with a timestamp or a checksum beside them.

use vpo_reading::{Media, Pages, ReadError};

const SYNC: u8 = 0x47;
/// Length of a packet without what stands beside it.
const PACKET: usize = 188;
/// How many packets in a row begin as they should before it is believed.
const BELIEVED: usize = 5;
const FEWEST: usize = 3;
/// How far into a file the first packet is looked for.
const SEARCHED: usize = 64 << 10;

/// How packets lie in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    /// Where the first packet begins, at its sync byte.
    pub start: u64,
    /// From one sync byte to the next: 188, 192 (a timestamp before each, as in M2TS) or 204 (a checksum behind each).
    pub stride: usize,
}

impl Layout {
    /// Finds packets of any of the three lengths, at any phase.
    pub fn find<M: Media + ?Sized>(pages: &mut Pages<'_, M>) -> Result<Option<Self>, ReadError> {
        let mut searched = 4 << 10;
        loop {
            let bytes = pages.bytes(0, searched)?;
            if let Some(layout) = Self::in_bytes(&bytes, bytes.len() as u64 == pages.size()) {
                return Ok(Some(layout));
            }
            if searched >= SEARCHED || (bytes.len() as u64) >= pages.size() {
                return Ok(None);
            }
            searched = SEARCHED;
        }
    }

    fn in_bytes(bytes: &[u8], is_whole_file: bool) -> Option<Self> {
        (0..bytes.len()).filter(|&at| bytes[at] == SYNC).find_map(|at| {
            let stride = [188, 192, 204].into_iter().find(|&stride| {
                // A short file need not hold so many packets, but each that it holds has to begin as it should.
                let whole = (bytes.len() - at).checked_sub(PACKET).map_or(0, |rest| rest / stride + 1);
                let believed = if is_whole_file && at < stride { whole.min(BELIEVED) } else { BELIEVED };
                believed >= FEWEST
                    && believed <= whole
                    && bytes[at..].iter().step_by(stride).take(believed).all(|&byte| byte == SYNC)
            })?;
            Some(Self { start: at as u64, stride })
        })
    }

    /// Packets lie as on a Blu-ray disc, with a timestamp before each.
    pub fn is_blu_ray(&self) -> bool {
        self.stride == 192
    }

    /// Reads so many bytes of the end, from a packet on.
    pub fn read_end<M: Media + ?Sized>(&self, pages: &mut Pages<'_, M>, length: u64) -> Result<Vec<u8>, ReadError> {
        pages.bytes(self.near_end(pages.size(), length), length as usize)
    }

    /// Returns the last place where a packet may begin so that everything behind it is at most `length` bytes.
    pub fn near_end(&self, size: u64, length: u64) -> u64 {
        let stride = self.stride as u64;
        let from = size.saturating_sub(length).max(self.start);
        self.start + (from - self.start).div_ceil(stride) * stride
    }

    /// Cuts bytes that begin with a packet into packets; where the rhythm is lost it is found again.
    pub fn packets<'a>(&self, bytes: &'a [u8]) -> impl Iterator<Item = Packet<'a>> + use<'a> {
        let stride = self.stride;
        let mut at = 0_usize;
        std::iter::from_fn(move || {
            loop {
                let raw = bytes.get(at..at.checked_add(PACKET)?)?;
                let follows = bytes.get(at + stride).is_none_or(|&next| next == SYNC);
                if raw[0] == SYNC && follows {
                    at += stride;
                    if let Some(packet) = Packet::read(raw) {
                        return Some(packet);
                    }
                } else {
                    at += 1;
                }
            }
        })
    }
}

/// One packet (ISO/IEC 13818-1 §2.4.3.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Packet<'a> {
    pub pid: u16,
    /// A PES packet or a section begins in it.
    pub begins: bool,
    pub is_scrambled: bool,
    /// Counts the packets of a PID that have content, modulo 16.
    pub counter: u8,
    /// Program clock reference in ticks of 90 kHz.
    pub clock: Option<u64>,
    pub payload: &'a [u8],
}

impl<'a> Packet<'a> {
    /// Reads a packet of 188 bytes; `None` when it is marked as damaged.
    fn read(raw: &'a [u8]) -> Option<Self> {
        let &[_, high, low, control, ref rest @ ..] = raw else { return None };
        if high & 0x80 != 0 {
            return None;
        }
        let (adaptation, payload) = match control >> 4 & 3 {
            1 => (&[][..], rest),
            2 | 3 => {
                let (&length, rest) = rest.split_first()?;
                let adaptation = rest.get(..usize::from(length))?;
                let payload = if control & 0x10 != 0 { &rest[usize::from(length)..] } else { &[] };
                (adaptation, payload)
            }
            _ => return None,
        };
        let clock = match *adaptation {
            [flags, a, b, c, d, e, ..] if flags & 0x10 != 0 => {
                Some(u64::from(u32::from_be_bytes([a, b, c, d])) << 1 | u64::from(e >> 7))
            }
            _ => None,
        };
        Some(Self {
            pid: u16::from_be_bytes([high & 0x1f, low]),
            begins: high & 0x40 != 0,
            is_scrambled: control & 0xc0 != 0,
            counter: control & 0x0f,
            clock,
            payload,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stream(before: usize, stride: usize, count: usize) -> Vec<u8> {
        let mut bytes = vec![0xaa; before];
        for _ in 0..count {
            let mut packet = vec![0xff; stride];
            packet[..4].copy_from_slice(&[SYNC, 0x1f, 0xff, 0x10]);
            bytes.extend(packet);
        }
        bytes
    }

    fn found(bytes: &[u8]) -> Option<Layout> {
        Layout::find(&mut Pages::new(bytes)).unwrap()
    }

    #[test]
    fn packets_of_each_length_are_found_at_any_phase() {
        for stride in [188, 192, 204] {
            for before in [0, 4, 100, 5000] {
                let expected = Layout { start: before as u64, stride };
                assert_eq!(found(&stream(before, stride, 40)), Some(expected), "{stride} after {before}");
            }
        }
    }

    #[test]
    fn four_packets_are_enough_only_for_a_file_that_holds_no_more() {
        assert_eq!(found(&stream(0, 188, 4)), Some(Layout { start: 0, stride: 188 }));
        assert_eq!(found(&[stream(0, 188, 4), vec![0; 9000]].concat()), None);
    }

    #[test]
    fn a_lost_rhythm_is_found_again() {
        let mut bytes = stream(0, 188, 10);
        bytes.extend([0; 77]);
        bytes.extend(stream(0, 188, 10));
        let layout = Layout { start: 0, stride: 188 };

        let count = layout.packets(&bytes).count();

        assert!((19..=20).contains(&count), "{count}");
    }

    #[test]
    fn the_clock_is_read_from_the_adaptation_field() {
        let mut raw = vec![0xff; 188];
        raw[..12].copy_from_slice(&[SYNC, 0x41, 0x00, 0x35, 7, 0x10, 0, 0, 0, 1, 0xfe, 0]);

        let packet = Packet::read(&raw).unwrap();

        assert_eq!((packet.pid, packet.begins, packet.counter), (0x100, true, 5));
        assert_eq!(packet.clock, Some(3));
        assert_eq!(packet.payload.len(), 188 - 5 - 7);
    }
}
