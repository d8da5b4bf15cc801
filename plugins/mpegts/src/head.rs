//! The beginning of the file: tables, and the header at the beginning of each stream.
//!
//! Reading goes on until everything is known or patience ends. Before it goes far, the end of the file is asked, which is
//! read for the duration anyway: sound has a header in each of its packets.

use std::collections::{BTreeMap, BTreeSet};

use vpo_codecs::{Picture, Sound, aac, elementary};
use vpo_plugin_sdk::facts::Ratio;
use vpo_plugin_sdk::introspector::Failure;
use vpo_reading::{Media, Pages, ReadError};

use crate::names::{self, Kind};
use crate::packets::{Layout, Packet};
use crate::pes;
use crate::sections::Assembler;
use crate::tables::{self, Entry, Program, Service};
use crate::tail;

/// Packets that are read at once: at first, and when the beginning did not tell enough.
const AT_ONCE: usize = 80;
const AT_ONCE_FARTHER: usize = 340;
/// Packets after which only a table or a header is still looked for, at the end first.
const USUAL: usize = 2 * AT_ONCE;
/// After so much, sound without a header is taken as it is.
const PATIENT_FOR_SOUND: u64 = 192 << 10;
/// After so much, nothing more is looked for: no key frame for seconds, or a program that never comes.
const PATIENT: u64 = 1 << 20;
/// Bytes of a packet's content that are kept; headers come first, but DTS has one in the middle too.
const KEPT: usize = 8 << 10;
/// Times that are kept, and how many even steps between them make a rate.
const TIMES: usize = 32;
const EVEN_STEPS: usize = 4;
/// Streams and programs beyond this are noise.
const MOST: usize = 256;

/// What the beginning of a file says.
#[derive(Debug, Default)]
pub struct Head {
    /// In the order in which their maps come.
    pub programs: Vec<Program>,
    pub services: Vec<Service>,
    /// By PID.
    pub streams: BTreeMap<u16, Stream>,
    /// Programs that are listed but whose map never came.
    pub missing_maps: usize,
    /// First clock reference of each PID that has one, in ticks of 90 kHz.
    pub clocks: BTreeMap<u16, u64>,
    /// No program association was found.
    pub has_no_list: bool,
    is_blu_ray: bool,
    map_pids: BTreeSet<u16>,
    awaited_maps: BTreeSet<u16>,
    assemblers: BTreeMap<u16, Assembler>,
}

/// What was found of one stream.
#[derive(Debug)]
pub struct Stream {
    pub kind: Kind,
    pub codec: &'static str,
    pub picture: Option<Picture>,
    pub sound: Option<Sound>,
    /// Earliest time seen, in ticks of 90 kHz.
    pub first_time: Option<u64>,
    /// Times of the first few pictures, as they come.
    times: Vec<u64>,
    pub is_scrambled: bool,
    /// Content of the PES packet that is being gathered.
    content: Vec<u8>,
}

impl Head {
    /// Reads from the first packet on until everything is known or patience ends.
    pub fn read<M: Media + ?Sized>(pages: &mut Pages<'_, M>, layout: &Layout) -> Result<Self, Failure> {
        let mut head = Self { is_blu_ray: layout.stride == 192, has_no_list: true, ..Self::default() };
        let usual = (USUAL * layout.stride) as u64;
        let mut has_asked_the_end = false;
        let mut has_come_late = false;
        let mut at = layout.start;
        loop {
            let is_far = at - layout.start > usual;
            let block = layout.stride * if is_far { AT_ONCE_FARTHER } else { AT_ONCE };
            let Some(bytes) = affordable(pages.bytes(at, block))? else { break };
            for packet in layout.packets(&bytes) {
                has_come_late |= head.programs.is_empty() && packet.begins && packet.payload.starts_with(&[0, 0, 1]);
                head.take(&packet);
            }
            at = at.saturating_add(block as u64);
            let read = at - layout.start;
            if bytes.len() < block || head.is_enough(read, usual) {
                break;
            }
            if read >= usual && !has_asked_the_end && !head.programs.is_empty() {
                has_asked_the_end = true;
                head.ask_the_end(pages, layout)?;
                if head.is_enough(read, usual) {
                    break;
                }
            }
        }
        if has_come_late && !head.is_complete() {
            head.read_again(pages, layout, at)?;
        }
        head.streams.values_mut().for_each(Stream::look);
        head.missing_maps = head.awaited_maps.len();
        Ok(head)
    }

