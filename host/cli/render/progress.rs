//! How far a scan is, while it runs: a line on a terminal, plain lines or JSON when asked for, else silence.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle as BarStyle};
use serde_json::json;
use vpo::scan::Progress;

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
    while is_done.recv_timeout(PRINTED) == Err(RecvTimeoutError::Timeout) {
        if style == ProgressStyle::Json {
            let summary = counts.summary();
            eprintln!(
                "{}",
                json!({
                    "phase": counts.phase().name(),
                    "summary": summary,
                    "expected": counts.expected.get(),
                    "seconds": begun.elapsed().as_secs_f64(),
                })
            );
        } else {
            eprintln!("{}", words(counts, begun.elapsed()));
        }
    }
}

/// Phase, counts, rate and, from what the last scan found, the time left.
fn words(counts: &Progress, elapsed: Duration) -> String {
    let (discovered, expected) = (counts.discovered.get(), counts.expected.get());
    let done = counts.skipped.get() + counts.scanned.get() + counts.errors.get();
    let rate = done as f64 / elapsed.as_secs_f64().max(0.001);
    let mut words = format!("{}: {discovered} found", counts.phase().name());
    let to_read = counts.to_read.get();
    if to_read > 0 {
        words.push_str(&format!(", {} of {to_read} read", counts.scanned.get() + counts.errors.get()));
    }
    words.push_str(&format!(", {rate:.0} files/s"));
    if expected > discovered && rate > 0.0 {
        let left = (expected - done.min(expected)) as f64 / rate;
        words.push_str(&format!(", about {left:.0} s left"));
    }
    words
}
