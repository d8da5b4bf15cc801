//! Which tracks of an MP4 file are enabled: the default ones, as this format says it.
//!
//! ffmpeg enables the first track of each type where none is to be the default. What it wrote is corrected in its own
//! output: one bit in the header of each track, ISO/IEC 14496-12 §8.3.2.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

/// No header of a real film comes near.
const MOST: u64 = 256 << 20;
const ENABLED: u8 = 1;

/// Sets the flag of the first tracks, in order; tracks beyond the list stay as they are.
pub fn set_enabled(file: &File, enabled: &[bool]) -> io::Result<()> {
    let Some((at, moov)) = read_moov(file)? else {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "there is no movie header"));
    };
    let tracks = children(&moov, 0, moov.len()).filter(|child| child.kind == *b"trak");
    for (track, enabled) in tracks.zip(enabled) {
        let Some(head) = children(&moov, track.content, track.end).find(|child| child.kind == *b"tkhd") else {
            continue;
        };
        // A byte of version, three of flags.
        let place = head.content + 3;
        let Some(was) = moov.get(place).copied().filter(|_| place < head.end) else { continue };
        let is = if *enabled { was | ENABLED } else { was & !ENABLED };
        if is != was {
            file.write_all_at(&[is], at + place as u64)?;
        }
    }
    Ok(())
}

/// Whether the boxes of an MP4 file end exactly where the file does: one that was cut has a box that reaches beyond.
pub fn is_whole(file: &File) -> io::Result<bool> {
    let length = file.metadata()?.len();
    let mut at = 0;
    while at < length {
        match read_head(file, at, length)? {
            Some(head) => at = head.end,
            None => return Ok(false),
        }
    }
    Ok(length > 0)
}

/// How many bytes of the boxes of an MP4 file lie beyond its end, when it was cut.
pub fn missing(file: &File) -> io::Result<Option<u64>> {
    let length = file.metadata()?.len();
    let mut at = 0;
    while let Some(head) = read_start(file, at, length)? {
        if head.end > length {
            return Ok(Some(head.end - length));
        }
        at = head.end;
    }
    Ok(None)
}

struct Head {
    kind: [u8; 4],
    content: u64,
    end: u64,
}

/// Reads the head of the box at a place; `None` for one that is not whole.
fn read_head(file: &File, at: u64, length: u64) -> io::Result<Option<Head>> {
    Ok(read_start(file, at, length)?.filter(|head| head.end <= length))
}

/// Reads the head of the box at a place, wherever it ends; `None` for what is no box.
fn read_start(file: &File, at: u64, length: u64) -> io::Result<Option<Head>> {
    if at + 8 > length {
        return Ok(None);
    }
    let mut head = [0; 16];
    let known = 16.min((length - at) as usize);
    file.read_exact_at(&mut head[..known], at)?;
    let (content, size) = match u32::from_be_bytes([head[0], head[1], head[2], head[3]]) {
        0 => (8, length - at),
        1 => (16, u64::from_be_bytes(head[8..].try_into().expect("eight bytes are eight bytes"))),
        size => (8, u64::from(size)),
    };
    let end = at.checked_add(size).filter(|_| size >= content);
    Ok(end.map(|end| Head { kind: [head[4], head[5], head[6], head[7]], content: at + content, end }))
}

/// Finds the movie header; returns where its content lies and the content.
fn read_moov(file: &File) -> io::Result<Option<(u64, Vec<u8>)>> {
    let length = file.metadata()?.len();
    let mut at = 0;
    while let Some(head) = read_head(file, at, length)? {
        if head.kind == *b"moov" {
            if head.end - head.content > MOST {
                return Ok(None);
            }
            let mut moov = vec![0; (head.end - head.content) as usize];
            file.read_exact_at(&mut moov, head.content)?;
            return Ok(Some((head.content, moov)));
        }
        at = head.end;
    }
    Ok(None)
}

struct Child {
    kind: [u8; 4],
    content: usize,
    end: usize,
}

/// The boxes in a range of bytes; ends at the first that is not whole.
fn children(bytes: &[u8], from: usize, to: usize) -> impl Iterator<Item = Child> {
    let mut at = from;
    std::iter::from_fn(move || {
        let head = bytes.get(at..at.checked_add(8)?)?;
        let size = u32::from_be_bytes([head[0], head[1], head[2], head[3]]) as usize;
        let end = at.checked_add(size).filter(|end| size >= 8 && *end <= to)?;
        let child = Child { kind: [head[4], head[5], head[6], head[7]], content: at + 8, end };
        at = end;
        Some(child)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn boxed(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
        [&(content.len() as u32 + 8).to_be_bytes(), &kind[..], content].concat()
    }

    #[test]
    fn only_the_bit_of_the_named_tracks_changes() {
        let track = |flags: u8| boxed(b"trak", &boxed(b"tkhd", &[0, 0, 0, flags, 9, 9]));
        let film = |flags: [u8; 3]| {
            let moov = [boxed(b"mvhd", &[0; 4]), track(flags[0]), track(flags[1]), track(flags[2])].concat();
            [boxed(b"ftyp", b"isom"), boxed(b"moov", &moov), boxed(b"mdat", b"film")].concat()
        };
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&film([7, 3, 2])).unwrap();

        set_enabled(&file, &[false, true]).unwrap();

        let expected = film([6, 3, 2]);
        let mut found = vec![0; expected.len()];
        file.read_exact_at(&mut found, 0).unwrap();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_film_that_was_cut_misses_what_its_boxes_announce() {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&[boxed(b"ftyp", b"isom"), boxed(b"mdat", &[0; 100])].concat()).unwrap();
        assert_eq!(missing(&file).unwrap(), None);

        file.set_len(90).unwrap();

        assert_eq!(missing(&file).unwrap(), Some(30));
        assert!(!is_whole(&file).unwrap());
    }

    #[test]
    fn what_is_no_mp4_is_refused() {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&[0xff; 100]).unwrap();

        assert!(set_enabled(&file, &[true]).is_err());
    }
}
