//! Checks in bounded time whether the database answers and accepts writes.
//!
//! A probe runs in a separate task, one at a time, so that a hanging database occupies one connection rather than one
//! per request. Its result is cached briefly, so that frequent requests don't cause a write each.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tokio::{sync::watch, time::timeout};

use crate::{clock, store::Store, supervisor::caught};

/// Timeout of a request.
const ANSWER: Duration = Duration::from_millis(1500);
/// How long a result is cached.
const FRESH: Duration = Duration::from_secs(2);
/// After this time a hanging probe is abandoned, so that the next one tries another connection.
const ABANDON_AFTER: Duration = Duration::from_secs(10);

/// The known state of the database.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Findings {
    /// It answers.
    pub answers: bool,
    /// It accepts writes.
    pub writable: bool,
}

/// Probes the database. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Readiness(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    known: Option<(Instant, Findings)>,
    /// The results of the running probe so far; its sender is dropped when it ends.
    probe: Option<watch::Receiver<Findings>>,
}

impl Readiness {
    /// The current or cached state of the database. A timeout counts as a failure.
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
        // The wait ends when the sender is dropped.
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

    /// Runs a probe to its end, even by a panic: the next request probes again.
    async fn run(&self, probe: impl Future<Output = ()>, found: &watch::Sender<Findings>) {
        let ended = timeout(ABANDON_AFTER, caught(probe)).await;
        if let Ok(Err(panic)) = &ended {
            tracing::error!(panic, "a probe of the database panicked");
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
        Err(error) => tracing::warn!(%error, "not ready: the database accepts no writes"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn after_a_panic_the_next_probe_runs() {
        let readiness = Readiness::default();
        let (found, finding) = watch::channel(Findings::default());
        readiness.lock().probe = Some(finding);
        readiness.run(async { panic!("on purpose") }, &found).await;
        let state = readiness.lock();
        assert!(state.probe.is_none() && state.known.is_none());
    }
}
