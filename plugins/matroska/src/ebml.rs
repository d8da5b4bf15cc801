//! EBML elements as they lie in a file: headers, the walk over the children of one, and their values.
//!
//! Every size is clipped to the parent and to the file. What is damaged ends a walk and is told by [`Walk::damage`]; only a
//! failing read is an error.

use vpo_reading::{Media, Pages, ReadError};

use crate::ids;

/// The file that is read.
pub type File<'a> = Pages<'a, dyn Media + 'a>;

/// Bytes of a text that are read; the rest of a longer one is left in the file, for what reading may cost.
const LONGEST_TEXT: u64 = 12 << 10;
/// The longest header: an id of four bytes and a size of eight.
const LONGEST_HEADER: usize = 12;

/// One element: an id, and where its content lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Element {
    pub id: u32,
    /// Offset of the header.
    pub at: u64,
    /// Offset of the content.
    pub body: u64,
    /// Offset behind the content, clipped to the parent and the file.
    pub end: u64,
    /// Bytes of content that the header claims; absent when the size is unknown.
    pub claimed: Option<u64>,
}

impl Element {
    /// Bytes of content that are there.
    pub fn length(&self) -> u64 {
        self.end - self.body
    }

    /// Whether the content reaches beyond the parent or the file.
    pub fn is_cut(&self) -> bool {
        self.claimed.is_some_and(|claimed| claimed > self.length())
    }

    /// Whether the end is only a guess, to be found by walking over the children.
    pub fn is_open(&self) -> bool {
        self.claimed.is_none() || self.is_cut()
    }
}

/// What stands where a header was looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Header {
    Element(Element),
    /// No id or no size of EBML.
    Invalid,
    /// The space ends within the header.
    Ended,
}

/// Reads the header at an offset; the element may reach as far as `limit`.
pub fn header(file: &mut File<'_>, at: u64, limit: u64) -> Result<Header, ReadError> {
    let limit = limit.min(file.size());
    let room = limit.saturating_sub(at).min(LONGEST_HEADER as u64) as usize;
    Ok(parse_header(&file.view(at, room)?, at, limit))
}

/// Like [`header`], but reads nothing beside it: for hopping from one to the next.
pub fn glance(file: &mut File<'_>, at: u64, limit: u64) -> Result<Header, ReadError> {
    let limit = limit.min(file.size());
    let room = limit.saturating_sub(at).min(LONGEST_HEADER as u64) as usize;
    Ok(parse_header(&file.glance(at, room)?, at, limit))
}

/// Reads a header from bytes that stand at an offset.
pub fn parse_header(bytes: &[u8], at: u64, limit: u64) -> Header {
    let Some(&first) = bytes.first() else { return Header::Ended };
    let id_length = first.leading_zeros() as usize + 1;
    if id_length > 4 {
        return Header::Invalid;
    }
    let (Some(id), Some(&size_first)) = (bytes.get(..id_length), bytes.get(id_length)) else { return Header::Ended };
    let size_length = size_first.leading_zeros() as usize + 1;
    if size_length > 8 {
        return Header::Invalid;
    }
    let Some(size) = bytes.get(id_length..id_length + size_length) else { return Header::Ended };
    let claimed = vint(size);
    let body = at.saturating_add((id_length + size_length) as u64);
    let end = claimed.map_or(limit, |claimed| body.saturating_add(claimed).min(limit)).max(body);
    Header::Element(Element { id: big_endian(id) as u32, at, body, end, claimed })
}

/// Value of a size of one to eight bytes; `None` when all its bits are set, which means unknown.
fn vint(bytes: &[u8]) -> Option<u64> {
    let value_bits = 7 * bytes.len() as u32;
    let mask = (1u64 << value_bits) - 1;
    let value = big_endian(bytes) & mask;
    (value != mask).then_some(value)
}

fn big_endian(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |value, byte| value << 8 | u64::from(*byte))
}

/// Where and how the content of an element is damaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Damage {
    /// The file ends here, within an element.
    Ended(u64),
    /// What stands here is no element.
    Invalid(u64),
}

/// Goes over the children of an element.
#[derive(Debug, Clone)]
pub struct Walk {
    at: u64,
    end: u64,
    /// What ended the walk early or made its latest child incomplete.
    pub damage: Option<Damage>,
    /// Whether the walk ended because a part of the segment began.
    stopped: bool,
}

impl Walk {
    pub fn inside(parent: &Element) -> Self {
        Self { at: parent.body, end: parent.end, damage: None, stopped: false }
    }

    /// Returns the next child, `None` at the end, at damage, or where another part of the segment begins.
    pub fn next(&mut self, file: &mut File<'_>) -> Result<Option<Element>, ReadError> {
        if self.at >= self.end || self.damage.is_some() || self.stopped {
            return Ok(None);
        }
        match header(file, self.at, self.end)? {
            Header::Element(child) if ids::is_top(child.id) => {
                self.stopped = true;
                Ok(None)
            }
            Header::Element(child) => {
                if child.is_cut() && child.end == file.size() {
                    self.damage = Some(Damage::Ended(child.end));
                }
                self.at = child.end;
                Ok(Some(child))
            }
            Header::Ended if self.end == file.size() => {
                self.damage = Some(Damage::Ended(self.end));
                Ok(None)
            }
            Header::Ended | Header::Invalid => {
                self.damage = Some(Damage::Invalid(self.at));
                Ok(None)
            }
        }
    }

    /// Whether another part of the segment began before the walk had reached its end.
    pub fn was_stopped(&self) -> bool {
        self.stopped
    }

    /// Where the walk stands: behind the latest child.
    pub fn position(&self) -> u64 {
        self.at
    }
}

