//! What the calendar brings about: tasks that become due, and weeks that are over.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::{
    clock,
    service::{due, oversight::weekly},
    state::AppState,
};

/// How often.
const EVERY: Duration = Duration::from_secs(5 * 60);

/// Tells people what is due, until `shutdown`. What fails is tried again the next time, and keeps nothing else
/// from happening.
pub async fn run(state: AppState, shutdown: CancellationToken) {
    let weeks = state.supervisor.rounds("weekly reports", EVERY, shutdown.clone(), || async {
        match weekly::notify(&state.services, clock::now()).await {
            Ok(0) => {}
            Ok(told) => tracing::info!(told, "told people what their week brought"),
            Err(error) => tracing::warn!(%error, "could not tell people what their week brought"),
        }
    });
    let days = state.supervisor.rounds("due notices", EVERY, shutdown, || async {
        match due::notify(&state.services, clock::now()).await {
            Ok(0) => {}
            Ok(told) => tracing::info!(told, "told people what is due"),
            Err(error) => tracing::warn!(%error, "could not tell people what is due"),
        }
    });
    tokio::join!(weeks, days);
}
