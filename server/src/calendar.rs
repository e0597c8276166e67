//! Periodic notifications: due tasks and weekly reports.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::{
    clock,
    service::{due, oversight::weekly},
    state::AppState,
};

/// The interval.
const INTERVAL: Duration = Duration::from_secs(5 * 60);

/// Sends due notifications until `shutdown`. Failures are retried next time, and don't affect the rest.
pub async fn run(state: AppState, shutdown: CancellationToken) {
    let weeks = state.supervisor.rounds("weekly reports", INTERVAL, shutdown.clone(), || async {
        match weekly::notify(&state.services, clock::now()).await {
            Ok(0) => {}
            Ok(count) => tracing::info!(count, "sent weekly reports"),
            Err(error) => tracing::warn!(%error, "could not send weekly reports"),
        }
    });
    let days = state.supervisor.rounds("due notices", INTERVAL, shutdown, || async {
        match due::notify(&state.services, clock::now()).await {
            Ok(0) => {}
            Ok(count) => tracing::info!(count, "sent notifications of due tasks"),
            Err(error) => tracing::warn!(%error, "could not send notifications of due tasks"),
        }
    });
    tokio::join!(weeks, days);
}
