//! Supervised background tasks: a panic is logged and counted, and the task is restarted.

use std::{
    any::Any,
    collections::BTreeMap,
    future::Future,
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use futures_util::FutureExt as _;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use crate::backoff::Backoff;

/// Consecutive panics after which a task counts as failing.
const FAILING_AFTER: u32 = 3;
/// A loop that has run for this long has recovered.
const RECOVERED_AFTER: Duration = Duration::from_secs(5 * 60);

/// Runs the background tasks of a process, and records their health. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Supervisor {
    tasks: Arc<Mutex<BTreeMap<&'static str, Record>>>,
}

/// How much a node depends on a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Importance {
    /// Boards work without it: its node stays ready even if it fails.
    Background,
    /// Events reach no browser without it: if it fails, its node is not ready.
    Delivery,
}

/// The health of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TaskHealth {
    /// Its name.
    pub name: &'static str,
    /// The number of panics.
    pub panics: u64,
    /// Whether it keeps panicking.
    pub failing: bool,
    /// Whether the node is useless without it.
    pub needed: bool,
}

#[derive(Debug)]
struct Record {
    importance: Importance,
    panics: u64,
    in_a_row: u32,
    /// Since when a loop has been running; `None` for periodic tasks, which recover by one successful round.
    running_since: Option<Instant>,
}

impl Supervisor {
    /// Runs the future from `make` until it ends or `stop` is cancelled. After a panic it is made and run again, with
    /// a growing delay: one bad message must not cut a process off.
    pub(crate) async fn supervise<F>(
        &self,
        name: &'static str,
        importance: Importance,
        stop: CancellationToken,
        mut make: impl FnMut() -> F + Send,
    ) where
        F: Future<Output = ()> + Send + 'static,
    {
        let mut backoff = Backoff::default();
        loop {
            self.record(name, importance, |record| record.running_since = Some(Instant::now()));
            let started = Instant::now();
            match caught(stop.clone().run_until_cancelled_owned(make())).await {
                Ok(_) => return,
                Err(panic) => self.panicked(name, importance, &panic),
            }
            if started.elapsed() >= RECOVERED_AFTER {
                backoff.reset();
            }
            if stop.run_until_cancelled(tokio::time::sleep(backoff.next())).await.is_none() {
                return;
            }
        }
    }

    /// Runs a round at once and then periodically, until `stop` is cancelled. A panic loses one round. After a slow
    /// round the next one waits a full interval.
    pub(crate) async fn rounds<F>(
        &self,
        name: &'static str,
        every: Duration,
        stop: CancellationToken,
        mut round: impl FnMut() -> F + Send,
    ) where
        F: Future<Output = ()> + Send,
    {
        let importance = Importance::Background;
        self.record(name, importance, |_| ());
        let mut ticks = interval(every);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let rounds = async {
            loop {
                ticks.tick().await;
                match caught(round()).await {
                    Ok(()) => self.record(name, importance, |record| record.in_a_row = 0),
                    Err(panic) => self.panicked(name, importance, &panic),
                }
            }
        };
        stop.run_until_cancelled(rounds).await;
    }

    /// Counts the panic of a single piece of work, such as a letter.
    pub(crate) fn record_panic(&self, name: &'static str, panic: &str) {
        tracing::error!(name, panic, "a background task failed at one piece of work");
        self.record(name, Importance::Background, |record| record.panics += 1);
    }

    /// The health of all tasks, by name.
    pub fn health(&self) -> Vec<TaskHealth> {
        let tasks = self.lock();
        let health = tasks.iter().map(|(&name, record)| TaskHealth {
            name,
            panics: record.panics,
            failing: record.in_a_row >= FAILING_AFTER
                && record.running_since.is_none_or(|since| since.elapsed() < RECOVERED_AFTER),
            needed: record.importance == Importance::Delivery,
        });
        health.collect()
    }

    /// The panics of all tasks.
    pub fn panics(&self) -> u64 {
        self.lock().values().map(|record| record.panics).sum()
    }

    fn panicked(&self, name: &'static str, importance: Importance, panic: &str) {
        tracing::error!(name, panic, "a background task panicked; it is restarted");
        self.record(name, importance, |record| {
            let steady = record.running_since.is_some_and(|since| since.elapsed() >= RECOVERED_AFTER);
            record.panics += 1;
            record.in_a_row = if steady { 1 } else { record.in_a_row.saturating_add(1) };
        });
    }

