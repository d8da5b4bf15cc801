//! The wish that a job should end: one flag, set by a signal or by another process, read between two files.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::tools::Watch;

/// Shared by whoever may ask and whoever must listen.
#[derive(Debug, Clone, Default)]
pub struct Cancellation(Arc<AtomicBool>);

impl Cancellation {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn request(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    pub fn is_requested(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// The flag itself, for a signal handler.
    pub fn flag(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.0)
    }
}

/// A program that runs for a job ends with it.
impl Watch for Cancellation {
    fn is_cancelled(&self) -> bool {
        self.is_requested()
    }
}