    /// Looks for headers in what is read of the end in any case.
    fn ask_the_end<M: Media + ?Sized>(&mut self, pages: &mut Pages<'_, M>, layout: &Layout) -> Result<(), Failure> {
        let Some(bytes) = affordable(tail::first_look(pages, layout))? else { return Ok(()) };
        for packet in layout.packets(&bytes) {
            if let Some(stream) = self.streams.get_mut(&packet.pid).filter(|stream| stream.lacks_header()) {
                stream.take_content(&packet);
            }
        }
        // What is gathered from here must not be continued with what comes after the beginning.
        for stream in self.streams.values_mut() {
            stream.look();
            stream.content.clear();
        }
        Ok(())
    }

    /// Goes over the packets that came before the first program map; they were read already.
    fn read_again<M: Media + ?Sized>(
        &mut self,
        pages: &mut Pages<'_, M>,
        layout: &Layout,
        end: u64,
    ) -> Result<(), Failure> {
        self.streams.values_mut().for_each(|stream| stream.content.clear());
        let length = end.saturating_sub(layout.start).min(PATIENT) as usize;
        let Some(bytes) = affordable(pages.bytes(layout.start, length))? else { return Ok(()) };
        for packet in layout.packets(&bytes) {
            if let Some(stream) = self.streams.get_mut(&packet.pid) {
                stream.take(&packet);
            }
        }
        Ok(())
    }

    fn take(&mut self, packet: &Packet<'_>) {
        if packet.pid == tables::NULL_PID {
            return;
        }
        if let Some(clock) = packet.clock {
            if self.clocks.len() < MOST {
                self.clocks.entry(packet.pid).or_insert(clock);
            }
        }
        if packet.pid == tables::PROGRAMS_PID
            || packet.pid == tables::SERVICES_PID
            || self.map_pids.contains(&packet.pid)
        {
            let mut assembler = self.assemblers.remove(&packet.pid).unwrap_or_default();
            assembler.take(packet, |section| self.take_section(packet.pid, section));
            self.assemblers.insert(packet.pid, assembler);
        } else if let Some(stream) = self.streams.get_mut(&packet.pid) {
            stream.take(packet);
        }
    }

    fn take_section(&mut self, pid: u16, section: &[u8]) {
        if pid == tables::PROGRAMS_PID {
            for listed in tables::programs(section).unwrap_or_default() {
                self.has_no_list = false;
                if self.map_pids.len() < MOST && self.map_pids.insert(listed.map_pid) {
                    self.awaited_maps.insert(listed.map_pid);
                }
            }
        } else if pid == tables::SERVICES_PID {
            if self.services.is_empty() {
                self.services = tables::services(section).unwrap_or_default();
            }
        } else if let Some(program) = tables::program(section) {
            self.awaited_maps.remove(&pid);
            if self.programs.len() < MOST && self.programs.iter().all(|known| known.number != program.number) {
                for entry in &program.streams {
                    self.await_stream(&program, entry);
                }
                self.programs.push(program);
            }
        }
    }

    fn await_stream(&mut self, program: &Program, entry: &Entry) {
        if self.streams.len() < MOST {
            let (kind, codec) = names::codec(program, entry, self.is_blu_ray);
            self.streams.entry(entry.pid).or_insert(Stream {
                kind,
                codec,
                picture: None,
                sound: None,
                first_time: None,
                times: Vec::new(),
                is_scrambled: false,
                content: Vec::new(),
            });
        }
    }

