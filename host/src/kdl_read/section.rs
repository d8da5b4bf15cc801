//! A node whose settings may stand as properties (`apply backup="keep"`) or as children (`apply { backup "keep"; }`).
//!
//! What may stand in it is learned from what is asked for: whatever was not asked for when the section is closed is a
//! mistake, and the nearest word is looked for among those that were.

use super::{Item, Mistakes, Node, Place, Readable};

/// Reads one section.
#[derive(Debug)]
pub struct Section<'a> {
    node: Node<'a>,
    asked: Vec<&'static str>,
}

impl<'a> Section<'a> {
    pub fn open(node: Node<'a>) -> Self {
        Self { node, asked: Vec::new() }
    }

    /// Reads a setting wherever it stands; one that stands twice is a mistake.
    pub fn setting<T: Readable>(&mut self, name: &'static str, mistakes: &mut Mistakes) -> Option<(T, Place)> {
        self.asked.push(name);

        let mut found: Option<(T, Place)> = None;
        let mut is_taken = false;
        for (place, values) in self.written(name, mistakes) {
            if std::mem::replace(&mut is_taken, true) {
                mistakes.add(&place, format!("\"{name}\" is set twice in \"{}\"", self.node.name()));
                continue;
            }
            found = T::read_all(&values, &place, self.node.base(), mistakes).map(|value| (value, place));
        }
        found
    }

    /// Notes what nobody asked for.
    pub fn close(self, mistakes: &mut Mistakes) {
        self.node.no_annotations(mistakes);
        let kind = "setting";
        let known = self.asked.iter().copied();
        for (name, item) in self.node.properties().filter(|(name, _)| !self.asked.contains(name)) {
            mistakes.unknown(&item.place, kind, name, known.clone());
        }
        for child in self.node.children().filter(|child| !self.asked.contains(&child.name())) {
            mistakes.unknown(&child.place(), kind, child.name(), known.clone());
        }
    }

    fn written(&self, name: &str, mistakes: &mut Mistakes) -> Vec<(Place, Vec<Item<'a>>)> {
        let mut written = Vec::new();
        for (_, item) in self.node.properties().filter(|(property, _)| *property == name) {
            written.push((item.place.clone(), vec![item]));
        }
        for child in self.node.children().filter(|child| child.name() == name) {
            child.no_properties(mistakes);
            child.no_block(mistakes);
            child.no_annotations(mistakes);
            written.push((child.place(), child.arguments().collect()));
        }
        written
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kdl_read::{Base, Document, List};

    fn read(content: &str) -> (Option<u32>, Option<Vec<String>>, Vec<String>) {
        let document = Document::parse("x.kdl", content, Base::default()).unwrap();
        let mut mistakes = Mistakes::default();
        let mut section = Section::open(document.nodes().next().unwrap());
        let threads = section.setting::<u32>("threads", &mut mistakes).map(|(value, _)| value);
        let extensions = section.setting::<List<String>>("extensions", &mut mistakes).map(|(value, _)| value.0);
        section.close(&mut mistakes);
        (threads, extensions, mistakes.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn a_setting_is_found_as_a_property_and_as_a_child() {
        assert_eq!(read("scan threads=4"), (Some(4), None, vec![]));
        assert_eq!(read("scan {\n threads 4\n}"), (Some(4), None, vec![]));
        assert_eq!(read("scan { extensions mkv mp4; }").1, Some(vec!["mkv".to_owned(), "mp4".to_owned()]));
    }

    #[test]
    fn every_mistake_of_a_section_is_told_with_its_place() {
        let (_, _, mistakes) = read("scan thread=4 threads=\"many\" {\n    threads 5\n    extension mkv\n}");

        assert_eq!(
            mistakes,
            [
                "x.kdl:1:15: \"many\" is a text (expected a whole number)",
                "x.kdl:2:5: \"threads\" is set twice in \"scan\"",
                "x.kdl:1:6: unknown setting \"thread\" (expected one of threads, extensions); did you mean \"threads\"?",
                "x.kdl:3:5: unknown setting \"extension\" (expected one of threads, extensions); did you mean \"extensions\"?",
            ]
        );
    }

    #[test]
    fn a_number_out_of_range_is_told_with_the_range() {
        let (_, _, mistakes) = read("scan threads=-1");

        assert_eq!(mistakes, ["x.kdl:1:6: -1 is not between 0 and 4294967295 (expected a whole number)"]);
    }
}
