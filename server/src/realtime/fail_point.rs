//! A moment at which a process can be told to die, so that tests see what it leaves behind. Inert otherwise.

use std::{
    num::NonZeroU32,
    process,
    sync::atomic::{AtomicU32, Ordering},
};

use rustix::process::{Signal, getpid, kill_process};

/// Between a commit and its note lies a moment that no code can guard.
#[derive(Debug, Default)]
pub(super) struct FailPoint {
    /// Commits to go, or 0 for ever.
    left: AtomicU32,
}

impl FailPoint {
    /// One that ends the process at this commit, counted from 1; or never.
    pub(super) fn new(at: Option<NonZeroU32>) -> Self {
        Self { left: AtomicU32::new(at.map_or(0, NonZeroU32::get)) }
    }

    /// A commit was made, and nobody knows of it yet. May not return.
    pub(super) fn committed(&self) {
        let count = |left: u32| left.checked_sub(1);
        if self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, count) == Ok(1) {
            // As by `kill -9`: nothing is flushed, nobody is told. Should that fail, as near to it as can be.
            let _ = kill_process(getpid(), Signal::KILL);
            process::abort();
        }
    }
}
