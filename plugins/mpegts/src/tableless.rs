//! Which streams there are in a file whose list of programs is missing: as a map says that nothing pointed to, or else
//! whatever begins like a stream and turns out to be one.

use std::collections::BTreeMap;

use crate::head::Head;
use crate::names::Kind;
use crate::packets::{Layout, Packet};
use crate::pes;
use crate::sections::Assembler;
use crate::tables::{self, Entry, Program};

/// PIDs whose sections are looked at; more are noise.
const MOST: usize = 64;
/// What a stream is that no map tells of.
const UNTOLD: u8 = 0x00;

/// Finds the streams in what was read, and what they are.
pub fn find(head: &mut Head, layout: &Layout, bytes: &[u8]) {
    let maps = maps(layout, bytes);
    let is_told = !maps.is_empty();
    for program in if is_told { maps } else { vec![guessed(head)] } {
        head.suppose(program);
    }
    head.take_again(layout.packets(bytes));
    head.interrupt();
    if !is_told {
        head.streams.retain(|_, stream| stream.kind != Kind::Other);
        head.programs.retain_mut(|program| {
            program.streams.retain(|entry| head.streams.contains_key(&entry.pid));
            !program.streams.is_empty()
        });
    }
}

/// Reads the maps that stand among packets, whatever their PID; their checksum tells them from all else.
fn maps(layout: &Layout, bytes: &[u8]) -> Vec<Program> {
    let mut assemblers: BTreeMap<u16, Assembler> = BTreeMap::new();
    let mut maps: Vec<Program> = Vec::new();
    let is_section = |packet: &Packet<'_>| packet.begins && !pes::is_stream(packet.payload);
    for packet in layout.packets(bytes) {
        let is_followed = assemblers.contains_key(&packet.pid);
        if packet.pid == tables::NULL_PID || !(is_followed || is_section(&packet) && assemblers.len() < MOST) {
            continue;
        }
        assemblers.entry(packet.pid).or_default().take(&packet, |section| {
            if let Some(program) = tables::program(section) {
                if maps.iter().all(|known| known.number != program.number) {
                    maps.push(program);
                }
            }
        });
    }
    maps
}

/// A program of everything that begins like a stream.
fn guessed(head: &Head) -> Program {
    let entry = |&pid: &u16| Entry { stream_type: UNTOLD, pid, descriptors: Vec::new() };
    Program {
        number: 0,
        clock_pid: tables::NULL_PID,
        registration: None,
        streams: head.order.pids().iter().map(entry).collect(),
    }
}
