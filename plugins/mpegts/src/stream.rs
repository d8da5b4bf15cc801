//! What is found of one stream: the header at its beginning, and when it is shown.

use vpo_codecs::{Picture, Sound, elementary};
use vpo_plugin_sdk::facts::Ratio;

use crate::names::Kind;
use crate::packets::Packet;
use crate::pes;
use crate::recognise::recognise;

/// Bytes of a packet's content that are kept; headers come first, but DTS has one in the middle too.
const KEPT: usize = 8 << 10;
/// Times that are kept, and how many even steps between them make a rate.
const TIMES: usize = 32;
const EVEN_STEPS: usize = 3;
/// Ticks behind which the next time is of another place.
const FAR: u64 = 90_000;

/// What was found of one stream.
#[derive(Debug)]
pub struct Stream {
    pub kind: Kind,
    pub codec: &'static str,
    pub picture: Option<Picture>,
    pub sound: Option<Sound>,
    /// Earliest time seen, in ticks of 90 kHz.
    pub first_time: Option<u64>,
    pub is_scrambled: bool,
    /// Its packets do not say which part of a stream they are, as those of a disc do.
    pub is_of_one_part: bool,
    /// Times of the first few pictures, as they come.
    times: Vec<u64>,
    /// Content of the PES packet that is being gathered.
    content: Vec<u8>,
    /// What is gathered is the core of a sound whose extension comes in the next PES packet.
    is_core: bool,
    /// Content was looked at for what the stream may be.
    was_looked_at: bool,
}

impl Stream {
    pub fn new(kind: Kind, codec: &'static str) -> Self {
        Self {
            kind,
            codec,
            picture: None,
            sound: None,
            first_time: None,
            is_scrambled: false,
            is_of_one_part: false,
            times: Vec::new(),
            content: Vec::new(),
            is_core: false,
            was_looked_at: false,
        }
    }

    /// Whether there is a header to be found and it was not.
    pub fn lacks_header(&self) -> bool {
        !self.is_scrambled && self.is_without_header()
    }

    /// Whether there should be a header and none was seen, encrypted or not.
    pub fn is_without_header(&self) -> bool {
        match self.kind {
            Kind::Video => self.picture.is_none() && elementary::has_picture_header(self.codec),
            Kind::Audio => self.sound.is_none() && elementary::has_sound_header(self.codec),
            Kind::Subtitle | Kind::Other => false,
        }
    }

    /// A stream of no known kind, which may be recognised by what is in it, and of which nothing was seen yet.
    pub fn may_be_recognised(&self) -> bool {
        self.is_unknown() && !self.was_looked_at
    }

    /// A stream of pictures whose rate only its times tell.
    pub fn lacks_rate(&self) -> bool {
        self.kind == Kind::Video && !self.is_scrambled && self.picture.is_some() && self.frame_rate().is_none()
    }

    /// What is shown or heard, and not known when.
    pub fn lacks_time(&self) -> bool {
        matches!(self.kind, Kind::Video | Kind::Audio) && self.first_time.is_none()
    }

    fn is_unknown(&self) -> bool {
        self.kind == Kind::Other && self.codec == "unknown" && !self.is_scrambled
    }

    /// Takes a packet of the beginning: content, and when it is shown.
    pub fn take(&mut self, packet: &Packet<'_>) {
        if let Some(time) = self.take_content(packet) {
            // Times of pictures go back and forth a little.
            let is_earlier = |first: u64| pes::ticks_between(time, first) < pes::WRAP / 2;
            if self.first_time.is_none_or(is_earlier) {
                self.first_time = Some(time);
            }
            self.take_step(time);
        }
    }

    /// Gathers content; returns the time that a packet of the stream begins with.
    pub fn take_content(&mut self, packet: &Packet<'_>) -> Option<u64> {
        if packet.is_scrambled {
            self.is_scrambled = true;
            return None;
        }
        let is_alike = self.kind == Kind::Audio && elementary::is_alike_throughout(self.codec);
        if !packet.begins {
            if !self.content.is_empty() || (is_alike && self.lacks_header()) {
                self.keep(packet.payload);
            }
            return None;
        }
        let is_core = self.begins_core(packet);
        let was_core = std::mem::replace(&mut self.is_core, is_core);
        if self.is_core || !was_core {
            self.look();
            // Frames go on from one PES packet to the next.
            if !(is_alike && self.lacks_header() && self.content.len() < KEPT) {
                self.content.clear();
            }
        }
        let (time, content) = pes::open(packet.payload)?;
        self.is_of_one_part = pes::part(packet.payload).is_none();
        self.keep(content);
        time
    }

