//! Removes expired data: sessions, stored responses, ended invitations, removals past their undo, old read
//! notifications, and old events if a retention is set. Also completes tasks that a process left behind.

use std::{future::Future, time::Duration};

use engine::{Timestamp, time::DAY_MS};
use tokio_util::sync::CancellationToken;

use crate::{
    audit::{AuditEntry, AuditEvent},
    clock,
    service::{account, completion, invitation, notification, op, removal, retention},
    state::AppState,
    store::StoreError,
};

/// The interval.
const INTERVAL: Duration = Duration::from_secs(60 * 60);
/// The interval for data that has to go soon, such as the text of a deleted comment.
const SHORT_INTERVAL: Duration = Duration::from_secs(60);

/// Cleans up periodically until `shutdown`. Failures are retried next time, and don't affect the rest.
pub async fn run(state: AppState, shutdown: CancellationToken) {
    let (store, config) = (&state.services.store, &state.config);
    let accounts = &state.services.accounts;
    let sessions = rounds(&state, "old sessions", &shutdown, || async {
        let ended = accounts.forget_expired(store, clock::now()).await;
        if let Ok(count @ 1..) = ended {
            AuditEntry::new(AuditEvent::SessionsEnded).detail(format_args!("{count} expired")).write();
        }
        ended
    });
    let letters = rounds(&state, "old letters", &shutdown, || account::forget_letters(store, clock::now()));
    let answers = rounds(&state, "old answers", &shutdown, || op::forget_old(store, clock::now()));
    let invitations = rounds(&state, "old invitations", &shutdown, || invitation::forget_old(store, clock::now()));
    let removals = state.supervisor.rounds("removals", SHORT_INTERVAL, shutdown.clone(), || async {
        if let Err(error) = removal::forget_old(store, clock::now()).await {
            tracing::warn!(%error, "could not delete expired removals");
        }
    });
    let notifications = rounds(&state, "old notifications", &shutdown, || async {
        match config.retention.notification_days {
            0 => Ok(0),
            days => notification::forget_old(store, days_ago(days)).await,
        }
    });
    let events = rounds(&state, "old events", &shutdown, || async {
        match config.retention.log_days {
            0 => Ok(0),
            days => retention::prune(store, days_ago(days), retention::KEEP).await,
        }
    });
    let completion = state.supervisor.rounds("task completion", INTERVAL, shutdown.clone(), || async {
        match completion::sweep(&state.services).await {
            Ok(0) => {}
            Ok(count) => tracing::info!(count, "completed tasks after the category of their columns"),
            Err(error) => tracing::warn!(%error, "could not complete tasks after the category of their columns"),
        }
    });
    tokio::join!(sessions, letters, answers, invitations, removals, notifications, events, completion);
}

async fn rounds<F>(
    state: &AppState,
    name: &'static str,
    shutdown: &CancellationToken,
    clean: impl Fn() -> F + Send + Sync,
) where
    F: Future<Output = Result<u64, StoreError>> + Send,
{
    let round = || async {
        match clean().await {
            Ok(0) => {}
            Ok(count) => tracing::info!(name, count, "removed expired data"),
            Err(error) => tracing::warn!(name, %error, "could not clean up"),
        }
    };
    state.supervisor.rounds(name, INTERVAL, shutdown.clone(), round).await;
}

fn days_ago(days: u32) -> Timestamp {
    clock::now().plus(-i64::from(days) * DAY_MS)
}
