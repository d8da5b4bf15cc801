//! Opens files, compares hashes where the detector wants them, and reads facts; several threads, each with its own
//! components.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender};

use super::Shared;
use super::detect::observed;
use super::error::ScanError;
use super::readers::Readers;
use super::work::{Outcome, Place, Read, Why, Work};
use crate::disk::{Observation, hash};
use crate::plugins::Detector;
use crate::plugins::detector::{Comparison, Evidence, Scan, Sighting, Standing};
use crate::store::{Reader, files};

/// One reading thread.
pub(super) struct Introspecting<'a> {
    pub shared: &'a Shared<'a>,
    pub readers: Readers,
    pub detector: Detector,
    pub scans: &'a [Scan],
    pub db: Reader,
    pub work: Receiver<Work>,
    pub to_write: Sender<Outcome>,
}

/// What opening a file led to.
enum Opened {
    Outcome(Outcome),
    /// The content is as recorded: only counted.
    Same,
    /// The scan was asked to stop.
    Stopped,
}

impl Introspecting<'_> {
    /// Takes work until there is none left. After a request to stop, what is left is let go.
    pub(super) fn run(mut self) -> Result<(), ScanError> {
        while let Ok(work) = self.work.recv() {
            if self.shared.is_cancelled() {
                continue;
            }
            let (place, known) = (work.place.clone(), work.known);
            match self.open(work) {
                Ok(Opened::Outcome(outcome)) => self.write(outcome)?,
                Ok(Opened::Same) => self.shared.progress.skipped.add(1),
                Ok(Opened::Stopped) => {}
                // What vanished between the walk and now is neither an error nor, yet, missing.
                Err(Failed::File(cause)) if cause.kind() == io::ErrorKind::NotFound => {
                    self.write(Outcome::Unstable { id: known, place })?;
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
        let path = work.place.path();
        let file = Arc::new(open_file(&path, self.shared.request.follow_symlinks)?);
        let before = Observation::of(&file.metadata()?);
        let observed_ns = self.shared.clock.now_ns();
        if self.shared.is_too_fresh(&before, observed_ns) {
            return Ok(Opened::Outcome(Outcome::Unstable { id: work.known, place: work.place }));
        }
        let mut full_hash = None;
        let reason = match work.why {
            Why::New => None,
            Why::Changed(reason) => Some(reason),
            Why::Compare(evidence, mut sighting) => {
                sighting.now = observed(&before);
                let id = work.known.expect("only recorded files are compared");
                match self.compare(evidence, *sighting, id, work.root, &file, &before, &mut full_hash)? {
                    Ok(Standing::Changed(reason)) => Some(reason),
                    Ok(Standing::Damaged) => {
                        return Ok(Opened::Outcome(Outcome::Damaged { id, place: work.place }));
                    }
                    Ok(Standing::Same) if full_hash.is_none() => return Ok(Opened::Same),
                    Ok(_) => {
                        return Ok(Opened::Outcome(Outcome::Touched {
                            id,
                            place: work.place,
                            observation: before,
                            full_hash,
                            was_missing: false,
                        }));
                    }
                    Err(stopped) => return Ok(stopped),
                }
            }
        };
        if self.shared.request.mode.verify_hash && full_hash.is_none() {
            match hash::full(&file, &|| self.shared.is_cancelled()) {
                Ok(hash) => full_hash = Some(hash),
                Err(_) if self.shared.is_cancelled() => return Ok(Opened::Stopped),
                Err(cause) => return Err(cause.into()),
            }
        }
        let outcome = self.read(&path, work.place, work.known, reason, &file, before, observed_ns, full_hash)?;
        Ok(Opened::Outcome(outcome))
    }

    /// Reads the facts and the sample. A file that changes meanwhile is unstable, and nothing is recorded of it (R5).
    #[allow(clippy::too_many_arguments, reason = "everything that is known of one open file")]
    fn read(
        &mut self,
        path: &Path,
        place: Place,
        known: Option<i64>,
        reason: Option<String>,
        file: &Arc<File>,
        before: Observation,
        observed_ns: i64,
        full_hash: Option<hash::Hash>,
    ) -> Result<Outcome, io::Error> {
        if self.shared.request.mode.dry_run {
            return Ok(Outcome::Read(Box::new(Read {
                place,
                known,
                reason,
                observation: before,
                observed_ns,
                facts: Ok(Default::default()),
                reader: None,
                sample_hash: None,
                full_hash: None,
            })));
        }
        let span = tracing::debug_span!("file", path = %crate::media::text::path(path));
        let _entered = span.enter();
        let reading = self.readers.read(file, before.size, path);
        let sample = hash::sample(file, before.size);
        let after = Observation::of(&file.metadata()?);
        if after != before && !only_links_differ(&before, &after) {
            return Ok(Outcome::Unstable { id: known, place });
        }
        Ok(Outcome::Read(Box::new(Read {
            place,
            known,
            reason,
            observation: after,
            observed_ns,
            facts: reading.facts.map_err(|error| error.to_string()),
            reader: reading.reader,
            sample_hash: Some(sample?),
            full_hash,
        })))
    }

    /// Takes the hash that the detector wants and asks it again.
    #[allow(clippy::too_many_arguments, reason = "everything that is known of one open file")]
    fn compare(
        &mut self,
        mut evidence: Evidence,
        mut sighting: Sighting,
        id: i64,
        root: usize,
        file: &Arc<File>,
        before: &Observation,
        full_hash: &mut Option<hash::Hash>,
    ) -> Result<Result<Standing, Opened>, Failed> {
        let recorded = files::hashes(&self.db, id).map_err(ScanError::Store)?;
        // A detector may want to see the sample and then the whole; one that wants more gets no further.
        for _ in 0..3 {
            match evidence {
                Evidence::Sample => {
                    let now = hash::sample(file, before.size)?;
                    sighting.sample = Some(Comparison { recorded: recorded.sample.clone(), now: now.to_vec() });
                }
                Evidence::Full => match hash::full(file, &|| self.shared.is_cancelled()) {
                    Ok(now) => {
                        *full_hash = Some(now);
                        sighting.full = Some(Comparison { recorded: recorded.full.clone(), now: now.to_vec() });
                    }
                    Err(_) if self.shared.is_cancelled() => return Ok(Err(Opened::Stopped)),
                    Err(cause) => return Err(cause.into()),
                },
            }
            let mut standings = self.detector.detect(&self.scans[root], std::slice::from_ref(&sighting));
            match standings.pop() {
                Some(Ok(Standing::Undecided(more))) => evidence = more,
                Some(Ok(standing)) => return Ok(Ok(standing)),
                Some(Err(error)) => return Err(Failed::File(io::Error::other(error))),
                None => break,
            }
        }
        Ok(Ok(Standing::Changed("the detector could not decide".to_owned())))
    }

    fn unreadable(&self, place: Place, known: Option<i64>, cause: &io::Error) -> Outcome {
        let observation = std::fs::symlink_metadata(place.path())
            .map(|metadata| Observation::of(&metadata))
            .unwrap_or(Observation { size: 0, mtime_ns: 0, ctime_ns: 0, inode: 0, device: 0, links: 0 });
        Outcome::Read(Box::new(Read {
            place,
            known,
            reason: None,
            observation,
            observed_ns: self.shared.clock.now_ns(),
            facts: Err(format!("unreadable: {cause}")),
            reader: None,
            sample_hash: None,
            full_hash: None,
        }))
    }

    fn write(&self, outcome: Outcome) -> Result<(), ScanError> {
        self.to_write.send(outcome).map_err(|_| ScanError::Thread("writing".to_owned()))
    }
}

/// Opens a film: never a device or a pipe, never through a link that is not to be followed, never waiting.
fn open_file(path: &Path, follow_symlinks: bool) -> io::Result<File> {
    let mut flags = rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::CLOEXEC;
    if !follow_symlinks {
        flags |= rustix::fs::OFlags::NOFOLLOW;
    }
    let file = OpenOptions::new().read(true).custom_flags(flags.bits() as i32).open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::other("it is no plain file any more"));
    }
    Ok(file)
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
