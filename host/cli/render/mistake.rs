//! What went wrong, in words: the only place that says `error:`, and the only one that knows exit codes.

use std::error::Error;
use std::process::ExitCode;

use serde_json::{Value, json};

use vpo::kdl_read::Mistakes;

use super::{Screen, mistakes};

/// How the program ends; documented and stable. When several things were done, the gravest end counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// 0: all well.
    Fine,
    /// 1: some files failed.
    SomeFailed,
    /// 2: fatal, or misused: settings, profile, plugin, database, permission.
    Fatal,
    /// 3: a breaker held; a person should look.
    NeedsReview,
    /// 130: interrupted.
    Interrupted,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(match exit {
            Exit::Fine => 0,
            Exit::SomeFailed => 1,
            Exit::Fatal => 2,
            Exit::NeedsReview => 3,
            Exit::Interrupted => 130,
        })
    }
}

/// A failure as a person or a program is told it.
#[derive(Debug)]
pub struct Mistake {
    /// For programs: stable, upper-case with underscores.
    pub code: &'static str,
    /// A lower-case fragment without full stop.
    pub message: String,
    pub causes: Vec<String>,
    /// What to do next.
    pub hint: Option<String>,
    /// More for people: written as it is below the message (such as a drawn excerpt of a profile).
    pub exhibit: Option<String>,
    /// What is wrong in a text that a person wrote; drawn into the text below the message.
    pub slips: Option<Box<Mistakes>>,
    /// More for programs.
    pub details: Value,
    pub exit: Exit,
}

impl Mistake {
    /// Something that cannot go on: exit 2.
    pub fn misused(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            causes: Vec::new(),
            hint: None,
            exhibit: None,
            slips: None,
            details: json!({}),
            exit: Exit::Fatal,
        }
    }

    /// The same for an error of the library, with all its causes.
    pub fn because(code: &'static str, error: &(dyn Error + 'static)) -> Self {
        let mut mistake = Self::misused(code, error.to_string());
        if let Some(source) = error.source() {
            mistake = mistake.caused_by(source);
        }
        mistake
    }

    /// The answer could not be written.
    pub fn untold(cause: &std::io::Error) -> Self {
        Self::misused("CANNOT_TELL", "the answer could not be written").caused_by(cause)
    }

    /// Adds a cause and the causes behind it.
    pub fn caused_by(mut self, cause: &dyn Error) -> Self {
        self.causes.push(cause.to_string());
        let mut next = cause.source();
        while let Some(cause) = next {
            self.causes.push(cause.to_string());
            next = cause.source();
        }
        self
    }

    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    pub fn details(mut self, details: Value) -> Self {
        self.details = details;
        self
    }
}

/// Tells a mistake: words on stderr, or one JSON object on stdout under `--json`, as long as stdout takes it.
pub fn show(mistake: &Mistake, screen: &Screen) {
    if screen.json && screen.unsaid().is_none() {
        let mut message = mistake.message.clone();
        for cause in &mistake.causes {
            message = format!("{message}: {cause}");
        }
        screen.answer(&json!({
            "error": true,
            "code": mistake.code,
            "message": message,
            "hint": mistake.hint,
            "details": mistake.details,
        }));
        return;
    }
    screen.warn(format!("error: {}", mistake.message));
    for cause in &mistake.causes {
        screen.warn(format!("  cause: {cause}"));
    }
    if let Some(exhibit) = &mistake.exhibit {
        screen.warn(exhibit);
    }
    if let Some(slips) = &mistake.slips {
        screen.warn(mistakes::draw(slips, screen.telling_color));
    }
    if let Some(hint) = &mistake.hint {
        screen.warn(format!("  hint: {hint}"));
    }
}

/// Joins an error and its causes into one line.
pub fn with_causes(error: &dyn Error) -> String {
    let mut said = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        said.push_str(": ");
        said.push_str(&cause.to_string());
        next = cause.source();
    }
    said
}
