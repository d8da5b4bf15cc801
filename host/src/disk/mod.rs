//! Paths with their errors, filesystem classes, atomic replacement, free space.
