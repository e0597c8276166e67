//! Periodic reconciliation with the database: catches what the bus lost.
//!
//! Between a commit and its publication a process can die, or a request be dropped with its client; and a bus may lose
//! messages. So each node compares the log positions of its rooms with the database, in one query that reads a row per
//! room.

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use tokio::time::{Instant, MissedTickBehavior, interval_at};

/// Runs a check periodically, first after one interval, until its object is gone. After a slow round the next one
/// waits a full interval.
pub(super) async fn run_periodically<T, F>(of: Weak<T>, every: Duration, check: fn(Arc<T>) -> F)
where
    F: Future<Output = ()>,
{
    let mut ticks = interval_at(Instant::now() + every, every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let Some(there) = of.upgrade() else { return };
        check(there).await;
    }
}
