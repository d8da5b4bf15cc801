//! The end of the file: the last times, for the duration.

use std::collections::BTreeMap;

use vpo_codecs::{aac, mpeg_audio};
use vpo_plugin_sdk::introspector::Failure;
use vpo_reading::{Media, Pages, ReadError};

use crate::budget::{END, HEALTHY_BYTES};
use crate::head::Head;
use crate::names::Kind;
use crate::packets::Layout;
use crate::pes;
use crate::stream::Stream;

/// How much is looked at where there is no time of anything in what a healthy file may cost: a last picture that is longer.
const FARTHER: [u64; 3] = [128 << 10, 384 << 10, 1 << 20];
/// From here on the time of any stream, or of the clock, is exact enough: they end within a second of each other.
const LONG: u64 = 600 * TICKS_PER_SECOND;
const TICKS_PER_SECOND: u64 = 90_000;
/// A file with fewer bits per second is not a film; its times belong to two recordings.
const SLOWEST: u64 = 1000;

/// Duration in nanoseconds of the longest program: from the earliest time of any of its streams to the end of its latest
/// picture or sound; clock references where there are no times. `None` where times do not hang together.
pub fn duration<M: Media + ?Sized>(
    pages: &mut Pages<'_, M>,
    layout: &Layout,
    head: &mut Head,
) -> Result<Option<u64>, Failure> {
    let firsts = firsts(head);
    let has_pictures = head.streams.values().any(|stream| stream.kind == Kind::Video && stream.first_time.is_some());
    // What is left of the budget is looked at for the time of a picture, which is exact.
    let within = END + HEALTHY_BYTES.saturating_sub(pages.bytes_read() + END);
    for length in [END, within].into_iter().chain(FARTHER) {
        let bytes = match layout.read_end(pages, length) {
            Err(ReadError::BudgetSpent) => return Ok(None),
            bytes => bytes?,
        };
        take_steps(layout, &bytes, head);
        let is_last = length >= within || length >= pages.size();
        let shown = shown(layout, &bytes, head, &firsts);
        let is_complete = shown.pictures > 0 || (!has_pictures && shown.sounds > 0);
        // The clock begins before the first picture, but not as far as it ends before the last.
        let clocked = if is_complete { None } else { clocked(layout, &bytes, head) };
        let ticks = [Some(shown.pictures), Some(shown.sounds), clocked]
            .into_iter()
            .flatten()
            .filter(|&ticks| ticks > 0 && ticks < pes::WRAP / 2)
            .max();
        let lacks_rate = head.streams.values().any(Stream::lacks_rate);
        let is_exact = !lacks_rate && is_complete;
        if let Some(ticks) = ticks.filter(|&ticks| is_exact || length > END || is_last || (ticks > LONG && !lacks_rate))
        {
            return Ok(credible(ticks, pages.size()));
        }
        if length >= pages.size() {
            break;
        }
    }
    Ok(None)
}

/// Where the beginning did not tell how far apart pictures are, the end does.
fn take_steps(layout: &Layout, bytes: &[u8], head: &mut Head) {
    if !head.streams.values().any(Stream::lacks_rate) {
        return;
    }
    for packet in layout.packets(bytes).filter(|packet| packet.begins) {
        let stream = head.streams.get_mut(&packet.pid).filter(|stream| stream.lacks_rate());
        if let (Some(stream), Some((Some(time), _))) = (stream, pes::open(packet.payload)) {
            stream.take_step(time);
        }
    }
}

/// When the program of each stream begins; every program has a clock of its own.
fn firsts(head: &Head) -> BTreeMap<u16, u64> {
    let mut firsts = BTreeMap::new();
    for program in &head.programs {
        let streams = program.streams.iter().filter_map(|entry| head.streams.get(&entry.pid));
        let times = streams.filter(|stream| stream.kind != Kind::Subtitle).filter_map(|stream| stream.first_time);
        let Some(first) = earliest(times) else { continue };
        for entry in &program.streams {
            firsts.entry(entry.pid).or_insert(first);
        }
    }
    firsts
}

fn earliest(times: impl Iterator<Item = u64>) -> Option<u64> {
    times.reduce(|first, time| if pes::ticks_between(time, first) < pes::WRAP / 2 { time } else { first })
}

