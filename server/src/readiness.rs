//! Whether the database answers and takes writes, found out in bounded time.
//!
//! A probe runs in a task of its own, one at a time: a database that hangs holds up one connection, not one a question. What
//! it found counts for a moment, so that questions by the second cost no write each.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tokio::{sync::watch, time::timeout};

use crate::{clock, store::Store, supervisor::caught};

/// How long a question may take in all.
const ANSWER: Duration = Duration::from_millis(1500);
/// How long a finding counts.
const FRESH: Duration = Duration::from_secs(2);
/// After which a probe that hangs is given up, so that the next one tries another connection.
const HOPELESS: Duration = Duration::from_secs(10);

/// What is known of the database.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Findings {
    /// It answers.
    pub answers: bool,
    /// It takes writes.
    pub writable: bool,
}

/// Probes the database. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Readiness(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    known: Option<(Instant, Findings)>,
    /// What the probe under way has found so far; its sender goes when it ends.
    probe: Option<watch::Receiver<Findings>>,
}

impl Readiness {
    /// What the database does, now or a moment ago. What it does not do in time, it does not do.
    pub async fn database(&self, store: &Store) -> Findings {
        let mut probe = {
            let mut state = self.lock();
            if let Some((at, findings)) = state.known
                && at.elapsed() < FRESH
            {
                return findings;
            }
            state.probe.get_or_insert_with(|| self.begin(store)).clone()
        };
        // It ends by the end of its sender.
        let ended = timeout(ANSWER, async { while probe.changed().await.is_ok() {} }).await;
        if ended.is_err() {
            tracing::warn!("not ready: the database does not answer in time");
        }
        *probe.borrow()
    }

    fn begin(&self, store: &Store) -> watch::Receiver<Findings> {
        let (found, finding) = watch::channel(Findings::default());
        let (readiness, store) = (self.clone(), store.clone());
        tokio::spawn(async move { readiness.run(probe(&store, &found), &found).await });
        finding
    }

    /// Runs a probe to its end. A panic is one too: the next question probes again.
    async fn run(&self, probe: impl Future<Output = ()>, found: &watch::Sender<Findings>) {
        let ended = timeout(HOPELESS, caught(probe)).await;
        if let Ok(Err(panic)) = &ended {
            tracing::error!(panic, "a probe of the database failed");
        }
        let mut state = self.lock();
        state.probe = None;
        state.known = matches!(ended, Ok(Ok(()))).then(|| (Instant::now(), *found.borrow()));
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn probe(store: &Store, found: &watch::Sender<Findings>) {
    if let Err(error) = store.ping().await {
        tracing::warn!(%error, "not ready: the database does not answer");
        return;
    }
    found.send_modify(|found| found.answers = true);
    match store.probe_write(clock::now()).await {
        Ok(()) => found.send_modify(|found| found.writable = true),
        Err(error) => tracing::warn!(%error, "not ready: the database takes no writes"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_probe_that_panics_is_not_the_last_one() {
        let readiness = Readiness::default();
        let (found, finding) = watch::channel(Findings::default());
        readiness.lock().probe = Some(finding);
        readiness.run(async { panic!("on purpose") }, &found).await;
        let state = readiness.lock();
        assert!(state.probe.is_none() && state.known.is_none());
    }
}
