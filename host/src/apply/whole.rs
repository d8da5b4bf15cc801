//! Whether a file ends where it says it does. Facts stand at the beginning of a film and do not tell.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use super::outline::{self, End};
use crate::media::Facts;
use crate::tools::mp4_flags;

/// What would be lost by a copy without anybody noticing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HiddenLoss {
    #[error("its last {missing} bytes are missing")]
    Cut { missing: u64 },
    #[error("another film begins in it at byte {at}")]
    Another { at: u64 },
    #[error("it ends before it says it does")]
    Short,
    #[error("another film follows in it")]
    Followed,
    #[error(
        "what is known of it is not complete (`vpo inspect` says why), and a track that is not known would be gone"
    )]
    Unknown,
}

/// What the reader of a file knows of such a loss, so that a plan can be refused before the file is touched.
pub fn known_loss(facts: &Facts) -> Option<HiddenLoss> {
    match () {
        () if facts.is_said("cut-short") => Some(HiddenLoss::Short),
        () if facts.is_said("another-follows") => Some(HiddenLoss::Followed),
        () if facts.partial.is_some() => Some(HiddenLoss::Unknown),
        () => None,
    }
}

/// What a copy of a file would silently be without: the end that was cut off, or a document behind the first. Of a stream,
/// which does not say how long it is, nothing is concluded.
pub fn hidden_loss(container: &str, file: &File) -> io::Result<Option<HiddenLoss>> {
    let length = file.metadata()?.len();
    let missing = match container {
        "matroska" | "webm" => match outline::end(file)? {
            End::BeforeAnother(at) => return Ok(Some(HiddenLoss::Another { at })),
            End::At(end) => end.checked_sub(length),
            End::Unknown => None,
        },
        "mp4" | "mov" => mp4_flags::missing(file)?,
        "avi" => riff_end(file, length)?.checked_sub(length),
        _ => None,
    };
    Ok(missing.filter(|missing| *missing > 0).map(|missing| HiddenLoss::Cut { missing }))
}

/// Whether a file that vpo's tools wrote ends exactly where it says: one that was not written to its end does not.
pub fn is_whole(container: &str, file: &File) -> io::Result<bool> {
    match container {
        "matroska" | "webm" => {
            let length = file.metadata()?.len();
            Ok(matches!(outline::end(file)?, End::At(end) if end == length))
        }
        "mp4" | "mov" => mp4_flags::is_whole(file),
        _ => Ok(true),
    }
}

/// Where the last chunk of a RIFF file says that it ends. Long films are several chunks, one after the other.
fn riff_end(file: &File, length: u64) -> io::Result<u64> {
    const HEAD: u64 = 8;
    let (mut at, mut end) = (0, 0);
    while at + HEAD <= length {
        let mut head = [0; HEAD as usize];
        file.read_exact_at(&mut head, at)?;
        let (id, size) = head.split_at(4);
        if id != b"RIFF" {
            break;
        }
        let size = u32::from_le_bytes(size.try_into().expect("four bytes are left"));
        end = at + HEAD + u64::from(size);
        // Chunks begin at even places.
        at = end + end % 2;
    }
    Ok(end)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn riff(sizes: &[u32], length: u64) -> File {
        let mut file = tempfile::tempfile().unwrap();
        for size in sizes {
            file.write_all(b"RIFF").unwrap();
            file.write_all(&size.to_le_bytes()).unwrap();
            file.write_all(&vec![0; *size as usize]).unwrap();
        }
        file.set_len(length).unwrap();
        file
    }

    #[test]
    fn an_avi_that_was_cut_misses_what_its_chunks_announce() {
        let loss = |sizes: &[u32], length| hidden_loss("avi", &riff(sizes, length)).unwrap();

        assert_eq!(loss(&[100], 108), None);
        assert_eq!(loss(&[100, 50], 166), None);
        assert_eq!(loss(&[100], 98), Some(HiddenLoss::Cut { missing: 10 }));
        assert_eq!(loss(&[100, 50], 150), Some(HiddenLoss::Cut { missing: 16 }));
        assert_eq!(loss(&[100], 5000), None, "what follows is no part of it");
    }
}
