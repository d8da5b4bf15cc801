//! What an apply came to, in words or as JSON.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;
use vpo::library::{ApplyReport, FileEnd, Obstacle, Outcome};
use vpo::media::text;

use super::Screen;
use super::facts::bytes;
use super::plan::of;

/// A line on the terminal while files are changed: how much is done in all, and how far each file is.
pub struct Drawn {
    bar: ProgressBar,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    files: usize,
    ended: usize,
    /// The files that tools are at work on, and how much of each is done, from 0 to 1.
    at_work: BTreeMap<PathBuf, f64>,
    /// Why files are offline, and how many.
    offline: BTreeMap<String, usize>,
}

/// Steps of the bar for each file.
const STEPS: f64 = 1000.0;

impl Drawn {
    pub fn new(screen: &Screen) -> Self {
        let bar = match screen.terminal && !screen.quiet && !screen.json {
            true => ProgressBar::new(0),
            false => ProgressBar::hidden(),
        };
        let style =
            ProgressStyle::with_template("{spinner} {percent:>3}% {wide_msg}").expect("the template is well formed");
        bar.set_style(style);
        Self { bar, state: Mutex::default() }
    }

    /// Hears how many files there are.
    pub fn begin(&self, files: usize) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.files = files;
        self.bar.set_length((files as f64 * STEPS) as u64);
        self.draw(&state);
    }

    /// Hears how far the tools are with a file.
    pub fn file(&self, path: &Path, done: f64) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.at_work.insert(path.to_owned(), done);
        self.draw(&state);
    }

    /// Tells how a file ended, above the line.
    pub fn ended(&self, end: &FileEnd, screen: &Screen, answers: &Mutex<Vec<FileEnd>>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.ended += 1;
        state.at_work.remove(&end.file);
        self.draw(&state);
        drop(state);
        if screen.json {
            answers.lock().unwrap_or_else(PoisonError::into_inner).push(end.clone());
            return;
        }
        if end.code.as_deref() == Some(Obstacle::OFFLINE) {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            *state.offline.entry(end.reason.clone()).or_default() += 1;
            return;
        }
        self.bar.suspend(|| tell(end, screen));
    }

    /// Takes the line away, and tells once of each disk that was offline.
    pub fn finish(&self, screen: &Screen) {
        self.bar.finish_and_clear();
        for (why, files) in &self.state.lock().unwrap_or_else(PoisonError::into_inner).offline {
            screen.warn(format!("failed   {}: {}", of(*files, "file", "files"), text::visible(why)));
        }
    }

    fn draw(&self, state: &State) {
        let done = state.ended as f64 + state.at_work.values().sum::<f64>();
        self.bar.set_position((done * STEPS) as u64);
        self.bar.set_message(in_words(state));
        self.bar.tick();
    }
}

/// `2 of 40 files; Alien.mkv 31 %, Heat.mkv 80 %`.
fn in_words(state: &State) -> String {
    let mut words = format!("{} of {} files", state.ended, state.files);
    for (place, (path, done)) in state.at_work.iter().enumerate() {
        let name = path.file_name().map(|name| text::path(name.as_ref())).unwrap_or_default();
        words.push_str(&format!("{} {name} {:.0} %", if place == 0 { ";" } else { "," }, done * 100.0));
    }
    words
}

fn tell(end: &FileEnd, screen: &Screen) {
    let word = match end.outcome {
        Outcome::Edited => "changed",
        Outcome::Undone => "undone",
        Outcome::Skipped => "skipped",
        Outcome::Failed => "failed",
        Outcome::Cancelled => return,
    };
    let mut line = format!("{word:8} {}", text::path(&end.file));
    if let Some(target) = &end.target {
        line.push_str(&format!(" → {}", text::path(target)));
    }
    line.push_str(&format!(": {}", text::visible(&end.reason)));
    match end.outcome {
        Outcome::Failed => screen.warn(line),
        Outcome::Skipped => screen.tell(line),
        _ if screen.quiet => {}
        _ => screen.report(line),
    }
    for warning in &end.warnings {
        screen.warn(format!("warning  {}: {}", text::path(&end.file), text::visible(warning)));
    }
}

/// Shows what an apply or undo came to.
pub fn show(report: &ApplyReport, files: Vec<FileEnd>, screen: &Screen) {
    if screen.json {
        screen.answer(&json!({
            "schema": 1,
            "job": report.job,
            "summary": {
                "edited": report.edited,
                "skipped": report.skipped,
                "failed": report.failed,
                "cancelled": report.cancelled,
                "bytes": report.bytes,
            },
            "files": files,
        }));
        return;
    }
    settled(report, screen);
    if screen.quiet && report.failed + report.cancelled == 0 {
        return;
    }
    let done = if report.undone > 0 { "undone" } else { "changed" };
    let mut words = format!("{} {done}, {} skipped, {} failed", report.edited, report.skipped, report.failed);
    if report.cancelled > 0 {
        words.push_str(&format!(", {} not begun or abandoned", report.cancelled));
    }
    screen.say(format!("{words}; {} written", bytes(report.bytes)));
    screen.say(format!("  job {}", &report.job[..8.min(report.job.len())]));
}

/// Tells what became of changes that were interrupted earlier.
fn settled(report: &ApplyReport, screen: &Screen) {
    use vpo::apply::Outcome;
    for settled in &report.settled {
        let what = match settled.outcome {
            Outcome::Abandoned => "was interrupted while it was changed; the original is there as it was",
            Outcome::Completed => "was interrupted at the end of its change; the change is complete",
            Outcome::Missing => "was interrupted while it was changed, and is not there now",
            Outcome::Postponed => {
                "was interrupted while it was changed; its folder is empty or gone, so it waits for its disk"
            }
        };
        screen.tell(format!("note: {} {what}", text::path(&settled.path)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_at_work_is_told_with_how_far_it_is() {
        let at_work = [("/films/Alien.mkv", 0.314), ("/films/Heat.mkv", 0.8)];
        let at_work = at_work.into_iter().map(|(path, done)| (PathBuf::from(path), done)).collect();

        assert_eq!(
            in_words(&State { files: 40, ended: 2, at_work, ..State::default() }),
            "2 of 40 files; Alien.mkv 31 %, Heat.mkv 80 %"
        );
    }
}
