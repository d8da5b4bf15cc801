//! Carries a checked plan out beside the original, and reads the outcome back.
//!
//! fresh? → one name? → space? → intent → tool, on a file of its own → introspect → as predicted?

use std::cell::RefCell;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;
use tracing::debug;
use uuid::Uuid;

use super::checked::{Checked, Subject};
use super::intent::{Intent, Seen, Stage, Story};
use super::means::{Means, Point};
use super::skeleton::{self, Patch, Skeleton};
use super::work::run_tools;
use super::{AnyError, ApplyError};
use crate::disk::replace::hidden_beside;
use crate::disk::{self, FilesystemClass, Observation};
use crate::media::Facts;
use crate::plan::{ActionKind, Plan, differences, shortened};
use crate::settings::Hardlinks;
use crate::tools::{Tool, Work, mp4_flags};

/// Space that is left alone on every disk.
const RESERVE: u64 = 16 << 20;

/// What came of the tools' work.
#[derive(Debug)]
pub(super) enum Product {
    /// A file that takes the original's place.
    Replacement,
    /// Bytes to change in the original.
    Patch(Patch),
    /// Nothing: the file only moves.
    Move,
}

/// A plan that was carried out beside the original. Dropped, it leaves nothing behind.
pub struct Executed<'a> {
    pub(super) change: Change<'a>,
    pub(super) product: Product,
}

/// An outcome that is what was planned.
pub struct Verified<'a> {
    pub(super) change: Change<'a>,
    pub(super) product: Product,
}

/// The change of one file, from its recorded intent to its end.
pub(super) struct Change<'a> {
    pub(super) checked: Checked,
    pub(super) means: &'a Means<'a>,
    pub(super) original: File,
    pub(super) observed: Observation,
    pub(super) intent: Intent,
    pub(super) id: i64,
    /// What tools said went wrong while they went on.
    pub(super) complaints: RefCell<Vec<String>>,
    /// Nothing is to be cleaned up when this is dropped.
    pub(super) is_settled: bool,
}

impl Checked {
    /// Carries the plan out beside the original.
    pub fn execute<'a>(self, means: &'a Means<'a>) -> Result<Executed<'a>, ApplyError> {
        let mut change = Change::begin(self, means)?;
        means.watch.reached(Point::Begun).map_err(ApplyError::file("begin with", &change.intent.original))?;
        let product = change.work(true)?;
        means.watch.reached(Point::Worked).map_err(ApplyError::file("end the work on", &change.intent.work))?;
        Ok(Executed { change, product })
    }
}

impl<'a> Executed<'a> {
    /// Reads the outcome and compares it with what was predicted.
    pub fn verify(mut self) -> Result<Verified<'a>, ApplyError> {
        let found = match self.change.verify() {
            // A header that cannot be told from its skeleton is edited in a copy of the whole file.
            Err(ApplyError::Differs { .. } | ApplyError::Unreadable { .. })
                if matches!(self.product, Product::Patch(_)) =>
            {
                debug!(file = %self.change.intent.original.display(), "the header is edited in a copy");
                self.product = self.change.work(false)?;
                self.change.verify()?
            }
            other => other?,
        };
        self.change.intent.story.after = found;
        self.change.intent.story.complaints = self.change.complaints.take();
        self.change.reached(Point::Verified)?;
        Ok(Verified { change: self.change, product: self.product })
    }
}

