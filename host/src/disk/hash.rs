//! Hashes of contents: a sample that is cheap at any size, and the whole.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

/// Bytes of each of the three samples.
const SAMPLE: u64 = 64 << 10;

/// Bytes that are read at once when the whole file is hashed.
const CHUNK: usize = 1 << 20;

/// A BLAKE3 hash.
pub type Hash = [u8; blake3::OUT_LEN];

/// Hashes the size and the first, middle and last 64 KiB; smaller files are hashed whole.
pub fn sample(file: &File, size: u64) -> io::Result<Hash> {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&size.to_le_bytes());
    let mut bytes = Vec::new();
    if size <= 3 * SAMPLE {
        read(file, 0, size, &mut bytes)?;
        hasher.update(&bytes);
    } else {
        for offset in [0, size / 2 - SAMPLE / 2, size - SAMPLE] {
            read(file, offset, SAMPLE, &mut bytes)?;
            hasher.update(&bytes);
        }
    }
    Ok(*hasher.finalize().as_bytes())
}

/// Hashes every byte. `is_cancelled` is asked now and then; when it says yes the answer is an error of kind
/// [`io::ErrorKind::Interrupted`].
pub fn full(file: &File, is_cancelled: &dyn Fn() -> bool) -> io::Result<Hash> {
    let mut hasher = blake3::Hasher::new();
    let mut chunk = vec![0; CHUNK];
    let mut offset = 0;
    loop {
        if is_cancelled() {
            return Err(io::ErrorKind::Interrupted.into());
        }
        match file.read_at(&mut chunk, offset) {
            Ok(0) => return Ok(*hasher.finalize().as_bytes()),
            Ok(count) => {
                hasher.update(&chunk[..count]);
                offset += count as u64;
            }
            Err(cause) if cause.kind() == io::ErrorKind::Interrupted => {}
            Err(cause) => return Err(cause),
        }
    }
}

/// Fills `bytes` with exactly `length` bytes of the file; a file that has become shorter is an error.
fn read(file: &File, offset: u64, length: u64, bytes: &mut Vec<u8>) -> io::Result<()> {
    bytes.resize(usize::try_from(length).expect("samples are small"), 0);
    file.read_exact_at(bytes, offset)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file_of(bytes: &[u8]) -> File {
        use std::io::Write;

        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        file
    }

    #[test]
    fn a_sample_sees_the_start_the_middle_and_the_end() {
        let original = vec![7; 1 << 20];
        let known = sample(&file_of(&original), 1 << 20).unwrap();
        for place in [0, (1 << 19), (1 << 20) - 1] {
            let mut changed = original.clone();
            changed[place] = 8;
            assert_ne!(sample(&file_of(&changed), 1 << 20).unwrap(), known, "byte {place}");
        }
    }

    #[test]
    fn a_small_file_is_sampled_whole() {
        let known = sample(&file_of(&[7; 190_000]), 190_000).unwrap();
        for place in (0..190_000).step_by(9_999) {
            let mut changed = vec![7; 190_000];
            changed[place] = 8;
            assert_ne!(sample(&file_of(&changed), 190_000).unwrap(), known, "byte {place}");
        }
    }

    #[test]
    fn every_byte_counts_in_the_full_hash() {
        let mut bytes = vec![7; 3 << 20];
        let known = full(&file_of(&bytes), &|| false).unwrap();
        bytes[1_300_000] = 8;

        assert_ne!(full(&file_of(&bytes), &|| false).unwrap(), known);
    }

    #[test]
    fn a_file_that_shrank_is_an_error() {
        assert!(sample(&file_of(b"short"), 100).is_err());
    }
}
