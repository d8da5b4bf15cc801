//! Asks the detector, in batches, what the observations mean, and sends on what has to be opened or written.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::ops::Range;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::{Arc, Mutex};

use crossbeam_channel::Sender;

use super::error::ScanError;
use super::report::What;
use super::shared::Shared;
use super::work::{Outcome, Place, Row, Why, Work};
use crate::disk::{FilesystemClass, Observation};
use crate::plugins::detector::{self, BATCH, Scan, Sighting, Standing};
use crate::plugins::{CallError, Detector};
use crate::store::{Db, files};

/// Sorts sightings into what is as recorded and what is not.
pub(super) struct Sieve<'a> {
    pub shared: &'a Shared<'a>,
    pub detector: Detector,
    /// What holds on each class of filesystem.
    pub scans: &'a [Scan],
    pub to_read: Sender<Work>,
    pub to_write: Sender<Outcome>,
    /// Files with several names that were met for the first time in this scan, by device and inode.
    pub first_names: &'a FirstNames,
    pub pending: Pending,
}

/// Sightings that the detector has not been asked about yet; all of one class of filesystem.
pub(super) struct Pending {
    filesystem: FilesystemClass,
    sightings: Vec<Sighting>,
    files: Vec<Asked>,
    /// The names of all files, one after the other: nearly all of them are never needed again.
    names: Vec<u8>,
}

impl Default for Pending {
    fn default() -> Self {
        let (sightings, files, names) = Default::default();
        Self { filesystem: FilesystemClass::Local, sightings, files, names }
    }
}

/// A file that the detector is asked about.
struct Asked {
    folder: Arc<Path>,
    /// Where its name is.
    name: Range<usize>,
    observation: Observation,
    row: Row,
}

/// Which hard links have been taken, and which other names of theirs wait for the first one to be read.
#[derive(Default)]
pub(super) struct FirstNames {
    taken: Mutex<HashSet<(u64, u64)>>,
    waiting: Mutex<Vec<(Place, Observation)>>,
}

impl FirstNames {
    /// Whether this is the first name of an inode that has several; later names wait.
    fn is_first(&self, place: &Place, observation: &Observation) -> bool {
        let key = (observation.device, observation.inode);
        if self.taken.lock().expect("inserting does not panic").insert(key) {
            return true;
        }
        self.waiting.lock().expect("pushing does not panic").push((place.clone(), *observation));
        false
    }

    /// The names that waited.
    pub(super) fn into_waiting(self) -> Vec<(Place, Observation)> {
        self.waiting.into_inner().expect("pushing does not panic")
    }
}

impl Sieve<'_> {
    /// Takes a file that was seen.
    pub(super) fn see(
        &mut self,
        db: &Db,
        filesystem: FilesystemClass,
        folder: &Arc<Path>,
        name: &OsStr,
        observation: Observation,
        known: Option<(files::Known, bool)>,
    ) -> Result<(), ScanError> {
        let place = || Place { folder: folder.clone(), name: name.to_owned() };
        let Some((known, reader_is_current)) = known else {
            return self.see_new(db, filesystem, place(), observation);
        };
        let row = Row { id: known.id, was_missing: known.is_missing };
        let because = match known.state {
            _ if self.shared.request.mode.full => Some("a full scan was asked for"),
            files::FileState::Error => Some("it could not be read before"),
            files::FileState::Pending => Some("it was never read"),
            files::FileState::Ok => None,
        };
        if let Some(because) = because {
            return self.read(filesystem, place(), Some(row), Why::Changed(because.to_owned()));
        }
        if self.pending.filesystem != filesystem || self.pending.sightings.len() >= BATCH {
            self.flush()?;
            self.pending.filesystem = filesystem;
        }
        self.pending.sightings.push(Sighting {
            file: known.id as u64,
            now: observed(&observation),
            recorded: Some(observed(&known.observation)),
            recorded_at_ns: known.observed_ns,
            reader_is_current,
            sample: None,
            full: None,
        });
        let begin = self.pending.names.len();
        self.pending.names.extend_from_slice(name.as_bytes());
        self.pending.files.push(Asked {
            folder: folder.clone(),
            name: begin..self.pending.names.len(),
            observation,
            row,
        });
        Ok(())
    }

    /// A path that is not recorded: new content, or content that is recorded under another name.
    fn see_new(
        &mut self,
        db: &Db,
        filesystem: FilesystemClass,
        place: Place,
        observation: Observation,
    ) -> Result<(), ScanError> {
        if filesystem.is_trusted() && !self.shared.request.mode.full {
            if let Some(of) = files::find_same(db, &observation)? {
                return self.read(filesystem, place, None, Why::Alias(of));
            }
            if observation.links > 1 && !self.first_names.is_first(&place, &observation) {
                return Ok(());
            }
        }
        self.read(filesystem, place, None, Why::New)
    }

    /// Asks the detector about everything that waits.
    pub(super) fn flush(&mut self) -> Result<(), ScanError> {
        if self.pending.sightings.is_empty() {
            return Ok(());
        }
        let Pending { filesystem, mut sightings, mut files, mut names } = std::mem::take(&mut self.pending);
        let standings = self.detector.detect(&self.scans[filesystem as usize], &sightings);
        let mut same = 0;
        for ((standing, asked), sighting) in standings.into_iter().zip(files.drain(..)).zip(sightings.drain(..)) {
            let Asked { folder, name, observation, row } = asked;
            if matches!(standing, Ok(Standing::Same)) && !row.was_missing {
                same += 1;
                continue;
            }
            let place = Place { folder, name: OsStr::from_bytes(&names[name]).to_owned() };
            match standing {
                Ok(Standing::Same | Standing::Touched) => {
                    self.write(Outcome::Touched { row, place, observation, full_hash: None })?;
                }
                Ok(Standing::New) => self.read(filesystem, place, Some(row), Why::New)?,
                Ok(Standing::Changed(why)) => {
                    let why = crate::media::text::visible(crate::media::text::capped(&why, 200)).into_owned();
                    self.read(filesystem, place, Some(row), Why::Changed(why))?;
                }
                Ok(Standing::Undecided(evidence)) => {
                    self.read(filesystem, place, Some(row), Why::Compare(evidence, Box::new(sighting)))?;
                }
                Ok(Standing::Damaged) => self.write(Outcome::Damaged { row, place })?,
                Err(error) => self.failed(&place, &error),
            }
        }
        self.shared.progress.skipped.add(same);
        names.clear();
        self.pending = Pending { filesystem, sightings, files, names };
        Ok(())
    }

    fn failed(&self, place: &Place, error: &CallError) {
        self.shared.progress.errors.add(1);
        self.shared.tell(place.path(), What::Error, Some(error.to_string()));
    }

    fn read(&self, filesystem: FilesystemClass, place: Place, known: Option<Row>, why: Why) -> Result<(), ScanError> {
        self.shared.progress.to_read.add(1);
        self.to_read.send(Work { place, known, filesystem, why }).map_err(|_| ScanError::Thread("reading".to_owned()))
    }

    fn write(&self, outcome: Outcome) -> Result<(), ScanError> {
        self.to_write.send(outcome).map_err(|_| ScanError::Thread("writing".to_owned()))
    }
}

/// An observation in the words of the contract.
pub(super) fn observed(observation: &Observation) -> detector::Observation {
    detector::Observation {
        size: observation.size,
        mtime_ns: observation.mtime_ns,
        ctime_ns: observation.ctime_ns,
        inode: observation.inode,
        links: observation.links,
    }
}
