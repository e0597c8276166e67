//! Tasks that have to run as long as the process does.

use std::{future::Future, sync::Arc};

use tokio_util::sync::CancellationToken;

use super::{Counters, backoff::Backoff};

/// Runs what `make` gives until it ends or `stop` is cancelled. When it panics it is counted, and
/// made and run again, a little later each time: one bad message must not leave a process deaf.
pub(super) async fn keep<F>(
    name: &'static str,
    stop: CancellationToken,
    counters: Arc<Counters>,
    mut make: impl FnMut() -> F + Send,
) where
    F: Future<Output = ()> + Send + 'static,
{
    let mut backoff = Backoff::default();
    loop {
        // A task of its own, so that its panic ends there.
        match tokio::spawn(stop.clone().run_until_cancelled_owned(make())).await {
            Ok(_) => return,
            Err(panic) if panic.is_panic() => {
                tracing::error!(name, %panic, "a task failed; starting it again");
                Counters::add(&counters.tasks_restarted, 1);
            }
            // The runtime is going away.
            Err(_) => return,
        }
        if stop.run_until_cancelled(tokio::time::sleep(backoff.next())).await.is_none() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        future,
        sync::atomic::{AtomicU32, Ordering},
    };

    use super::*;

    #[tokio::test]
    async fn a_task_that_panics_is_started_again_and_ends_with_the_process() {
        let (stop, counters, runs) =
            (CancellationToken::new(), Arc::new(Counters::default()), Arc::new(AtomicU32::new(0)));
        let (ended, stopping) = (Arc::clone(&runs), stop.clone());
        let kept = keep("test", stop.clone(), Arc::clone(&counters), move || {
            let (run, stop) = (runs.fetch_add(1, Ordering::Relaxed), stop.clone());
            async move {
                assert!(run >= 2, "on purpose");
                stop.cancel();
                future::pending().await
            }
        });
        kept.await;
        assert!(stopping.is_cancelled());
        assert_eq!((ended.load(Ordering::Relaxed), counters.read().tasks_restarted), (3, 2));
    }

    #[tokio::test]
    async fn a_task_that_has_nothing_left_to_do_is_let_go() {
        keep("test", CancellationToken::new(), Arc::default(), || future::ready(())).await;
    }
}
