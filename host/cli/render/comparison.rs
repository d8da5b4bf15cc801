//! What two sides would do with the same files: first what differs in all, then file by file.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufWriter, Seek, Write};

use serde_json::json;
use vpo::disk::path_text;
use vpo::library::PlannedFile;
use vpo::media::text;
use vpo::plan::{Action, ActionKind};

use super::Screen;
use super::plan::{in_words, of};

/// A comparison that is being told.
pub struct Comparison<'a> {
    screen: &'a Screen,
    names: [String; 2],
    files: usize,
    differing: usize,
    refused: [usize; 2],
    /// How many steps of a kind each side would do in files that differ.
    steps: BTreeMap<ActionKind, [usize; 2]>,
    /// What people read, until it is known what differs in all.
    words: BufWriter<File>,
}

impl<'a> Comparison<'a> {
    pub fn begin(names: [String; 2], screen: &'a Screen) -> io::Result<Self> {
        let words = BufWriter::new(tempfile::tempfile()?);
        if screen.json {
            write!(io::stdout(), "[")?;
        }
        Ok(Self { screen, names, files: 0, differing: 0, refused: [0, 0], steps: BTreeMap::new(), words })
    }

    /// Takes the next file as both sides would treat it.
    pub fn add(&mut self, ours: &PlannedFile, theirs: &PlannedFile) -> io::Result<()> {
        self.files += 1;
        if is_same(ours, theirs) {
            return Ok(());
        }
        self.differing += 1;
        for (side, planned) in [ours, theirs].into_iter().enumerate() {
            self.refused[side] += usize::from(planned.refused.is_some());
            for action in planned.plan.actions() {
                self.steps.entry(action.kind()).or_default()[side] += 1;
            }
        }
        if !self.screen.json {
            return self.words.write_all(difference_in_words(ours, theirs).as_bytes());
        }
        let side = |planned: &PlannedFile| {
            json!({
                "steps": planned.plan.steps,
                "refused": planned.refused,
                "warnings": planned.plan.warnings,
                "stopped": planned.plan.stopped,
            })
        };
        let row = json!({ "file": path_text::write(&ours.file), "profile": side(ours), "against": side(theirs) });
        write!(io::stdout(), "{}\n  {row}", if self.differing == 1 { "" } else { "," })
    }

    /// Tells what differs in all.
    pub fn finish(self) -> io::Result<()> {
        if self.screen.json {
            return writeln!(io::stdout(), "{}]", if self.differing == 0 { "" } else { "\n" });
        }
        let Self { screen, names: [ours, theirs], files, differing, refused, steps, words } = self;
        if differing == 0 {
            screen.say(format!("{ours} and {theirs} would treat {} alike", of(files, "file", "files")));
            return Ok(());
        }
        screen.say(format!("{differing} of {} would be treated differently", of(files, "file", "files")));
        screen.say(format!("  - {ours}\n  + {theirs}"));
        for (kind, [before, after]) in steps {
            screen.say(format!("  {:18} - {before}, + {after}", kind.name()));
        }
        if refused != [0, 0] {
            screen.say(format!("  {:18} - {}, + {}", "refused", refused[0], refused[1]));
        }
        let mut words = words.into_inner().map_err(io::IntoInnerError::into_error)?;
        words.rewind()?;
        io::copy(&mut words, &mut io::stdout().lock())?;
        Ok(())
    }
}

fn is_same(ours: &PlannedFile, theirs: &PlannedFile) -> bool {
    let said = |planned: &PlannedFile| -> Vec<String> {
        planned.plan.warnings.iter().map(|warning| warning.text.clone()).collect()
    };
    ours.plan.actions().eq(theirs.plan.actions())
        && ours.refused == theirs.refused
        && said(ours) == said(theirs)
        && ours.plan.stopped.is_some() == theirs.plan.stopped.is_some()
}

/// What one side would do or say and the other would not.
fn difference_in_words(ours: &PlannedFile, theirs: &PlannedFile) -> String {
    let mut words = format!("\n{}\n", text::path(&ours.file));
    let mut line = |start: &str, said: &str| words.extend(["  ", start, " ", said, "\n"]);
    for (sign, planned, other) in [("-", ours, theirs), ("+", theirs, ours)] {
        let (plan, others) = (&planned.plan, &other.plan);
        match &planned.refused {
            Some(refused) => line(sign, &format!("refused: {}", text::visible(&refused.message))),
            None if plan.is_empty() => line(sign, "nothing to change"),
            None => {}
        }
        for step in plan.steps.iter().filter(|step| !asks_for(other, &step.action)) {
            line(sign, &in_words(&step.action, &planned.facts));
            line("     ", &format!("{} [{}]", text::visible(&step.reason.text), step.policy));
        }
        for warning in plan.warnings.iter().filter(|one| others.warnings.iter().all(|known| known.text != one.text)) {
            line(sign, &format!("warning: {} [{}]", text::visible(&warning.text), warning.policy));
        }
        if let Some(stopped) = plan.stopped.as_ref().filter(|_| others.stopped.is_none()) {
            let why = text::visible(&stopped.text);
            line(sign, &format!("the policies after {} are not asked: {why}", stopped.policy));
        }
    }
    let are_alike =
        ours.plan.steps.len() == theirs.plan.steps.len() && ours.plan.actions().all(|action| asks_for(theirs, action));
    if are_alike && ours.plan.actions().ne(theirs.plan.actions()) {
        line(" ", "the same steps in another order");
    }
    words
}

fn asks_for(planned: &PlannedFile, action: &Action) -> bool {
    planned.plan.actions().any(|asked| asked == action)
}