    fn is_enough(&self, read: u64, usual: u64) -> bool {
        if read >= PATIENT {
            return true;
        }
        let are_tables_missing = self.programs.is_empty() || !self.awaited_maps.is_empty();
        let lacks = |kind: Kind| self.streams.values().any(|stream| stream.kind == kind && stream.lacks_header());
        let lacks_picture = lacks(Kind::Video);
        let lacks_sound = lacks(Kind::Audio) && read < PATIENT_FOR_SOUND;
        let lacks_times = |stream: &Stream| stream.first_time.is_none() || stream.lacks_rate();
        let lacks_little = self.streams.values().any(lacks_times) && read < usual;
        !(are_tables_missing || lacks_picture || lacks_sound || lacks_little)
    }

    /// Everything that could be found was found.
    fn is_complete(&self) -> bool {
        self.streams.values().all(|stream| !stream.lacks_header() && stream.first_time.is_some())
    }
}

/// A budget that is spent ends looking, not reading.
fn affordable(bytes: Result<Vec<u8>, ReadError>) -> Result<Option<Vec<u8>>, Failure> {
    match bytes {
        Err(ReadError::BudgetSpent) => Ok(None),
        bytes => Ok(Some(bytes?)),
    }
}

impl Stream {
    /// Whether there is a header to be found and it was not.
    pub fn lacks_header(&self) -> bool {
        !self.is_scrambled
            && match self.kind {
                Kind::Video => self.picture.is_none() && elementary::has_picture_header(self.codec),
                Kind::Audio => self.sound.is_none() && elementary::has_sound_header(self.codec),
                Kind::Subtitle | Kind::Other => false,
            }
    }

    /// A stream of pictures whose rate only its times tell.
    fn lacks_rate(&self) -> bool {
        self.kind == Kind::Video && !self.is_scrambled && self.picture.is_some() && self.frame_rate().is_none()
    }

    /// A stream of no known kind, which may be recognised by what is in it.
    fn is_unknown(&self) -> bool {
        self.kind == Kind::Other && self.codec == "unknown" && !self.is_scrambled
    }

    fn take(&mut self, packet: &Packet<'_>) {
        if let Some(time) = self.take_content(packet) {
            // Times of pictures go back and forth a little.
            let is_earlier = |first: u64| pes::ticks_between(time, first) < pes::WRAP / 2;
            if self.first_time.is_none_or(is_earlier) {
                self.first_time = Some(time);
            }
            if self.times.len() < TIMES && !self.times.contains(&time) {
                self.times.push(time);
            }
        }
    }

    /// Gathers content; returns the time that a packet of the stream begins with.
    fn take_content(&mut self, packet: &Packet<'_>) -> Option<u64> {
        if packet.is_scrambled {
            self.is_scrambled = true;
            return None;
        }
        if !packet.begins {
            if !self.content.is_empty() {
                self.keep(packet.payload);
            }
            return None;
        }
        self.look();
        self.content.clear();
        let (time, content) = pes::open(packet.payload)?;
        self.keep(content);
        time
    }

    fn keep(&mut self, content: &[u8]) {
        let room = KEPT.saturating_sub(self.content.len());
        self.content.extend_from_slice(&content[..room.min(content.len())]);
        if room > 0 && self.content.len() >= KEPT {
            self.look();
        }
    }

    /// Looks for the header in what was gathered.
    fn look(&mut self) {
        if self.content.is_empty() || !(self.lacks_header() || self.is_unknown()) {
            return;
        }
        match self.kind {
            Kind::Video => {
                self.picture = elementary::picture(self.codec, &self.content);
                self.codec = elementary::codec(self.codec, &self.content);
            }
            Kind::Audio => self.sound = elementary::sound(self.codec, &self.content),
            Kind::Other => {
                if let Some(found) = recognise(&self.content) {
                    (self.kind, self.codec) = (found.kind, found.codec);
                    (self.picture, self.sound) = (found.picture, found.sound);
                }
            }
            Kind::Subtitle => {}
        }
    }

