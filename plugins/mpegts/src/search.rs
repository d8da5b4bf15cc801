//! Where headers are looked for, and how far.
//!
//! The beginning, packet by packet → the end, which is read for the duration anyway: sound has a header in each of its
//! packets → behind a long run of one stream, leapt over: a muxer that writes a picture in one go hides all others behind it →
//! more of the end. All of that stays within what a healthy file may cost. Reading goes on behind it only where there would
//! be little to say else: no table came, a recording begins between two key frames, or the packets of a sound are far apart
//! and the file was cut behind them. What is missing is anywhere then, nothing points to it, and every packet has to be read.

use vpo_plugin_sdk::introspector::Failure;
use vpo_reading::{Media, Pages, ReadError};

use crate::budget::{END, HEALTHY_BYTES, HEALTHY_CALLS, LEAPING_BYTES, LEAPING_CALLS};
use crate::head::Head;
use crate::names::Kind;
use crate::packets::{Layout, Packet};
use crate::tableless;

/// Packets that are read at once, and how many of these pieces are the beginning.
const AT_ONCE: usize = 80;
const PIECES: usize = 2;
/// Bytes that are read at once when the budget of a healthy file is spent, and how far that goes.
const AT_ONCE_FARTHER: usize = 96 << 10;
const AT_ONCE_FAR_OUT: usize = 512 << 10;
const PATIENT: u64 = 1 << 20;
const PATIENT_FOR_PICTURES: u64 = 4 << 20;
const PATIENT_FOR_SOUND: u64 = 192 << 10;
/// So many packets of one stream in a row are a run that is worth leaping over; so many, and little else will come soon.
const RUN: usize = 24;
const LONG_RUN: usize = 64;
/// The end of a run is looked for in steps of so much, to here: what comes between two of them is overlooked.
const STEP: u64 = 96 << 10;
const LONGEST_LEAP: u64 = 10 * STEP;
/// The end of a run is known well enough when it is no farther away; so much is read behind it.
const NEAR: u64 = 6 << 10;
const BEHIND: u64 = 6 << 10;
/// Packets that tell whether a run goes on.
const GLANCE: usize = 2;

/// Finds tables and headers.
pub fn search<M: Media + ?Sized>(pages: &mut Pages<'_, M>, layout: &Layout) -> Result<Head, Failure> {
    let head = Head::new(layout);
    let mut search =
        Search { pages, layout, head, at: layout.start, run: Run::default(), latest_run: None, has_untold: false };
    search.read_beginning()?;
    if search.head.lacks_headers() {
        search.read_end(END)?;
    }
    let mut place = search.at;
    while search.head.lacks_headers() {
        let Some(behind) = search.leap(place)? else { break };
        place = behind;
    }
    if search.head.lacks_headers() {
        search.spend_the_rest()?;
    }
    while search.is_worth_more() && search.read_piece(search.farther())? {
        search.read_again()?;
    }
    search.read_again()?;
    search.head.interrupt();
    if search.head.programs.is_empty() {
        search.do_without_tables()?;
    }
    Ok(search.head)
}

struct Search<'a, 'm, M: Media + ?Sized> {
    pages: &'a mut Pages<'m, M>,
    layout: &'a Layout,
    head: Head,
    /// Up to where the file was read without a gap.
    at: u64,
    run: Run,
    /// How long the latest run was that was leapt over.
    latest_run: Option<u64>,
    /// Packets came that no table had told of yet.
    has_untold: bool,
}

/// The latest packets that belong to one stream, without another beginning in it.
#[derive(Debug, Clone, Copy, Default)]
struct Run {
    pid: u16,
    length: usize,
}

impl Run {
    fn take(&mut self, packet: &Packet<'_>) {
        let goes_on = self.pid == packet.pid && !packet.begins;
        *self = Self { pid: packet.pid, length: if goes_on { self.length + 1 } else { 1 } };
    }
}