    /// Whether the core of a sound begins, which a disc keeps apart from what makes it DTS-HD or 7.1.
    fn begins_core(&self, packet: &Packet<'_>) -> bool {
        const CORE: u8 = 0x71;
        matches!(self.codec, "dts" | "eac3") && self.lacks_header() && pes::part(packet.payload) == Some(CORE)
    }

    /// Takes a time that only tells how far apart pictures are.
    pub fn take_step(&mut self, time: u64) {
        if self.times.len() < TIMES && !self.times.contains(&time) {
            self.times.push(time);
        }
    }

    /// Ends what is gathered: what comes next does not continue it.
    pub fn interrupt(&mut self) {
        self.look();
        self.content.clear();
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
        self.was_looked_at = true;
        match self.kind {
            Kind::Video => {
                self.picture = elementary::picture(self.codec, &self.content);
                self.codec = elementary::codec(self.codec, &self.content);
            }
            Kind::Audio => {
                self.sound = elementary::sound(self.codec, &self.content);
                self.codec = self.sound.as_ref().and_then(|sound| sound.codec).unwrap_or(self.codec);
            }
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
        let steps: Vec<u64> = ticks.windows(2).map(|pair| pair[1] - pair[0]).filter(|&step| step < FAR).collect();
        let least = *steps.iter().min()?;
        let even: Vec<u64> = steps.iter().copied().filter(|&step| step <= least + 1).collect();
        // Pictures come out of order, so that some are missing where reading ended.
        let is_multiple =
            |step: &u64| step.checked_rem(least).is_some_and(|rest| rest.min(least - rest) <= step / least);
        if even.len() < EVEN_STEPS || even.len() * 2 < steps.len() || !steps.iter().all(is_multiple) {
            return None;
        }
        let doubled = even.iter().sum::<u64>() * 2 / even.len() as u64;
        USUAL_RATES
            .into_iter()
            .find(|(usual, ..)| doubled.abs_diff(*usual) <= 1)
            .map(|(_, numerator, denominator)| Ratio { numerator, denominator })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A packet in which a part of a Blu-ray stream begins.
    fn part(part: u8, content: &[u8]) -> Vec<u8> {
        [&[0, 0, 1, 0xfd, 0, 0, 0x80, 0x01, 3, 0x01, 0x81, part][..], content].concat()
    }

    fn take(stream: &mut Stream, payload: &[u8], begins: bool) {
        stream.take(&Packet { pid: 0x1100, begins, is_scrambled: false, counter: 0, clock: None, payload });
    }

    fn rate(times: &[u64]) -> Option<Ratio> {
        let mut stream = Stream::new(Kind::Video, "h264");
        stream.first_time = times.first().copied();
        times.iter().for_each(|&time| stream.take_step(time));
        stream.frame_rate()
    }

    #[test]
    fn pictures_out_of_order_have_a_rate_where_some_are_missing() {
        let times = [903_000, 909_000, 1_336_500, 1_339_500, 1_347_000, 1_344_000, 1_342_500, 1_345_500, 1_348_500];

        assert_eq!(rate(&times), Some(Ratio { numerator: 60, denominator: 1 }));
    }

    #[test]
    fn uneven_times_are_no_rate() {
        assert_eq!(rate(&[0, 3600, 7200, 10_800, 12_800, 18_000]), None);
        assert_eq!(rate(&[0, 3600, 10_800, 21_600, 36_000]), None);
    }

    /// DTS with five channels and an LFE at 48 kHz, in a frame of 96 bytes.
    const CORE: [u8; 12] = [0x7f, 0xfe, 0x80, 0x01, 0xfc, 0x3c, 0x05, 0xf2, 0x75, 0xe0, 0x2c, 0x00];
    const LOSSLESS: [u8; 12] = [0x64, 0x58, 0x20, 0x25, 0, 0, 0, 0, 0x41, 0xa2, 0x95, 0x47];

    #[test]
    fn an_extension_in_a_packet_of_its_own_belongs_to_the_core_before_it() {
        let mut stream = Stream::new(Kind::Audio, "dts");
        let core = [&CORE[..], &[0; 84]].concat();

        take(&mut stream, &part(0x71, &core), true);
        assert!(stream.lacks_header());
        take(&mut stream, &part(0x72, &LOSSLESS), true);
        take(&mut stream, &part(0x71, &core), true);

        assert_eq!(stream.sound.unwrap().profile.as_deref(), Some("DTS-HD MA"));
    }

    #[test]
    fn a_core_that_no_extension_follows_is_all_there_is() {
        let mut stream = Stream::new(Kind::Audio, "dts");
        let core = [&CORE[..], &[0; 84]].concat();

        take(&mut stream, &part(0x71, &core), true);
        take(&mut stream, &part(0x71, &core), true);

        assert_eq!(stream.sound.unwrap().profile.as_deref(), Some("DTS"));
    }
}
