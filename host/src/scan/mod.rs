//! Files on disk become rows: walk, observe, detect, introspect, write.

mod readers;

pub use readers::{ReaderChoice, ReaderSet, Readers, Reading};
