//! Tags of Matroska in the XML form that mkvextract writes and mkvpropedit and mkvmerge read.
//!
//! mkvpropedit replaces all tags at once. So the tags that stay are taken from the file itself, nesting and languages
//! included, and only the top-level tags of one name are changed.

use std::fmt::Write;

use crate::media::Tag;

/// An element with text or children; neither attributes nor anything between children matters here.
#[derive(Debug, Clone, PartialEq)]
struct Element {
    name: String,
    text: String,
    children: Vec<Element>,
}

/// Tags as the tools exchange them.
#[derive(Debug, Clone, PartialEq)]
pub struct TagsXml(Vec<Element>);

/// The text is not what mkvextract writes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("mkvextract wrote tags that cannot be read")]
pub struct Unreadable;

impl TagsXml {
    /// Reads what mkvextract wrote. It writes nothing at all for a file without tags.
    pub fn read(text: &str) -> Result<Self, Unreadable> {
        if text.trim_start_matches('\u{feff}').trim().is_empty() {
            return Ok(Self(Vec::new()));
        }
        let mut rest = text;
        let mut roots = read_children(&mut rest, None)?;
        match roots.pop() {
            Some(root) if root.name == "Tags" && roots.is_empty() => Ok(Self(root.children)),
            _ => Err(Unreadable),
        }
    }

    /// Makes tags of the whole file from facts.
    pub fn of<'a>(tags: impl IntoIterator<Item = &'a Tag>) -> Self {
        let mut made = Self(Vec::new());
        for tag in tags {
            made.add(&tag.name, &tag.value, tag.language.as_deref());
        }
        made
    }

    /// Sets or removes the tags of the whole file that have this name, whatever its case.
    pub fn set(&mut self, name: &str, value: Option<&str>) {
        for tag in self.0.iter_mut().filter(|tag| is_about_file(tag)) {
            tag.children.retain(|simple| {
                simple.name != "Simple"
                    || child_text(simple, "Name").is_none_or(|known| known.to_lowercase() != name.to_lowercase())
            });
        }
        self.0.retain(|tag| tag.children.iter().any(|child| child.name == "Simple"));
        if let Some(value) = value {
            self.add(name, value, None);
        }
    }

    /// Leaves out the tags of single tracks.
    pub fn keep_file_tags(&mut self) {
        self.0.retain(is_about_file);
    }

    pub fn write(&self) -> String {
        let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Tags>");
        for tag in &self.0 {
            write_element(&mut text, tag);
        }
        text.push_str("</Tags>\n");
        text
    }

    fn add(&mut self, name: &str, value: &str, language: Option<&str>) {
        let mut children = vec![leaf("Name", name), leaf("String", value)];
        if let Some(language) = language {
            children.push(leaf("TagLanguageIETF", language));
        }
        let simple = Element { name: "Simple".to_owned(), text: String::new(), children };
        let plain = self.0.iter_mut().find(|tag| targets(tag).is_none_or(|targets| targets.children.is_empty()));
        match plain {
            Some(tag) => tag.children.push(simple),
            None => self.0.push(Element {
                name: "Tag".to_owned(),
                text: String::new(),
                children: vec![leaf("Targets", ""), simple],
            }),
        }
    }
}

fn leaf(name: &str, text: &str) -> Element {
    Element { name: name.to_owned(), text: text.to_owned(), children: Vec::new() }
}

fn targets(tag: &Element) -> Option<&Element> {
    tag.children.iter().find(|child| child.name == "Targets")
}

fn child_text<'a>(element: &'a Element, name: &str) -> Option<&'a str> {
    element.children.iter().find(|child| child.name == name).map(|child| child.text.as_str())
}

/// Without the id of a track, chapter, edition or attachment, a tag is about the whole file.
fn is_about_file(tag: &Element) -> bool {
    targets(tag).is_none_or(|targets| targets.children.iter().all(|child| !child.name.ends_with("UID")))
}

fn write_element(text: &mut String, element: &Element) {
    let _ = write!(text, "<{}>", element.name);
    for c in element.text.chars() {
        match c {
            '&' => text.push_str("&amp;"),
            '<' => text.push_str("&lt;"),
            '>' => text.push_str("&gt;"),
            '\r' => text.push_str("&#13;"),
            c => text.push(c),
        }
    }
    for child in &element.children {
        write_element(text, child);
    }
    let _ = write!(text, "</{}>", element.name);
}

