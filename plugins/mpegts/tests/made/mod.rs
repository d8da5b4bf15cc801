//! Small transport streams, written packet by packet.

// Each test file uses a part of it.
#![allow(dead_code)]

use vpo_plugin_mpegts::sections::checksum;

pub const PACKET: usize = 188;

/// Writes packets, and counts them by PID.
#[derive(Default)]
pub struct Writer {
    pub bytes: Vec<u8>,
    counters: std::collections::BTreeMap<u16, u8>,
}

impl Writer {
    pub fn put(&mut self, pid: u16, content: &[u8]) {
        for (index, part) in content.chunks(PACKET - 4).enumerate() {
            let counter = self.counters.entry(pid).or_default();
            let begins = if index == 0 { 0x40 } else { 0 };
            let stuffing = PACKET - 4 - part.len();
            let control = if stuffing > 0 { 0x30 } else { 0x10 };
            self.bytes.extend([0x47, begins | (pid >> 8) as u8, pid as u8, control | *counter]);
            *counter = (*counter + 1) & 15;
            if stuffing > 0 {
                self.bytes.push(stuffing as u8 - 1);
                self.bytes.extend((1..stuffing).map(|at| if at == 1 { 0 } else { 0xff }));
            }
            self.bytes.extend(part);
        }
    }

    /// Writes a clock reference, in a packet without content.
    pub fn clock(&mut self, pid: u16, ticks: u64) {
        let counter = self.counters.get(&pid).copied().unwrap_or_default();
        self.bytes.extend([0x47, (pid >> 8) as u8, pid as u8, 0x20 | counter, 183, 0x10]);
        self.bytes.extend(((ticks >> 1) as u32).to_be_bytes());
        self.bytes.extend([(ticks as u8) << 7 | 0x7e, 0]);
        self.bytes.extend([0xff; PACKET - 12]);
    }

    pub fn section(&mut self, pid: u16, table: u8, about: u16, body: &[u8]) {
        let length = body.len() + 9;
        let mut section = vec![table, 0xb0 | (length >> 8) as u8, length as u8];
        section.extend(about.to_be_bytes());
        section.extend([0xc1, 0, 0]);
        section.extend(body);
        section.extend(checksum(&section).to_be_bytes());
        self.put(pid, &[&[0], &section[..]].concat());
    }

    pub fn packet(&mut self, pid: u16, id: u8, ticks: u64, content: &[u8]) {
        let time = [
            0x21 | (ticks >> 29 & 0xe) as u8,
            (ticks >> 22) as u8,
            (ticks >> 14) as u8 | 1,
            (ticks >> 7) as u8,
            (ticks << 1) as u8 | 1,
        ];
        self.put(pid, &[&[0, 0, 1, id, 0, 0, 0x80, 0x80, 5], &time[..], content].concat());
    }
}

pub const PICTURES: u16 = 0x100;
pub const GERMAN: u16 = 0x101;
pub const ENGLISH: u16 = 0x102;
pub const SUBTITLES: u16 = 0x103;
/// MPEG-2 video, 720 by 576, 16:9, 25 pictures a second.
pub const SEQUENCE: [u8; 22] =
    [0, 0, 1, 0xb3, 0x2d, 0x02, 0x40, 0x33, 0xff, 0xff, 0xe0, 0x18, 0, 0, 1, 0xb5, 0x14, 0x8a, 0x00, 0x01, 0x00, 0x00];
/// AC-3, 48 kHz, 384 kbit/s, 5.1.
pub const AC3: [u8; 8] = [0x0b, 0x77, 0, 0, 0x1c, 0x40, 0xe1, 0x00];
/// MPEG layer II, 48 kHz, stereo.
pub const LAYER_2: [u8; 4] = [0xff, 0xfd, 0xa4, 0x04];

pub fn tables(writer: &mut Writer) {
    writer.section(0, 0x00, 1, &[0, 0, 0xe0, 0x10, 0, 1, 0xf0, 0x00]);
    let mut map = vec![0xe1, 0x00, 0xf0, 0x00];
    let stream = |kind: u8, pid: u16, descriptors: &[u8]| {
        let [high, low] = pid.to_be_bytes();
        [&[kind, 0xe0 | high, low, 0xf0, descriptors.len() as u8], descriptors].concat()
    };
    // So many private descriptors that the map takes more than one packet.
    let padding = [&[0xfe, 180][..], &[0; 180]].concat();
    map.extend(stream(0x02, PICTURES, &padding));
    map.extend(stream(0x06, GERMAN, b"\x0a\x04deu\x00\x6a\x01\x00"));
    map.extend(stream(0x03, ENGLISH, b"\x0a\x04eng\x03"));
    map.extend(stream(0x06, SUBTITLES, b"\x59\x08fra\x20\0\x01\0\x01"));
    writer.section(0x1000, 0x02, 1, &map);
    let service = b"\0\x01\0\0\x01\xff\x80\x0d\x48\x0b\x01\x03ARD\x05Erste";
    writer.section(0x11, 0x42, 1, service);
}

pub fn film() -> Vec<u8> {
    let mut writer = Writer::default();
    tables(&mut writer);
    // The clock passes the place where it begins anew.
    let start = (1_u64 << 33) - 90_000;
    for picture in 0..50_u64 {
        let ticks = (start + picture * 3600) % (1 << 33);
        let filling = vec![0xaa; 700];
        writer.packet(PICTURES, 0xe0, ticks, &[&SEQUENCE[..], &filling].concat());
        writer.packet(GERMAN, 0xbd, ticks, &[&AC3[..], &filling[..100]].concat());
        writer.packet(ENGLISH, 0xc0, ticks, &[&LAYER_2[..], &filling[..100]].concat());
    }
    writer.bytes
}

/// A film of streams of a type, a PID and descriptors each, with a picture every 40 ms and what each stream holds.
pub fn film_of(streams: &[(u8, u16, &[u8], &[u8])]) -> Vec<u8> {
    let mut writer = Writer::default();
    writer.section(0, 0x00, 1, &[0, 1, 0xf0, 0x00]);
    let mut map = vec![0xe1, 0x00, 0xf0, 0x00];
    for (kind, pid, descriptors, _) in streams {
        let [high, low] = pid.to_be_bytes();
        map.extend([&[*kind, 0xe0 | high, low, 0xf0, descriptors.len() as u8], *descriptors].concat());
    }
    writer.section(0x1000, 0x02, 1, &map);
    for picture in 0..25_u64 {
        for (_, pid, _, content) in streams {
            writer.packet(*pid, 0xbd, 90_000 + picture * 3600, content);
        }
    }
    writer.bytes
}

/// Writes the tables of programs, each with streams of MPEG audio.
pub fn listing(writer: &mut Writer, programs: &[(u16, &[u16])]) {
    let entries = programs.iter().zip(0xf000_u16..);
    let list: Vec<u8> =
        entries.flat_map(|((number, _), pid)| [number.to_be_bytes(), pid.to_be_bytes()].concat()).collect();
    writer.section(0, 0x00, 1, &list);
    for ((number, streams), pid) in programs.iter().zip(0x1000..) {
        map(writer, pid, *number, streams);
    }
}

/// Writes the map of a program of MPEG audio.
pub fn map(writer: &mut Writer, pid: u16, number: u16, streams: &[u16]) {
    let mut map = vec![0xe1, 0x00, 0xf0, 0x00];
    for stream in streams {
        let [high, low] = stream.to_be_bytes();
        map.extend([0x03, 0xe0 | high, low, 0xf0, 6, 0x0a, 4, b'e', b'n', b'g', 0]);
    }
    writer.section(pid, 0x02, number, &map);
}