/// Ticks from the first time of a program to the ends of what is shown and heard last; zero where there is nothing.
#[derive(Debug, Default)]
struct Shown {
    pictures: u64,
    sounds: u64,
}

fn shown(layout: &Layout, bytes: &[u8], head: &Head, firsts: &BTreeMap<u16, u64>) -> Shown {
    let mut shown = Shown::default();
    // What each stream of sound begins to play last: when, and its content.
    let mut last_sounds: BTreeMap<u16, (u64, Vec<u8>)> = BTreeMap::new();
    for packet in layout.packets(bytes) {
        let (Some(stream), Some(&first)) = (head.streams.get(&packet.pid), firsts.get(&packet.pid)) else { continue };
        if !packet.begins {
            if let Some((_, content)) = last_sounds.get_mut(&packet.pid) {
                content.extend_from_slice(packet.payload);
            }
            continue;
        }
        let Some((Some(time), content)) = pes::open(packet.payload) else { continue };
        let one_picture = stream
            .frame_rate()
            .and_then(|rate| (TICKS_PER_SECOND * u64::from(rate.denominator)).checked_div(rate.numerator.into()));
        let end = pes::ticks_between(first, time).saturating_add(one_picture.unwrap_or(0));
        match stream.kind {
            // A step back is of another recording.
            _ if end > pes::WRAP / 2 => {}
            Kind::Video => shown.pictures = shown.pictures.max(end),
            Kind::Audio => drop(last_sounds.insert(packet.pid, (end, content.to_vec()))),
            Kind::Subtitle | Kind::Other => {}
        }
    }
    for (pid, (start, content)) in last_sounds {
        let length = head.streams.get(&pid).and_then(|stream| length(stream, &content)).unwrap_or(0);
        shown.sounds = shown.sounds.max(start.saturating_add(length));
    }
    shown
}

/// Ticks that the content of a packet of sound lasts, where that can be told without decoding it.
fn length(stream: &Stream, content: &[u8]) -> Option<u64> {
    let sound = stream.sound.as_ref()?;
    let samples = match stream.codec {
        "aac" => samples(content, aac::frame_length, |_| Some(1024)),
        "mp1" | "mp2" | "mp3" => samples(content, mpeg_audio::frame_length, mpeg_audio::frame_samples),
        _ => 0,
    };
    if samples > 0 {
        return (TICKS_PER_SECOND * samples).checked_div(sound.sample_rate?.into());
    }
    // A packet holds about a second at most; more is a rate that changes.
    let ticks = (TICKS_PER_SECOND * 8 * content.len() as u64).checked_div(sound.bit_rate?)?;
    Some(ticks).filter(|&ticks| ticks <= TICKS_PER_SECOND)
}

/// Samples in frames that follow one another from the beginning on.
fn samples(content: &[u8], length: fn(&[u8]) -> Option<usize>, of_frame: fn(&[u8]) -> Option<u64>) -> u64 {
    let (mut samples, mut rest) = (0, content);
    while let (Some(length), Some(frame)) = (length(rest), of_frame(rest)) {
        samples += frame;
        rest = rest.get(length..).unwrap_or_default();
    }
    samples
}

/// Ticks from the first to the last clock reference of one PID.
fn clocked(layout: &Layout, bytes: &[u8], head: &Head) -> Option<u64> {
    let last = layout.packets(bytes).filter_map(|packet| Some((packet.pid, packet.clock?)));
    last.filter_map(|(pid, clock)| Some(pes::ticks_between(*head.clocks.get(&pid)?, clock))).last()
}

fn credible(ticks: u64, size: u64) -> Option<u64> {
    let nanoseconds = u128::from(ticks) * 1_000_000_000 / u128::from(TICKS_PER_SECOND);
    let bits = u128::from(size) * 8;
    let is_slow = bits * u128::from(TICKS_PER_SECOND) < u128::from(ticks) * u128::from(SLOWEST);
    // More than half of all times there are is a step back, not a long film.
    let is_back = ticks > pes::WRAP / 2;
    u64::try_from(nanoseconds).ok().filter(|&nanoseconds| nanoseconds > 0 && !is_slow && !is_back)
}
