//! What is wrong with what a person wrote: plain data, gathered and never thrown.

use std::{fmt, sync::Arc};

use serde::{Serialize, Serializer, ser::SerializeMap};

use super::{Place, Text};
use crate::media::text::visible;

/// One thing that is wrong, and where.
#[derive(Debug, Clone, PartialEq)]
pub struct Mistake {
    pub place: Place,
    /// What is wrong, as a lower-case fragment.
    pub what: String,
    /// What would be right.
    pub expected: Option<String>,
    /// The known word that is closest to the one written.
    pub nearest: Option<String>,
}

impl Serialize for Mistake {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("file", self.place.file())?;
        map.serialize_entry("line", &self.place.line())?;
        map.serialize_entry("column", &self.place.column())?;
        map.serialize_entry("offset", &self.place.offset())?;
        map.serialize_entry("length", &self.place.length())?;
        map.serialize_entry("what", &self.what)?;
        map.serialize_entry("expected", &self.expected)?;
        map.serialize_entry("nearest", &self.nearest)?;
        map.end()
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.what)?;
        if let Some(expected) = &self.expected {
            write!(f, " (expected {expected})")?;
        }
        if let Some(nearest) = &self.nearest {
            write!(f, "; did you mean \"{nearest}\"?")?;
        }
        Ok(())
    }
}

/// Every mistake of a file and of the files it inherits.
#[derive(Debug, Clone, PartialEq, Default, Serialize, thiserror::Error)]
#[serde(transparent)]
pub struct Mistakes {
    list: Vec<Mistake>,
}

impl Mistakes {
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    pub fn len(&self) -> usize {
        self.list.len()
    }

    pub fn iter(&self) -> std::slice::Iter<'_, Mistake> {
        self.list.iter()
    }

    /// The texts that the mistakes are in, each once, in the order in which they first appear.
    pub fn texts(&self) -> Vec<&Arc<Text>> {
        let mut texts: Vec<&Arc<Text>> = Vec::new();
        for mistake in &self.list {
            if !texts.iter().any(|text| Arc::ptr_eq(text, mistake.place.text())) {
                texts.push(mistake.place.text());
            }
        }
        texts
    }

    /// Notes a mistake; whatever stands in it is shown to people, so nothing in it can act on a terminal.
    pub fn push(&mut self, mut mistake: Mistake) {
        mistake.what = visible(&mistake.what).into_owned();
        mistake.expected = mistake.expected.map(|expected| visible(&expected).into_owned());
        mistake.nearest = mistake.nearest.map(|nearest| visible(&nearest).into_owned());
        // A file that is inherited along two ways is read once for each.
        if !self.list.contains(&mistake) {
            self.list.push(mistake);
        }
    }

    pub fn append(&mut self, others: Mistakes) {
        others.list.into_iter().for_each(|mistake| self.push(mistake));
    }

    /// Notes something wrong that needs no suggestion.
    pub fn add(&mut self, place: &Place, what: impl Into<String>) {
        self.push(Mistake { place: place.clone(), what: what.into(), expected: None, nearest: None });
    }

    /// Notes something wrong and says what would be right.
    pub fn expected(&mut self, place: &Place, what: impl Into<String>, expected: impl Into<String>) {
        let expected = Some(expected.into());
        self.push(Mistake { place: place.clone(), what: what.into(), expected, nearest: None });
    }

    /// Notes a word that is not known, with the nearest of those that are. `kind` says what sort of word it should be.
    pub fn unknown<'a>(
        &mut self,
        place: &Place,
        kind: &str,
        word: &str,
        known: impl IntoIterator<Item = &'a str> + Clone,
    ) {
        let nearest = nearest(word, known.clone()).map(str::to_owned);
        let known: Vec<&str> = known.into_iter().collect();
        let expected = (!known.is_empty()).then(|| match known.as_slice() {
            [only] => format!("\"{only}\""),
            _ => format!("one of {}", known.join(", ")),
        });
        let what = format!("unknown {kind} \"{word}\"");
        self.push(Mistake { place: place.clone(), what, expected, nearest });
    }

    /// Nothing when there are no mistakes, else all of them, in the order of the texts.
    pub fn into_result(mut self) -> Result<(), Mistakes> {
        if self.list.is_empty() {
            return Ok(());
        }
        self.sort();
        Err(self)
    }

    /// Puts mistakes of one text into the order of the text; texts stay in the order in which they were read.
    fn sort(&mut self) {
        let order: Vec<Arc<Text>> = self.texts().into_iter().cloned().collect();
        let rank = |text: &Arc<Text>| order.iter().position(|one| Arc::ptr_eq(one, text));
        self.list.sort_by_key(|mistake| (rank(mistake.place.text()), mistake.place.offset()));
    }
}

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, mistake) in self.list.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            write!(f, "{mistake}")?;
        }
        Ok(())
    }
}

impl IntoIterator for Mistakes {
    type Item = Mistake;
    type IntoIter = std::vec::IntoIter<Mistake>;

    fn into_iter(self) -> Self::IntoIter {
        self.list.into_iter()
    }
}

/// Finds the known word that someone most likely meant, if one is close enough to be worth saying.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let written = word.to_lowercase();
    known
        .into_iter()
        .map(|candidate| (distance(&written, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= tolerance(&written, candidate))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Mistypings between two words; a word that was only cut short or left out its first half is one away.
fn distance(written: &str, candidate: &str) -> usize {
    let candidate = candidate.to_lowercase();
    let is_part = written.len() >= 3 && (candidate.starts_with(written) || candidate.ends_with(written));
    let is_longer = candidate.len() >= 3 && written.starts_with(&candidate);
    if written != candidate && (is_part || is_longer) { 1 } else { strsim::osa_distance(written, &candidate) }
}

fn tolerance(written: &str, candidate: &str) -> usize {
    (written.chars().count().max(candidate.chars().count()) / 3).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_the_one_with_the_fewest_mistypings() {
        let known = ["backup", "hardlinks", "mtime", "retention-days"];

        assert_eq!(nearest("bakcup", known), Some("backup"));
        assert_eq!(nearest("Hardlink", known), Some("hardlinks"));
        assert_eq!(nearest("retention", known), Some("retention-days"));
        assert_eq!(nearest("sandwich", known), None);
    }

    #[test]
    fn mistakes_come_in_the_order_of_their_text_and_each_once() {
        let text = Arc::new(Text { name: "kids.kdl".into(), content: "one\ntwo\n".into() });
        let mut mistakes = Mistakes::default();
        mistakes.add(&Place::new(&text, 4, 3), "second");
        mistakes.add(&Place::new(&text, 0, 3), "first");
        mistakes.add(&Place::new(&text, 0, 3), "first");

        let told = mistakes.into_result().unwrap_err();

        assert_eq!(told.to_string(), "kids.kdl:1:1: first\nkids.kdl:2:1: second");
    }
}
