//! Sections: tables that stand in packets, often several in one, or one over many.

use crate::packets::Packet;

/// A section is never longer than this (ISO/IEC 13818-1 §2.4.4, with the longer private ones).
const LONGEST: usize = 4096;

/// Puts the sections of one PID together.
#[derive(Debug, Default)]
pub struct Assembler {
    gathered: Vec<u8>,
    /// Counter that the next packet has to have; a packet that is missing spoils the section.
    expected: Option<u8>,
}

impl Assembler {
    /// Takes a packet and hands each section that is whole and sound to `use_it`.
    pub fn take(&mut self, packet: &Packet<'_>, mut use_it: impl FnMut(&[u8])) {
        if packet.is_scrambled || packet.payload.is_empty() {
            return;
        }
        let follows = self.expected == Some(packet.counter);
        self.expected = Some((packet.counter + 1) & 0x0f);
        if !packet.begins {
            if follows && !self.gathered.is_empty() {
                self.gathered.extend_from_slice(packet.payload);
                self.hand_out(&mut use_it);
            }
            return;
        }
        let Some((&pointer, content)) = packet.payload.split_first() else { return };
        let Some((tail, fresh)) = content.split_at_checked(pointer.into()) else {
            self.gathered.clear();
            return;
        };
        if follows && !self.gathered.is_empty() {
            self.gathered.extend_from_slice(tail);
            self.hand_out(&mut use_it);
        }
        self.gathered.clear();
        self.gathered.extend_from_slice(fresh);
        self.hand_out(&mut use_it);
    }

    fn hand_out(&mut self, use_it: &mut impl FnMut(&[u8])) {
        while let &[table, high, low, ..] = self.gathered.as_slice() {
            let length = usize::from(u16::from_be_bytes([high & 0x0f, low])) + 3;
            // What follows the last section is filled with ones.
            if table == 0xff || length > LONGEST {
                self.gathered.clear();
                return;
            }
            if self.gathered.len() < length {
                return;
            }
            let rest = self.gathered.split_off(length);
            let is_sound = checksum(&self.gathered) == 0 || cfg!(feature = "any-checksum");
            if is_sound {
                use_it(&self.gathered);
            }
            self.gathered = rest;
        }
    }
}

/// CRC-32 of ISO/IEC 13818-1 annex A; over a section with its checksum it is zero.
pub fn checksum(bytes: &[u8]) -> u32 {
    bytes.iter().fold(u32::MAX, |mut sum, &byte| {
        sum ^= u32::from(byte) << 24;
        for _ in 0..8 {
            sum = if sum & 0x8000_0000 != 0 { sum << 1 ^ 0x04c1_1db7 } else { sum << 1 };
        }
        sum
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn section(table: u8, length: usize) -> Vec<u8> {
        let mut bytes = vec![0x5a; length - 4];
        bytes[0] = table;
        bytes[1..3].copy_from_slice(&(0xb000 | (length - 3) as u16).to_be_bytes());
        let sum = checksum(&bytes);
        bytes.extend(sum.to_be_bytes());
        bytes
    }

    fn gathered(packets: &[(bool, u8, &[u8])]) -> Vec<Vec<u8>> {
        let mut assembler = Assembler::default();
        let mut sections = Vec::new();
        for &(begins, counter, payload) in packets {
            let packet = Packet { pid: 0, begins, is_scrambled: false, counter, clock: None, payload };
            assembler.take(&packet, |section| sections.push(section.to_vec()));
        }
        sections
    }

    #[test]
    fn a_section_over_three_packets_and_one_behind_it_come_out_whole() {
        let (long, short) = (section(2, 400), section(2, 30));
        let begun = [&[0][..], &long[..180]].concat();
        let last = [&[36][..], &long[364..], &short, &[0xff; 20]].concat();

        let sections = gathered(&[(true, 14, &begun), (false, 15, &long[180..364]), (true, 0, &last)]);

        assert_eq!(sections, [long, short]);
    }

    #[test]
    fn a_lost_packet_and_a_wrong_checksum_spoil_only_their_section() {
        let (long, short) = (section(2, 400), section(2, 30));
        let begun = [&[0][..], &long[..180]].concat();
        let mut wrong = [&[0][..], &short].concat();
        wrong[9] ^= 1;
        let sound = [&[0][..], &short].concat();

        let sections = gathered(&[(true, 3, &begun), (false, 5, &long[180..]), (true, 6, &wrong), (true, 7, &sound)]);

        assert_eq!(sections, [short]);
    }
}
