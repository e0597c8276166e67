//! What the bells need of the database: the rows are the truth, the bus only says that there are some.

use engine::{NotificationId, UserId, notification::NotificationPage, wire::NotificationRead};
use futures_util::future::BoxFuture;

use super::log::LogUnavailable;
pub use crate::store::{OversightVersion, Tally};

/// A user's newest notifications, as a bell tells them.
#[derive(Clone, Debug, Default)]
pub struct Newest {
    /// They, and how many are unread in all.
    pub page: NotificationPage,
    /// How many there are in all.
    pub count: u64,
}

/// Users' notifications, as the bells read them. `service::inbox` makes the store one.
pub trait Inbox: Send + Sync + 'static {
    /// What the bells of these users come to.
    ///
    /// # Errors
    /// When the database does not answer.
    fn tallies<'a>(&'a self, users: &'a [UserId]) -> BoxFuture<'a, Result<Vec<Tally>, LogUnavailable>>;

    /// What changes with all that these users oversee. Who is in no project is left out.
    ///
    /// # Errors
    /// When the database does not answer.
    fn beats<'a>(
        &'a self,
        users: &'a [UserId],
    ) -> BoxFuture<'a, Result<Vec<(UserId, OversightVersion)>, LogUnavailable>>;

    /// A user's newest notifications, read in one transaction with their numbers.
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
