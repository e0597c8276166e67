//! A user's notifications: list, mark as read, delete old ones.

use engine::{NotificationId, Timestamp, User, UserId, notification::NotificationPage, wire::NotificationRead};
use serde::{Deserialize, Serialize};

use super::{ServiceError, Services, field::invalid};
use crate::{
    chunked::{self, CHUNK},
    clock,
    realtime::NotificationFrame,
    store::{Store, StoreError, Tally, WhichNotifications},
};

/// Notifications per request: what fits one message on the bus.
const IDS: usize = 200;

/// Which notifications to mark as read: `ids`, `all`, or `up_to` one.
#[derive(Clone, Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReadMark {
    /// These, at most 200.
    #[serde(default)]
    pub ids: Option<Vec<NotificationId>>,
    /// All of them.
    #[serde(default)]
    pub all: Option<bool>,
    /// This one and all older ones.
    #[serde(default)]
    pub up_to: Option<NotificationId>,
}

/// The number of unread notifications after a write.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Unread {
    /// The total.
    pub unread: u64,
}

/// A page of a user's notifications, newest first, older than `before`.
///
/// # Errors
/// When the database does not answer.
pub async fn list(
    store: &Store,
    user: &User,
    unread: bool,
    before: Option<NotificationId>,
) -> Result<NotificationPage, ServiceError> {
    Ok(store.notifications(user.id, unread, before).await?)
}

/// Marks notifications as read. Repeating it changes nothing; other users' notifications are ignored.
///
/// # Errors
/// `invalid` unless exactly one selection is given, and for too many ids.
pub async fn read(store: &Store, user: UserId, mark: ReadMark) -> Result<NotificationRead, ServiceError> {
    let which = match mark {
        ReadMark { ids: Some(ids), all: None, up_to: None } => {
            if ids.len() > IDS {
                return Err(invalid("ids", format!("At most {} notifications.", IDS)).into());
            }
            WhichNotifications::Ids(ids)
        }
        ReadMark { ids: None, all: Some(true), up_to: None } => WhichNotifications::All,
        ReadMark { ids: None, all: None, up_to: Some(newest) } => WhichNotifications::UpTo(newest),
        _ => return Err(invalid("ids", "Send one of ids, all or up_to.").into()),
    };
    let mut tx = store.write().await?;
    let (ids, up_to) = match &which {
        WhichNotifications::Ids(ids) => (ids.clone(), None),
        WhichNotifications::UpTo(newest) => (Vec::new(), Some(*newest)),
        WhichNotifications::All => (Vec::new(), tx.newest_notification(user).await?),
    };
    let unread = tx.mark_read(user, &which, clock::now()).await?;
    tx.commit().await?;
    Ok(NotificationRead { ids, up_to, unread })
}

/// Makes the bells of users recount after some of their notifications were deleted. If the database or the bus fails,
/// the next comparison does so.
pub(super) async fn recount(services: &Services, users: Vec<UserId>) {
    match services.store.tallies(&users).await {
        Ok(tallies) => {
            for Tally { user, unread, .. } in tallies {
                let none_read = NotificationRead { ids: Vec::new(), up_to: None, unread };
                services.realtime.notify(user, NotificationFrame::read(&none_read));
            }
        }
        Err(error) => tracing::warn!(%error, "bells will recount later"),
    }
}

/// Deletes notifications that were created and read before a time. Returns how many.
///
/// # Errors
/// When the database does not answer.
pub async fn forget_old(store: &Store, before: Timestamp) -> Result<u64, StoreError> {
    chunked::all(|| store.forget_notifications(before, CHUNK)).await
}
