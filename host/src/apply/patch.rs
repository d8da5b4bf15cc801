//! What an edit of a header changes in a file, and what stands there before: enough to carry it out and to take it back.
//!
//! Written down with the intent before the first byte of the film is touched.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

const MAGIC: &[u8; 10] = b"vpo undo 1";

/// What is to be written where, and what stands there before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Patch {
    pub length_before: u64,
    pub length_after: u64,
    pub writes: Vec<Write>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Write {
    pub offset: u64,
    /// Shorter than `after` where the file grows, longer where it shrinks.
    pub before: Vec<u8>,
    pub after: Vec<u8>,
}

impl Patch {
    /// The bytes that are to be overwritten stand where they are expected.
    pub fn fits(&self, file: &File) -> io::Result<bool> {
        if file.metadata()?.len() != self.length_before {
            return Ok(false);
        }
        for write in &self.writes {
            let mut found = vec![0; write.before.len()];
            file.read_exact_at(&mut found, write.offset)?;
            if found != write.before {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Carries the patch out; not before what stood there was written down elsewhere, and that stays until the file was
    /// synchronised.
    pub fn apply(&self, file: &File) -> io::Result<()> {
        for write in &self.writes {
            file.write_all_at(&write.after, write.offset)?;
        }
        if self.length_after < self.length_before {
            file.set_len(self.length_after)?;
        }
        Ok(())
    }

    /// Puts everything back, however much of the patch was carried out.
    pub fn undo(&self, file: &File) -> io::Result<()> {
        for write in &self.writes {
            file.write_all_at(&write.before, write.offset)?;
        }
        file.set_len(self.length_before)?;
        file.sync_all()
    }

    pub fn bytes(&self) -> u64 {
        self.writes.iter().map(|write| write.after.len() as u64).sum()
    }

    /// Whether the file is this patch, carried out as far as it came: every byte that it touches is the one from before or
    /// the one from after. A byte that is neither was written by somebody else since.
    pub fn explains(&self, file: &File) -> io::Result<bool> {
        let length = file.metadata()?.len();
        let (least, most) = (self.length_before.min(self.length_after), self.length_before.max(self.length_after));
        if !(least..=most).contains(&length) {
            return Ok(false);
        }
        for write in &self.writes {
            let mut found = vec![0; write.before.len().max(write.after.len())];
            let known = length.saturating_sub(write.offset).min(found.len() as u64) as usize;
            file.read_exact_at(&mut found[..known], write.offset)?;
            let is_known = |(place, byte): (usize, &u8)| {
                // Where the file had not grown yet when it was written to, the system leaves zeros.
                write.before.get(place) == Some(byte)
                    || write.after.get(place) == Some(byte)
                    || (place >= write.before.len() && *byte == 0)
            };
            if !found[..known].iter().enumerate().all(is_known) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// As bytes that say of themselves whether they are whole.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        number(&mut bytes, self.length_before);
        number(&mut bytes, self.length_after);
        number(&mut bytes, self.writes.len() as u64);
        for write in &self.writes {
            number(&mut bytes, write.offset);
            for part in [&write.before, &write.after] {
                number(&mut bytes, part.len() as u64);
                bytes.extend_from_slice(part);
            }
        }
        let hash = blake3::hash(&bytes);
        bytes.extend_from_slice(hash.as_bytes());
        bytes
    }

    /// Reads what [`Self::to_bytes`] wrote; `None` for anything else.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (body, hash) = bytes.split_last_chunk::<{ blake3::OUT_LEN }>()?;
        if blake3::hash(body) != *hash {
            return None;
        }
        let mut rest = body.strip_prefix(MAGIC)?;
        let length_before = take_number(&mut rest)?;
        let length_after = take_number(&mut rest)?;
        let count = take_number(&mut rest)?;
        let mut writes = Vec::new();
        for _ in 0..count {
            let offset = take_number(&mut rest)?;
            let before = take_bytes(&mut rest)?;
            let after = take_bytes(&mut rest)?;
            writes.push(Write { offset, before, after });
        }
        Some(Self { length_before, length_after, writes })
    }
}

fn number(bytes: &mut Vec<u8>, value: u64) {
    bytes.extend_from_slice(&value.to_le_bytes());
}

fn take_number(rest: &mut &[u8]) -> Option<u64> {
    let (head, tail) = rest.split_first_chunk::<8>()?;
    *rest = tail;
    Some(u64::from_le_bytes(*head))
}

fn take_bytes(rest: &mut &[u8]) -> Option<Vec<u8>> {
    let length = usize::try_from(take_number(rest)?).ok()?;
    let (head, tail) = rest.split_at_checked(length)?;
    *rest = tail;
    Some(head.to_vec())
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn patch() -> Patch {
        Patch {
            length_before: 10,
            length_after: 12,
            writes: vec![
                Write { offset: 3, before: vec![1, 2], after: vec![3, 4] },
                Write { offset: 10, before: vec![], after: vec![7, 8] },
            ],
        }
    }

    fn file(bytes: &[u8]) -> File {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        file
    }

    fn bytes(file: &File) -> Vec<u8> {
        let mut found = vec![0; file.metadata().unwrap().len() as usize];
        file.read_exact_at(&mut found, 0).unwrap();
        found
    }

    const BEFORE: [u8; 10] = [0, 0, 0, 1, 2, 0, 0, 0, 0, 0];
    const AFTER: [u8; 12] = [0, 0, 0, 3, 4, 0, 0, 0, 0, 0, 7, 8];

    #[test]
    fn a_patch_is_read_back_and_a_torn_one_is_none() {
        let written = patch().to_bytes();

        assert_eq!(Patch::from_bytes(&written), Some(patch()));
        for length in 0..written.len() {
            assert_eq!(Patch::from_bytes(&written[..length]), None, "{length} bytes");
        }
    }

    #[test]
    fn a_patch_is_carried_out_and_taken_back() {
        let file = file(&BEFORE);
        assert!(patch().fits(&file).unwrap());

        patch().apply(&file).unwrap();
        assert_eq!(bytes(&file), AFTER);
        assert!(!patch().fits(&file).unwrap());

        patch().undo(&file).unwrap();
        assert_eq!(bytes(&file), BEFORE);
    }

    #[test]
    fn a_patch_explains_what_it_left_half_done_and_nothing_else() {
        let half_done: [&[u8]; 5] =
            [&BEFORE, &AFTER, &[0, 0, 0, 3, 2, 0, 0, 0, 0, 0], &AFTER[..11], &[0, 0, 0, 3, 4, 0, 0, 0, 0, 0, 0, 8]];
        let of_others: [&[u8]; 4] = [
            &[0, 0, 0, 9, 4, 0, 0, 0, 0, 0, 7, 8],
            &[0, 0, 0, 3, 4, 0, 0, 0, 0, 0, 9, 8],
            &[0, 0, 0, 3, 4, 0, 0, 0, 0, 0, 7, 8, 0],
            &BEFORE[..9],
        ];

        for bytes in half_done {
            assert!(patch().explains(&file(bytes)).unwrap(), "{bytes:?}");
        }
        for bytes in of_others {
            assert!(!patch().explains(&file(bytes)).unwrap(), "{bytes:?}");
        }
    }
}
