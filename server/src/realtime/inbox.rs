//! The database queries of the notification channels: the rows are the truth, the bus only announces them.

use engine::{NotificationId, UserId, notification::NotificationPage, wire::NotificationRead};
use futures_util::future::BoxFuture;

use super::log::LogUnavailable;
pub use crate::store::{OversightVersion, Tally};

/// A user's newest notifications, and their total.
#[derive(Clone, Debug, Default)]
pub struct Newest {
    /// The newest notifications, and the total number of unread ones.
    pub page: NotificationPage,
    /// The total number of notifications.
    pub count: u64,
}

/// Reads and marks users' notifications. `service::inbox` implements it with the store.
pub trait Inbox: Send + Sync + 'static {
    /// The totals of users.
    ///
    /// # Errors
    /// When the database does not answer.
    fn tallies<'a>(&'a self, users: &'a [UserId]) -> BoxFuture<'a, Result<Vec<Tally>, LogUnavailable>>;

    /// The oversight versions of users. Users without projects are left out.
    ///
    /// # Errors
    /// When the database does not answer.
    fn oversight_versions<'a>(
        &'a self,
        users: &'a [UserId],
    ) -> BoxFuture<'a, Result<Vec<(UserId, OversightVersion)>, LogUnavailable>>;

    /// A user's newest notifications and totals, read in one transaction.
    ///
    /// # Errors
    /// When the database does not answer.
    fn newest(&self, user: UserId) -> BoxFuture<'_, Result<Newest, LogUnavailable>>;

    /// Marks one of a user's notifications as read.
    ///
    /// # Errors
    /// When the database does not answer.
    fn mark_read(&self, user: UserId, id: NotificationId) -> BoxFuture<'_, Result<NotificationRead, LogUnavailable>>;
}
