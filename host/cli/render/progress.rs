//! How far a scan is, while it runs: a line on a terminal, plain lines or JSON when asked for, else silence.

use std::io::{self, Write};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle as BarStyle};
use serde_json::json;
use vpo::scan::{Phase, Progress};

use super::Screen;
use crate::commands::scan::ProgressStyle;

/// How often a line is drawn, and how often one is printed.
const DRAWN: Duration = Duration::from_millis(100);
const PRINTED: Duration = Duration::from_secs(1);

/// Tells the progress of some work while it is done.
pub fn during<T: Send>(
    counts: &Progress,
    style: Option<ProgressStyle>,
    screen: &Screen,
    work: impl FnOnce() -> T + Send,
) -> T {
    let style = match style {
        Some(style) => style,
        None if screen.terminal && !screen.quiet => ProgressStyle::Bar,
        None => ProgressStyle::None,
    };
    if style == ProgressStyle::None {
        return work();
    }
    thread::scope(|scope| {
        let (done, is_done) = mpsc::channel::<()>();
        scope.spawn(move || match style {
            ProgressStyle::Bar => draw(counts, &is_done),
            _ => print(counts, style, &is_done),
        });
        let answer = work();
        drop(done);
        answer
    })
}

fn draw(counts: &Progress, is_done: &mpsc::Receiver<()>) {
    let begun = Instant::now();
    let bar = ProgressBar::new_spinner()
        .with_style(BarStyle::with_template("{spinner} {msg}").expect("the template is well formed"));
    while is_done.recv_timeout(DRAWN) == Err(RecvTimeoutError::Timeout) {
        bar.set_message(words(counts, begun.elapsed()));
        bar.tick();
    }
    bar.finish_and_clear();
}

fn print(counts: &Progress, style: ProgressStyle, is_done: &mpsc::Receiver<()>) {
    let begun = Instant::now();
    let mut is_running = true;
    // What is told last is how it was at the end.
    while is_running {
        is_running = is_done.recv_timeout(PRINTED) == Err(RecvTimeoutError::Timeout);
        if style == ProgressStyle::Json {
            let summary = counts.summary();
            let line = json!({
                    "phase": counts.phase().name(),
                    "summary": summary,
                    "expected": counts.expected.get(),
                    "seconds": begun.elapsed().as_secs_f64(),
                    "seconds_left": seconds_left(counts, begun.elapsed()),
            });
            let _ = writeln!(io::stderr(), "{line}");
        } else {
            let _ = writeln!(io::stderr(), "{}", words(counts, begun.elapsed()));
        }
    }
}

/// Phase, counts, rate and the time left.
fn words(counts: &Progress, elapsed: Duration) -> String {
    let mut words = format!("{}: {} found", counts.phase().name(), counts.discovered.get());
    let to_read = counts.to_read.get();
    if to_read > 0 {
        words.push_str(&format!(", {} of {to_read} read", counts.read.get()));
    }
    words.push_str(&format!(", {:.0} files/s", rate(counts, elapsed)));
    if let Some(left) = seconds_left(counts, elapsed) {
        words.push_str(&format!(", about {left:.0} s left"));
    }
    words
}

/// Files that are done.
fn done(counts: &Progress) -> u64 {
    counts.skipped.get() + counts.scanned.get() + counts.errors.get()
}

fn rate(counts: &Progress, elapsed: Duration) -> f64 {
    done(counts) as f64 / elapsed.as_secs_f64().max(0.001)
}

/// While folders are walked, what the last scan saw tells how much there is; later, what was found.
fn seconds_left(counts: &Progress, elapsed: Duration) -> Option<f64> {
    let (discovered, expected) = (counts.discovered.get(), counts.expected.get());
    let total = match counts.phase() {
        Phase::Walking if expected > 0 => discovered.max(expected),
        Phase::Reading => discovered,
        _ => return None,
    };
    let rate = rate(counts, elapsed);
    (rate > 0.0).then(|| total.saturating_sub(done(counts)) as f64 / rate)
}
