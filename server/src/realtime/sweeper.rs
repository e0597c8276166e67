//! What finds out what nobody said.
//!
//! Between a commit and its note lies a moment in which a process can die, or a request be dropped
//! with its client; and a bus may lose what it likes. So each node compares the ends of its rooms'
//! logs with the database, all in one query that reads a row a room.

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use tokio::time::{Instant, MissedTickBehavior, interval_at};

/// Looks after something every so often, and not at once, for as long as it is there. When a round took long, the next
/// one waits as long as ever.
pub(super) async fn rounds<T, F>(of: Weak<T>, every: Duration, look: fn(Arc<T>) -> F)
where
    F: Future<Output = ()>,
{
    let mut ticks = interval_at(Instant::now() + every, every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let Some(there) = of.upgrade() else { return };
        look(there).await;
    }
}
