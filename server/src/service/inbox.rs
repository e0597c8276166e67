//! Implements the notification channels' queries with the store.

use engine::{NotificationId, UserId, wire::NotificationRead};
use futures_util::future::BoxFuture;

use super::notification::{self, ReadMark};
use crate::{
    realtime::{Inbox, LogUnavailable, Newest, OversightVersion, Tally},
    store::{Store, StoreError},
};

impl Inbox for Store {
    fn tallies<'a>(&'a self, users: &'a [UserId]) -> BoxFuture<'a, Result<Vec<Tally>, LogUnavailable>> {
        Box::pin(async move { Store::tallies(self, users).await.map_err(unavailable) })
    }

    fn oversight_versions<'a>(
        &'a self,
        users: &'a [UserId],
    ) -> BoxFuture<'a, Result<Vec<(UserId, OversightVersion)>, LogUnavailable>> {
        Box::pin(async move { Store::oversight_versions(self, users).await.map_err(unavailable) })
    }

    fn newest(&self, user: UserId) -> BoxFuture<'_, Result<Newest, LogUnavailable>> {
        Box::pin(async move {
            let (page, count) = self.newest_notifications(user).await.map_err(unavailable)?;
            Ok(Newest { page, count })
        })
    }

    fn mark_read(&self, user: UserId, id: NotificationId) -> BoxFuture<'_, Result<NotificationRead, LogUnavailable>> {
        Box::pin(async move {
            let mark = ReadMark { ids: Some(vec![id]), ..ReadMark::default() };
            notification::read(self, user, mark).await.map_err(|error| {
                tracing::warn!(%error, "could not mark a notification as read");
                LogUnavailable
            })
        })
    }
}

fn unavailable(error: StoreError) -> LogUnavailable {
    tracing::warn!(%error, "could not read notifications");
    LogUnavailable
}
