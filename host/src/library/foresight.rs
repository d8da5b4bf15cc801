//! What would keep plans from being carried out now: a disk that is not there, another name of the film, a film that has the
//! new name already. Films are looked at from outside and not opened.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::Choice;
use super::file_end::Outcome;
use super::plan::{Obstacle, PlannedFile, Refused};
use crate::apply::{ApplyError, Intended, Manner};
use crate::scan::{self, Offline};
use crate::store::{Db, StoreError, history, roots};

/// What is known about the disks, and which names are taken by plans that were looked at.
pub(super) struct Foresight {
    manner: Manner,
    offline: Vec<Offline>,
    taken: HashSet<PathBuf>,
}

impl Foresight {
    /// Looks at the roots of the library.
    pub fn of(choice: &Choice, db: &Db) -> Result<Self, StoreError> {
        let known: Vec<PathBuf> = roots::all(db)?.into_iter().map(|root| root.path).collect();
        Ok(Self {
            manner: Manner::from(&choice.settings.apply),
            offline: scan::offline(db, known.iter().map(PathBuf::as_path))?,
            taken: HashSet::new(),
        })
    }

    /// Notes what stands in the way of a plan, as the next in the order in which they will be carried out.
    pub fn look(&mut self, db: &Db, planned: &mut PlannedFile) -> Result<(), StoreError> {
        if planned.is_feasible() {
            planned.obstacle = self.obstacle(db, planned)?;
        }
        Ok(())
    }

    fn obstacle(&mut self, db: &Db, planned: &PlannedFile) -> Result<Option<Obstacle>, StoreError> {
        if let Some(offline) = self.offline.iter().find(|offline| planned.file.starts_with(&offline.path)) {
            return Ok(Some(Obstacle::offline(offline)));
        }
        if history::is_damaged(db, planned.id)? {
            return Ok(Some(Obstacle::from(&ApplyError::Damaged)));
        }
        let target = planned.target.as_deref().unwrap_or(&planned.file);
        let intended = Intended {
            path: &planned.file,
            size: planned.known.size,
            mtime_ns: planned.known.mtime_ns,
            runs: &planned.runs,
            target,
        };
        let found = intended.look(&self.manner).and_then(|()| self.take(planned.target.as_deref()));
        Ok(found.err().map(|error| Obstacle::from(&error)))
    }

    /// Keeps a new name for a plan; no other gets it then.
    fn take(&mut self, target: Option<&Path>) -> Result<(), ApplyError> {
        match target {
            Some(target) if !self.taken.insert(target.to_owned()) => {
                Err(ApplyError::TargetTaken { target: target.to_owned() })
            }
            _ => Ok(()),
        }
    }
}

impl Obstacle {
    /// The code of what is in the way of every file of a disk at once.
    pub const OFFLINE: &str = "ROOT_OFFLINE";

    fn offline(offline: &Offline) -> Self {
        let why = Refused { code: Self::OFFLINE.to_owned(), message: offline.to_string(), then: Vec::new() };
        Self { outcome: Outcome::Failed, why }
    }

    /// It stands in the way of every file of a disk.
    pub fn is_offline(&self) -> bool {
        self.why.code == Self::OFFLINE
    }
}

impl From<&ApplyError> for Obstacle {
    fn from(error: &ApplyError) -> Self {
        Self { outcome: Outcome::of(error), why: Refused::from(error) }
    }
}
