//! The file as a whole: its brand, and where its headers are.

use vpo_plugin_sdk::introspector::Failure;
use vpo_reading::Media;

use crate::boxes::{self, FourCc, Source, Span};

/// What stands at the top of a file.
#[derive(Debug, Clone)]
pub struct Document {
    pub brand: Option<FourCc>,
    pub moov: Span,
    /// The first box that begins behind `moov`, when the walk ended there.
    pub behind: u64,
}

/// Boxes that files of this family begin with.
const FIRST: [FourCc; 16] = [
    *b"ftyp", *b"styp", *b"moov", *b"mdat", *b"free", *b"skip", *b"wide", *b"pnot", *b"uuid", *b"sidx", *b"moof",
    *b"jP  ", *b"pdin", *b"emsg", *b"meta", *b"prft",
];

/// Boxes that stand behind them.
const LATER: [FourCc; 5] = [*b"mfra", *b"ssix", *b"udta", *b"junk", *b"prfl"];

/// Boxes at the top that are walked over in search of `moov`.
const MOST_BOXES: usize = 2048;

/// Finds `moov`, hopping over everything else.
pub fn read<M: Media + ?Sized>(source: &mut Source<'_, M>) -> Result<Document, Failure> {
    let size = source.size();
    if size == 0 {
        return Err(Failure::Truncated("the file is empty".to_owned()));
    }
    let first = source.box_at(0, size)?.filter(|first| FIRST.contains(&first.kind)).ok_or(Failure::NotMine)?;
    let mut brand = None;
    let (mut is_fragment, mut is_image) = (false, false);
    let mut found = first;
    for _ in 0..MOST_BOXES {
        match &found.kind {
            b"ftyp" if brand.is_none() => {
                brand = source.content(found, 4)?.try_into().ok();
            }
            b"moov" if found.is_cut && !has_all_tracks(source, found)? => return Err(boxes::truncated("moov", size)),
            b"moov" => return Ok(Document { brand, moov: found, behind: found.end }),
            b"moof" | b"styp" => is_fragment = true,
            b"meta" => is_image = true,
            _ => {}
        }
        if found.is_cut {
            let name = boxes::name(found.kind);
            // A file is cut within a box that it has; another name is what is broken.
            if !FIRST.contains(&found.kind) && !LATER.contains(&found.kind) {
                return Err(Failure::Malformed(format!(
                    "damaged at byte {}: {name} is no box that stands there, and no moov came before",
                    found.start
                )));
            }
            return Err(Failure::Truncated(format!("truncated in {name} at byte {size}, before any moov")));
        }
        match source.distant_box_at(found.end, size)? {
            Some(next) => found = next,
            None if found.end < size => {
                return Err(Failure::Malformed(format!(
                    "no box begins at byte {}, and no moov came before",
                    found.end
                )));
            }
            None if is_fragment => {
                return Err(Failure::Unsupported("a fragment without its beginning: it has no moov".to_owned()));
            }
            None if is_image => return Err(Failure::Unsupported("a still image: it has no moov".to_owned())),
            None => return Err(Failure::Malformed("it has no moov".to_owned())),
        }
    }
    Err(Failure::Malformed(format!("no moov among the first {MOST_BOXES} boxes")))
}

/// Tells whether a `moov` that claims to go on behind the end of the file holds all of its tracks nevertheless: it ends with a
/// whole child, since its size may be wrong, or within what is said of the film beside its tracks and behind them.
fn has_all_tracks<M: Media + ?Sized>(source: &mut Source<'_, M>, moov: Span) -> Result<bool, Failure> {
    let mut at = moov.content;
    let mut has_track = false;
    while at < moov.end {
        let Some(child) = source.distant_box_at(at, moov.end)? else { return Ok(false) };
        if child.is_cut {
            let is_aside = matches!(&child.kind, b"udta" | b"meta" | b"free" | b"skip" | b"uuid");
            return Ok(has_track && is_aside && child.claimed >= moov.claimed);
        }
        has_track |= &child.kind == b"trak";
        at = child.end;
    }
    Ok(moov.length() > 0)
}

impl Document {
    /// Numbers for languages and sound descriptions mean what QuickTime means by them.
    pub fn is_quicktime(&self) -> bool {
        self.brand.is_none_or(|brand| &brand == b"qt  ")
    }

    /// One normal name for the container; the brand tells the kinds of MP4 apart.
    pub fn container(&self) -> &'static str {
        if self.is_quicktime() { "mov" } else { "mp4" }
    }
}

/// The fragments behind `moov`.
#[derive(Debug, Clone, Copy, Default)]
pub struct Fragments {
    pub index: Option<Span>,
    pub first: Option<Span>,
}

/// Finds the index and the first fragment, which stand close behind `moov` when there are any.
pub fn fragments<M: Media + ?Sized>(source: &mut Source<'_, M>, document: &Document) -> Result<Fragments, Failure> {
    const MOST_LOOKED_AT: usize = 16;
    let size = source.size();
    let mut found = Fragments::default();
    let mut at = document.behind;
    for _ in 0..MOST_LOOKED_AT {
        let Some(next) = source.distant_box_at(at, size)? else { break };
        match &next.kind {
            b"sidx" if found.index.is_none() => found.index = Some(next),
            b"moof" => {
                found.first = Some(next);
                break;
            }
            _ => {}
        }
        at = next.end;
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn boxed(kind: &FourCc, content: &[u8]) -> Vec<u8> {
        [&(content.len() as u32 + 8).to_be_bytes()[..], kind, content].concat()
    }

    /// A `moov` of these children with all of the file behind the first `left` bytes of the last one cut off.
    fn cut(children: &[Vec<u8>], left: usize) -> Result<Document, Failure> {
        let lost = children.last().unwrap().len() - left;
        let mut file = [boxed(b"ftyp", b"isom\0\0\0\0"), boxed(b"moov", &children.concat())].concat();
        file.truncate(file.len() - lost);
        read(&mut Source::new(&file))
    }

    #[test]
    fn headers_that_end_behind_all_tracks_are_good_enough() {
        let (trak, tags) = (boxed(b"trak", &[0; 20]), boxed(b"udta", &[0; 20]));

        assert!(cut(&[trak.clone(), tags.clone()], 12).is_ok());
        assert!(cut(&[trak.clone(), trak.clone()], 12).is_err(), "a track is cut");
        assert!(cut(&[tags.clone(), tags.clone()], 12).is_err(), "there is no track");
    }

    #[test]
    fn a_track_that_may_follow_makes_the_file_truncated() {
        let (trak, tags) = (boxed(b"trak", &[0; 20]), boxed(b"udta", &[0; 20]));
        let mut file = [boxed(b"ftyp", b"isom\0\0\0\0"), boxed(b"moov", &[&trak[..], &tags, &trak].concat())].concat();
        file.truncate(file.len() - trak.len() - 4);

        let read = read(&mut Source::new(&file));

        assert!(matches!(read, Err(Failure::Truncated(_))), "{read:?}");
    }
}