    fn record(&self, name: &'static str, importance: Importance, change: impl FnOnce(&mut Record)) {
        let mut tasks = self.lock();
        change(tasks.entry(name).or_insert(Record { importance, panics: 0, in_a_row: 0, running_since: None }));
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<&'static str, Record>> {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Runs a future to its end. Returns the message if it panics.
pub(crate) async fn caught<T>(work: impl Future<Output = T>) -> Result<T, String> {
    // The work shares only locks, which survive a panic by `PoisonError::into_inner`, and transactions, which roll
    // back.
    AssertUnwindSafe(work).catch_unwind().await.map_err(|panic| message(&*panic))
}

/// The message of a panic.
pub(crate) fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("a panic without a message").to_owned()
}

#[cfg(test)]
mod tests {
    use std::{
        future,
        sync::atomic::{AtomicU32, Ordering},
    };

    use super::*;

    fn failing(supervisor: &Supervisor) -> Vec<&'static str> {
        supervisor.health().into_iter().filter(|task| task.failing).map(|task| task.name).collect()
    }

    #[tokio::test]
    async fn a_task_that_panics_is_restarted_and_ends_with_the_process() {
        let (stop, supervisor, runs) = (CancellationToken::new(), Supervisor::default(), Arc::new(AtomicU32::new(0)));
        let (ended, stopping) = (Arc::clone(&runs), stop.clone());
        let task = supervisor.supervise("test", Importance::Delivery, stop.clone(), move || {
            let (run, stop) = (runs.fetch_add(1, Ordering::Relaxed), stop.clone());
            async move {
                assert!(run >= 2, "on purpose");
                stop.cancel();
                future::pending().await
            }
        });
        task.await;
        assert!(stopping.is_cancelled());
        assert_eq!((ended.load(Ordering::Relaxed), supervisor.panics()), (3, 2));
        assert!(failing(&supervisor).is_empty());
    }

    #[tokio::test]
    async fn a_task_that_returns_is_not_restarted() {
        let supervisor = Supervisor::default();
        supervisor.supervise("test", Importance::Delivery, CancellationToken::new(), || future::ready(())).await;
        assert_eq!(supervisor.panics(), 0);
    }

    #[tokio::test]
    async fn a_panic_loses_one_round_and_only_consecutive_ones_count_as_failing() {
        let (stop, supervisor, runs) = (CancellationToken::new(), Supervisor::default(), AtomicU32::new(0));
        let seen = Mutex::new(Vec::new());
        let rounds = supervisor.rounds("test", Duration::from_millis(1), stop.clone(), || {
            let run = runs.fetch_add(1, Ordering::Relaxed);
            seen.lock().unwrap().push(failing(&supervisor).len());
            if run == 6 {
                // One more round may have begun by then.
                stop.cancel();
            }
            async move { assert!(run == 0 || run >= 4, "on purpose") }
        });
        rounds.await;
        // Rounds 1 to 3 panic; round 4 recovers.
        assert_eq!(seen.lock().unwrap()[..7], [0, 0, 0, 0, 1, 0, 0]);
        assert_eq!(supervisor.panics(), 3);
    }

    #[test]
    fn a_loop_that_keeps_panicking_is_failing_until_it_has_run_long_enough() {
        let supervisor = Supervisor::default();
        for _ in 0..FAILING_AFTER {
            supervisor.record("loop", Importance::Delivery, |record| record.running_since = Some(Instant::now()));
            assert!(failing(&supervisor).is_empty());
            supervisor.panicked("loop", Importance::Delivery, "on purpose");
        }
        assert_eq!(failing(&supervisor), ["loop"]);
        let long_ago = Instant::now().checked_sub(RECOVERED_AFTER);
        supervisor.record("loop", Importance::Delivery, |record| record.running_since = long_ago);
        assert!(failing(&supervisor).is_empty());
    }

    #[tokio::test]
    async fn a_lost_piece_of_work_is_counted_but_not_failing() {
        let supervisor = Supervisor::default();
        for _ in 0..5 {
            let lost = caught(async { panic!("on {}", "purpose") }).await;
            supervisor.record_panic("mail", &lost.map(|()| String::new()).unwrap_err());
        }
        assert_eq!((supervisor.panics(), failing(&supervisor).len()), (5, 0));
    }
}