impl<'a> Change<'a> {
    fn begin(checked: Checked, means: &'a Means<'a>) -> Result<Self, ApplyError> {
        let subject = &checked.subject;
        let (original, observed) = open_fresh(subject)?;
        let in_place = checked.runs.iter().all(|run| run.work == Work::EditHeader) && !checked.runs.is_empty();
        match means.manner.hardlinks {
            _ if observed.links <= 1 => {}
            Hardlinks::Skip => return Err(ApplyError::Linked { links: observed.links }),
            Hardlinks::Allow if !in_place && !checked.runs.is_empty() => {
                return Err(ApplyError::LinkedRewrite { links: observed.links });
            }
            Hardlinks::Allow | Hardlinks::Break => {}
        }
        if checked.target != subject.path && fs::symlink_metadata(&checked.target).is_ok() {
            return Err(ApplyError::TargetExists { target: checked.target.clone() });
        }
        for run in &checked.runs {
            means.tools.ready(run.tool)?;
        }
        if !in_place && !checked.runs.is_empty() {
            check_source(&original, subject)?;
        }

        let word = Uuid::new_v4().simple().to_string()[..12].to_owned();
        let work = hidden_beside(&subject.path, means.manner.temp_folder.as_deref(), &word, "work");
        let folder = work.parent().unwrap_or(Path::new("/")).to_owned();
        check_filesystem(&folder, &observed)?;
        check_space(&folder, checked.runs.iter().map(|run| run.bytes).sum())?;

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
                work: None,
                sample: None,
                complaints: Vec::new(),
            },
        };
        let id = means.ledger.begin(&intent)?;
        Ok(Self { checked, means, original, observed, intent, id, complaints: RefCell::default(), is_settled: false })
    }

    /// Lets the tools work. `may_patch`: a header may be edited by its skeleton.
    fn work(&mut self, may_patch: bool) -> Result<Product, ApplyError> {
        let work = self.intent.work.clone();
        if let Some(kept) = &self.checked.restore {
            // It keeps its name until everything is recorded.
            if fs::hard_link(kept, &work).is_err() {
                let kept_file = File::open(kept).map_err(ApplyError::file("open", kept))?;
                disk::copy(&kept_file, &create(&work)?, &|| self.means.watch.is_cancelled())
                    .map_err(ApplyError::file("write", &work))?;
            }
            return Ok(Product::Replacement);
        }
        if self.checked.runs.is_empty() {
            return Ok(Product::Move);
        }
        if self.checked.runs.iter().any(|run| run.work != Work::EditHeader) {
            run_tools(self)?;
            return Ok(Product::Replacement);
        }
        let breaks_links = self.observed.links > 1 && self.means.manner.hardlinks == Hardlinks::Break;
        // What also moves is edited in a copy, which takes its new place as a whole.
        let stays = self.intent.target == self.intent.original;
        if may_patch
            && stays
            && !breaks_links
            && let Some(patch) = self.patch()?
        {
            return Ok(Product::Patch(patch));
        }
        if self.observed.links > 1 && !breaks_links {
            return Err(ApplyError::LinkedRewrite { links: self.observed.links });
        }
        remove_if_there(&work).map_err(ApplyError::file("remove", &work))?;
        check_space(work.parent().unwrap_or(Path::new("/")), self.observed.size)?;
        let copy = create(&work)?;
        disk::copy(&self.original, &copy, &|| self.means.watch.is_cancelled())
            .map_err(ApplyError::file("write", &work))?;
        drop(copy);
        run_tools(self)?;
        Ok(Product::Replacement)
    }

    /// Edits the skeleton of the file, where it has one.
    fn patch(&mut self) -> Result<Option<Patch>, ApplyError> {
        let work = self.intent.work.clone();
        let read = ApplyError::file("read", &self.intent.original);
        let Some(skeleton) = Skeleton::of(&self.original).map_err(read)? else { return Ok(None) };
        let file = create(&work)?;
        if !skeleton.write(&file).map_err(ApplyError::file("write", &work))? {
            return Ok(None);
        }
        run_tools(self)?;
        // A tool could have put another file there.
        let edited = File::open(&work).map_err(ApplyError::file("open", &work))?;
        skeleton.patch(&edited).map_err(ApplyError::file("read", &work))
    }

    /// Introspects the work file; returns what was found when it is what was predicted.
    fn verify(&self) -> Result<Facts, ApplyError> {
        if self.checked.restore.is_some() {
            let found = (self.means.introspect)(&self.intent.work, &self.intent.target);
            let found = found.map_err(|_| ApplyError::BackupDiffers)?;
            return match differences(&self.checked.after, &found).is_empty() {
                true => Ok(found),
                false => Err(ApplyError::BackupDiffers),
            };
        }
        let Some(run) = self.checked.runs.last() else { return Ok(self.checked.after.clone()) };
        let found = self.compare(&self.intent.work, run.tool)?;
        if self.means.manner.verify {
            self.check_end(run.tool)?;
        }
        match run.work {
            Work::Remux if self.means.manner.verify => self.check_size(run.bytes, run.tool)?,
            _ => {}
        }
        Ok(found)
    }

    /// Facts stand at the beginning of a file and do not tell whether it has an end.
    fn check_end(&self, tool: Tool) -> Result<(), ApplyError> {
        let container = self.checked.after.container.as_str();
        let is_whole = |file: &File| match container {
            "matroska" | "webm" => skeleton::is_whole(file),
            "mp4" | "mov" => mp4_flags::is_whole(file),
            _ => Ok(true),
        };
        let look = || {
            let work = File::open(&self.intent.work)?;
            // What was broken before is not mended by an edit of its header.
            let edits_header = self.checked.runs.iter().all(|run| run.work == Work::EditHeader);
            Ok(is_whole(&work)?
                || (edits_header && !is_whole(&self.original)? && work.metadata()?.len() >= self.observed.size))
        };
        if look().map_err(ApplyError::file("read", &self.intent.work))? {
            return Ok(());
        }
        let differences = vec!["size: the file does not end where it says it does".to_owned()];
        Err(ApplyError::Differs { tool, differences })
    }

    /// A copy of half the size has lost something that its facts do not tell of. Where it cannot be known how much the
    /// removed tracks take, nothing is concluded.
    fn check_size(&self, expected: u64, tool: Tool) -> Result<(), ApplyError> {
        let removes_unknown =
            self.checked.plan.actions().filter(|a| a.kind() == ActionKind::RemoveTrack).any(|action| {
                let removed = action.track().and_then(|id| self.checked.subject.facts.find_track(id));
                removed.is_none_or(|track| track.bit_rate.is_none())
            });
        let size = fs::metadata(&self.intent.work).map_err(ApplyError::file("look at", &self.intent.work))?.len();
        if removes_unknown || size >= expected / 2 {
            return Ok(());
        }
        let differences = vec![format!("size: about {expected} bytes expected, {size} found")];
        Err(ApplyError::Differs { tool, differences })
    }

    /// Compares what is in a file with what was predicted.
    pub(super) fn compare(&self, path: &Path, tool: Tool) -> Result<Facts, ApplyError> {
        let found = (self.means.introspect)(path, &self.intent.target);
        let found = match found {
            Ok(found) => found,
            Err(_) if !self.means.manner.verify => return Ok(self.checked.after.clone()),
            Err(source) => return Err(ApplyError::Unreadable { tool, source: source as AnyError }),
        };
        let mut differences = differences(&self.checked.after, &found);
        if !self.complaints.borrow().is_empty() {
            differences.extend(shortened(&self.checked.after, &found));
        }
        if differences.is_empty() || !self.means.manner.verify {
            return Ok(found);
        }
        Err(ApplyError::Differs { tool, differences })
    }

    pub(super) fn reached(&self, point: Point) -> Result<(), ApplyError> {
        self.means.watch.reached(point).map_err(ApplyError::file("go on with", &self.intent.original))
    }

    pub(super) fn reach(&self, stage: Stage) -> Result<(), ApplyError> {
        Ok(self.means.ledger.reach(self.id, stage, &self.intent)?)
    }
}

