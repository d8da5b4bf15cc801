//! A parsed document and its nodes, with the place of everything in them.

use std::sync::Arc;

use kdl::{KdlDocument, KdlEntry, KdlNode, KdlValue};

use super::{Base, Mistake, Mistakes, Place, Readable, Scalar, Text, nesting};

/// A KDL text that has been parsed, and what relative paths in it stand on.
#[derive(Debug)]
pub struct Document {
    text: Arc<Text>,
    base: Base,
    parsed: KdlDocument,
}

impl Document {
    /// Parses a text; errors of syntax are mistakes like any other.
    pub fn parse(name: impl Into<String>, content: impl Into<String>, base: Base) -> Result<Self, Mistakes> {
        let text = Arc::new(Text { name: name.into(), content: content.into() });
        if let Some(place) = nesting::too_deep(&text.content) {
            let mut mistakes = Mistakes::default();
            let what = format!("blocks or comments lie in each other more than {} deep", nesting::DEPTH_MAX);
            mistakes.add(&Place::new(&text, place, 1), what);
            return Err(mistakes);
        }
        match KdlDocument::parse_v2(&text.content) {
            Ok(parsed) => Ok(Self { text, base, parsed }),
            Err(error) => Err(syntax_mistakes(&text, &error)),
        }
    }

    pub fn text(&self) -> &Arc<Text> {
        &self.text
    }

    pub fn base(&self) -> &Base {
        &self.base
    }

    pub fn nodes(&self) -> impl Iterator<Item = Node<'_>> {
        self.parsed.nodes().iter().map(|node| Node { document: self, node })
    }
}

fn syntax_mistakes(text: &Arc<Text>, error: &kdl::KdlError) -> Mistakes {
    let mut mistakes = Mistakes::default();
    for diagnostic in &error.diagnostics {
        let place = Place::new(text, diagnostic.span.offset(), diagnostic.span.len());
        if let Some(keyword) = bare_keyword(&text.content[place.offset()..]) {
            let place = Place::new(text, place.offset(), keyword.len());
            let nearest = Some(format!("#{keyword}"));
            mistakes.push(Mistake { place, what: format!("syntax: {keyword} needs a #"), expected: None, nearest });
            continue;
        }
        let what = match (&diagnostic.message, &diagnostic.label) {
            (Some(message), _) => lower_first(message),
            (None, Some(label)) => lower_first(label),
            (None, None) => "this is not KDL".to_owned(),
        };
        let expected = diagnostic.help.as_deref().map(lower_first);
        mistakes.push(Mistake { place, what: format!("syntax: {what}"), expected, nearest: None });
    }
    mistakes
}

/// The keyword of KDL 1 at the start of a text; KDL 2 writes it with a `#`, and everyone forgets it once.
fn bare_keyword(rest: &str) -> Option<&'static str> {
    ["true", "false", "null"].into_iter().find(|keyword| {
        let after = rest.strip_prefix(keyword);
        after.is_some_and(|after| !after.starts_with(|c: char| c.is_alphanumeric() || c == '-' || c == '_'))
    })
}

fn lower_first(sentence: &str) -> String {
    let trimmed = sentence.trim_end_matches('.');
    let mut characters = trimmed.chars();
    characters.next().map(|first| first.to_lowercase().chain(characters).collect()).unwrap_or_default()
}

/// A value and where it stands.
#[derive(Debug, Clone)]
pub struct Item<'a> {
    pub value: &'a KdlValue,
    pub place: Place,
}

/// One node of a document.
#[derive(Debug, Clone, Copy)]
pub struct Node<'a> {
    document: &'a Document,
    node: &'a KdlNode,
}

