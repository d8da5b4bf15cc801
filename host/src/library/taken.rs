//! Refuses plans that would put a film where another one is, or is to be by the same plans.

use std::collections::HashSet;
use std::fs;
use std::path::PathBuf;

use super::PlannedFile;
use super::plan::Refused;
use crate::apply::ApplyError;

/// The places that the plans so far would give to films.
#[derive(Debug, Default)]
pub(super) struct Taken(HashSet<PathBuf>);

impl Taken {
    pub fn check(&mut self, planned: &mut PlannedFile) {
        let Some(target) = planned.target.clone().filter(|_| planned.refused.is_none()) else { return };
        let error = if fs::symlink_metadata(&target).is_ok() {
            ApplyError::TargetExists { target }
        } else if self.0.insert(target.clone()) {
            return;
        } else {
            ApplyError::TargetTaken { target }
        };
        planned.refused = Some(Refused::from(&error));
        planned.runs.clear();
    }
}
