//! What an apply came to, in words or as JSON.

use std::sync::Mutex;

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;
use vpo::library::{ApplyReport, FileEnd, Outcome};
use vpo::media::text;

use super::Screen;
use super::facts::bytes;

/// A line on the terminal while files are changed.
pub struct Drawn {
    bar: ProgressBar,
}

impl Drawn {
    pub fn new(files: usize, screen: &Screen) -> Self {
        let bar = match screen.terminal && !screen.quiet && !screen.json {
            true => ProgressBar::new(files as u64 * 100),
            false => ProgressBar::hidden(),
        };
        let style =
            ProgressStyle::with_template("{spinner} {percent:>3}% {wide_msg}").expect("the template is well formed");
        bar.set_style(style);
        Self { bar }
    }

    pub fn file(&self, path: &std::path::Path, done: f64) {
        let name = path.file_name().map(|name| text::path(name.as_ref())).unwrap_or_default();
        self.bar.set_message(format!("{name} {:.0}%", done * 100.0));
        self.bar.tick();
    }

    /// Tells how a file ended, above the line.
    pub fn ended(&self, end: &FileEnd, screen: &Screen, answers: &Mutex<Vec<FileEnd>>) {
        self.bar.inc(100);
        if screen.json {
            answers.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(end.clone());
            return;
        }
        self.bar.suspend(|| tell(end, screen));
    }

    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
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
    if matches!(end.outcome, Outcome::Failed | Outcome::Skipped) {
        screen.tell(line)
    } else {
        screen.say(line)
    }
    for warning in &end.warnings {
        screen.tell(format!("warning  {}: {}", text::path(&end.file), text::visible(warning)));
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
    let mut words = format!("{} changed, {} skipped, {} failed", report.edited, report.skipped, report.failed);
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
            Outcome::Postponed => "was interrupted while it was changed, and its folder is not there now",
        };
        screen.tell(format!("note: {} {what}", text::path(&settled.path)));
    }
}
