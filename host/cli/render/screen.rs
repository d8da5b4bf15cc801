//! Where answers and tellings go: stdout is the answer, stderr is the telling.

use std::io::{self, IsTerminal, Write};

use serde::Serialize;

use crate::args::{Color, Global};

/// How this run of the program talks.
pub struct Screen {
    /// Answers are JSON.
    pub json: bool,
    /// Only the answer is said.
    pub quiet: bool,
    /// One line for each file, and the like.
    pub verbose: bool,
    /// Colours on stdout.
    pub color: bool,
    /// Colours on stderr.
    pub telling_color: bool,
    /// stderr is a terminal, so that progress can be drawn there.
    pub terminal: bool,
}

impl Screen {
    pub fn new(global: &Global) -> Self {
        Self {
            json: global.json,
            quiet: global.quiet,
            verbose: global.verbose,
            color: has_color(global.color, &io::stdout()),
            telling_color: has_color(global.color, &io::stderr()),
            terminal: io::stderr().is_terminal(),
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

    fn write(&self, text: &str) {
        if let Err(cause) = writeln!(io::stdout(), "{text}")
            && cause.kind() == io::ErrorKind::BrokenPipe
        {
            std::process::exit(0);
        }
    }
}

fn has_color(wanted: Color, stream: &impl IsTerminal) -> bool {
    match wanted {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => stream.is_terminal(),
    }
}
