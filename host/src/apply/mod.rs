//! A plan becomes a changed file, or nothing at all.
