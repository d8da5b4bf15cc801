//! Opens files, compares hashes where the detector wants them, and reads facts; several threads, each with its own
//! components.

use std::fs::File;
use std::io;
use std::iter;
use std::path::PathBuf;
use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender};

use super::detect::observed;
use super::error::ScanError;
use super::readers::Readers;
use super::shared::Shared;
use super::work::{Outcome, Place, Read, Row, Why, Work};
use crate::disk::hash::{self, Hash};
use crate::disk::{self, FilesystemClass, Links, Observation};
use crate::media::Facts;
use crate::plugins::Detector;
use crate::plugins::detector::{Comparison, Evidence, Scan, Sighting, Standing};
use crate::store::{Reader, StoreError, facts, files};

/// One reading thread.
pub(super) struct Introspecting<'a> {
    pub shared: &'a Shared<'a>,
    pub readers: Readers,
    pub detector: Detector,
    pub scans: &'a [Scan],
    pub db: Reader,
    pub to_write: Sender<Outcome>,
}

/// A film that is open, as it was when it was opened.
struct OpenFile {
    place: Place,
    /// Its row, when it has one.
    known: Option<Row>,
    path: PathBuf,
    file: Arc<File>,
    before: Observation,
    observed_ns: i64,
    /// Of every byte, once it was wanted.
    full_hash: Option<Hash>,
}

impl OpenFile {
    fn touched(self, row: Row) -> Outcome {
        let Self { place, before, full_hash, .. } = self;
        Outcome::Touched { row, place, observation: before, full_hash }
    }

    fn outcome(
        self,
        reason: Option<String>,
        is_as_recorded: bool,
        facts: Result<Facts, String>,
        reader: Option<Arc<str>>,
        sample_hash: Option<Hash>,
    ) -> Outcome {
        Outcome::Read(Box::new(Read {
            place: self.place,
            known: self.known,
            reason,
            is_as_recorded,
            observation: self.before,
            observed_ns: self.observed_ns,
            facts,
            reader,
            sample_hash,
            full_hash: self.full_hash,
        }))
    }
}

/// What opening a file led to.
enum Opened {
    Outcome(Outcome),
    /// The content is as recorded: only counted.
    Same,
    /// The scan was asked to stop.
    Stopped,
}

/// Takes work until there is none left; who does it is made ready when the first comes.
pub(super) fn work_through<'a>(
    work: &Receiver<Work>,
    ready: impl FnOnce() -> Result<Introspecting<'a>, ScanError>,
) -> Result<(), ScanError> {
    let Ok(first) = work.recv() else { return Ok(()) };
    ready()?.run(iter::once(first).chain(work))
}

