//! What two sides would do with the same files: first what differs in all, then file by file.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufWriter, Seek, Write};

use serde_json::json;
use vpo::disk::path_text;
use vpo::library::PlannedFile;
use vpo::plan::ActionKind;

use super::Screen;
use super::plan::{difference_in_words, of};

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
