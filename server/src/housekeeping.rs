//! What grows with time and is of no use any more: expired sessions, answers of old ops, notifications that were
//! read long ago, and old events where a retention is set.

use std::time::Duration;

use engine::time::DAY_MS;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use crate::{
    clock,
    service::{account, notification, op, retention},
    state::AppState,
    store::StoreError,
};

/// How often.
const EVERY: Duration = Duration::from_secs(60 * 60);

/// Cleans up now and then, until `shutdown`. What fails is tried again the next time.
pub async fn run(state: AppState, shutdown: CancellationToken) {
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let rounds = async {
        loop {
            ticks.tick().await;
            match clean(&state).await {
                Ok(Cleaned { sessions: 0, answers: 0, notifications: 0, events: 0 }) => {}
                Ok(Cleaned { sessions, answers, notifications, events }) => {
                    tracing::info!(sessions, answers, notifications, events, "forgot what had expired");
                }
                Err(error) => tracing::warn!(%error, "could not clean up"),
            }
        }
    };
    shutdown.run_until_cancelled(rounds).await;
}

/// How many of each were forgotten.
struct Cleaned {
    sessions: u64,
    answers: u64,
    notifications: u64,
    events: u64,
}

async fn clean(state: &AppState) -> Result<Cleaned, StoreError> {
    let now = clock::now();
    let sessions = account::forget_expired(&state.store, now).await?;
    let answers = op::forget_old(&state.store, now).await?;
    let notifications = match i64::from(state.config.notification_retention_days) {
        0 => 0,
        days => notification::forget_old(&state.store, now.plus(-days * DAY_MS)).await?,
    };
    let events = match i64::from(state.config.log_retention_days) {
        0 => 0,
        days => retention::prune(&state.store, now.plus(-days * DAY_MS), retention::KEEP).await?,
    };
    Ok(Cleaned { sessions, answers, notifications, events })
}
