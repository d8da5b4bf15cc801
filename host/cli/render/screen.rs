//! Where answers and tellings go: stdout is the answer, stderr is the telling.

use std::io::{self, IsTerminal, Write};
use std::sync::OnceLock;

use serde::Serialize;

use crate::args::{Color, Global};

/// What the environment says of who reads.
#[derive(Debug, Clone, Copy, Default)]
pub struct Surroundings {
    /// Columns that somebody asked for, terminal or not.
    pub columns: Option<usize>,
    /// No colours are wanted (no-color.org).
    pub no_color: bool,
    /// The terminal shows letters and nothing else.
    pub is_dumb: bool,
}

/// How this run of the program talks.
pub struct Screen {
    /// Answers are JSON.
    pub json: bool,
    /// Only the answer is said, and what went wrong.
    pub quiet: bool,
    /// One line for each file, and the like.
    pub verbose: bool,
    /// Colours on stdout.
    pub color: bool,
    /// Columns that there are for the answer; `None` is room for lines of any length.
    pub width: Option<usize>,
    /// Colours on stderr.
    pub telling_color: bool,
    /// stderr is a terminal that can move back in a line, so that progress can be drawn there.
    pub terminal: bool,
    /// Why a part of the answer could not be written.
    unsaid: OnceLock<io::Error>,
}

impl Screen {
    pub fn new(global: &Global, around: &Surroundings) -> Self {
        let has_color = |is_terminal: bool| match global.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => is_terminal && !around.no_color && !around.is_dumb,
        };
        Self {
            json: global.json,
            quiet: global.quiet,
            verbose: global.verbose,
            color: has_color(io::stdout().is_terminal()),
            width: around.columns.or_else(columns_of_terminal),
            telling_color: has_color(io::stderr().is_terminal()),
            terminal: io::stderr().is_terminal() && !around.is_dumb,
            unsaid: OnceLock::new(),
        }
    }

    /// Prints a line of the answer. A closed pipe ends the program quietly, as people who pipe into `head` expect.
    pub fn say(&self, line: impl AsRef<str>) {
        self.write(line.as_ref());
    }

    /// Prints a part of the answer that has its line ends already.
    pub fn say_as_is(&self, text: impl AsRef<str>) {
        let text = text.as_ref();
        if !text.is_empty() {
            self.write(text.strip_suffix('\n').unwrap_or(text));
        }
    }

    /// Prints a line about work that is under way, which goes on whether or not anybody listens.
    pub fn report(&self, line: impl AsRef<str>) {
        let _ = self.try_write(line.as_ref());
    }

    /// Prints the answer as JSON.
    pub fn answer<T: Serialize>(&self, answer: &T) {
        let text = serde_json::to_string_pretty(answer).expect("answers are plain data");
        self.write(&text);
    }

    /// Tells something on stderr, unless quiet.
    pub fn tell(&self, line: impl AsRef<str>) {
        if !self.quiet {
            let _ = writeln!(io::stderr(), "{}", line.as_ref());
        }
    }

    /// Tells that something went wrong, quiet or not.
    pub fn warn(&self, line: impl AsRef<str>) {
        let _ = writeln!(io::stderr(), "{}", line.as_ref());
    }

    /// Why a part of the answer could not be written, such as a full disk.
    pub fn unsaid(&self) -> Option<&io::Error> {
        self.unsaid.get()
    }

    fn write(&self, text: &str) {
        if self.try_write(text).is_err_and(|kind| kind == io::ErrorKind::BrokenPipe) {
            std::process::exit(0);
        }
    }

    fn try_write(&self, text: &str) -> Result<(), io::ErrorKind> {
        writeln!(io::stdout(), "{text}").map_err(|cause| {
            let kind = cause.kind();
            if kind != io::ErrorKind::BrokenPipe {
                let _ = self.unsaid.set(cause);
            }
            kind
        })
    }
}

/// Columns of the terminal that stdout is. Some do not know how many they have, and say zero.
fn columns_of_terminal() -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(io::stdout()).ok()?;
    Some(usize::from(size.ws_col)).filter(|columns| *columns > 0)
}
