//! Durable work and its events; retention; recovery of what a dead process left.
