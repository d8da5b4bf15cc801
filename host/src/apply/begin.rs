//! The first look at a file, before anything is done to it, and the intent that is written down then.
//!
//! nothing in the way? → fresh? → its tools there? → whole? → space? → intent → still the same?

use std::cell::RefCell;
use std::fs::{self, File};
use std::io;
use std::path::Path;

use uuid::Uuid;

use super::ApplyError;
use super::checked::{Checked, Subject};
use super::execute::Change;
use super::intent::{Intent, Seen, Story};
use super::means::{Manner, Means};
use super::{records, whole};
use crate::disk::replace::hidden_beside;
use crate::disk::{self, FilesystemClass, Links, NotAFile, Observation};
use crate::plan::Plan;
use crate::tools::Tools;

/// Space that is left alone on every disk.
const RESERVE: u64 = 16 << 20;

impl<'a> Change<'a> {
    /// Looks at the file, refuses what must not be touched, and writes down what is about to happen.
    pub(super) fn begin(checked: Checked, means: &'a Means<'a>) -> Result<Self, ApplyError> {
        let subject = &checked.subject;
        let Look { original, observed, sample } = checked.look(&means.manner, means.tools)?;

        let word = Uuid::new_v4().simple().to_string()[..12].to_owned();
        let work = hidden_beside(&subject.path, means.manner.temp_folder.as_deref(), &word, "work");
        let folder = work.parent().unwrap_or(Path::new("/")).to_owned();
        check_filesystem(&folder, &observed)?;

        let intent = Intent {
            file_id: subject.id,
            original: subject.path.clone(),
            work,
            target: checked.target.clone(),
            backup: None,
            story: Story {
                plan: Plan { left_alone: Vec::new(), ..checked.plan.clone() },
                before: subject.facts.clone(),
                after: checked.after.clone(),
                found: Seen::from(&observed),
                original_sample: Some(records::hex(&sample)),
                work: None,
                sample: None,
                restored: checked.restore.clone(),
                is_undo: checked.is_undo,
                complaints: Vec::new(),
            },
            undo: None,
        };
        let id = means.ledger.begin(&intent)?.ok_or(ApplyError::Busy)?;
        let change =
            Self { checked, means, original, observed, intent, id, complaints: RefCell::default(), is_settled: false };
        // Whoever changed it while this one looked has come to an end, and from here on nobody else begins.
        change.check_original()?;
        Ok(change)
    }
}

/// A file that may be touched.
struct Look {
    original: File,
    observed: Observation,
    sample: [u8; 32],
}

impl Checked {
    /// Refuses what must not be touched, as carrying out does at its begin. Nothing is written.
    pub fn examine(&self, manner: &Manner, tools: &Tools) -> Result<(), ApplyError> {
        self.look(manner, tools).map(|_| ())
    }

    fn look(&self, manner: &Manner, tools: &Tools) -> Result<Look, ApplyError> {
        let subject = &self.subject;
        let intended = self.intended();
        intended.look(manner)?;
        let look = open_fresh(subject)?;
        // The file may have been given another name since it was looked at.
        intended.check_links(look.observed.links, manner.hardlinks)?;
        for run in &self.runs {
            tools.ready(run.tool)?;
        }
        if !intended.edits_header() && !self.runs.is_empty() {
            check_source(&look.original, subject)?;
        }
        let folder = manner.temp_folder.as_deref().or(subject.path.parent()).unwrap_or(Path::new("/"));
        check_space(folder, self.runs.iter().map(|run| run.bytes).sum())?;
        Ok(look)
    }
}

/// Opens a file that is still what is recorded.
fn open_fresh(subject: &Subject) -> Result<Look, ApplyError> {
    let path = &subject.path;
    let file = match disk::open_file(path, Links::Refuse) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(ApplyError::Gone),
        Err(error) if NotAFile::in_error(&error).is_some() => return Err(ApplyError::Stale),
        other => other.map_err(ApplyError::file("open", path))?,
    };
    let metadata = file.metadata().map_err(ApplyError::file("look at", path))?;
    let observed = Observation::of(&metadata);
    let recorded = &subject.observation;
    if (observed.size, observed.mtime_ns) != (recorded.size, recorded.mtime_ns) {
        return Err(ApplyError::Stale);
    }
    let class = FilesystemClass::of(path).unwrap_or(FilesystemClass::Network);
    let identity = |seen: &Observation| (seen.inode, seen.ctime_ns);
    let shows_a_change = class.is_trusted() && identity(&observed) != identity(recorded);
    let sample = disk::hash::sample(&file, observed.size).map_err(ApplyError::file("read", path))?;
    match &subject.sample {
        Some(recorded) if sample[..] == recorded[..] => {}
        None if !shows_a_change => {}
        Some(_) if !shows_a_change => return Err(ApplyError::Damaged),
        _ => return Err(ApplyError::Stale),
    }
    Ok(Look { original: file, observed, sample })
}

/// Refuses to copy what tools would copy only in part and call it done.
fn check_source(original: &File, subject: &Subject) -> Result<(), ApplyError> {
    let loss = whole::hidden_loss(&subject.facts.container, original);
    match loss.map_err(ApplyError::file("read", &subject.path))? {
        Some(loss) => Err(ApplyError::HiddenLoss { loss }),
        None => Ok(()),
    }
}

fn check_filesystem(folder: &Path, observed: &Observation) -> Result<(), ApplyError> {
    let found = fs::metadata(folder).map_err(ApplyError::file("look at", folder))?;
    if Observation::of(&found).device != observed.device {
        return Err(ApplyError::OtherFilesystem { folder: folder.to_owned() });
    }
    Ok(())
}

pub(super) fn check_space(folder: &Path, bytes: u64) -> Result<(), ApplyError> {
    let needed = bytes.saturating_add(bytes / 50).saturating_add(if bytes > RESERVE { RESERVE } else { 0 });
    let free = disk::free_space(folder).map_err(ApplyError::file("look at", folder))?;
    if free < needed {
        return Err(ApplyError::Space { folder: folder.to_owned(), needed, free });
    }
    Ok(())
}