impl Introspecting<'_> {
    /// Does all the work. After a request to stop, what is left is let go.
    fn run(mut self, all: impl Iterator<Item = Work>) -> Result<(), ScanError> {
        for work in all {
            if self.shared.is_cancelled() {
                continue;
            }
            let (place, known) = (work.place.clone(), work.known);
            let opened = self.open(work);
            self.shared.progress.read.add(1);
            match opened {
                Ok(Opened::Outcome(outcome)) => self.write(outcome)?,
                Ok(Opened::Same) => self.shared.progress.skipped.add(1),
                Ok(Opened::Stopped) => {}
                // What vanished between the walk and now is neither an error nor, yet, missing.
                Err(Failed::File(cause)) if cause.kind() == io::ErrorKind::NotFound => {
                    self.write(Outcome::Unstable { known, place })?;
                }
                Err(Failed::File(cause)) => {
                    let outcome = self.unreadable(place, known, &cause);
                    self.write(outcome)?;
                }
                Err(Failed::Scan(error)) => return Err(error),
            }
        }
        Ok(())
    }

    fn open(&mut self, work: Work) -> Result<Opened, Failed> {
        let Work { place, known, filesystem, why } = work;
        let path = place.path();
        let links = if self.shared.request.follow_symlinks { Links::Follow } else { Links::Refuse };
        let file = Arc::new(disk::open_file(&path, links)?);
        let before = Observation::of(&file.metadata()?);
        let mut open =
            OpenFile { place, known, path, file, before, observed_ns: self.shared.clock.now_ns(), full_hash: None };
        if self.shared.is_too_fresh(&open.before, open.observed_ns) {
            return Ok(Opened::Outcome(Outcome::Unstable { known: open.known, place: open.place }));
        }
        let reason = match why {
            Why::New => None,
            Why::Alias(of) => {
                if self.has_content_of(&mut open, of)? {
                    let OpenFile { place, before: observation, .. } = open;
                    return Ok(Opened::Outcome(Outcome::Alias { place, observation, of }));
                }
                None
            }
            Why::Changed(reason) => Some(reason),
            Why::Compare(evidence, sighting) => {
                let row = open.known.expect("only recorded files are compared");
                match self.compare(&mut open, row.id, evidence, *sighting, filesystem)? {
                    None => return Ok(Opened::Stopped),
                    Some(Standing::Changed(reason)) => Some(reason),
                    Some(Standing::Damaged) => {
                        return Ok(Opened::Outcome(Outcome::Damaged { row, place: open.place }));
                    }
                    Some(Standing::Same) if open.full_hash.is_none() && !row.was_missing => return Ok(Opened::Same),
                    Some(_) => return Ok(Opened::Outcome(open.touched(row))),
                }
            }
        };
        if self.shared.request.mode.verify_hash && open.full_hash.is_none() {
            open.full_hash = self.hash_all(&open)?;
            if open.full_hash.is_none() {
                return Ok(Opened::Stopped);
            }
        }
        self.read(open, reason)
    }

    /// Reads the facts and the sample. A file that changes meanwhile is unstable, and nothing is recorded of it (R5).
    fn read(&mut self, open: OpenFile, reason: Option<String>) -> Result<Opened, Failed> {
        let span = tracing::debug_span!("file", file = %crate::media::text::path(&open.path));
        let _entered = span.enter();
        let reading = self.readers.read(&open.file, open.before.size, &open.path);
        if reading.facts.is_err() && self.shared.is_cancelled() {
            // A program that read it was ended, perhaps; that is no fault of the file.
            return Ok(Opened::Stopped);
        }
        let sample = hash::sample(&open.file, open.before.size);
        let after = Observation::of(&open.file.metadata()?);
        if after != open.before && !only_links_differ(&open.before, &after) {
            return Ok(Opened::Outcome(Outcome::Unstable { known: open.known, place: open.place }));
        }
        let (facts, sample) = (reading.facts.map_err(|error| error.to_string()), sample?);
        let open = OpenFile { before: after, ..open };
        let is_as_recorded = match (&facts, open.known) {
            (Ok(found), Some(row)) => self.is_recorded(row, &after, &sample, found).map_err(ScanError::Store)?,
            _ => false,
        };
        Ok(Opened::Outcome(open.outcome(reason, is_as_recorded, facts, reading.reader, Some(sample))))
    }

    /// Whether what was found in a film is recorded of it already, as it is after `--full` and with a newer reader.
    fn is_recorded(&self, row: Row, now: &Observation, sample: &Hash, found: &Facts) -> Result<bool, StoreError> {
        let Some(recorded) = files::find(&self.db, row.id)? else { return Ok(false) };
        let before = &recorded.observation;
        Ok((before.size, before.mtime_ns) == (now.size, now.mtime_ns)
            && recorded.sample_hash.is_some_and(|recorded| recorded[..] == sample[..])
            && facts::find(&self.db, row.id)?.as_ref() == Some(found))
    }

    /// Whether an open film has the sample of a recorded one. Inodes are given again, and people set times, so that equal
    /// numbers alone could hide another film.
    fn has_content_of(&self, open: &mut OpenFile, of: i64) -> Result<bool, Failed> {
        let recorded = files::hashes(&self.db, of).map_err(ScanError::Store)?.sample;
        let sample = hash::sample(&open.file, open.before.size)?;
        let after = Observation::of(&open.file.metadata()?);
        let is_stable = after == open.before || only_links_differ(&open.before, &after);
        open.before = after;
        Ok(is_stable && recorded.is_some_and(|recorded| recorded[..] == sample[..]))
    }

    /// Takes the hash that the detector wants and asks it again. `None` when the scan was asked to stop.
    fn compare(
        &mut self,
        open: &mut OpenFile,
        id: i64,
        mut evidence: Evidence,
        mut sighting: Sighting,
        filesystem: FilesystemClass,
    ) -> Result<Option<Standing>, Failed> {
        sighting.now = observed(&open.before);
        let recorded = files::hashes(&self.db, id).map_err(ScanError::Store)?;
        // A detector may want to see the sample and then the whole; one that wants more gets no further.
        for _ in 0..3 {
            match evidence {
                Evidence::Sample => {
                    let now = hash::sample(&open.file, open.before.size)?;
                    sighting.sample = Some(Comparison { recorded: recorded.sample.clone(), now: now.to_vec() });
                }
                Evidence::Full => {
                    let Some(now) = self.hash_all(open)? else { return Ok(None) };
                    open.full_hash = Some(now);
                    sighting.full = Some(Comparison { recorded: recorded.full.clone(), now: now.to_vec() });
                }
            }
            let mut standings = self.detector.detect(&self.scans[filesystem as usize], std::slice::from_ref(&sighting));
            match standings.pop() {
                Some(Ok(Standing::Undecided(more))) => evidence = more,
                Some(Ok(Standing::Same)) if recorded.full.is_some() => {
                    // It is recorded already.
                    open.full_hash = None;
                    return Ok(Some(Standing::Same));
                }
                Some(Ok(standing)) => return Ok(Some(standing)),
                Some(Err(error)) => return Err(Failed::File(io::Error::other(error))),
                None => break,
            }
        }
        Ok(Some(Standing::Changed("the detector could not decide".to_owned())))
    }

    /// Hashes the whole content; `None` when the scan was asked to stop.
    fn hash_all(&self, open: &OpenFile) -> Result<Option<Hash>, io::Error> {
        match hash::full(&open.file, &|| self.shared.is_cancelled()) {
            Ok(hash) => Ok(Some(hash)),
            Err(_) if self.shared.is_cancelled() => Ok(None),
            Err(cause) => Err(cause),
        }
    }

    fn unreadable(&self, place: Place, known: Option<Row>, cause: &io::Error) -> Outcome {
        let observation = std::fs::symlink_metadata(place.path())
            .map(|metadata| Observation::of(&metadata))
            .unwrap_or(Observation { size: 0, mtime_ns: 0, ctime_ns: 0, inode: 0, device: 0, links: 0 });
        let (observed_ns, error) = (self.shared.clock.now_ns(), format!("unreadable: {cause}"));
        Outcome::Read(Box::new(Read::failed(place, known, observation, observed_ns, error)))
    }

    fn write(&self, outcome: Outcome) -> Result<(), ScanError> {
        self.to_write.send(outcome).map_err(|_| ScanError::Thread("writing".to_owned()))
    }
}

/// A name more or less changes the change time, not the content.
fn only_links_differ(before: &Observation, after: &Observation) -> bool {
    Observation { links: after.links, ctime_ns: after.ctime_ns, ..*before } == *after && before.links != after.links
}

enum Failed {
    File(io::Error),
    Scan(ScanError),
}

impl From<io::Error> for Failed {
    fn from(cause: io::Error) -> Self {
        Self::File(cause)
    }
}

impl From<ScanError> for Failed {
    fn from(error: ScanError) -> Self {
        Self::Scan(error)
    }
}