impl<M: Media + ?Sized> Search<'_, '_, M> {
    fn read_beginning(&mut self) -> Result<(), Failure> {
        let is_short = self.pages.size() <= HEALTHY_BYTES;
        let mut pieces = 0;
        while is_short || pieces < PIECES {
            let goes_on = self.read_piece(AT_ONCE * self.layout.stride)?;
            let is_complete = !self.head.lacks_headers() && !self.head.lacks_times();
            let is_hidden = !is_short && self.run.length >= LONG_RUN && self.head.lacks_headers();
            if !goes_on || is_complete || is_hidden {
                break;
            }
            pieces += 1;
        }
        self.head.interrupt();
        self.read_again()
    }

    /// Reads the next piece; false at the end of the file.
    fn read_piece(&mut self, length: usize) -> Result<bool, Failure> {
        let length = length / self.layout.stride * self.layout.stride;
        let Some(bytes) = affordable(self.pages.bytes(self.at, length))? else { return Ok(false) };
        self.at = self.at.saturating_add(bytes.len() as u64);
        for packet in self.layout.packets(&bytes) {
            self.head.take(&packet);
            self.run.take(&packet);
            self.has_untold |= packet.begins && self.head.programs.is_empty() && !self.head.is_table(packet.pid);
        }
        self.head.is_whole = self.at >= self.pages.size();
        Ok(bytes.len() >= length)
    }

    /// Goes over the packets that came before any table told of them; they were read already.
    fn read_again(&mut self) -> Result<(), Failure> {
        if self.head.programs.is_empty() {
            return Ok(());
        }
        if !std::mem::take(&mut self.has_untold) {
            return Ok(());
        }
        self.head.interrupt();
        let length = self.at.saturating_sub(self.layout.start) as usize;
        let Some(bytes) = affordable(self.pages.bytes(self.layout.start, length))? else { return Ok(()) };
        self.head.take_again(self.layout.packets(&bytes));
        self.head.interrupt();
        Ok(())
    }

    /// Goes over everything once more, and takes what is there for what it is.
    fn do_without_tables(&mut self) -> Result<(), Failure> {
        let length = self.at.saturating_sub(self.layout.start) as usize;
        if let Some(bytes) = affordable(self.pages.bytes(self.layout.start, length))? {
            tableless::find(&mut self.head, self.layout, &bytes);
        }
        Ok(())
    }

    /// Looks for tables and headers in so many bytes of the end.
    fn read_end(&mut self, length: u64) -> Result<(), Failure> {
        let Some(bytes) = affordable(self.layout.read_end(self.pages, length))? else { return Ok(()) };
        self.layout.packets(&bytes).for_each(|packet| self.head.take_later(&packet));
        self.head.interrupt();
        self.read_again()
    }

    /// Leaps over the run that what was read before a place ends in, and reads what follows; returns how far that was.
    /// `None` where there is no run, or it costs too much.
    fn leap(&mut self, place: u64) -> Result<Option<u64>, Failure> {
        let Run { pid, length } = self.run;
        // Where a recording begins between key frames, the run hides nothing that is not looked for packet by packet anyway.
        let is_told = self.head.streams.get(&pid).is_none_or(|stream| !stream.lacks_header());
        if length < RUN || !is_told {
            return Ok(None);
        }
        let stride = self.layout.stride as u64;
        let begin = place.saturating_sub(length as u64 * stride);
        let Some((within, behind)) = self.end_of_run(pid, begin, place)? else { return Ok(None) };
        let length = self.aligned(behind + BEHIND) - within;
        if !self.can_afford(length) {
            return Ok(None);
        }
        let Some(bytes) = affordable(self.pages.glance(within, length as usize))? else { return Ok(None) };
        self.latest_run = self
            .layout
            .packets(&bytes)
            .position(|packet| !goes_on(pid, &packet))
            .map(|packets| within + packets as u64 * stride - begin);
        self.run = Run::default();
        for packet in self.layout.packets(&bytes) {
            self.head.take(&packet);
            self.run.take(&packet);
        }
        self.head.interrupt();
        Ok(Some(within.saturating_add(length)))
    }

