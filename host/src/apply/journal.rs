//! What an edit in place overwrites, written down beside the file before the first byte is touched.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write as _};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use super::skeleton::{Patch, Write};

const MAGIC: &[u8; 10] = b"vpo undo 1";

/// Writes a patch down so that it lasts, what stands in the file now included.
pub fn write(path: &Path, patch: &Patch) -> io::Result<()> {
    let mut bytes = MAGIC.to_vec();
    number(&mut bytes, patch.length_before);
    number(&mut bytes, patch.length_after);
    number(&mut bytes, patch.writes.len() as u64);
    for write in &patch.writes {
        number(&mut bytes, write.offset);
        for part in [&write.before, &write.after] {
            number(&mut bytes, part.len() as u64);
            bytes.extend_from_slice(part);
        }
    }
    let hash = blake3::hash(&bytes);
    bytes.extend_from_slice(hash.as_bytes());

    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(&bytes)?;
    file.sync_all()
}

/// Reads a patch; `None` for one that was not written to its end, before which the file was not touched.
pub fn read(path: &Path) -> io::Result<Option<Patch>> {
    let mut bytes = Vec::new();
    File::open(path)?.read_to_end(&mut bytes)?;
    Ok(parse(&bytes))
}

fn parse(bytes: &[u8]) -> Option<Patch> {
    let (body, hash) = bytes.split_last_chunk::<{ blake3::OUT_LEN }>().map(|(body, hash)| (body, *hash))?;
    if blake3::hash(body) != hash {
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
    Some(Patch { length_before, length_after, writes })
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
    use super::*;

    #[test]
    fn a_journal_is_read_back_and_a_torn_one_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let patch = Patch {
            length_before: 10,
            length_after: 12,
            writes: vec![Write { offset: 3, before: vec![1, 2], after: vec![3, 4] }],
        };

        write(&path, &patch).unwrap();

        assert_eq!(read(&path).unwrap(), Some(patch));
        let bytes = std::fs::read(&path).unwrap();
        for length in 0..bytes.len() {
            assert_eq!(parse(&bytes[..length]), None, "{length} bytes");
        }
    }
}
