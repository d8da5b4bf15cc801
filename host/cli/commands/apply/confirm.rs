//! The question before something is removed or encoded.

use std::io::{self, BufRead, IsTerminal, Write};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use vpo::jobs::Cancellation;

use crate::render::plan::of;
use crate::render::summary::Counts;
use crate::render::{Mistake, Screen};

/// How soon a signal is noticed while a person thinks.
const LISTEN: Duration = Duration::from_millis(50);

/// What came of the question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    Yes,
    No,
    /// The program was asked to end before there was an answer.
    Interrupted,
}

/// Asks the person at the terminal; elsewhere `--yes` must have been said.
pub fn ask(counts: &Counts, cancel: &Cancellation, screen: &Screen) -> Result<Answer, Mistake> {
    let files = of(counts.removes_or_encodes, "file", "files");
    if !io::stdin().is_terminal() || screen.json {
        let message = format!("something would be removed or encoded in {files}");
        return Err(Mistake::misused("NOT_CONFIRMED", message).hint("look at it with --dry-run, then say --yes"));
    }
    let _ = write!(io::stderr(), "\nSomething is removed or encoded in {files}. Go on? [y/N] ");
    let Some(line) = hear(cancel) else {
        // What the person types next begins on a line of its own.
        screen.warn("");
        return Ok(Answer::Interrupted);
    };
    let is_yes = matches!(line.trim().to_lowercase().as_str(), "y" | "yes");
    Ok(if is_yes { Answer::Yes } else { Answer::No })
}

/// Waits for a line; `None` when the program is asked to end first.
fn hear(cancel: &Cancellation) -> Option<String> {
    let (to, said) = mpsc::channel();
    // A read goes on after a signal, so a thread does it that nobody waits for.
    thread::spawn(move || {
        let mut line = String::new();
        let _ = io::stdin().lock().read_line(&mut line);
        let _ = to.send(line);
    });
    loop {
        let line = said.recv_timeout(LISTEN);
        if cancel.is_requested() {
            return None;
        }
        match line {
            Ok(line) => return Some(line),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return Some(String::new()),
        }
    }
}
