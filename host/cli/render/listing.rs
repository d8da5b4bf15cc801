//! Plans of a whole library, told as they come, so that memory does not grow with it.
//!
//! For people the summary stands first, so the files wait in a temporary file for it; programs get the files first and the
//! summary behind them, in one JSON document.

use std::fs::File;
use std::io::{self, BufWriter, Seek, Write};
use std::path::Path;

use serde::Serialize;
use serde_json::{Value, json};
use vpo::library::{Choice, PlannedFile, Promise};

use super::Screen;
use super::plan::{file_in_words, has_news};
use super::summary::{Counts, show_summary};

/// A list that is being told.
pub struct Listing<'a> {
    pub counts: Counts,
    screen: &'a Screen,
    choice: &'a Choice,
    answer: Option<Document<io::Stdout>>,
    saved: Option<Document<File>>,
    /// What people read, until the summary is known.
    words: Option<BufWriter<File>>,
}

impl<'a> Listing<'a> {
    /// Begins to tell the plans that a profile makes, and to save them where that is asked for.
    pub fn begin(choice: &'a Choice, save_to: Option<&Path>, screen: &'a Screen) -> io::Result<Self> {
        let saved = save_to.map(|path| Document::begin(File::create(path)?, choice)).transpose()?;
        let answer = screen.json.then(|| Document::begin(io::stdout(), choice)).transpose()?;
        let words = (!screen.json).then(|| tempfile::tempfile().map(BufWriter::new)).transpose()?;
        Ok(Self { counts: Counts::default(), screen, choice, answer, saved, words })
    }

    /// Takes the next file.
    pub fn add(&mut self, planned: &PlannedFile) -> io::Result<()> {
        self.counts.add(planned);
        if !has_news(planned) {
            return Ok(());
        }
        if let Some(saved) = &mut self.saved {
            saved.add(planned)?;
        }
        if let Some(answer) = &mut self.answer {
            answer.add(planned)?;
        }
        if let Some(words) = &mut self.words {
            words.write_all(file_in_words(planned).as_bytes())?;
        }
        Ok(())
    }

    /// Tells what it came to.
    pub fn finish(self) -> io::Result<Counts> {
        let summary = self.counts.json();
        if let Some(saved) = self.saved {
            saved.finish(&summary)?;
        }
        if let Some(answer) = self.answer {
            answer.finish(&summary)?;
        }
        if let Some(words) = self.words {
            show_summary(self.choice, &self.counts, self.screen);
            let mut words = words.into_inner().map_err(io::IntoInnerError::into_error)?;
            words.rewind()?;
            io::copy(&mut words, &mut io::stdout().lock())?;
        }
        Ok(self.counts)
    }
}

/// A JSON document of files, one a line.
struct Document<W: Write> {
    to: BufWriter<W>,
    is_empty: bool,
}

impl<W: Write> Document<W> {
    fn begin(to: W, choice: &Choice) -> io::Result<Self> {
        let mut to = BufWriter::new(to);
        let (profile, promise) = (json!(choice.profile.name), json!(Promise::of(&choice.settings.apply)));
        write!(to, "{{\n  \"schema\": 1,\n  \"profile\": {profile},\n  \"promise\": {promise},\n  \"files\": [")?;
        Ok(Self { to, is_empty: true })
    }

    fn add(&mut self, file: &impl Serialize) -> io::Result<()> {
        self.to.write_all(if self.is_empty { b"\n    " } else { b",\n    " })?;
        self.is_empty = false;
        Ok(serde_json::to_writer(&mut self.to, file)?)
    }

    fn finish(mut self, summary: &Value) -> io::Result<()> {
        let end = if self.is_empty { "" } else { "\n  " };
        writeln!(self.to, "{end}],\n  \"summary\": {summary}\n}}")?;
        self.to.flush()
    }
}
