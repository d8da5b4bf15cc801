//! What packets tell: which programs there are, which streams each has, and the header and the first times of each stream.
//! The order of the streams is that of [`crate::order`].

use std::collections::{BTreeMap, BTreeSet};

use crate::budget::MOST_STREAMS;
use crate::names::{self, Kind};
use crate::order::Order;
use crate::packets::{Layout, Packet};
use crate::sections::Assembler;
use crate::stream::Stream;
use crate::tables::{self, Entry, Program, Service};

/// PIDs below this are of tables that every program has.
const FIRST_OF_STREAMS: u16 = 0x20;

/// What was found so far.
#[derive(Debug, Default)]
pub struct Head {
    /// In the order in which their maps come.
    pub programs: Vec<Program>,
    /// So many of them came one behind the other, as mkvmerge meets them; the rest is of other places.
    in_order: usize,
    pub services: Vec<Service>,
    /// By PID.
    pub streams: BTreeMap<u16, Stream>,
    /// First clock reference of each PID that has one, in ticks of 90 kHz.
    pub clocks: BTreeMap<u16, u64>,
    /// A program association was found.
    pub has_list: bool,
    pub order: Order,
    /// Packets lie as they do on a Blu-ray disc.
    pub is_blu_ray: bool,
    /// Nothing of the file was left unread.
    pub is_whole: bool,
    /// The packet at hand is not of the beginning.
    is_later: bool,
    /// The packet at hand was taken before, when no table had told of it.
    is_again: bool,
    map_pids: BTreeSet<u16>,
    /// PID and number of each program whose map has not come.
    awaited_maps: BTreeSet<(u16, u16)>,
    /// Packets of each PID.
    counts: BTreeMap<u16, u32>,
    assemblers: BTreeMap<u16, Assembler>,
}

impl Head {
    pub fn new(layout: &Layout) -> Self {
        Self { is_blu_ray: layout.is_blu_ray(), ..Self::default() }
    }

    /// Takes a program that no list told of, and whose streams came by before it was known.
    pub fn suppose(&mut self, program: Program) {
        for entry in &program.streams {
            self.await_stream(&program, entry);
        }
        self.programs.push(program);
    }

    /// Programs that are listed but whose map was not found.
    pub fn missing_maps(&self) -> usize {
        self.awaited_maps.len()
    }

    /// Whether a program stands where mkvmerge counts it.
    pub fn is_in_order(&self, program: usize) -> bool {
        let is_alone = self.programs.len() == 1 && (self.missing_maps() == 0 || !self.has_foreign_packets());
        is_alone || program < self.in_order
    }

    /// More than a few packets are of streams that no map told of: programs without a map are there.
    pub fn has_foreign_packets(&self) -> bool {
        /// One packet of so many may be of keys or data that belong to a known program.
        const FEW: u32 = 50;
        let is_own = |pid: &u16| {
            self.streams.contains_key(pid)
                || self.is_table(*pid)
                || self.programs.iter().any(|program| program.clock_pid == *pid)
        };
        let foreign: u32 = self
            .counts
            .range(FIRST_OF_STREAMS..tables::NULL_PID)
            .filter(|(pid, _)| !is_own(pid))
            .map(|(_, count)| count)
            .sum();
        foreign.saturating_mul(FEW) > self.counts.values().sum()
    }

    /// A table is still to be found, or the header of a stream.
    pub fn lacks_headers(&self) -> bool {
        let lacks = |stream: &Stream| stream.lacks_header() || stream.may_be_recognised();
        self.programs.is_empty() || !self.awaited_maps.is_empty() || self.streams.values().any(lacks)
    }

    /// No table came.
    pub fn lacks_tables(&self) -> bool {
        self.programs.is_empty()
    }

    /// It is not known what some streams of a kind are.
    pub fn lacks(&self, kind: Kind) -> bool {
        self.streams.values().any(|stream| stream.kind == kind && stream.lacks_header())
    }

    /// Pictures come, and none that says what they are.
    pub fn awaits_key_frame(&self) -> bool {
        let awaits =
            |stream: &Stream| stream.kind == Kind::Video && stream.lacks_header() && stream.first_time.is_some();
        self.streams.values().any(awaits)
    }

    /// When something is shown for the first time, or how often, is still to be found.
    pub fn lacks_times(&self) -> bool {
        self.streams.values().any(|stream| stream.lacks_time() || stream.lacks_rate())
    }