impl<'a> Node<'a> {
    pub fn name(&self) -> &'a str {
        self.node.name().value()
    }

    pub fn base(&self) -> &'a Base {
        &self.document.base
    }

    /// The node's name.
    pub fn place(&self) -> Place {
        self.at(self.node.name().span())
    }

    /// The node from its name to the end of its block.
    pub fn whole(&self) -> Place {
        self.at(self.node.span())
    }

    pub fn arguments(&self) -> impl Iterator<Item = Item<'a>> + use<'a> {
        let node = *self;
        self.node.entries().iter().filter(|entry| entry.name().is_none()).map(move |entry| node.item(entry))
    }

    /// Properties in the order written; one that is written twice comes twice.
    pub fn properties(&self) -> impl Iterator<Item = (&'a str, Item<'a>)> + use<'a> {
        let node = *self;
        self.node.entries().iter().filter_map(move |entry| Some((entry.name()?.value(), node.item(entry))))
    }

    pub fn has_block(&self) -> bool {
        self.node.children().is_some()
    }

    pub fn children(&self) -> impl Iterator<Item = Node<'a>> + use<'a> {
        let document = self.document;
        self.node.iter_children().map(move |node| Node { document, node })
    }

    /// The first argument, which must be there and be the only one.
    pub fn only<T: Scalar>(&self, mistakes: &mut Mistakes) -> Option<(T, Place)> {
        let arguments: Vec<Item> = self.arguments().collect();
        let Some(first) = arguments.first() else {
            mistakes.expected(&self.place(), format!("\"{}\" has no value", self.name()), T::expected());
            return None;
        };
        for further in &arguments[1..] {
            mistakes.expected(&further.place, format!("\"{}\" takes one value", self.name()), T::expected());
        }
        first.read(self.base(), mistakes).map(|value| (value, first.place.clone()))
    }

    /// All arguments, of which there must be one at least.
    pub fn several<T: Scalar>(&self, mistakes: &mut Mistakes) -> Vec<(T, Place)> {
        let mut found = Vec::new();
        let mut is_empty = true;
        for argument in self.arguments() {
            is_empty = false;
            if let Some(value) = argument.read(self.base(), mistakes) {
                found.push((value, argument.place));
            }
        }
        if is_empty {
            mistakes.expected(&self.place(), format!("\"{}\" has no value", self.name()), T::expected());
        }
        found
    }

    /// Notes every argument as a mistake.
    pub fn no_arguments(&self, mistakes: &mut Mistakes) {
        for argument in self.arguments() {
            mistakes.add(&argument.place, format!("\"{}\" takes no value of its own", self.name()));
        }
    }

    /// Notes every property as a mistake.
    pub fn no_properties(&self, mistakes: &mut Mistakes) {
        for (name, item) in self.properties() {
            mistakes.add(&item.place, format!("\"{}\" has no property \"{name}\"", self.name()));
        }
    }

    /// Notes a block as a mistake.
    pub fn no_block(&self, mistakes: &mut Mistakes) {
        if let Some(child) = self.children().next() {
            mistakes.add(&child.place(), format!("\"{}\" has no block", self.name()));
        }
    }

    /// Notes type annotations, which KDL has and nothing here uses.
    pub fn no_annotations(&self, mistakes: &mut Mistakes) {
        let entries = self.node.entries().iter().filter_map(|entry| entry.ty());
        for annotation in self.node.ty().into_iter().chain(entries) {
            mistakes
                .add(&self.at(annotation.span()), format!("type annotation ({}) is not used here", annotation.value()));
        }
    }

    /// Reads the arguments as one value.
    pub fn read<T: Readable>(&self, mistakes: &mut Mistakes) -> Option<T> {
        let arguments: Vec<Item> = self.arguments().collect();
        T::read_all(&arguments, &self.place(), self.base(), mistakes)
    }

    fn item(&self, entry: &'a KdlEntry) -> Item<'a> {
        Item { value: entry.value(), place: self.at(entry.span()) }
    }

    fn at(&self, span: miette::SourceSpan) -> Place {
        Place::new(&self.document.text, span.offset(), span.len())
    }
}

impl Item<'_> {
    pub fn read<T: Scalar>(&self, base: &Base, mistakes: &mut Mistakes) -> Option<T> {
        match T::read(self.value, base) {
            Ok(value) => Some(value),
            Err(wrong) => {
                wrong.tell(&self.place, self.value, T::expected(), mistakes);
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(content: &str) -> Vec<String> {
        let mistakes = Document::parse("x.kdl", content, Base::default()).unwrap_err();
        mistakes.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn places_are_right_behind_letters_of_several_bytes() {
        let document = Document::parse("x.kdl", "// über\nlibrary \"/kü\" x=1\n", Base::default()).unwrap();
        let node = document.nodes().next().unwrap();

        assert_eq!(node.place().to_string(), "x.kdl:2:1");
        assert_eq!(node.properties().next().unwrap().1.place.to_string(), "x.kdl:2:15");
    }

    #[test]
    fn keywords_without_their_sign_are_told_as_such() {
        assert_eq!(told("scan prune=true"), ["x.kdl:1:12: syntax: true needs a #; did you mean \"#true\"?"]);
        assert!(told("scan {\n")[0].contains("syntax: "));
    }
}
