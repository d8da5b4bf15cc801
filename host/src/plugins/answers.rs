//! What a plugin answered before, kept beside its compiled code, so that it need not be started to be asked again.
//!
//! A component has nothing but its bytes to draw an answer from, so what it said of itself holds for as long as they do:
//! a scan that finds nothing changed runs a detector and no introspector. Only plugins that a profile uses are remembered;
//! one that is looked at, tried or checked is asked.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use super::bindings::about::Description;
use super::bindings::types::Node;
use super::cache;
use super::introspector::Claims;

/// The rules by which answers were checked; what was kept under others is asked for again. The number counts changes
/// within a version.
const RULES: &str = concat!(env!("CARGO_PKG_VERSION"), " 1");

/// Options of which it is known that nothing is wrong with them; a plugin is used in so many ways at most.
const FINE_MAX: usize = 32;

/// What one component answered.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Answers {
    rules: String,
    pub description: Option<Description>,
    pub claims: Option<Claims>,
    /// Options that the plugin found nothing wrong with, by their hash.
    fine: Vec<String>,
}

/// The answers of one plugin: those of this process, and those that it found.
pub(super) struct Remembered {
    /// Where they are kept; absent for a plugin that is only looked at.
    place: Option<(PathBuf, blake3::Hash)>,
    answers: Mutex<Answers>,
}

impl Remembered {
    /// Nothing, and nothing will be kept.
    pub fn nothing() -> Self {
        Self { place: None, answers: Mutex::default() }
    }

    /// What the component of a digest answered before, and keeps what it will.
    pub fn of(folder: &Path, digest: &blake3::Hash) -> Self {
        let kept = cache::answers(folder, digest).and_then(|kept| serde_json::from_slice::<Answers>(&kept).ok());
        let answers = kept.filter(|answers| answers.rules == RULES).unwrap_or_default();
        Self { place: Some((folder.to_owned(), *digest)), answers: Mutex::new(answers) }
    }

    pub fn description(&self) -> Option<Description> {
        self.look(|answers| answers.description.clone())
    }

    pub fn claims(&self) -> Option<Claims> {
        self.look(|answers| answers.claims.clone())
    }

    /// Whether the plugin found nothing wrong with these options.
    pub fn are_fine(&self, options: &[Node]) -> bool {
        let hash = hash(options);
        self.look(|answers| answers.fine.contains(&hash))
    }

    pub fn learn_description(&self, description: &Description) {
        self.learn(|answers| answers.description = Some(description.clone()));
    }

    pub fn learn_claims(&self, claims: &Claims) {
        self.learn(|answers| answers.claims = Some(claims.clone()));
    }

    pub fn learn_fine(&self, options: &[Node]) {
        self.learn(|answers| {
            answers.fine.push(hash(options));
            let excess = answers.fine.len().saturating_sub(FINE_MAX);
            answers.fine.drain(..excess);
        });
    }

    fn look<T>(&self, look: impl FnOnce(&Answers) -> T) -> T {
        look(&self.answers.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn learn(&self, learn: impl FnOnce(&mut Answers)) {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        learn(&mut answers);
        if let Some((folder, digest)) = &self.place {
            RULES.clone_into(&mut answers.rules);
            let kept = serde_json::to_vec(&*answers).expect("answers are plain data");
            cache::keep_answers(folder, digest, &kept);
        }
    }
}

/// Names options; as they are shown for debugging they differ whenever they differ at all, numbers that are none included.
fn hash(options: &[Node]) -> String {
    blake3::hash(format!("{options:?}").as_bytes()).to_hex().to_string()
}

#[cfg(test)]
mod tests {
    use super::super::bindings::types::Value;
    use super::*;

    fn digest() -> blake3::Hash {
        blake3::hash(b"a component")
    }

    fn option(value: Value) -> Vec<Node> {
        vec![Node { name: "keep".to_owned(), parent: None, arguments: vec![value], properties: Vec::new() }]
    }

    fn claims() -> Claims {
        Claims { extensions: vec!["mkv".to_owned()], magic: vec![(4, vec![1, 2])], tools: Vec::new() }
    }

    #[test]
    fn what_was_learnt_is_known_to_the_next_and_only_of_the_same_component() {
        let place = tempfile::tempdir().unwrap();
        let first = Remembered::of(place.path(), &digest());
        first.learn_claims(&claims());
        first.learn_fine(&option(Value::Decimal(f64::NAN)));

        let next = Remembered::of(place.path(), &digest());
        let other = Remembered::of(place.path(), &blake3::hash(b"another component"));

        assert_eq!(next.claims(), Some(claims()));
        assert!(next.are_fine(&option(Value::Decimal(f64::NAN))));
        assert!(!next.are_fine(&option(Value::Decimal(f64::INFINITY))));
        assert!(!next.are_fine(&[]));
        assert_eq!(next.description(), None);
        assert_eq!(other.claims(), None);
    }

    #[test]
    fn what_was_kept_under_other_rules_is_asked_for_again() {
        let place = tempfile::tempdir().unwrap();
        Remembered::of(place.path(), &digest()).learn_claims(&claims());
        let kept = String::from_utf8(cache::answers(place.path(), &digest()).unwrap()).unwrap();

        cache::keep_answers(place.path(), &digest(), kept.replace(RULES, "0.0.1 1").as_bytes());

        assert_eq!(Remembered::of(place.path(), &digest()).claims(), None);
    }

    #[test]
    fn a_plugin_that_is_only_looked_at_leaves_nothing() {
        let place = tempfile::tempdir().unwrap();

        Remembered::nothing().learn_claims(&claims());

        assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 0);
    }
}