    /// Takes a packet of the beginning.
    pub fn take(&mut self, packet: &Packet<'_>) {
        self.is_later = false;
        if self.counts.len() < MOST_STREAMS || self.counts.contains_key(&packet.pid) {
            *self.counts.entry(packet.pid).or_default() += 1;
        }
        if let Some(clock) = packet.clock {
            if self.clocks.len() < MOST_STREAMS {
                self.clocks.entry(packet.pid).or_insert(clock);
            }
        }
        self.order.take(packet);
        self.take_with(packet, Stream::take);
    }

    /// Takes a packet of a later place: tables and headers, but no times.
    pub fn take_later(&mut self, packet: &Packet<'_>) {
        self.is_later = true;
        self.take_with(packet, |stream, packet| {
            stream.take_content(packet);
        });
    }

    /// Takes packets of the beginning again, for what no table told of when they were taken first.
    pub fn take_again<'a>(&mut self, packets: impl Iterator<Item = Packet<'a>>) {
        (self.is_later, self.is_again) = (false, true);
        let behind = self.order.begin_again();
        for packet in packets {
            self.order.take(&packet);
            self.take_with(&packet, Stream::take);
        }
        self.order.take_listed(behind);
        self.is_again = false;
    }

    /// Whether packets of a PID are of a table, or of nothing.
    pub fn is_table(&self, pid: u16) -> bool {
        pid < FIRST_OF_STREAMS || pid == tables::NULL_PID || self.map_pids.contains(&pid)
    }

    /// Ends what is gathered: the next packets are of another place.
    pub fn interrupt(&mut self) {
        self.streams.values_mut().for_each(Stream::interrupt);
        self.assemblers.clear();
    }

    fn take_with(&mut self, packet: &Packet<'_>, take: fn(&mut Stream, &Packet<'_>)) {
        let has_tables = matches!(packet.pid, tables::PROGRAMS_PID | tables::SERVICES_PID | tables::SCHEDULE_PID);
        if has_tables || self.map_pids.contains(&packet.pid) {
            let mut assembler = self.assemblers.remove(&packet.pid).unwrap_or_default();
            assembler.take(packet, |section| self.take_section(packet.pid, section));
            self.assemblers.insert(packet.pid, assembler);
        } else if let Some(stream) = self.streams.get_mut(&packet.pid).filter(|_| packet.pid != tables::NULL_PID) {
            take(stream, packet);
        }
    }

    fn take_section(&mut self, pid: u16, section: &[u8]) {
        if pid == tables::PROGRAMS_PID {
            for listed in tables::programs(section).unwrap_or_default() {
                self.has_list = true;
                let is_known = self.programs.iter().any(|program| program.number == listed.number);
                if self.awaited_maps.len() < MOST_STREAMS && !is_known {
                    self.map_pids.insert(listed.map_pid);
                    self.awaited_maps.insert((listed.map_pid, listed.number));
                }
            }
        } else if pid == tables::SERVICES_PID {
            if self.services.is_empty() {
                self.services = tables::services(section).unwrap_or_default();
            }
        } else if pid == tables::SCHEDULE_PID {
            if !self.is_later {
                self.order.take_listed(vec![pid]);
            }
        } else if let Some(program) = tables::program(section) {
            if !self.awaited_maps.remove(&(pid, program.number)) {
                // A number that the list has otherwise: the map is the one that was awaited here.
                let first = self.awaited_maps.range((pid, 0)..=(pid, u16::MAX)).next().copied();
                first.filter(|_| self.programs.is_empty()).map(|awaited| self.awaited_maps.remove(&awaited));
            }
            let listed = program.streams.iter().map(|entry| entry.pid).collect();
            if self.programs.is_empty() {
                self.order.take_first_map(listed);
            } else if !self.is_later {
                self.order.take_listed(listed);
            }
            if self.programs.len() < MOST_STREAMS && self.programs.iter().all(|known| known.number != program.number) {
                for entry in &program.streams {
                    self.await_stream(&program, entry);
                }
                if self.in_order == self.programs.len() && !self.is_later && !self.is_again {
                    self.in_order += 1;
                }
                self.programs.push(program);
            }
        }
    }

    fn await_stream(&mut self, program: &Program, entry: &Entry) {
        if self.streams.len() < MOST_STREAMS {
            let (kind, codec) = names::codec(program, entry, self.is_blu_ray);
            self.streams.entry(entry.pid).or_insert(Stream::new(kind, codec));
        }
    }
}
