//! How a room finds out that it missed something, and reads it from the log.

use std::sync::Arc;

use engine::{Epoch, wire::close};

use super::{Room, State};
use crate::realtime::{
    Counters,
    backoff::Backoff,
    log::{LogPage, LogUnavailable},
    sequence::{Fill, REACH},
};

/// Reads in a row that may bring nothing before an event is taken for one that never was.
const VAIN: u32 = 5;

/// What a read of the log brought.
enum Step {
    Done,
    More,
    Vain,
}

impl Room {
    /// The database says where the log ends; `None`: the project is gone.
    pub(in crate::realtime) fn compare(self: &Arc<Self>, top: Option<(Epoch, u64)>) {
        let mut state = self.lock();
        match top {
            Some((epoch, seq)) => state.sequence.reaches(epoch, seq),
            // Its last event may still be in the log, and may have been missed.
            None => state.sequence.doubt(),
        }
        self.mend(&mut state);
    }

    /// Starts a task that fills the gap, if there is one and no task yet.
    pub(super) fn mend(self: &Arc<Self>, state: &mut State) {
        if state.repairing || !state.sequence.has_gap() {
            return;
        }
        state.repairing = true;
        tokio::spawn(Arc::clone(self).repair());
    }

    async fn repair(self: Arc<Self>) {
        // Commits of several writers may get here in another order: what is missing is on its way.
        tokio::time::sleep(self.shared.timing.reorder).await;
        let (mut backoff, mut vain) = (Backoff::default(), 0);
        loop {
            let step = {
                let _reading = self.reading.lock().await;
                self.step().await
            };
            match step {
                Ok(Step::Done) => return,
                Ok(Step::More) => vain = 0,
                Ok(Step::Vain) if vain + 1 < VAIN => {
                    vain += 1;
                    tokio::time::sleep(backoff.next()).await;
                }
                Ok(Step::Vain) => {
                    tracing::warn!(project = %self.project, "events were announced that are not in the log");
                    self.lock().sequence.forget();
                }
                Err(LogUnavailable) => tokio::time::sleep(backoff.next()).await,
            }
        }
    }

    /// Reads once what is missing. The one who finds nothing missing any more ends the repair.
    async fn step(self: &Arc<Self>) -> Result<Step, LogUnavailable> {
        let since = {
            let mut state = self.lock();
            match state.sequence.position() {
                Some((_, seq)) if state.sequence.has_gap() && !state.members.is_empty() => seq,
                _ => {
                    state.repairing = false;
                    return Ok(Step::Done);
                }
            }
        };
        let Some(page) = self.shared.log.since(self.project, since, REACH as usize).await? else {
            self.close_gone();
            return Ok(Step::Done);
        };
        Counters::add(&self.shared.counters.gap_repairs, 1);
        Ok(self.take(page, since))
    }

    /// Takes what was read after `since`.
    pub(super) fn fill(&self, state: &mut State, page: LogPage) -> Fill {
        let mut out = Vec::with_capacity(page.events.len());
        let filled = state.sequence.fill(page.epoch, page.seq, page.min_seq, page.events, &mut out);
        if let Fill::Anew(reason) = filled {
            self.resync_all(state, reason);
        }
        self.deliver(state, &out);
        filled
    }

    fn take(&self, page: LogPage, since: u64) -> Step {
        let mut state = self.lock();
        let before = state.sequence.position();
        let filled = self.fill(&mut state, page);
        let moved = state.sequence.position() != before;
        tracing::debug!(project = %self.project, since, ?filled, "filled a gap from the log");
        if moved || filled == Fill::Whole { Step::More } else { Step::Vain }
    }

    fn close_gone(&self) {
        let mut state = self.lock();
        state.repairing = false;
        for member in state.members.values() {
            Counters::add(&self.shared.counters.closed_denied, 1);
            member.outbox.close(close::NO_ACCESS, "this project is gone");
        }
    }
}
