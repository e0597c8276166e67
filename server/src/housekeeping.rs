//! What grows with time and is of no use any more: expired sessions, answers of old ops.

use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use crate::{
    clock,
    service::{account, op},
    store::{Store, StoreError},
};

/// How often.
const EVERY: Duration = Duration::from_secs(60 * 60);

/// Cleans up now and then, until `shutdown`. What fails is tried again the next time.
pub async fn run(store: Store, shutdown: CancellationToken) {
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while shutdown.run_until_cancelled(ticks.tick()).await.is_some() {
        match clean(&store).await {
            Ok((0, 0)) => {}
            Ok((sessions, answers)) => tracing::info!(sessions, answers, "forgot what had expired"),
            Err(error) => tracing::warn!(%error, "could not clean up"),
        }
    }
}

async fn clean(store: &Store) -> Result<(u64, u64), StoreError> {
    let now = clock::now();
    let sessions = account::forget_expired(store, now).await?;
    let answers = op::forget_old(store, now).await?;
    Ok((sessions, answers))
}