/// Reads elements up to the end tag of `parent`, or to the end of the text.
fn read_children(rest: &mut &str, parent: Option<&str>) -> Result<Vec<Element>, Unreadable> {
    let mut children = Vec::new();
    loop {
        let Some(open) = rest.find('<') else {
            return if parent.is_none() { Ok(children) } else { Err(Unreadable) };
        };
        *rest = &rest[open..];
        if rest.starts_with("<!--") {
            skip_past(rest, "-->")?;
        } else if rest.starts_with("<?") || rest.starts_with("<!") {
            skip_past(rest, ">")?;
        } else if let Some(after) = rest.strip_prefix("</") {
            let (name, after) = after.split_once('>').ok_or(Unreadable)?;
            *rest = after;
            return if parent == Some(name.trim()) { Ok(children) } else { Err(Unreadable) };
        } else {
            children.push(read_element(rest)?);
        }
    }
}

fn read_element(rest: &mut &str) -> Result<Element, Unreadable> {
    let (head, after) = rest[1..].split_once('>').ok_or(Unreadable)?;
    *rest = after;
    let is_empty = head.ends_with('/');
    let name = head.trim_end_matches('/').split_whitespace().next().ok_or(Unreadable)?.to_owned();
    if is_empty {
        return Ok(Element { name, text: String::new(), children: Vec::new() });
    }
    let text = &after[..after.find('<').ok_or(Unreadable)?];
    let mut element = Element { text: unescape(text)?, name, children: Vec::new() };
    element.children = read_children(rest, Some(&element.name))?;
    if !element.children.is_empty() {
        // White space between children.
        element.text.clear();
    }
    Ok(element)
}

fn skip_past(rest: &mut &str, end: &str) -> Result<(), Unreadable> {
    let place = rest.find(end).ok_or(Unreadable)?;
    *rest = &rest[place + end.len()..];
    Ok(())
}

fn unescape(text: &str) -> Result<String, Unreadable> {
    let mut whole = String::with_capacity(text.len());
    let mut parts = text.split('&');
    whole.push_str(parts.next().unwrap_or(""));
    for part in parts {
        let (name, after) = part.split_once(';').ok_or(Unreadable)?;
        let c = match name {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            "apos" => '\'',
            code => {
                let number = match code.strip_prefix("#x") {
                    Some(hex) => u32::from_str_radix(hex, 16),
                    None => code.strip_prefix('#').ok_or(Unreadable)?.parse(),
                };
                number.ok().and_then(char::from_u32).ok_or(Unreadable)?
            }
        };
        whole.push(c);
        whole.push_str(after);
    }
    Ok(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXTRACTED: &str = "\u{feff}<?xml version=\"1.0\"?>
<!-- <!DOCTYPE Tags SYSTEM \"matroskatags.dtd\"> -->
<Tags>
  <Tag>
    <Targets>
      <TargetTypeValue>70</TargetTypeValue>
    </Targets>
    <Simple>
      <Name>TITLE</Name>
      <String>Tom &amp; Jerry</String>
      <Simple>
        <Name>SORT_WITH</Name>
        <String>nested</String>
      </Simple>
    </Simple>
  </Tag>
  <Tag>
    <Targets>
      <TrackUID>7</TrackUID>
    </Targets>
    <Simple>
      <Name>BPS</Name>
      <String>1</String>
    </Simple>
  </Tag>
</Tags>
";

    fn set(name: &str, value: Option<&str>) -> String {
        let mut tags = TagsXml::read(EXTRACTED).unwrap();
        tags.set(name, value);
        tags.write()
    }

    #[test]
    fn what_is_not_set_stays_nesting_included() {
        let text = set("COMMENT", Some("a < b"));

        assert!(text.contains("<String>Tom &amp; Jerry</String><Simple><Name>SORT_WITH</Name><String>nested</String>"));
        assert!(text.contains("<TrackUID>7</TrackUID>"));
        assert!(text.contains("<Name>COMMENT</Name><String>a &lt; b</String>"));
    }

    #[test]
    fn a_removed_tag_is_gone_whatever_its_case_and_tags_of_tracks_stay() {
        assert!(!set("title", None).contains("Jerry"));
        assert!(set("bps", None).contains("<Name>BPS</Name>"));
    }

    #[test]
    fn a_file_without_tags_gets_its_first() {
        let mut tags = TagsXml::read("").unwrap();

        tags.set("A", Some("x"));

        assert!(tags.write().contains("<Targets></Targets><Simple><Name>A</Name><String>x</String>"));
    }

    #[test]
    fn what_is_no_xml_is_refused() {
        for text in ["<Tags>", "<Tags><Tag></Tags>", "<Other></Other>", "<Tags>&nonsense;</Tags>", "garbage"] {
            assert!(TagsXml::read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_written_reads_as_the_same() {
        let tags = TagsXml::read(EXTRACTED).unwrap();

        assert_eq!(TagsXml::read(&tags.write()).unwrap(), tags);
    }
}