    /// Pictures per second: as the header says, else as the times tell, when they are even.
    pub fn frame_rate(&self) -> Option<Ratio> {
        /// Ticks of 90 kHz between pictures, doubled, for the rates in use.
        const USUAL_RATES: [(u64, u32, u32); 10] = [
            (7507, 24_000, 1001),
            (7508, 24_000, 1001),
            (7500, 24, 1),
            (7200, 25, 1),
            (6006, 30_000, 1001),
            (6000, 30, 1),
            (3600, 50, 1),
            (3003, 60_000, 1001),
            (3000, 60, 1),
            (12_000, 15, 1),
        ];
        let stated = self.picture.as_ref().and_then(|picture| picture.frame_rate);
        if stated.is_some() || self.kind != Kind::Video {
            return stated;
        }
        let first = self.first_time?;
        let mut ticks: Vec<u64> = self.times.iter().map(|&time| pes::ticks_between(first, time)).collect();
        ticks.sort_unstable();
        let steps: Vec<u64> = ticks.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let least = *steps.iter().min()?;
        let even: Vec<u64> = steps.iter().copied().filter(|&step| step <= least + 1).collect();
        if least == 0 || even.len() < EVEN_STEPS || even.len() * 4 < steps.len() * 3 {
            return None;
        }
        let doubled = even.iter().sum::<u64>() * 2 / even.len() as u64;
        USUAL_RATES
            .into_iter()
            .find(|(usual, ..)| doubled.abs_diff(*usual) <= 1)
            .map(|(_, numerator, denominator)| Ratio { numerator, denominator })
    }
}

/// What a private stream turned out to be.
struct Recognised {
    kind: Kind,
    codec: &'static str,
    picture: Option<Picture>,
    sound: Option<Sound>,
}

/// Recognises what private streams without a descriptor mostly are. Two bytes are easily mistaken for a sync, so that short
/// ones are believed when another frame like the first follows.
fn recognise(content: &[u8]) -> Option<Recognised> {
    let starts = |sync: &[u8]| content.starts_with(sync);
    if starts(&[0, 0, 1, 0xb3]) {
        // MPEG-4 has a header of this code too, but goes on otherwise.
        let next = (4..content.len().saturating_sub(3)).find(|&at| content[at..].starts_with(&[0, 0, 1]))?;
        if !matches!(content[next + 3], 0x00 | 0xb2 | 0xb5 | 0xb8) {
            return None;
        }
        let picture = elementary::picture("mpeg2video", content)?;
        let codec = elementary::codec("mpeg2video", content);
        return Some(Recognised { kind: Kind::Video, codec, picture: Some(picture), sound: None });
    }
    if starts(&[0, 0, 1, 0xb0]) {
        let picture = elementary::picture("mpeg4", content)?;
        return Some(Recognised { kind: Kind::Video, codec: "mpeg4", picture: Some(picture), sound: None });
    }
    let (codec, is_sure) = match *content {
        [0x7f, 0xfe, 0x80, 0x01, ..] | [0x64, 0x58, 0x20, 0x25, ..] => ("dts", true),
        [0x0b, 0x77, ..] => ("ac3", true),
        [_, _, _, _, 0xf8, 0x72, 0x6f, 0xba, ..] => ("truehd", true),
        [0xff, second, ..] if second & 0xf6 == 0xf0 => ("aac", false),
        [0xff, second, ..] if second & 0xe0 == 0xe0 => ("mp3", false),
        _ => return None,
    };
    let sound = elementary::sound(codec, content)?;
    if !is_sure {
        let alike = |other: &Sound| (other.channels, other.sample_rate) == (sound.channels, sound.sample_rate);
        let is_followed = match codec {
            "aac" => content.get(aac::frame_length(content)?..).is_some_and(|next| is_head(next, content)),
            _ => (1..content.len()).any(|at| {
                is_head(&content[at..], content) && elementary::sound(codec, &content[at..]).is_some_and(|s| alike(&s))
            }),
        };
        if !is_followed {
            return None;
        }
    }
    Some(Recognised { kind: Kind::Audio, codec: sound.codec.unwrap_or(codec), picture: None, sound: Some(sound) })
}

/// Whether bytes begin with the same sync and fixed fields as others.
fn is_head(bytes: &[u8], like: &[u8]) -> bool {
    bytes.len() >= 2 && bytes[..2] == like[..2]
}
