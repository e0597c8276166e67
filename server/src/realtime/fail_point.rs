//! Kills the process at a chosen commit, so that tests see what it leaves behind. Inert otherwise.

use std::{
    num::NonZeroU32,
    process,
    sync::atomic::{AtomicU32, Ordering},
};

use rustix::process::{Signal, getpid, kill_process};

/// The moment between a commit and its publication, which no code can guard.
#[derive(Debug, Default)]
pub(super) struct FailPoint {
    /// Commits left; 0 means never.
    left: AtomicU32,
}

impl FailPoint {
    /// Dies at this commit, counted from 1; or never.
    pub(super) fn new(at: Option<NonZeroU32>) -> Self {
        Self { left: AtomicU32::new(at.map_or(0, NonZeroU32::get)) }
    }

    /// Called after a commit, before anyone knows of it. May not return.
    pub(super) fn committed(&self) {
        let count = |left: u32| left.checked_sub(1);
        if self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, count) == Ok(1) {
            // Like `kill -9`: nothing is flushed or sent. If that fails, the next best exit.
            let _ = kill_process(getpid(), Signal::KILL);
            process::abort();
        }
    }
}