impl Drop for Change<'_> {
    fn drop(&mut self) {
        if self.is_settled {
            return;
        }
        let cleaned = self.intent.litter().iter().try_for_each(|path| remove_if_there(path));
        // What could not be removed is tried again at the next start.
        if cleaned.is_ok() {
            let _ = self.means.ledger.forget(self.id);
        }
    }
}

impl Intent {
    /// A hidden file of this change, beside the work file.
    pub(super) fn beside_work(&self, kind: &str) -> PathBuf {
        self.work.with_extension(kind)
    }

    /// A hidden file of this change, beside the original.
    pub(super) fn beside_original(&self, kind: &str) -> PathBuf {
        let name = self.work.with_extension(kind);
        self.original.with_file_name(name.file_name().unwrap_or_default())
    }

    /// Every file that the tools of this change may have left.
    pub(super) fn litter(&self) -> Vec<PathBuf> {
        vec![self.work.clone(), self.beside_work("tags"), self.beside_work("tracks")]
    }
}

/// Opens a file that is still what is recorded.
fn open_fresh(subject: &Subject) -> Result<(File, Observation), ApplyError> {
    let path = &subject.path;
    let opened = OpenOptions::new().read(true).custom_flags(OFlags::NOFOLLOW.bits() as i32).open(path);
    let file = match opened {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(ApplyError::Gone),
        other => other.map_err(ApplyError::file("open", path))?,
    };
    let metadata = file.metadata().map_err(ApplyError::file("look at", path))?;
    if !metadata.is_file() {
        return Err(ApplyError::Stale);
    }
    let observed = Observation::of(&metadata);
    let recorded = &subject.observation;
    if (observed.size, observed.mtime_ns) != (recorded.size, recorded.mtime_ns) {
        return Err(ApplyError::Stale);
    }
    match &subject.sample {
        Some(recorded) => {
            let now = disk::hash::sample(&file, observed.size).map_err(ApplyError::file("read", path))?;
            if now[..] != recorded[..] {
                return Err(ApplyError::Stale);
            }
        }
        None => {
            let class = FilesystemClass::of(path).unwrap_or(FilesystemClass::Network);
            let identity = |seen: &Observation| (seen.inode, seen.ctime_ns);
            if class.is_trusted() && identity(&observed) != identity(recorded) {
                return Err(ApplyError::Stale);
            }
        }
    }
    Ok((file, observed))
}

/// Refuses to copy what tools would copy only in part and call it done.
fn check_source(original: &File, subject: &Subject) -> Result<(), ApplyError> {
    let loss = match subject.facts.container.as_str() {
        "matroska" | "webm" => skeleton::hidden_loss(original),
        "mp4" | "mov" => {
            mp4_flags::missing(original).map(|cut| cut.map(|missing| skeleton::HiddenLoss::Cut { missing }))
        }
        _ => Ok(None),
    };
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

fn check_space(folder: &Path, bytes: u64) -> Result<(), ApplyError> {
    let needed = bytes.saturating_add(bytes / 50).saturating_add(if bytes > RESERVE { RESERVE } else { 0 });
    let free = disk::free_space(folder).map_err(ApplyError::file("look at", folder))?;
    if free < needed {
        return Err(ApplyError::Space { folder: folder.to_owned(), needed, free });
    }
    Ok(())
}

fn create(path: &Path) -> Result<File, ApplyError> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .map_err(ApplyError::file("create", path))
}

pub(super) fn remove_if_there(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}
