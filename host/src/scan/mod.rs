//! Files on disk become rows: walk, observe, detect, introspect, write.