/// Reads an unsigned integer; `None` when it is empty, which means the default, or too long to be one.
pub fn unsigned(file: &mut File<'_>, element: &Element) -> Result<Option<u64>, ReadError> {
    match element.length() {
        length @ 1..=8 => Ok(Some(big_endian(&file.view(element.body, length as usize)?))),
        _ => Ok(None),
    }
}

/// Reads a flag.
pub fn flag(file: &mut File<'_>, element: &Element) -> Result<Option<bool>, ReadError> {
    Ok(unsigned(file, element)?.map(|value| value != 0))
}

/// Reads a signed integer.
pub fn signed(file: &mut File<'_>, element: &Element) -> Result<Option<i64>, ReadError> {
    // One to eight bytes, or there is no value.
    let unused_bits = |length: u64| 64 - 8 * length;
    let value = unsigned(file, element)?;
    Ok(value.map(|value| (value << unused_bits(element.length())) as i64 >> unused_bits(element.length())))
}

/// Reads a floating-point number; only finite ones are values.
pub fn float(file: &mut File<'_>, element: &Element) -> Result<Option<f64>, ReadError> {
    let bits = unsigned(file, element)?;
    let value = match element.length() {
        4 => bits.map(|bits| f64::from(f32::from_bits(bits as u32))),
        8 => bits.map(f64::from_bits),
        _ => None,
    };
    Ok(value.filter(|value| value.is_finite()))
}

/// Reads a text up to its first NUL; what is not UTF-8 is replaced, and an empty one is none.
pub fn text(file: &mut File<'_>, element: &Element) -> Result<Option<String>, ReadError> {
    let bytes = file.view(element.body, element.length().min(LONGEST_TEXT) as usize)?;
    let mut ended = bytes.split(|byte| *byte == 0).next().unwrap_or_default();
    if element.length() > LONGEST_TEXT {
        // Not within a letter.
        let letters = ended.utf8_chunks().last().map_or(0, |last| last.invalid().len());
        ended = &ended[..ended.len() - letters.min(ended.len())];
    }
    let text = String::from_utf8_lossy(ended).into_owned();
    Ok((!text.is_empty()).then_some(text))
}

/// Whether more of a text is in the file than was read.
pub fn is_cut_off(text: &str) -> bool {
    const LONGEST_LETTER: u64 = 4;
    text.len() as u64 + LONGEST_LETTER > LONGEST_TEXT
}

/// Reads the first bytes of the content, at most `most` of them.
pub fn binary(file: &mut File<'_>, element: &Element, most: u64) -> Result<Vec<u8>, ReadError> {
    file.bytes(element.body, element.length().min(most) as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(bytes: &[u8]) -> Header {
        parse_header(bytes, 0, 1000)
    }

    #[test]
    fn ids_and_sizes_of_every_length_are_read() {
        let element = |id, body: u64, claimed: u64| {
            Header::Element(Element { id, at: 0, body, end: (body + claimed).min(1000), claimed: Some(claimed) })
        };

        assert_eq!(parsed(&[0xEC, 0x81]), element(0xEC, 2, 1));
        assert_eq!(parsed(&[0x42, 0x82, 0x40, 0x02]), element(0x4282, 4, 2));
        assert_eq!(parsed(&[0x1A, 0x45, 0xDF, 0xA3, 0x01, 0, 0, 0, 0, 0, 0, 3]), element(ids::EBML, 12, 3));
        assert_eq!(parsed(&[0xEC, 0x21, 0, 0]), element(0xEC, 4, 0x10000));
    }

    #[test]
    fn a_size_with_all_bits_set_is_unknown_and_reaches_to_the_limit() {
        for size in [&[0xFF][..], &[0x7F, 0xFF], &[0x01, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]] {
            let Header::Element(element) = parsed(&[&[0xEC], size].concat()) else { panic!("{size:?}") };

            assert_eq!((element.claimed, element.end), (None, 1000));
        }
    }

    #[test]
    fn what_is_no_header_is_told_from_a_header_that_is_cut_off() {
        assert_eq!(parsed(&[0x08, 0x81]), Header::Invalid);
        assert_eq!(parsed(&[0xEC, 0x00]), Header::Invalid);
        assert_eq!(parsed(&[]), Header::Ended);
        assert_eq!(parsed(&[0x42]), Header::Ended);
        assert_eq!(parsed(&[0x42, 0x82]), Header::Ended);
        assert_eq!(parsed(&[0xEC, 0x40]), Header::Ended);
    }

    #[test]
    fn a_huge_size_is_clipped_and_known_to_be_cut() {
        let Header::Element(element) = parsed(&[0xEC, 0x01, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFE]) else {
            panic!()
        };

        assert_eq!((element.length(), element.is_cut()), (991, true));
    }

    #[test]
    fn values_of_odd_lengths_are_read_or_none() {
        let bytes = vec![0xFF, 0xFE, 0x41, 0x00, 0x42, 0x7F, 0xF8, 0, 0, 0, 0, 0, 0, 0];
        let mut file: File<'_> = Pages::new(&bytes);
        let at = |body, end| Element { id: 0, at: 0, body, end, claimed: Some(end - body) };

        assert_eq!(signed(&mut file, &at(0, 2)).unwrap(), Some(-2));
        assert_eq!(unsigned(&mut file, &at(0, 0)).unwrap(), None);
        assert_eq!(unsigned(&mut file, &at(0, 9)).unwrap(), None);
        assert_eq!(signed(&mut file, &at(0, 14)).unwrap(), None);
        assert_eq!(text(&mut file, &at(2, 5)).unwrap().as_deref(), Some("A"));
        assert_eq!(float(&mut file, &at(5, 13)).unwrap(), None, "not a number");
        assert_eq!(float(&mut file, &at(5, 8)).unwrap(), None, "no such length");
    }
}