    /// Finds a place within a run and one behind it, near its end: where it would end if it were as long as the latest one,
    /// else in steps, and then by halves.
    fn end_of_run(&mut self, pid: u16, begin: u64, place: u64) -> Result<Option<(u64, u64)>, Failure> {
        let last = self.aligned(self.pages.size()).saturating_sub(END);
        let expected = self.latest_run.map_or(0, |length| begin + length);
        let around = [expected.saturating_sub(NEAR / 2), expected.saturating_add(NEAR / 2)];
        let mut likely = around.map(|at| self.aligned(at)).into_iter();
        let mut within = place;
        let mut behind = loop {
            let stepped = self.aligned(within.saturating_add(STEP));
            let next = likely.find(|&at| at > within).unwrap_or(stepped).min(last);
            if next <= within || next - place > LONGEST_LEAP {
                return Ok(None);
            }
            match self.is_within(pid, next)? {
                None => return Ok(None),
                Some(true) => within = next,
                Some(false) => break next,
            }
        };
        while behind - within > NEAR + self.layout.stride as u64 {
            let middle = self.aligned(within + (behind - within) / 2);
            match self.is_within(pid, middle)? {
                None => return Ok(None),
                Some(true) => within = middle,
                Some(false) => behind = middle,
            }
        }
        Ok(Some((within, behind)))
    }

    /// Whether the packets at a place go on with a stream; `None` where there are none, and when the budget is spent.
    fn is_within(&mut self, pid: u16, place: u64) -> Result<Option<bool>, Failure> {
        let length = GLANCE * self.layout.stride;
        if !self.can_afford(length as u64) {
            return Ok(None);
        }
        let Some(bytes) = affordable(self.pages.glance(place, length))? else { return Ok(None) };
        let mut packets = self.layout.packets(&bytes).peekable();
        Ok(packets.peek().is_some().then(|| packets.all(|packet| goes_on(pid, &packet))))
    }

    fn aligned(&self, place: u64) -> u64 {
        let stride = self.layout.stride as u64;
        self.layout.start + place.saturating_sub(self.layout.start) / stride * stride
    }

    /// Whether so many bytes more are what a healthy file may cost, or less than would be read without them.
    fn can_afford(&self, bytes: u64) -> bool {
        let (calls, bytes) = (self.pages.calls() + 1, self.pages.bytes_read() + bytes);
        // The last call is for the rest.
        (calls < HEALTHY_CALLS && bytes <= HEALTHY_BYTES)
            || (self.is_worth_more() && calls < LEAPING_CALLS && bytes <= LEAPING_BYTES)
    }

    /// Without tables or pictures there is little to say, and without sound not all that a plan needs. Pictures that have begun
    /// to come have a key frame sooner or later.
    fn is_worth_more(&self) -> bool {
        let lacks_much = self.head.lacks_tables() || self.head.lacks(Kind::Video);
        let read = self.read();
        (lacks_much && read < PATIENT)
            || (self.head.awaits_key_frame() && read < PATIENT_FOR_PICTURES)
            || (self.head.lacks(Kind::Audio) && read < PATIENT_FOR_SOUND)
    }

    /// How much is read at once when the budget is spent.
    fn farther(&self) -> usize {
        if self.read() < PATIENT { AT_ONCE_FARTHER } else { AT_ONCE_FAR_OUT }
    }

    fn read(&self) -> u64 {
        self.at - self.layout.start
    }

    /// Spends what is left of the budget: farther on for a picture, at the end for sound.
    fn spend_the_rest(&mut self) -> Result<(), Failure> {
        let left = HEALTHY_BYTES.saturating_sub(self.pages.bytes_read());
        if !(self.head.lacks_tables() || self.head.lacks(Kind::Video)) {
            return self.read_end(END + left);
        }
        self.pages.set_window(0);
        self.read_piece(left as usize)?;
        self.head.interrupt();
        self.read_again()
    }
}

/// Whether a packet is of the midst of a stream.
fn goes_on(pid: u16, packet: &Packet<'_>) -> bool {
    packet.pid == pid && !packet.begins
}

/// A budget that is spent ends looking, not reading.
fn affordable(bytes: Result<Vec<u8>, ReadError>) -> Result<Option<Vec<u8>>, Failure> {
    match bytes {
        Err(ReadError::BudgetSpent) => Ok(None),
        bytes => Ok(Some(bytes?)),
    }
}
