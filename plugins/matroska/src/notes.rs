//! What is told beside the facts: oddities that did not hinder reading, and why something is missing.

use vpo_plugin_sdk::extra;
use vpo_plugin_sdk::introspector::Failure;
use vpo_plugin_sdk::types::Entry as Extra;
use vpo_reading::ReadError;

/// More oddities than these say nothing new.
const MOST_WARNINGS: usize = 20;

/// Warnings, and the first reason why facts are not complete.
#[derive(Debug, Default)]
pub struct Notes {
    pub warnings: Vec<String>,
    pub partial: Option<String>,
    /// What the host is to know of the file as such.
    pub extra: Vec<Extra>,
}

impl Notes {
    /// A second document begins at this byte.
    pub fn another_follows(&mut self, at: u64) {
        self.warn(format!("a second document begins at byte {at}"));
        let follows = extra::another_follows();
        if !self.extra.iter().any(|known| known.name == follows.name) {
            self.extra.push(follows);
        }
    }

    pub fn warn(&mut self, warning: impl Into<String>) {
        let warning = warning.into();
        if self.warnings.len() < MOST_WARNINGS && !self.warnings.contains(&warning) {
            self.warnings.push(warning);
        }
    }

    /// Something is missing; the first reason is kept, further ones become warnings.
    pub fn missing(&mut self, reason: impl Into<String>) {
        match self.partial {
            None => self.partial = Some(reason.into()),
            Some(_) => self.warn(reason),
        }
    }

    /// Takes what was read of a part that facts can do without. A spent budget leaves it out; a failing disk is a failure,
    /// because the same file would give other facts next time.
    pub fn optional<T: Default>(&mut self, part: &str, read: Result<T, ReadError>) -> Result<T, Failure> {
        match read {
            Ok(value) => Ok(value),
            Err(ReadError::BudgetSpent) => {
                self.missing(format!("{part} would have cost too much reading"));
                Ok(T::default())
            }
            Err(error) => Err(error.into()),
        }
    }
}
