//! A policy that does whatever harm its option asks for: `behave "loop"`; to all files, or to those of a name only.

use std::cell::Cell;
use std::hint::black_box;

use vpo_plugin_sdk::facts::{Facts, TrackDetails};
use vpo_plugin_sdk::options::{Choice, Options};
use vpo_plugin_sdk::policy::{Action, Context, Failure, Reason, Step, Verdict};
use vpo_plugin_sdk::types::{Entry, Value};
use vpo_plugin_sdk::{Plugin, Policy, log, policy_plugin};

/// The plugin.
pub struct Unruly;

#[derive(Options)]
pub struct UnrulyOptions {
    /// What to do.
    #[child]
    behave: Behave,
}

#[derive(Options)]
struct Behave {
    /// What to do.
    #[argument]
    how: How,
    /// Only to files whose names begin like this; the others get a title.
    #[property]
    to: Option<String>,
}

#[derive(Choice, Clone, Copy, PartialEq)]
enum How {
    /// As one should.
    Well,
    /// Never returns.
    Loop,
    /// Asks for memory until there is none.
    Memory,
    /// Panics.
    Panic,
    /// Calls itself without end.
    Stack,
    /// Returns a million steps.
    Steps,
    /// Returns megabytes of text.
    Text,
    /// Returns escape codes and text that runs backwards.
    Escapes,
    /// Names a track that is not there.
    UnknownTrack,
    /// Removes every soundtrack.
    Mute,
    /// Removes every picture.
    Blind,
    /// Orders tracks so that one stands twice.
    Twice,
    /// Removes the tracks that the file before had.
    OtherTracks,
    /// Takes memory page by page, and works on when there is none.
    Grow,
    /// Gives a title of a megabyte.
    LongTitle,
    /// Gives a hundred thousand inputs as its reason.
    Inputs,
    /// Moves the file out of the library.
    Escape,
    /// Writes a hundred thousand lines to the log.
    Chatter,
    /// Wants another title whatever the title is.
    Restless,
    /// Wants the file in another folder, under another title.
    Move,
    /// Answers otherwise when it is asked again.
    Moody,
}

impl Plugin for Unruly {
    const NAME: &str = "unruly-policy";
    const VERSION: &str = env!("CARGO_PKG_VERSION");
    const SUMMARY: &str = "Does whatever harm it is asked for.";
    type Options = UnrulyOptions;
}

thread_local! {
    static ASKED: Cell<u32> = const { Cell::new(0) };
    static TRACKS_BEFORE: Cell<u32> = const { Cell::new(0) };
}

impl Policy for Unruly {
    fn evaluate(options: &UnrulyOptions, context: &Context, facts: &Facts) -> Result<Verdict, Failure> {
        let tracks_before = TRACKS_BEFORE.replace(facts.tracks.len() as u32);
        if options.behave.to.as_ref().is_some_and(|name| !context.file_name.starts_with(name)) {
            return verdict(vec![set_title("well behaved", "this file is left in peace")]);
        }
        match options.behave.how {
            How::Well => verdict(vec![]),
            How::Loop => loop {
                black_box(0);
            },
            How::Memory => {
                let mut hoard = Vec::new();
                loop {
                    hoard.push(black_box(vec![1u8; 1 << 20]));
                }
            }
            How::Panic => panic!("\u{1b}[31mnot today\u{1b}[0m"),
            How::Stack => verdict(vec![set_title(&deep(1).to_string(), "deep")]),
            How::Steps => verdict((0..1_000_000).map(|_| set_title("many", "many")).collect()),
            How::Text => verdict(vec![set_title(&"x".repeat(8 << 20), &"because ".repeat(1 << 20))]),
            How::Escapes => {
                verdict(vec![set_title("\u{1b}]0;owned\u{7}Title", "\u{1b}[2J\u{202e}sdrawkcab\nnext line")])
            }
            How::UnknownTrack => verdict(vec![step(Action::RemoveTrack(999), "it is not there")]),
            How::Mute => verdict(without(facts, |details| matches!(details, TrackDetails::Audio(_)))),
            How::Blind => verdict(without(facts, |details| matches!(details, TrackDetails::Video(_)))),
            How::Twice => {
                let tracks = facts.tracks.iter().map(|_| 0).collect();
                verdict(vec![step(Action::Reorder(tracks), "one track is enough")])
            }
            How::OtherTracks => {
                let step = |track| step(Action::RemoveTrack(track), "the file before had it");
                verdict((facts.tracks.len() as u32..tracks_before.max(99)).map(step).collect())
            }
            How::Grow => {
                let mut hoard = Vec::new();
                loop {
                    let mut page = Vec::new();
                    match page.try_reserve_exact(1 << 16) {
                        Ok(()) => hoard.push(black_box(page)),
                        Err(_) => panic!("no more pages after {}", hoard.len()),
                    }
                    hoard.last_mut().expect("one was just put in").resize(1 << 16, 1u8);
                }
            }
            How::LongTitle => verdict(vec![set_title(&"x".repeat(1 << 20), "long")]),
            How::Inputs => {
                let input = Entry { name: "input".into(), value: Value::Text("a".into()) };
                let reason = Reason { text: "many".into(), node: Some(999), inputs: vec![input; 100_000] };
                verdict(vec![Step { action: Action::SetTitle(Some("many".into())), reason }])
            }
            How::Escape => verdict(vec![step(Action::MoveFile("../../outside.mkv".into()), "out of here")]),
            How::Chatter => {
                for number in 0..100_000 {
                    let fields = [Entry { name: "number".into(), value: Value::Integer(number) }];
                    log::write(log::Level::Warn, "\u{1b}[31mlisten", &fields);
                }
                verdict(vec![])
            }
            How::Restless => {
                let title = if facts.title.as_deref() == Some("tic") { "tac" } else { "tic" };
                verdict(vec![set_title(title, "it never rests")])
            }
            How::Move => {
                let there = Action::MoveFile("elsewhere/Moved.mkv".into());
                verdict(vec![step(there, "it belongs there"), set_title("Moved", "it is elsewhere")])
            }
            How::Moody => {
                let times = ASKED.with(|asked| asked.replace(asked.get() + 1));
                verdict(if times == 0 { vec![] } else { vec![set_title(&format!("mood {times}"), "in the mood")] })
            }
        }
    }
}

fn verdict(steps: Vec<Step>) -> Result<Verdict, Failure> {
    Ok(Verdict { steps, left_alone: vec![], warnings: vec![], stop: None, extra: vec![] })
}

/// Steps that remove what is of a kind.
fn without(facts: &Facts, is_doomed: impl Fn(&TrackDetails) -> bool) -> Vec<Step> {
    let doomed = facts.tracks.iter().filter(|track| is_doomed(&track.details));
    doomed.map(|track| step(Action::RemoveTrack(track.id), "nobody needs it")).collect()
}

fn set_title(title: &str, why: &str) -> Step {
    step(Action::SetTitle(Some(title.into())), why)
}

fn step(action: Action, why: &str) -> Step {
    Step { action, reason: Reason { text: why.into(), node: None, inputs: vec![] } }
}

/// Keeps nothing in memory, so that it is the stack of calls that ends.
#[inline(never)]
fn deep(level: u64) -> u64 {
    if level == u64::MAX { 0 } else { deep(level + 1).rotate_left(3) ^ level }
}

policy_plugin!(Unruly);
