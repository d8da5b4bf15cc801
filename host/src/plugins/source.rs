//! The one open file that an introspector may read, with a budget for what one file may cost.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use wasmtime::component::Resource;

use super::bindings::source::{Host, HostMedia, ReadError};
use super::state::State;

/// Bytes that one `read-at` gives at most.
const READ_MAX: u32 = 1 << 20;

/// A media file as a guest sees it: a size and bytes at offsets.
pub struct OpenMedia {
    pub(super) file: Arc<File>,
    pub(super) size: u64,
    /// For tools that must open the file themselves; never shown to a guest.
    pub(super) path: PathBuf,
}

/// What reading one file has cost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ReadCost {
    pub calls: u32,
    pub bytes: u64,
}

impl Host for State {}

impl HostMedia for State {
    fn size(&mut self, media: Resource<OpenMedia>) -> wasmtime::Result<u64> {
        Ok(self.table.get(&media)?.size)
    }

    fn read_at(
        &mut self,
        media: Resource<OpenMedia>,
        offset: u64,
        length: u32,
    ) -> wasmtime::Result<Result<Vec<u8>, ReadError>> {
        let media = self.table.get(&media)?;
        let length = u64::from(length.min(READ_MAX)).min(media.size.saturating_sub(offset));
        self.cost.calls += 1;
        self.cost.bytes += length;
        if self.cost.calls > self.limits.read_calls || self.cost.bytes > self.limits.read_bytes {
            return Ok(Err(ReadError::BudgetSpent));
        }
        let begun = Instant::now();
        let bytes = read_fully(&media.file, offset, length as usize);
        self.waited(begun.elapsed());
        Ok(bytes.map_err(|cause| ReadError::Failed(cause.to_string())))
    }

    fn drop(&mut self, media: Resource<OpenMedia>) -> wasmtime::Result<()> {
        self.table.delete(media)?;
        Ok(())
    }
}

/// Reads until the length or the end of the file, whichever comes first.
fn read_fully(file: &File, offset: u64, length: usize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; length];
    let mut filled = 0;
    while filled < length {
        match file.read_at(&mut bytes[filled..], offset + filled as u64) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(cause) if cause.kind() == io::ErrorKind::Interrupted => {}
            Err(cause) => return Err(cause),
        }
    }
    bytes.truncate(filled);
    Ok(bytes)
}
